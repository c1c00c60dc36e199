"""Weights are read from the arrays, and are those that the models themselves tell; features have their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from hermetic.capture import capture
from hermetic.reporting.importances import Importances, importances_of

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RANDOM.normal(40, 9, 120),
        "height": RANDOM.normal(170, 9, 120),
        "city": RANDOM.choice(["Paris", "Rome", "Oslo"], 120),
        "grade": RANDOM.integers(1, 4, 120),
    }
)
X = FRAME[["age", "height", "grade"]]
Y = ((FRAME["age"] + RANDOM.normal(0, 3, 120)) > 40).astype(int)
THREE = np.asarray(FRAME["grade"])


def weights_of(model: Any) -> Importances:
    found = importances_of(capture(model))
    assert found is not None
    return found


TREES = [
    DecisionTreeClassifier(random_state=0),
    DecisionTreeRegressor(max_depth=3, random_state=0),
    RandomForestClassifier(8, random_state=0),
    RandomForestClassifier(8, random_state=0, max_depth=1, max_features=1),
    ExtraTreesRegressor(8, random_state=0),
    GradientBoostingRegressor(n_estimators=9, random_state=0),
    GradientBoostingClassifier(n_estimators=9, random_state=0, subsample=0.5),
]


@pytest.mark.parametrize("number", range(len(TREES)), ids=[type(model).__name__ for model in TREES])
def test_trees_tell_what_scikit_learn_tells(number: int):
    model = TREES[number].fit(X, Y)
    found = weights_of(model)
    assert found.kind == "share of the impurity lost"
    expected = dict(zip(X.columns, model.feature_importances_, strict=True))
    assert dict(found.weights) == pytest.approx(expected, abs=1e-12)
    assert [weight for _, weight in found.weights] == sorted((weight for _, weight in found.weights), reverse=True)


@pytest.mark.parametrize("model", [LinearRegression(), Ridge(), Lasso(0.01)], ids=lambda model: type(model).__name__)
def test_coefficients_are_those_of_the_model(model: Any):
    model.fit(X, FRAME["age"] * 2 - FRAME["height"])
    found = weights_of(model)
    assert (found.kind, found.path) == ("coefficients", "$.coef_")
    assert dict(found.weights) == pytest.approx(dict(zip(X.columns, model.coef_, strict=True)))
    assert [abs(weight) for _, weight in found.weights] == sorted(map(abs, model.coef_), reverse=True)


def test_coefficients_of_two_classes_have_their_signs():
    model = LogisticRegression(max_iter=1000).fit(X, Y)
    assert dict(weights_of(model).weights) == pytest.approx(dict(zip(X.columns, model.coef_[0], strict=True)))


def test_coefficients_of_several_classes_are_told_by_their_size():
    model = LogisticRegression(max_iter=3000).fit(X, THREE)
    found = weights_of(model)
    assert found.kind == "mean size of the coefficients of 3 outputs"
    expected = np.abs(model.coef_).mean(axis=0)
    assert dict(found.weights) == pytest.approx(dict(zip(X.columns, expected, strict=True)))


def test_a_search_and_a_transformed_target_are_looked_into():
    search = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=2).fit(X, FRAME["age"])
    assert weights_of(search).path == "$.best_estimator_.coef_"
    target = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp).fit(X, FRAME["age"].abs())
    assert weights_of(target).path == "$.regressor_.coef_"


def test_features_without_names_have_numbers():
    found = weights_of(Ridge().fit(X.to_numpy(), FRAME["age"]))
    assert {name for name, _ in found.weights} == {"feature 0", "feature 1", "feature 2"}


NUMERIC = make_pipeline(SimpleImputer(), StandardScaler())
COLUMNS = {
    "scaler": (StandardScaler(), ["age", "height"], ["age", "height"]),
    "pipeline": (NUMERIC, ["age", "height"], ["age", "height"]),
    "categories": (OneHotEncoder(), ["city"], ["city = Oslo", "city = Paris", "city = Rome"]),
    "codes": (OrdinalEncoder(), ["city"], ["city"]),
    "categories-of-numbers": (OneHotEncoder(), ["grade"], ["grade = 1", "grade = 2", "grade = 3"]),
    "as-they-are": ("passthrough", ["age"], ["age"]),
    "dropped": ("drop", ["city"], []),
    "columns-by-number": (MinMaxScaler(), [0, 3], ["age", "grade"]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_names_are_followed_through_a_column_transformer(name: str):
    transformer, columns, names = COLUMNS[name]
    steps = ColumnTransformer([("first", transformer, columns), ("last", StandardScaler(), ["height"])])
    model = Pipeline([("columns", steps), ("model", Ridge())]).fit(FRAME, FRAME["age"])
    found = weights_of(model)
    expected = dict(zip([*names, "height"], model[-1].coef_, strict=True))
    assert dict(found.weights) == pytest.approx(expected)
    assert found.path == "$.steps[1][1].coef_"


UNSURE = {
    "components": PCA(3),
    "products": PolynomialFeatures(2),
    "an-indicator": SimpleImputer(add_indicator=True),
    "a-category-left-out": OneHotEncoder(drop="first"),
    "rare-categories": OneHotEncoder(min_frequency=50),
}


@pytest.mark.parametrize("name", UNSURE)
def test_names_that_are_not_sure_are_not_told(name: str):
    columns = ["grade"] if "categor" in name else ["age", "height", "grade"]
    model = make_pipeline(UNSURE[name], Ridge()).fit(FRAME[columns], FRAME["age"])
    assert all(label.startswith("feature ") for label, _ in weights_of(model).weights)


def test_a_step_that_passes_through_keeps_the_names():
    model = Pipeline([("scale", StandardScaler()), ("nothing", "passthrough"), ("model", Ridge())]).fit(X, FRAME["age"])
    assert {name for name, _ in weights_of(model).weights} == {"age", "height", "grade"}


WITHOUT = {
    "unfitted": Ridge(),
    "clusters": KMeans(2, n_init=1, random_state=0).fit(X),
    "histograms": HistGradientBoostingRegressor(max_iter=2).fit(X, FRAME["age"]),
    "one-leaf": DecisionTreeRegressor().fit(X, np.zeros(120)),
    "an-empty-pipeline": Pipeline([]),
    "a-step-that-is-none": Pipeline([("a", StandardScaler()), ("b", "passthrough")]),
    "no-estimator": {"coef_": np.zeros(3)},
    "a-number": 3,
}


@pytest.mark.parametrize("name", WITHOUT)
def test_models_without_weights_have_none(name: str):
    assert importances_of(capture(WITHOUT[name])) is None


def changed(model: Any, **attributes: Any) -> Any:
    model.__dict__.update(attributes)
    return model


HOSTILE = {
    "not-finite": changed(Ridge().fit(X, Y), coef_=np.array([1.0, np.nan, 2.0])),
    "empty": changed(Ridge().fit(X, Y), coef_=np.zeros((1, 0))),
    "three-axes": changed(Ridge().fit(X, Y), coef_=np.zeros((1, 2, 3))),
    "texts": changed(Ridge().fit(X, Y), coef_=np.array(["a"])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_weights_that_are_none_are_not_told(name: str):
    assert importances_of(capture(HOSTILE[name])) is None


@pytest.mark.parametrize(("field", "value"), [("feature", 9), ("feature", -2), ("left_child", 99), ("right_child", -5)])
def test_nodes_that_lead_nowhere_are_not_followed(field: str, value: int):
    graph = capture(DecisionTreeClassifier(random_state=0).fit(X, Y))
    for number, arrays in graph.arrays.items():
        if arrays[0].dtype.names:
            nodes = arrays[0].copy()
            nodes[field][0] = value
            graph.arrays[number] = [nodes]
    assert importances_of(graph) is None


@pytest.mark.parametrize(
    "coefficients",
    [
        np.full((2, 3), 1.7e308),
        np.full((2, 3), np.inf),
        np.full(3, np.nan),
        np.zeros((0, 3)),
    ],
    ids=["too-large-for-a-mean", "infinite", "not-a-number", "no-output"],
)
def test_coefficients_whose_mean_is_no_number_are_passed_over_in_silence(coefficients: Any):
    assert importances_of(capture(changed(Ridge().fit(X, Y), coef_=coefficients))) is None


@pytest.mark.parametrize("field", ["weighted_n_node_samples", "impurity"])
@pytest.mark.parametrize("value", [0.0, np.inf, -np.inf, np.nan], ids=["zero", "infinite", "minus-infinite", "nan"])
def test_trees_of_strange_weights_tell_nothing_and_do_not_warn(field: str, value: float):
    graph = capture(DecisionTreeClassifier(random_state=0).fit(X, Y))
    for number, arrays in graph.arrays.items():
        if arrays[0].dtype.names:
            nodes = arrays[0].copy()
            nodes[field] = value
            graph.arrays[number] = [nodes]
    assert importances_of(graph) is None


def test_sparse_coefficients_are_not_told():
    assert importances_of(capture(SGDClassifier(random_state=0).fit(X, Y).sparsify())) is None


def test_coefficients_that_are_all_zero_are_told():
    found = weights_of(Lasso(1e9).fit(X, FRAME["age"]))
    assert [abs(weight) for _, weight in found.weights] == [0.0, 0.0, 0.0]


def test_a_thousand_features_have_their_names():
    wide = pd.DataFrame(RANDOM.normal(size=(30, 1_000)), columns=[f"größe {n}" for n in range(1_000)])
    model = make_pipeline(StandardScaler(), Ridge()).fit(wide, wide["größe 7"])
    found = weights_of(model)
    assert len(found.weights) == 1_000
    assert found.weights[0][0] == "größe 7"


def test_models_in_a_list_tell_nothing():
    assert importances_of(capture([Ridge().fit(X, Y), Ridge().fit(X, Y)])) is None


def test_a_model_five_pipelines_deep_tells_its_weights():
    model: Any = Ridge()
    for _ in range(5):
        model = Pipeline([("inner", model)])
    found = weights_of(model.fit(X, Y))
    assert found.path == "$" + ".steps[0][1]" * 5 + ".coef_"
    assert {name for name, _ in found.weights} == {"age", "height", "grade"}
