"""The comparers notice what they must: each test plants one difference and expects its path in the message."""

from __future__ import annotations

import copy
import datetime
import decimal
import pickle
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
import scipy.sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from tests.zoo import data
from tests.zoo.compare import assert_same_outputs, assert_same_state
from tests.zoo.user_module import WithSlots

Change = Callable[[Any], Any]


def _forest() -> Any:
    model = RandomForestClassifier(n_estimators=2, random_state=0)
    return model.fit(data.CLASSIFICATION.X, data.CLASSIFICATION.y)


def _with_changed_tree(field: str, change: Change) -> Any:
    model = _forest()
    tree = model.estimators_[1].tree_
    state = tree.__getstate__()
    state["nodes"][field][0] = change(state["nodes"][field][0])
    tree.__setstate__(state)
    return model


def _next_float(number: Any) -> Any:
    return np.nextafter(number, np.inf)


def test_a_threshold_changed_by_one_unit_in_the_last_place_is_seen() -> None:
    with pytest.raises(AssertionError, match=r"^\$\.estimators_\[1\]\.tree_\..*\['nodes'\]: field 'threshold'"):
        assert_same_state(_forest(), _with_changed_tree("threshold", _next_float))


def test_a_changed_missing_value_direction_is_seen() -> None:
    with pytest.raises(AssertionError, match="missing_go_to_left"):
        assert_same_state(_forest(), _with_changed_tree("missing_go_to_left", lambda flag: 1 - flag))


def test_a_changed_coefficient_of_the_last_step_is_seen_with_its_path() -> None:
    model = make_pipeline(StandardScaler(), LinearRegression()).fit(data.REGRESSION.X, data.REGRESSION.y)
    other = copy.deepcopy(model)
    other[1].coef_[2] = _next_float(other[1].coef_[2])

    with pytest.raises(AssertionError, match=r"^\$\.steps\[1\]\[1\]\.coef_: element \(2,\)"):
        assert_same_state(model, other)
    with pytest.raises(AssertionError, match=r"^predict\(\)"):
        assert_same_outputs(model, other, data.REGRESSION.inputs)


def test_a_changed_sample_inside_a_search_tree_is_seen() -> None:
    left, right = KDTree(data.CLUSTERS.X), KDTree(data.CLUSTERS.X)
    state = list(right.__getstate__())
    state[0] = state[0].copy()
    state[0][3, 1] += 1e-9
    right.__setstate__(tuple(state))

    with pytest.raises(AssertionError, match=r"^\$\.__reduce__\.state\[0\]: element \(3, 1\)"):
        assert_same_state(left, right)


def test_samples_that_a_search_tree_no_longer_shares_with_its_model_are_seen() -> None:
    model = KNeighborsClassifier(algorithm="kd_tree").fit(data.CLASSIFICATION.X, data.CLASSIFICATION.y)
    other = copy.deepcopy(model)
    other._fit_X = other._fit_X.copy()

    with pytest.raises(AssertionError, match="sharing was lost"):
        assert_same_state(model, other)


def test_an_extra_a_missing_and_a_reordered_attribute_are_seen() -> None:
    model = LinearRegression().fit(data.REGRESSION.X, data.REGRESSION.y)
    more, fewer, moved = copy.deepcopy(model), copy.deepcopy(model), copy.deepcopy(model)
    more.note = 1
    del fewer.rank_
    moved.fit_intercept = moved.__dict__.pop("fit_intercept")

    for other, message in ((more, r"new: \['note'\]"), (fewer, r"lost: \['rank_'\]"), (moved, "in order")):
        with pytest.raises(AssertionError, match=message):
            assert_same_state(model, other)


_array = np.arange(6.0).reshape(2, 3)
_shared = [1]
_masked = np.ma.array([1, 2], mask=[False, True])
_frame = pandas.DataFrame({"a": [1.0, 0.0], "b": ["x", "y"]})

