"""`hermetic scan`: says what loading files would do, without loading them: one on one screen, many in a table."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from hermetic.cli.scan_page import exit_code_of_reports, show_files, show_report
from hermetic.cli.terminal import open_console, plain
from hermetic.errors import UsageError
from hermetic.limits import DEFAULT_LIMITS
from hermetic.scanning import ScanReport, scan
from hermetic.scanning.folders import scan_folder
from hermetic.scanning.sarif import sarif_of

__all__ = ["command"]

_Announce = Callable[[int, int, str], None]


@click.command(name="scan", epilog="Example: hermetic scan model.hermetic")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON; a list for several paths.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print the findings as SARIF 2.1.0, for code hosts.")
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], as_json: bool, as_sarif: bool) -> None:
    """Say what loading each PATH would do: its types by role, the functions it calls, what it reaches outside.

    A PATH may be a file of hermetic, pickle, joblib, skops or numpy, an archive of such files, or a folder: then all
    files below it are judged. Content decides, not names. Nothing is loaded, imported or run. What is called clean,
    hermetic.load accepts without any trust, unless the installed libraries differ.

    Ends with 0 for clean files, 1 when one is dangerous, deferred (does harm when the model is used) or resource (takes
    memory or time), 2 when one is malformed or unreadable, 3 when one needs trust or uses unknown names. Of several
    files the worst counts, in this order.
    """
    if as_json and as_sarif:
        raise UsageError("--json and --sarif cannot be printed at once", next_step="Ask for one of them.")
    with _progress() as announce:
        reports = [_scan_path(path, len(paths) == 1, announce) for path in paths]
    if as_sarif:
        click.echo(sarif_of(reports))
    elif as_json:
        whole = reports[0].to_dict() if len(reports) == 1 else [report.to_dict() for report in reports]
        click.echo(json.dumps(whole, indent=2))
    elif len(reports) == 1 and reports[0].format != "folder":
        show_report(reports[0], open_console())
    else:
        show_files(reports, open_console())
    context.exit(exit_code_of_reports(reports))


def _scan_path(path: str, is_only: bool, announce: _Announce) -> ScanReport:
    """Judge what one argument names; of several, one that cannot be opened does not end the scan of the others."""
    try:
        if os.path.isdir(path):
            return scan_folder(path, DEFAULT_LIMITS, announce=announce)
        return scan(path)
    except OSError as error:
        if is_only:
            raise
        problem = error.strerror or str(error)
        return ScanReport(file=path, verdict="unreadable", problem=problem, error=type(error).__name__, written_by={})


@contextmanager
def _progress() -> Iterator[_Announce]:
    """Give what shows how far the scan of a folder is: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, path: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=open_console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def announce(done: int, total: int, path: str) -> None:
            name = plain(os.path.basename(path))[:40]
            bar.update(task, description=name, completed=done, total=total, visible=True)

        yield announce
