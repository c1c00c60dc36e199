"""`hermetic convert`: writes pickle, joblib and skops files as hermetic files, one or a whole folder."""

from __future__ import annotations

import os
import sys

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.conversion import ConversionReport, ConvertedFile, convert
from hermetic.inspection.text import size_text

__all__ = ["command"]

_COLORS = {"converted": "green", "skipped": "dim", "failed": "red"}


@click.command(
    name="convert",
    epilog="Example: hermetic convert model.pkl converted.hermetic",
)
@click.argument("source", type=click.Path(exists=True, path_type=str))
@click.argument("target", type=click.Path(path_type=str))
@click.option("--compress", is_flag=True, help="Compress the files that are written.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option("--check", is_flag=True, help="Load both and compare state and predictions; needs scikit-learn.")
@click.option("--jobs", type=click.IntRange(min=1), help="Files of a folder at a time (default: one each processor).")
@click.option(
    "--capability",
    "capabilities",
    metavar="NAME",
    multiple=True,
    type=click.Choice(["reads-sibling-files"]),
    help="reads-sibling-files: also read the arrays that joblib 0.8 and 0.9 wrote into files beside a pickle.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(
    context: click.Context,
    source: str,
    target: str,
    *,
    compress: bool,
    force: bool,
    check: bool,
    jobs: int | None,
    capabilities: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write SOURCE, a pickle, joblib or skops file, as the hermetic file TARGET.

    Nothing in SOURCE is run, and scikit-learn is not imported. SOURCE and TARGET may be folders: then all such files
    are converted, each at its place. Formats are told by content, never by suffix.

    Ends with 0 when all was written, 1 when a check failed, 2 when a file could not be converted.
    """
    from rich.progress import Progress

    with Progress(console=open_console(sys.stderr), transient=True, disable=as_json) as bar:
        task = bar.add_task("converting", total=None)

        def advance(done: int, total: int, converted: ConvertedFile) -> None:
            bar.update(task, completed=done, total=total, description=plain(converted.source)[-60:])

        report = convert(
            source,
            target,
            compress,
            overwrite=force,
            check=check,
            jobs=jobs,
            capabilities=capabilities,
            progress=None if as_json else advance,
        )
    if as_json:
        click.echo(report.to_json())
    else:
        _show(report, source)
    context.exit(_exit_code(report))


def _exit_code(report: ConversionReport) -> ExitCode:
    if any(file.status == "failed" for file in report.files):
        return ExitCode.WRONG_USAGE
    return ExitCode.OK if report.ok else ExitCode.CHECK_FAILED


def _show(report: ConversionReport, source: str) -> None:
    console = open_console()
    if not os.path.isdir(source):
        console.print(plain_lines(str(report)), soft_wrap=True)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(expand=True)
    for heading, ratio in (("file", 4), ("", 2), ("format", 2), ("bytes", 3), ("scikit-learn", 2), ("it needs", 4)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for file in report.files:
        if file.status == "skipped" and not file.format:
            continue  # no model: the count says how many there were
        sizes = f"{size_text(file.source_bytes)} to {size_text(file.target_bytes)}" if file.target_bytes else ""
        words = file.check if file.check not in ("", "same") else file.problem
        table.add_row(
            plain(os.path.relpath(file.source, source)),
            Text(file.status, style=_COLORS[file.status]),
            plain(file.format),
            sizes,
            plain(file.written_by.get("scikit-learn", "")),
            plain(", ".join((*file.needs, *file.capabilities)) or " ".join(words.split())),
        )
    if table.row_count:
        console.print(table)
    counts = [(status, sum(file.status == status for file in report.files)) for status in _COLORS]
    console.print(", ".join(f"{number} {status}" for status, number in counts if number) or "no file")
