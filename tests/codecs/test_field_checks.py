"""The questions of validators are answered for every form that a value can have."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import Normalizer

from hermetic.capture import capture
from hermetic.codecs.codec import FieldView
from hermetic.codecs.field_checks import COUNTS, integer_of, is_plain_number, require_fields, shape_of, type_name
from hermetic.errors import InvalidState
from hermetic.graph import Instances
from tests.codecs.altered import altered, refuse_altered, refuse_saved
from tests.codecs.hostile import bring_back


def _view(**fields: object) -> FieldView:
    """Look at an object with these attributes as a validator does."""
    graph = capture(list(fields.values()))
    root = graph.nodes[graph.root[0]]
    column = root.columns[0]
    node = Instances(type=0, fields=dict(zip(fields, column, strict=True)))
    return FieldView(graph, node, len(graph.nodes), str)


def test_missing_and_surplus_fields_are_named():
    view = _view(a=1, b=2)
    require_fields(view, frozenset({"a"}), frozenset({"b", "c"}))
    with pytest.raises(InvalidState, match="c is missing"):
        require_fields(view, frozenset({"a", "b", "c"}))
    with pytest.raises(InvalidState, match="no field 'b'"):
        require_fields(view, frozenset({"a"}))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ({"int": "0x20000000000001"}, 2**53 + 1),
        (True, None),
        (1.0, None),
        (None, None),
        ({"float": "nan"}, None),
    ],
)
def test_an_integer_is_one_in_either_form(value: object, number: int | None):
    assert integer_of(value) == number


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"tuple": [3, 4]}, (3, 4)),
        ({"tuple": []}, ()),
        ({"tuple": [-1]}, None),
        ({"tuple": [True]}, None),
        ({"tuple": [{"int": "0x20000000000001"}]}, None),
        ([3], None),
        (3, None),
    ],
)
def test_a_shape_is_a_tuple_of_lengths(value: object, shape: tuple[int, ...] | None):
    assert shape_of(value) == shape


def test_only_instances_have_a_type_name():
    view = _view(generator=np.random.default_rng(0), array=np.zeros(2), number=1)
    names = [type_name(view, view.values(field)[0]) for field in ("generator", "array", "number")]
    assert names == ["numpy.random.Generator", "", ""]


PLAIN = [
    1,
    2.5,
    float("nan"),
    1j,
    None,
    True,
    np.float32(1),
    np.zeros(3),
    (1, 2),
    [1, (2, np.zeros(1))],
    {"loc": 1},
    [1] * 40,
    [[1, 2], [3, 4.5]],
    [1, 2.5] * 6000,
]
OTHERS = [
    "text",
    b"raw",
    np.array(["a"]),
    np.random.RandomState(0),
    [np.random.RandomState(0)],
    int,
    [[["a"]]],
    {"a": "b"},
    ["a", "b"] * 10,
    [[1, 2], [3, "a"]],
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: str(value)[:20])
def test_numbers_and_what_holds_nothing_else_are_plain(value: object):
    view = _view(value=value, other="x")
    assert is_plain_number(view, view.values("value")[0])


@pytest.mark.parametrize("value", OTHERS, ids=lambda value: str(value)[:20])
def test_what_has_behaviour_of_its_own_is_not_plain(value: object):
    view = _view(value=value, other=5)
    assert not is_plain_number(view, view.values("value")[0])


def test_lists_that_share_their_items_are_looked_at_once():
    doubled = functools.reduce(lambda inner, _: [inner, inner], range(60), [1])
    view = _view(value=doubled, other=5)

    assert is_plain_number(view, view.values("value")[0])  # 2**60 times otherwise


@pytest.mark.parametrize("number", [None, -1, -8, 1, 256, 1024, np.int64(3), np.float64(2.0)], ids=str)
def test_an_ordinary_number_of_jobs_is_kept_as_it_is(number: object):
    assert bring_back(KNeighborsClassifier(n_jobs=number)).n_jobs == number


HUGE = [1025, 10**6, 1 << 60, 1 << 70, np.int64(1 << 40)]


@pytest.mark.parametrize("number", HUGE, ids=str)
def test_jobs_beyond_any_machine_are_refused_with_number_place_and_consequence(number: object):
    words = f"n_jobs is {number}: using the model would start .* 1024 is the limit\n  at .*n_jobs"
    refuse_saved(KNeighborsClassifier(n_jobs=number), words)


def test_the_one_of_many_with_too_many_jobs_is_named():
    models = [KNeighborsClassifier(n_jobs=number) for number in (1, 2, 5000, 3)]
    refuse_saved(models, r"n_jobs is 5000: .*\n  at .*\[2\]")


def test_a_whole_table_with_too_many_jobs_is_refused():
    refuse_saved([KNeighborsClassifier(n_jobs=5000) for _ in range(3)], "n_jobs is 5000")


@pytest.mark.parametrize("field", ["n_features_in_", "_n_features_out"])
def test_features_beyond_any_machine_are_refused(field: str):
    model = Normalizer().fit([[1.0, 2.0]])
    most, words = COUNTS[field]
    refuse_altered(model, f"{field} is {most + 1}: {words}", **{field: most + 1})
    bring_back(altered(model, **{field: most}))
