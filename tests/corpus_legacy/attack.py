"""What one file of the corpus is, and the shortest words for making one.

Every payload is harmless: it makes a file or folder whose name begins with ``marker`` in the current folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.corpus_pickles import call, text
from tests.legacy_pickles import Made, written

__all__ = ["COMMAND", "EVIL", "MARK", "SHELL", "Attack", "attack", "calls", "run"]

MARK = "marker"
COMMAND = "echo > marker"
SHELL = call("os.system", text(COMMAND))
"""Opcodes of protocol 0 that make the marker, and leave the result on the stack."""
EVIL = SHELL + b"."


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One hostile file.

    Attributes
    ----------
    name : str
        Of this file; one of its kind.
    kind : str
        The class of attack.
    data : bytes
        The file that is opened.
    verdict : str
        What a scan says.
    loader : str
        Whose readers open it: a key of `tests.corpus_legacy.live.LOADERS`.
    is_executing : bool
        Whether the marker appears when that loader opens it.
    beside : dict of str to bytes
        Further files, by their path from its folder.
    note : str
        Why it is not run live, where it is not.
    """

    name: str
    kind: str
    data: bytes
    verdict: str = "dangerous"
    loader: str = "pickle"
    is_executing: bool = True
    beside: dict[str, bytes] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def run(location: str, *arguments: Any) -> Made:
    """Give a call of ``module:name``."""
    return Made(location, arguments)


def attack(kind: str, name: str, data: bytes, **options: Any) -> Attack:
    return Attack(name=name, kind=kind, data=data, **options)


def calls(kind: str, made: dict[str, Any], protocol: int = 4) -> list[Attack]:
    """Give a file for each call."""
    return [attack(kind, name, written(thing, protocol)) for name, thing in made.items()]
