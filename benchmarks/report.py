"""Renders a run as Markdown: targets first, then the tables they were computed from.

Every number comes from the run. What was measured less often than asked, or not at all, is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from benchmarks.backends import COMPRESSED, READING_ONLY
from benchmarks.measure import BUDGET_SECONDS
from benchmarks.results import Cell, Run, geometric_mean, median_seconds, speedup_over_models
from benchmarks.targets import MEGABYTE, Outcome, share_of_checks

__all__ = ["render_report"]

_PEERS = ("pickle", "cloudpickle", "joblib", "joblib mmap r", "joblib zlib 3", "joblib lz4", "joblib xz 3", "skops")
_OURS = ("hermetic", "hermetic mmap c", "hermetic compressed")


def render_report(run: Run, outcomes: Sequence[Outcome]) -> str:
    """Return the Markdown page of a run."""
    sections = [
        _render_head(run),
        _render_targets(outcomes),
        _render_means(run),
        _render_loads(run),
        _render_dumps(run),
        _render_sizes(run),
        _render_memory(run),
        _render_scaling(run),
        _render_footprint(run),
        _render_notes(run),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _render_head(run: Run) -> str:
    machine = "\n".join(f"- {label}: {value}" for label, value in run.machine.items())
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return (
        "# Benchmarks\n\n"
        f"Made on {run.date} by\n\n```\n{run.command}\n```\n\n{machine}\n- libraries: {versions}\n\n"
        "Each time is that of one load or one dump in a new Python process, which has imported everything that the\n"
        "model and the backends need before the clock starts, with the file warm in the page cache. The backends take\n"
        "turns, in an order shuffled anew each round: a time is the median over the rounds, and a ratio is formed\n"
        "within each round before the median is taken. When the clock has stopped, the answers of every loaded model\n"
        "are compared with the original's bit for bit: a wrong model is an error, not a time.\n\n"
        "`python -m benchmarks --help` explains how to run it; `results.json` holds every single time.\n\n"
        "![Time to load a fitted model](load.svg)"
    )


def _render_targets(outcomes: Sequence[Outcome]) -> str:
    counts = {state: sum(outcome.state == state for outcome in outcomes) for state in ("met", "missed", "not measured")}
    summary = ", ".join(f"{count} {state}" for state, count in counts.items())
    rows = [(outcome.claim, outcome.found or "-", _emphasise(outcome.state)) for outcome in outcomes]
    return f"## Targets\n\n{summary}.\n\n" + _render_table(("target", "found", ""), rows, left=3)


def _emphasise(state: str) -> str:
    return f"**{state}**" if state == "missed" else state


def _render_means(run: Run) -> str:
    """One row for each peer: how many times as long as hermetic it takes."""
    rows = []
    for peer in _PEERS:
        row = [peer]
        for backend, operation in (
            *((ours, "load") for ours in _OURS),
            ("hermetic", "dump"),
            ("hermetic", "dump_to_stream"),
        ):
            speedups = speedup_over_models(run, backend, peer, operation, peer_operation=operation.partition("_to_")[0])
            mean = geometric_mean(speedups.values())
            row.append("-" if mean is None else f"{mean:.2f} ({len(speedups)})")
        if any(value != "-" for value in row[1:]):
            rows.append(row)
    if not rows:
        return ""
    head = ("peer", *(f"load: {name}" for name in _OURS), "dump: hermetic", "dump (file object): hermetic")
    return (
        "## Geometric means\n\nHow many times as long as hermetic a peer takes, over (so many) models.\n\n"
        + _render_table(head, rows)
    )


def _render_loads(run: Run) -> str:
    rows = _model_rows(run, run.backends, lambda cell: _milliseconds(cell.load))
    against = speedup_over_models(run, "hermetic", "pickle", "load")
    shares = share_of_checks(run)
    rows = [
        [
            *row,
            f"{against[row[0]]:.2f}" if row[0] in against else "-",
            f"{shares[row[0]]:.0%}" if row[0] in shares else "-",
        ]
        for row in rows
    ]
    head = ("model", *run.backends, "pickle / hermetic", "checks / pickle")
    return (
        '## Load, milliseconds\n\n"hermetic unchecked" is the same load with its gates held open, which only the\n'
        "benchmarks can do: the last column is what all checks take, as a share of pickle's whole load.\n\n"
        + _render_table(head, rows)
    )


def _render_dumps(run: Run) -> str:
    """Reading-only backends have no column; hermetic's dumps have a second one, without the sync."""
    writers = [name for name in run.backends if any(cell.dump or cell.problem for cell in _cells_of(run, name))]
    writers = [name for name in writers if name not in READING_ONLY]
    rows = _model_rows(run, writers, lambda cell: _milliseconds(cell.dump))
    ours = [name for name in ("hermetic", "hermetic compressed") if name in writers]
    unsynced = _model_rows(run, ours, lambda cell: _milliseconds(cell.dump_to_stream))
    rows = [[*row, *more[1:]] for row, more in zip(rows, unsynced, strict=True)]
    head = ("model", *writers, *(f"{name}, dump (file object)" for name in ours))
    return (
        "## Dump, milliseconds\n\nhermetic's dump to a path is atomic and forced to the disk before it takes the\n"
        'name; the peers leave that to the kernel. The columns "dump (file object)" are hermetic without it: they\n'
        "compare directly. Each dump starts on an idle disk: what was written or deleted before has been synced.\n"
        "What a durable write costs by itself: `docs/decisions/0011-what-a-dump-waits-for.md`.\n\n"
        + _render_table(head, rows)
    )


