"""The options of `hermetic verify` for other environments, and the table over a folder: which models survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from hermetic.cli.terminal import open_console, plain
from hermetic.errors import UsageError
from hermetic.evidence.checks import VerifyReport

__all__ = ["elsewhere_options", "show_survivors", "verify_in_other_environment"]

_Command = TypeVar("_Command", bound=Callable[..., object])


def elsewhere_options(command: _Command) -> _Command:
    """Add ``--env``, ``--with`` and ``--approve-lock`` to a command.

    The command receives them as ``environment``, ``requirements`` and ``approved``.

    Parameters
    ----------
    command : callable
        The function of the command, below its ``click.command`` decorator.

    Examples
    --------
    >>> import click
    >>> from hermetic.cli.elsewhere import elsewhere_options
    >>> @click.command()
    ... @elsewhere_options
    ... def show(environment: str | None, requirements: tuple[str, ...], approved: tuple[str, ...]) -> None:
    ...     print(environment, requirements, approved)
    >>> show(["--with", "scikit-learn==1.9.1"], standalone_mode=False)
    None ('scikit-learn==1.9.1',) ()
    """
    recorded = click.option(
        "--env",
        "environment",
        type=click.Choice(["recorded"]),
        help="Verify in the environment that each file records, made again through your own package index.",
    )
    typed = click.option(
        "--with",
        "requirements",
        metavar="REQUIREMENT",
        multiple=True,
        help='Verify in a fresh environment with this, e.g. "scikit-learn==1.9.1". Repeatable.',
    )
    approve = click.option(
        "--approve-lock",
        "approved",
        metavar="SHA256",
        multiple=True,
        help="With --env: the list of distributions that may be installed. Repeatable.",
    )
    return recorded(typed(approve(command)))


def verify_in_other_environment(
    paths: Sequence[str],
    *,
    environment: str | None,
    requirements: Sequence[str],
    approved: Sequence[str],
    wishes: Mapping[str, Any],
) -> list[VerifyReport]:
    """Verify files elsewhere, as the options of the command say.

    Parameters
    ----------
    paths : sequence of str
        Of hermetic files.
    environment, requirements, approved
        From `elsewhere_options`.
    wishes : mapping of str to object
        The keywords of `hermetic.verify`.

    Raises
    ------
    UsageError
        When both were asked for.
    """
    if environment and requirements:
        raise UsageError("--env recorded and --with are two environments", next_step="Ask for one after the other.")
    if approved and not environment:
        raise UsageError("--approve-lock goes with --env recorded", next_step="What you type with --with needs none.")
    from hermetic.deploy.environments.verifying import verify_elsewhere  # only for who asks for another environment

    return verify_elsewhere(
        paths,
        requirements=requirements,
        approved=approved,
        signed_by=wishes["signed_by"],
        options=_as_options(wishes),
        # Snapshots are Parquet.
        extras=("pyarrow",) if wishes["scores"] else (),
    )


def _as_options(wishes: Mapping[str, Any]) -> list[str]:
    options = ["--scores"] if wishes["scores"] else []
    lists = {"--trust": wishes["trusted"], "--capability": wishes["capabilities"], "--allow": wishes["allowed"]}
    options += [part for option, values in lists.items() for value in values for part in (option, value)]
    single = {"--tolerance": "tolerance", "--n-jobs": "n_jobs", "--approvals": "approvals", "--store": "store"}
    for option, name in single.items():
        options += [] if wishes[name] is None else [option, str(wishes[name])]
    return options


def show_survivors(reports: Sequence[VerifyReport]) -> None:
    """Show a line for each model: whether it survives, and why not.

    Parameters
    ----------
    reports : sequence of VerifyReport
        From another environment.
    """
    console = open_console()
    width = min(max((len(plain(report.file)) for report in reports), default=0), 60)
    console.print(f"\n{'model':<{width}}  survives  why not", style="bold")
    for report in reports:
        wrong = next((check for check in report.checks if check.verdict in ("failed", "refused")), None)
        why = "" if wrong is None else f"{wrong.name}: {wrong.words.partition(chr(10))[0]}"
        answer = "yes" if report.ok else "refused" if wrong and wrong.verdict == "refused" else "NO"
        console.print(f"{plain(report.file):<{width}}  {answer:<8}  {plain(why)}".rstrip())
    n_well = sum(report.ok for report in reports)
    console.print(f"{n_well} of {len(reports)} survive")