PLANTED: dict[str, tuple[Any, Any]] = {
    "int for bool": (1, True),
    "int for float": (1, 1.0),
    "python for numpy": (1, np.int64(1)),
    "text for numpy text": ("a", np.str_("a")),
    "negative zero": (0.0, -0.0),
    "negative zero in a complex": (complex(0.0, 0.0), complex(0.0, -0.0)),
    "negative zero in an array": (np.array([0.0]), np.array([-0.0])),
    "payload of a nan": (np.array([np.nan]), -np.array([np.nan])),
    "list for tuple": ([1], (1,)),
    "length": ([1, 2], [1]),
    "key order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "key type": ({1: 0}, {True: 0}),
    "ordered dict": (OrderedDict(a=1), {"a": 1}),
    "default factory": (defaultdict(list), defaultdict(dict)),
    "deque length": (deque([1], maxlen=2), deque([1], maxlen=3)),
    "set member type": ({1}, {1.0}),
    "set in a frozenset": (frozenset({(1,)}), frozenset({(True,)})),
    "decimal digits": (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    "fold": (datetime.time(1), datetime.time(1, fold=1)),
    "slice member": (slice(1), slice(True)),
    "bytearray": (bytearray(b"a"), bytearray(b"b")),
    "function": (np.log, np.log2),
    "class": (int, float),
    "dtype": (_array, _array.astype("f4")),
    "byte order": (_array, _array.astype(">f8")),
    "memory order": (_array, np.asfortranarray(_array)),
    "shape": (_array, _array.ravel()),
    "zero size": (np.empty((0, 2)), np.empty((0, 3))),
    "time unit": (np.array([1], "m8[s]"), np.array([1], "m8[ms]")),
    "object element": (np.array(["a", None], dtype=object), np.array(["a", "b"], dtype=object)),
    "object element type": (np.array([1], dtype=object), np.array([1.0], dtype=object)),
    "structure field": (np.zeros(2, "i4,f8"), np.array([(0, 0.0), (0, 1.0)], "i4,f8")),
    "structure offsets": (np.zeros(1, np.dtype("u1,f8", align=True)), np.zeros(1, "u1,f8")),
    "long double": (np.longdouble(1) / 3, np.longdouble(1 / 3)),
    "variable text": (np.array(["a"], dtype="T"), np.array(["b"], dtype="T")),
    "mask": (_masked, np.ma.array([1, 2], mask=[True, False])),
    "fill value": (_masked, np.ma.array([1, 2], mask=[False, True], fill_value=7)),
    "sharing lost": ([_shared, _shared], [[1], [1]]),
    "sharing invented": ([[1], [1]], [_shared, _shared]),
    "array sharing lost": ([_array, _array], [_array, _array.copy()]),
    "array memory shared": ([_array.copy(), _array.copy()], [_array, _array[:]]),
    "sparse format": (scipy.sparse.csr_matrix(_array), scipy.sparse.csc_matrix(_array)),
    "sparse kind": (scipy.sparse.csr_matrix(_array), scipy.sparse.csr_array(_array)),
    "sparse value": (scipy.sparse.csr_matrix(_array), scipy.sparse.csr_matrix(_array + 1)),
    "frame value": (_frame, _frame.assign(a=[1.0, 2.0])),
    "frame negative zero": (_frame, _frame.assign(a=[1.0, -0.0])),
    "frame dtype": (_frame, _frame.astype({"a": "float32"})),
    "frame column order": (_frame, _frame[["b", "a"]]),
    "frame index": (_frame, _frame.set_axis([1, 2])),
    "series name": (pandas.Series([1], name="a"), pandas.Series([1], name="b")),
    "series index kind": (pandas.Series([1, 2]), pandas.Series([1, 2], index=pandas.Index([0, 1]))),
    "category order": (pandas.CategoricalDtype(["a", "b"]), pandas.CategoricalDtype(["b", "a"])),
    "text storage": (pandas.StringDtype("python"), pandas.StringDtype("pyarrow")),
    "moment unit": (pandas.Timestamp(0).as_unit("s"), pandas.Timestamp(0).as_unit("ns")),
    "missing kind": (pandas.NA, pandas.NaT),
    "slots": (WithSlots(1, name="a"), WithSlots(2, name="a")),
    "random state": (np.random.RandomState(0), np.random.RandomState(1)),
    "generator": (np.random.default_rng(0), np.random.default_rng(1)),
    "parameter": (LogisticRegression(C=1.0), LogisticRegression(C=1)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_seen(name: str) -> None:
    left, right = PLANTED[name]

    with pytest.raises(AssertionError, match=r"^\$"):
        assert_same_state({"inside": [left]}, {"inside": [right]})


def test_a_cycle_that_leads_elsewhere_is_seen() -> None:
    left: list[Any] = [1]
    left.append(left)
    right: list[Any] = [1]
    right.append([1, right])

    with pytest.raises(AssertionError, match=r"^\$\[1\]: sharing was invented|^\$\[1\]\[1\]|sharing was lost"):
        assert_same_state(left, right)


def test_a_hundred_and_fifty_levels_and_a_long_chain_are_walked_without_recursion() -> None:
    value: Any = 1
    other: Any = 2
    for _ in range(20_000):
        value, other = [value], [other]

    try:
        with pytest.raises(AssertionError, match="1 became 2"):
            assert_same_state(value, other)
    finally:
        _take_apart(value)
        _take_apart(other)


def _take_apart(value: Any) -> None:
    # Freeing a chain this long at once would recurse in the interpreter.
    while isinstance(value, list):
        value = value.pop()


def test_numpys_global_generator_may_come_back_as_any_other() -> None:
    left, right = LogisticRegression(random_state=np.random.mtrand._rand), LogisticRegression()
    right.random_state = np.random.RandomState(3)

    assert_same_state(left, right)
    with pytest.raises(AssertionError, match="became"):
        assert_same_state(right, left)


def test_data_under_a_mask_and_padding_do_not_count() -> None:
    left, right = np.ma.array([1, 2], mask=[False, True]), np.ma.array([1, 99], mask=[False, True], fill_value=999999)
    aligned = np.dtype("u1,f8", align=True)
    clean, dirty = np.zeros(2, aligned), np.frombuffer(bytearray(b"\xff" * 2 * aligned.itemsize), aligned)
    dirty["f0"], dirty["f1"] = 0, 0.0

    assert_same_state([left, clean], [right, dirty])


@pytest.mark.parametrize("change", ["dtype", "shape", "value", "type"])
def test_a_changed_answer_is_seen(change: str) -> None:
    changes: dict[str, Change] = {
        "dtype": lambda answer: answer.astype("f4"),
        "shape": lambda answer: answer[:, None],
        "value": lambda answer: answer * (1 + 2**-52),
        "type": lambda answer: answer.tolist(),
    }
    model = LinearRegression().fit(data.REGRESSION.X, data.REGRESSION.y)
    other = copy.copy(model)
    other.predict = lambda X: changes[change](LinearRegression.predict(model, X))

    with pytest.raises(AssertionError, match=r"^predict\(\)"):
        assert_same_outputs(model, other, data.REGRESSION.inputs)


def test_a_method_that_fails_in_one_model_only_is_seen() -> None:
    model = DecisionTreeRegressor(max_depth=1).fit(data.REGRESSION.X, data.REGRESSION.y)
    unfitted = DecisionTreeRegressor(max_depth=1)

    with pytest.raises(AssertionError, match=r"^predict\(\): .* became NotFittedError"):
        assert_same_outputs(model, unfitted, data.REGRESSION.inputs)


def test_changed_feature_names_of_an_encoder_are_seen() -> None:
    model = OneHotEncoder().fit(data.STRINGS.X)
    other = copy.deepcopy(model)
    other.categories_[0] = other.categories_[0][::-1].copy()

    with pytest.raises(AssertionError, match=r"^transform\(\): sparse|^get_feature_names_out"):
        assert_same_outputs(model, other, data.STRINGS.inputs)


def test_a_model_inside_a_dict_is_asked_too() -> None:
    left = {"models": [_forest()]}
    right = pickle.loads(pickle.dumps(left))
    answered = assert_same_outputs(left, right, data.CLASSIFICATION.inputs)
    right["models"][0].estimators_[0] = right["models"][0].estimators_[1]

    assert {"predict", "predict_proba", "apply", "decision_path"} <= set(answered)
    with pytest.raises(AssertionError, match=r"^\['models'\]\.\[0\]\.predict"):
        assert_same_outputs(left, right, data.CLASSIFICATION.inputs)


def test_the_tolerance_lets_the_last_bits_through_and_no_more() -> None:
    model = LinearRegression().fit(data.REGRESSION.X, data.REGRESSION.y)
    near, far = copy.deepcopy(model), copy.deepcopy(model)
    near.coef_ *= 1 + 1e-14
    far.coef_ *= 1 + 1e-6

    assert_same_outputs(model, near, data.REGRESSION.inputs, tolerance=1e-10)
    with pytest.raises(AssertionError, match=r"^predict\(\)"):
        assert_same_outputs(model, far, data.REGRESSION.inputs, tolerance=1e-10)
