"""`hermetic verify`: whether files are whole, signed, load here, and answer as they did; by exit status, for CI."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from hermetic.cli.elsewhere import elsewhere_options, show_survivors, verify_in_other_environment
from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.options import data_options, restoring_options
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.errors import UsageError
from hermetic.evidence.checks import VerifyReport
from hermetic.evidence.junit import junit_of
from hermetic.evidence.verification import verify
from hermetic.formats.atomic_file import atomic_writer

__all__ = ["command"]

_COLORS = {"passed": "green", "failed": "bold red", "refused": "bold red", "skipped": "dim", "noted": "yellow"}


@click.command(name="verify", epilog="Example: hermetic verify model.hermetic --junit verified.xml")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=str))
@click.option(
    "--signed-by",
    multiple=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="Public key, one of which must have signed each file. Repeatable.",
)
@click.option("--scores", is_flag=True, help="Run the recorded cross-validation again, and compare the scores.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    metavar="NUMBER",
    help="With --scores: how far the mean score may be from the recorded one, instead of a statistical test.",
)
@click.option("--n-jobs", type=int, metavar="N", help="With --scores: folds at a time.")
@data_options
@restoring_options
@elsewhere_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file.")
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=str), help="Write JUnit's XML too.")
@click.pass_context
def command(
    context: click.Context,
    /,
    files: tuple[str, ...],
    *,
    environment: str | None,
    requirements: tuple[str, ...],
    approved: tuple[str, ...],
    as_json: bool,
    junit: str | None,
    **wishes: Any,
) -> None:
    """Verify FILES: structure, checksums, signature, that they load here, answer as recorded, and have their data.

    Of a folder every file that ends with .hermetic is verified. What a file records of its model is compared, where it
    records something: dump(model, FILE, X=X, y=y).

    With --env or --with all this is done in another environment, and over several files a table says which models
    survive there.

    Ends with 0 when all is well, 1 when a check failed, 2 when nothing was found, 3 when policy refused a file.
    """
    paths = [path for file in files for path in _paths(file)]
    if not paths:
        raise UsageError(
            "no hermetic file is there", where=", ".join(files), next_step="Their names end with .hermetic."
        )
    is_elsewhere = bool(environment or requirements or approved)
    wishes["signed_by"] = wishes["signed_by"] or None
    told: Iterable[VerifyReport]
    if is_elsewhere:
        told = verify_in_other_environment(
            paths, environment=environment, requirements=requirements, approved=approved, wishes=wishes
        )
    else:
        progress = False if as_json else None
        told = (verify(path, progress=progress, **wishes) for path in _with_progress(paths, is_quiet=as_json))
    reports = []
    for report in told:
        reports.append(report)
        if as_json:
            click.echo(json.dumps(json.loads(report.to_json())))
        else:
            _show(report, is_short=len(paths) > 1 and report.ok)
    if junit is not None:
        with atomic_writer(junit) as target:
            target.write(junit_of(reports).encode())
    if len(paths) > 1 and not as_json:
        if is_elsewhere:
            show_survivors(reports)
        n_wrong = sum(not report.ok for report in reports)
        open_console().print(f"{len(reports)} files, {n_wrong} of them not as they should be")
    context.exit(_exit_code(reports))


def _paths(file: str) -> Iterator[str]:
    if not os.path.isdir(file):
        yield file
        return
    for folder, folders, names in os.walk(file):
        folders.sort()
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".hermetic"))


def _with_progress(paths: Sequence[str], *, is_quiet: bool) -> Iterator[str]:
    if is_quiet or len(paths) < 2:
        yield from paths
        return
    from rich.progress import Progress

    with Progress(console=open_console(sys.stderr), transient=True) as bar:
        task = bar.add_task("verifying", total=len(paths))
        for path in paths:
            bar.update(task, description=plain(path)[-60:])
            yield path
            bar.advance(task)


def _show(report: VerifyReport, *, is_short: bool) -> None:
    from rich.text import Text

    console = open_console()
    if is_short:
        console.print(Text.assemble(("ok      ", "green"), plain(report.file)))
        return
    console.print(Text.assemble(("ok      ", "green") if report.ok else ("NOT OK  ", "bold red"), plain(report.file)))
    for check in report.checks:
        lines = plain_lines(check.words).split("\n")
        console.print(Text.assemble(f"  {check.name:<12}", (f"{check.verdict:<8}", _COLORS[check.verdict]), lines[0]))
        for line in lines[1:]:
            console.print(Text(f"{'':<22}{line.strip()}"))


def _exit_code(reports: Sequence[VerifyReport]) -> ExitCode:
    verdicts = {check.verdict for report in reports for check in report.checks}
    if "failed" in verdicts:
        return ExitCode.CHECK_FAILED
    return ExitCode.REFUSED if "refused" in verdicts else ExitCode.OK
