"""Approvals: what somebody has agreed to for one file, by its SHA-256, in a TOML file that the caller names.

An approval holds the names that the file may use, in their roles, and the capabilities that it may have. It counts for
the very bytes that were reviewed and for no others, so what was agreed to for one model opens no other one.

In ``pyproject.toml`` the table is ``[tool.hermetic.approvals."sha256:..."]``, in any other file
``[approvals."sha256:..."]``. Nothing looks for such a file: it is read when ``load`` or a command is told where it is.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hermetic.errors import UsageError
from hermetic.formats.sources import Source

__all__ = ["Approval", "approvals_in", "digest_of", "prefix_of", "read_approval"]

_ROLES = ("constructed", "referenced", "called")
_LISTS = frozenset({*_ROLES, "capabilities"})
_KEYS = _LISTS | {"file", "rejected"}
_DIGEST_CHARACTERS = 64


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What somebody has decided about one file.

    Attributes
    ----------
    names : frozenset of (str, str)
        Roles and exact names.
    capabilities : frozenset of str
        What the model may do beyond an ordinary one.
    is_rejected : bool
        Somebody has looked at the file and decided that it must not be loaded.
    """

    names: frozenset[tuple[str, str]] = frozenset()
    capabilities: frozenset[str] = frozenset()
    is_rejected: bool = False


def digest_of(source: Source, length_bytes: int) -> str:
    """Give the identity of a container: the SHA-256 of its bytes.

    Parameters
    ----------
    source : Source
        It begins with the container.
    length_bytes : int
        Length of the container.

    Returns
    -------
    str
        ``sha256:`` and 64 hexadecimal digits.

    Examples
    --------
    >>> from hermetic.formats.sources import BufferSource
    >>> digest_of(BufferSource(b""), 0)[:15]
    'sha256:e3b0c442'
    """
    digest = hashlib.sha256()
    for block in source.blocks(0, length_bytes):
        digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def read_approval(path: str | os.PathLike[str], digest: str) -> Approval | None:
    """Give the approval of one file.

    Parameters
    ----------
    path : str or PathLike
        The file with approvals, as the caller names it.
    digest : str
        As `digest_of` gives it.

    Returns
    -------
    Approval or None
        None where nobody has decided about that file.

    Raises
    ------
    OSError
        When the file cannot be read.
    UsageError
        When it is no TOML, or its approvals are not as `hermetic approve` writes them.
    """
    return approvals_in(path).get(digest)


def approvals_in(path: str | os.PathLike[str]) -> dict[str, Approval]:
    """Give all approvals of a file; see `read_approval`.

    Parameters
    ----------
    path : str or PathLike
        The file with approvals.

    Returns
    -------
    dict of str to Approval
        By digest.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "hermetic.toml")
    >>> digest = "sha256:" + 64 * "0"
    >>> _ = path.write_text(f'approvals."{digest}".constructed = ["package.Thing"]')
    >>> sorted(approvals_in(path)[digest].names)
    [('constructed', 'package.Thing')]
    """
    if not isinstance(path, (str, os.PathLike)):
        raise UsageError(f"approvals must be the path of a TOML file, got {type(path).__name__}")
    where = os.fspath(path)
    with open(path, "rb") as file:
        try:
            table: Any = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"not a TOML file: {error}", where=where) from error
    for key in [*prefix_of(path), "approvals"]:
        table = table.get(key, {})
        if not isinstance(table, Mapping):
            raise UsageError(f"{key} must be a table, got {type(table).__name__}", where=where)
    return {digest: _approval_of(digest, entry, where) for digest, entry in table.items()}


def prefix_of(path: str | os.PathLike[str]) -> list[str]:
    """Give the tables around the table of approvals: those of a tool in ``pyproject.toml``, none elsewhere.

    Parameters
    ----------
    path : str or PathLike
        The file with approvals.

    Returns
    -------
    list of str
        Their keys.

    Examples
    --------
    >>> prefix_of("project/pyproject.toml"), prefix_of("hermetic.toml")
    (['tool', 'hermetic'], [])
    """
    return ["tool", "hermetic"] if os.path.basename(os.fsdecode(path)) == "pyproject.toml" else []


def _approval_of(digest: str, entry: Any, where: str) -> Approval:
    place = f'{where}, approvals."{digest}"'
    algorithm, _, digits = digest.partition(":")
    if algorithm != "sha256" or len(digits) != _DIGEST_CHARACTERS or not set(digits) <= set("0123456789abcdef"):
        raise UsageError(
            "an approval is for one file: its key must be sha256: and 64 hexadecimal digits in lower case",
            where=place,
            next_step="Let `hermetic approve FILE` write it.",
        )
    if not isinstance(entry, Mapping) or entry.keys() - _KEYS or type(entry.get("rejected", False)) is not bool:
        raise UsageError(f"an approval is a table with some of: {', '.join(sorted(_KEYS))}", where=place)
    for key in _LISTS & entry.keys():
        if not isinstance(entry[key], list) or not all(type(name) is str for name in entry[key]):
            raise UsageError(f"{key} must be a list of texts", where=place)
    return Approval(
        names=frozenset((role, name) for role in _ROLES for name in entry.get(role, ())),
        capabilities=frozenset(entry.get("capabilities", ())),
        is_rejected=entry.get("rejected", False),
    )
