"""A store in a folder: files named by their digest, written at once, never changed."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.stores.keys import path_of_key

__all__ = ["FolderStore"]

_READABLE = 0o444


class FolderStore:
    """A folder that keeps snapshots.

    Parameters
    ----------
    folder : Path
        Made when the first snapshot is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        """Give the folder."""
        return str(self.folder)

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """Give a file in the store to write a snapshot into, which is gone afterwards unless it was kept.

        Raises
        ------
        DataUnavailable
            When nothing can be written there.
        """
        folder = self.folder / "sha256"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _ignore_for_git(self.folder)
            number, name = tempfile.mkstemp(prefix=".new-", suffix=".tmp", dir=folder)
        except OSError as error:
            raise DataUnavailable(
                f"a snapshot cannot be put into the store: {error}"[:300],
                where=str(self.folder),
                next_step="Name a folder that can be written to: store=..., or HERMETIC_STORE.",
            ) from error
        os.close(number)
        path = Path(name)
        try:
            yield path
        finally:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    def keep(self, path: Path, key: str) -> None:
        """Keep a file of the workplace under its key; the same content has one file.

        Parameters
        ----------
        path : Path
            From `workplace`.
        key : str
            Its SHA-256.
        """
        target = self.folder / path_of_key(key)
        target.parent.mkdir(exist_ok=True)
        # Whoever may look into the folder may read the file, and nobody write to it.
        path.chmod(target.parent.stat().st_mode & _READABLE)
        # Also where there is one: it may be damaged, and the new one is not.
        try:
            os.replace(path, target)
        except PermissionError:
            if not target.exists():
                raise
            # Windows does not replace a file that nobody may write to.
            target.chmod(stat.S_IWUSR | stat.S_IRUSR)
            os.replace(path, target)

    def read(self, key: str) -> bytes:
        """Give the bytes of a snapshot; nobody has compared them with their key.

        Raises
        ------
        OSError
            When it is not there, or cannot be read.
        """
        return (self.folder / path_of_key(key)).read_bytes()


def _ignore_for_git(folder: Path) -> None:
    """Keep training data out of repositories: git passes over a folder that ignores everything in it."""
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("# Training data: not for the repository.\n*\n", encoding="utf-8")
