"""Parameters of constructors before 1.7: added, removed, renamed, said in other words."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import NMF, FastICA
from sklearn.ensemble import BaggingRegressor, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.linear_model import BayesianRidge, Lars, LinearRegression, LogisticRegression, QuantileRegressor, RidgeCV
from sklearn.manifold import MDS, TSNE
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder
from sklearn.svm import LinearSVC

from hermetic.codecs.histories.parameters import _ADDED, changes
from hermetic.codecs.registry import codec_of_name
from tests.codecs.older_models import GONE, brought_up

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


@pytest.mark.parametrize("release", sorted(_ADDED))
def test_every_added_parameter_is_one_of_its_class_until_the_installed_release(release: str):
    gone_since = {"force_int_remainder_cols"}
    for names, fields in _ADDED[release].items():
        for name in names.split():
            codec = codec_of_name(f"sklearn.{name}")
            assert codec is not None
            parameters = inspect.signature(codec.resolve(f"sklearn.{name}")).parameters
            assert fields.keys() - gone_since <= parameters.keys(), name
