"""The steps of the demonstration with one small model: what it measures, and when it says that all is as promised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from hermetic.demonstration import fresh_process, run
from hermetic.demonstration.fresh_process import Loaded, load_in_fresh_process
from hermetic.demonstration.models import Example, digest_of_predictions
from hermetic.demonstration.peers import PEERS
from hermetic.demonstration.run import Demonstration, run_demonstration
from tests.demonstration.findings import GOOD

SAMPLES, TARGETS = np.zeros((6, 1)), np.arange(6) % 2
SMALL = Example(name="small", title="one guess", read_samples=lambda: (SAMPLES, TARGETS), make_model=DummyClassifier)


@pytest.fixture(autouse=True)
def _small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put one small model in the place of the three, and this process in the place of fresh ones."""
    monkeypatch.setattr(fresh_process, "EXAMPLES", (SMALL,))
    monkeypatch.setattr(run, "EXAMPLES", (SMALL,))
    monkeypatch.setattr(run, "load_in_fresh_process", fresh_process._load_every_example)
    monkeypatch.setattr(run, "tell_evidence", lambda *arguments: GOOD.evidence)


@pytest.fixture
def found(tmp_path: Path) -> Demonstration:
    return run_demonstration(tmp_path / "new" / "folder", announce=lambda step: None)


@pytest.mark.parametrize("name", PEERS)
def test_a_model_is_kept_by_each_peer_in_a_file_of_its_own(name: str, tmp_path: Path):
    peer, model = PEERS[name], SMALL.fit()
    path = peer.path_of("small", tmp_path)
    peer.dump(model, path)
    assert path.name == f"small.{name}"
    assert digest_of_predictions(peer.load(path), SAMPLES) == digest_of_predictions(model, SAMPLES)


def test_only_hermetic_runs_no_code():
    assert {name: peer.runs_code for name, peer in PEERS.items()} == {"hermetic": False, "pickle": True, "joblib": True}


def test_each_model_is_measured_with_each_peer(found: Demonstration):
    assert [(each.example, each.peer) for each in found.measurements] == [("small", name) for name in PEERS]
    for each in found.measurements:
        assert each.same_predictions
        assert each.refusal == ""
        assert each.size_bytes == (Path(found.directory) / f"small.{each.peer}").stat().st_size
        assert each.dump_seconds > 0
        assert each.load_seconds > 0


def test_the_first_model_is_inspected_and_the_bad_files_are_opened(found: Demonstration):
    assert "DummyClassifier" in found.inspection
    assert found.hostile_pickle.pickle_ran_code
    assert found.damaged_file.path.startswith(found.directory)
    assert found.ok


def test_every_step_that_takes_time_is_announced(tmp_path: Path):
    steps: list[str] = []
    run_demonstration(tmp_path, announce=steps.append)
    assert len(steps) == 4
    assert "9 fresh processes" in steps[2]


def test_a_second_run_in_the_same_folder_finds_the_same(found: Demonstration):
    again = run_demonstration(Path(found.directory), announce=lambda step: None)
    assert again.ok
    assert [each.size_bytes for each in again.measurements] == [each.size_bytes for each in found.measurements]


BROKEN = {
    "one process predicts something else": {"digest": "another"},
    "one process is refused": {"digest": "", "refusal": "node 3 is odd"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_bad_process_of_three_breaks_the_promise(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    n_calls = 0

    def load_and_spoil_the_last(peer: Any, directory: Path) -> dict[str, Loaded]:
        nonlocal n_calls
        n_calls += 1
        loads = fresh_process._load_every_example(peer, directory)
        return {"small": replace(loads["small"], **BROKEN[name])} if n_calls == 7 else loads

    monkeypatch.setattr(run, "load_in_fresh_process", load_and_spoil_the_last)
    found = run_demonstration(tmp_path, announce=lambda step: None)
    assert [each.same_predictions for each in found.measurements] == [False, True, True]
    assert found.measurements[0].refusal == BROKEN[name].get("refusal", "")
    assert not found.ok


def test_a_step_with_evidence_that_fails_breaks_the_promise(found: Demonstration):
    assert not replace(found, evidence=(replace(GOOD.evidence[0], ok=False),)).ok


@pytest.mark.parametrize("field", ["hostile_pickle", "damaged_file"])
@pytest.mark.parametrize("change", [{"refusal": ""}, {"hermetic_ran_code": True}], ids=["not refused", "code ran"])
def test_a_bad_file_that_is_not_refused_breaks_the_promise(found: Demonstration, field: str, change: dict[str, Any]):
    assert not replace(found, **{field: replace(getattr(found, field), **change)}).ok


def test_pickle_may_run_what_it_likes(found: Demonstration):
    harmless = replace(found.hostile_pickle, pickle_ran_code=False)
    assert replace(found, hostile_pickle=harmless).ok


def test_times_are_medians_so_that_one_slow_moment_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seconds = iter([1.0] * 3 + [9.0] * 3 + [2.0] * 3)
    digest = digest_of_predictions(SMALL.fit(), SAMPLES)
    answer = lambda peer, directory: {"small": Loaded(seconds=next(seconds), digest=digest)}  # noqa: E731
    monkeypatch.setattr(run, "load_in_fresh_process", answer)
    found = run_demonstration(tmp_path, announce=lambda step: None)
    assert [each.load_seconds for each in found.measurements] == [2.0] * 3


def test_a_damaged_file_is_a_refusal_and_no_failure_of_the_process(tmp_path: Path):
    peer = PEERS["hermetic"]
    peer.dump(SMALL.fit(), peer.path_of("small", tmp_path))
    path = peer.path_of("small", tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    loaded = fresh_process._load_every_example(peer, tmp_path)["small"]
    assert loaded.refusal
    assert loaded.digest == ""
    assert loaded.seconds > 0


def test_the_answer_of_a_process_is_read_as_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    commands = []

    class Done:
        stdout = '{"small": {"seconds": 0.5, "digest": "d", "refusal": ""}}'

    monkeypatch.setattr(fresh_process.subprocess, "run", lambda command, **options: commands.append(command) or Done)
    assert load_in_fresh_process(PEERS["joblib"], tmp_path) == {"small": Loaded(seconds=0.5, digest="d")}
    assert commands[0][1:] == ["-m", "hermetic.demonstration.fresh_process", "joblib", str(tmp_path)]
