"""Estimators fit their native trees: a file in which they do not is refused before anything follows a tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomTreesEmbedding,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.codecs.altered import refuse_altered
from tests.codecs.hostile import bring_back, refuse

X = np.random.default_rng(0).normal(size=(60, 4))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
FOREST = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, LABELS)
TREE = DecisionTreeClassifier(random_state=0).fit(X, LABELS)
TWO_OUTPUTS = DecisionTreeRegressor(random_state=0).fit(X, X[:, :2])
ISOLATION = IsolationForest(n_estimators=3, random_state=0).fit(X)
SUBSETS = IsolationForest(n_estimators=3, max_features=2, random_state=0).fit(X)
BOOSTING = GradientBoostingClassifier(n_estimators=3, random_state=0).fit(X, LABELS)
BINARY = GradientBoostingClassifier(n_estimators=3, random_state=0).fit(X, LABELS > 0)
REGRESSION = GradientBoostingRegressor(n_estimators=3, random_state=0).fit(X, X[:, 0])
OWN_START = GradientBoostingClassifier(n_estimators=2, init=LogisticRegression(), random_state=0).fit(X, LABELS)
FROM_ZERO = GradientBoostingRegressor(n_estimators=2, init="zero", random_state=0).fit(X, X[:, 0])
PREDICTING = [FOREST, TREE, TWO_OUTPUTS, ISOLATION, SUBSETS, BOOSTING, BINARY, REGRESSION, OWN_START, FROM_ZERO]
MEANS = ExtraTreesRegressor(n_estimators=3, random_state=0).fit(X, X[:, :2])
PAIRS = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, np.c_[LABELS, LABELS > 0])
BAG = BaggingClassifier(n_estimators=2, random_state=0).fit(X, LABELS)
ENSEMBLE = "sklearn.ensemble."


@pytest.mark.parametrize("model", PREDICTING)
def test_a_model_predicts_as_before(model: Any):
    assert bring_back(model).predict(X).tobytes() == model.predict(X).tobytes()


def test_other_forests_come_back():
    embedding = RandomTreesEmbedding(n_estimators=3, random_state=0).fit(X)
    assert (bring_back(embedding).transform(X) != embedding.transform(X)).nnz == 0
    bring_back(ExtraTreesRegressor(n_estimators=3, random_state=0).fit(X, X[:, :2]))
    bring_back(DecisionTreeClassifier().fit(X, np.c_[LABELS, LABELS > 0]))


@pytest.mark.parametrize(
    ("model", "type_name", "field", "new"),
    [
        (TREE, "sklearn.tree.DecisionTreeClassifier", "n_features_in_", 3),
        (TREE, "sklearn.tree.DecisionTreeClassifier", "n_features_in_", None),
        (TREE, "sklearn.tree.DecisionTreeClassifier", "n_outputs_", 2),
        (TREE, "sklearn.tree.DecisionTreeClassifier", "n_classes_", 2),
        (TREE, "sklearn.tree.DecisionTreeClassifier", "tree_", None),
        (FOREST, ENSEMBLE + "RandomForestClassifier", "n_features_in_", 5),
        (FOREST, ENSEMBLE + "RandomForestClassifier", "n_features_in_", None),
        (FOREST, ENSEMBLE + "RandomForestClassifier", "estimators_", None),
        (SUBSETS, ENSEMBLE + "IsolationForest", "_max_features", 4),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "n_trees_per_iteration_", 1),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "n_classes_", 2),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "n_features_in_", 3),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "_loss", None),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "init_", None),
        (BOOSTING, ENSEMBLE + "GradientBoostingClassifier", "estimators_", None),
        (BOOSTING, "sklearn.dummy.DummyClassifier", "class_prior_", np.array([0.5, 0.5])),
        (BOOSTING, "sklearn.dummy.DummyClassifier", "n_classes_", 2),
        (BINARY, ENSEMBLE + "GradientBoostingClassifier", "n_classes_", 3),
        (REGRESSION, "sklearn.dummy.DummyRegressor", "constant_", np.zeros((1, 0))),
        (REGRESSION, "sklearn.dummy.DummyRegressor", "n_outputs_", 0),
        (OWN_START, "sklearn.linear_model.LogisticRegression", "classes_", np.array([0, 1])),
    ],
)
def test_a_model_that_does_not_fit_its_trees_is_refused(model: Any, type_name: str, field: str, new: Any):
    refuse(model, type_name, field, new)


WIDE: dict[str, tuple[Any, dict[str, Any], str]] = {
    "classes that are not there": (FOREST, {"n_classes_": 10**9}, r"n_classes_ is \[1000000000\] for 1 outputs"),
    "classes of no number": (FOREST, {"n_classes_": None}, "n_classes_ is"),
    "no classes": (FOREST, {"classes_": None}, "classes_ has"),
    "outputs that are not there": (MEANS, {"n_outputs_": 10**9}, "n_outputs_ is 1000000000, a tree has 2"),
    "one output of two": (MEANS, {"n_outputs_": 1}, "n_outputs_ is 1, a tree has 2"),
    "outputs of no number": (MEANS, {"n_outputs_": 2.0}, "n_outputs_ is 2.0"),
    "classes of one output of two": (PAIRS, {"n_classes_": [3, 10**9]}, "n_classes_ is"),
    "outputs of classes": (PAIRS, {"n_outputs_": 3}, "for 3 outputs"),
    "classes of a bag": (BAG, {"n_classes_": 10**9}, "classes_ has the shape"),
}


@pytest.mark.parametrize("name", WIDE)
def test_predictions_are_as_wide_as_what_was_learned(name: str):
    model, attributes, words = WIDE[name]
    refuse_altered(model, words, **attributes)


@pytest.mark.parametrize("model", [MEANS, PAIRS, BAG], ids=lambda model: type(model).__name__)
def test_other_widths_come_back(model: Any):
    assert np.array_equal(bring_back(model).predict(X), model.predict(X))


def _with_a_tree_of_two_outputs(matrix: Any) -> Any:
    matrix[0, 0] = TWO_OUTPUTS
    return matrix


PARTS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "features in fractions": (
        SUBSETS,
        {"estimators_features_": lambda own: [own[0].astype(float), *own[1:]]},
        "a tree's features must be an array of integers",
    ),
    "no start": (REGRESSION, {"init_": None}, "init_ must be an estimator or 'zero'"),
    "a start of two outputs": (
        REGRESSION,
        {"init_": DummyRegressor().fit(X, X[:, :2])},
        "init_ does not predict one output",
    ),
    "a tree of two outputs": (
        REGRESSION,
        {"estimators_": _with_a_tree_of_two_outputs},
        "a tree of gradient boosting must have one output",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_fits_by_all_but_one_rule_is_refused_by_that_rule(name: str):
    model, changes, words = PARTS[name]
    refuse_altered(model, words, **changes)
