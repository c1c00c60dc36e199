"""`hermetic predict`: asks a model about all rows of files, and goes on where it was stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from hermetic.cli.options import restoring_options
from hermetic.cli.terminal import open_console, plain
from hermetic.deploy.batch import predict_files

__all__ = ["command"]


@click.command(name="predict", epilog="Example: hermetic predict model.hermetic rows.csv -o answers.csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=str))
@click.option("-o", "--output", required=True, type=click.Path(path_type=str), help="File, or folder for several.")
@click.option(
    "--method",
    type=click.Choice(["predict", "proba", "decision", "transform"]),
    help="What the model is asked for (default: predict, or transform where it cannot).",
)
@click.option("--keep", multiple=True, metavar="COLUMN", help="Input column to keep beside the answers. Repeatable.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="COLUMN",
    help="Input column that the model takes, in its order, where it knows no names. Repeatable.",
)
@click.option(
    "--format",
    type=click.Choice(["parquet", "csv", "jsonl", "arrow"]),
    help="Format of the files in an output folder (default: that of each input).",
)
@click.option(
    "--batch-rows", type=click.IntRange(min=1), help="Rows at a time (default: 16384, fewer if they are wide)."
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that predict.")
@click.option("--on", type=click.Choice(["dask", "ray"]), help="Predict on a cluster that runs already.")
@click.option("--cluster", metavar="ADDRESS", help="Where that cluster is.")
@click.option("--restart", is_flag=True, help="Begin anew: forget what is done, replace outputs that exist.")
@click.option(
    "--signed-by",
    multiple=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="Public key, one of which must have signed FILE. Repeatable.",
)
@restoring_options
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(
    file: str,
    inputs: tuple[str, ...],
    *,
    output: str,
    method: str | None,
    keep: tuple[str, ...],
    columns: tuple[str, ...],
    format: str | None,
    batch_rows: int | None,
    workers: int,
    on: str | None,
    cluster: str | None,
    restart: bool,
    signed_by: tuple[str, ...],
    trusted: tuple[str, ...],
    capabilities: tuple[str, ...],
    approvals: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Ask the model in FILE about every row of INPUT.

    INPUT is a Parquet, CSV, JSON lines or Arrow file, told by its suffix; a folder of them; or a pattern in quotes,
    such as 'data/**/*.parquet'. Several files give a folder with the same tree. Memory does not grow with the length of
    a file, and rows stay in their order.

    Stopped, it goes on where it was when the same command is given again. An output is there when it is whole.

    Ends with 0 when all was written, 2 when an input or FILE cannot be used, 3 when policy refused FILE.
    """
    with _progress(is_quiet=quiet or as_json) as progress:
        report = predict_files(
            file,
            inputs,
            output,
            method=method or "auto",
            keep=keep,
            columns=columns,
            format=format,
            batch_rows=batch_rows,
            workers=workers,
            on=on or "local",
            cluster=cluster,
            restart=restart,
            trusted=trusted,
            capabilities=capabilities,
            approvals=approvals,
            signed_by=signed_by,
            progress=progress,
        )
    if as_json:
        click.echo(report.to_json())
    elif not quiet:
        before = sum(own.n_rows_before for own in report.files)
        resumed = f", {before:,} of them before" if before else ""
        what = report.files[0].target if len(report.files) == 1 else f"{output}, {len(report.files)} files"
        open_console().print(f"{report.n_rows:,} rows{resumed}: {plain(what)}")


@contextmanager
def _progress(*, is_quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    if is_quiet:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = open_console(sys.stderr)
    # In a log every step would be a line.
    with Progress(*shown, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("loading", total=None)

        def advance(path: str, n_done: int, n_rows: int) -> None:
            bar.update(task, description=plain(path)[-50:], completed=n_done, total=n_rows or None)

        yield advance
