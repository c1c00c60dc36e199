"""Everything that a page tells is gathered from a file without loading its model; what cannot be read is a problem."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier

import hermetic
from hermetic.formats.members import evidence_name
from hermetic.limits import DEFAULT_LIMITS
from hermetic.recorded.evidence import Evidence
from hermetic.reporting import facts as facts_module
from hermetic.reporting.facts import Facts, gather
from tests.formats.skops_files import dictionary, plain, skops_file
from tests.golden_evidence import golden_evidence
from tests.handmade_evidence import DATA, SCORES, SOURCE
from tests.recorded.test_members import file_with

X = np.arange(20.0).reshape(10, 2)
MODEL = Ridge().fit(X, X[:, 0])
NO_GRANTS: dict[str, Any] = {"trusted": (), "capabilities": (), "approvals": None}


def gathered(path: Path, *, verify: bool = False, **grants: Any) -> Facts:
    return gather(path, DEFAULT_LIMITS, verify=verify, grants={**NO_GRANTS, **grants})


def written(folder: Path, form: str) -> Path:
    path = folder / f"model.{form}"
    if form == "hermetic":
        hermetic.dump(MODEL, path)
    elif form == "gz":
        hermetic.dump(MODEL, path, compress="gzip")
    elif form == "pkl":
        path.write_bytes(pickle.dumps(MODEL))
    else:
        joblib.dump(MODEL, path)
    return path


FORMS = {"hermetic": "hermetic", "gz": "hermetic", "pkl": "pickle", "joblib": "joblib"}


@pytest.mark.parametrize("form", FORMS)
def test_every_format_has_the_same_model_and_weights(form: str, tmp_path: Path):
    path = written(tmp_path, form)
    facts = gathered(path)
    assert facts.format.split("+")[0].split(" ")[0] == FORMS[form]
    assert facts.name == f"model.{form}"
    assert facts.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.length_bytes == path.stat().st_size
    assert facts.model is not None and facts.model.type == "sklearn.linear_model.Ridge"
    assert facts.importances is not None and len(facts.importances.weights) == 2
    assert (facts.problems, facts.golden, facts.verified) == ({}, None, None)
    assert facts.scan.ok


def test_a_skops_file_has_its_values(tmp_path: Path):
    path = tmp_path / "model.skops"
    path.write_bytes(skops_file(dictionary({"threshold": plain(0.5)})))
    facts = gathered(path)
    assert facts.format == "skops"
    assert facts.model is not None and facts.model.summary == "{'threshold': 0.5}"
    assert facts.importances is None


PLAIN: dict[str, tuple[Any, str]] = {
    "nothing": (None, "None"),
    "a-number": (3, "3"),
    "an-empty-dictionary": ({}, "{}"),
    "texts": ({"größe": "\u202e"}, "{'größe': '\\u202e'}"),
    "a-list-of-models": ([MODEL, MODEL], "list of 2"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_no_estimator_is_gathered_too(name: str, tmp_path: Path):
    value, summary = PLAIN[name]
    hermetic.dump(value, tmp_path / "model.hermetic")
    facts = gathered(tmp_path / "model.hermetic")
    assert facts.model is not None and facts.model.summary == summary
    assert (facts.importances, facts.problems, facts.recorded, facts.reveals) == (None, {}, (), ())


def test_evidence_is_read_with_its_lines(tmp_path: Path):
    golden = golden_evidence(MODEL, X).golden
    evidence = Evidence(golden=golden, data=DATA, source=SOURCE, scores=SCORES)
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=evidence)
    facts = gathered(tmp_path / "model.hermetic")
    assert set(facts.records) == {"data", "source", "scores"}
    assert [line.kind for line in facts.recorded] == ["golden", "data", "source", "scores"]
    assert facts.golden is not None and facts.golden.n_rows == 48
    assert any("the source text of 2 files" in words for words in facts.reveals)


def test_what_a_pickle_keeps_of_its_data_is_told(tmp_path: Path):
    model = KNeighborsClassifier(algorithm="brute").fit(X, np.arange(10) % 2)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    assert "rows of the training data, as the model keeps them ($._fit_X)" in gathered(tmp_path / "model.pkl").reveals


def test_a_file_that_is_no_model_has_a_problem_without_its_folder(tmp_path: Path):
    for name, content in (("empty", b""), ("text", b"hello"), ("zip", b"PK\x03\x04" + b"\0" * 90)):
        path = tmp_path / name
        path.write_bytes(content)
        facts = gathered(path)
        assert (facts.model, facts.golden, facts.importances) == (None, None, None)
        assert list(facts.problems) == ["model"]
        assert str(tmp_path) not in "".join(facts.problems.values())
        assert facts.length_bytes == len(content)


def test_a_damaged_array_is_a_problem_and_the_rest_is_told(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    hermetic.dump({"a": np.zeros(5_000), "b": 3}, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    facts = gathered(path)
    assert list(facts.problems) == ["arrays"]
    assert str(tmp_path) not in facts.problems["arrays"]
    assert facts.model is not None and facts.model.summary == "dict of 2"


@pytest.mark.parametrize(
    ("kind", "problem"), [("scores", "evidence"), ("source", "evidence"), ("golden", "golden rows")]
)
def test_damaged_evidence_is_a_problem_of_its_own(kind: str, problem: str, tmp_path: Path):
    path = tmp_path / "model.hermetic"
    path.write_bytes(file_with((evidence_name(0, kind), b"{}")))
    facts = gathered(path)
    assert list(facts.problems) == [problem]
    assert facts.model is not None
    assert facts.records == {}


def test_weights_of_hostile_state_are_none(tmp_path: Path):
    model = Ridge().fit(X, X[:, 0])
    model.coef_ = np.zeros((1, 1, 1, 1))
    hermetic.dump(model, tmp_path / "model.hermetic")
    assert gathered(tmp_path / "model.hermetic").importances is None


@pytest.mark.parametrize(("most", "is_read"), [(1, False), (1 << 28, True)], ids=["small", "large"])
def test_arrays_are_read_up_to_a_length(most: int, is_read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    hermetic.dump(MODEL, tmp_path / "model.hermetic")
    monkeypatch.setattr(facts_module, "_MOST_BYTES", most)
    facts = gathered(tmp_path / "model.hermetic")
    assert (facts.importances is not None) == is_read
    assert ("arrays" in facts.problems) != is_read


def test_a_model_is_asked_only_where_that_is_wished(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=golden_evidence(MODEL, X))
    assert gathered(tmp_path / "model.hermetic").verified is None
    found = gathered(tmp_path / "model.hermetic", verify=True).verified
    assert found is not None and found.ok
    assert "answers" in [check.name for check in found.checks]


def test_a_file_that_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        gathered(tmp_path / "missing")


NAMES = {"letters": "größe ☃", "html": "<b>", "line": "a\nb", "quote": "'", "option": "-o"}


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be")
@pytest.mark.parametrize(
    "name", ["größe ☃", "<b>", "a\nb", "'", "-o"], ids=["letters", "html", "line", "quote", "option"]
)
def test_names_of_files_are_kept_as_they_are(name: str, tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / name)
    assert gathered(tmp_path / name).name == name
    assert os.listdir(tmp_path) == [name]
