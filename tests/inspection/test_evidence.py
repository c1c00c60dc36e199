"""What inspect says of evidence: one line for each kind, and nothing that a file could do with it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.formats.container_reader import open_container
from hermetic.formats.members import evidence_name
from hermetic.formats.sources import BufferSource
from hermetic.inspection.evidence import count_text, evidence_lines, read_records, score_texts
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.recipe import Recipe
from hermetic.structs import msgspec
from tests.handmade_evidence import COLUMNS, DATA, DIGEST, ENVIRONMENT, LINEAGE, SCORES, SOURCE, changed, part
from tests.recorded.test_members import MODEL, file_with

SOURCE_FOLDER = Path(hermetic.__file__).resolve().parents[1]
ALL = Evidence(data=DATA, source=SOURCE, environment=ENVIRONMENT, scores=SCORES, lineage=LINEAGE)


def words_of(evidence: Evidence) -> dict[str, str]:
    found = hermetic.inspect(io.BytesIO(hermetic.dumps(MODEL, evidence=evidence)))
    return {line.kind: line.words for line in found.recorded}


def test_every_record_has_its_line():
    words = words_of(ALL)
    assert words == {
        "data": f"X 1,797 x 3 of 3 types, y 1,797 int64; snapshot stored as {DIGEST[:12]}...",
        "source": "train.py (26 bytes) and 2 modules, commit 1a2b3c4d5e6f (dirty)",
        "environment": "Python 3.11.7, scikit-learn 1.9.1, numpy 2.4.6, 4 distributions",
        "scores": "accuracy 0.964 +- 0.013, roc_auc 0.990 +- 0.004 over 5 folds",
        "lineage": f"rebuilt from {DIGEST[:12]}..., which was made again by its script from {'9' * 12}...",
    }


def test_containers_are_told_by_their_size():
    words = words_of(Evidence(recipe=Recipe(estimator=3), snapshot={"X": b"PAR1" * 500}))
    assert words["recipe"].startswith("what the model can be fitted from again, ")
    assert words["snapshot"].startswith("the data themselves, 3.")


PLACES = {
    "stored": f"snapshot stored as {DIGEST[:12]}...",
    "embedded": "snapshot embedded",
    "referenced": "at s3://bucket/table, version 17",
    "left out": "values left out",
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_has_its_words(place: str):
    record = changed(DATA, parts=[part("X", COLUMNS, place=place, uri="s3://bucket/table", version="17")])
    assert words_of(Evidence(data=record))["data"] == f"X 1,797 x 3 of 3 types; {PLACES[place]}"


def test_parts_in_several_places_name_them_all():
    record = changed(DATA, parts=[part("X", COLUMNS), part("y", COLUMNS[:1], place="left out")])
    assert words_of(Evidence(data=record))["data"].endswith(f"left out, snapshot stored as {DIGEST[:12]}...")


def test_data_of_no_part_say_so():
    assert words_of(Evidence(data=changed(DATA, parts=[])))["data"] == "nothing"


def test_many_parts_are_counted():
    record = changed(DATA, parts=[part(f"fit_params.{number}", COLUMNS[:1]) for number in range(9)])
    assert "fit_params.3 1,797 float64, and 5 more; " in words_of(Evidence(data=record))["data"]


def test_source_without_text_or_repository():
    files = [changed(file, text=None) for file in SOURCE.files]
    assert words_of(Evidence(source=changed(SOURCE, files=files, repository=None)))["source"] == (
        "train.py (digest only) and 2 modules"
    )
    assert words_of(Evidence(source=changed(SOURCE, files=[], repository=None)))["source"] == "no file"


def test_scores_that_are_no_numbers_are_left_out_of_the_mean():
    folds = [changed(fold, test={"r2": None if number else 0.5}) for number, fold in enumerate(SCORES.folds)]
    assert score_texts(changed(SCORES, folds=folds)) == {"r2": "0.500"}
    folds = [changed(fold, test={"r2": None}) for fold in SCORES.folds]
    assert score_texts(changed(SCORES, folds=folds)) == {"r2": "no score"}


def test_many_scorers_are_counted():
    folds = [changed(fold, test={f"score{number}": 1.0 for number in range(7)}) for fold in SCORES.folds]
    assert (
        "score3 1.000 +- 0.000, and 3 more scorers over 5 folds"
        in words_of(Evidence(scores=changed(SCORES, folds=folds)))["scores"]
    )


def test_a_number_has_its_noun():
    assert [count_text(number, "fold") for number in (0, 1, 1234)] == ["0 folds", "1 fold", "1,234 folds"]


def test_long_and_hostile_names_stay_short_and_printable():
    files = [changed(SOURCE.files[0], name="\x1b[2J" + "a" * 10_000)]
    found = hermetic.inspect(
        io.BytesIO(hermetic.dumps(MODEL, evidence=Evidence(source=changed(SOURCE, files=files, repository=None))))
    )
    [line] = found.recorded
    assert len(line.words) < 100
    assert "\x1b" not in str(found)
    assert "\\x1b[2J" in str(found)


def test_a_damaged_record_is_refused_by_inspect():
    data = file_with((evidence_name(0, "scores"), b'{"layout":1}'))
    with pytest.raises(hermetic.InvalidState, match="no record of that kind"):
        hermetic.inspect(io.BytesIO(data))


def test_a_file_without_evidence_has_no_line():
    container = open_container(BufferSource(hermetic.dumps(MODEL)))
    assert list(evidence_lines(container, read_records(container), None)) == []


def test_the_command_shows_a_line_for_each_kind(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=ALL)
    page = CliRunner().invoke(hermetic_command, ["inspect", str(tmp_path / "model.hermetic")]).stdout
    for kind in ("data", "source", "environment", "scores", "lineage"):
        assert f"\n  {kind:<12}" in page
    assert "\n  reveals     the number of rows" in page
    shown = CliRunner().invoke(hermetic_command, ["inspect", "--json", str(tmp_path / "model.hermetic")]).stdout
    assert [line["kind"] for line in json.loads(shown)["recorded"]] == [
        *("data", "source", "environment", "scores", "lineage")
    ]
    assert len(json.loads(shown)["reveals"]) == 5


def test_records_are_shown_without_numpy_and_scikit_learn(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=ALL)
    show = "print(hermetic.inspect(sys.argv[1]).recorded[0].kind, {'numpy', 'sklearn'} & {*sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    command = [sys.executable, "-c", f"import sys, hermetic; {show}", tmp_path / "model.hermetic"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "data set()"


def test_a_record_is_changed_by_its_fields():
    assert changed(LINEAGE, parents=[]) == type(LINEAGE)(layout=1, parents=[])
    with pytest.raises((TypeError, msgspec.MsgspecError)):
        changed(LINEAGE, nonsense=3)


DATA_WORDS: dict[str, tuple[list[Any], str]] = {
    "no-column": ([part("X", [], 7)], "X 7 x 0 of 0 types; snapshot stored as 3f2a3f2a3f2a..."),
    "one-column": ([part("y", COLUMNS[:1], 1, place="embedded")], "y 1 float64; snapshot embedded"),
    "no-row": ([part("X", COLUMNS, 0, place="left out")], "X 0 x 3 of 3 types; values left out"),
    "a-thousand-columns": (
        [part("X", COLUMNS[:1] * 1_000, 2_000_000, place="left out")],
        "X 2,000,000 x 1,000 float64; values left out",
    ),
    "without-a-version": (
        [part("X", COLUMNS[:1], 9, place="referenced", uri="größe")],
        "X 9 float64; at größe",
    ),
    "several-places": (
        [
            part("X", COLUMNS[:1], 9, place="embedded"),
            part("y", COLUMNS[:1], 9, place="left out"),
            part("groups", COLUMNS[:1], 9, place="embedded"),
        ],
        "X 9 float64, y 9 float64, groups 9 float64; left out, snapshot embedded",
    ),
}


@pytest.mark.parametrize("name", DATA_WORDS)
def test_data_have_their_words(name: str):
    parts, words = DATA_WORDS[name]
    assert words_of(Evidence(data=changed(DATA, parts=parts)))["data"] == words


SCORE_TEXTS: dict[str, tuple[list[dict[str, float | None]], dict[str, str]]] = {
    "no-fold": ([], {}),
    "one-fold": ([{"r2": 0.5}], {"r2": "0.500"}),
    "no-scorer": ([{}, {}], {}),
    "no-number": ([{"r2": None}], {"r2": "no score"}),
    "one-of-each": ([{"a": 1.0}, {"b": 0.0}], {"a": "1.000", "b": "0.000"}),
    "too-large": ([{"a": 1e300}, {"a": 0.5}], {"a": "0.500"}),
}


@pytest.mark.parametrize("name", SCORE_TEXTS)
def test_scores_have_their_words(name: str):
    tests, texts = SCORE_TEXTS[name]
    record = changed(SCORES, folds=[changed(SCORES.folds[0], test=test) for test in tests])
    assert score_texts(record) == texts
    words = words_of(Evidence(scores=record))["scores"]
    assert words.endswith(f" over {count_text(len(tests), 'fold')}")
    assert words.startswith(", ".join(f"{name} {text}" for name, text in texts.items()) or "no scorer")


def test_source_of_many_scripts_is_counted():
    files = [changed(SOURCE.files[0], name=f"cell {number}", text="größe") for number in range(9)]
    words = words_of(Evidence(source=changed(SOURCE, files=files, repository=None)))["source"]
    assert words == " and ".join([*(f"cell {number} (7 bytes)" for number in range(4)), "5 more"])


def test_an_environment_without_the_libraries_is_told():
    record = changed(ENVIRONMENT, distributions=[])
    assert words_of(Evidence(environment=record))["environment"] == "Python 3.11.7, 0 distributions"


def test_a_lineage_without_parents_says_so():
    assert words_of(Evidence(lineage=changed(LINEAGE, parents=[])))["lineage"] == "nothing"


def test_a_long_lineage_is_counted():
    record = changed(LINEAGE, parents=[changed(LINEAGE.parents[0], digest=f"{n}" * 64) for n in range(7)])
    words = words_of(Evidence(lineage=record))["lineage"]
    assert words.count("rebuilt from") == 4
    assert words.endswith(f"which was rebuilt from {'3' * 12}..., and 3 more")
