"""`hermetic demo`: shows on one page what `hermetic.demonstration` found."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from hermetic._version import __version__
from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.demonstration.run import Demonstration, Measurement, run_demonstration

__all__ = ["command"]

_N_LINES_OF_INSPECTION = 8


@click.command(name="demo", epilog="Example: hermetic demo --directory hermetic-demo")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("hermetic-demo"),
    show_default=True,
    help="Where the models are written; made when missing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(context: click.Context, directory: Path, as_json: bool) -> None:
    """Save and load real models, and see what hostile files do.

    Fits three models to data that scikit-learn carries, compares hermetic with pickle and joblib in fresh processes,
    opens a pickle whose (harmless) code creates a file, and records, verifies and rebuilds one of the models. Takes
    about half a minute, needs no network.
    """
    findings = run_demonstration(directory, announce=lambda step: click.echo(f"... {step}", err=True))
    if as_json:
        click.echo(json.dumps({"ok": findings.ok, **asdict(findings)}, indent=2))
    else:
        _show(findings, open_console())
    context.exit(ExitCode.OK if findings.ok else ExitCode.CHECK_FAILED)


def _show(findings: Demonstration, console: Console) -> None:
    ours = [measurement for measurement in findings.measurements if measurement.peer == "hermetic"]
    console.print(f"\nhermetic {__version__}: three models, saved and loaded in fresh processes\n", style="bold")
    console.print(_table_of_predictions(ours))
    for measurement in ours:
        if measurement.refusal:
            console.print(f"\n  {measurement.example}.hermetic was refused: {plain_lines(measurement.refusal)}")
    _show_inspection(findings, console)
    _show_attacks(findings, console)
    _show_evidence(findings, console)
    console.print("\nBeside pickle and joblib, here and now (medians of three)\n", style="bold")
    console.print(_table_of_peers(findings.measurements))
    _show_next_steps(findings, console)


def _new_table(*headings: str, n_text_columns: int) -> Table:
    """Return a table without lines, indented, its numbers to the right."""
    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="left" if position < n_text_columns else "right", no_wrap=True)
    return table


def _table_of_predictions(measurements: list[Measurement]) -> Table:
    table = _new_table("file", "model", "predictions", n_text_columns=3)
    for measurement in measurements:
        table.add_row(f"{measurement.example}.hermetic", measurement.title, _verdict_on_predictions(measurement))
    return table


def _verdict_on_predictions(measurement: Measurement) -> str:
    if measurement.refusal:
        return "NOT LOADED, see below"
    return "the same, bit for bit" if measurement.same_predictions else "DIFFERENT"


def _first_line(message: str) -> str:
    """Return the line that says what was found; the others are for the person whose file it is."""
    first_line, _, _ = message.partition("\n")
    return plain(first_line)


def _show_inspection(findings: Demonstration, console: Console) -> None:
    first = findings.measurements[0].example
    console.print(f"\nWhat is in {first}.hermetic, without loading it\n", style="bold")
    lines = findings.inspection.splitlines()
    for line in lines[:_N_LINES_OF_INSPECTION]:
        console.print(f"  {plain(line)}")
    if len(lines) > _N_LINES_OF_INSPECTION:
        console.print(f"  ... and {len(lines) - _N_LINES_OF_INSPECTION} more lines", style="dim")


def _show_attacks(findings: Demonstration, console: Console) -> None:
    hostile, damaged = findings.hostile_pickle, findings.damaged_file
    console.print("\nBad files\n", style="bold")
    ran = "ran the code in it: a file appeared" if hostile.pickle_ran_code else "did not run the code in it"
    console.print(f"  a hostile pickle   pickle.load    {ran}")
    console.print(f"                     hermetic.load  {_verdict_on(hostile.refusal)}")
    console.print(f"  one flipped bit    hermetic.load  {_verdict_on(damaged.refusal)}")


def _verdict_on(refusal: str) -> str:
    return f"refused: {_first_line(refusal)}" if refusal else "DID NOT REFUSE IT"


def _show_evidence(findings: Demonstration, console: Console) -> None:
    console.print("\nHow a model was made: recorded, verified, made again\n", style="bold")
    for step in findings.evidence:
        words = plain(step.words.splitlines()[0]) if step.words else ""
        console.print(f"  {step.what:<17}  {'' if step.ok else 'NOT AS PROMISED: '}{words}", soft_wrap=True)


def _table_of_peers(measurements: tuple[Measurement, ...]) -> Table:
    table = _new_table("model", "kept by", "load ms", "dump ms", "KB", "opening can run code", n_text_columns=2)
    for measurement in measurements:
        table.add_row(
            measurement.example if measurement.peer == "hermetic" else "",
            measurement.peer,
            f"{measurement.load_seconds * 1_000:.1f}",
            f"{measurement.dump_seconds * 1_000:.1f}",
            f"{measurement.size_bytes / 1_000:,.0f}",
            "yes" if measurement.runs_code else "no",
        )
    return table


def _show_next_steps(findings: Demonstration, console: Console) -> None:
    first = Path(findings.directory) / f"{findings.measurements[0].example}.hermetic"
    console.print("\nWhat to do next\n", style="bold")
    console.print(f"  look inside      hermetic inspect {plain(shlex.quote(str(first)))}")
    console.print("  use it           from hermetic import dump, load    # instead of joblib's")
    console.print("  keep evidence    dump(model, 'model.hermetic', X=X, y=y)")
    console.print("  read on          README.md, and hermetic --help")
    console.print(f"\n{'All as promised.' if findings.ok else 'SOMETHING IS NOT AS PROMISED: see above.'}")
