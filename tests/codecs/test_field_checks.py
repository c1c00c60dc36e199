"""The questions of validators are answered for every form that a value can have."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.codecs.codec import FieldView
from hermetic.codecs.field_checks import integer_of, is_plain_number, require_fields, shape_of, type_name
from hermetic.errors import InvalidState
from hermetic.graph import Instances


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
