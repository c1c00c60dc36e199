"""`hermetic diff`: what two models differ in, without running either; by exit status, for scripts."""

from __future__ import annotations

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.options import restoring_options
from hermetic.cli.terminal import open_console, plain
from hermetic.differences import diff

__all__ = ["command"]

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


@click.command(name="diff", epilog="Example: hermetic diff model.hermetic model.hermetic")
@click.argument("before", type=click.Path(path_type=str))
@click.argument("after", type=click.Path(path_type=str))
@click.option("--full", "is_full", is_flag=True, help="List every difference.")
@click.option(
    "--predict/--no-predict",
    default=None,
    help="Whether AFTER is loaded and asked about the golden rows of BEFORE; by default when it needs no trust.",
)
@restoring_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(
    context: click.Context,
    before: str,
    after: str,
    *,
    is_full: bool,
    predict: bool | None,
    trusted: tuple[str, ...],
    capabilities: tuple[str, ...],
    approvals: str | None,
    as_json: bool,
) -> None:
    """Show what the models in BEFORE and AFTER differ in.

    Structure, parameters and fitted arrays are compared without loading them, then data, source, environment and
    scores, as far as the files record them. Pickle, joblib and skops files can be compared too.

    Ends with 0 when nothing differs, 1 when something does, 2 when a file cannot be read.
    """
    report = diff(before, after, predict=predict, trusted=trusted, capabilities=capabilities, approvals=approvals)
    if as_json:
        click.echo(report.to_json())
    else:
        console = open_console()
        for number, line in enumerate(report.lines(is_full=is_full)):
            style = "bold" if not number or (line and line[0] != " ") else _COLORS.get(line[2:3])
            console.print(plain(line), style=style)
    context.exit(ExitCode.OK if report.ok else ExitCode.CHECK_FAILED)
