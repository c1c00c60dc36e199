"""`hermetic.diff`: the whole report, the most important first."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

import hermetic
from hermetic.recorded.evidence import Evidence
from tests.differences.files import X, Y, between, section
from tests.golden_evidence import golden_evidence
from tests.handmade_evidence import DATA, ENVIRONMENT, SCORES, SOURCE, changed

BEFORE = LogisticRegression(C=1.0).fit(X, Y)
AFTER = LogisticRegression(C=9.0).fit(X, Y)
SOURCE_FOLDER = Path(hermetic.__file__).resolve().parents[1]
NAMES = [
    *("structure", "parameters", "scores", "answers", "data", "fitted", "source", "versions", "environment", "lineage")
]


def golden_of(model: LogisticRegression) -> Evidence:
    return golden_evidence(model, X)


def test_a_file_is_the_same_as_itself(tmp_path: Path):
    report = between(tmp_path, BEFORE, BEFORE)
    assert report.ok
    assert report.different == ()
    assert report.verdict.endswith("are the same, byte by byte")
    assert [own.name for own in report.sections] == NAMES


def test_another_file_of_the_same_model_says_so(tmp_path: Path):
    report = between(tmp_path, BEFORE, BEFORE, (golden_of(BEFORE), None))
    assert report.ok
    assert report.verdict.endswith("hold the same model")
    assert section(report, "answers").verdict == "skipped"
    assert "the models are the same" in section(report, "answers").words


def test_what_differs_comes_first_and_the_rest_in_a_line(tmp_path: Path):
    report = between(tmp_path, BEFORE, AFTER, (golden_of(BEFORE), None))
    assert report.different == ("parameters", "answers", "fitted")
    lines = str(report).splitlines()
    assert lines[0].endswith("differ: parameters, answers, fitted")
    assert lines[2:4] == ["parameters    1 parameter", "  $.C: 1.0 -> 9.0"]
    assert "structure     same" in lines
    assert section(report, "fitted").words.startswith("3 places, ")


def test_evidence_takes_part(tmp_path: Path):
    first = Evidence(data=DATA, source=SOURCE, environment=ENVIRONMENT, scores=SCORES)
    second = Evidence(data=DATA, source=SOURCE, environment=changed(ENVIRONMENT, python="3.14.0"), scores=SCORES)
    report = between(tmp_path, BEFORE, BEFORE, (first, second))
    assert report.different == ("environment",)
    assert section(report, "data").verdict == "same"


def test_answers_need_no_wish_where_nothing_is_to_be_trusted(tmp_path: Path):
    report = between(tmp_path, BEFORE, AFTER, (golden_of(BEFORE), None))
    assert any("rows move" in line for line in section(report, "answers").lines)
    report = between(tmp_path, BEFORE, AFTER, (golden_of(BEFORE), None), predict=False)
    assert (section(report, "answers").verdict, section(report, "answers").words) == ("skipped", "not asked for")
    assert section(between(tmp_path, BEFORE, AFTER), "answers").verdict == "not recorded"


def stranger(rows: object) -> object:
    return rows


def test_a_model_that_needs_trust_is_not_loaded_unasked(tmp_path: Path):
    transformer = FunctionTransformer(np.abs).fit(X)
    other = FunctionTransformer(stranger).fit(X)
    report = between(tmp_path, transformer, other, (golden_evidence(transformer, X), None))
    answers = section(report, "answers")
    assert answers.verdict == "skipped"
    assert answers.words.startswith("the second model does not load without more: ")
    paths = tmp_path / "before.hermetic", tmp_path / "after.hermetic"
    with pytest.raises(hermetic.UntrustedType, match="stranger"):
        hermetic.diff(*paths, predict=True)
    report = hermetic.diff(*paths, predict=True, trusted=[f"{__name__}.stranger"])
    assert section(report, "answers").lines


@pytest.mark.parametrize("kind", ["pickle", "joblib"])
def test_other_formats_can_be_compared(kind: str, tmp_path: Path):
    hermetic.dump(BEFORE, tmp_path / "before.hermetic", evidence=golden_of(BEFORE))
    path = tmp_path / "after"
    path.write_bytes(pickle.dumps(AFTER)) if kind == "pickle" else joblib.dump(AFTER, path)
    report = hermetic.diff(tmp_path / "before.hermetic", path)
    assert report.different == ("parameters", "answers", "fitted")
    assert section(hermetic.diff(path, tmp_path / "before.hermetic"), "answers").verdict == "not recorded"


def test_json_holds_everything(tmp_path: Path):
    document = json.loads(between(tmp_path, BEFORE, AFTER).to_json())
    assert document["ok"] is False
    assert document["different"] == ["parameters", "fitted"]
    parameters = document["sections"][1]
    assert parameters["changes"][0]["path"] == "$.C"
    assert parameters["changes"][0]["before"] == "1.0"
    fitted = document["sections"][5]["changes"]
    assert {change["n_changed"] for change in fitted} >= {1, 4}


def test_json_has_no_infinite_number(tmp_path: Path):
    report = between(tmp_path, {"a": np.array([1.0])}, {"a": np.array([np.inf])})
    text = report.to_json()
    assert "Infinity" not in text
    assert json.loads(text)["sections"][1]["changes"][0]["largest"] is None


def test_long_reports_are_cut_unless_they_are_asked_for(tmp_path: Path):
    before, after = ({f"key{n}": n + add for n in range(50)} for add in (0, 1))
    report = between(tmp_path, before, after)
    assert "  ... and 42 more lines" in str(report)
    assert sum("key" in line for line in report.lines(is_full=True)) == 50


def test_long_lines_are_cut_unless_they_are_asked_for(tmp_path: Path):
    report = between(tmp_path, {"k" * 900: 1}, {"k" * 900: 2})
    assert max(map(len, report.lines())) < 250
    assert max(map(len, report.lines(is_full=True))) > 900


def test_hostile_texts_are_spelled_out(tmp_path: Path):
    report = between(tmp_path, {"\x1b[2J\u202e": "\r\n"}, {"\x1b[2J\u202e": "[red]"})
    assert all(character.isprintable() or character == "\n" for character in str(report))


def test_a_damaged_file_is_an_error(tmp_path: Path):
    hermetic.dump(BEFORE, tmp_path / "a.hermetic")
    data = bytearray((tmp_path / "a.hermetic").read_bytes())
    data[-900] ^= 1
    (tmp_path / "b.hermetic").write_bytes(data)
    with pytest.raises(hermetic.FileError):
        hermetic.diff(tmp_path / "a.hermetic", tmp_path / "b.hermetic")
    with pytest.raises(FileNotFoundError):
        hermetic.diff(tmp_path / "a.hermetic", tmp_path / "c.hermetic")


def test_nothing_of_scikit_learn_is_imported_to_compare_files(tmp_path: Path):
    between(tmp_path, BEFORE, AFTER)
    show = "print(len(report.different), 'sklearn' in sys.modules)"
    code = f"import sys, hermetic; report = hermetic.diff('before.hermetic', 'after.hermetic'); {show}"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["2", "False"]
