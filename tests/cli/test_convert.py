"""`hermetic convert` writes old files as hermetic files, says what became of each, and ends with a status."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from tests.formats.skops_files import plain, skops_file, the_list
from tests.zoo import user_module as user


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["convert", *map(str, arguments)])


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value))
    return path


def model() -> LogisticRegression:
    return LogisticRegression().fit(np.arange(20.0).reshape(10, 2) % 3, np.arange(10) % 2)


def test_one_file_is_told_in_a_line_and_ends_with_0(tmp_path: Path):
    source, target = write(tmp_path / "model.pkl", model()), tmp_path / "model.hermetic"
    result = run(source, target, "--check")
    assert result.exit_code == 0, result.output
    assert f"{source}: converted to {target}, pickle" in result.output
    assert "state and predictions are the same" in result.output
    assert hermetic.load(target).n_features_in_ == 2


def test_a_skops_file_is_called_one(tmp_path: Path):
    source, target = tmp_path / "model.skops", tmp_path / "model.hermetic"
    source.write_bytes(skops_file(the_list(plain(1), plain("a"))))
    result = run(source, target)
    assert result.exit_code == 0, result.output
    assert f"{source}: converted to {target}, skops" in result.output
    assert hermetic.load(target) == [1, "a"]


def test_a_folder_is_told_in_a_table_with_counts(tmp_path: Path):
    write(tmp_path / "source" / "a.pkl", model())
    write(tmp_path / "source" / "user.pkl", user.UserScaler(1.0))
    (tmp_path / "source" / "readme.txt").write_text("nothing")
    result = run(tmp_path / "source", tmp_path / "target", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "2 converted, 1 skipped" in result.output
    assert "a.pkl" in result.output
    assert "readme.txt" not in result.output


def test_json_holds_every_file(tmp_path: Path):
    write(tmp_path / "source" / "a.pkl", [1])
    result = run(tmp_path / "source", tmp_path / "target", "--json", "--compress", "--jobs", "1")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["ok"] is True
    assert [file["status"] for file in found["files"]] == ["converted"]


def test_a_file_that_cannot_be_converted_ends_with_2(tmp_path: Path):
    (tmp_path / "broken.pkl").write_bytes(b"\x80\x04N")
    result = run(tmp_path / "broken.pkl", tmp_path / "target")
    assert result.exit_code == 2
    assert "failed: the stream ends without STOP" in result.output


def test_a_check_that_fails_ends_with_1(tmp_path: Path):
    result = run(write(tmp_path / "user.pkl", user.UserScaler(1.0)), tmp_path / "target", "--check")
    assert result.exit_code == 1
    assert "could not be loaded" in result.output


def test_an_existing_target_is_kept_unless_forced(tmp_path: Path):
    source, target = write(tmp_path / "a.pkl", [1]), tmp_path / "target"
    target.write_bytes(b"precious")
    refused = run(source, target)
    assert refused.exit_code == 2
    assert "exist already" in refused.output
    assert target.read_bytes() == b"precious"
    assert run(source, target, "--force").exit_code == 0


def test_a_missing_source_ends_with_2(tmp_path: Path):
    assert run(tmp_path / "missing", tmp_path / "target").exit_code == 2


def test_names_of_a_hostile_file_reach_no_terminal_raw(tmp_path: Path):
    content = b"\x80\x04\x8c\x05a\x1b[2J\x8c\x01b\x93)\x81."
    (tmp_path / "hostile.pkl").write_bytes(content)
    result = run(tmp_path / "hostile.pkl", tmp_path / "target")
    assert "\x1b" not in result.output
