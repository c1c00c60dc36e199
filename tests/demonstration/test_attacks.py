"""A hostile pickle and a damaged file are opened for real: code runs in pickle only, and every flipped bit is seen."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import hermetic
from hermetic.demonstration import attacks
from hermetic.demonstration.attacks import open_damaged_file, open_hostile_pickle


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.hermetic"
    hermetic.dump({"weights": np.arange(20.0), "name": "a model"}, path)
    return path


def test_pickle_runs_the_code_of_the_hostile_file_and_hermetic_does_not(tmp_path: Path):
    attack = open_hostile_pickle(tmp_path)
    assert attack.pickle_ran_code
    assert not attack.hermetic_ran_code
    assert attack.refusal
    assert Path(attack.path) == tmp_path / "hostile.pkl"
    assert not (tmp_path / "hostile-code-ran").exists()


def test_a_marker_of_an_earlier_run_is_no_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "hostile-code-ran").touch()
    monkeypatch.setattr(attacks, "_LOAD_PICKLE", "raise SystemExit(1)")
    attack = open_hostile_pickle(tmp_path)
    assert not attack.pickle_ran_code
    assert not attack.hermetic_ran_code


def test_a_loader_that_runs_the_code_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attacks, "load", lambda path: pickle.loads(path.read_bytes()).close())
    attack = open_hostile_pickle(tmp_path)
    assert attack.hermetic_ran_code
    assert attack.refusal == ""


def test_a_folder_whose_name_looks_like_code_is_only_a_name(tmp_path: Path):
    directory = tmp_path / "a'); raise SystemExit #"
    directory.mkdir()
    assert open_hostile_pickle(directory).pickle_ran_code


def test_one_flipped_bit_in_the_middle_is_refused_and_the_good_file_stays(good: Path):
    before = good.read_bytes()
    attack = open_damaged_file(good)
    damaged = Path(attack.path).read_bytes()
    assert attack.refusal
    assert good.read_bytes() == before
    assert sum(one != other for one, other in zip(before, damaged, strict=True)) == 1
    assert Path(attack.path).parent == good.parent


def test_a_loader_that_does_not_look_is_found_out(good: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attacks, "load", lambda path: None)
    assert open_damaged_file(good).refusal == ""


def test_only_a_refusal_is_taken_for_one(good: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(path: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(attacks, "load", fail)
    with pytest.raises(ZeroDivisionError):
        open_damaged_file(good)
