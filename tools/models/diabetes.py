"""Makes models/diabetes: a scikit-learn forest that predicts the progression of diabetes, as an ai.onnx.ml graph."""

import json

import numpy as np
import sklearn
from onnx import TensorProto, helper
from sklearn.datasets import load_diabetes
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

from estimator_nodes import forest_regressor_node, make_model
from shipped_model import sample_case, save_card, save_model, save_samples, save_settings, shortest

NAME = "diabetes"
FRAMEWORK = f"scikit-learn {sklearn.__version__}"
SAMPLE_ROWS = 15


def main():
    data = load_diabetes(scaled=False)
    train_x, test_x, train_y, test_y = train_test_split(
        data.data.astype(np.float32), data.target, test_size=110, random_state=0
    )
    forest = ExtraTreesRegressor(n_estimators=100, min_samples_leaf=4, random_state=0).fit(train_x, train_y)
    predictions = forest.predict(test_x)
    scores = {
        "mean_absolute_error": mean_absolute_error(test_y, predictions),
        "r2": r2_score(test_y, predictions),
        "mean_absolute_error_of_the_mean": mean_absolute_error(test_y, np.full(len(test_y), train_y.mean())),
    }
    save_model(
        NAME,
        1,
        as_onnx(forest),
        description="A forest of randomised trees: progression of diabetes one year after ten baseline measurements.",
        properties={
            "feature_names": {"features": data.feature_names},
            "framework": FRAMEWORK,
            "held_out_r2": f"{scores['r2']:.4f}",
            "training_data": "Efron et al. diabetes data, unscaled, 332 of the 442 rows",
        },
    )
    save_samples(
        NAME,
        [
            sample_case(
                1,
                FRAMEWORK,
                inputs={"features": test_x[:SAMPLE_ROWS]},
                expected={"progression": predictions[:SAMPLE_ROWS].astype(np.float32)},
                truth=test_y[:SAMPLE_ROWS],
                absolute=0.0,
                relative=2e-6,
            )
        ],
    )
    save_settings(NAME, {"description": "Progression of diabetes one year after ten baseline measurements."})
    save_card(NAME, card(scores, test_x[:2], predictions[:2], test_y[:2]))
    return {1: scores}


def as_onnx(forest):
    graph = helper.make_graph(
        [
            forest_regressor_node(forest, "features", "column"),
            helper.make_node("Squeeze", ["column", "target_axis"], ["progression"]),
        ],
        NAME,
        [
            helper.make_tensor_value_info(
                "features",
                TensorProto.FLOAT,
                ["batch", 10],
                "age, sex (1 or 2), body mass index, blood pressure, and the serum values s1 to s6, unscaled",
            )
        ],
        [
            helper.make_tensor_value_info(
                "progression", TensorProto.FLOAT, ["batch"], "quantitative measure of progression, about 25 to 350"
            )
        ],
        [helper.make_tensor("target_axis", TensorProto.INT64, [1], [1])],
    )
    return make_model(graph, "slipway tools/models/diabetes.py")


def card(scores, rows, predictions, truth):
    request = json.dumps({"instances": shortest(rows)})
    answer = json.dumps(shortest(predictions))
    return f"""
# diabetes

Progression of diabetes one year after ten baseline measurements: a scikit-learn forest as a graph of `ai.onnx.ml` operators.

| | name | type | meaning |
| --- | --- | --- | --- |
| in | `features` | FP32 [batch, 10] | age in years; sex (1 or 2); body mass index; mean blood pressure; serum: s1 total cholesterol, s2 low-density lipoproteins, s3 high-density lipoproteins, s4 total cholesterol / HDL, s5 log of triglycerides, s6 blood sugar. Unscaled, as measured |
| out | `progression` | FP32 [batch] | the data's measure of progression (25 to 346 in it) |

On 110 held-out patients: mean absolute error **{scores["mean_absolute_error"]:.1f}**, R² **{scores["r2"]:.3f}**.
Always saying the mean of the training rows gives a mean absolute error of {scores["mean_absolute_error_of_the_mean"]:.1f}:
ten measurements tell only so much.

## Try it

```sh
curl -s localhost:8080/v1/models/diabetes/predict -d '{request}'
```

What {FRAMEWORK} itself says to these two held-out rows, whose truth was {truth[0]:.0f} and {truth[1]:.0f} (the graph computes in
float32: last digits may differ):

```json
{answer}
```

[samples.json](samples.json) keeps {SAMPLE_ROWS} held-out rows with scikit-learn's predictions.

## Data, making, licence

B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, *Least Angle Regression*, Annals of Statistics 32 (2004), 407–499:
442 patients, in the copy that comes with scikit-learn, here with its unscaled values (`load_diabetes(scaled=False)`).
The authors published the data with the paper and state no licence for it; scikit-learn distributes it in its
BSD-licensed package. 332 rows trained the model and 110 were held out; the split is fixed.

100 extremely randomised trees with at least four patients a leaf. Made by
[`tools/models/diabetes.py`](../../tools/models/diabetes.py) with {FRAMEWORK}; the model file is under this project's licence.

## Use and limits

For demonstrations and tests; never for a decision about a person. It gives a number for any ten numbers. scikit-learn's
default copy of this data is centred and scaled: those values are not what this model takes.
"""


if __name__ == "__main__":
    print(main())
