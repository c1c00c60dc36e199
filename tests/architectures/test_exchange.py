"""Models from one architecture to another: what the exchange finds, and that it says why it cannot run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.architectures import exchange, roots
from tests.architectures.read import difference, is_own, read_models
from tests.architectures.write import LEGACY_FORMS, write_models

PARTS = ["Ridge-fitted", "KDTree-fitted", "kd-tree", "DecisionTreeClassifier-fitted", "text-english", "user-enum"]
MISSING = roots.why_not() or ("" if (roots.FOLDER / "s390x" / "made").exists() else "`make test-architectures` first")


@pytest.mark.matrix
@pytest.mark.skipif(bool(MISSING), reason=f"other architectures cannot be run: {MISSING}")
@pytest.mark.parametrize("target", sorted(roots.ARCHITECTURES))
@pytest.mark.parametrize("source", sorted(roots.ARCHITECTURES))
def test_no_model_of_another_architecture_answers_differently(source: str, target: str) -> None:
    parts = ["DecisionTree", "KNeighborsClassifier-fitted", "Ridge-fitted", "text-english"]
    roots.run_inside(roots.ARCHITECTURES[source], "tests.architectures.write", f"{roots.INSIDE}/{source}", *parts)
    found = exchange.exchange(source, target, parts)
    bad = {name: verdicts for name, verdicts in found.items() if exchange.faults(name, verdicts)}
    assert found
    assert not bad


def test_a_machine_reads_its_own_models_as_it_wrote_them_and_saves_them_alike(tmp_path: Path) -> None:
    written = write_models(tmp_path, PARTS)
    assert set(written.values()) == {"written"}
    found = read_models(tmp_path, PARTS)
    assert found.keys() == written.keys()
    assert [name for name, verdicts in found.items() if exchange.faults(name, verdicts)] == []
    assert {verdict for verdicts in found.values() for verdict, _ in verdicts.values()} == {"equal"}
    assert {question for verdicts in found.values() for question in verdicts} == set(exchange.QUESTIONS)


def test_only_models_with_the_given_names_are_read(tmp_path: Path) -> None:
    write_models(tmp_path, ["Ridge-fitted", "RidgeClassifier-fitted"])
    assert set(read_models(tmp_path, ["RidgeClassifier-"])) == {"RidgeClassifier-fitted"}


def test_models_may_be_added_to_those_of_an_earlier_run(tmp_path: Path) -> None:
    write_models(tmp_path, ["RidgeClassifier-fitted"])
    assert write_models(tmp_path, ["Lasso-unfitted"])
    assert "RidgeClassifier-fitted" in json.loads((tmp_path / "index.json").read_text())["models"]


def test_a_model_with_another_answer_is_called_wrong(tmp_path: Path) -> None:
    write_models(tmp_path, ["Ridge-fitted", "Lasso-fitted"])
    for form in ("hermetic", "legacy"):
        (tmp_path / f"Lasso-fitted.{form}").rename(tmp_path / f"Ridge-fitted.{form}")
    verdicts = read_models(tmp_path, ["Ridge-fitted"])["Ridge-fitted"]
    assert verdicts["own"][0] == verdicts["legacy"][0] == "WRONG"
    assert exchange.faults("Ridge-fitted", verdicts) == ["own", "legacy"]


def test_a_damaged_model_is_called_unloadable(tmp_path: Path) -> None:
    write_models(tmp_path, ["Ridge-fitted"])
    (tmp_path / "Ridge-fitted.hermetic").write_bytes(b"nothing")
    (tmp_path / "Ridge-fitted.legacy").write_bytes(b"")
    found = read_models(tmp_path, ["Ridge-fitted"])["Ridge-fitted"]
    assert {question: verdict for question, (verdict, _) in found.items()} == {"own": "unloadable", "again": "unsaved"}


def test_every_form_of_legacy_file_is_written() -> None:
    assert set(LEGACY_FORMS) == {2, 4, 5, "joblib"}


def test_two_files_differ_in_a_member_or_in_the_manifest_alone() -> None:
    import numpy

    import hermetic

    one, other = (hermetic.dumps({"a": numpy.array([number, 2.0])}) for number in (1.0, 3.0))
    assert difference(one, one) == ""
    assert difference(one, other) == "arrays/0-float64.npy"
    assert difference(one, hermetic.dumps({"b": numpy.array([1.0, 2.0])})) == "graph.json"
    newer = one.replace(b'"hermetic":"0', b'"hermetic":"9')
    assert newer != one
    assert difference(one, newer) == "manifest.json"


def test_answers_that_depend_on_the_processor_are_few() -> None:
    assert is_own("birch-leaves", "transform")
    assert not is_own("birch-leaves", "predict")
    assert not is_own("Ridge-fitted", "predict")


def test_what_does_not_carry_over_is_no_fault_but_a_wrong_file_of_ours_always_is() -> None:
    refused, wrong = ["refused", "scikit-learn gives words other columns on this one"], ["WRONG", "transform: other"]
    assert exchange.faults("hashed-features", {"own": refused, "legacy": wrong}) == []
    assert exchange.faults("hashed-features", {"own": wrong}) == ["own"]
    assert exchange.faults("Ridge-fitted", {"own": refused, "legacy": wrong}) == ["own", "legacy"]
    assert exchange.faults("user-voting", {"own": ["unusable", "TypeError: Cannot cast array data"]}) == []


REASONS = {
    "another system": ("sys.platform", "win32", "programs of amd64"),
    "no root": ("os.geteuid", lambda: 1000, "only root"),
    "no emulator": ("shutil.which", lambda tool: None if "qemu" in tool else "/usr/bin/" + tool, "qemu-s390x-static"),
    "no keys": ("tests.architectures.roots.KEYRING", "/nowhere/keys.gpg", "debian-archive-keyring"),
}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_missing_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_all_is_there(monkeypatch)
    place, value, words = REASONS[name]
    monkeypatch.setattr(place, value)
    assert words in roots.why_not()


def test_forbidden_mounts_are_said_and_nothing_is_when_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_all_is_there(monkeypatch)
    assert roots.why_not() == ""
    failed = subprocess.CompletedProcess([], 1, "", "unshare: Operation not permitted\n")
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: failed)
    assert roots.why_not() == "mounting is forbidden: unshare: Operation not permitted"


def _pretend_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = type("Names", (), {"machine": "x86_64"})()
    done = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "uname", lambda: machine, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(roots, "KEYRING", __file__)
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: done)


def test_without_the_means_nothing_is_run_and_the_reason_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exchange, "why_not", lambda: "only root may")
    monkeypatch.setattr(exchange, "make_root", lambda architecture: pytest.fail("something was run"))
    assert exchange.main([]) == 0
    assert capsys.readouterr().out == "Skipped: only root may.\n"


@pytest.mark.parametrize(("verdict", "code"), [("equal", 0), ("WRONG", 1), ("refused", 1)])
def test_the_matrix_is_printed_and_a_fault_is_an_exit_code(
    verdict: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran: list[Any] = []

    def run(architecture: roots.Architecture, module: str, *arguments: str) -> str:
        ran.append((architecture.name, module, arguments))
        if module.endswith("read"):
            report = tmp_path / "exchange" / arguments[1].removeprefix(f"{roots.INSIDE}/")
            report.parent.mkdir(exist_ok=True)
            report.write_text(json.dumps({"Ridge": {"own": [verdict, "words"], "again": ["equal", ""]}}))
        return "1 of 1 models written\n"

    monkeypatch.setattr(exchange, "why_not", lambda: "")
    monkeypatch.setattr(exchange, "make_root", lambda architecture: None)
    monkeypatch.setattr(exchange, "run_inside", run)
    monkeypatch.setattr(exchange, "FOLDER", tmp_path)
    assert exchange.main(["Ridge"]) == code
    printed = capsys.readouterr().out
    assert "amd64: 1 of 1 models written" in printed
    assert f"s390x -> i386: own: 1 {verdict}; again: 1 equal" in printed
    assert ("  WRONG Ridge (own): words" in printed) == (verdict == "WRONG")
    assert len(ran) == 4 + 16
    assert all(arguments[-1] == "Ridge" for _, _, arguments in ran)
