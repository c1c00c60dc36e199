"""Histogram gradient boosting predicts as before, and no tree of a file leads native code astray."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.preprocessing import StandardScaler

from tests.codecs.altered import altered, refuse_altered, refuse_saved
from tests.codecs.hostile import bring_back, refuse

_generator = np.random.default_rng(0)
X = _generator.normal(size=(200, 3))
X[:, 2] = _generator.integers(0, 5, size=200)
NUMBER = HistGradientBoostingRegressor(max_iter=1, random_state=0).fit(X, X[:, 0])
CATEGORY = HistGradientBoostingRegressor(max_iter=1, categorical_features=[2], random_state=0).fit(X, X[:, 2] % 2)
MODELS = [
    NUMBER,
    CATEGORY,
    HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(X, X[:, 2] % 3),
    HistGradientBoostingClassifier(max_iter=5, early_stopping=True, scoring=None, random_state=0).fit(X, X[:, 2] % 2),
    HistGradientBoostingRegressor(max_iter=5, early_stopping=True, scoring="r2", random_state=0).fit(X, X[:, 0]),
]
PREDICTOR, MAPPER = "sklearn.ensemble.TreePredictor", "sklearn.ensemble._BinMapper"
REGRESSOR = "sklearn.ensemble.HistGradientBoostingRegressor"


@pytest.mark.parametrize("model", MODELS)
def test_a_model_predicts_as_before(model: Any):
    assert bring_back(model).predict(X).tobytes() == model.predict(X).tobytes()


def test_two_models_of_other_widths_in_one_table_are_kept():
    narrow = HistGradientBoostingRegressor(max_iter=2, random_state=0).fit(X[:, :1], X[:, 0])
    restored = bring_back([NUMBER, narrow, CATEGORY])
    assert restored[1].predict(X[:, :1]).tobytes() == narrow.predict(X[:, :1]).tobytes()


def _node(index: int, **items: Any) -> Any:
    def change_nodes(nodes: Any) -> Any:
        nodes = nodes.copy()
        for field, value in items.items():
            nodes[field][index] = value
        return nodes

    return change_nodes


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (_node(0, left=10**6), "child"),
        (_node(0, right=0), "child"),
        (_node(0, right=1), "two parents"),
        (_node(0, is_leaf=1), "two parents"),
        (_node(-1, is_leaf=0), "child"),
        (_node(0, feature_idx=3), "feature"),
        (_node(0, feature_idx=-1), "feature"),
        (_node(0, feature_idx=10**12), "feature"),
        (_node(0, count=0), "count"),
        (_node(0, is_categorical=1), "categor"),
        (lambda nodes: nodes[:0].copy(), "row of predictor nodes|in C order is needed"),
        (lambda nodes: nodes.view(np.uint8).copy(), "row of predictor nodes|in C order is needed"),
    ],
)
def test_hostile_nodes_are_refused(new: Any, words: str):
    refuse(NUMBER, PREDICTOR, "nodes", new, words)


@pytest.mark.parametrize("field", ["binned_left_cat_bitsets", "raw_left_cat_bitsets"])
@pytest.mark.parametrize("shape", [(0, 8), (1, 7), (9, 8)])
def test_bitsets_of_another_size_are_refused(field: str, shape: tuple[int, int]):
    refuse(CATEGORY, PREDICTOR, field, np.zeros(shape, dtype=np.uint32))


def test_a_bitset_that_does_not_exist_is_refused():
    nodes = CATEGORY._predictors[0][0].nodes
    split = int(np.flatnonzero((nodes["is_categorical"] != 0) & (nodes["is_leaf"] == 0))[0])
    refuse(CATEGORY, PREDICTOR, "nodes", _node(split, bitset_idx=10**6), "set of categories")


@pytest.mark.parametrize(
    ("type_name", "field", "new"),
    [
        (MAPPER, "n_threads", 0),
        (MAPPER, "n_threads", -1),
        (MAPPER, "is_categorical_", np.zeros(2, dtype=np.uint8)),
        (MAPPER, "bin_thresholds_", None),
        (REGRESSOR, "_baseline_prediction", np.zeros((1, 2))),
        (REGRESSOR, "_baseline_prediction", np.zeros(1)),
        (REGRESSOR, "_baseline_prediction", 0.5),
        (REGRESSOR, "_in_fit", True),
        (REGRESSOR, "_raw_predict", "text"),
        (REGRESSOR, "n_features_in_", 4),
        (REGRESSOR, "n_trees_per_iteration_", 2),
        (REGRESSOR, "_bin_mapper", None),
        (REGRESSOR, "_predictors", None),
        (REGRESSOR, "_preprocessor", "text"),
    ],
)
def test_a_hostile_estimator_is_refused(type_name: str, field: str, new: Any):
    refuse(NUMBER, type_name, field, new)


@pytest.mark.parametrize(
    ("type_name", "field", "new"),
    [
        ("sklearn.compose.ColumnTransformer", "transformers_", None),
        ("sklearn.compose.ColumnTransformer", "_transformer_to_input_indices", None),
        ("sklearn.preprocessing.FunctionTransformer", "checks_numbers", False),
    ],
)
def test_a_preprocessor_that_may_drop_columns_is_refused(type_name: str, field: str, new: Any):
    refuse(CATEGORY, type_name, field, new)


def test_a_preprocessor_with_a_step_of_another_kind_is_refused():
    model = copy.deepcopy(CATEGORY)
    steps = model._preprocessor.transformers_
    steps[0] = (steps[0][0], StandardScaler(), *steps[0][2:])
    refuse_saved(model, "a step of the preprocessor is not the library's own")


THRESHOLDS = {
    "too many": np.zeros(256),
    "integers": np.zeros(3, dtype=np.int64),
    "a table": np.zeros((3, 1)),
    "no array": None,
    "a category below none": np.array([-1.0, 1.0]),
    "a category beyond 255": np.array([1.0, 256.0]),
    "a category that is no number": np.array([np.nan, 1.0]),
}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_bins_that_native_code_would_follow_are_refused(name: str):
    thresholds = [*CATEGORY._bin_mapper.bin_thresholds_[1:], THRESHOLDS[name]]
    categorical = np.array([0, 0, 1], dtype=np.uint8)
    mapper = altered(CATEGORY._bin_mapper, bin_thresholds_=thresholds, is_categorical_=categorical)
    refuse_altered(CATEGORY, "thresholds must be float64, at most 255|a category is not a number", _bin_mapper=mapper)


FLAGS = {"none": None, "truth values": np.zeros(3, dtype=bool), "a table": np.zeros((1, 3), dtype=np.uint8)}


@pytest.mark.parametrize("name", FLAGS)
def test_flags_of_categories_are_a_row_of_bytes(name: str):
    mapper = altered(CATEGORY._bin_mapper, is_categorical_=FLAGS[name])
    refuse_altered(CATEGORY, "is_categorical_ must be a row of uint8", _bin_mapper=mapper)


def test_each_feature_has_its_bins():
    mapper = altered(CATEGORY._bin_mapper, bin_thresholds_=lambda own: own[:-1])
    refuse_altered(CATEGORY, "each feature needs its thresholds", _bin_mapper=mapper)
