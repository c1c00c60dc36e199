"""The harness of `make bench` itself: its statistics, its verdicts, its tables, and that wrong models get no time."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.backends import Backend
from benchmarks.cache import cache_path, digest_answers, ensure_built, load_built
from benchmarks.child import ChildFailed, run_in_child
from benchmarks.measure import BUDGET_SECONDS, schedule_rounds
from benchmarks.models import ALL_MODELS, BenchmarkModel
from benchmarks.plot import draw_loads
from benchmarks.report import render_report
from benchmarks.results import (
    Cell,
    Footprint,
    Run,
    ScalingPoint,
    geometric_mean,
    median_seconds,
    paired_speedup,
    render_json,
    speedup_over_models,
)
from benchmarks.session import measure_model
from benchmarks.targets import evaluate_targets

TINY = next(model for model in ALL_MODELS if model.name == "logreg_tiny")


@pytest.fixture(autouse=True)
def thaw():
    """Undo the freeze that each fork asks for."""
    yield
    gc.unfreeze()


def make_run(*cells, scaling=(), footprint=None, left_out=None):
    return Run(
        command="python -m benchmarks --quick",
        date="2020-02-02",
        machine={"processor": "made up", "cores": "2"},
        versions={"numpy": "2.0"},
        repeats=2,
        models={cell.model: cell.model for cell in cells},
        backends=tuple(dict.fromkeys(cell.backend for cell in cells)),
        cells=cells,
        left_out=left_out or {},
        scaling=scaling,
        footprint=footprint,
    )


def make_cell(model, backend, milliseconds, **more):
    rounds = dict.fromkeys((0, 1), milliseconds / 1000)
    return Cell(model=model, backend=backend, load=rounds, dump=rounds, **more)


def find_outcome(run, *words):
    return next(outcome for outcome in evaluate_targets(run) if all(word in outcome.claim for word in words))


def write_pickle(model, path):
    path.write_bytes(pickle.dumps(model))


def read_pickle(path):
    return pickle.loads(path.read_bytes())


def make_backend(name, load, dump=write_pickle, **more):
    return Backend(name=name, needs=(), dump=dump, load=load, **more)


def measure_tiny(tmp_path, *backends, repeats=2):
    ensure_built(tmp_path, TINY)
    cells = measure_model(TINY, backends, repeats=repeats, cache=tmp_path, scratch=tmp_path, progress=lambda step: None)
    return {cell.backend: cell for cell in cells}


@pytest.fixture
def own_backends(monkeypatch):
    """Let the session know backends that are made up in a test."""

    def register(*backends):
        monkeypatch.setattr("benchmarks.session.ALL_BACKENDS", backends)
        return backends

    return register


# statistics


def test_the_geometric_mean_of_a_gain_and_an_equal_loss_is_one():
    assert geometric_mean([4.0, 0.25]) == pytest.approx(1.0)


def test_the_geometric_mean_of_nothing_is_nothing():
    assert geometric_mean([]) is None


def test_the_median_of_no_times_is_nothing():
    assert median_seconds({}) is None


def test_a_ratio_is_formed_within_a_round_so_that_drift_cancels():
    ours = {0: 1.0, 1: 10.0, 2: 100.0}
    peer = {0: 2.0, 1: 20.0, 2: 200.0}
    assert paired_speedup(ours, peer) == 2.0


def test_a_round_that_one_side_sat_out_takes_no_part_in_the_ratio():
    assert paired_speedup({0: 1.0, 3: 1.0}, {0: 3.0, 1: 100.0}) == 3.0


def test_no_common_round_gives_no_ratio():
    assert paired_speedup({0: 1.0}, {1: 1.0}) is None


def test_a_cell_with_a_problem_takes_no_part_in_a_mean():
    run = make_run(
        make_cell("a", "hermetic", 1),
        make_cell("a", "pickle", 2),
        make_cell("b", "hermetic", 1, problem="error: load"),
        make_cell("b", "pickle", 900),
    )
    assert speedup_over_models(run, "hermetic", "pickle", "load") == {"a": 2.0}


# schedule


def test_every_backend_runs_once_a_round_and_follows_different_ones():
    backends = [make_backend(name, read_pickle) for name in "abcd"]
    order = [(number, backend.name) for number, backend in schedule_rounds(backends, 5, lambda backend: [])]
    assert sorted(order) == [(number, name) for number in range(5) for name in "abcd"]
    names = "".join(name for _, name in order)
    assert all(len({names[at - 1] for at in range(1, 20) if names[at] == name}) > 1 for name in "abcd")


def test_the_order_of_measuring_is_the_same_in_every_run():
    backends = [make_backend(name, read_pickle) for name in "abcd"]
    first, second = (list(schedule_rounds(backends, 5, lambda backend: [])) for _ in range(2))
    assert first == second


def test_a_backend_that_would_exceed_its_budget_sits_out():
    backends = [make_backend("slow", read_pickle), make_backend("fast", read_pickle)]
    spent = {"slow": [BUDGET_SECONDS * 0.6], "fast": [0.1]}
    order = [backend.name for _, backend in schedule_rounds(backends, 1, lambda backend: spent[backend.name])]
    assert order == ["fast"]


def test_a_backend_is_not_measured_more_often_than_its_maximum():
    times: list[float] = []
    backend = make_backend("skops", read_pickle, max_repeats=3)
    times.extend(0.0 for _ in schedule_rounds([backend], 9, lambda backend: times))
    assert len(times) == 3


# targets


def test_a_target_is_met_when_the_mean_reaches_it():
    run = make_run(make_cell("a", "hermetic", 1), make_cell("a", "pickle", 1.6))
    assert find_outcome(run, "geometric mean, at least 1.6", "pickle").state == "met"


def test_a_target_is_missed_when_the_mean_falls_short():
    run = make_run(make_cell("a", "hermetic", 1), make_cell("a", "pickle", 1.5))
    outcome = find_outcome(run, "geometric mean, at least 1.6", "pickle")
    assert (outcome.state, outcome.found) == ("missed", "1.50 x over 1 model")


def test_what_was_not_measured_is_never_met():
    run = make_run(make_cell("a", "pickle", 1))
    assert {outcome.state for outcome in evaluate_targets(run)} == {"not measured"}


def test_half_a_millisecond_more_than_pickle_is_allowed():
    run = make_run(make_cell("a", "hermetic", 1.4), make_cell("a", "pickle", 1.0))
    assert find_outcome(run, "pickle + 0.5 ms").state == "met"


def test_one_slow_model_misses_the_target_for_the_worst_and_is_named():
    run = make_run(
        make_cell("a", "hermetic", 1),
        make_cell("a", "pickle", 5),
        make_cell("b", "hermetic", 20),
        make_cell("b", "pickle", 10),
    )
    outcome = find_outcome(run, "pickle + 0.5 ms")
    assert outcome.state == "missed"
    assert "2.00 x, +10.00 ms (b); 1 beyond (b)" in outcome.found


def test_a_big_model_is_held_against_the_better_of_pickle_and_joblib():
    run = make_run(
        make_cell("big", "hermetic", 8),
        make_cell("big", "pickle", 20, file_bytes=2_000_000),
        make_cell("big", "joblib", 5),
    )
    outcome = find_outcome(run, "every model over 1 MB")
    assert (outcome.state, outcome.found) == ("missed", "worst 1.60 x (big) of 1 model; 1 beyond (big)")


def test_a_file_may_be_five_percent_and_a_page_longer_than_pickles():
    allowed = make_run(
        make_cell("a", "hermetic", 1, file_bytes=1_054_000), make_cell("a", "pickle", 1, file_bytes=1_000_000)
    )
    refused = make_run(
        make_cell("a", "hermetic", 1, file_bytes=1_054_097), make_cell("a", "pickle", 1, file_bytes=1_000_000)
    )
    assert find_outcome(allowed, "4,096 bytes").state == "met"
    assert find_outcome(refused, "4,096 bytes").state == "missed"


def test_one_wrong_model_misses_the_target_that_all_answer_alike():
    run = make_run(make_cell("a", "hermetic", 1), Cell(model="b", backend="hermetic", problem="error: load: wrong"))
    outcome = find_outcome(run, "bit for bit")
    assert (outcome.state, outcome.found) == ("missed", "1 of 2 models (b)")


def test_memory_and_compression_of_the_forest_are_judged():
    cells = (
        make_cell("rf500_50k", "hermetic", 300, kept_bytes=540_000_000, peak_bytes=561_000_000),
        make_cell("rf500_50k", "hermetic compressed", 1_000, file_bytes=90_000_000),
        make_cell("rf500_50k", "joblib xz 3", 30_000, file_bytes=80_000_000),
    )
    run = make_run(*cells)
    words = ("keeps", "at its peak", "as long as joblib's", "20 x as fast")
    states = [find_outcome(run, "rf500_50k", word).state for word in words]
    assert states == ["met", "missed", "missed", "met"]


def test_an_import_that_brings_numpy_misses_its_target():
    footprint = Footprint(import_seconds={"hermetic": 0.01}, heavy_modules=("numpy",), distributions={"hermetic": 5})
    run = make_run(make_cell("a", "pickle", 1), footprint=footprint)
    assert find_outcome(run, "import hermetic").state == "missed"
    assert find_outcome(run, "8 distributions").state == "met"


# rendering


def make_full_run():
    return make_run(
        make_cell("forest", "hermetic", 1.5, file_bytes=1_000, kept_bytes=2_000_000, peak_bytes=3_000_000),
        make_cell("forest", "pickle", 3, file_bytes=2_000_000),
        Cell(model="forest", backend="skops", problem="error: load: a | b\nc"),
        Cell(model="forest", backend="joblib lz4", problem="not available: lz4.frame cannot be imported"),
        scaling=(
            ScalingPoint(kind="trees", backend="pickle", n_units=10, load_seconds=0.001, dump_seconds=0.002),
            ScalingPoint(kind="trees", backend="pickle", n_units=100, load_seconds=0.012, dump_seconds=0.02),
        ),
        left_out={"frames": "ModuleNotFoundError: pandas"},
    )


def test_the_tables_show_times_ratios_and_problems():
    run = make_full_run()
    page = render_report(run, evaluate_targets(run))
    assert "| forest | 1.50 | 3.00 | error | not available | 2.00 |" in page
    assert "| forest | 2.0 / 3.0 |" in page
    assert "| trees | pickle | load | 100.00 | 120.00 | 1.20 |" in page
    assert "- forest, skops: error: load: a \\| b c" in page
    assert "- frames was left out: ModuleNotFoundError: pandas" in page


def test_every_row_of_every_table_has_as_many_columns_as_its_head():
    run = make_full_run()
    for section in render_report(run, evaluate_targets(run)).split("\n\n"):
        rows = [line.replace("\\|", "").count("|") for line in section.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1


def test_cells_measured_in_fewer_rounds_are_said():
    short = Cell(model="a", backend="skops", load={0: 1.0}, dump={0: 1.0})
    page = render_report(make_run(short), [])
    assert "Fewer rounds than 2: a with skops (1)" in page


def test_the_picture_is_wellformed_and_refers_to_nothing_outside():
    drawn = draw_loads(make_run(make_cell("a<b&c", "hermetic", 0.03), make_cell("a<b&c", "pickle", 500)))
    ElementTree.fromstring(drawn)
    assert "prefers-color-scheme: dark" in drawn
    assert not any(word in drawn for word in ("<script", "href", "url(", "@import"))


def test_the_picture_of_a_run_without_times_is_empty_but_wellformed():
    ElementTree.fromstring(draw_loads(make_run(Cell(model="a", backend="hermetic", problem="not available: x"))))


def test_the_json_holds_every_time_and_the_targets():
    run = make_full_run()
    text = render_json(run, evaluate_targets(run))
    assert '"claim"' in text
    assert text == render_json(run, evaluate_targets(run))


# measuring


def test_an_honest_backend_gets_times_a_size_and_its_memory(tmp_path, own_backends):
    cells = measure_tiny(tmp_path, *own_backends(make_backend("honest", read_pickle)))
    honest = cells["honest"]
    assert honest.problem == ""
    assert set(honest.load) == set(honest.dump) == {0, 1}
    assert honest.file_bytes
    assert (honest.peak_bytes or 0) >= (honest.kept_bytes or 0)


def test_a_backend_that_returns_a_wrong_model_is_an_error_and_no_time(tmp_path, own_backends):
    def load_wrong(path):
        model = read_pickle(path)
        model[-1].coef_ = model[-1].coef_ + 1e-15
        return model

    cells = measure_tiny(
        tmp_path, *own_backends(make_backend("wrong", load_wrong), make_backend("honest", read_pickle))
    )
    assert cells["wrong"].problem == "error: load: the loaded model answers differently from the original"
    assert not cells["wrong"].load
    assert not cells["honest"].problem


def test_a_backend_that_raises_is_an_error_and_the_others_go_on(tmp_path, own_backends):
    def refuse(path):
        raise ValueError("not my file\nsecond line")

    def refuse_to_save(model, path):
        raise TypeError("not my model")

    backends = own_backends(
        make_backend("raises on load", refuse),
        make_backend("raises on dump", read_pickle, refuse_to_save),
        make_backend("honest", read_pickle),
    )
    cells = measure_tiny(tmp_path, *backends, repeats=1)
    assert cells["raises on load"].problem == "error: load: ValueError: not my file"
    assert cells["raises on dump"].problem == "error: dump: TypeError: not my model"
    assert cells["honest"].load


def test_a_backend_that_reads_anothers_file_has_loads_and_no_dumps(tmp_path, own_backends):
    mapped = make_backend("mapped", read_pickle, None, reads_file_of="honest")
    own_backends(make_backend("honest", read_pickle), mapped)
    cells = measure_tiny(tmp_path, mapped, repeats=1)
    assert cells["mapped"].load
    assert not cells["mapped"].dump


def test_a_library_that_is_not_installed_is_not_available(tmp_path, own_backends):
    absent = Backend(name="absent", needs=("no_such_library",), dump=write_pickle, load=read_pickle)
    cells = measure_tiny(tmp_path, *own_backends(absent), repeats=1)
    assert cells["absent"].problem.startswith("not available: no_such_library")


def test_a_child_that_dies_is_reported_with_its_signal():
    with pytest.raises(ChildFailed, match="killed by SIGKILL"):
        run_in_child(lambda note: os.kill(os.getpid(), signal.SIGKILL), timeout_seconds=60)


def test_a_child_that_takes_too_long_is_stopped():
    with pytest.raises(ChildFailed, match="stopped after"):
        run_in_child(lambda note: os.read(os.pipe()[0], 1), timeout_seconds=0.2)


def test_notes_of_a_child_arrive_in_order_before_its_result():
    notes: list[int] = []
    result = run_in_child(lambda note: [note(number) for number in range(3)], timeout_seconds=60, on_note=notes.append)
    assert notes == [0, 1, 2]
    assert result == [None, None, None]


# models and their cache


def test_every_model_has_a_name_of_its_own():
    names = [model.name for model in ALL_MODELS]
    assert len(set(names)) == len(names)


def test_a_kept_model_answers_as_a_new_one(tmp_path):
    kept = load_built(ensure_built(tmp_path, TINY))
    assert digest_answers(TINY, kept) == digest_answers(TINY, TINY.build())


def test_a_changed_builder_is_built_anew():
    def build():
        return 1

    def build_otherwise():
        return 2

    assert cache_path(Path("folder"), "a", build) != cache_path(Path("folder"), "a", build_otherwise)


def test_a_model_that_does_not_survive_a_copy_is_not_kept(tmp_path):
    answers = iter(range(9))
    fickle = BenchmarkModel(
        name="fickle",
        title="",
        build=lambda: 1,
        inputs=lambda: None,
        answer=lambda fitted, X: (__import__("numpy").array(next(answers)),),
    )
    with pytest.raises(RuntimeError, match="a copy answers differently"):
        ensure_built(tmp_path, fickle)
    assert not list(tmp_path.iterdir())
