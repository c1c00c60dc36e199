"""What legacy files are made of says what it is, and starts without state."""

from __future__ import annotations

from hermetic.legacy_objects import MISSING, LegacyName, LegacyObject


def test_a_new_object_has_no_state_and_no_neutral_name() -> None:
    made = LegacyObject("sklearn.svm._classes:SVC")
    assert made.state is MISSING
    assert (made.name, made.fields, made.items, made.pairs, made.keywords) == ("", {}, [], [], {})
    assert made.is_new


def test_two_objects_share_nothing_that_changes() -> None:
    one, other = LegacyObject("a:B"), LegacyObject("a:B")
    one.items.append(1)
    one.pairs.append(1)
    one.fields["x"] = 1
    one.keywords["x"] = 1
    assert (other.items, other.pairs, other.fields, other.keywords) == ([], [], {}, {})


def test_none_is_a_state() -> None:
    made = LegacyObject("a:B")
    made.state = None
    assert made.state is not MISSING


def test_names_are_equal_only_to_themselves_so_that_nothing_of_a_file_is_compared() -> None:
    assert LegacyName("a:b") != LegacyName("a:b")
    assert repr(LegacyName("a:b")) == "LegacyName('a:b')"
    assert repr(LegacyObject("a:b")) == "LegacyObject('a:b')"
