"""What a run has found, for people: totals, the seeds that lack something, and how to see each finding again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fuzzing.tally import LEAST_ACCEPTED, LEAST_IN_ALL, LEAST_REFUSED, Tally

__all__ = ["describe", "print_report", "recipe"]


def recipe(seed: str, number: int, steps: Collection[int] | None = None) -> str:
    """Give the command that tries one mutant again and tells everything."""
    chosen = "" if steps is None else f" --steps {','.join(map(str, steps))}"
    return f"python -m fuzzing --seed-name '{seed}' --number {number}{chosen}"


def print_report(tally: Tally, names: Sequence[str], console: Console) -> None:
    """Print the table of seeds, the totals and the findings."""
    table = Table(title="mutants", title_justify="left")
    for heading in ("seed", "accepted and used", "refused by a gate", "refused before", "tried"):
        table.add_column(heading, justify="left" if heading == "seed" else "right")
    for name in names:
        if tally.tried(name):
            accepted, refused, tried = tally.accepted(name), tally.refused(name), tally.tried(name)
            cells = (accepted, refused, tried - accepted - refused, tried)
            table.add_row(name, *(f"{count:,}" for count in cells))
    console.print(table)
    _print_totals(tally, names, console)
    for finding in tally.findings:
        console.print(describe(finding), markup=False, highlight=False, soft_wrap=True)


def describe(finding: Mapping[str, Any]) -> str:
    """Give a finding of a tally in three lines: what it is, what was changed, how to see it again."""
    words = "; ".join(finding["words"])
    again = recipe(finding["seed"], finding["number"], finding["steps"])
    return f"FOUND {finding['what']} {finding['detail']}\n    {words}\n    {again}"


def _print_totals(tally: Tally, names: Sequence[str], console: Console) -> None:
    tried = sum(map(tally.tried, names))
    accepted, refused = sum(map(tally.accepted, names)), sum(map(tally.refused, names))
    enough = sum(map(tally.is_enough, names))
    share = 100 * accepted / tried if tried else 0.0
    lines = (
        f"{tried:,} mutants of {LEAST_IN_ALL:,}: {accepted:,} accepted and used ({share:.0f} %), "
        f"{refused:,} refused by a gate",
        f"{enough:,} of {len(names):,} seeds have {LEAST_ACCEPTED:,} accepted and {LEAST_REFUSED:,} refused",
        f"{len(tally.lines):,} lines of checks have refused something",
        f"{len(tally.findings):,} findings",
    )
    for line in lines:
        console.print(line, markup=False, highlight=False)
