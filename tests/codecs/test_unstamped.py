"""Files that name no release: estimators of before 0.18, which say nothing, and helpers, which never do."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.adopt import adopt
from hermetic.codecs.registry import codec_of_name
from hermetic.codecs.unstamped import LAST_UNSTAMPED, is_stamped_since, release_of_parts
from hermetic.legacy_objects import LegacyName, LegacyObject

ESTIMATORS = (
    "sklearn.svm.SVC",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing.OneHotEncoder",
    "sklearn.model_selection.GridSearchCV",
    "sklearn.ensemble.RandomForestClassifier",
    "sklearn.grid_search.GridSearchCV",
)
HELPERS = (
    "sklearn.tree.Tree",
    "sklearn.neighbors.KDTree",
    "sklearn.model_selection.KFold",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.metrics.EuclideanDistance64",
    "sklearn.neural_network.AdamOptimizer",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.utils.Bunch",
)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_say_their_release_since_0_18(name: str):
    assert is_stamped_since(name, codec_of_name(name))


@pytest.mark.parametrize("name", HELPERS)
def test_helpers_never_say_their_release(name: str):
    assert not is_stamped_since(name, codec_of_name(name))


def test_a_file_with_an_estimator_that_says_nothing_is_taken_for_the_last_such_release():
    made = LegacyObject("sklearn.svm.classes:LinearSVC")
    made.state = {"C": 1.0}
    assert adopt([made], []) == {"scikit-learn": LAST_UNSTAMPED}


def test_one_estimator_that_says_its_release_speaks_for_all():
    silent, other = LegacyObject("sklearn.svm.classes:LinearSVC"), LegacyObject("sklearn.svm.classes:SVC")
    silent.state, other.state = {"C": 1.0}, {"C": 1.0, "_sklearn_version": "0.19.2"}
    assert adopt([silent, other], []) == {"scikit-learn": "0.19.2"}


def test_a_helper_alone_says_nothing():
    made = LegacyObject("sklearn.model_selection._split:KFold")
    made.state = {"n_splits": 3}
    assert adopt([made], []) == {}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("sklearn.mixture.gmm", "GMM"),
        ("sklearn.mixture.dpgmm", "DPGMM"),
        ("sklearn.neighbors.approximate", "LSHForest"),
        ("sklearn.linear_model.randomized_l1", "RandomizedLasso"),
    ],
)
def test_classes_that_are_gone_are_refused_with_the_reason(place: str, name: str):
    data = f"ccopy_reg\n_reconstructor\n(c{place}\n{name}\nc__builtin__\nobject\nNtR(dS'alpha'\nF1.0\nsb.".encode()
    with pytest.raises(hermetic.UnsupportedVersion, match=f"{name} is gone since scikit-learn 0"):
        hermetic.loads(data)


def _labels(is_python_2: bool) -> bytes:
    array = pickle.dumps(np.array([b"cat", b"dog"]), protocol=2)
    key = b"U\x08classes_" if is_python_2 else b"X\x08\x00\x00\x00classes_"
    head = b"\x80\x02csklearn.preprocessing.label\nLabelEncoder\n)\x81}"
    return head + key + array[2:-1] + b"sb."


def test_texts_of_python_2_are_texts():
    assert hermetic.loads(_labels(is_python_2=True)).classes_.tolist() == ["cat", "dog"]


def test_bytes_of_python_3_stay_bytes():
    assert hermetic.loads(_labels(is_python_2=False)).classes_.tolist() == [b"cat", b"dog"]


X = np.random.default_rng(0).normal(size=(40, 3))
TREE = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, X[:, 0] > 0).tree_
PARTS = {
    "a tree": TREE,
    "trees": [TREE, TREE],
    "a metric": DistanceMetric.get_metric("euclidean"),
    "a metric with weights": DistanceMetric.get_metric("minkowski", p=3, w=np.ones(3)),
    "a metric with a matrix": DistanceMetric.get_metric("mahalanobis", V=np.eye(3)),
    "a metric of narrow numbers": DistanceMetric.get_metric("manhattan", dtype=np.float32),
    "a tree for searches": KDTree(X),
    "another tree for searches": BallTree(X, metric="chebyshev"),
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("protocol", range(6))
def test_trees_and_metrics_alone_load(name: str, protocol: int):
    loaded = hermetic.loads(pickle.dumps(PARTS[name], protocol))
    assert hermetic.dumps(loaded) == hermetic.dumps(PARTS[name])


def test_a_tree_alone_answers_as_it_did():
    loaded = hermetic.loads(pickle.dumps(TREE, 2))
    rows = X.astype(np.float32)
    assert np.array_equal(loaded.predict(rows), TREE.predict(rows))
    assert np.array_equal(loaded.apply(rows), TREE.apply(rows))


def _adopted_tree(*fields: str) -> LegacyObject:
    made = LegacyObject("sklearn.tree._tree:Tree", is_new=False)
    made.name = "sklearn.tree.Tree"
    made.fields = {"nodes": np.zeros(1, [(field, "i8") for field in fields])}
    return made


def _adopted_metric(location: str) -> LegacyObject:
    made = LegacyObject("sklearn.metrics._dist_metrics:newObj", is_new=False, arguments=(LegacyName(location),))
    made.name = "sklearn.metrics.EuclideanDistance64"
    return made


NEW_TREE, OLD_TREE = _adopted_tree("left_child", "missing_go_to_left"), _adopted_tree("left_child")
NEW_METRIC = _adopted_metric("sklearn.metrics._dist_metrics:EuclideanDistance64")
FOREST = LegacyObject("sklearn.model_selection._split:KFold")
FOREST.name = "sklearn.model_selection.KFold"


@pytest.mark.parametrize(
    ("objects", "release"),
    [
        ([], None),
        ([NEW_TREE], "1.3"),
        ([OLD_TREE], "1.2"),
        ([NEW_METRIC], "1.3"),
        ([NEW_TREE, NEW_METRIC], "1.3"),
        ([NEW_TREE, OLD_TREE], None),
        ([NEW_TREE, FOREST], None),
        ([_adopted_metric("sklearn.metrics._dist_metrics:EuclideanDistance")], None),
        ([_adopted_metric("sklearn.neighbors._dist_metrics:EuclideanDistance64")], None),
        ([LegacyObject("package:Thing"), NEW_TREE], "1.3"),
    ],
    ids=["nothing", "new", "old", "metric", "both", "two", "others", "no width", "elsewhere", "foreign"],
)
def test_the_form_of_parts_tells_their_release(objects: list[LegacyObject], release: str | None):
    assert release_of_parts(objects) == ({"scikit-learn": release} if release else {})


def test_an_estimator_that_says_its_release_speaks_for_parts():
    model = DecisionTreeClassifier(random_state=0).fit(X, X[:, 0] > 0)
    assert hermetic.loads(pickle.dumps([model, model.tree_]))[0].tree_.node_count == model.tree_.node_count
