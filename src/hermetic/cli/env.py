"""`hermetic env`: the environment that a model was made in: shown, locked, and made again once that was approved."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import open_console, plain, plain_lines
from hermetic.deploy.environments.approving import check_approval
from hermetic.deploy.environments.creating import create_environment, differing_downloads, differing_wheels
from hermetic.deploy.environments.installers import find_installer
from hermetic.deploy.environments.lock import lock_digest, lock_lines, pylock_text, requirements_text
from hermetic.deploy.environments.own_package import SERVING
from hermetic.deploy.environments.planning import Plan, plan_environment, read_environment
from hermetic.deploy.environments.verifying import verify_inside
from hermetic.errors import UsageError
from hermetic.formats.atomic_file import atomic_writer
from hermetic.recorded.records import encode_record

if TYPE_CHECKING:
    from hermetic.evidence.checks import VerifyReport
    from hermetic.recorded.environment import EnvironmentRecord

__all__ = ["command"]


@click.command(name="env", epilog="Example: hermetic env model.hermetic --lock pylock.toml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.option(
    "--all", "with_all", is_flag=True, help="Every recorded distribution, not only those that the model needs."
)
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.option(
    "--lock",
    "lock_path",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=str),
    help="Write the wheels with their SHA-256, as pylock.toml or, with a name that ends with .txt, as requirements.",
)
@click.option("--for", "machine", type=click.Choice(["here", "recorded"]), default="here", help="Whose wheels to lock.")
@click.option("--serve", "is_serving", is_flag=True, help="Also what `hermetic serve` needs, for `hermetic container`.")
@click.option("--verify-wheels", is_flag=True, help="Download what is locked, and compare it with the record.")
@click.option("--nearest", is_flag=True, help="Take the nearest version where the recorded one cannot be had.")
@click.option(
    "--create",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=str),
    help="Make a virtual environment, and verify FILE inside.",
)
@click.option("--approve-lock", "approved", metavar="SHA256", multiple=True, help="The list that may be installed.")
@click.option(
    "--signed-by",
    multiple=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="Public key: a FILE that it has signed needs no other approval. Repeatable.",
)
@click.pass_context
def command(
    context: click.Context,
    file: str,
    *,
    with_all: bool,
    as_json: bool,
    lock_path: str | None,
    machine: str,
    is_serving: bool,
    verify_wheels: bool,
    nearest: bool,
    folder: str | None,
    approved: tuple[str, ...],
    signed_by: tuple[str, ...],
) -> None:
    """Show the environment that the model in FILE was made in; lock it; make it again.

    Alone it reads what the file records, and nothing else. --lock and --create ask your own package index, as uv or pip
    is set up. --create installs nothing before you have approved the list of what FILE names: installing runs code.

    Ends with 0 when all is well, 1 when something cannot be had or the file does not verify in its environment, 2 when
    nothing is recorded, 3 when the list was not approved.
    """
    is_asking = lock_path is not None or folder is not None
    record = read_environment(file, signed_by=signed_by or None, for_answers=is_asking)
    if not is_asking:
        _show(record, with_all=with_all, as_json=as_json)
        return
    if folder is not None and machine == "recorded":
        raise UsageError("an environment can be made for this machine only", next_step="Leave out --for, or --create.")
    installer = find_installer()
    plan = plan_environment(
        record,
        installer,
        with_all=with_all,
        takes_nearest=nearest,
        is_here=machine == "here",
        extras=SERVING if is_serving else (),
    )
    if folder is not None and not signed_by and not plan.missing:
        # The refusal shows the list, and how to go on.
        again = f"hermetic env {shlex.quote(file)} --create {shlex.quote(folder)}{' --all' if with_all else ''}"
        again += " --serve" if is_serving else ""
        check_approval(plan.lock, approved, command=again + (" --nearest" if nearest else ""))
    if not _show_plan(plan):
        context.exit(ExitCode.CHECK_FAILED)
    if verify_wheels and not _show_comparison(differing_downloads(plan.lock, plan.pins.wanted, installer)):
        context.exit(ExitCode.CHECK_FAILED)
    if lock_path is not None:
        _write_lock(plan, lock_path)
    if folder is not None:
        python = create_environment(plan.lock, folder, installer)
        context.exit(_prove(file, folder, python, plan))


def _show(record: EnvironmentRecord, *, with_all: bool, as_json: bool) -> None:
    distributions = [one for one in record.distributions if with_all or one.is_needed]
    if as_json:
        shown = json.loads(encode_record(record))
        kept = {one.name for one in distributions}
        shown["distributions"] = [one for one in shown["distributions"] if one["name"] in kept]
        click.echo(json.dumps(shown, indent=2))
        return
    console = open_console()
    console.print(f"{plain(record.implementation)} {plain(record.python)} on {plain(record.platform)}", style="bold")
    if record.processor:
        console.print(f"  {plain(record.processor)}")
    for name, words in record.libraries.items():
        console.print(f"  {plain(name)} {plain(words)}")
    n_others = len(record.distributions) - len(distributions)
    console.print(f"\n{len(distributions)} distributions{'' if with_all else ' that the model needs'}", style="bold")
    width = min(max((len(plain(one.name)) for one in distributions), default=0), 40)
    for one in distributions:
        origin = "" if one.origin == "index" else f"  from {plain(one.origin)}"
        console.print(f"  {plain(one.name):<{width}}  {plain(one.version)}{origin}")
    if n_others:
        console.print(f"  and {n_others} more that were installed (--all)")


def _show_plan(plan: Plan) -> bool:
    """Show what can be had and what cannot; tell whether all can."""
    console = open_console()
    console.print(f"{len(plan.lock.wheels)} wheels for {plan.lock.target}", style="bold")
    for line in lock_lines(plan.lock):
        console.print(f"  {plain(line)}")
    for note in plan.notes:
        console.print(f"  note: {plain(note)}")
    console.print(f"  SHA-256 of this list: {lock_digest(plan.lock)}")
    if plan.missing:
        console.print(f"\n{len(plan.missing)} cannot be had as recorded", style="bold red")
        for one in plan.missing:
            nearest = f"; the nearest is {one.nearest} (--nearest takes it)" if one.nearest else ""
            console.print(f"  {plain(one.name)} {plain(one.version)}: {plain(one.reason)}{plain(nearest)}")
    return not plan.missing


def _write_lock(plan: Plan, path: str) -> None:
    name = os.path.basename(path)
    if name.endswith(".txt"):
        text = requirements_text(plan.lock)
    elif name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml") and name.count(".") == 2):
        text = pylock_text(plan.lock)
    else:
        raise UsageError(
            f"a lock is called pylock.toml, pylock.NAME.toml or NAME.txt, not {name!r}",
            next_step="pip and uv know a lock by its name.",
        )
    with atomic_writer(path) as target:
        target.write(text.encode())
    open_console().print(f"Written to {plain(path)}.")


def _prove(file: str, folder: str, python: str, plan: Plan) -> ExitCode:
    console = open_console()
    if not _show_comparison(differing_wheels(folder, plan.lock.target.python, plan.pins.wanted)):
        console.print(f"  nothing in {plain(folder)} was run; remove it, and ask whoever keeps the index")
        return ExitCode.CHECK_FAILED
    console.print(f"\nMade in {plain(folder)}. Verifying inside:", style="bold")
    (report,) = verify_inside(python, [file])
    _show_report(report)
    if any(check.verdict == "failed" for check in report.checks):
        return ExitCode.CHECK_FAILED
    return ExitCode.OK if report.ok else ExitCode.REFUSED


def _show_comparison(differing: list[str]) -> bool:
    if differing:
        words = f"NOT OK  the index has other files under the same version: {', '.join(differing)}"
        open_console().print(words, style="red")
    return not differing


def _show_report(report: VerifyReport) -> None:
    console = open_console()
    console.print(f"{'ok' if report.ok else 'NOT OK'}  {plain(report.file)}")
    for check in report.checks:
        lines = plain_lines(check.words).split("\n")
        console.print(f"  {check.name:<12}{check.verdict:<8} {lines[0]}")
        for line in lines[1:]:
            console.print(f"{'':<22}{line}")
