"""`hermetic scan`: says on one screen what loading a file would do, without loading it; or judges a folder of files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.scan_page import exit_code_of_report, show_folder, show_report
from hermetic.cli.terminal import open_console
from hermetic.scanning import ScanReport, scan

__all__ = ["command"]


@click.command(name="scan", epilog="Example: hermetic scan model.hermetic")
@click.argument("file", type=click.Path(path_type=str))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(context: click.Context, file: str, as_json: bool) -> None:
    """Say what loading FILE would do: its types by role, the functions it calls, what it reaches outside.

    Nothing is loaded or imported. What is called clean, load accepts without any trust, unless the installed libraries
    differ or compiled code could not be trusted with a state. FILE may be a folder: then all files below it are judged.

    A pickle or joblib file, told by its content, is read without running it, and every call and name in it is judged.

    Ends with 0 for clean files, 1 when one is dangerous, 2 when one cannot be read or is malformed, 3 when one needs
    trust or uses unknown names.
    """
    is_folder = os.path.isdir(file)
    reports = [_scan_one(path) for path in _files_below(file)] if is_folder else [scan(file)]
    if as_json and is_folder:
        ok = all(report.ok for report in reports)
        click.echo(json.dumps({"ok": ok, "files": [report.to_dict() for report in reports]}, indent=2))
    elif as_json:
        click.echo(reports[0].to_json())
    elif is_folder:
        show_folder(file, reports, open_console())
    else:
        show_report(reports[0], open_console())
    codes = [exit_code_of_report(report) for report in reports]
    # What is dangerous must not hide behind what only needs trust, whose number is higher.
    dangerous = ExitCode.CHECK_FAILED in codes
    context.exit(ExitCode.CHECK_FAILED if dangerous else max(codes, default=ExitCode.OK))


def _files_below(folder: str) -> Iterator[str]:
    """Give all regular files below a folder, in order, without following links to folders."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if os.path.isfile(path):  # a pipe would wait for whoever writes to it
                yield path


def _scan_one(path: str) -> ScanReport:
    """Scan one file of many; one that cannot be opened does not end the scan of the others."""
    try:
        return scan(path)
    except OSError as error:
        problem = error.strerror or str(error)
        return ScanReport(file=path, verdict="unreadable", problem=problem, error=type(error).__name__, written_by={})
