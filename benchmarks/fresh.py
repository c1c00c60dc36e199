"""What a new interpreter does for the benchmarks: one task, then it ends; ``python -m benchmarks.fresh``.

It reads a request from its standard input, one line of JSON, and writes its notes and its result to its standard
output. It imports nothing but the standard library until it knows its task: a clocked load must find exactly the
modules that its request names, and the answers of a model are asked for only when the clock has stopped.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.backends import Backend, find_backend, path_of
from benchmarks.memory import begin_reading, finish_reading, has_readings

__all__ = ["main"]

Request = Mapping[str, Any]
Send = Callable[[str, Any], None]


def main() -> None:
    """Do what the line on the standard input asks for, and leave without tearing the interpreter down."""
    # A library that prints must not break the messages: its output goes to the standard error.
    messages = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    request = json.loads(sys.stdin.readline())

    def send(kind: str, content: Any) -> None:
        messages.write(json.dumps([kind, content]) + "\n")
        messages.flush()

    try:
        send("result", _TASKS[request["task"]](request, send))
    except Exception as error:
        send("error", _describe(error))
    os._exit(0)


def build(request: Request, send: Send) -> None:
    """Fit a model and keep it in the cache."""
    cache = importlib.import_module("benchmarks.cache")
    model = importlib.import_module("benchmarks.models").find_model(request["model"])
    cache.ensure_built(Path(request["cache"]), model)


def warm_up(request: Request, send: Send) -> str:
    """Note which modules the model and then each backend import; return the digest of the model's answers.

    What fails here is passed over: it fails again, and is recorded, when it is measured.
    """
    known = set(sys.modules)

    def note_new_modules(name: str) -> None:
        # In the order of their first import, so that parents come first.
        found = [module for module in sys.modules if module not in known]
        known.update(found)
        send("note", [name, [module for module in found if not module.startswith("benchmarks")]])

    fitted = _read_pickle(request["source"])
    note_new_modules("")
    for address in request["backends"]:
        backend = find_backend(address)
        send("note", [backend.name, []])
        try:
            _dump_and_load(backend, fitted, Path(request["folder"]))
        except Exception as error:
            print(f"warm-up of {backend.name}: {_describe(error)}", file=sys.stderr)
        note_new_modules(backend.name)
    return _digest(request["question"], fitted)


def load(request: Request, send: Send) -> dict[str, Any]:
    """Clock one load; then its memory, then, unless somebody watches the memory, the digest of its answers."""
    backend, path = find_backend(request["backend"]), Path(request["path"])
    known = _get_ready(request["modules"], send)
    before = begin_reading() if has_readings() else None
    started = perf_counter()
    model = backend.load(path)
    seconds = perf_counter() - started
    result: dict[str, Any] = {"seconds": seconds, "late_imports": _list_late(known)}
    result["memory"] = finish_reading(before) if before is not None else None
    if not request["is_watched"]:
        result["digest"] = _digest(request["question"], model)
    return result


def dump(request: Request, send: Send) -> dict[str, Any]:
    """Clock one dump of the model, to a path or, if so asked, to a stream that is opened and closed."""
    backend, path = find_backend(request["backend"]), Path(request["path"])
    fitted = _read_pickle(request["source"])
    save = _dump_through_stream(backend) if request["is_through_stream"] else backend.dump
    if save is None:
        raise ValueError(f"{backend.name} only reads")
    known = _get_ready(request["modules"], send)
    started = perf_counter()
    save(fitted, path)
    seconds = perf_counter() - started
    return {"seconds": seconds, "late_imports": _list_late(known)}


def _read_pickle(path: str) -> Any:
    with open(path, "rb") as stream:
        return pickle.load(stream)


def _dump_and_load(backend: Backend, fitted: Any, folder: Path) -> None:
    """Use a backend once; slow ones on something small, which brings the same imports on top of the model's own."""
    path = path_of(folder, backend)
    if backend.dump is not None:
        backend.dump(_make_small_model() if backend.is_slow else fitted, path)
    backend.load(path)


def _make_small_model() -> Any:
    return [1.0, importlib.import_module("numpy").zeros(1 << 17)]


def _get_ready(modules: Iterable[str], send: Send) -> set[str]:
    """Import the modules, wait for the turn, collect the garbage, and return what is imported when the clock starts."""
    gc.disable()
    for module in modules:
        if module not in sys.modules:
            try:
                importlib.import_module(module)
            except ImportError:
                # A name that a library only made up at run time.
                continue
    known = set(sys.modules)
    gc.enable()
    send("ready", None)
    sys.stdin.readline()
    # After the wait, not before: walking over the heap brings it back into the processor's caches.
    gc.collect()
    return known


def _list_late(known: set[str]) -> list[str]:
    return [module for module in sys.modules if module not in known]


def _dump_through_stream(backend: Backend) -> Callable[[Any, Path], None]:
    """Open, dump, close: what a user does who passes a file object, and no sync to the disk."""

    def save(model: Any, path: Path) -> None:
        assert backend.dump_to_stream is not None
        with path.open("wb") as stream:
            backend.dump_to_stream(model, stream)

    return save


def _digest(question: str, model: Any) -> str:
    questions = importlib.import_module("benchmarks.questions")
    digest: str = questions.digest_answers(questions.find_question(question), model)
    return digest


def _describe(error: Exception) -> str:
    """Put an error on one line: its class and the first line of its text."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__


_TASKS: Mapping[str, Callable[[Request, Send], Any]] = {"build": build, "warm_up": warm_up, "load": load, "dump": dump}

if __name__ == "__main__":
    main()
