"""`hermetic rebuild`: a model made again from what its file records, compared, and written with its lineage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.options import data_options, restoring_options
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.errors import UsageError
from hermetic.evidence.rebuilding.backends import BACKENDS
from hermetic.evidence.rebuilding.rebuild import rebuild
from hermetic.evidence.rebuilding.report import Rebuild

__all__ = ["command"]

_COLORS = {"passed": "green", "failed": "bold red", "refused": "bold red", "skipped": "dim", "noted": "yellow"}


@click.command(name="rebuild", epilog="Example: hermetic rebuild old.hermetic -o new.hermetic")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.option("-o", "--output", metavar="NEW", type=click.Path(path_type=str), help="The file to write.")
@click.option(
    "--data",
    "given",
    metavar="NAME=FILE",
    multiple=True,
    help="A part of the data, as .npy or .parquet: X=train.parquet. It is compared with what is recorded. Repeatable.",
)
@data_options
@restoring_options
@click.option(
    "--signed-by",
    multiple=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="Public key, one of which must have signed the file. Repeatable.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    metavar="NUMBER",
    help="How far the mean score may be from the recorded one, instead of a statistical test.",
)
@click.option("--n-jobs", type=int, metavar="N", help="Folds at a time.")
@click.option("--backend", type=click.Choice(BACKENDS), help="Where joblib runs them.")
@click.option(
    "--with",
    "requirements",
    metavar="REQUIREMENT",
    multiple=True,
    help='Make it in a fresh environment with this, e.g. "scikit-learn==1.9.1". Repeatable.',
)
@click.option("--force", is_flag=True, help="Write NEW though the score is in another range, or NEW exists.")
@click.option("--json", "as_json", is_flag=True, help="Print every step as JSON.")
@click.pass_context
def command(
    context: click.Context,
    /,
    file: str,
    *,
    output: str | None,
    given: tuple[str, ...],
    requirements: tuple[str, ...],
    as_json: bool,
    **wishes: Any,
) -> None:
    """Make the model of FILE again from what FILE records: data, parameters, seeds, weights.

    Nothing that FILE names is opened but your own store, and what --allow names; no recorded source is run. The score
    is compared with the recorded one. Without -o nothing is written.

    Ends with 0 when all is well, 1 when a step failed (then nothing is written, unless by --force), 2 on wrong usage,
    3 when policy refused something.
    """
    if requirements:
        from hermetic.deploy.environments.rebuilding import rebuild_elsewhere  # only for who asks for another one

        report = rebuild_elsewhere(file, output, requirements=requirements, options=_as_options(given, wishes))
    else:
        wishes["signed_by"] = wishes["signed_by"] or None
        progress = False if as_json else None
        report = rebuild(file, output, data=_named(given), progress=progress, **wishes)
    if as_json:
        click.echo(report.to_json())
    else:
        _show(report)
    context.exit(_exit_code(report))


def _as_options(given: tuple[str, ...], wishes: dict[str, Any]) -> list[str]:
    """Spell the options out again, for the command in another environment."""
    if wishes["signed_by"]:
        raise UsageError(
            "--signed-by and --with do not go together", next_step="Verify the signature first: hermetic verify."
        )
    named = [f"{name}={path.absolute()}" for name, path in (_named(given) or {}).items()]
    lists = {"--data": named, "--trust": wishes["trusted"], "--capability": wishes["capabilities"]}
    lists["--allow"] = wishes["allowed"]
    options = [part for option, values in lists.items() for value in values for part in (option, value)]
    single = {"--tolerance": "tolerance", "--n-jobs": "n_jobs", "--approvals": "approvals", "--store": "store"}
    for option, name in {**single, "--backend": "backend"}.items():
        options += [] if wishes[name] is None else [option, str(wishes[name])]
    return [*options, "--force"] if wishes["force"] else options


def _named(given: tuple[str, ...]) -> dict[str, Path] | None:
    pairs = [pair.partition("=") for pair in given]
    if any(not name or not path for name, _, path in pairs):
        raise UsageError("--data takes the name of a part and a file", next_step="Write --data X=train.parquet.")
    return {name: Path(path) for name, _, path in pairs} or None


def _show(report: Rebuild) -> None:
    from rich.text import Text

    console = open_console()
    console.print(Text.assemble(("ok      ", "green") if report.ok else ("NOT OK  ", "bold red"), plain(report.file)))
    for step in report.steps:
        lines = plain_lines(step.words).split("\n")
        console.print(Text.assemble(f"  {step.name:<10}", (f"{step.verdict:<8}", _COLORS[step.verdict]), lines[0]))
        for line in lines[1:]:
            console.print(Text(f"{'':<20}{line.strip()}"))
    console.print(plain(f"written: {report.target}" if report.target else "nothing was written"))


def _exit_code(report: Rebuild) -> ExitCode:
    verdicts = {step.verdict for step in report.steps}
    if "failed" in verdicts:
        return ExitCode.CHECK_FAILED
    return ExitCode.REFUSED if "refused" in verdicts else ExitCode.OK