def _render_sizes(run: Run) -> str:
    writers = [name for name in run.backends if name not in READING_ONLY]
    rows = _model_rows(run, writers, lambda cell: _megabytes(cell.file_bytes, digits=4))
    return "## File, MB\n\n" + _render_table(("model", *writers), rows)


def _render_memory(run: Run) -> str:
    plain = [name for name in run.backends if name not in COMPRESSED]
    rows = _model_rows(
        run, plain, lambda cell: f"{_megabytes(cell.kept_bytes, digits=1)} / {_megabytes(cell.peak_bytes, digits=1)}"
    )
    return (
        "## Private memory of a load, MB kept / at the peak\n\nGrowth of anonymous memory, which the kernel cannot\n"
        "drop; pages of a mapped file do not count.\n\n" + _render_table(("model", *plain), rows)
    )


def _render_scaling(run: Run) -> str:
    """Microseconds for each part, so that a straight line of equal numbers is linear growth."""
    if not run.scaling:
        return ""
    sizes = sorted({point.n_units for point in run.scaling})
    rows = []
    for kind in dict.fromkeys(point.kind for point in run.scaling):
        for backend in dict.fromkeys(point.backend for point in run.scaling):
            for operation in ("load", "dump"):
                found = {
                    point.n_units: (point.load_seconds if operation == "load" else point.dump_seconds) / point.n_units
                    for point in run.scaling
                    if (point.kind, point.backend) == (kind, backend)
                }
                if found:
                    times = [f"{found[size] * 1e6:.2f}" if size in found else "-" for size in sizes]
                    growth = f"{found[max(found)] / found[sorted(found)[-2]]:.2f}" if len(found) > 1 else "-"
                    rows.append([kind, backend, operation, *times, growth])
    head = ("kind", "backend", "", *(f"{size:,}" for size in sizes), "last / one before")
    return (
        "## Growth: microseconds for each part\n\nThe number of parts stands above; where the last column is near 1,\n"
        "the time is proportional to it.\n\n" + _render_table(head, rows, left=3)
    )


def _render_footprint(run: Run) -> str:
    footprint = run.footprint
    if footprint is None:
        return ""
    imports = [(f"`import {name}`", f"{seconds * 1000:.1f} ms") for name, seconds in footprint.import_seconds.items()]
    sizes = [(name, f"{size / MEGABYTE:.2f} MB") for name, size in footprint.distributions.items()]
    total = (f"{len(sizes)} distributions", f"{sum(footprint.distributions.values()) / MEGABYTE:.2f} MB")
    return (
        "## Footprint\n\nIn a fresh interpreter:\n\n"
        + _render_table(("", "time"), imports)
        + "\n\nInstalled beyond scikit-learn, without bytecode:\n\n"
        + _render_table(("", "size"), [*sizes, total])
    )


