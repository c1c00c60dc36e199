"""`hermetic inspect`: shows on one page what a file holds, without loading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hermetic.cli.terminal import open_console, plain
from hermetic.inspection import Inspection, StoredMember, inspect
from hermetic.inspection.text import size_text
from hermetic.inspection.tree import Entry

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.tree import Tree

__all__ = ["command"]

_DEFAULT_DEPTH = 6
_WIDTH_OF_FILES = 160


@click.command(name="inspect", epilog="Example: hermetic inspect model.hermetic --depth 2")
@click.argument("file", type=click.Path(path_type=str))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=_DEFAULT_DEPTH,
    show_default=True,
    help="How deep the tree is shown.",
)
def command(file: str, as_json: bool, depth: int) -> None:
    """Show what FILE holds: the model as a tree, its largest arrays, the types it uses.

    Nothing is loaded or imported, however large the file is. A file that can be shown may still be refused on load,
    when its arrays are checked.
    """
    found = inspect(file)
    if as_json:
        click.echo(found.to_json())
    else:
        _show(found, depth, open_console())


def _show(found: Inspection, depth: int, console: Console) -> None:
    versions = ", ".join(plain(f"{program} {version}") for program, version in found.written_by.items())
    console.print(plain(found.file), style="bold")
    console.print(f"  length      {size_text(found.length_bytes)} ({found.length_bytes:,} bytes)")
    console.print(f"  written by  {versions or 'nothing that says so'}")
    console.print(f"  holds       {_count(found.n_objects, 'object')}, {_count(found.n_arrays, 'array')}")
    _show_evidence(found, console)
    console.print("\nModel\n", style="bold")
    _print_folded(_tree(found.model, depth), console)
    _show_tables(found, console)


def _show_evidence(found: Inspection, console: Console) -> None:
    if not found.recorded:
        console.print("  evidence    none recorded")
    for line in found.recorded:
        console.print(f"  {line.kind:<12}{plain(line.words)}")
    for number, words in enumerate(found.reveals):
        console.print(f"  {'' if number else 'reveals':<12}{plain(words)}")


def _show_tables(found: Inspection, console: Console) -> None:
    if found.largest_arrays:
        console.print("\nLargest arrays\n", style="bold")
        _print_folded(_table_of_arrays(found), console)
    if found.names:
        console.print("\nTypes and functions\n", style="bold")
        _print_folded(_table_of_names(found), console)
    if not found.ok:
        trust = " ".join(f"--trust {plain(name.trust)}" for name in found.names if not name.is_known)
        console.print("\n  Trusting a name lets its code run. Read its source first; then load with")
        console.print(f"    {trust}")
    for path, meaning in found.notes:
        console.print(f"\n  note: {plain(path)}: {plain(meaning)}")
    console.print("\nMembers\n", style="bold")
    _print_folded(_table_of_members(found), console)


def _print_folded(renderable: Tree | Table, console: Console) -> None:
    """Print what may be wide: on several lines rather than cut off, for the end of a name may be what matters."""
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    console.print(renderable, soft_wrap=False)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tree(entry: Entry, depth: int) -> Tree:
    from rich.tree import Tree

    tree = Tree(_label(entry), guide_style="dim")
    _grow(tree, entry, depth)
    return tree


def _grow(tree: Tree, entry: Entry, depth: int) -> None:
    """Add what an entry holds; the tree was cut at a fixed depth when it was made."""
    for texts in (entry.parameters, entry.values):
        if texts:
            tree.add(plain(", ".join(f"{name}={text}" for name, text in texts.items())), style="dim")
    if depth == 0:
        n_hidden = len(entry.children) + entry.n_more
    else:
        n_hidden = entry.n_more
        for child in entry.children:
            _grow(tree.add(_label(child)), child, depth - 1)
    if n_hidden:
        tree.add(f"... and {n_hidden:,} more", style="dim")


def _label(entry: Entry) -> str:
    name = f"{plain(entry.name)}  " if entry.name else ""
    module = entry.type.rpartition(":")[0] or entry.type.rpartition(".")[0]
    return f"{name}{plain(entry.summary)}{f'  ({plain(module)})' if module else ''}"


def _new_table(*headings: str, right: tuple[str, ...] = ()) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return table


def _table_of_arrays(found: Inspection) -> Table:
    table = _new_table("where", "dtype", "shape", "size", "of all", right=("size", "of all"))
    for array in found.largest_arrays:
        number = "" if array.n_arrays == 1 else f"{array.n_arrays:,} x "
        cells = (array.path, array.dtype, f"{number}{array.shape}", size_text(array.length_bytes), f"{array.share:.1%}")
        table.add_row(*map(plain, cells))
    return table


def _table_of_names(found: Inspection) -> Table:
    table = _new_table("name", "role", "objects", "", right=("objects",))
    for name in found.names:
        verdict = "known" if name.is_known else f"needs trust; first at {name.path or 'an unknown place'}"
        number = f"{name.n_instances:,}" if name.n_instances else ""
        table.add_row(*map(plain, (name.name, name.role, number, verdict)))
    return table


def _table_of_members(found: Inspection) -> Table:
    table = _new_table("name", "size", "compression", right=("size",))
    for member in found.members:
        table.add_row(plain(member.name), size_text(member.length_bytes), _compression(member))
    return table


def _compression(member: StoredMember) -> str:
    if not member.compression:
        return "none"
    return f"{member.compression}, {size_text(member.content_bytes)} when decompressed"
