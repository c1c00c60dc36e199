"""Helper classes that are gone: what has become of them predicts, scores and counts as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import Ridge, SGDClassifier
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV

from hermetic.capture import capture
from hermetic.codecs.registry import known_at
from hermetic.graph import Graph, Instances, Name, Sequences
from tests.codecs.older_models import brought_up_after, fields_of
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION

X, y = CLASSIFICATION.X, CLASSIFICATION.y


def _become(graph: Graph, name: str, former: str, fields: dict[str, Any]) -> None:
    """Make the objects of a type those of one that is gone."""
    for number, own in enumerate(graph.names):
        if own.name == name:
            graph.names[number] = Name(former, "constructed")
            for node in graph.nodes:
                if isinstance(node, Instances) and node.type == number:
                    node.fields = dict(fields)


REGRESSIONS = [
    ("squared_error", "HalfSquaredError", "LeastSquaresError", {"K": 1}),
    ("absolute_error", "AbsoluteError", "LeastAbsoluteError", {"K": 1}),
    ("huber", "HuberLoss", "HuberLossFunction", {"K": 1, "alpha": 0.9, "gamma": 2.5}),
    ("quantile", "PinballLoss", "QuantileLossFunction", {"K": 1, "alpha": 0.9, "percentile": 90.0}),
]


@pytest.mark.parametrize(("loss", "kind", "former", "fields"), REGRESSIONS, ids=lambda value: str(value)[:20])
def test_a_loss_of_boosted_regression_is_rebuilt(loss: str, kind: str, former: str, fields: dict[str, Any]):
    model = GradientBoostingRegressor(loss=loss, n_estimators=3).fit(REGRESSION.X, REGRESSION.y)
    older = brought_up_after(
        model,
        "1.3.2",
        lambda graph: _become(graph, f"sklearn.loss.{kind}", f"sklearn.ensemble.losses.{former}", fields),
    )
    assert type(older._loss).__name__ == kind
    assert np.array_equal(older.predict(REGRESSION.X), model.predict(REGRESSION.X))
    if loss == "huber":
        assert (older._loss.quantile, older._loss.closs.delta) == (0.9, 2.5)


CLASSIFICATIONS = [
    ("log_loss", BINARY, "HalfBinomialLoss", "BinomialDeviance", {"K": 1}),
    ("exponential", BINARY, "ExponentialLoss", "ExponentialLoss", {"K": 1}),
    ("log_loss", CLASSIFICATION, "HalfMultinomialLoss", "MultinomialDeviance", {"K": 3}),
]


@pytest.mark.parametrize(("loss", "training", "kind", "former", "fields"), CLASSIFICATIONS, ids=lambda v: str(v)[:20])
def test_a_loss_of_boosted_classification_is_rebuilt(loss: str, training: Any, kind: str, former: str, fields: Any):
    model = GradientBoostingClassifier(loss=loss, n_estimators=3).fit(training.X, training.y)
    older = brought_up_after(
        model,
        "1.3.2",
        lambda graph: _become(graph, f"sklearn.loss.{kind}", f"sklearn.ensemble.losses.{former}", fields),
    )
    assert type(older._loss).__name__ == kind
    assert np.allclose(older.predict_proba(X), model.predict_proba(X), rtol=1e-13)


@pytest.mark.parametrize(
    ("loss", "kind", "former", "fields"),
    [
        ("log_loss", "CyHalfBinomialLoss", "Log", {}),
        ("squared_error", "CyHalfSquaredError", "SquaredLoss", {}),
        ("huber", "CyHuberLoss", "Huber", {"parameter": 0.1}),
    ],
)
def test_a_loss_of_an_online_model_is_rebuilt(loss: str, kind: str, former: str, fields: dict[str, Any]):
    model = SGDClassifier(loss=loss, epsilon=0.1, max_iter=5, tol=None, random_state=0).fit(X, y)
    older = brought_up_after(
        model, "1.5.2", lambda graph: _become(graph, f"sklearn.loss.{kind}", f"sklearn.loss.{former}", fields)
    )
    assert type(older._loss_function_).__name__ == kind
    assert np.array_equal(older.decision_function(X), model.decision_function(X))
    older.partial_fit(X, y)


@pytest.mark.parametrize(
    ("former", "method"),
    [
        ("_PredictScorer", "predict"),
        ("_ProbaScorer", "predict_proba"),
        ("_ThresholdScorer", ("decision_function", "predict_proba")),
    ],
)
def test_a_scorer_by_kind_of_answer_says_its_method(former: str, method: object):
    scorer = make_scorer(f1_score, average="macro")
    own = fields_of(capture(scorer), "sklearn.metrics._Scorer")
    fields = {f"_{field}": own[field] for field in ("score_func", "sign", "kwargs")}
    older = brought_up_after(
        scorer, "1.3.2", lambda graph: _become(graph, "sklearn.metrics._Scorer", f"sklearn.metrics.{former}", fields)
    )
    assert older._response_method == method
    assert (older._score_func, older._sign, older._kwargs) == (f1_score, 1, {"average": "macro"})


def _pass(graph: Graph, name: str, field: str) -> None:
    graph.names.append(Name("sklearn.metrics._scorer._passthrough_scorer", "referenced"))
    fields_of(graph, name)[field] = {"name": len(graph.names) - 1}


def test_a_search_without_a_scorer_asks_its_model():
    model = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(REGRESSION.X, REGRESSION.y)
    name = "sklearn.model_selection.GridSearchCV"
    older = brought_up_after(model, "1.2.2", lambda graph: _pass(graph, name, "scorer_"))
    assert older.score(REGRESSION.X, REGRESSION.y) == model.score(REGRESSION.X, REGRESSION.y)
    assert older.scorer_._estimator is older.estimator


def test_histogram_boosting_forgets_the_scorer_that_only_fitting_asks():
    model = HistGradientBoostingRegressor(max_iter=2).fit(REGRESSION.X, REGRESSION.y)
    name = "sklearn.ensemble.HistGradientBoostingRegressor"
    older = brought_up_after(model, "1.2.2", lambda graph: _pass(graph, name, "_scorer"))
    assert older._scorer is None
    assert np.array_equal(older.predict(REGRESSION.X), model.predict(REGRESSION.X))


@pytest.mark.parametrize("n_lists", [1, 2])
def test_lists_of_columns_that_warned_are_plain_lists(n_lists: int):
    graph = capture([[3 + row, 4] for row in range(n_lists)])
    rows = [["a", 3 + row] for row in range(n_lists)]

    def alter(graph: Graph) -> None:
        graph.names.append(Name("sklearn.compose._RemainderColsList", "constructed"))
        graph.nodes = [
            *(Sequences(type="list", lengths=2, columns=[own]) for own in rows),
            Instances(type=0, fields={"data": [0] if n_lists == 1 else [[0], [1]]}, rows=n_lists),
        ]
        graph.root = [n_lists] if n_lists == 1 else {"tuple": []}

    if n_lists == 1:
        assert brought_up_after([1], "1.6.1", alter) == ["a", 3]
    else:
        alter(graph)
        from hermetic.migrate import migrate
        from hermetic.stages import ApprovedGraph

        migrated = migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.6.1"}).graph
        made = migrated.nodes[2]
        assert isinstance(made, Sequences)
        assert (made.lengths, made.columns, made.rows) == ([2, 2], [["a", 3, "a", 4]], 2)


def test_a_scorer_of_thresholds_is_known_where_1_5_has_it():
    found = known_at("sklearn.model_selection._classification_threshold:_CurveScorer")
    assert found is not None
    assert found[0] == "sklearn.metrics._CurveScorer"
