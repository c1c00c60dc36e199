"""The page that `hermetic scan` and `hermetic approve` show: every text from the file made harmless."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import plain, plain_lines
from hermetic.inspection.text import size_text
from hermetic.policy import is_exact_name
from hermetic.scanning import ScanReport
from hermetic.scanning.harmful_names import RULES

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["exit_code_of_report", "show_folder", "show_report"]

_MOST_NAMES = 12
_VERDICTS = {
    "clean": "CLEAN: loads without anyone's trust",
    "refused": "REFUSED: needs trust in what is listed below",
    "unreadable": "UNREADABLE: damaged, foreign or hostile",
    "dangerous": "DANGEROUS: opening it with pickle or joblib would run what is listed below",
    "malformed": "MALFORMED: no pickler has written it",
    "unknown": "UNKNOWN: it uses names that are in no table of known types and functions",
}
_CLEAN_PICKLE = "CLEAN: only known types and calls; hermetic.load does not read pickles yet"
_EXIT_CODES = {
    "clean": ExitCode.OK,
    "dangerous": ExitCode.CHECK_FAILED,
    "malformed": ExitCode.WRONG_USAGE,
    "refused": ExitCode.REFUSED,
    "unknown": ExitCode.REFUSED,
    "unreadable": ExitCode.WRONG_USAGE,
}
_ALWAYS_COUNTED = frozenset({"clean", "refused", "unreadable"})


def exit_code_of_report(report: ScanReport) -> ExitCode:
    """Give the exit status for a verdict.

    Parameters
    ----------
    report : ScanReport
        Of one file.

    Returns
    -------
    ExitCode
        ``OK``, ``CHECK_FAILED`` for what is dangerous, ``REFUSED`` or ``WRONG_USAGE``.
    """
    return _EXIT_CODES[report.verdict]


def show_report(report: ScanReport, console: Console, *, most_names: int = _MOST_NAMES) -> None:
    """Show a report, on one screen where no more names are asked for.

    Parameters
    ----------
    report : ScanReport
        Of one file.
    console : rich.console.Console
        Where it is shown.
    most_names : int
        How many unknown names, and how many effects, are shown.
    """
    console.print(plain(report.file), style="bold")
    is_pickle = report.format != "hermetic"
    verdict = _CLEAN_PICKLE if is_pickle and report.ok else _VERDICTS[report.verdict]
    console.print(f"  verdict     {verdict}")
    if is_pickle:
        console.print(f"  format      {plain(report.format)}, read without running it")
    if report.problem:
        console.print(f"  because     {plain_lines(report.problem)}")
    if report.sha256:
        console.print(f"  length      {size_text(report.length_bytes)} ({report.length_bytes:,} bytes)")
        console.print(f"  identity    {report.sha256}")
    versions = ", ".join(plain(f"{program} {version}") for program, version in report.written_by.items())
    console.print(f"  written by  {versions or 'nothing that says so'}")
    if report.limits:
        console.print(f"  limits      {_limits_text(report)}")
    _show_findings(report, console, most_names)
    if not is_pickle:
        _show_unknown(report, console, most_names)
    _show_capabilities(report, console, most_names)
    _show_known(report, console)
    if report.verdict == "refused":
        _show_next_step(report, console)


def _show_findings(report: ScanReport, console: Console, most_names: int) -> None:
    if report.findings:
        console.print("\nWhat it would do\n", style="bold")
    for found in report.findings[:most_names]:
        place = f"byte {found.offset:,} {found.opcode}".rstrip() + (f", {found.path}" if found.path else "")
        console.print(f"  {found.severity:<9}  {plain(found.text)}  ({found.rule}: {RULES[found.rule]})")
        console.print(f"             {plain(place)}", style="dim")
    _show_more(len(report.findings), console, most_names)


def _show_next_step(report: ScanReport, console: Console) -> None:
    if not all(is_exact_name(name.name) for name in report.unknown):
        console.print("\n  A name that is none of Python's cannot be trusted: the file is hostile.")
        return
    console.print("\n  Read the source of each name: trusting it lets its code run. Then approve this very file:")
    console.print(f"    hermetic approve {plain(shlex.quote(report.file))}")
    if len(report.unknown) <= _MOST_NAMES:
        trust = [f"--trust {plain(name.trust)}" for name in report.unknown]
        console.print("  or load it with")
        console.print(f"    {' '.join([*trust, *(f'--capability {name}' for name in report.grants)])}")


def _limits_text(report: ScanReport) -> str:
    shown = []
    for use in report.limits:
        is_size = use.limit.endswith("_bytes")
        used, allowed = (size_text(n) if is_size else f"{n:,}" for n in (use.used, use.allowed))
        if use.used:
            shown.append(f"{use.limit} {used} of {allowed}")
    return ", ".join(shown)


def _show_unknown(report: ScanReport, console: Console, most_names: int) -> None:
    if report.unknown:
        console.print("\nUnknown names, which load refuses until they are trusted\n", style="bold")
    for name in report.unknown[:most_names]:
        console.print(f"  {plain(name.name)}  {plain(name.role)}, first at {plain(name.path) or 'an unknown place'}")
    _show_more(len(report.unknown), console, most_names)


def _show_capabilities(report: ScanReport, console: Console, most_names: int) -> None:
    if report.capabilities or report.notes:
        console.print("\nEffects outside the model\n", style="bold")
    for asked in report.capabilities[:most_names]:
        console.print(f"  {plain(asked.capability)}  {plain(asked.path)}: {plain(asked.meaning)}")
    _show_more(len(report.capabilities), console, most_names)
    for path, meaning in report.notes[:most_names]:
        console.print(f"  note, needs no grant  {plain(path)}: {plain(meaning)}")
    _show_more(len(report.notes), console, most_names)


def _show_known(report: ScanReport, console: Console) -> None:
    for role, heading in (("constructed", "Known types"), ("referenced", "Known functions and classes as values")):
        known = [name for name in report.names if name.is_known and name.role == role]
        if known:
            console.print(f"\n{heading}\n", style="bold")
        for name in known[:_MOST_NAMES]:
            console.print(f"  {plain(name.name)}{f'  {name.n_instances:,}' if name.n_instances else ''}")
        _show_more(len(known), console, _MOST_NAMES)


def _show_more(number: int, console: Console, most_names: int) -> None:
    if number > most_names:
        console.print(f"  ... and {number - most_names:,} more (--json lists all)", style="dim")


def show_folder(folder: str, reports: list[ScanReport], console: Console) -> None:
    """Show one line for each file of a folder.

    Parameters
    ----------
    folder : str
        Its path.
    reports : list of ScanReport
        Of the files below it.
    console : rich.console.Console
        Where they are shown.
    """
    console.print(plain(folder), style="bold")
    for report in reports:
        first_line, _, _ = report.problem.partition("\n")
        needs = [] if report.findings else [name.trust for name in report.unknown] + list(report.grants)
        worst = report.findings[0].text if report.findings else ""
        words = worst or first_line or (f"needs {', '.join(needs[:_MOST_NAMES])}" if needs else "")
        name = os.path.relpath(report.file, folder)
        console.print(f"  {report.verdict:<10}  {plain(name)}{f'  {plain(words)}' if words else ''}")
    numbers = {verdict: sum(report.verdict == verdict for report in reports) for verdict in _VERDICTS}
    counts = [f"{number} {verdict}" for verdict, number in numbers.items() if number or verdict in _ALWAYS_COUNTED]
    console.print(f"{len(reports)} file{'' if len(reports) == 1 else 's'}: {', '.join(counts)}")
