"""Makes models/iris: two scikit-learn classifiers of Fisher's iris flowers, as ai.onnx.ml graphs."""

import json

import numpy as np
import sklearn
from onnx import TensorProto, helper
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimator_nodes import ML_DOMAIN, forest_classifier_node, linear_classifier_node, make_model
from shipped_model import sample_case, save_card, save_model, save_samples, save_settings, shortest

NAME = "iris"
FRAMEWORK = f"scikit-learn {sklearn.__version__}"
SAMPLE_ROWS = 15
CARD_ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def main():
    data = load_iris()
    species = data.target_names.astype(object)[data.target]
    train_x, test_x, train_y, test_y = train_test_split(
        data.data.astype(np.float32), species, test_size=50, stratify=species, random_state=0
    )
    estimators = {
        1: make_pipeline(StandardScaler(), LogisticRegression()),
        2: ExtraTreesClassifier(n_estimators=100, max_depth=6, random_state=0),
    }
    kinds = {1: "Logistic regression on standardised measurements", 2: "Extremely randomised trees (100, depth 6 at most)"}
    scores, cases = {}, []
    for version, estimator in estimators.items():
        estimator.fit(train_x, train_y)
        probabilities = estimator.predict_proba(test_x)
        scores[version] = {"accuracy": estimator.score(test_x, test_y), "log_loss": log_loss(test_y, probabilities)}
        save_model(
            NAME,
            version,
            as_onnx(estimator, version),
            description=f"{kinds[version]}: the species of an iris flower from four measurements in centimetres.",
            properties={
                "class_labels": {"probabilities": data.target_names.tolist()},
                "feature_names": {"measurements": data.feature_names},
                "framework": FRAMEWORK,
                "held_out_accuracy": f"{scores[version]['accuracy']:.4f}",
                "training_data": "Fisher's iris data, 100 of the 150 rows",
            },
        )
        cases.append(
            sample_case(
                version,
                FRAMEWORK,
                inputs={"measurements": test_x[:SAMPLE_ROWS]},
                expected={
                    "label": estimator.predict(test_x[:SAMPLE_ROWS]),
                    "probabilities": probabilities[:SAMPLE_ROWS].astype(np.float32),
                },
                truth=test_y[:SAMPLE_ROWS],
                absolute=2e-6,
            )
        )
    save_samples(NAME, cases)
    save_settings(
        NAME,
        {
            "description": "Species of an iris flower from its sepal and petal measurements.",
            "versionPolicy": {"latest": 2},
            "labels": {"stable": 1, "canary": 2},
            "classLabels": {"probabilities": data.target_names.tolist()},
        },
    )
    save_card(NAME, card(estimators, scores))
    return scores


def as_onnx(estimator, version):
    outputs = ["label", "probabilities"]
    if version == 1:
        scaler, classifier = (step for _, step in estimator.steps)
        nodes = [
            helper.make_node(
                "Scaler",
                ["measurements"],
                ["standardised"],
                domain=ML_DOMAIN,
                offset=scaler.mean_.astype(np.float32),
                scale=(1 / scaler.scale_).astype(np.float32),
            ),
            linear_classifier_node(classifier, "standardised", outputs),
        ]
    else:
        nodes = [forest_classifier_node(estimator, "measurements", outputs)]
    graph = helper.make_graph(
        nodes,
        NAME,
        [
            helper.make_tensor_value_info(
                "measurements",
                TensorProto.FLOAT,
                ["batch", 4],
                "sepal length, sepal width, petal length and petal width, in centimetres",
            )
        ],
        [
            helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"], "the most probable species"),
            helper.make_tensor_value_info(
                "probabilities", TensorProto.FLOAT, ["batch", 3], "of setosa, versicolor and virginica"
            ),
        ],
    )
    return make_model(graph, "slipway tools/models/iris.py")


def card(estimators, scores):
    rows = np.array(CARD_ROWS, np.float32)
    answers = "\n".join(
        f"| {version} | {row} | {label} | {', '.join(f'{p:.6f}' for p in shortest(probabilities))} |"
        for version, estimator in estimators.items()
        for row, label, probabilities in zip(CARD_ROWS, estimator.predict(rows), estimator.predict_proba(rows))
    )
    table = "\n".join(
        f"| {version} | {kind} | {scores[version]['accuracy']:.2f} | {scores[version]['log_loss']:.3f} |"
        for version, kind in ((1, "logistic regression, standardised"), (2, "extremely randomised trees, 100"))
    )
    return f"""
# iris

Species of an iris flower from four measurements: a scikit-learn classifier as a graph of `ai.onnx.ml` operators.

| | name | type | meaning |
| --- | --- | --- | --- |
| in | `measurements` | FP32 [batch, 4] | sepal length, sepal width, petal length, petal width, in cm |
| out | `label` | BYTES [batch] | the most probable species |
| out | `probabilities` | FP32 [batch, 3] | of `setosa`, `versicolor`, `virginica` |

| version | label | estimator | accuracy on 50 held-out flowers | log loss there |
| --- | --- | --- | --- | --- |
{table.replace("| 1 |", "| 1 | `stable` |").replace("| 2 |", "| 2 | `canary` |")}

Fifty flowers are few: one flower is two points of accuracy, and other splits of the same data give 0.92 to 1.00 for both.

## Try it

```sh
curl -s localhost:8080/v1/models/iris/labels/stable/predict -d '{json.dumps({"instances": CARD_ROWS})}'
```

What {FRAMEWORK} itself says to these rows (the graph computes in float32: last digits may differ):

| version | measurements | label | probabilities |
| --- | --- | --- | --- |
{answers}

[samples.json](samples.json) keeps {SAMPLE_ROWS} held-out rows with scikit-learn's predictions for each version.

## Data, making, licence

R. A. Fisher, *The use of multiple measurements in taxonomic problems* (1936): 150 flowers, 50 of each species, in the copy
that comes with scikit-learn (the one of R; the UCI Machine Learning Repository's, under CC BY 4.0, differs in two rows:
[doi:10.24432/C56C76](https://doi.org/10.24432/C56C76)). 100 rows trained the model, 50 were held out; the split is
stratified and fixed. Both versions saw the same 100.

Made by [`tools/models/iris.py`](../../tools/models/iris.py) with {FRAMEWORK}; the model files are under this project's licence.

## Use and limits

For demonstrations and tests. It knows three species and will name one of them for anything with four numbers,
rows far from any flower included; probabilities are not calibrated.
"""


if __name__ == "__main__":
    print(main())
