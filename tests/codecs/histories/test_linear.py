"""Changes in linear models and support vector machines: models as older releases wrote them answer as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNetCV,
    LassoCV,
    LogisticRegression,
    LogisticRegressionCV,
    PassiveAggressiveRegressor,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
)
from sklearn.svm import SVC, SVR, OneClassSVM

from hermetic import legacy
from hermetic.restore import restore
from hermetic.stages import CurrentGraph
from hermetic.validate import validate
from tests.codecs.older_models import GONE, brought_up, fields_of, taken_back
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION
from tests.zoo.seeded import seeded

X, y = CLASSIFICATION.X, CLASSIFICATION.y
LINEAR = "sklearn.linear_model."


@pytest.mark.parametrize("kind", [BayesianRidge, ARDRegression])
def test_deviations_of_older_bayesian_models_do_not_centre_the_data(kind: type):
    model = kind().fit(REGRESSION.X, REGRESSION.y)
    older = brought_up(model, "1.8.0", {})
    kept = model.lambda_ < model.threshold_lambda if kind is ARDRegression else slice(None)
    raw = X[:, kept]
    expected = np.sqrt((raw @ model.sigma_ * raw).sum(axis=1) + 1.0 / model.alpha_)
    mean, deviation = older.predict(X, return_std=True)
    assert np.array_equal(mean, model.predict(X))
    assert np.allclose(deviation, expected, rtol=1e-12)
    assert not older.X_offset_.any()


@pytest.mark.parametrize("kind", [BayesianRidge, ARDRegression])
def test_a_bayesian_model_that_centres_goes_back_as_a_predictor_of_ours(kind: type, monkeypatch: pytest.MonkeyPatch):
    model = kind().fit(REGRESSION.X, REGRESSION.y)
    kept = restore(validate(CurrentGraph(graph=taken_back(model, "1.8.0", monkeypatch))))
    assert type(kept) is getattr(legacy, kind.__name__)
    for found, expected in zip(kept.predict(X, return_std=True), model.predict(X, return_std=True), strict=True):
        assert np.allclose(found, expected, rtol=1e-12)


def test_a_bayesian_model_without_intercept_goes_back(monkeypatch: pytest.MonkeyPatch):
    model = BayesianRidge(fit_intercept=False).fit(REGRESSION.X, REGRESSION.y)
    assert fields_of(taken_back(model, "1.8.0", monkeypatch), f"{LINEAR}BayesianRidge")


@pytest.mark.parametrize(
    ("alphas", "n_alphas", "joined"),
    [("warn", "deprecated", 100), ("warn", 7, 7), (None, 7, 7), (5, "deprecated", 5), (None, "deprecated", 100)],
)
def test_two_ways_to_say_the_number_of_alphas_become_one(alphas: object, n_alphas: object, joined: int):
    model = LassoCV(cv=2).fit(REGRESSION.X, REGRESSION.y)
    older = brought_up(model, "1.8.0", {f"{LINEAR}LassoCV": {"alphas": alphas, "n_alphas": n_alphas, "_alphas": 3}})
    assert older.get_params()["alphas"] == joined
    assert not {"n_alphas", "_alphas"} & vars(older).keys()
    assert np.array_equal(older.predict(X), model.predict(X))


def test_a_list_of_alphas_stays_a_list():
    model = ElasticNetCV(alphas=[0.1, 1.0], cv=2).fit(REGRESSION.X, REGRESSION.y)
    older = brought_up(model, "1.7.2", {f"{LINEAR}ElasticNetCV": {"n_alphas": "deprecated"}})
    assert older.alphas == [0.1, 1.0]


LOGISTIC_1_7 = {"penalty": "l2", "l1_ratio": None, "multi_class": "deprecated"}


def _logistic(**fields: object) -> dict[str, dict[str, object]]:
    return {f"{LINEAR}LogisticRegression": {**LOGISTIC_1_7, **fields}}


@pytest.mark.parametrize("training", [BINARY, CLASSIFICATION], ids=["binary", "multinomial"])
def test_logistic_regression_of_1_7_gives_the_same_probabilities(training: object):
    model = LogisticRegression().fit(training.X, training.y)
    older = brought_up(model, "1.7.2", _logistic())
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))
    assert older.get_params() == LogisticRegression().get_params()
    with seeded(0):
        older.fit(training.X, training.y)


@pytest.mark.parametrize(
    ("penalty", "ratio", "strength", "expected"),
    [
        ("l2", None, 2.0, ("deprecated", 0.0, 2.0)),
        ("l1", None, 2.0, ("deprecated", 1.0, 2.0)),
        ("elasticnet", 0.3, 2.0, ("deprecated", 0.3, 2.0)),
        (None, None, 2.0, ("deprecated", 0.0, np.inf)),
        ("none", None, 2.0, ("deprecated", 0.0, np.inf)),
    ],
)
def test_penalties_are_said_as_ratio_and_strength(penalty: object, ratio: object, strength: float, expected: object):
    older = brought_up(LogisticRegression(), "1.7.0", _logistic(penalty=penalty, l1_ratio=ratio, C=strength))
    assert (older.penalty, older.l1_ratio, older.C) == expected


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (LogisticRegression(C=2.0), ("l2", None, 2.0)),
        (LogisticRegression(l1_ratio=1.0), ("l1", None, 1.0)),
        (LogisticRegression(l1_ratio=0.3), ("elasticnet", 0.3, 1.0)),
        (LogisticRegression(C=np.inf), (None, None, 1.0)),
    ],
    ids=str,
)
def test_ratio_and_strength_go_back_to_a_penalty(now: object, before: object, monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(now, "1.7.2", monkeypatch), f"{LINEAR}LogisticRegression")
    assert (fields["penalty"], fields["l1_ratio"], fields["C"]) == before
    assert fields["multi_class"] == "deprecated"


@pytest.mark.parametrize(
    ("training", "fields"),
    [
        (CLASSIFICATION, {"multi_class": "ovr"}),
        (CLASSIFICATION, {"solver": "liblinear"}),
        (BINARY, {"multi_class": "multinomial"}),
    ],
    ids=["ovr", "liblinear", "multinomial"],
)
def test_probabilities_by_a_formula_that_is_gone_are_kept_by_a_predictor_of_ours(training: Any, fields: Any):
    model = LogisticRegression().fit(training.X, training.y)
    kept = brought_up(model, "1.7.2", _logistic(**fields))
    assert type(kept) is legacy.LogisticRegression
    assert np.array_equal(kept.predict(training.X), model.predict(training.X))
    assert not np.allclose(kept.predict_proba(training.X), model.predict_proba(training.X))


@pytest.mark.parametrize(
    ("training", "fields"),
    [
        (BINARY, {"multi_class": "ovr"}),
        (BINARY, {"solver": "liblinear"}),
        (CLASSIFICATION, {"multi_class": "multinomial"}),
        (CLASSIFICATION, {"multi_class": "auto"}),
    ],
    ids=str,
)
def test_probabilities_by_a_formula_that_stays_are_not_refused(training: object, fields: dict[str, object]):
    model = LogisticRegression().fit(training.X, training.y)
    assert brought_up(model, "1.7.2", _logistic(**fields)).classes_.tolist() == model.classes_.tolist()


def test_a_cross_validated_model_of_1_7_can_select_features():
    with seeded(0):
        model = LogisticRegressionCV(Cs=2, cv=2, use_legacy_attributes=True, scoring="accuracy").fit(X, y)
    model.l1_ratio_ = np.array([None, None, None], dtype=object)
    fields = {"penalty": "l2", "l1_ratios": None, "multi_class": "deprecated", "use_legacy_attributes": GONE}
    older = brought_up(model, "1.7.2", {f"{LINEAR}LogisticRegressionCV": fields})
    assert older.l1_ratio_.tolist() == [0.0, 0.0, 0.0]
    assert older.use_legacy_attributes is True
    assert SelectFromModel(older, prefit=True).fit(X, y).transform(X).shape == (60, 2)


def test_classes_of_ridge_classifiers_come_from_their_binarizer():
    model = RidgeClassifier().fit(X, y)
    older = brought_up(model, "1.7.2", {f"{LINEAR}RidgeClassifier": {"classes_": GONE}})
    assert np.array_equal(older.predict(X), model.predict(X))


def test_a_rate_of_zero_that_is_not_used_becomes_one_that_is_valid():
    model = SGDClassifier(max_iter=5, tol=None, random_state=0).fit(X, y)
    older = brought_up(model, "1.7.2", {f"{LINEAR}SGDClassifier": {"eta0": 0.0, "C": 1.0}})
    assert older.eta0 == 0.01
    assert "C" not in vars(older)
    older.partial_fit(X, y)


def test_online_models_get_their_hidden_strength_back(monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(SGDRegressor(), "1.7.2", monkeypatch), f"{LINEAR}SGDRegressor")
    assert fields["C"] == 1.0


def test_passive_aggressive_models_go_on_as_aggressively_as_before():
    with seeded(0):
        model = PassiveAggressiveRegressor(C=0.5, max_iter=3, tol=None).fit(REGRESSION.X, REGRESSION.y)
    older = brought_up(model, "1.7.2", {f"{LINEAR}PassiveAggressiveRegressor": {"eta0": 1.0}})
    assert older.eta0 == 0.5


def test_a_copy_of_the_data_is_no_longer_asked_for():
    older = brought_up(TheilSenRegressor(), "1.7.2", {f"{LINEAR}TheilSenRegressor": {"copy_X": "deprecated"}})
    assert "copy_X" not in vars(older)


@pytest.mark.parametrize("model", [SVC(kernel="linear"), SVR(), OneClassSVM()], ids=str)
def test_support_vector_machines_of_1_8_know_whether_they_give_probabilities(model: object):
    model.fit(X, y)
    name = f"sklearn.svm.{type(model).__name__}"
    older = brought_up(model, "1.8.0", {name: {"_effective_probability": GONE, "probability": False}})
    assert older._effective_probability is False
    assert np.array_equal(older.predict(X), model.predict(X))


def test_a_machine_that_says_nothing_of_probabilities_goes_back_to_none(monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(SVC().fit(X, y), "1.8.0", monkeypatch), "sklearn.svm.SVC")
    assert fields["probability"] is False
    assert "_effective_probability" not in fields


def test_a_solver_that_fitted_each_class_against_the_rest_until_1_5_predicts_as_it_did():
    model = LogisticRegression(solver="newton-cholesky").fit(X, y)
    fields = {f"{LINEAR}LogisticRegression": {**LOGISTIC_1_7, "multi_class": "auto"}}
    kept = brought_up(model, "1.5.2", fields)
    shares = 1 / (1 + np.exp(-model.decision_function(X)))
    assert type(kept) is legacy.LogisticRegression
    assert np.allclose(kept.predict_proba(X), shares / shares.sum(axis=1, keepdims=True), rtol=1e-12)
    assert type(brought_up(model, "1.6.1", fields)) is LogisticRegression


def test_it_fits_two_classes_as_before():
    model = LogisticRegression(solver="newton-cholesky").fit(BINARY.X, BINARY.y)
    fields = {f"{LINEAR}LogisticRegression": {**LOGISTIC_1_7, "multi_class": "auto"}}
    assert type(brought_up(model, "1.5.2", fields)) is LogisticRegression


@pytest.mark.parametrize(("release", "expected"), [("1.5.2", "multinomial"), ("1.6.1", "deprecated")])
@pytest.mark.parametrize("kind", [LogisticRegression, LogisticRegressionCV])
def test_it_goes_back_with_all_classes_together(
    kind: Any, release: str, expected: str, monkeypatch: pytest.MonkeyPatch
):
    with seeded(0):
        model = kind(solver="newton-cholesky").fit(X, y)
    graph = taken_back(model, release, monkeypatch)
    assert fields_of(graph, f"{LINEAR}{kind.__name__}")["multi_class"] == expected
