"""What hermetic has promised to reach, and whether a run reached it: computed, never typed.

A ratio above 1 means that hermetic is faster. Sizes are decimal: 1 MB = 1,000,000 bytes. A target about
something that a run did not measure is "not measured", never "met".
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.results import Run, geometric_mean, median_seconds, speedup_over_models

__all__ = ["Outcome", "evaluate_targets", "share_of_checks"]

MEGABYTE = 1_000_000
_FOREST = "rf500_50k"
_TINY = "logreg_tiny"
_VOCABULARY = "tfidf_500k_vocab"
_MADE_OF_ARRAYS = ("extratrees300_reg", "gp_3k", "knn_kdtree_200k", "mlp_1024x2", "pca_2000", "rf500_50k", "svc_5k_sv")
"""Arrays are over 80 % of the bytes of their pickles."""
_MAPPED_MODELS = ("knn_kdtree_200k", "gp_3k", "mlp_1024x2", "svc_5k_sv", "pca_2000")
_GEOMETRIC_MEANS = (
    ("hermetic", "pickle", 1.6),
    ("hermetic", "joblib", 3.0),
    ("hermetic", "skops", 20.0),
    ("hermetic mmap c", "pickle", 2.3),
    ("hermetic mmap c", "joblib mmap r", 2.8),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One target and what became of it.

    Attributes
    ----------
    claim : str
        What is promised, with the number.
    found : str
        What the run found; empty when it was not measured.
    state : str
        ``met``, ``missed`` or ``not measured``.
    """

    claim: str
    found: str
    state: str


def evaluate_targets(run: Run) -> list[Outcome]:
    """Evaluate every target on a run, in the order of the table."""
    return [
        _no_errors(run),
        *_load_means(run),
        _never_behind_the_best(run),
        *_legacy_loads(run),
        _worst_load(run),
        _forest_load(run),
        _mapped_loads(run),
        *_dumps(run, "dump", "to a path, synced to the disk"),
        *_dumps(run, "dump_to_stream", "to an open file, not synced, as the peers"),
        _share_of_checks(run),
        *_forest_memory(run),
        _file_sizes(run),
        _tiny_file(run),
        *_compressed_forest(run),
        *_footprint(run),
    ]


def _judge(claim: str, found: str, is_met: bool) -> Outcome:
    return Outcome(claim=claim, found=found, state="met" if is_met else "missed")


def _missing(claim: str) -> Outcome:
    return Outcome(claim=claim, found="", state="not measured")


def _no_errors(run: Run) -> Outcome:
    claim = "every model is saved, loaded, and answers bit for bit as the original"
    # Not the load with open gates: it is a measuring instrument, no way to load a model.
    cells = [cell for cell in run.cells if cell.backend.startswith("hermetic") and cell.backend != "hermetic unchecked"]
    if not cells or all(cell.problem.startswith("not available") for cell in cells):
        return _missing(claim)
    failed = sorted({cell.model for cell in cells if cell.problem})
    n_models = len({cell.model for cell in cells})
    return _judge(claim, f"{n_models - len(failed)} of {n_models} models" + _name_models(failed), not failed)


def _load_means(run: Run) -> list[Outcome]:
    outcomes = []
    for backend, peer, required in _GEOMETRIC_MEANS:
        claim = f"{backend}: loads, geometric mean, at least {required:g} x as fast as {peer}"
        speedups = speedup_over_models(run, backend, peer, "load")
        outcomes.append(_judge_mean(claim, speedups, required))
    return outcomes


def _judge_mean(claim: str, speedups: Mapping[str, float], required: float) -> Outcome:
    mean = geometric_mean(speedups.values())
    if mean is None:
        return _missing(claim)
    return _judge(claim, f"{mean:.2f} x over {_count(speedups)}", mean >= required)


def _never_behind_the_best(run: Run) -> Outcome:
    claim = "every model over 1 MB: load at most 1.05 x the better of pickle and joblib"
    pickle = speedup_over_models(run, "hermetic", "pickle", "load")
    joblib = speedup_over_models(run, "hermetic", "joblib", "load")
    ratios = {
        model: 1 / min(speedup, joblib.get(model, speedup))
        for model, speedup in pickle.items()
        if (_file_bytes(run, model, "pickle") or 0) > MEGABYTE
    }
    return _judge_worst(claim, ratios, 1.05)


