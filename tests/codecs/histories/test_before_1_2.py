"""What releases before 1.2 wrote: only pickles are that old."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, SGDClassifier
from sklearn.metrics import DistanceMetric
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.preprocessing import MinMaxScaler, RobustScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from hermetic.capture import capture
from hermetic.graph import Graph, Name
from tests.codecs.older_models import GONE, array_in, brought_up, brought_up_after, fields_of
from tests.zoo.data import BINARY, CLASSIFICATION

X, y = CLASSIFICATION.X, CLASSIFICATION.y

CASES: list[tuple[Any, str, dict[str, Any], dict[str, Any]]] = [
    (DecisionTreeClassifier(), "tree", {"max_features": "auto"}, {"max_features": "sqrt"}),
    (DecisionTreeRegressor(), "tree", {"criterion": "mse", "max_features": "auto"}, {"criterion": "squared_error"}),
    (RandomForestRegressor(), "ensemble", {"criterion": "mae"}, {"criterion": "absolute_error"}),
    (RandomForestRegressor(), "ensemble", {"max_features": "auto"}, {"max_features": 1.0}),
    (RandomForestClassifier(), "ensemble", {"min_impurity_split": None}, {"min_impurity_decrease": 0.0}),
    (GradientBoostingClassifier(), "ensemble", {"loss": "deviance"}, {"loss": "log_loss"}),
    (LinearRegression(), "linear_model", {"normalize": False, "positive": GONE}, {"positive": False}),
    (SGDClassifier(), "linear_model", {"loss": "log"}, {"loss": "log_loss"}),
    (MultinomialNB(), "naive_bayes", {"force_alpha": GONE}, {"force_alpha": False}),
    (PCA(), "decomposition", {"n_oversamples": GONE, "power_iteration_normalizer": GONE}, {"n_oversamples": 10}),
]


@pytest.mark.parametrize(("model", "module", "older", "expected"), CASES, ids=lambda value: type(value).__name__)
def test_a_parameter_of_0_24_is_said_in_the_words_of_the_installed_release(
    model: Any, module: str, older: dict[str, Any], expected: dict[str, Any]
):
    brought = brought_up(model, "0.24.2", {f"sklearn.{module}.{type(model).__name__}": older})
    parameters = brought.get_params(deep=False)
    assert expected.items() <= parameters.items()
    assert not set(older) & vars(brought).keys() - parameters.keys()


def test_the_base_of_a_forest_has_another_name():
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    name = "sklearn.ensemble.RandomForestClassifier"
    own = fields_of(capture(model), name)
    fields = {
        "estimator": GONE,
        "estimator_": GONE,
        "base_estimator": own["estimator"],
        "base_estimator_": own["estimator_"],
        "n_features_": 4,
    }
    older = brought_up(model, "0.24.2", {name: fields})
    assert isinstance(older.estimator_, DecisionTreeClassifier)
    assert not {"base_estimator", "base_estimator_", "n_features_"} & vars(older).keys()
    assert np.allclose(older.predict_proba(X), model.predict_proba(X), rtol=1e-15)


def test_a_tree_of_0_23_says_how_many_features_it_has():
    model = DecisionTreeRegressor(max_depth=2, random_state=0).fit(X, y)
    fields = {"n_features_in_": GONE, "n_features_": 4}
    older = brought_up(model, "0.23.2", {"sklearn.tree.DecisionTreeRegressor": fields})
    assert older.n_features_in_ == 4
    assert np.array_equal(older.predict(X), model.predict(X))


@pytest.mark.parametrize(("model", "field"), [(MinMaxScaler(), "clip"), (RobustScaler(), "unit_variance")])
def test_a_scaler_of_0_23_does_nothing_new(model: Any, field: str):
    model.fit(X)
    older = brought_up(model, "0.23.2", {f"sklearn.preprocessing.{type(model).__name__}": {field: GONE}})
    assert getattr(older, field) is False
    assert np.array_equal(older.transform(X), model.transform(X))


def test_the_loss_of_boosting_has_another_name():
    model = GradientBoostingClassifier(n_estimators=2).fit(BINARY.X, BINARY.y)
    name = "sklearn.ensemble.GradientBoostingClassifier"

    def alter(graph: Graph) -> None:
        fields = fields_of(graph, name)
        fields["loss_"] = fields.pop("_loss")
        loss = fields_of(graph, "sklearn.loss.HalfBinomialLoss")
        loss.clear()
        loss["K"] = 1
        former = Name("sklearn.ensemble.losses.BinomialDeviance", "constructed")
        graph.names = [former if own.name.startswith("sklearn.loss.") else own for own in graph.names]

    older = brought_up_after(model, "1.0.2", alter)
    assert "loss_" not in vars(older)
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))


def test_variances_of_naive_bayes_have_another_name():
    model = GaussianNB().fit(X, y)
    name = "sklearn.naive_bayes.GaussianNB"
    own = fields_of(capture(model), name)["var_"]
    older = brought_up(model, "0.24.2", {name: {"var_": GONE, "sigma_": own}})
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))


def test_a_vectorizer_repeats_what_its_weights_know():
    model = TfidfVectorizer(norm="l1").fit(["a cat", "the mat"])
    gone = dict.fromkeys(("norm", "use_idf", "smooth_idf", "sublinear_tf"), GONE)
    older = brought_up(model, "1.0.2", {"sklearn.feature_extraction.text.TfidfVectorizer": gone})
    assert older.get_params()["norm"] == "l1"
    assert np.array_equal(older.transform(["cat"]).toarray(), model.transform(["cat"]).toarray())


def test_a_distance_without_weights_has_no_placeholder():
    distance = DistanceMetric.get_metric("minkowski", p=3)

    def alter(graph: Graph) -> None:
        fields_of(graph, "sklearn.metrics.MinkowskiDistance64")["w"] = array_in(graph, np.zeros(1))

    older = brought_up_after(distance, "1.0.2", alter)
    assert np.array_equal(older.pairwise(X), distance.pairwise(X))
