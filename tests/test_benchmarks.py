"""The harness of `make bench` itself: its statistics, its verdicts and its tables; measuring has a file of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

import hermetic
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
from benchmarks.targets import evaluate_targets
from tests.codecs.user_classes import Plain


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


def test_the_share_of_the_checks_is_the_difference_as_a_part_of_pickles_time():
    run = make_run(
        make_cell("big", "hermetic", 13),
        make_cell("big", "hermetic unchecked", 10),
        make_cell("big", "pickle", 10, file_bytes=2_000_000),
        make_cell("small", "hermetic", 2),
        make_cell("small", "hermetic unchecked", 1),
        make_cell("small", "pickle", 1, file_bytes=900_000),
    )
    outcome = find_outcome(run, "all checks of a load")
    assert (outcome.state, outcome.found) == ("missed", "most 30% (big) of 1 model; 1 beyond (big)")
    assert "| 30% |" in render_report(run, [])


def test_a_load_with_open_gates_takes_what_the_gates_refuse(tmp_path):
    """In a process of its own: it leaves the gates open."""
    script = (
        "import sys, pathlib, warnings; warnings.simplefilter('ignore')\n"
        "import hermetic; from benchmarks.unchecked import load_unchecked\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "try: hermetic.load(path)\n"
        "except hermetic.UntrustedType: print('refused')\n"
        "print(type(load_unchecked(path)).__name__)\n"
    )
    hermetic.dump(Plain(), tmp_path / "thing.hermetic")
    command = [sys.executable, "-c", script, str(tmp_path / "thing.hermetic")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.split() == ["refused", "Plain"]


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
    assert "| forest | 1.50 | 3.00 | error | not available | 2.00 | - |" in page
    assert "| forest | 2.0 / 3.0 |" in page
    assert "| trees | pickle | load | 100.00 | 120.00 | 1.20 |" in page
    assert "- forest, skops: error: load: a \\| b c" in page
    assert "- frames was left out: ModuleNotFoundError: pandas" in page


def test_every_row_of_every_table_has_as_many_columns_as_its_head():
    run = make_full_run()
    for section in render_report(run, evaluate_targets(run)).split("\n\n"):
        rows = [line.replace("\\|", "").count("|") for line in section.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1


def test_the_rounds_of_each_backend_and_the_exceptions_are_said():
    cells = (
        make_cell("a", "pickle", 1),
        make_cell("b", "pickle", 1),
        Cell(model="c", backend="pickle", load={0: 1.0}, dump={0: 1.0}),
    )
    assert "- Rounds of loads: 2 (pickle); 1 for c with pickle." in render_report(make_run(*cells), [])


def test_a_module_imported_under_the_clock_is_said():
    page = render_report(make_run(make_cell("a", "pickle", 1, late_imports=("heavy.part",))), [])
    assert "- a, pickle: imported under the clock: heavy.part" in page


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


def test_reading_legacy_files_is_judged_by_what_the_files_are_made_of():
    run = make_run(
        make_cell("gp_3k", "pickle", 1.0),
        make_cell("gp_3k", "hermetic on pickle", 1.1),
        make_cell("gb500", "pickle", 1.0),
        make_cell("gb500", "hermetic on pickle", 4.0),
        make_cell("gb500", "joblib", 1.0),
        make_cell("gb500", "hermetic on joblib", 0.4),
        make_cell("tfidf_500k_vocab", "hermetic on pickle", 1500.0),
    )
    assert find_outcome(run, "a joblib file").state == "met"
    assert find_outcome(run, "a pickle made of arrays").state == "missed"
    assert find_outcome(run, "a pickle made of objects").state == "met"
    assert find_outcome(run, "the pickle of tfidf_500k_vocab").state == "missed"