def _legacy_loads(run: Run) -> list[Outcome]:
    """Judge reading the files of the peers as data, all checks on."""
    on_joblib = speedup_over_models(run, "hermetic on joblib", "joblib", "load")
    on_pickle = speedup_over_models(run, "hermetic on pickle", "pickle", "load")
    slowdowns = {model: 1 / speedup for model, speedup in on_joblib.items()}
    arrays = {model: 1 / speedup for model, speedup in on_pickle.items() if model in _MADE_OF_ARRAYS}
    opcodes = {model: 1 / speedup for model, speedup in on_pickle.items() if model not in _MADE_OF_ARRAYS}
    return [
        _judge_worst("a joblib file, every model: at most 0.5 x the time of joblib.load", slowdowns, 0.5),
        _judge_worst("a pickle made of arrays: at most the time of pickle.load", arrays, 1.0),
        _judge_worst("a pickle made of objects: at most 5 x the time of pickle.load", opcodes, 5.0),
        _vocabulary(run),
    ]


def _vocabulary(run: Run) -> Outcome:
    claim = f"the pickle of {_VOCABULARY}: under 1 s"
    cell = run.cell(_VOCABULARY, "hermetic on pickle")
    seconds = median_seconds(cell.load) if cell is not None else None
    return _missing(claim) if seconds is None else _judge(claim, f"{seconds:.2f} s", seconds < 1.0)


def _judge_worst(claim: str, ratios: Mapping[str, float], limit: float) -> Outcome:
    if not ratios:
        return _missing(claim)
    worst = max(ratios, key=lambda model: ratios[model])
    behind = sorted(model for model, ratio in ratios.items() if ratio > limit)
    found = f"worst {ratios[worst]:.2f} x ({worst}) of {_count(ratios)}"
    return _judge(claim, found + (f"; {len(behind)} beyond" + _name_models(behind) if behind else ""), not behind)


def _worst_load(run: Run) -> Outcome:
    claim = "every model: load at most pickle x 1.10, or pickle + 0.5 ms"
    ratios, behind = {}, []
    for model, speedup in speedup_over_models(run, "hermetic", "pickle", "load").items():
        ratios[model] = 1 / speedup
        if ratios[model] > 1.10 and _extra_seconds(run, model) > 0.0005:
            behind.append(model)
    if not ratios:
        return _missing(claim)
    worst = max(ratios, key=lambda model: ratios[model])
    found = f"largest ratio {ratios[worst]:.2f} x, {_extra_seconds(run, worst) * 1000:+.2f} ms ({worst})"
    return _judge(claim, found + (f"; {len(behind)} beyond" + _name_models(behind) if behind else ""), not behind)


def _extra_seconds(run: Run, model: str) -> float:
    """Return by how much hermetic's load takes longer than pickle's: the median over common rounds."""
    ours, theirs = run.cell(model, "hermetic"), run.cell(model, "pickle")
    if ours is None or theirs is None:
        return 0.0
    return statistics.median(ours.load[number] - theirs.load[number] for number in ours.load if number in theirs.load)


def _forest_load(run: Run) -> Outcome:
    claim = f"{_FOREST}: load at most 0.70 x pickle's time"
    speedup = speedup_over_models(run, "hermetic", "pickle", "load").get(_FOREST)
    return _missing(claim) if speedup is None else _judge(claim, f"{1 / speedup:.2f} x", 1 / speedup <= 0.70)


def _mapped_loads(run: Run) -> Outcome:
    claim = f"hermetic mmap c: {', '.join(_MAPPED_MODELS)} in at most 2 ms each"
    times = {}
    for model in _MAPPED_MODELS:
        cell = run.cell(model, "hermetic mmap c")
        seconds = median_seconds(cell.load) if cell is not None else None
        if seconds is not None:
            times[model] = seconds * 1000
    if not times:
        return _missing(claim)
    slowest = max(times, key=lambda model: times[model])
    return _judge(claim, f"slowest {times[slowest]:.2f} ms ({slowest}) of {_count(times)}", times[slowest] <= 2.0)


def _dumps(run: Run, operation: str, how: str) -> list[Outcome]:
    speedups = speedup_over_models(run, "hermetic", "pickle", operation, peer_operation="dump")
    ratios = {model: 1 / speedup for model, speedup in speedups.items()}
    return [
        _judge_mean(f"dump {how}: geometric mean at least 1 x as fast as pickle", speedups, 1.0),
        _judge_worst(f"dump {how}: every model at most 1.5 x pickle's time", ratios, 1.5),
    ]


def share_of_checks(run: Run) -> dict[str, float]:
    """Return for each model what the checks of a load take, as a share of pickle's whole load: medians over rounds."""
    shares = {}
    for model in run.models:
        cells = [run.cell(model, backend) for backend in ("hermetic", "hermetic unchecked", "pickle")]
        if any(cell is None or cell.problem for cell in cells):
            continue
        checked, unchecked, pickle = (cell.load for cell in cells if cell is not None)
        common = checked.keys() & unchecked.keys() & pickle.keys()
        if common:
            shares[model] = statistics.median((checked[n] - unchecked[n]) / pickle[n] for n in common)
    return shares


