"""Files are verified in other environments; what happens there is told file by file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.deploy.environments import typed, verifying
from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.lock import lock_digest
from hermetic.deploy.environments.pins import Pin
from hermetic.deploy.environments.planning import plan_environment, read_environment
from hermetic.deploy.environments.verifying import verify_elsewhere, verify_inside
from hermetic.evidence.checks import Check, VerifyReport
from hermetic.signing.files import sign_file
from tests.deploy.environments.local_index import LocalIndex
from tests.deploy.environments.test_pins import distribution
from tests.deploy.environments.test_planning import save, write_keys

PYTHON = Path(sys.executable)
FAKE = "import json, sys\nfiles = sys.argv[sys.argv.index('--') + 1:]\n"


def reports(path: str, name: str = "model", verdict: str = "passed") -> str:
    checks = [{"name": name, "verdict": verdict, "words": "w"}]
    return f"print(json.dumps({{'ok': True, 'file': {path}, 'checks': {checks!r}}}), flush=True)\n"


@pytest.fixture
def there(tmp_path: Path) -> Any:
    """Give a Python that runs a script of the test's own in place of hermetic."""

    def make(script: str) -> str:
        (tmp_path / "fake.py").write_text(FAKE + script)
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec {PYTHON} {tmp_path / "fake.py"} "$@"\n')
        python.chmod(0o755)
        return str(python)

    return make


needs_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a shell script")


@needs_a_shell
def test_reports_come_back_in_the_order_of_the_files(there: Any):
    python = there("for file in reversed(files):\n    print('noise')\n    " + reports("file"))
    found = verify_inside(python, ["b.hermetic", "a.hermetic"])
    assert [report.file for report in found] == ["b.hermetic", "a.hermetic"]
    assert all(report.ok for report in found)


@needs_a_shell
def test_a_crash_is_told_of_the_file_that_it_was_at(there: Any):
    python = there(
        "for file in files:\n    if 'bad' in file:\n        print('\\x1b[2Jhurt', file=sys.stderr)\n"
        "        sys.exit(7)\n    " + reports("file")
    )
    found = verify_inside(python, ["a.hermetic", "bad.hermetic", "c.hermetic"])
    assert [report.ok for report in found] == [True, False, True]
    words = found[1].checks[0].words
    assert "status 7" in words
    assert "\\x1b[2Jhurt" in words


HOSTILE_REPORTS = [
    "print('{}')",
    "print('[1]')",
    "print(json.dumps({'file': files[0], 'checks': [{}]}))",
    "print(json.dumps({'file': files[0], 'checks': 3}))",
    "print(json.dumps({'file': '/etc/passwd', 'checks': []}))",
    "print(json.dumps({'file': files[0], 'checks': [{'name': 'a', 'verdict': 'fine', 'words': ''}]}))",
    "",
]


@needs_a_shell
@pytest.mark.parametrize("number", range(len(HOSTILE_REPORTS)))
def test_what_is_no_report_is_a_failure(number: int, there: Any):
    (report,) = verify_inside(there(HOSTILE_REPORTS[number]), ["a.hermetic"])
    assert not report.ok
    assert report.file == "a.hermetic"


