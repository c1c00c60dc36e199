"""`hermetic approve`: shows what a file needs, asks, and writes what was decided for that very file."""

from __future__ import annotations

import io
import os

import click

from hermetic.approvals import Approval
from hermetic.approvals.writing import approval_text, write_approval
from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.scan_page import exit_code_of_report, show_report
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.errors import UsageError
from hermetic.policy import is_exact_name
from hermetic.scanning import ScanReport, scan

__all__ = ["command"]


@click.command(name="approve", epilog="Example: hermetic approve model.hermetic --yes")
@click.argument("file", type=click.Path(path_type=str))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=str),
    default="hermetic.toml",
    show_default=True,
    help="TOML file that takes the decision: hermetic.toml, pyproject.toml, or another.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--reject", is_flag=True, help="Write that this file must not be loaded.")
@click.pass_context
def command(context: click.Context, file: str, output: str, yes: bool, reject: bool) -> None:
    """Approve FILE: show every name and effect that it needs, ask, and write the decision for these very bytes.

    The approval holds the SHA-256 of FILE, so it counts for no other file that uses the same names. A load knows of it
    when it is told where it stands: load(FILE, approvals="hermetic.toml"), or --approvals hermetic.toml.

    Ends with 0 when the file needs nothing or was approved, 3 when it was not, 2 when it cannot be read.
    """
    with open(file, "rb") as opened:
        # Read once: what is shown is what is hashed.
        report = _named(scan(io.BytesIO(opened.read())), file)
    console = open_console()
    show_report(report, console, most_names=len(report.names) + len(report.capabilities))
    if report.verdict != "refused" and not (report.ok and reject and report.format == "hermetic"):
        if report.ok:
            console.print("\nIt needs no approval; nothing was written.")
        context.exit(exit_code_of_report(report))
    approval = Approval(is_rejected=True) if reject else _approval_of(report)
    text = approval_text(output, report.sha256, approval, file=os.path.basename(file))
    console.print(f"\nTo be written to {plain(output)}\n", style="bold")
    console.print(plain_lines(text))
    question = (
        "Reject this file?" if reject else "Did you read the source of each name, and approve them for this file?"
    )
    if not yes and not click.confirm(question):
        console.print("Nothing was written.")
        context.exit(ExitCode.REFUSED)
    write_approval(output, report.sha256, approval, file=os.path.basename(file))
    console.print(f"Written to {plain(output)}.")


def _named(report: ScanReport, file: str) -> ScanReport:
    return ScanReport(**{**vars(report), "file": file})


def _approval_of(report: ScanReport) -> Approval:
    for name in report.unknown:
        if not is_exact_name(name.name):
            raise UsageError(
                f"no name of Python can be approved as {name.name[:200]!r}",
                where=report.file,
                next_step="The file is hostile. Do not load it.",
            )
    return Approval(
        names=frozenset((name.role, name.name) for name in report.unknown), capabilities=frozenset(report.grants)
    )
