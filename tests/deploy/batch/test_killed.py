"""A process that is killed in the middle of a prediction: nothing is lost but seconds, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas
import pytest
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic.deploy.batch import predict_files
from hermetic.deploy.batch.state import state_folder

SLOW = """
import sys, time
import hermetic.deploy.batch.run as run
from hermetic.cli.main import hermetic

ask = run.ask_model

def slow(*arguments):
    time.sleep(0.05)
    return ask(*arguments)

run._PART_SECONDS = 0.2
run.ask_model = slow
if __name__ == "__main__":
    hermetic()
"""
"""The command line, with a model that takes its time, so that there is a middle in which to be killed."""

N_ROWS = 20_000


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    values = np.random.default_rng(0).normal(size=(N_ROWS, 2))
    frame = pandas.DataFrame(values, columns=["a", "b"]).assign(key=range(N_ROWS))
    frame.to_parquet("rows.parquet", row_group_size=3_000)
    hermetic.dump(LogisticRegression().fit(frame[["a", "b"]], values[:, 0] > 0), "model.hermetic")
    Path("slow.py").write_text(SLOW)


def started(*options: str) -> subprocess.Popen[bytes]:
    root = Path(hermetic.__file__).parents[1]
    command = ["predict", "model.hermetic", "rows.parquet", "-o", "out.parquet", "--keep", "key", "--method", "proba"]
    return subprocess.Popen(
        [sys.executable, "slow.py", *command, "--batch-rows", "100", *options],
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
    )


def parts() -> list[str]:
    return sorted(path.name for path in Path(state_folder("out.parquet")).glob("*/*.arrow"))


def killed_after_two_parts(*options: str) -> subprocess.Popen[bytes]:
    process = started(*options)
    deadline = time.monotonic() + 300
    while len(parts()) < 2:
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)  # waits for another process
    process.kill()
    process.communicate()
    return process


def test_the_command_goes_on_where_it_was_killed_and_writes_the_same_bytes():
    process = killed_after_two_parts()
    assert process.returncode == -signal.SIGKILL or os.name == "nt"
    assert not os.path.exists("out.parquet")
    n_before = int(parts()[-1][16:31])
    assert 0 < n_before < N_ROWS
    wishes = {"keep": ["key"], "method": "proba", "batch_rows": 100}
    report = predict_files("model.hermetic", "rows.parquet", "out.parquet", **wishes)
    assert report.files[0].n_rows_before >= n_before
    predict_files("model.hermetic", "rows.parquet", "whole.parquet", **wishes)
    assert Path("out.parquet").read_bytes() == Path("whole.parquet").read_bytes()
    assert sorted(path.name for path in Path.cwd().iterdir() if path.name.startswith(".")) == []


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc, to see which processes are there")
def test_workers_end_with_the_process_that_is_killed():
    process = started("--workers", "2")
    deadline = time.monotonic() + 300
    children: set[int] = set()
    while len(children) < 3:  # two workers, and what the standard library starts beside them
        assert time.monotonic() < deadline
        children = _children_of(process.pid) if process.poll() is None else children
        if process.poll() is not None:
            pytest.fail(process.communicate()[1].decode())
        time.sleep(0.01)  # waits for another process
    process.kill()
    process.communicate()
    while any(_is_running(child) for child in children):
        assert time.monotonic() < deadline, "a worker lives on"
        time.sleep(0.01)  # waits for another process


def _children_of(pid: int) -> set[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in text.split()}


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_a_kill_while_the_output_was_written_leaves_is_removed():
    left_over = Path(".out.parquet.0123abcd.tmp")
    left_over.write_bytes(b"half")
    others = [Path(".out.parquet.tmp"), Path(".other.parquet.0123abcd.tmp")]
    for path in others:
        path.touch()
    predict_files("model.hermetic", "rows.parquet", "out.parquet")
    assert not left_over.exists()
    assert all(path.exists() for path in others)
