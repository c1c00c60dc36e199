"""Which addresses may be opened: those below a beginning that the caller allows, and nothing that only looks so."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

__all__ = ["is_allowed", "local_path"]

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.DOTALL)
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._~=+,()-]+(/[A-Za-z0-9._~=+,() -]+)*/?")


def is_allowed(uri: str, allowed: Collection[str]) -> bool:
    """Tell whether an address of a file is below one of those that the caller allows.

    Parameters
    ----------
    uri : str
        From a file: anybody's words.
    allowed : collection of str
        Beginnings of addresses, or folders; the caller's.

    Returns
    -------
    bool
        False for addresses with ``..``, percent signs, questions or names of users: other programs read them otherwise.

    Examples
    --------
    >>> from hermetic.evidence.data.permission import is_allowed
    >>> is_allowed("s3://bucket/a/b.parquet", ["s3://bucket/a"]), is_allowed("s3://bucket/ab.parquet", ["s3://bucket/a"])
    (True, False)
    """
    path = local_path(uri)
    if path is not None:
        folders = [folder for folder in map(local_path, allowed) if folder is not None]
        return any(_is_within(path, folder) for folder in folders)
    scheme, rest = _parts(uri)
    if not _PLAIN_ADDRESS.fullmatch(rest) or ".." in rest.split("/"):
        return False
    for own in allowed:
        if local_path(own) is None:
            own_scheme, beginning = _parts(own)
            beginning = beginning.rstrip("/")
            if scheme == own_scheme and beginning and (rest == beginning or rest.startswith(f"{beginning}/")):
                return True
    return False


def local_path(uri: str) -> Path | None:
    """Give the path of a local file, or None for an address elsewhere."""
    found = _SCHEME.fullmatch(uri)
    if found is None:
        return Path(uri)
    # file:///path, without a host: one would be read from a server elsewhere.
    return Path(found[2]) if found[1] == "file" and found[2].startswith("/") else None


def _parts(uri: str) -> tuple[str, str]:
    found = _SCHEME.fullmatch(uri)
    return (found[1], found[2]) if found else ("", uri)


def _is_within(path: Path, folder: Path) -> bool:
    """Compare where paths lead, symbolic links followed."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        return False
