"""Predictors of former releases compute what these did: by the formulas written out here, and by recorded answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import KernelPCA as InstalledKernelPCA
from sklearn.linear_model import ARDRegression as InstalledARDRegression
from sklearn.linear_model import BayesianRidge as InstalledBayesianRidge
from sklearn.linear_model import LogisticRegression as InstalledLogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic import legacy
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION

KINDS = [getattr(legacy, name) for name in legacy.__all__]
TRAININGS = {"two": BINARY, "three": CLASSIFICATION}


def boosted(training: Any, algorithm: str) -> legacy.AdaBoostClassifier:
    """Give a model as if a former release had fitted it."""
    members = [
        DecisionTreeClassifier(max_depth=depth, random_state=depth).fit(training.X, training.y) for depth in (1, 2, 3)
    ]
    model = legacy.AdaBoostClassifier(algorithm=algorithm)
    model.estimators_ = members
    model.estimator_weights_ = np.ones(3) if algorithm == "SAMME.R" else np.array([0.5, 1.5, 2.0])
    model.classes_ = np.unique(training.y)
    model.n_classes_ = len(model.classes_)
    model.n_features_in_ = training.X.shape[1]
    return model


def logistic(training: Any, kind: type = legacy.LogisticRegression, **parameters: Any) -> Any:
    """Give a model with the coefficients of an installed one, and the parameters of an old one."""
    installed = InstalledLogisticRegression(max_iter=500).fit(training.X, training.y)
    model = kind(**parameters)
    for field in ("coef_", "intercept_", "classes_", "n_features_in_"):
        setattr(model, field, getattr(installed, field))
    return model


@pytest.mark.parametrize("name", TRAININGS)
def test_boosting_by_probabilities_adds_centred_logarithms(name: str):
    training = TRAININGS[name]
    model, X = boosted(training, "SAMME.R"), training.X
    n_classes, total = model.n_classes_, 0.0
    for member in model.estimators_:
        logarithms = np.log(np.maximum(member.predict_proba(X), np.finfo(float).eps))
        total = total + (n_classes - 1) * (logarithms - logarithms.mean(axis=1, keepdims=True))
    scores = total / 3
    expected = scores[:, 1] - scores[:, 0] if n_classes == 2 else scores
    assert np.allclose(model.decision_function(X), expected, rtol=1e-12)
    assert np.array_equal(model.predict(X), model.classes_[scores.argmax(axis=1)])
    shares = np.exp(scores / (n_classes - 1))
    assert np.allclose(model.predict_proba(X), shares / shares.sum(axis=1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize("is_spread", [False, True])
@pytest.mark.parametrize("name", TRAININGS)
def test_boosting_by_labels_counts_votes(name: str, is_spread: bool):
    training = TRAININGS[name]
    model, X = boosted(training, "SAMME"), training.X
    if is_spread:
        model._spreads_votes = True
    other = -1 / (model.n_classes_ - 1) if is_spread else 0.0
    votes = sum(
        weight * np.where(member.predict(X)[:, None] == model.classes_, 1.0, other)
        for member, weight in zip(model.estimators_, model.estimator_weights_, strict=True)
    )
    scores = votes / 4.0
    expected = scores[:, 1] - scores[:, 0] if model.n_classes_ == 2 else scores
    assert np.allclose(model.decision_function(X), expected, rtol=1e-12)


@pytest.mark.parametrize("algorithm", ["SAMME", "SAMME.R"])
@pytest.mark.parametrize("name", TRAININGS)
def test_the_last_stage_of_boosting_is_the_whole(name: str, algorithm: str):
    training = TRAININGS[name]
    model, X = boosted(training, algorithm), training.X
    *_, scores = model.staged_decision_function(X)
    *_, labels = model.staged_predict(X)
    *_, shares = model.staged_predict_proba(X)
    assert np.allclose(scores, model.decision_function(X))
    assert np.array_equal(labels, model.predict(X))
    assert np.allclose(shares, model.predict_proba(X))
    assert np.allclose(np.exp(model.predict_log_proba(X)), shares)
    assert len(list(model.staged_predict(X))) == 3


def test_boosting_of_one_class_is_sure_of_it():
    model = boosted(BINARY, "SAMME.R")
    model.n_classes_, model.classes_ = 1, model.classes_[:1]
    assert model.predict_proba(BINARY.X).tolist() == [[1.0]] * len(BINARY.X)


def test_importances_of_boosting_are_those_of_its_members():
    model = boosted(BINARY, "SAMME")
    own = np.average([member.feature_importances_ for member in model.estimators_], axis=0, weights=[0.5, 1.5, 2.0])
    assert np.allclose(model.feature_importances_, own)


@pytest.mark.parametrize("kind", [legacy.LogisticRegression, legacy.LogisticRegressionCV])
@pytest.mark.parametrize(
    "parameters", [{"multi_class": "ovr"}, {"multi_class": "warn"}, {"solver": "liblinear"}], ids=str
)
def test_one_versus_rest_probabilities_are_sigmoids_that_add_up_to_one(kind: type, parameters: Any):
    model = logistic(CLASSIFICATION, kind, **parameters)
    shares = 1 / (1 + np.exp(-(CLASSIFICATION.X @ model.coef_.T + model.intercept_)))
    expected = shares / shares.sum(axis=1, keepdims=True)
    assert np.allclose(model.predict_proba(CLASSIFICATION.X), expected, rtol=1e-12)
    assert np.array_equal(model.predict(CLASSIFICATION.X), model.classes_[expected.argmax(axis=1)])
    assert np.allclose(model.predict_log_proba(CLASSIFICATION.X), np.log(expected))


def test_multinomial_probabilities_of_two_classes_double_the_score():
    model = logistic(BINARY, multi_class="multinomial")
    scores = BINARY.X @ model.coef_[0] + model.intercept_[0]
    assert np.allclose(model.decision_function(BINARY.X), scores)
    assert np.allclose(model.predict_proba(BINARY.X)[:, 1], 1 / (1 + np.exp(-2 * scores)), rtol=1e-12)


@pytest.mark.parametrize("name", TRAININGS)
def test_what_has_not_changed_is_what_it_was(name: str):
    training = TRAININGS[name]
    installed = InstalledLogisticRegression(max_iter=500).fit(training.X, training.y)
    model = logistic(training, multi_class="auto")
    for method in ("predict", "predict_proba", "decision_function"):
        assert np.allclose(getattr(model, method)(training.X), getattr(installed, method)(training.X), rtol=1e-12)


def test_a_cross_validated_model_scores_as_it_was_told():
    model = logistic(BINARY, legacy.LogisticRegressionCV)
    assert model.score(BINARY.X, BINARY.y) == np.mean(model.predict(BINARY.X) == BINARY.y)
    told = logistic(BINARY, legacy.LogisticRegressionCV, scoring="neg_log_loss")
    assert told.score(BINARY.X, BINARY.y, sample_weight=np.ones(len(BINARY.y))) < 0


def test_the_inverse_of_a_kernel_divides_by_the_number_of_components():
    X = REGRESSION.X
    installed = InstalledKernelPCA(2, kernel="rbf", fit_inverse_transform=True, eigen_solver="dense").fit(X)
    model = legacy.KernelPCA(2, kernel="rbf", fit_inverse_transform=True)
    vars(model).update({name: value for name, value in vars(installed).items() if name.endswith("_") or name[0] == "_"})
    assert np.allclose(model.transform(X), installed.transform(X), rtol=1e-12)
    components = model.transform(X)
    expected = rbf_kernel(components, model.X_transformed_fit_, gamma=1 / 2) @ model.dual_coef_
    assert np.allclose(model.inverse_transform(components), expected, rtol=1e-12)
    assert not np.allclose(expected, installed.inverse_transform(components))
    assert model.get_feature_names_out().tolist() == ["kernelpca0", "kernelpca1"]
    with pytest.raises(ValueError, match="fit_inverse_transform=True"):
        legacy.KernelPCA().inverse_transform(X)


@pytest.mark.parametrize(
    ("kind", "installed"),
    [(legacy.BayesianRidge, InstalledBayesianRidge), (legacy.ARDRegression, InstalledARDRegression)],
    ids=["ridge", "relevance"],
)
def test_deviations_centre_the_data(kind: type, installed: type):
    X = REGRESSION.X + 3.0
    fitted = installed().fit(X, REGRESSION.y)
    model = kind()
    vars(model).update(vars(fitted))
    for found, expected in zip(model.predict(X, return_std=True), fitted.predict(X, return_std=True), strict=True):
        assert np.allclose(found, expected, rtol=1e-12)
    assert np.allclose(model.predict(X), fitted.predict(X), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_predictor_has_its_parameters_and_cannot_be_fitted(kind: Any):
    model = kind()
    # The constructors of some of the library's classes, from which ours may be derived, set more than parameters.
    installed = getattr(kind, "installed", None)
    expected = set(vars(model)) if installed is None else {*installed().get_params(), *kind.later}
    assert set(model.get_params()) == expected
    assert expected <= set(vars(model))
    assert type(clone(model)) is kind
    assert kind.__name__ in repr(model)
    assert model.set_params(**model.get_params()) is model
    with pytest.raises(hermetic.UsageError, match="cannot be fitted") as refused:
        model.fit(BINARY.X, BINARY.y)
    assert kind.successor in refused.value.next_step


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_predictor_that_is_not_fitted_says_so(kind: Any):
    model = kind()
    ask = model.transform if hasattr(model, "transform") else model.predict
    with pytest.raises(Exception, match="not fitted"):
        ask(BINARY.X)


def test_rows_of_another_width_are_refused():
    for model in (logistic(BINARY), boosted(BINARY, "SAMME.R")):
        with pytest.raises(ValueError, match="features"):
            model.predict(BINARY.X[:, :2])
