"""Measuring in fresh processes: who takes turns, what is recorded, and that a wrong model gets no time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import child, made_up, measure
from benchmarks.cache import cache_path, ensure_built, load_built
from benchmarks.child import ChildFailed, run_fresh
from benchmarks.made_up import backend_named
from benchmarks.measure import BUDGET_SECONDS, Bench, Job, Sample, measure_jobs, prepare_bench, schedule_rounds
from benchmarks.models import ALL_MODELS, BenchmarkModel, find_model
from benchmarks.questions import Question, digest_answers
from benchmarks.session import Plan, measure_model

MADE_UP = BenchmarkModel(name="made_up", title="", build=made_up.build_weights, home="benchmarks.made_up")
TINY = find_model("logreg_tiny")


def make_jobs(names, **more):
    return [Job(backend=made_up.make_backend(name, None, **more), operation="load") for name in names]


def list_turns(jobs, repeats, spent=lambda job: []):
    return [(number, job.backend.name) for number, due in schedule_rounds(jobs, repeats, spent) for job in due]


def measure_made_up(folder, *names, plan=None):
    ensure_built(folder, MADE_UP)
    plan = plan or Plan(load_rounds=1, dump_rounds=1, is_brief=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.session.ALL_BACKENDS", made_up.ALL_BACKENDS)
        backends = [backend_named(name) for name in names]
        cells = measure_model(MADE_UP, backends, plan=plan, cache=folder, scratch=folder, progress=lambda step: None)
    return {cell.backend: cell for cell in cells}


def prepare(folder, *names):
    source = ensure_built(folder, MADE_UP)
    return prepare_bench(source, folder, MADE_UP.address, [backend_named(name) for name in names])


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    names = ("honest", "mapped", "wrong", "raises on load", "raises on dump", "absent")
    return measure_made_up(tmp_path_factory.mktemp("cells"), *names)


# schedule


def test_every_backend_runs_once_a_round_and_follows_different_ones():
    turns = list_turns(make_jobs("abcd"), 5)
    assert sorted(turns) == [(number, name) for number in range(5) for name in "abcd"]
    names = "".join(name for _, name in turns)
    assert all(len({names[at - 1] for at in range(1, 20) if names[at] == name}) > 1 for name in "abcd")


def test_the_order_of_measuring_is_the_same_in_every_run():
    first, second = (list_turns(make_jobs("abcd"), 5) for _ in range(2))
    assert first == second


def test_a_backend_that_would_exceed_its_budget_sits_out():
    spent = {"slow": [BUDGET_SECONDS * 0.6], "fast": [0.1]}
    assert list_turns(make_jobs(["slow", "fast"]), 1, lambda job: spent[job.backend.name]) == [(0, "fast")]


def test_a_slow_backend_is_not_measured_more_often_than_agreed():
    times: list[float] = []
    turns = schedule_rounds(make_jobs(["skops"], is_slow=True), 9, lambda job: times)
    times.extend(0.0 for _, due in turns for _ in due)
    assert len(times) == 2


# sessions


def test_an_honest_backend_gets_times_a_size_and_its_memory(tmp_path):
    plan = Plan(load_rounds=1, dump_rounds=2)
    honest = measure_made_up(tmp_path, "honest", plan=plan)["honest"]
    assert honest.problem == ""
    # The file is short: two more rounds of loads.
    assert (set(honest.load), set(honest.dump)) == ({0, 1, 2}, {0, 1})
    assert honest.file_bytes
    assert (honest.peak_bytes or 0) >= (honest.kept_bytes or 0)


def test_every_dump_begins_on_an_idle_disk_after_the_deletion_of_the_file_before(tmp_path, monkeypatch):
    events = []
    sync, finish, unlink = os.sync, child.Fresh.finish, Path.unlink
    monkeypatch.setattr(os, "sync", lambda: (events.append("sync"), sync()))
    monkeypatch.setattr(child.Fresh, "finish", lambda self, **more: (events.append("go"), finish(self, **more))[1])
    monkeypatch.setattr(Path, "unlink", lambda self, **more: (events.append("delete"), unlink(self, **more))[1])
    bench = prepare(tmp_path, "honest")
    events.clear()
    jobs = [Job(backend=backend_named("honest"), operation=operation) for operation in ("dump", "load")]

    for job in jobs:
        assert all(isinstance(found, Sample) for _, found in measure_jobs(bench, [job]))

    assert events == ["delete", "sync", "go", "go"]


def test_a_backend_that_returns_a_wrong_model_is_an_error_and_no_time(cells):
    assert cells["wrong"].problem == "error: load: the loaded model answers differently from the original"
    assert not cells["wrong"].load


def test_a_backend_that_raises_is_an_error_and_the_others_go_on(cells):
    assert cells["raises on load"].problem == "error: load: ValueError: not my file"
    assert cells["raises on dump"].problem == "error: dump: TypeError: not my model"
    assert cells["honest"].load
    assert not cells["honest"].problem


def test_a_backend_that_reads_anothers_file_has_loads_and_no_dumps(cells):
    assert cells["mapped"].load
    assert not cells["mapped"].dump


def test_a_library_that_is_not_installed_is_not_available(cells):
    assert cells["absent"].problem.startswith("not available: no_such_library")


# processes


def test_a_process_that_dies_is_reported_with_its_signal_and_the_warm_up_goes_on_without_it(tmp_path):
    bench = prepare(tmp_path, "dies", "honest")
    assert bench.digest == digest_answers(MADE_UP.question, made_up.build_weights())
    (_, failure), (_, sample) = measure_jobs(
        bench, [Job(backend=backend_named(name), operation="load") for name in ("dies", "honest")]
    )
    assert str(failure) == "killed by SIGKILL"
    assert sample.seconds > 0


def test_a_process_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    bench = prepare(tmp_path, "honest")
    backend_named("hangs").dump({}, measure.path_of(tmp_path, backend_named("hangs")))
    monkeypatch.setattr(measure, "TIMEOUT_SECONDS", 2)
    [(_, failure)] = measure_jobs(bench, [Job(backend=backend_named("hangs"), operation="load")])
    assert str(failure) == "stopped after 2 s"


def test_a_module_that_the_warm_up_did_not_see_is_recorded_when_it_is_imported_under_the_clock(tmp_path):
    bench = prepare(tmp_path, "imports late")
    [(_, sample)] = measure_jobs(bench, [Job(backend=backend_named("imports late"), operation="load")])
    assert sample.late_imports == ("colorsys",)


def test_a_model_that_cannot_be_read_blames_no_backend(tmp_path):
    with pytest.raises(ChildFailed, match="FileNotFoundError"):
        prepare_bench(tmp_path / "nothing", tmp_path, MADE_UP.address, [backend_named("honest")])


def test_modules_of_a_backend_with_very_many_are_imported_by_its_own_processes_only(tmp_path):
    bench = Bench(
        source=tmp_path,
        folder=tmp_path,
        question="",
        digest="",
        shared_modules=["shared"],
        own_modules={"wrong": ["many"]},
    )
    assert bench.list_modules(backend_named("honest")) == ["shared"]
    assert bench.list_modules(backend_named("wrong")) == ["shared", "many"]


def test_notes_of_a_process_arrive_in_order_before_its_result(tmp_path):
    notes = []
    request = {
        "source": str(ensure_built(tmp_path, MADE_UP)),
        "folder": str(tmp_path),
        "question": MADE_UP.address,
        "backends": [backend_named(name).address for name in ("honest", "wrong")],
    }
    digest = run_fresh("warm_up", request, timeout_seconds=60, on_note=notes.append)
    # Each backend is named before it is used, and again with what it has imported.
    assert [name for name, _ in notes] == ["", "honest", "honest", "wrong", "wrong"]
    assert digest == digest_answers(MADE_UP.question, made_up.build_weights())


def test_an_unknown_task_is_an_error_of_the_process():
    with pytest.raises(ChildFailed, match="KeyError"):
        run_fresh("no such task", {}, timeout_seconds=60)


# models and their cache


def test_every_model_has_a_name_of_its_own():
    names = [model.name for model in ALL_MODELS]
    assert len(set(names)) == len(names)


def test_a_kept_model_answers_as_a_new_one(tmp_path):
    kept = load_built(ensure_built(tmp_path, TINY))
    assert digest_answers(TINY.question, kept) == digest_answers(TINY.question, TINY.build())


def test_a_changed_builder_is_built_anew():
    def build():
        return 1

    def build_otherwise():
        return 2

    assert cache_path(Path("folder"), "a", build) != cache_path(Path("folder"), "a", build_otherwise)


def test_a_model_that_grows_is_asked_the_same_at_every_size():
    assert find_model("scaling_forest_10").question == find_model("scaling_forest_1000").question


def test_a_model_that_does_not_survive_a_copy_is_not_kept(tmp_path, monkeypatch):
    answers = iter(range(9))
    question = Question(inputs=lambda: None, answer=lambda fitted, X: (np.array(next(answers)),))
    monkeypatch.setitem(made_up.QUESTIONS, "fickle", question)
    fickle = BenchmarkModel(name="fickle", title="", build=lambda: 1, home="benchmarks.made_up")
    with pytest.raises(RuntimeError, match="a copy answers differently"):
        ensure_built(tmp_path, fickle)
    assert not list(tmp_path.iterdir())