def _share_of_checks(run: Run) -> Outcome:
    claim = "every model over 1 MB: all checks of a load take at most 20 % of pickle's time"
    shares = {
        model: share
        for model, share in share_of_checks(run).items()
        if (_file_bytes(run, model, "pickle") or 0) > MEGABYTE
    }
    if not shares:
        return _missing(claim)
    worst = max(shares, key=lambda model: shares[model])
    behind = sorted(model for model, share in shares.items() if share > 0.20)
    found = f"most {shares[worst]:.0%} ({worst}) of {_count(shares)}"
    if _FOREST in shares:
        found += f"; {shares[_FOREST]:.0%} ({_FOREST})"
    return _judge(claim, found + (f"; {len(behind)} beyond" + _name_models(behind) if behind else ""), not behind)


def _forest_memory(run: Run) -> list[Outcome]:
    cell = run.cell(_FOREST, "hermetic")
    outcomes = []
    for word, limit, found in (
        ("keeps", 545, cell.kept_bytes if cell else None),
        ("needs at its peak", 560, cell.peak_bytes if cell else None),
    ):
        claim = f"{_FOREST}: a load {word} at most {limit} MB of private memory"
        outcomes.append(
            _missing(claim) if found is None else _judge(claim, f"{found / MEGABYTE:.1f} MB", found <= limit * MEGABYTE)
        )
    return outcomes


def _file_sizes(run: Run) -> Outcome:
    claim = "every file at most 1.05 x pickle's + 4,096 bytes"
    excess = {}
    for model in run.models:
        ours, theirs = _file_bytes(run, model, "hermetic"), _file_bytes(run, model, "pickle")
        if ours is not None and theirs is not None:
            excess[model] = ours - (theirs * 1.05 + 4096)
    if not excess:
        return _missing(claim)
    worst = max(excess, key=lambda model: excess[model])
    behind = sorted(model for model, too_many in excess.items() if too_many > 0)
    ours, theirs = _file_bytes(run, worst, "hermetic"), _file_bytes(run, worst, "pickle")
    return _judge(
        claim, f"nearest or worst: {ours:,} against {theirs:,} bytes ({worst})" + _name_models(behind), not behind
    )


def _tiny_file(run: Run) -> Outcome:
    claim = f"{_TINY}: file at most 6 KB"
    found = _file_bytes(run, _TINY, "hermetic")
    return _missing(claim) if found is None else _judge(claim, f"{found:,} bytes", found <= 6_000)


def _compressed_forest(run: Run) -> list[Outcome]:
    size_claim = f"{_FOREST} compressed: file at most as long as joblib's with xz"
    speed_claim = f"{_FOREST} compressed: dump at least 20 x as fast as joblib's with xz"
    ours, theirs = (_file_bytes(run, _FOREST, backend) for backend in ("hermetic compressed", "joblib xz 3"))
    speedup = speedup_over_models(run, "hermetic compressed", "joblib xz 3", "dump").get(_FOREST)
    return [
        _missing(size_claim)
        if ours is None or theirs is None
        else _judge(size_claim, f"{ours / MEGABYTE:.1f} against {theirs / MEGABYTE:.1f} MB", ours <= theirs),
        _missing(speed_claim) if speedup is None else _judge(speed_claim, f"{speedup:.1f} x", speedup >= 20.0),
    ]


def _footprint(run: Run) -> list[Outcome]:
    import_claim = "import hermetic: under 60 ms, without numpy and scikit-learn"
    install_claim = "installed beyond scikit-learn: at most 8 distributions, 12 MB"
    footprint = run.footprint
    if footprint is None or footprint.heavy_modules is None or "hermetic" not in footprint.import_seconds:
        return [_missing(import_claim), _missing(install_claim)]
    milliseconds = footprint.import_seconds["hermetic"] * 1000
    heavy = footprint.heavy_modules
    count, weight = len(footprint.distributions), sum(footprint.distributions.values())
    return [
        _judge(
            import_claim,
            f"{milliseconds:.1f} ms; imports {', '.join(heavy) or 'neither'}",
            milliseconds < 60 and not heavy,
        ),
        _judge(
            install_claim,
            f"{count} distributions, {weight / MEGABYTE:.1f} MB",
            count <= 8 and weight <= 12 * MEGABYTE,
        ),
    ]


def _file_bytes(run: Run, model: str, backend: str) -> int | None:
    cell = run.cell(model, backend)
    return cell.file_bytes if cell is not None and not cell.problem else None


def _count(models: Mapping[str, float]) -> str:
    return f"{len(models)} model" + ("s" if len(models) != 1 else "")


def _name_models(models: list[str]) -> str:
    return f" ({', '.join(models)})" if models else ""
