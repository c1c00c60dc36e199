"""A model and backends that are made up, each with one way to fail: what the tests of this harness measure.

Apart from the tests, and without scikit-learn, so that a fresh process has them within a fraction of a second.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.backends import Backend
from benchmarks.questions import Question

__all__ = ["ALL_BACKENDS", "QUESTIONS", "backend_named", "build_weights", "make_backend"]


def build_weights() -> dict[str, Any]:
    return {"weights": np.arange(4.0)}


def _answer(model: Any, X: Any) -> tuple[Any, ...]:
    return (X @ model["weights"],)


QUESTIONS = {"made_up": Question(inputs=lambda: np.eye(4), answer=_answer)}


def _dump(model: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(model))


def _load(path: Path) -> Any:
    return pickle.loads(path.read_bytes())


def _load_changed(path: Path) -> Any:
    model = _load(path)
    model["weights"] = np.nextafter(model["weights"], 9.0)
    return model


def _refuse_to_load(path: Path) -> Any:
    raise ValueError("not my file\nsecond line")


def _refuse_to_dump(model: Any, path: Path) -> None:
    raise TypeError("not my model")


def _die(path: Path) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(path: Path) -> Any:
    time.sleep(3_600)


def _import_late(path: Path) -> Any:
    # Only from the second time on: the warm-up, which is the first, does not see it.
    if path.with_suffix(".seen").exists():
        importlib.import_module("colorsys")
    path.with_suffix(".seen").touch()
    return _load(path)


def backend_named(name: str) -> Backend:
    return next(backend for backend in ALL_BACKENDS if backend.name == name)


def make_backend(name: str, load: Any, dump: Any = _dump, **more: Any) -> Backend:
    return Backend(name=name, needs=(), dump=dump, load=load, home="benchmarks.made_up", **more)


ALL_BACKENDS = (
    make_backend("honest", _load),
    make_backend("mapped", _load, None, reads_file_of="honest"),
    make_backend("wrong", _load_changed),
    make_backend("raises on load", _refuse_to_load),
    make_backend("raises on dump", _load, _refuse_to_dump),
    make_backend("imports late", _import_late),
    make_backend("dies", _die),
    make_backend("hangs", _hang),
    Backend(name="absent", needs=("no_such_library",), dump=_dump, load=_load, home="benchmarks.made_up"),
)