def _render_notes(run: Run) -> str:
    lines = [
        f"- Rounds of {word}: {_name_rounds(run, operation)}."
        for word, operation in (("loads", "load"), ("dumps", "dump"))
        if _count_rounds(run, operation)
    ]
    lines.append(f"- A backend gets {BUDGET_SECONDS:.0f} s for each model and operation, imports left aside.")
    lines += [
        f"- {cell.model}, {cell.backend}: imported under the clock: {_clean(', '.join(cell.late_imports))}"
        for cell in run.cells
        if cell.late_imports
    ]
    lines += [f"- {model} was left out: {_clean(reason)}" for model, reason in run.left_out.items()]
    problems = [cell for cell in run.cells if cell.problem]
    unavailable = {cell.backend: cell.problem for cell in problems if cell.problem.startswith("not available")}
    lines += [f"- {backend}: {_clean(problem)}" for backend, problem in unavailable.items()]
    lines += [
        f"- {cell.model}, {cell.backend}: {_clean(cell.problem)}"
        for cell in problems
        if cell.backend not in unavailable
    ]
    return "## Notes\n\n" + "\n".join(lines) if lines else ""


def _count_rounds(run: Run, operation: str) -> dict[str, Counter[int]]:
    """Return for each backend how many of its models were measured in how many rounds."""
    counts: dict[str, Counter[int]] = {}
    for cell in run.cells:
        n_rounds = len(cell.load if operation == "load" else cell.dump)
        if n_rounds:
            counts.setdefault(cell.backend, Counter())[n_rounds] += 1
    return counts


def _name_rounds(run: Run, operation: str) -> str:
    """Name the usual number of rounds of each backend, then the models that had another one."""
    usual = {backend: max(found, key=lambda n: found[n]) for backend, found in _count_rounds(run, operation).items()}
    parts = [
        f"{n_rounds} ({', '.join(backend for backend in usual if usual[backend] == n_rounds)})"
        for n_rounds in sorted(set(usual.values()), reverse=True)
    ]
    others: dict[tuple[int, str], list[str]] = {}
    for cell in run.cells:
        n_rounds = len(cell.load if operation == "load" else cell.dump)
        if n_rounds and n_rounds != usual[cell.backend]:
            others.setdefault((n_rounds, cell.model), []).append(cell.backend)
    parts += [f"{n_rounds} for {model} with {', '.join(names)}" for (n_rounds, model), names in others.items()]
    return "; ".join(parts)


def _cells_of(run: Run, backend: str) -> list[Cell]:
    return [cell for cell in run.cells if cell.backend == backend]


def _model_rows(run: Run, backends: Iterable[str], show: Callable[[Cell], str]) -> list[list[str]]:
    """Return one row for each model: its name, then a text for each backend."""
    rows = []
    for model in run.models:
        row = [model]
        for backend in backends:
            cell = run.cell(model, backend)
            row.append("-" if cell is None else _name_problem(cell) or show(cell))
        rows.append(row)
    return rows


def _name_problem(cell: Cell) -> str:
    """``not available`` or ``error``; the whole text stands in the notes."""
    return cell.problem.partition(":")[0]


def _milliseconds(rounds: object) -> str:
    seconds = median_seconds(rounds) if isinstance(rounds, dict) else None
    return "-" if seconds is None else f"{seconds * 1000:,.2f}"


def _megabytes(n_bytes: int | None, *, digits: int) -> str:
    return "-" if n_bytes is None else f"{n_bytes / MEGABYTE:,.{digits}f}"


def _clean(text: str) -> str:
    """Keep a message of a library from breaking the table or the list it stands in."""
    return " ".join(text.replace("|", "\\|").split())[:300]


def _render_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Render a Markdown table whose first `left` columns are aligned to the left, the others to the right."""
    rules = ["---" if number < left else "---:" for number in range(len(head))]
    lines = [head, rules, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
