"""Who works: results come in their order, what is raised there is raised here, and memory stays bounded."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.neighbors import KNeighborsRegressor

import hermetic
from hermetic.deploy.batch import predict_files
from hermetic.deploy.batch.asking import Job, load_model
from hermetic.deploy.batch.workers import here, in_order, in_processes
from hermetic.errors import FileError, FormatError, UsageError
from hermetic.signing.files import sha256_of_file


def slept(seconds: float, answer: int) -> tuple[int, int]:
    time.sleep(seconds)  # so that later ones are done before earlier ones
    return answer, os.getpid()


def refuse(error: Exception) -> None:
    raise error


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def large(n_bytes: int, data: bytes) -> bytes:
    return bytes(n_bytes)


@pytest.fixture(scope="module")
def processes() -> Iterator[Any]:
    with in_processes(2) as workers:
        yield workers


def test_here_every_call_is_made_when_its_result_is_wanted():
    made: list[int] = []
    with here() as workers:
        results = in_order(workers, ((place, made.append, (place,)) for place in range(3)))
        assert next(results) == (0, None)
        assert made == [0]
        assert [beside for beside, _ in results] == [1, 2]


def test_results_come_in_the_order_of_the_calls_from_several_processes(processes: Any):
    calls = ((place, slept, (0.1 if place % 2 == 0 else 0.0, place)) for place in range(8))
    results = list(in_order(processes, calls))
    assert [(beside, answer) for beside, (answer, _) in results] == [(place, place) for place in range(8)]
    assert len({pid for _, (_, pid) in results} - {os.getpid()}) == 2


def test_no_more_calls_are_under_way_than_there_are_processes_and_one(processes: Any):
    asked: list[int] = []

    def calls() -> Iterator[tuple[int, Any, tuple[Any, ...]]]:
        for place in range(20):
            asked.append(place)
            yield place, slept, (0.0, place)

    results = in_order(processes, calls())
    next(results)
    assert len(asked) == 3
    assert len(list(results)) == 19


def test_much_that_is_sent_and_much_that_comes_back_do_not_wait_for_each_other(processes: Any):
    calls = ((place, large, (1 << 22, bytes(1 << 22))) for place in range(6))
    assert [len(answer) for _, answer in in_order(processes, calls)] == [1 << 22] * 6


def test_an_error_of_hermetic_comes_as_it_is(processes: Any):
    with pytest.raises(FormatError, match="no JSON") as caught:
        list(in_order(processes, [(0, refuse, (FormatError("no JSON", where="rows.jsonl, row 3"),))]))
    assert caught.value.where == "rows.jsonl, row 3"


def test_any_other_error_comes_in_words(processes: Any):
    with pytest.raises(UsageError, match="a worker failed: KeyError: 'x'"):
        list(in_order(processes, [(0, refuse, (KeyError("x"),))]))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
def test_a_worker_that_is_killed_is_an_error_that_says_how_to_go_on():
    with in_processes(1) as workers, pytest.raises(UsageError, match="a worker process has ended") as caught:
        list(in_order(workers, [(0, end, ())]))
    assert "--workers" in caught.value.next_step


def test_several_processes_write_what_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(3_000, 3)), columns=["a", "b", "c"])
    frame["key"] = np.arange(3_000)
    model = KNeighborsRegressor(algorithm="kd_tree").fit(frame[["c", "a"]], frame["b"])
    hermetic.dump(model, "model.hermetic")
    frame.to_parquet("rows.parquet")
    for workers in (1, 2):
        predict_files(
            "model.hermetic", "rows.parquet", f"{workers}.parquet", workers=workers, keep=["key"], batch_rows=250
        )
    assert Path("1.parquet").read_bytes() == Path("2.parquet").read_bytes()
    found = pandas.read_parquet("2.parquet")
    assert found["key"].tolist() == frame["key"].tolist()
    assert found["prediction"].to_numpy().tobytes() == model.predict(frame[["c", "a"]]).tobytes()


def test_a_model_that_was_changed_meanwhile_is_not_asked(tmp_path: Path):
    path = str(tmp_path / "model.hermetic")
    hermetic.dump(KNeighborsRegressor(), path)
    job = Job(model=path, sha256=sha256_of_file(path), method="predict")
    assert isinstance(load_model(job), KNeighborsRegressor)
    hermetic.dump(KNeighborsRegressor(n_neighbors=2), path)
    with pytest.raises(FileError, match="the model file was changed while it was used"):
        load_model(job)


def test_the_arrays_of_the_model_are_those_of_the_file(tmp_path: Path):
    path = str(tmp_path / "model.hermetic")
    data = np.random.default_rng(0).normal(size=(20_000, 4))
    hermetic.dump(KNeighborsRegressor(algorithm="kd_tree").fit(data, data[:, 0]), path)
    model = load_model(Job(model=path, sha256=sha256_of_file(path), method="predict"))
    assert not np.asarray(model._tree.__getstate__()[0]).flags.owndata
