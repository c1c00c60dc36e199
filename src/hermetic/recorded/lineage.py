"""Where a model comes from: the files that it was made from again."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["LineageRecord", "Parent"]


class Parent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that the model was made from.

    Attributes
    ----------
    digest : str
        Hexadecimal SHA-256 of that file.
    how : str
        ``rebuilt``, ``script``: what was done with it.
    written_by : dict of str to str
        Versions of the libraries that wrote it.
    """

    digest: str
    how: Literal["rebuilt", "script"]
    written_by: dict[str, str]


class LineageRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The files that a model was made from, the nearest first.

    Attributes
    ----------
    layout : int
        1.
    parents : list of Parent
        The file that this one was made from, then the one which that was made from, and so on.
    """

    layout: Literal[1]
    parents: list[Parent]
