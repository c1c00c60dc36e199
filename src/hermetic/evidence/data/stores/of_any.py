"""Which store is meant: the one that the caller names, that of the environment, or that of the project."""

from __future__ import annotations

import os
from pathlib import Path

from hermetic.errors import UsageError
from hermetic.evidence.data.stores.folder_store import FolderStore

__all__ = ["VARIABLE", "find_store", "project_folder"]

VARIABLE = "HERMETIC_STORE"
_FOLDER = ".hermetic"
_MARKS = (_FOLDER, ".git", "pyproject.toml")


def find_store(store: str | os.PathLike[str] | None = None) -> FolderStore:
    """Give the store that is meant.

    Parameters
    ----------
    store : str or PathLike, optional
        A folder. By default what the environment variable ``HERMETIC_STORE`` names, or else the folder ``.hermetic`` of
        the project: of the nearest folder, from the current one upward, with ``.hermetic``, ``.git`` or
        ``pyproject.toml`` in it; where there is none, of the current one.

    Returns
    -------
    FolderStore
        It need not be there yet.

    Raises
    ------
    UsageError
        When no store can be meant by that.
    """
    named = os.fspath(store) if store is not None else os.environ.get(VARIABLE, "")
    if not named:
        return FolderStore(project_folder() / _FOLDER)
    if "://" in named:
        raise UsageError(f"a store at {named!r} is not known", next_step="Name a folder.")
    return FolderStore(Path(named).expanduser().absolute())


def project_folder() -> Path:
    """Give the folder of the project that the current folder belongs to."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any((folder / mark).exists() for mark in _MARKS):
            return folder
    return here
