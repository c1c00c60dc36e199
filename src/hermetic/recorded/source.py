"""The Python source that made a model: script or cells, own modules, and the state of the repository."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["Repository", "SourceFile", "SourceRecord"]


class SourceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of source, or the cells of a notebook that ran.

    Attributes
    ----------
    name : str
        Path below the project, with slashes, or the dotted name of a module. Only text.
    role : str
        ``script``, ``notebook`` or ``module``.
    digest : str
        Hexadecimal SHA-256 of the text as UTF-8.
    text : str or None
        None where only the digest is kept.
    """

    name: str
    role: Literal["script", "notebook", "module"]
    digest: str
    text: str | None


class Repository(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the version control that the source stands in.

    Attributes
    ----------
    commit : str
        Hexadecimal.
    remote : str
        Where it can be had, without credentials; may be empty. Only text.
    is_dirty : bool
        Whether files differ from the commit.
    diff : str or None
        How they differ; None where it was not wished.
    """

    commit: str
    remote: str
    is_dirty: bool
    diff: str | None


class SourceRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The source that made a model.

    Attributes
    ----------
    layout : int
        1.
    files : list of SourceFile
        The script or notebook first.
    repository : Repository or None
        None where there is none.
    notes : list of str
        What is missing, and why.
    """

    layout: Literal[1]
    files: list[SourceFile]
    repository: Repository | None
    notes: list[str]
