"""Pickles of machines with another byte order or narrower pointers are read; what is saved of them is the same file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

import hermetic
from hermetic.capture import capture
from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.graph import Sequences
from tests.other_machines import narrow_nodes, pickle_of_other_machine

X = np.random.default_rng(0).normal(size=(80, 3))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
TEXTS = ["one two", "two three", "three four five"]
MODELS: dict[str, Any] = {
    "tree": DecisionTreeRegressor(random_state=0).fit(X, X[:, 0]),
    "forest": RandomForestClassifier(8, random_state=0).fit(X, LABELS),
    "isolation": IsolationForest(n_estimators=5, random_state=0).fit(X),
    "boosting": GradientBoostingClassifier(n_estimators=3, random_state=0).fit(X, LABELS),
    "histogram": HistGradientBoostingClassifier(max_iter=4, random_state=0).fit(X, LABELS),
    "kd-tree": KNeighborsClassifier(algorithm="kd_tree").fit(X, LABELS),
    "ball-tree": NearestNeighbors(algorithm="ball_tree", metric="manhattan").fit(X),
    "support": SVC().fit(X, LABELS),
    "clusters": KMeans(3, n_init=1, random_state=np.random.RandomState(0)).fit(X),
    "one-hot": OneHotEncoder(handle_unknown="ignore").fit(LABELS.reshape(-1, 1)),
    "words": TfidfVectorizer().fit(TEXTS),
    "online": SGDClassifier(random_state=0).fit(X, LABELS),
    "splines": make_pipeline(SplineTransformer(), StandardScaler()).fit(X),
    "process": GaussianProcessRegressor(random_state=0).fit(X, X[:, 0]),
    "network": MLPRegressor(hidden_layer_sizes=(4,), max_iter=500, tol=1.0, random_state=0).fit(X, X),
}
WITH_NATIVE_NODES = ("tree", "forest", "isolation", "boosting", "histogram", "kd-tree", "ball-tree")


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("name", MODELS)
def test_a_pickle_of_the_other_byte_order_is_the_same_model(name: str, protocol: int) -> None:
    data = pickle_of_other_machine(MODELS[name], protocol, is_swapped=True)
    assert hermetic.dumps(hermetic.loads(data)) == hermetic.dumps(MODELS[name])


@pytest.mark.parametrize("is_swapped", [False, True], ids=["same order", "other order"])
@pytest.mark.parametrize("name", WITH_NATIVE_NODES)
def test_a_pickle_of_a_machine_with_narrow_pointers_is_the_same_model(name: str, is_swapped: bool) -> None:
    data = pickle_of_other_machine(MODELS[name], is_narrow=True, is_swapped=is_swapped)
    assert data != pickle_of_other_machine(MODELS[name], is_swapped=is_swapped)
    assert hermetic.dumps(hermetic.loads(data)) == hermetic.dumps(MODELS[name])


@pytest.mark.parametrize("protocol", [4, 5])
def test_an_array_that_was_turned_on_purpose_stays_so_beside_native_ones(protocol: int) -> None:
    model = StandardScaler().fit(X)
    model.note_ = X[0].astype(X.dtype.newbyteorder())
    loaded = hermetic.loads(pickle_of_other_machine(model, protocol))
    assert np.array_equal(loaded.note_, model.note_)
    # numpy turns what stands in an older protocol.
    assert loaded.note_.dtype.isnative == (protocol < 5)


def test_a_turned_array_alone_stays_so() -> None:
    array = np.arange(3, dtype=np.dtype("i4").newbyteorder())
    loaded = hermetic.loads(pickle_of_other_machine({"a": array}, 5))["a"]
    assert loaded.dtype == array.dtype
    assert not loaded.dtype.isnative


def test_hostile_nodes_are_refused_whatever_their_width() -> None:
    model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0])
    data = pickle_of_other_machine(model, is_narrow=True)
    nodes = narrow_nodes(model.tree_.__getstate__()["nodes"])
    hostile = nodes.copy()
    hostile["left_child"][0] = 10**6
    assert nodes.tobytes() in data
    with pytest.raises(InvalidState, match="child beyond the last node"):
        hermetic.loads(data.replace(nodes.tobytes(), hostile.tobytes()))


def test_members_of_a_set_stand_in_the_order_of_their_bytes_in_files() -> None:
    """256 before 10: the bytes of a little-endian machine, which others do not have in their memory."""
    graph = capture({frozenset(np.arange(20, dtype=np.int32) + first) for first in (1, 256)})
    first, second = (node for node in graph.nodes if isinstance(node, Sequences) and node.type == "frozenset")
    assert [node.columns[0].values[0] for node in (first, second)] == [256, 10]


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize("hasher", [HashingVectorizer(n_features=64), FeatureHasher(64, input_type="string")])
def test_hashed_words_of_a_machine_of_the_other_byte_order_are_refused(hasher: Any, protocol: int):
    texts = TEXTS if isinstance(hasher, HashingVectorizer) else [text.split() for text in TEXTS]
    model = make_pipeline(hasher, SGDClassifier(random_state=0)).fit(texts, [0, 1, 0])
    with pytest.raises(UnsupportedVersion, match="gives words other columns"):
        hermetic.loads(pickle_of_other_machine(model, protocol, is_swapped=True))
    loaded = hermetic.loads(pickle_of_other_machine(model, protocol))
    assert np.array_equal(loaded.predict(texts), model.predict(texts))


def test_several_models_that_hash_all_say_the_byte_order():
    models = [HashingVectorizer(n_features=2**number) for number in range(1, 8)]
    data = pickle_of_other_machine([models, X], 2, is_swapped=True)
    with pytest.raises(UnsupportedVersion, match="big-endian"):
        hermetic.loads(data)


def test_a_hashing_model_alone_counts_as_one_of_the_usual_machine():
    model = HashingVectorizer(n_features=64)
    assert hermetic.loads(pickle_of_other_machine(model, 2, is_swapped=True)).n_features == 64
