"""Scorers, Birch's tree, bunches, vectorizers, means: each comes back as it was, and hostile states do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch, BisectingKMeans, KMeans
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import fbeta_score, get_scorer, make_scorer
from sklearn.metrics._scorer import _MultimetricScorer, _PassthroughScorer
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch

import hermetic
from tests.codecs.hostile import bring_back, refuse

X = np.random.default_rng(0).normal(size=(300, 3))


@pytest.mark.parametrize("name", ["accuracy", "neg_log_loss", "roc_auc_ovr", "f1_macro", "neg_mean_squared_error"])
def test_a_scorer_comes_back(name: str):
    assert repr(bring_back(get_scorer(name))) == repr(get_scorer(name))


def test_composed_scorers_come_back():
    several = _MultimetricScorer(scorers={"a": get_scorer("accuracy"), "b": make_scorer(fbeta_score, beta=2)})
    assert repr(bring_back(several)) == repr(several)
    passing = bring_back(_PassthroughScorer(LogisticRegression(C=3)))
    assert passing._estimator.C == 3


def test_a_scorer_that_refers_back_to_its_estimator_comes_back():
    labels = X[:, 0] > 0
    model = HistGradientBoostingClassifier(max_iter=2, early_stopping=True, scoring=None, random_state=0)
    restored = bring_back(model.fit(X, labels))
    assert restored._scorer._estimator is restored


def test_a_scorer_with_an_impossible_sign_is_refused():
    refuse(get_scorer("accuracy"), "sklearn.metrics._Scorer", "sign", 3, "sign")


def test_thousands_of_leaves_come_back_with_their_chain():
    points = np.random.default_rng(0).normal(size=(4000, 2)) * 1000
    model = Birch(threshold=0.01, branching_factor=5, n_clusters=None, compute_labels=False).fit(points)
    restored = bring_back(model)
    before, after, n_leaves = model.dummy_leaf_.next_leaf_, restored.dummy_leaf_.next_leaf_, 0
    while before is not None:
        assert before.centroids_.tobytes() == after.centroids_.tobytes()
        assert after.centroids_.base is after.init_centroids_
        before, after, n_leaves = before.next_leaf_, after.next_leaf_, n_leaves + 1
    assert after is None
    assert n_leaves > 1000


def test_birch_goes_on_learning():
    model = Birch(threshold=0.3, n_clusters=None).fit(X[:200])
    restored = bring_back(model)
    assert restored.partial_fit(X[200:]).subcluster_centers_.tobytes() == (
        model.partial_fit(X[200:]).subcluster_centers_.tobytes()
    )


def test_a_birch_node_with_more_rows_than_there_are_is_refused():
    model = Birch(threshold=3.0, n_clusters=None).fit(X)
    refuse(model, "sklearn.cluster._CFNode", "n_subclusters", 10**9, "in use")


def test_a_bunch_comes_back():
    restored = bring_back(Bunch(data=X, update="hidden"))
    assert type(restored) is Bunch
    assert restored["update"] == "hidden"
    refuse(Bunch(a=1), "sklearn.utils.Bunch", "items", 3)


def test_a_vocabulary_comes_back_and_must_count_its_words():
    vectorizer = CountVectorizer().fit([" ".join(f"word{number}" for number in range(40))])
    assert bring_back(vectorizer).vocabulary_ == vectorizer.vocabulary_
    for numbers in ([0, 0], [0, 2], [-1, 0], [0.0, 1.0]):
        hostile = CountVectorizer().fit(["a1 b1"])
        hostile.vocabulary_ = dict(zip(("a1", "b1"), numbers, strict=True))
        refuse(hostile, "sklearn.feature_extraction.text.CountVectorizer", "stop_words", None, "vocabulary")


@pytest.mark.parametrize("number", [0, -1, 1 << 31, 2.0, None])
@pytest.mark.parametrize("hasher", [FeatureHasher(), HashingVectorizer()])
def test_an_impossible_number_of_features_is_refused(hasher: Any, number: Any):
    module = "sklearn.feature_extraction." + ("text." if isinstance(hasher, HashingVectorizer) else "")
    refuse(bring_back(hasher), module + type(hasher).__name__, "n_features", number, "n_features")


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("_n_threads", 0),
        ("_n_threads", -1),
        ("_n_threads", None),
        ("n_features_in_", 4),
        ("cluster_centers_", lambda centers: centers[:, :2].copy()),
        ("cluster_centers_", lambda centers: centers[:0].copy()),
        ("cluster_centers_", lambda centers: centers.astype(np.int64)),
    ],
)
def test_hostile_means_are_refused(field: str, new: Any):
    refuse(KMeans(3, random_state=0).fit(X), "sklearn.cluster.KMeans", field, new)


def test_a_million_threads_become_what_the_machine_runs():
    model = KMeans(3, random_state=0).fit(X)
    model._n_threads = 10**6
    assert 1 <= hermetic.loads(hermetic.dumps(model))._n_threads < 10**6


def test_a_tree_of_clusters_of_another_width_is_refused():
    model = BisectingKMeans(3, random_state=0).fit(X)
    bring_back(model)
    refuse(model, "sklearn.cluster._BisectingTree", "center", np.zeros(2))


def test_functions_of_transformers_are_kept():
    assert bring_back(FunctionTransformer(np.log1p)).func is np.log1p
    assert bring_back(FunctionTransformer(str.lower)).func is str.lower
