"""`hermetic support`: lists what can be kept, from the tables of the codecs; imports none of the libraries."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.terminal import open_console, plain
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.registry import CODECS
from hermetic.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["command"]

_PLAIN_VALUES = (
    "None, bool, int, float, complex, str, bytes, Ellipsis, NotImplemented",
    "list, tuple, set, frozenset, dict, nested and shared as they are",
    "numpy arrays, numpy scalars, dtypes, arrays of objects",
)
_DOTTED_NAME = re.compile(r"[^\W\d]\w*(?:[.:][^\W\d]\w*)*\Z")


@dataclass(frozen=True, kw_only=True)
class Support:
    """How one name is kept.

    Attributes
    ----------
    name : str
        As files hold it.
    kind : str
        ``type``, ``function`` or ``value type``.
    family : str
        The package it belongs to.
    codec : str
        The codec that keeps its instances; ``""`` for what is kept by name only.
    layout : int
        Version of the fields that the codec writes.
    how : str
        In words.
    """

    name: str
    kind: str
    family: str
    codec: str
    layout: int
    how: str


@click.command(name="support", epilog="Example: hermetic support SVC")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """List the types and functions that are kept without anyone's trust; or say how NAME is kept.

    NAME is a dotted name or a class name alone. Ends with 1 when NAME is not in the list.
    """
    known = list(_everything())
    if name is not None:
        if not _DOTTED_NAME.match(name):
            raise UsageError(f"not a dotted name: {name!r}", next_step="Write it as in sklearn.svm.SVC, or SVC alone.")
        known = _find(known, name)
    if as_json:
        click.echo(json.dumps({"ok": bool(known), "names": [asdict(entry) for entry in known]}, indent=2))
    elif name is None:
        _show_list(known, open_console())
    else:
        _show_answers(known, name, open_console())
    context.exit(ExitCode.OK if known else ExitCode.CHECK_FAILED)


def _everything() -> Iterable[Support]:
    for codec in CODECS:
        how = _first_sentence(type(codec).__doc__ or "")
        for name in codec.classes:
            yield Support(
                name=name,
                kind="type",
                family=_family(name),
                codec=f"{type(codec).__module__}.{type(codec).__qualname__}",
                layout=codec.layout,
                how=how,
            )
    for kind, names in (("function", KNOWN_FUNCTIONS), ("value type", KNOWN_VALUE_TYPES)):
        for name in sorted(names):
            how = "Kept by name; loading takes it from the installed library."
            yield Support(name=name, kind=kind, family=_family(name), codec="", layout=1, how=how)


def _family(name: str) -> str:
    return name.partition(":")[0].rpartition(".")[0]


def _first_sentence(text: str) -> str:
    first, _, _ = " ".join(text.split("\n\n")[0].split()).partition("; see the module")
    return first if first.endswith(".") else f"{first}."


def _find(known: Iterable[Support], wanted: str) -> list[Support]:
    """Give the entries for a full name, for a place where some release has the class, or for a class name alone."""
    places = {
        place.replace(":", "."): name
        for codec in CODECS
        for place, name in (*((place, name) for name, place in codec.classes.items()), *codec.aliases.items())
    }
    full = wanted.replace(":", ".")
    names = {wanted, full, places.get(full, full)}
    return [entry for entry in known if entry.name in names or entry.name.rpartition(".")[2] == wanted]


def _show_list(known: Iterable[Support], console: Console) -> None:
    headings = {"type": "Types", "function": "Functions, by name", "value type": "Other classes, by name"}
    groups: dict[str, dict[str, list[str]]] = {heading: defaultdict(list) for heading in headings.values()}
    for entry in known:
        groups[headings[entry.kind]][entry.family].append(entry.name.removeprefix(f"{entry.family}."))
    console.print("\nPlain values\n", style="bold")
    for line in _PLAIN_VALUES:
        console.print(f"  {line}")
    for heading, families in groups.items():
        number = sum(map(len, families.values()))
        console.print(f"\n{heading} ({number:,})\n", style="bold")
        for family in sorted(families):
            console.print(f"  {family}", style="dim")
            console.print(f"    {' '.join(sorted(families[family]))}")
    console.print("\nAny other class that can be imported is kept too, and loads when it is trusted by its exact name.")


def _show_answers(found: list[Support], name: str, console: Console) -> None:
    for entry in found:
        console.print(entry.name, style="bold")
        console.print(f"  {entry.kind}, kept without anyone's trust")
        if entry.codec:
            console.print(f"  codec   {entry.codec}, layout {entry.layout}")
        console.print(f"  how     {entry.how}")
    if not found:
        console.print(plain(name), style="bold")
        console.print(
            "  not in the tables: kept by the object protocol when it can be imported, and loaded only when it is"
        )
        console.print("  trusted by its exact name, because its own code runs then. Read its source first.")
