"""`hermetic container`: a folder that docker, podman or buildah make an image of, and the image itself."""

from __future__ import annotations

import json
import shlex
import sys

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import open_console, plain
from hermetic.deploy.containers.building import BUILDERS, build_image, find_builder, image_tag
from hermetic.deploy.containers.containerfile import check_base, default_base
from hermetic.deploy.containers.context import check_folder, image_of, write_context
from hermetic.deploy.containers.facts import ModelFacts, read_facts
from hermetic.deploy.containers.planning import ContainerPlan, plan_container
from hermetic.deploy.environments.approving import check_approval
from hermetic.deploy.environments.installers import find_installer
from hermetic.deploy.environments.lock import lock_digest

__all__ = ["command"]


@click.command(name="container", epilog="Example: hermetic container model.hermetic -o image")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", type=click.Path(path_type=str), help="The build context."
)
@click.option("--base", metavar="IMAGE", help="The image below; the slim one of the recorded Python when left out.")
@click.option(
    "--lock",
    "lock_path",
    metavar="PATH",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="What `hermetic env FILE --lock PATH --serve` wrote, instead of asking your package index now.",
)
@click.option("--nearest", is_flag=True, help="Take the nearest version where the recorded one cannot be had.")
@click.option("--approve-lock", "approved", metavar="SHA256", multiple=True, help="The list that may be installed.")
@click.option("--serve/--no-serve", "is_serving", default=True, show_default=True, help="Serve the model over HTTP.")
@click.option("--build", "builder", type=click.Choice(BUILDERS), help="Build the image, too.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.pass_context
def command(
    context: click.Context,
    file: str,
    *,
    folder: str,
    base: str | None,
    lock_path: str | None,
    nearest: bool,
    approved: tuple[str, ...],
    is_serving: bool,
    builder: str | None,
    as_json: bool,
) -> None:
    """Write a build context for the model in FILE: Containerfile, wheels by SHA-256, the model, bill of materials.

    Nothing is written before you have approved the list of what FILE names: building the image installs it. The build
    fails when the model does not answer in the image as recorded. The same input gives the same bytes.

    Ends with 0 when all is well, 1 when something cannot be had or the image was not built, 2 when nothing is recorded,
    3 when the list was not approved.
    """
    check_folder(folder)
    named = check_base(base) if base is not None else ""
    program = find_builder(builder) if builder is not None else ""
    plan = plan_container(file, lock=lock_path, is_serving=is_serving, takes_nearest=nearest, find=find_installer)
    if plan.missing:
        _show_missing(plan)
        context.exit(ExitCode.CHECK_FAILED)
    check_approval(plan.lock, approved, command=_again(context), where=file)
    facts = read_facts(file)
    image = image_of(facts, plan.lock, base=named or default_base(plan.lock.target.python), is_serving=is_serving)
    files = write_context(facts, plan.lock, image, folder)
    tag = image_tag(facts.name, facts.sha256)
    if not as_json:
        _show(folder, facts, plan)
    is_built = build_image(program, folder, tag) if program else None
    told = {
        "ok": is_built is not False,
        "folder": folder,
        "model": facts.sha256,
        "lock": lock_digest(plan.lock),
        "base": image.base,
        "image": tag if is_built else None,
        "files": files,
    }
    if as_json:
        click.echo(json.dumps(told, indent=2))
    elif program:
        words = f"Built {tag}: the model is proved in it." if is_built else "NOT OK  the image was not built"
        open_console().print(words)
    context.exit(ExitCode.CHECK_FAILED if is_built is False else ExitCode.OK)


def _again(context: click.Context) -> str:
    """Give what was typed, without approvals, as a shell takes it."""
    typed = context.params
    words = ["hermetic", "container", typed["file"], "-o", typed["folder"]]
    for option, name in (("--base", "base"), ("--lock", "lock_path"), ("--build", "builder")):
        words += [option, typed[name]] if typed[name] is not None else []
    flags = {"--nearest": typed["nearest"], "--no-serve": not typed["is_serving"], "--json": typed["as_json"]}
    return shlex.join([*words, *(flag for flag, is_set in flags.items() if is_set)])


def _show_missing(plan: ContainerPlan) -> None:
    console = open_console(sys.stderr)
    console.print(f"{len(plan.missing)} cannot be had as recorded", style="bold red")
    for one in plan.missing:
        nearest = f"; the nearest is {one.nearest} (--nearest takes it)" if one.nearest else ""
        console.print(f"  {plain(one.name)} {plain(one.version)}: {plain(one.reason)}{plain(nearest)}")


def _show(folder: str, facts: ModelFacts, plan: ContainerPlan) -> None:
    console = open_console()
    console.print(f"Written to {plain(folder)}", style="bold")
    console.print(f"  model {facts.name}, SHA-256 {facts.sha256}")
    console.print(f"  {len(plan.lock.wheels)} wheels for {plan.lock.target}, approved as {lock_digest(plan.lock)}")
    for note in plan.notes:
        console.print(f"  note: {plain(note)}")
    if not facts.has_golden:
        console.print("  note: no answers are recorded; the build proves only that the model loads")
