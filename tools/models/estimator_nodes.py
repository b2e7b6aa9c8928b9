"""scikit-learn estimators as nodes of the ai.onnx.ml operator set."""

import numpy as np
from onnx import helper

ML_DOMAIN = "ai.onnx.ml"
OPSETS = (helper.make_opsetid("", 17), helper.make_opsetid(ML_DOMAIN, 3))
LEAF = -1


def make_model(graph, producer, extra_opsets=()):
    return helper.make_model(
        graph,
        producer_name=producer,
        producer_version="1",
        opset_imports=[*OPSETS, *extra_opsets],
        ir_version=8,
    )


def linear_classifier_node(estimator, source, outputs):
    """A fitted multinomial LogisticRegression with string classes: outputs (label, probabilities)."""
    return helper.make_node(
        "LinearClassifier",
        [source],
        outputs,
        domain=ML_DOMAIN,
        coefficients=estimator.coef_.astype(np.float32).reshape(-1),
        intercepts=estimator.intercept_.astype(np.float32),
        classlabels_strings=list(estimator.classes_),
        post_transform="SOFTMAX",
    )


def forest_classifier_node(estimator, source, outputs):
    """A fitted forest with string classes: outputs (label, probabilities), the mean of the trees' leaf shares."""
    trees = [tree.tree_ for tree in estimator.estimators_]
    leaves = {"treeids": [], "nodeids": [], "ids": [], "weights": []}
    for tree_id, tree in enumerate(trees):
        for node_id in np.flatnonzero(tree.children_left == LEAF):
            share = tree.value[node_id, 0] / tree.value[node_id, 0].sum()
            for class_id in np.flatnonzero(share):
                leaves["treeids"].append(tree_id)
                leaves["nodeids"].append(int(node_id))
                leaves["ids"].append(int(class_id))
                leaves["weights"].append(float(share[class_id] / len(trees)))
    return helper.make_node(
        "TreeEnsembleClassifier",
        [source],
        outputs,
        domain=ML_DOMAIN,
        classlabels_strings=list(estimator.classes_),
        post_transform="NONE",
        **_branches(trees),
        **{f"class_{key}": values for key, values in leaves.items()},
    )


def forest_regressor_node(estimator, source, output):
    """A fitted single-target forest: output [batch, 1], the mean of the trees' leaf values."""
    trees = [tree.tree_ for tree in estimator.estimators_]
    leaves = {"treeids": [], "nodeids": [], "ids": [], "weights": []}
    for tree_id, tree in enumerate(trees):
        for node_id in np.flatnonzero(tree.children_left == LEAF):
            leaves["treeids"].append(tree_id)
            leaves["nodeids"].append(int(node_id))
            leaves["ids"].append(0)
            leaves["weights"].append(float(tree.value[node_id, 0, 0]))
    return helper.make_node(
        "TreeEnsembleRegressor",
        [source],
        [output],
        domain=ML_DOMAIN,
        n_targets=1,
        aggregate_function="AVERAGE",
        **_branches(trees),
        **{f"target_{key}": values for key, values in leaves.items()},
    )


def _branches(trees):
    keys = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")
    nodes = {key: [] for key in keys}
    for tree_id, tree in enumerate(trees):
        leaf = tree.children_left == LEAF
        nodes["treeids"] += [tree_id] * tree.node_count
        nodes["nodeids"] += range(tree.node_count)
        nodes["modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        nodes["featureids"] += np.where(leaf, 0, tree.feature).tolist()
        nodes["values"] += np.where(leaf, 0, _largest_float32_up_to(tree.threshold)).tolist()
        nodes["truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
        nodes["falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
    return {f"nodes_{key}": values for key, values in nodes.items()}


def _largest_float32_up_to(thresholds):
    """Rounded down, a float32 feature compares with the threshold as it did with scikit-learn's float64 one."""
    nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
