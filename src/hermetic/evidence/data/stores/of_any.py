"""Which store is meant: the one that the caller names, that of the environment, or that of the project."""

from __future__ import annotations

import os
from pathlib import Path

from hermetic.evidence.data.permission import local_path
from hermetic.evidence.data.stores.bucket_store import BucketStore
from hermetic.evidence.data.stores.folder_store import FolderStore

Store = FolderStore | BucketStore

__all__ = ["VARIABLE", "Store", "find_store", "project_folder"]

VARIABLE = "HERMETIC_STORE"
_FOLDER = ".hermetic"
_MARKS = (_FOLDER, ".git", "pyproject.toml")


def find_store(store: str | os.PathLike[str] | None = None) -> Store:
    """Give the store that is meant.

    Parameters
    ----------
    store : str or PathLike, optional
        A folder, or an address (``s3://``, ``gs://``, ``az://``, ``file://``). By default what the environment variable
        ``HERMETIC_STORE`` names, or else the folder ``.hermetic`` of the project: of the nearest folder, from the
        current one upward, with ``.hermetic``, ``.git`` or ``pyproject.toml`` in it, or of the current one.

    Returns
    -------
    FolderStore or BucketStore
        It need not be there yet.

    Raises
    ------
    DataUnavailable
        When it is an address that cannot be reached from here.
    """
    named = os.fspath(store) if store is not None else os.environ.get(VARIABLE, "")
    if not named:
        return FolderStore(project_folder() / _FOLDER)
    path = local_path(named)
    if path is None:
        return BucketStore(named)
    return FolderStore(path.expanduser().absolute())


def project_folder() -> Path:
    """Give the folder of the project that the current folder belongs to."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any((folder / mark).exists() for mark in _MARKS):
            return folder
    return here
