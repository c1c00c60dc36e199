"""What a prediction that was stopped leaves behind, so that the next one goes on where it was.

Beside the output stands a folder ``.OUTPUT.predicting``:

=====================  ===============================================================================================
``task.json``          the digest of the model, what it is asked, and with which libraries
``lock``               held by the process that is at work; the system lets go of it when the process ends
``DIGEST/``            a folder for each input file, named after the digest of its path
``DIGEST/input.json``  the path, length and digest of the file; when its output is in place, ``is_done``
``DIGEST/*.arrow``     answers, in parts named after their first row and the row behind their last one
=====================  ===============================================================================================

Every file is written beside its place, synchronised and renamed: whatever is there under its name is whole.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow
import pyarrow.ipc

from hermetic.errors import UsageError
from hermetic.formats.atomic_file import atomic_writer

__all__ = ["FileState", "folder_of_file", "open_state", "state_folder"]

_PART = re.compile(r"([0-9]{15})-([0-9]{15})\.arrow")
_RESTART = "Give the same options as before, or --restart to throw away what is there and begin anew."


def state_folder(output: str) -> str:
    """Give the folder that stands beside an output while it is made.

    Examples
    --------
    >>> state_folder("answers/2026.parquet").replace(os.sep, "/")
    'answers/.2026.parquet.predicting'
    """
    folder, name = os.path.split(os.path.abspath(output) if output in (".", "..") else os.path.normpath(output))
    return os.path.join(folder, f".{name}.predicting")


@contextmanager
def open_state(output: str, task: dict[str, Any], *, restart: bool) -> Iterator[str]:
    """Take up the work on an output, or begin it; nobody else can meanwhile.

    Parameters
    ----------
    output : str
        File or folder.
    task : dict
        All that the answers depend on besides the input.
    restart : bool
        Throw away what an earlier run has left.

    Yields
    ------
    str
        The folder of the state. It is removed when the block ends without an exception.

    Raises
    ------
    UsageError
        When the earlier run had another task, or is still at work.
    """
    folder = state_folder(output)
    os.makedirs(folder, exist_ok=True)
    with _locked(folder, output):
        if restart:
            for name in os.listdir(folder):
                if name != "lock":
                    _remove(os.path.join(folder, name))
        before = _read_json(os.path.join(folder, "task.json"))
        if before is None or not _has_answers(folder):
            _write_json(os.path.join(folder, "task.json"), task)
        elif before != task:
            other = sorted(name for name in before.keys() | task.keys() if before.get(name) != task.get(name))
            raise UsageError(
                f"a prediction of this output was begun with another {', '.join(other)}",
                where=output,
                next_step=_RESTART,
            )
        try:
            yield folder
        except BaseException:
            if not _has_answers(folder):
                shutil.rmtree(folder)
            raise
    shutil.rmtree(folder)


def _has_answers(folder: str) -> bool:
    """Tell whether anything is there that would have to be asked again."""
    states = [FileState(folder) for folder in glob.glob(os.path.join(glob.escape(folder), "*", ""))]
    return any(state.n_rows_done() is not None or state.parts() for state in states)


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


@contextmanager
def _locked(folder: str, output: str) -> Iterator[None]:
    with open(os.path.join(folder, "lock"), "wb") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            raise UsageError(
                "another process is predicting this output", where=output, next_step="Wait for it, or end it."
            ) from error
        yield


def _lock(descriptor: int) -> None:
    try:
        import fcntl  # not there on Windows
    except ImportError:
        import msvcrt  # only there on Windows

        vars(msvcrt)["locking"](descriptor, vars(msvcrt)["LK_NBLCK"], 1)
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read_json(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            return json.loads(file.read())
    except FileNotFoundError:
        return None


def _write_json(path: str, value: Any) -> None:
    with atomic_writer(path) as file:
        file.write(json.dumps(value, indent=1, sort_keys=True).encode())


def folder_of_file(folder: str, source: str) -> str:
    """Give the folder of one input in a state: the same when other files come and go beside it."""
    return os.path.join(folder, hashlib.sha256(os.fsencode(os.path.abspath(source))).hexdigest()[:16])


class FileState:
    """How far the work on one input file is.

    Parameters
    ----------
    folder : str
        The folder of its own in the state, from `folder_of_file`.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def begin(self, identity: dict[str, Any]) -> None:
        """Note which input it is; raises UsageError when it is another one than before."""
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, "input.json")
        before = _read_json(path)
        if before is None or not (self.parts() or before.get("is_done")):
            _write_json(path, identity)
        elif any(before.get(name) != value for name, value in identity.items()):
            raise UsageError(
                "the input is another one than when this prediction was begun",
                where=str(identity["path"]),
                next_step="Give --restart to begin anew.",
            )

    def n_rows_done(self) -> int | None:
        """Give the number of rows of a file whose output is in place; None for any other."""
        before = _read_json(os.path.join(self.folder, "input.json"))
        return None if before is None or not before.get("is_done") else int(before["n_rows"])

    def finish(self, identity: dict[str, Any], n_rows: int) -> None:
        """Note that the output is in place, and let go of the answers."""
        _write_json(os.path.join(self.folder, "input.json"), {**identity, "is_done": True, "n_rows": n_rows})
        for path in self.parts():
            os.unlink(path)

    def parts(self) -> list[str]:
        """Give the paths of the parts that follow each other from the first row on."""
        found, row = [], 0
        for name in sorted(os.listdir(self.folder)):
            matched = _PART.fullmatch(name)
            if matched and int(matched[1]) == row:
                found.append(os.path.join(self.folder, name))
                row = int(matched[2])
        return found

    def n_rows_answered(self) -> int:
        """Give the number of rows whose answers are on the disk."""
        parts = self.parts()
        matched = _PART.fullmatch(os.path.basename(parts[-1])) if parts else None
        return int(matched[2]) if matched else 0

    def write_part(self, first_row: int, batches: list[pyarrow.RecordBatch]) -> None:
        """Write answers, to the disk."""
        stop = first_row + sum(batch.num_rows for batch in batches)
        path = os.path.join(self.folder, f"{first_row:015}-{stop:015}.arrow")
        with atomic_writer(path) as file, pyarrow.ipc.new_file(file, batches[0].schema) as writer:
            for batch in batches:
                writer.write_batch(batch)

    def read_parts(self) -> Iterator[pyarrow.RecordBatch]:
        """Give all answers."""
        for path in self.parts():
            with contextlib.closing(pyarrow.OSFile(path)) as file:
                reader = pyarrow.ipc.open_file(file)
                yield from map(reader.get_batch, range(reader.num_record_batches))
