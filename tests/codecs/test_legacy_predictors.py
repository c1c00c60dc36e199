"""Predictors of former releases are saved and loaded like any model; state that does not fit is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import KernelPCA
from sklearn.linear_model import ARDRegression, BayesianRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic import legacy
from hermetic.capture import capture
from hermetic.migrate import migrate
from hermetic.stages import ApprovedGraph
from tests.golden_evidence import golden_evidence
from tests.legacy.test_formulas import boosted, logistic
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION

X = REGRESSION.X


def like(kind: Any, installed: Any) -> Any:
    """Give one of ours with the state of an installed model."""
    model = kind()
    vars(model).update(vars(installed))
    return model


def kernels() -> Any:
    return like(legacy.KernelPCA, KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(X))


MODELS = {
    "boosting-by-probabilities": lambda: boosted(CLASSIFICATION, "SAMME.R"),
    "boosting-by-labels": lambda: boosted(BINARY, "SAMME"),
    "logistic": lambda: logistic(CLASSIFICATION, multi_class="ovr"),
    "logistic-of-two": lambda: logistic(BINARY, multi_class="multinomial"),
    "logistic-cv": lambda: logistic(CLASSIFICATION, legacy.LogisticRegressionCV, multi_class="ovr"),
    "kernels": kernels,
    "ridge": lambda: like(legacy.BayesianRidge, BayesianRidge().fit(X + 1, REGRESSION.y)),
    "relevance": lambda: like(legacy.ARDRegression, ARDRegression().fit(X + 1, REGRESSION.y)),
    "pipeline": lambda: make_pipeline(StandardScaler().fit(BINARY.X), logistic(BINARY, multi_class="multinomial")),
    "not-fitted": lambda: legacy.AdaBoostClassifier(n_estimators=3),
}


@pytest.mark.parametrize("name", MODELS)
def test_it_comes_back_the_same(name: str):
    model = MODELS[name]()
    data = hermetic.dumps(model)
    loaded = hermetic.loads(data)
    assert type(loaded) is type(model)
    assert hermetic.dumps(loaded) == data
    for method in ("predict", "predict_proba", "transform"):
        if hasattr(model, method) and name != "not-fitted":
            assert np.array_equal(getattr(loaded, method)(X), getattr(model, method)(X))


@pytest.mark.parametrize("name", [name for name in MODELS if name != "not-fitted"])
def test_it_has_golden_rows_like_any_model(name: str):
    model = MODELS[name]()
    data = hermetic.dumps(model, evidence=golden_evidence(model, X))
    assert hermetic.loads(data, check="always", report=True)[1].golden.verdict == "passed"


def test_several_of_one_type_stand_in_one_table():
    models = [logistic(CLASSIFICATION, multi_class="ovr", C=float(number)) for number in range(1, 8)]
    loaded = hermetic.loads(hermetic.dumps(models))
    assert [model.C for model in loaded] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_it_belongs_to_no_release():
    graph = capture(logistic(CLASSIFICATION, multi_class="ovr"))
    assert migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.2.2"}).graph is graph


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "no-members": ("boosting-by-labels", {"estimators_": []}),
    "members-are-none": ("boosting-by-labels", {"estimators_": None}),
    "too-few-weights": ("boosting-by-labels", {"estimator_weights_": np.ones(2)}),
    "weights-are-a-table": ("boosting-by-labels", {"estimator_weights_": np.ones((3, 3))}),
    "weights-are-texts": ("boosting-by-labels", {"estimator_weights_": np.array(["a", "b", "c"])}),
    "weights-are-none": ("boosting-by-labels", {"estimator_weights_": None}),
    "other-number-of-classes": ("boosting-by-labels", {"n_classes_": 5}),
    "no-number-of-classes": ("boosting-by-labels", {"n_classes_": "2"}),
    "negative-number-of-classes": ("boosting-by-labels", {"n_classes_": -2}),
    "another-algorithm": ("boosting-by-labels", {"algorithm": "SAMME.Q"}),
    "coefficients-are-a-row": ("logistic", {"coef_": np.ones(4)}),
    "coefficients-are-none": ("logistic", {"coef_": np.ones((0, 4))}),
    "coefficients-are-whole": ("logistic", {"coef_": np.ones((3, 4), dtype=int)}),
    "too-few-starts": ("logistic", {"intercept_": np.ones(2)}),
    "too-many-classes": ("logistic", {"classes_": np.arange(7)}),
    "other-vectors": ("kernels", {"eigenvectors_": np.ones((len(X), 5))}),
    "flat-vectors": ("kernels", {"eigenvectors_": np.ones(2)}),
    "other-coefficients": ("kernels", {"dual_coef_": np.ones((3, 4))}),
    "other-components": ("kernels", {"X_transformed_fit_": np.ones((3, 2))}),
    "other-offsets": ("ridge", {"X_offset_": np.ones(9)}),
    "other-spread": ("ridge", {"sigma_": np.ones((2, 2))}),
    "other-relevance": ("relevance", {"lambda_": np.ones(9)}),
    "relevance-is-none": ("relevance", {"lambda_": None}),
    "limit-is-text": ("relevance", {"threshold_lambda": "much"}),
    "many-jobs": ("logistic", {"n_jobs": 10**9}),
    "a-method-is-hidden": ("logistic", {"predict": "ten"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_state_that_does_not_fit_is_refused(name: str):
    which, fields = WRONG[name]
    model = MODELS[which]()
    vars(model).update(fields)
    with pytest.raises((hermetic.InvalidState, hermetic.CannotSave)):
        hermetic.loads(hermetic.dumps(model))


def test_evidence_of_ours_names_its_type():
    model = MODELS["logistic"]()
    golden = golden_evidence(model, X).golden
    assert golden.model == "hermetic.legacy.LogisticRegression"
    other = dataclasses.replace(golden, model="sklearn.linear_model.LogisticRegression")
    assert other.methods == golden.methods
