"""One-hot encoders and label sets come back, and none writes to a column that does not exist."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import KBinsDiscretizer, MultiLabelBinarizer, OneHotEncoder

import hermetic
from hermetic.errors import InvalidState
from tests.codecs.altered import refuse_altered
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

NAME = "sklearn.preprocessing.OneHotEncoder"
WORDS = np.array([["a", "x"], ["b", "y"], ["c", "x"], ["a", "y"]] * 3, dtype=object)
NUMBERS = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 7.0]] * 4)
PLAIN = OneHotEncoder().fit(NUMBERS)
DROPPING = OneHotEncoder(drop="first").fit(NUMBERS)
GROUPED = OneHotEncoder(max_categories=2).fit(NUMBERS)

HONEST = {
    "words": (OneHotEncoder(), WORDS),
    "numbers with a missing one": (OneHotEncoder(), NUMBERS),
    "first dropped": (OneHotEncoder(drop="first"), WORDS),
    "second dropped if there are two": (OneHotEncoder(drop="if_binary"), WORDS),
    "a given one dropped": (OneHotEncoder(drop=["b", "y"]), WORDS),
    "rare ones grouped": (OneHotEncoder(max_categories=2), NUMBERS),
    "rare ones grouped and one dropped": (OneHotEncoder(max_categories=2, drop="first"), NUMBERS),
    "nothing is rare": (OneHotEncoder(min_frequency=1), WORDS),
    "categories in an order of their own": (OneHotEncoder(categories=[["c", "a", "b"], ["y", "x"]]), WORDS),
    "text": (OneHotEncoder(sparse_output=False), WORDS.astype(str)),
    "bytes": (OneHotEncoder(), WORDS.astype("S1")),
    "truth values": (OneHotEncoder(), NUMBERS > 2),
    "days": (OneHotEncoder(), np.arange(12).reshape(6, 2).astype("M8[D]")),
    "bins": (KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), np.nan_to_num(NUMBERS)),
}


def _dense(matrix: Any) -> np.ndarray:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


@pytest.mark.parametrize("name", HONEST)
def test_an_encoder_gives_the_same_columns_as_before(name: str):
    unfitted, rows = HONEST[name]
    model = unfitted.fit(rows)
    restored = bring_back([model, unfitted.__class__()])[0]
    assert (_dense(restored.transform(rows)) == _dense(model.transform(rows))).all()


@pytest.mark.parametrize(
    ("model", "field", "new"),
    [
        (PLAIN, "_n_features_outs", {"tuple": [3, 2]}),
        (PLAIN, "_n_features_outs", {"tuple": [3]}),
        (PLAIN, "_n_features_outs", {"tuple": [3.0, 3]}),
        (PLAIN, "_n_features_outs", {"tuple": [False, 6]}),
        (PLAIN, "_n_features_outs", None),
        (PLAIN, "categories_", None),
        (PLAIN, "categories_", {"tuple": [1, 2]}),
        (PLAIN, "_drop_idx_after_grouping", {"tuple": [0, 0]}),
        (PLAIN, "_drop_idx_after_grouping", 3),
        (PLAIN, "_infrequent_enabled", True),
        (DROPPING, "_drop_idx_after_grouping", {"tuple": [-1, 0]}),
        (DROPPING, "_drop_idx_after_grouping", {"tuple": [3, 0]}),
        (DROPPING, "_drop_idx_after_grouping", {"tuple": [0]}),
        (DROPPING, "_drop_idx_after_grouping", {"tuple": [0.5, 0]}),
        (DROPPING, "_drop_idx_after_grouping", None),
        (GROUPED, "_default_to_infrequent_mappings", {"tuple": [None, None]}),
        (GROUPED, "_default_to_infrequent_mappings", {"tuple": [None]}),
        (GROUPED, "_default_to_infrequent_mappings", {"tuple": ["a", "b"]}),
        (GROUPED, "_infrequent_enabled", False),
    ],
)
def test_an_encoder_whose_columns_do_not_fit_its_categories_is_refused(model: Any, field: str, new: Any):
    refuse(model, NAME, field, new)


@pytest.mark.parametrize(
    "categories",
    [
        np.array([3.0, 2.0, 1.0]),
        np.array([1.0, 1.0, 2.0]),
        np.array([np.nan, 1.0, 2.0]),
        np.array([1.0, np.nan, np.nan]),
        np.array([[1.0, 2.0, 3.0]]),
        np.array(1.0),
    ],
    ids=repr,
)
def test_numbers_that_are_not_a_sorted_row_are_refused(categories: np.ndarray):
    hostile = OneHotEncoder().fit(NUMBERS)
    hostile.categories_ = [categories, hostile.categories_[1]]
    with pytest.raises(hermetic.InvalidState, match="categories"):
        hermetic.loads(hermetic.dumps(hostile))


@pytest.mark.parametrize("groups", [[0, 1, 10**7], [0, 1, -1], [0, 1], [0.0, 1.0, 1.0]], ids=repr)
def test_a_category_in_a_group_that_does_not_exist_is_refused(groups: list[Any]):
    hostile = OneHotEncoder(max_categories=2).fit(NUMBERS)
    hostile._default_to_infrequent_mappings = [np.array(groups), hostile._default_to_infrequent_mappings[1]]
    with pytest.raises(hermetic.InvalidState, match="group"):
        hermetic.loads(hermetic.dumps(hostile))


def test_what_is_checked_does_not_stay_in_a_mapped_file(tmp_path: Any):
    model = OneHotEncoder().fit(np.arange(20_000.0).reshape(-1, 1))
    hermetic.dump(model, tmp_path / "model.hermetic")
    mapped = hermetic.load(tmp_path / "model.hermetic", "r")
    assert mapped.categories_[0].flags.writeable


def test_label_sets_are_numbered_anew():
    model = MultiLabelBinarizer().fit([("a", "b"), ("c",)])
    expected = model.transform([("c", "a")])
    assert model._cached_dict
    restored = bring_back(model)
    assert restored._cached_dict is None
    assert (restored.transform([("c", "a")]) == expected).all()


def test_numbers_of_labels_in_a_file_are_refused():
    name = "sklearn.preprocessing.MultiLabelBinarizer"
    model = MultiLabelBinarizer().fit([("a", "b")])
    refuse(model, name, "_cached_dict", 3, "never stored")
    assert through_the_gates(change(model, name, "_cached_dict", None)).transform([("b",)]).tolist() == [[0, 1]]


EQUAL = {
    "text": np.array(["a", "b", "a"], dtype=object),
    "text of numpy": np.array(["a", "b", "a"]),
    "numbers": np.array([1, 2, 2]),
    "numbers that are equal": np.array([1, "b", True], dtype=object),
    "one number": np.array([1.0] * 100),
}


@pytest.mark.parametrize("name", EQUAL)
def test_labels_that_are_equal_are_refused(name: str):
    hostile = MultiLabelBinarizer().fit([("a", "b", "c")])
    hostile.classes_, hostile._cached_dict = EQUAL[name], None
    with pytest.raises(hermetic.InvalidState, match=r"of which \d are distinct"):
        hermetic.loads(hermetic.dumps(hostile))


@pytest.mark.parametrize(
    "labels", [[("a", "b")], [(1, 2.5, 3)], [((1, 2), (1, 3))], [frozenset({"x"})], [()]], ids=repr
)
def test_labels_of_every_kind_come_back(labels: Any):
    model = MultiLabelBinarizer().fit(labels)
    assert (bring_back([model, model])[0].transform(labels) == model.transform(labels)).all()


def test_labels_that_cannot_be_numbered_fail_as_they_would_have():
    hostile = MultiLabelBinarizer().fit([("a", "b")])
    hostile.classes_, hostile._cached_dict = np.array([["a"], [None]], dtype=object), None
    with pytest.raises(TypeError, match="unhashable"):
        hermetic.loads(hermetic.dumps(hostile)).transform([("a",)])


@pytest.mark.parametrize("field", ["categories_", "_n_features_outs"])
@pytest.mark.parametrize("new", [None, 7, {1, 2}, {"a": 1}], ids=repr)
def test_what_holds_something_for_each_feature_is_a_list(field: str, new: Any):
    refuse_altered(PLAIN, f"{field} must hold one item for each feature", **{field: new})


@pytest.mark.parametrize(
    ("model", "field"),
    [(DROPPING, "_drop_idx_after_grouping"), (GROUPED, "_default_to_infrequent_mappings")],
    ids=["dropped", "grouped"],
)
def test_there_are_as_many_of_them_as_features(model: Any, field: str):
    refuse_altered(model, f"{field} is for 1 features, not 2", **{field: lambda own: own[:1]})


def test_until_1_2_1_what_is_dropped_is_also_where():
    encoder = OneHotEncoder(drop="first").fit([["a"], ["b"], ["c"]])
    del encoder._drop_idx_after_grouping
    restored = bring_back(encoder)
    assert restored.drop_idx_.tolist() == [0]
    encoder.drop_idx_[0] = 3
    with pytest.raises(InvalidState, match="3 of 3 categories cannot be dropped"):
        hermetic.loads(hermetic.dumps(encoder))
