"""The ways of saving and loading that are compared: hermetic's and those of its peers.

Each is called as its own documentation tells a user to call it, with a path. Backends of libraries that
are not installed stay in the table as "not available"; nothing is measured for them.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.unchecked import load_unchecked

__all__ = [
    "ALL_BACKENDS",
    "COMPRESSED",
    "LEGACY",
    "READING_ONLY",
    "SLOW_ROUNDS",
    "Backend",
    "find_backend",
    "find_obstacle",
    "path_of",
]

SLOW_ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One way to save a model and to load it again.

    Attributes
    ----------
    name : str
        As it stands in the tables.
    needs : tuple of str
        Modules that must be importable; ``module:attribute`` also asks for an attribute.
    load : callable
        ``load(path)`` returns the model.
    dump : callable or None
        ``dump(model, path)``; None when this backend only reads what another one has written.
    dump_to_stream : callable or None
        ``dump_to_stream(model, stream)`` into an open file: what saving costs without a sync to the disk.
    reads_file_of : str
        The backend whose file is loaded; empty for its own.
    is_slow : bool
        Peers and compressed forms that take fewer rounds, `SLOW_ROUNDS`.
    has_many_imports : bool
        Its own imports are so many that only its own processes carry them.
    home : str
        The module whose ``ALL_BACKENDS`` hold it, for a fresh process to find it again.
    """

    name: str
    needs: tuple[str, ...]
    load: Callable[[Path], Any]
    dump: Callable[[Any, Path], object] | None
    dump_to_stream: Callable[[Any, BinaryIO], object] | None = None
    reads_file_of: str = ""
    is_slow: bool = False
    has_many_imports: bool = False
    home: str = "benchmarks.backends"

    @property
    def file_owner(self) -> str:
        """The name of the backend that writes the file which this one reads."""
        return self.reads_file_of or self.name

    @property
    def address(self) -> str:
        """Where a fresh process finds this backend."""
        return f"{self.home}:{self.name}"


def find_backend(address: str) -> Backend:
    """Return the backend at ``module:name``."""
    home, _, name = address.partition(":")
    backends: tuple[Backend, ...] = importlib.import_module(home).ALL_BACKENDS
    return next(backend for backend in backends if backend.name == name)


def path_of(folder: Path, backend: Backend) -> Path:
    """Return where the file that the backend reads is written."""
    suffix = ".hermetic" if backend.file_owner.startswith("hermetic") else ".saved"
    return folder / (backend.file_owner.replace(" ", "_") + suffix)


def find_obstacle(backend: Backend) -> str:
    """Return why the backend cannot be measured here; empty when it can."""
    for need in backend.needs:
        module, _, attribute = need.partition(":")
        try:
            found = importlib.import_module(module)
            if attribute:
                getattr(found, attribute)
        except (ImportError, AttributeError) as error:
            return f"{need} cannot be imported ({type(error).__name__})"
    return ""


def _hermetic() -> Any:
    return importlib.import_module("hermetic")


def _joblib() -> Any:
    return importlib.import_module("joblib")


def _dump_pickle(model: Any, path: Path) -> None:
    with path.open("wb") as stream:
        pickle.dump(model, stream, protocol=5)


def _load_pickle(path: Path) -> Any:
    with path.open("rb") as stream:
        return pickle.load(stream)


def _dump_cloudpickle(model: Any, path: Path) -> None:
    with path.open("wb") as stream:
        importlib.import_module("cloudpickle").dump(model, stream, protocol=5)


def _dump_skops(model: Any, path: Path) -> None:
    importlib.import_module("skops.io").dump(model, path)


def _load_skops(path: Path) -> Any:
    """Audit and load: the two steps that its documentation asks for."""
    skops_io = importlib.import_module("skops.io")
    return skops_io.load(path, trusted=skops_io.get_untrusted_types(file=path))


def _joblib_compressed(method: Any) -> Callable[[Any, Path], object]:
    return lambda model, path: _joblib().dump(model, path, compress=method)


_HERMETIC = ("hermetic:dump", "hermetic:load")

ALL_BACKENDS: tuple[Backend, ...] = (
    Backend(
        name="hermetic",
        needs=_HERMETIC,
        dump=lambda model, path: _hermetic().dump(model, path),
        dump_to_stream=lambda model, stream: _hermetic().dump(model, stream),
        load=lambda path: _hermetic().load(path),
    ),
    Backend(
        name="hermetic mmap c",
        needs=_HERMETIC,
        dump=None,
        reads_file_of="hermetic",
        load=lambda path: _hermetic().load(path, mmap_mode="c"),
    ),
    Backend(
        name="hermetic compressed",
        needs=_HERMETIC,
        dump=lambda model, path: _hermetic().dump(model, path, compress=True),
        dump_to_stream=lambda model, stream: _hermetic().dump(model, stream, compress=True),
        load=lambda path: _hermetic().load(path),
        is_slow=True,
    ),
    Backend(
        name="hermetic unchecked",
        needs=_HERMETIC,
        dump=None,
        reads_file_of="hermetic",
        load=load_unchecked,
    ),
    Backend(name="pickle", needs=(), dump=_dump_pickle, load=_load_pickle),
    Backend(
        name="hermetic on pickle",
        needs=_HERMETIC,
        dump=None,
        reads_file_of="pickle",
        load=lambda path: _hermetic().load(path),
    ),
    Backend(
        name="hermetic on joblib",
        needs=_HERMETIC,
        dump=None,
        reads_file_of="joblib",
        load=lambda path: _hermetic().load(path),
    ),
    Backend(name="cloudpickle", needs=("cloudpickle",), dump=_dump_cloudpickle, load=_load_pickle, is_slow=True),
    Backend(
        name="joblib",
        needs=("joblib",),
        dump=lambda model, path: _joblib().dump(model, path),
        load=lambda path: _joblib().load(path),
    ),
    Backend(
        name="joblib mmap r",
        needs=("joblib",),
        dump=None,
        reads_file_of="joblib",
        load=lambda path: _joblib().load(path, mmap_mode="r"),
    ),
    Backend(
        name="joblib zlib 3",
        needs=("joblib",),
        dump=_joblib_compressed(3),
        load=lambda path: _joblib().load(path),
        is_slow=True,
    ),
    Backend(
        name="joblib lz4",
        needs=("joblib", "lz4.frame"),
        dump=_joblib_compressed("lz4"),
        load=lambda path: _joblib().load(path),
        is_slow=True,
    ),
    Backend(
        name="joblib xz 3",
        needs=("joblib", "lzma"),
        dump=_joblib_compressed(("xz", 3)),
        load=lambda path: _joblib().load(path),
        is_slow=True,
    ),
    Backend(name="skops", needs=("skops.io",), dump=_dump_skops, load=_load_skops, is_slow=True, has_many_imports=True),
)

COMPRESSED = frozenset({"hermetic compressed", "joblib zlib 3", "joblib lz4", "joblib xz 3"})
LEGACY = frozenset({"hermetic on pickle", "hermetic on joblib"})
"""Files of other formats, read as data: measured by ``make bench-legacy``."""
READING_ONLY = frozenset(backend.name for backend in ALL_BACKENDS if backend.dump is None)