@needs_a_shell
def test_options_are_handed_on_and_python_is_isolated(there: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    python = there(
        "import os\nassert sys.argv[1:6] == ['-I', '-m', 'hermetic', 'verify', '--json'], sys.argv\n"
        "assert sys.argv[6:8] == ['--trust', 'a.B']\nassert 'PYTHONPATH' not in os.environ\n" + reports("files[0]")
    )
    (report,) = verify_inside(python, ["--help"], ["--trust", "a.B"])
    assert report.ok, report


def test_this_very_environment_verifies_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    hermetic.dump(LinearRegression(), tmp_path / "model.hermetic")
    monkeypatch.setattr(
        verifying, "run", lambda command, folder: _run_here([part for part in command if part != "-I"], folder)
    )
    (report,) = verify_inside(sys.executable, [str(tmp_path / "model.hermetic")])
    assert [check.name for check in report.checks][:2] == ["structure", "checksums"]
    assert report.ok


def _run_here(command: list[str], folder: str) -> Any:
    import os
    import subprocess

    source = os.path.dirname(os.path.dirname(hermetic.__file__))
    environment = {**os.environ, "PYTHONPATH": source}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Take the process inside away, and note what it was asked."""
    asked: list[list[str]] = []

    def verify_there(python: str, files: list[str], options: list[str] = []) -> list[VerifyReport]:  # noqa: B006
        asked.append([*options, *files])
        passed = (Check(name="model", verdict="passed", words="it loads"),)
        return [VerifyReport(file=file, checks=passed) for file in files]

    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(verifying, "verify_inside", verify_there)
    monkeypatch.setattr(typed, "own_pins", lambda extras=(): (Pin(name="click", version="1.0"),))
    monkeypatch.setattr("hermetic.deploy.environments.planning.own_pins", lambda extras=(): ())
    return asked


def test_versions_that_were_typed_need_no_approval(index: LocalIndex, installer: Installer, cache: list[list[str]]):
    index.add("scikit-learn", "1.9.9", requires=["numpy"])
    index.add("numpy", "2.0")
    index.add("click", "8.0")
    found = verify_elsewhere(
        ["a.hermetic", "b.hermetic"],
        requirements=["scikit-learn==1.9.9"],
        options=["--trust", "a.B"],
        installer=installer,
    )
    assert [report.checks[0].words for report in found] == [
        f"in an environment of Python {sys.version_info[0]}.{sys.version_info[1]} with scikit-learn 1.9.9, numpy 2.0"
    ] * 2
    assert cache == [["--trust", "a.B", "a.hermetic", "b.hermetic"]]


def test_the_recorded_environment_needs_an_approval(
    index: LocalIndex, installer: Installer, cache: list[list[str]], tmp_path: Path
):
    index.add("own-one", "1.0")
    path = save(tmp_path, distribution("own-one", "1.0", content=""))
    (refused,) = verify_elsewhere([path], installer=installer)
    assert [check.verdict for check in refused.checks] == ["refused"]
    assert not (tmp_path / "cache").exists()
    digest = lock_digest(plan_environment(read_environment(path), installer).lock)
    assert f"--env recorded --approve-lock {digest}" in refused.checks[0].words
    (report,) = verify_elsewhere([path], approved=[digest], installer=installer)
    assert [(check.name, check.verdict) for check in report.checks] == [
        ("elsewhere", "passed"),
        ("wheels", "passed"),
        ("model", "passed"),
    ]


def test_other_files_than_were_recorded_are_a_failure_and_nothing_is_run(
    index: LocalIndex, installer: Installer, cache: list[list[str]], tmp_path: Path
):
    index.add("own-one", "1.0")
    path = save(tmp_path, distribution("own-one", "1.0", content="a" * 64))
    digest = lock_digest(plan_environment(read_environment(path), installer).lock)
    (report,) = verify_elsewhere([path], approved=[digest], installer=installer)
    assert [check.verdict for check in report.checks] == ["passed", "failed"]
    assert "own-one" in report.checks[1].words
    assert cache == []


def test_each_file_tells_for_itself_why_it_cannot_be_verified(
    index: LocalIndex, installer: Installer, cache: list[list[str]], tmp_path: Path
):
    index.add("own-one", "1.1")
    first = save(tmp_path, distribution("own-one", "1.0"))
    plain = tmp_path / "plain.hermetic"
    hermetic.dump(LinearRegression(), plain)
    broken = tmp_path / "broken.hermetic"
    broken.write_bytes(b"nothing")
    found = verify_elsewhere([first, str(plain), str(broken)], installer=installer)
    assert [report.ok for report in found] == [False, False, False]
    assert "own-one 1.0: not on the index" in found[0].checks[0].words
    assert "the nearest is 1.1" in found[0].checks[0].words
    assert "does not record its environment" in found[1].checks[0].words
    assert json.loads(found[2].to_json())["ok"] is False


def test_a_signed_file_needs_no_other_approval(
    index: LocalIndex, installer: Installer, cache: list[list[str]], tmp_path: Path
):
    pytest.importorskip("cryptography", reason="signatures need cryptography")
    index.add("own-one", "1.0")
    path = save(tmp_path, distribution("own-one", "1.0", content=""))
    write_keys(tmp_path / "release")
    write_keys(tmp_path / "other")
    sign_file(path, tmp_path / "release.key")
    (report,) = verify_elsewhere([path], signed_by=str(tmp_path / "release.pub"), installer=installer)
    assert report.ok
    (refused,) = verify_elsewhere([path], signed_by=str(tmp_path / "other.pub"), installer=installer)
    assert not refused.ok
    assert len(cache) == 1
