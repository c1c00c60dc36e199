"""dump and load: recipes of named steps, nothing else."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

from hermetic._version import __version__
from hermetic.capture import capture
from hermetic.collector import paused_collector
from hermetic.errors import (
    CapabilityRefused,
    FileError,
    ForeignFormat,
    InvalidState,
    RejectedFile,
    UntrustedType,
    UsageError,
)
from hermetic.formats.atomic_file import atomic_writer
from hermetic.formats.compression import resolve_compression
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.container_writer import (
    OutgoingMember,
    write_container_seekable,
    write_container_stream,
)
from hermetic.formats.graph_json import GraphDocument, check_text, decode_graph, graph_of
from hermetic.formats.graph_reader import Reading, read_arrays
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.members import PoolSource, read_graph_text
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import BufferSource, Source
from hermetic.graph import Graph
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.placement import borrowed_arrays, mapped_arrays
from hermetic.policy import approve
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate
from hermetic.weights import check_weight

if TYPE_CHECKING:
    from hermetic.foreign_files import LegacyGraph

__all__ = ["dump", "dumps", "load", "loads"]

_LIBRARIES = {"numpy": "numpy", "scipy": "scipy", "sklearn": "scikit-learn", "pandas": "pandas"}

MappingMode = Literal["r", "c"]


def dump(
    model: Any,
    file: str | os.PathLike[str] | BinaryIO,
    compress: Any = False,
    protocol: int | None = None,
    *,
    evidence: None = None,
) -> list[str]:
    """Save a model to one file.

    Parameters
    ----------
    model : object
        A scikit-learn estimator, fitted or not, or anything made of supported types.
    file : str, PathLike or binary file object
        Writing to a path is atomic: the old file stays whole until the new one is.
    compress : bool, int, str or (str, int), default=False
        As in joblib: a level, a method, or both.
    protocol : int, optional
        Ignored; accepted because joblib has it.
    evidence : None
        Reserved for the record of how the model was made.

    Returns
    -------
    list of str
        The path that was written, as joblib gives it; empty for a file object.

    Raises
    ------
    CannotSave
        When the model holds what cannot be kept, with its path; nothing is written.

    Examples
    --------
    >>> import tempfile, os
    >>> from sklearn.linear_model import LinearRegression
    >>> from hermetic import dump, load
    >>> model = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
    >>> path = os.path.join(tempfile.mkdtemp(), "model.hermetic")
    >>> dump(model, path) == [path]
    True
    >>> load(path).predict([[2.0]])
    array([5.])
    """
    if evidence is not None:
        raise UsageError("evidence cannot be recorded yet", next_step="Leave evidence=None.")
    members, written_by = _prepare(model, compress)
    if isinstance(file, (str, os.PathLike)):
        path = os.fspath(file)
        with atomic_writer(path) as target:
            write_container_seekable(target, members, written_by)
        return [path]
    if not callable(getattr(file, "write", None)):
        raise UsageError(f"expected a path or a binary file object, got {type(file).__name__}")
    write = write_container_seekable if _can_be_patched(file) else write_container_stream
    write(file, members, written_by)
    return []


def _can_be_patched(file: BinaryIO) -> bool:
    """Tell whether what was written can be changed, so that contents need to be read only once."""
    raw = file.raw if type(file) is io.BufferedWriter else file
    if type(raw) is io.FileIO:
        return raw.seekable() and "a" not in raw.mode
    return type(file) is io.BytesIO


def dumps(model: Any, compress: Any = False, *, evidence: None = None) -> bytes:
    """Save a model to bytes.

    Parameters
    ----------
    model, compress, evidence
        As in `dump`.

    Returns
    -------
    bytes
        What `dump` would have written.

    Examples
    --------
    >>> from hermetic import dumps, loads
    >>> loads(dumps({"threshold": 0.5}))
    {'threshold': 0.5}
    """
    if evidence is not None:
        raise UsageError("evidence cannot be recorded yet", next_step="Leave evidence=None.")
    members, written_by = _prepare(model, compress)
    target = io.BytesIO()
    write_container_seekable(target, members, written_by)
    return target.getvalue()


def _prepare(model: Any, compress: Any) -> tuple[Sequence[OutgoingMember], dict[str, str]]:
    compression = resolve_compression(compress)
    with paused_collector():
        graph = capture(model)
    return graph_members(graph, compression), _versions(graph)


def _versions(graph: Graph) -> dict[str, str]:
    """Give the versions of the libraries whose state the graph holds, without asking any installer."""
    packages = {name.name.partition(".")[0] for name in graph.names}
    if graph.arrays:
        packages.add("numpy")
    versions = {"hermetic": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    for package in sorted(packages):
        version = getattr(sys.modules.get(package), "__version__", None)
        if isinstance(version, str):
            versions[_LIBRARIES.get(package, package)] = version
    return versions


def load(
    file: str | os.PathLike[str] | BinaryIO,
    mmap_mode: MappingMode | None = None,
    *,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> Any:
    """Load a model from one file, without running anything that the file says.

    Parameters
    ----------
    file : str, PathLike or binary file object
        Several models in one stream load one after the other, until `EndOfStream`, which is an `EOFError`, is raised.
    mmap_mode : {None, "r", "c"}, default=None
        As in numpy: "r" maps big arrays read-only, "c" copies them when they are written to (partial_fit). Mapped
        arrays are not read, so their checksums are not checked, and they change with the file: a file that is truncated
        in place ends a process that uses them (docs/limits.md). What native code follows is private memory always. None
        gives private memory throughout.
    trusted : collection of str or type
        Exact names of classes and functions outside the known libraries that may be used.
    capabilities : collection of str
        What the model may do beyond an ordinary model: ``"reads-files"``, ``"regex"``, ``"native-parser"``.
    approvals : str or PathLike, optional
        A TOML file with approvals that `hermetic approve` has written. An approval counts for a file with the same
        SHA-256 only. The bytes that are hashed are those that are loaded: the file is read into memory as a whole. With
        `mmap_mode` they are hashed, then mapped; nobody else may be able to write to the file.
    limits : Limits, optional
        Budgets for reading; by default 64 MiB of memory and 3 times the file.

    Returns
    -------
    object
        The model.

    Raises
    ------
    FileError
        When the file is damaged, foreign, hostile or from another release; its subclasses say which.
    EndOfStream
        When no byte is left in the file: as `EOFError` it ends a loop that loads one model after the other.
    OSError
        When the file cannot be opened.

    Examples
    --------
    See `dump`.
    """
    _check_mapping_mode(mmap_mode)
    source = open_source(file, limits or DEFAULT_LIMITS, mapping="copy" if mmap_mode == "c" else "read")
    try:
        wishes = _Wishes(mmap_mode, trusted, capabilities, limits or DEFAULT_LIMITS, approvals)
        model, length_bytes = _load(source, wishes)
        source.seek_after(length_bytes)
    finally:
        source.close()
    return model


def loads(
    data: bytes | bytearray | memoryview,
    mmap_mode: MappingMode | None = None,
    *,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> Any:
    """Load a model from bytes; see `load`.

    Parameters
    ----------
    data : bytes-like
        Exactly one container.
    mmap_mode : {None, "r", "c"}, default=None
        "r" lets big arrays share the memory of `data`, read-only, so that they change when somebody changes it; "c" is
        the same as None.
    trusted, capabilities, approvals, limits
        As in `load`.

    Returns
    -------
    object
        The model.

    Examples
    --------
    See `dumps`.
    """
    _check_mapping_mode(mmap_mode)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise UsageError(f"expected bytes, got {type(data).__name__}", next_step="For a path or a file call load.")
    source = BufferSource(memoryview(data).toreadonly())
    mmap_mode = None if mmap_mode == "c" else mmap_mode
    wishes = _Wishes(mmap_mode, trusted, capabilities, limits or DEFAULT_LIMITS, approvals)
    return _load(source, wishes)[0]


class _Wishes(NamedTuple):
    """What the caller asks for and allows."""

    mmap_mode: MappingMode | None
    trusted: Collection[str | type]
    capabilities: Collection[str]
    limits: Limits
    approvals: str | os.PathLike[str] | None = None
    approved: Collection[tuple[str, str]] = ()


def _load(source: Source, wishes: _Wishes) -> tuple[Any, int]:
    if wishes.approvals is not None:
        return _load_approved(source, wishes, wishes.approvals)
    opened = _open(source, wishes)
    with paused_collector():
        return _restore(opened, wishes), opened.length_bytes


def _open(source: Source, wishes: _Wishes) -> Container | LegacyGraph:
    try:
        return open_container(source, wishes.limits)
    except ForeignFormat as error:
        foreign = error
        if wishes.mmap_mode is not None:
            raise UsageError(
                "only a hermetic file can be mapped, this one has another format",
                next_step="Convert it with `hermetic convert`, or load it without mmap_mode.",
            ) from None
    from hermetic.foreign_files import read_source  # what most loads never need

    return read_source(source, foreign, wishes.limits)


def _load_approved(source: Source, wishes: _Wishes, path: str | os.PathLike[str]) -> tuple[Any, int]:
    """Load with what somebody has agreed to for these very bytes."""
    from hermetic.approvals import digest_of, read_approval  # tomllib and hashlib only for who asks for them

    opened = _open(source, wishes)
    length_bytes = opened.length_bytes
    if wishes.mmap_mode is None and not isinstance(opened.source, BufferSource):
        # Another process could change the file between the hash and the reading.
        opened = _open(BufferSource(source.read(0, length_bytes), source.where), wishes)
    digest = digest_of(opened.source, length_bytes)
    approval = read_approval(path, digest)
    if approval is None:
        words = f"{os.fspath(path)} approves nothing for this file, {digest}: `hermetic approve` shows and writes it."
    elif approval.is_rejected:
        raise RejectedFile(f"{os.fspath(path)} says that this file is rejected: {digest}", where=source.where)
    else:
        words = f"{os.fspath(path)} does not approve all of it for this file, {digest}."
        granted = frozenset(wishes.capabilities) | approval.capabilities
        wishes = wishes._replace(approved=approval.names, capabilities=granted)
    try:
        with paused_collector():
            return _restore(opened, wishes), length_bytes
    except (CapabilityRefused, UntrustedType) as error:
        error.next_step = f"{error.next_step}\n  {words}"
        raise


def _restore(opened: Container | LegacyGraph, wishes: _Wishes) -> Any:
    if isinstance(opened, Container):
        return _restore_graph(opened, wishes)
    from hermetic.foreign_files import restore_legacy  # what most loads never need

    trusted, capabilities, approved = wishes.trusted, wishes.capabilities, wishes.approved
    return restore_legacy(opened, trusted=trusted, capabilities=capabilities, approved=approved, limits=wishes.limits)


def _restore_graph(container: Container, wishes: _Wishes) -> Any:
    where = container.source.where
    text = read_graph_text(container, wishes.limits)
    text_weight = check_text(text, container.content_bytes, wishes.limits, where=where)
    document = decode_graph(text, where=where)
    del text  # from here on its memory is for the model
    # What the model may do is decided on its text, before a single array is read.
    neutral = normalize(graph_of(document), limits=wishes.limits, where=where)
    check_weight(neutral.graph, container.content_bytes, text_weight, limits=wishes.limits, where=where)
    trusted, capabilities = wishes.trusted, wishes.capabilities
    approved = approve(neutral, trusted=trusted, capabilities=capabilities, approved=wishes.approved, where=where)
    reading = _read_arrays(approved, document, container, wishes.mmap_mode)
    try:
        current = migrate(approved, written_by=container.written_by, where=where)
        model = restore(validate(current, where=where), where=where)
    except InvalidState:
        # Damage shows in what is read while native objects are made: then it is not the state that is wrong.
        _check_reading(reading, where)
        raise
    _check_reading(reading, where)
    return model


def _check_reading(reading: Reading, where: str) -> None:
    try:
        reading.check()
    except FileError as error:
        error.where = error.where or where
        raise


def _read_arrays(
    approved: ApprovedGraph, document: GraphDocument, container: Container, mmap_mode: MappingMode | None
) -> Reading:
    is_mapped = mmap_mode is not None
    if is_mapped and any(member.content_length is not None for member in container.members.values()):
        raise UsageError(
            "a compressed file cannot be mapped", next_step="Load it without mmap_mode, or save it without compress."
        )
    graph = approved.graph
    source = PoolSource(container, is_mapped=is_mapped)
    mapped = mapped_arrays(graph) if is_mapped else ()
    try:
        return read_arrays(graph, document.pools, source, borrowed=borrowed_arrays(graph), mapped=mapped)
    except FileError as error:
        error.where = error.where or container.source.where
        raise


def _check_mapping_mode(mmap_mode: object) -> None:
    if mmap_mode not in (None, "r", "c"):
        raise UsageError(
            f"mmap_mode must be None, 'r' or 'c', got {mmap_mode!r}",
            next_step="'c' lets you change the arrays in memory; a file is never changed by loading it.",
        )
