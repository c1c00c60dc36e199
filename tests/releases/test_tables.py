"""The table of what was measured."""

from __future__ import annotations

from hermetic.codecs.codec import resolve_class
from hermetic.errors import UnsupportedVersion
from tests.releases.tables import sentence_of, table_of

SAME = ["equal", ""]


def _refusal_of_a_class_that_is_missing() -> str:
    try:
        resolve_class(("no_such_module:Nobody",), "sklearn.nothing.Nobody")
    except UnsupportedVersion as error:
        return error.found
    raise AssertionError("there is no such class")


def test_rows_and_columns_are_releases_in_their_order():
    reports = {("1.9", "1.2"): {"a": SAME}, ("1.2", "1.9"): {"a": SAME, "b": ["refused", "why"]}}
    assert table_of(reports).splitlines() == [
        "| from \\ to | 1.2.2 | 1.9.1 |",
        "|---|---|---|",
        "| **1.2.2** |  | 1 of 2 |",
        "| **1.9.1** | 1 of 1 |  |",
    ]


def test_classes_that_do_not_exist_count_apart():
    missing = ["refused", _refusal_of_a_class_that_is_missing()]
    counted = sentence_of({("1.9", "1.2"): {"a": SAME, "b": missing, "c": ["WRONG", "predict"]}})
    assert counted.startswith("1 of 3 loads over 1 pairs")
    assert "1 of 2 (50.0 %) of those whose classes exist; 1 differ." in counted
