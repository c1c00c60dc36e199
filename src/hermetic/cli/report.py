"""`hermetic report`: one page that tells everything about a model file."""

from __future__ import annotations

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.options import restoring_options
from hermetic.cli.terminal import open_console, plain
from hermetic.reporting import report

__all__ = ["command"]


@click.command(name="report", epilog="Example: hermetic report model.hermetic -o report.html")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=str),
    help="Where the page is written.",
)
@click.option("--verify", is_flag=True, help="Load the model too, and ask it what was recorded.")
@restoring_options
@click.pass_context
def command(
    context: click.Context,
    file: str,
    *,
    target: str,
    verify: bool,
    trusted: tuple[str, ...],
    capabilities: tuple[str, ...],
    approvals: str | None,
) -> None:
    """Write a page about the model in FILE: HTML in one file, without scripts, for people who have two minutes.

    Nothing is loaded unless --verify is given. Files of other formats, and files that cannot be read, have a page too.

    Ends with 0 when the page is written, 1 when --verify found something that is not as it should be.
    """
    written = report(file, target, verify=verify, trusted=trusted, capabilities=capabilities, approvals=approvals)
    console = open_console()
    console.print(plain(written.verdict))
    console.print(f"written: {plain(written.target)}")
    context.exit(ExitCode.CHECK_FAILED if verify and not written.ok else ExitCode.OK)
