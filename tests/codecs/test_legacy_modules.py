"""The table of moved modules leads every old name to a known class, and no name to another thing."""

from __future__ import annotations

import pytest

from hermetic.codecs.legacy_modules import MOVED, REMOVED_CLASSES, current_module
from hermetic.codecs.registry import known_at


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("sklearn.ensemble.forest", "RandomForestClassifier:sklearn.ensemble.RandomForestClassifier"),
        ("sklearn.svm.classes", "SVC:sklearn.svm.SVC"),
        ("sklearn.tree.tree", "DecisionTreeClassifier:sklearn.tree.DecisionTreeClassifier"),
        ("sklearn.linear_model.logistic", "LogisticRegression:sklearn.linear_model.LogisticRegression"),
        ("sklearn.cluster.k_means_", "KMeans:sklearn.cluster.KMeans"),
        ("sklearn.preprocessing.data", "StandardScaler:sklearn.preprocessing.StandardScaler"),
        ("sklearn.neighbors.classification", "KNeighborsClassifier:sklearn.neighbors.KNeighborsClassifier"),
        ("sklearn.cross_decomposition.pls_", "PLSRegression:sklearn.cross_decomposition.PLSRegression"),
        ("sklearn.datasets.base", "Bunch:sklearn.utils.Bunch"),
    ],
)
def test_an_old_place_leads_to_the_class_of_today(old: str, name: str):
    class_name, _, neutral = name.partition(":")
    found = [known_at(f"{module}:{class_name}") for module in current_module(old)]
    assert neutral in [known[0] for known in found if known]


def test_a_module_that_never_moved_stands_alone():
    assert current_module("os") == ["os"]


def test_no_chain_of_moves_is_a_ring():
    for module in MOVED:
        chain = current_module(module)
        assert len(chain) == len(set(chain)) < 4


def test_moves_stay_within_their_library():
    crossing = {"_loss", "sklearn.externals.joblib.numpy_pickle", "sklearn.utils.fixes"}
    for old, new in MOVED.items():
        assert old.split(".")[0] == new.split(".")[0] or old in crossing


def test_removed_classes_are_of_scikit_learn():
    assert all(place.startswith("sklearn.") and place.count(":") == 1 for place in REMOVED_CLASSES)
