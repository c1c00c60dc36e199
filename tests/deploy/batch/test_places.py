"""Which files are read, and where the answers go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hermetic.deploy.batch.places import FORMATS, Pair, format_of, pairs_of
from hermetic.errors import UsageError


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("data/a.csv", "data/inner/b.parquet", "data/inner/c.jsonl.gz", "data/notes.txt", "data/_SUCCESS.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "data/.hidden").mkdir()
    (tmp_path / "data/.hidden/d.csv").touch()
    (tmp_path / "data/_temporary").mkdir()
    (tmp_path / "data/_temporary/e.csv").touch()


def posix(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.source.replace(os.sep, "/"), pair.target.replace(os.sep, "/")) for pair in pairs]


@pytest.mark.parametrize(
    ("name", "format"),
    [(f"rows{suffix}", name) for name, suffixes in FORMATS.items() for suffix in suffixes]
    + [("ROWS.CSV.GZ", "csv"), ("rows.gz", None), ("rows", None), ("csv", None)],
)
def test_the_suffix_tells_the_format(name: str, format: str | None):
    assert format_of(name) == format


def test_a_file_gives_a_file_of_any_format():
    assert posix(pairs_of(["data/a.csv"], "out.parquet")) == [("data/a.csv", "out.parquet")]


def test_a_folder_gives_a_folder_with_the_same_tree_without_hidden_files():
    assert posix(pairs_of(["data"], "out")) == [
        ("data/a.csv", "out/a.csv"),
        ("data/inner/b.parquet", "out/inner/b.parquet"),
        ("data/inner/c.jsonl.gz", "out/inner/c.jsonl.gz"),
    ]


def test_a_format_for_all_takes_the_place_of_their_suffixes():
    assert [target for _, target in posix(pairs_of(["data"], "out", "csv"))] == [
        "out/a.csv",
        "out/inner/b.csv",
        "out/inner/c.csv",
    ]


def test_a_pattern_gives_a_tree_below_its_fixed_part():
    assert posix(pairs_of(["data/**/*.parquet"], "out")) == [("data/inner/b.parquet", "out/inner/b.parquet")]


def test_several_files_give_a_tree_below_what_they_have_in_common():
    pairs = posix(pairs_of(["data/a.csv", "data/inner/b.parquet"], "out"))
    assert [target for _, target in pairs] == ["out/a.csv", "out/inner/b.parquet"]


def test_a_file_that_is_named_twice_is_read_once():
    assert len(pairs_of(["data/a.csv", "data/*.csv", "data/a.csv"], "out")) == 2  # _SUCCESS.csv is named by the pattern


@pytest.mark.parametrize(
    ("inputs", "output", "words"),
    [
        (["nothing.csv"], "out.csv", "no such file"),
        (["nothing/*.csv"], "out", "no file of such a pattern"),
        (["data/notes.txt"], "out.csv", "suffix is none that is known"),
        (["data/a.csv"], "out.txt", "suffix is none that is known"),
        (["data/a.csv"], "data", "the output is a folder"),
        (["data/inner", "data/a.csv"], "data/notes.txt", "the output is a file"),
        (["data/a.csv"], "data/a.csv", "replace an input"),
        (["data"], "data/inner/out", "inside the input folder"),
        (["data/.hidden/../_temporary/.."], "data", "replace an input"),
        (["data/_temporary/../.hidden"], "out", None),
    ],
)
def test_what_cannot_be_read_or_written_is_refused(inputs: list[str], output: str, words: str | None):
    if words is None:
        assert len(pairs_of(inputs, output)) == 1
        return
    with pytest.raises(UsageError, match=words):
        pairs_of(inputs, output)


def test_an_empty_folder_is_refused():
    Path("empty").mkdir()
    with pytest.raises(UsageError, match="no file with a known suffix"):
        pairs_of(["empty"], "out")


def test_a_format_that_the_name_of_the_output_contradicts_is_refused():
    with pytest.raises(UsageError, match="its name says something else"):
        pairs_of(["data/a.csv"], "out.parquet", "csv")


def test_two_inputs_with_one_output_are_refused():
    Path("data/a.parquet").touch()
    with pytest.raises(UsageError, match=r"two inputs have the same output: .*a\.csv and .*a\.parquet"):
        pairs_of(["data"], "out", "csv")
