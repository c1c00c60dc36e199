"""One difference is one line, and many alike are one line too."""

from __future__ import annotations

import pytest

from hermetic.differences.changes import Change, alike_as_one, largest_text

LINES = {
    "a-value": (Change(path="$.C", kind="parameter", before="1.0", after="2.0"), "$.C: 1.0 -> 2.0"),
    "numbers": (
        Change(path="$.coef_", kind="fitted", n_values=8, n_changed=3, largest=0.25, relative=0.5),
        "$.coef_: 3 of 8 values, by at most 0.25, relative 0.5",
    ),
    "texts": (Change(path="$.classes_", kind="fitted", n_values=8, n_changed=1), "$.classes_: 1 of 8 values"),
    "items": (
        Change(path="$.words", kind="fitted", n_values=20, n_changed=2, before="'a'", after="'b'"),
        "$.words: 2 of 20 values; first 'a' -> 'b'",
    ),
    "several": (
        Change(path="$.e[*].n", kind="fitted", before="1", after="2", n_places=30),
        "$.e[*].n, in 30 places: first 1 -> 2",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_change_is_a_line(name: str):
    change, line = LINES[name]
    assert str(change) == line


def many(n_places: int, **fields: object) -> list[Change]:
    return [Change(path=f"$.estimators_[{n}].tree_.values", kind="fitted", **fields) for n in range(n_places)]


def test_a_few_are_told_alone():
    changes = many(3, n_values=2, n_changed=1)
    assert alike_as_one(changes) == changes


def test_many_are_added_up_with_their_largest():
    changes = [
        Change(path=f"$.e[{n}].v", kind="fitted", n_values=10, n_changed=n, largest=float(n), relative=n / 10)
        for n in range(1, 7)
    ]
    [joined] = alike_as_one(changes)
    assert (joined.path, joined.n_places, joined.n_values, joined.n_changed) == ("$.e[*].v", 6, 60, 21)
    assert (joined.largest, joined.relative) == (6.0, 0.6)


def test_what_is_of_another_kind_or_field_stays_apart():
    changes = [
        *many(5, n_values=2, n_changed=1),
        *many(5, before="float64 (1,)", after="float64 (2,)"),
        Change(path="$.estimators_[3].C", kind="parameter", before="1", after="2"),
    ]
    found = alike_as_one(changes)
    assert [(change.path, change.n_places) for change in found] == [
        ("$.estimators_[*].tree_.values", 5),
        ("$.estimators_[*].tree_.values", 5),
        ("$.estimators_[3].C", 1),
    ]


def test_values_without_numbers_have_no_largest():
    [joined] = alike_as_one(many(5, n_values=2, n_changed=1))
    assert joined.largest is None and joined.relative is None


def test_places_of_joined_ones_are_counted_again():
    again = [change for n in range(5) for change in [Change(path=f"$[{n}]", kind="fitted", n_places=7)]]
    assert alike_as_one(again)[0].n_places == 35


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0"), (1e-17, "1e-17"), (float("inf"), "inf"), (1234.5, "1.23e+03")]
)
def test_sizes_have_three_digits(number: float, text: str):
    assert largest_text(number) == text
