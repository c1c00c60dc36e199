"""Parameters of constructors before 1.7: added, removed, renamed, said in other words."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.covariance import GraphicalLasso
from sklearn.decomposition import NMF, FastICA
from sklearn.ensemble import BaggingRegressor, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.linear_model import (
    BayesianRidge,
    Lars,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    QuantileRegressor,
    RidgeCV,
)
from sklearn.manifold import MDS, TSNE
from sklearn.multioutput import ClassifierChain
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC

from hermetic.codecs.histories.parameter_map import RULES
from hermetic.codecs.histories.parameters import changes
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import UnsupportedVersion
from tests.codecs.older_models import GONE, brought_up, fields_of, taken_back

CASES: list[tuple[Any, str, dict[str, Any], dict[str, Any]]] = [
    (OneHotEncoder(), "1.3.2", {"sparse": False, "sparse_output": True}, {"sparse_output": False}),
    (OneHotEncoder(sparse_output=False), "1.3.2", {"sparse": "deprecated"}, {"sparse_output": False}),
    (OneHotEncoder(), "1.2.2", {"feature_name_combiner": GONE}, {"feature_name_combiner": "concat"}),
    (OrdinalEncoder(), "1.2.2", {"min_frequency": GONE, "max_categories": GONE}, {"max_categories": None}),
    (AgglomerativeClustering(), "1.3.2", {"affinity": "cosine", "metric": None}, {"metric": "cosine"}),
    (AgglomerativeClustering(), "1.3.2", {"affinity": "deprecated", "metric": None}, {"metric": "euclidean"}),
    (BayesianRidge(), "1.4.2", {"n_iter": "deprecated", "max_iter": None}, {"max_iter": 300}),
    (BayesianRidge(), "1.2.2", {"n_iter": 7, "max_iter": GONE}, {"max_iter": 7}),
    (TSNE(), "1.4.2", {"n_iter": 500, "max_iter": GONE}, {"max_iter": 500}),
    (TSNE(), "1.6.1", {"n_iter": "deprecated", "max_iter": None}, {"max_iter": 1000}),
    (RidgeCV(), "1.4.2", {"store_cv_values": True, "store_cv_results": GONE}, {"store_cv_results": True}),
    (RidgeCV(), "1.6.1", {"store_cv_values": "deprecated", "store_cv_results": None}, {"store_cv_results": False}),
    (BaggingRegressor(), "1.2.2", {"base_estimator": "deprecated"}, {"estimator": None}),
    (
        RandomForestClassifier(),
        "1.3.2",
        {"base_estimator": "deprecated", "monotonic_cst": GONE},
        {"monotonic_cst": None},
    ),
    (Lars(), "1.3.2", {"normalize": "deprecated"}, {}),
    (KMeans(), "1.3.2", {"n_init": "warn"}, {"n_init": 10}),
    (FastICA(), "1.2.2", {"whiten": True}, {"whiten": "arbitrary-variance"}),
    (FastICA(), "1.2.2", {"whiten": False}, {"whiten": False}),
    (NMF(), "1.5.2", {"n_components": "warn"}, {"n_components": None}),
    (MDS(), "1.3.2", {"normalized_stress": "warn"}, {"normalized_stress": False}),
    (MultinomialNB(), "1.3.2", {"force_alpha": "warn"}, {"force_alpha": False}),
    (LinearSVC(), "1.4.2", {"dual": "warn"}, {"dual": True}),
    (LinearRegression(), "1.6.1", {"tol": GONE}, {"tol": 1e-6}),
    (HistGradientBoostingRegressor(), "1.5.2", {"categorical_features": "warn"}, {"categorical_features": None}),
    (QuantileRegressor(), "1.3.2", {"solver": "interior-point"}, {"solver": "highs"}),
    (Pipeline([]), "1.5.2", {"transform_input": GONE}, {"transform_input": None}),
    (KBinsDiscretizer(), "1.4.2", {"subsample": "warn", "quantile_method": GONE}, {"subsample": 200_000}),
    (KBinsDiscretizer(strategy="uniform"), "1.4.2", {"subsample": "warn"}, {"subsample": None}),
    (LogisticRegression(), "1.4.2", {"multi_class": "auto", "penalty": "l2", "l1_ratio": None}, {"l1_ratio": 0.0}),
    (LogisticRegression(), "1.2.2", {"multi_class": "auto", "penalty": "none", "l1_ratio": None}, {"C": float("inf")}),
]


@pytest.mark.parametrize(("model", "release", "older", "expected"), CASES, ids=lambda value: type(value).__name__)
def test_an_older_parameter_is_said_in_the_words_of_the_installed_release(
    model: Any, release: str, older: dict[str, Any], expected: dict[str, Any]
):
    kind = type(model)
    name = next(name for name in changes() if name.endswith(f".{kind.__name__}"))
    brought = brought_up(model, release, {name: older})
    # get_params asks for each parameter of the constructor: none is missing.
    assert expected.items() <= brought.get_params(deep=False).items()
    assert not set(older) & vars(brought).keys() - inspect.signature(kind).parameters.keys()


def test_half_of_the_features_were_selected_where_nothing_was_said():
    name = "sklearn.feature_selection.SequentialFeatureSelector"
    brought = brought_up(
        SequentialFeatureSelector(LinearRegression()), "1.2.2", {name: {"n_features_to_select": "warn"}}
    )
    assert brought.n_features_to_select == 0.5


BACK: list[tuple[Any, str, dict[str, Any], dict[str, Any]]] = [
    (OneHotEncoder(sparse_output=False), "1.3.2", {}, {"sparse": "deprecated", "sparse_output": False}),
    (AgglomerativeClustering(metric="cosine", linkage="single"), "1.3.2", {}, {"affinity": "deprecated"}),
    (BayesianRidge(max_iter=7), "1.4.2", {}, {"n_iter": "deprecated", "max_iter": 7}),
    (BayesianRidge(max_iter=7), "1.2.2", {}, {"n_iter": 7, "max_iter": GONE}),
    (TSNE(max_iter=500), "1.6.1", {}, {"n_iter": "deprecated", "max_iter": 500}),
    (TSNE(max_iter=500), "1.4.2", {}, {"n_iter": 500, "max_iter": GONE}),
    (RidgeCV(store_cv_results=True), "1.4.2", {}, {"store_cv_values": True, "store_cv_results": GONE}),
    (BaggingRegressor(), "1.2.2", {}, {"base_estimator": "deprecated", "estimator": None, "max_samples": 1.0}),
    (RandomForestClassifier(), "1.3.2", {}, {"base_estimator": "deprecated", "monotonic_cst": GONE}),
    (Lars(), "1.3.2", {}, {"normalize": "deprecated"}),
    (NMF(), "1.5.2", {}, {"n_components": "auto"}),
    (NMF(), "1.3.2", {}, {"n_components": None}),
    (MDS(n_init=2), "1.7.2", {"dissimilarity": "deprecated"}, {"metric": True, "metric_mds": GONE, "init": GONE}),
    (LinearSVC(), "1.3.2", {}, {"dual": "auto"}),
    (LinearSVC(), "1.2.2", {}, {"dual": False}),
    (LinearSVC(loss="hinge"), "1.2.2", {}, {"dual": True}),
    (LinearSVC(dual="warn"), "1.2.2", {}, {"dual": True}),
    (LinearRegression(), "1.6.1", {}, {"tol": GONE}),
    (MLPRegressor(), "1.6.1", {}, {"loss": "squared_error"}),
    (LassoCV(alphas=7), "1.8.0", {}, {"alphas": 7, "n_alphas": "deprecated"}),
    (LassoCV(alphas=7), "1.6.1", {}, {"alphas": None, "n_alphas": 7}),
    (LassoCV(alphas=[1.0, 2.0]), "1.6.1", {}, {"n_alphas": 100}),
    (QuantileRegressor(), "1.3.2", {}, {"solver": "highs"}),
    (Pipeline([]), "1.5.2", {}, {"transform_input": GONE}),
    (KBinsDiscretizer(quantile_method="linear"), "1.6.1", {}, {"quantile_method": GONE}),
    (KBinsDiscretizer(strategy="uniform"), "1.6.1", {}, {"quantile_method": GONE}),
    (LogisticRegression(), "1.4.2", {}, {"multi_class": "auto", "penalty": "l2", "l1_ratio": None}),
    (LogisticRegression(l1_ratio=1.0), "1.7.2", {}, {"multi_class": "deprecated", "penalty": "l1"}),
    (LogisticRegression(C=float("inf")), "1.2.2", {}, {"penalty": None, "C": 1.0}),
    (LogisticRegression(l1_ratio=0.3), "1.2.2", {}, {"penalty": "elasticnet", "l1_ratio": 0.3}),
    (ClassifierChain(LogisticRegression()), "1.8.0", {}, {"base_estimator": "deprecated"}),
    (SelfTrainingClassifier(None), "1.5.2", {}, {"base_estimator": None, "estimator": GONE}),
    (GraphicalLasso(), "1.2.2", {"eps": {"numpy": ["<f8", 2.220446049250313e-16]}}, {"eps": GONE, "covariance": GONE}),
]


@pytest.mark.parametrize(("model", "release", "said", "expected"), BACK, ids=lambda value: type(value).__name__)
def test_a_newer_parameter_is_said_in_the_words_of_an_older_release(
    model: Any, release: str, said: dict[str, Any], expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    name = next(name for name in changes() if name.endswith(f".{type(model).__name__}"))
    fields = fields_of(taken_back(model, release, monkeypatch, **said), name)
    assert {field: fields.get(field, GONE) for field in expected} == expected


REFUSED: list[tuple[Any, str, str]] = [
    (LinearRegression(tol=1e-3), "1.6.1", "tol=0.001 is new in scikit-learn 1.7"),
    (MLPRegressor(loss="poisson"), "1.6.1", "loss='poisson' is new in scikit-learn 1.7"),
    (KBinsDiscretizer(quantile_method="median_unbiased"), "1.6.1", "quantile_method='median_unbiased' is new"),
    (Pipeline([], transform_input=["y"]), "1.5.2", "transform_input=... is new in scikit-learn 1.6"),
    (ClassifierChain(None, chain_method="predict_proba"), "1.4.2", "chain_method='predict_proba' is new"),
    (RandomForestClassifier(monotonic_cst=[1]), "1.3.2", "monotonic_cst=... is new in scikit-learn 1.4"),
    (HistGradientBoostingRegressor(max_features=0.5), "1.3.2", "max_features=0.5 is new in scikit-learn 1.4"),
    (OrdinalEncoder(max_categories=3), "1.2.2", "max_categories=3 is new in scikit-learn 1.3"),
    (GraphicalLasso(eps=1e-3), "1.2.2", "eps=0.001 is new in scikit-learn 1.3"),
    (MDS(metric="manhattan", n_init=1, init="random"), "1.7.2", "metric='manhattan' is new in scikit-learn 1.8"),
]


@pytest.mark.parametrize(("model", "release", "words"), REFUSED, ids=lambda value: type(value).__name__)
def test_a_parameter_that_an_older_release_cannot_say_is_refused_by_name_value_and_release(
    model: Any, release: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(UnsupportedVersion) as refused:
        taken_back(model, release, monkeypatch)
    assert words in refused.value.found


def test_every_parameter_that_rules_still_know_of_is_one_of_its_class():
    # What the newest release has dropped again, and an attribute that comes of a parameter.
    gone = {"force_int_remainder_cols", "eta0"}
    for rule in RULES:
        for name in rule.classes.split():
            codec = codec_of_name(f"sklearn.{name}")
            assert codec is not None, name
            known = inspect.signature(codec.resolve(f"sklearn.{name}")).parameters
            defaults: dict[str, Any] = {}
            rule.up(defaults)
            later = [each for each in RULES if name in each.classes.split() and each.release > rule.release]
            for each in later:
                each.up(defaults)
            assert defaults.keys() - gone <= known.keys(), (name, rule.release)
