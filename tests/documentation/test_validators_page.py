"""The page of validators names files, functions and tests that are there, and limits that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hermetic.codecs.estimators import RuledCodec
from hermetic.codecs.field_checks import COUNTS
from hermetic.codecs.recomputed import MOST_COLUMNS, MOST_DEGREE, MOST_LISTED_COLUMNS
from hermetic.codecs.rules import LIMITS, MOST_ITERATIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "validators.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
RULES = [row for row in ROWS if len(row) == 4 and row[0] != "state"]


def _files(cell: str, folders: tuple[str, ...]) -> list[tuple[Path | None, list[str]]]:
    """Give each file that a cell names, and the names that stand behind it."""
    found: list[tuple[Path | None, list[str]]] = []
    for name in re.findall(r"`([\w./]+)`", cell):
        if name.endswith((".py", "/")) or name.startswith("tests/"):
            places = [ROOT / folder / name for folder in folders]
            found.append((next((place for place in places if place.exists()), None), []))
        else:
            found[-1][1].append(name.rpartition(".")[2])
    return found


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_a_rule_stands_where_the_page_says(row: list[str]):
    files = _files(row[2], ("src/hermetic/codecs", "src/hermetic"))
    assert files
    for place, names in files:
        assert place is not None, row[2]
        missing = [name for name in names if place.is_file() and name not in place.read_text(encoding="utf-8")]
        assert not missing, f"{place.name} has no {missing}"


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_the_tests_of_a_rule_are_there(row: list[str]):
    files = _files(row[3], ("tests/codecs", "tests", "."))
    assert files
    assert all(place is not None for place, _ in files), row[3]


def test_the_limits_of_the_page_hold():
    assert {most for most, _ in COUNTS.values()} == {1024, 1 << 28}
    assert {most for _, most, _ in LIMITS.values()} == {10_000, 1 << 24}
    assert (MOST_DEGREE, MOST_COLUMNS, MOST_LISTED_COLUMNS) == (255, (1 << 31) - 1, 1 << 24)
    assert MOST_ITERATIONS == (1 << 31) - 1
    for written in ("1,024", "2**28", "10,000", "2**24", "255", "2**31 - 1", "16,777,216"):
        assert written in PAGE


@pytest.mark.parametrize("name", [*COUNTS, *(field for field, _, _ in LIMITS.values())])
def test_every_limited_number_is_on_the_page(name: str):
    assert f"`{name}`" in PAGE


def test_every_type_with_rules_is_on_the_page():
    families = {"covariance": "covariances", "mixture": "mixtures", "_dict_learning": "dictionaries"}
    missing = [
        name
        for name, location in RuledCodec.classes.items()
        if name.rpartition(".")[2] not in PAGE and not any(part in location for part in families)
    ]
    assert not missing
    assert all(words in PAGE for words in families.values())
