"""Files that name no release: estimators of before 0.18, which say nothing, and helpers, which never do."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import hermetic
from hermetic.adopt import adopt
from hermetic.codecs.registry import codec_of_name
from hermetic.codecs.unstamped import LAST_UNSTAMPED, is_stamped_since
from hermetic.legacy_objects import LegacyObject

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
