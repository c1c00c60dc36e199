"""The three ways to keep a model that are compared: hermetic, pickle and joblib."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from hermetic.persistence import dump, load

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to keep a model in a file.

    Attributes
    ----------
    name : str
        Its name, which is also the suffix of its files.
    dump : callable
        Writes a model to a path.
    load : callable
        Reads a model from a path.
    runs_code : bool
        Whether opening a file can run code that its author chose.
    """

    name: str
    dump: Callable[[Any, Path], object]
    load: Callable[[Path], Any]
    runs_code: bool

    def path_of(self, example_name: str, directory: Path) -> Path:
        """Return where this peer keeps the model called `example_name`."""
        return directory / f"{example_name}.{self.name}"


def _dump_pickle(model: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(model, protocol=5))


def _load_pickle(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)


PEERS = {
    "hermetic": Peer(name="hermetic", dump=dump, load=load, runs_code=False),
    "pickle": Peer(name="pickle", dump=_dump_pickle, load=_load_pickle, runs_code=True),
    "joblib": Peer(name="joblib", dump=joblib.dump, load=joblib.load, runs_code=True),
}
