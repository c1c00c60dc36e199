"""Proof that the attacks are alive: each is opened by its real loader, in a process and a folder of its own.

Usage::

    python -m tests.corpus_legacy.live

It prints every attack that left no marker, and ends with 1 when there is one. The loaders run in children that are
forked after the libraries were imported, so that each costs milliseconds and none can harm the next.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.corpus_legacy.attack import MARK, Attack
from tests.corpus_legacy.make import EXECUTING, lay_out

__all__ = ["LOADERS", "dead", "main"]

_SECONDS = 10.0


def _pickle(path: str) -> None:
    with open(path, "rb") as file:
        pickle.load(file)


def _every_pickle(path: str) -> None:
    with open(path, "rb") as file:
        while True:
            pickle.load(file)


def _joblib(path: str) -> None:
    import joblib

    joblib.load(path)


def _numpy(path: str) -> None:
    import numpy as np

    found = np.load(path, allow_pickle=True)
    if isinstance(found, np.lib.npyio.NpzFile):
        for name in found.files:
            found[name]


def _pandas(path: str) -> None:
    import pandas as pd

    for found in sorted(Path(path).parent.glob("model.*")):
        pd.read_pickle(found)


def _from(file: Any) -> None:
    """Unpickle a member as the program for its format would; an archive in an archive is opened in turn."""
    beginning = file.peek(4)[:4] if hasattr(file, "peek") else b""
    if beginning.startswith((b"PK", b"\x1f\x8b")) or b"data.pkl" in (file.peek(512) if beginning else b""):
        path = Path(f"unpacked{time.monotonic_ns()}")
        path.write_bytes(file.read())
        _open_any(str(path))
    else:
        pickle.load(file)


def _open_any(path: str) -> None:
    if zipfile.is_zipfile(path):
        _zip(path)
    elif tarfile.is_tarfile(path):
        _tar(path)
    else:
        _joblib(path)


def _quietly(call: Callable[..., Any], *arguments: Any) -> None:
    try:
        call(*arguments)
    except Exception as error:
        print(f"  {type(error).__name__}: {error}", file=sys.stderr)


def _zip(path: str) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                _quietly(_from, file)


def _tar(path: str) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            _quietly(_from, archive.extractfile(member))


LOADERS: dict[str, Callable[[str], None]] = {
    "pickle": _pickle,
    "every pickle": _every_pickle,
    "joblib": _joblib,
    "numpy": _numpy,
    "pandas": _pandas,
    "zip": _zip,
    "tar": _tar,
}


def _run_child(item: Attack, path: Path, words: int) -> None:
    os.chdir(path.parent)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(words, 2)
    try:
        LOADERS[item.loader]("model")
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.stderr.flush()


def _open_live(item: Attack, folder: Path) -> str:
    """Open a file by its loader in a child; give what the child said, "" when the marker is there."""
    import atexit
    import threading

    path = lay_out(item, folder)
    said = folder / "said"
    words = os.open(said, os.O_RDWR | os.O_CREAT)
    child = os.fork()
    if child == 0:
        _run_child(item, path, words)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        os._exit(0)
    os.close(words)
    end = time.monotonic() + _SECONDS
    is_running = True
    while time.monotonic() < end:
        if any(found.name.startswith(MARK) for found in path.parent.iterdir()):
            break
        if not is_running and end - time.monotonic() > 1:
            end = time.monotonic() + 1  # what it has started may still be at work
        if is_running and os.waitpid(child, os.WNOHANG)[0]:
            is_running = False
        time.sleep(0.002)
    else:
        words_of_child = said.read_text(errors="replace").strip()
        _end(child, is_running=is_running)
        return words_of_child or "it left no marker, and said nothing"
    _end(child, is_running=is_running)
    return ""


def _end(child: int, *, is_running: bool) -> None:
    if is_running:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.05)
        if not os.waitpid(child, os.WNOHANG)[0]:
            os.kill(child, 9)
            os.waitpid(child, 0)


def dead(items: list[Attack]) -> dict[str, str]:
    """Open each file by its real loader; give those that left no marker, with what their loader said."""
    import joblib
    import pandas as pd
    import scipy.io
    import sklearn.datasets

    assert all((joblib, pd, scipy.io, sklearn.datasets))  # imported once, for all children
    found = {}
    folder = Path(tempfile.mkdtemp())  # a TemporaryDirectory would be removed by the first child that ends
    try:
        for number, item in enumerate(items):
            if words := _open_live(item, folder / f"{number}"):
                found[str(item)] = words
    finally:
        shutil.rmtree(folder)
    return found


def main() -> int:
    """Prove every attack that executes something; see the module docstring."""
    started = time.monotonic()
    found = dead(EXECUTING)
    for name, words in found.items():
        print(f"{name}\n    {words[:500]}")
    alive = len(EXECUTING) - len(found)
    print(f"{alive} of {len(EXECUTING)} attacks are alive ({time.monotonic() - started:.0f} s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
