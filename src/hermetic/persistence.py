"""dump and load: recipes of named steps, nothing else."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from hermetic._version import __version__
from hermetic.capture import capture
from hermetic.collector import paused_collector
from hermetic.errors import CapabilityRefused, ForeignFormat, RejectedFile, UntrustedType, UsageError
from hermetic.formats.atomic_file import atomic_writer
from hermetic.formats.compression import resolve_compression
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.container_writer import (
    OutgoingMember,
    write_container_seekable,
    write_container_stream,
)
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import BufferSource, Source
from hermetic.graph import Graph
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.own_files import MappingMode, SelfCheck, Wishes, restore_opened

if TYPE_CHECKING:
    from hermetic.foreign_files import LegacyGraph
    from hermetic.recorded.evidence import Evidence
    from hermetic.signing.files import PublicKeys

__all__ = ["dump", "dumps", "load", "loads"]

_LIBRARIES = {"numpy": "numpy", "scipy": "scipy", "sklearn": "scikit-learn", "pandas": "pandas"}


def dump(
    model: Any,
    file: str | os.PathLike[str] | BinaryIO,
    compress: Any = False,
    protocol: int | None = None,
    *,
    evidence: Evidence | None = None,
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
    evidence : Evidence, optional
        What `hermetic.record` has found out about this model; it stands beside the model in the file.

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
    members, written_by = _prepare(model, compress, evidence)
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


def dumps(model: Any, compress: Any = False, *, evidence: Evidence | None = None) -> bytes:
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
    members, written_by = _prepare(model, compress, evidence)
    target = io.BytesIO()
    write_container_seekable(target, members, written_by)
    return target.getvalue()


def _prepare(model: Any, compress: Any, evidence: Evidence | None) -> tuple[Sequence[OutgoingMember], dict[str, str]]:
    compression = resolve_compression(compress)
    with paused_collector():
        graph = capture(model)
    members, written_by = graph_members(graph, compression), _versions(graph)
    if evidence is not None:
        from hermetic.recorded.attaching import attach  # most files have no evidence

        attach(evidence, model, members, written_by, compression)
    return members, written_by


def _versions(graph: Graph) -> dict[str, str]:
    """Give the versions of the libraries whose state the graph holds, without asking any installer."""
    packages = {name.name.partition(".")[0] for name in graph.names}
    # Predictors of ours hold the state of the library.
    packages |= ({"numpy"} if graph.arrays else set()) | ({"sklearn"} if "hermetic" in packages else set())
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
    signed_by: PublicKeys | None = None,
    check: SelfCheck = "auto",
    limits: Limits | None = None,
    report: bool = False,
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
        What the model may do beyond an ordinary model: ``"reads-files"``, ``"regex"``, ``"native-parser"``;
        ``"reads-sibling-files"`` for a file of joblib 0.8 or 0.9 with arrays in files beside it.
    approvals : str or PathLike, optional
        A TOML file with approvals that `hermetic approve` has written. An approval counts for a file with the same
        SHA-256 only. The bytes that are hashed are those that are loaded: the file is read into memory as a whole. With
        `mmap_mode` they are hashed, then mapped; nobody else may be able to write to the file.
    signed_by : path or PEM text of a public key, or a collection of them, optional
        The file must have a signature of one of these keys beside it (``model.hermetic.sig``, from `hermetic sign`).
        The file is read into memory as a whole, and the very bytes that were checked are loaded; the gates stay.
    check : {"auto", "always", "never"}, default="auto"
        Whether the model is asked again what was recorded of it (`hermetic.record`), where the file holds that. "auto"
        asks when scikit-learn, numpy or scipy are other ones here, within bounds (docs/compatibility.md), and never
        runs code of yours for it; "always" asks without these conditions.
    limits : Limits, optional
        Budgets for reading; by default 64 MiB of memory and 3 times the file.
    report : bool, default=False
        Whether to tell what was done: which migrations ran, and whether recorded answers were compared.

    Returns
    -------
    object
        The model; with `report` the model and a `LoadReport`.

    Raises
    ------
    FileError
        When the file is damaged, foreign, hostile or from another release, or when the model answers something else
        than was recorded; its subclasses say which.
    EndOfStream
        When no byte is left in the file: as `EOFError` it ends a loop that loads one model after the other.
    SignatureRefused
        When none of `signed_by` has signed these bytes.
    OSError
        When the file, or its signature, cannot be opened.

    Examples
    --------
    See `dump`.
    """
    _check_words(mmap_mode, check)
    if signed_by is not None:
        from hermetic.signing.files import signed_source  # what most loads never need

        source: Source = signed_source(file, signed_by)
    else:
        source = open_source(file, limits or DEFAULT_LIMITS, mapping="copy" if mmap_mode == "c" else "read")
    try:
        wishes = Wishes(mmap_mode, trusted, capabilities, limits or DEFAULT_LIMITS, approvals, (), check, report)
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
    check: SelfCheck = "auto",
    limits: Limits | None = None,
    report: bool = False,
) -> Any:
    """Load a model from bytes; see `load`.

    Parameters
    ----------
    data : bytes-like
        Exactly one container.
    mmap_mode : {None, "r", "c"}, default=None
        "r" lets big arrays share the memory of `data`, read-only, so that they change when somebody changes it; "c" is
        the same as None.
    trusted, capabilities, approvals, check, limits, report
        As in `load`.

    Returns
    -------
    object
        The model; with `report` the model and a `LoadReport`.

    Examples
    --------
    See `dumps`.
    """
    _check_words(mmap_mode, check)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise UsageError(f"expected bytes, got {type(data).__name__}", next_step="For a path or a file call load.")
    source = BufferSource(memoryview(data).toreadonly())
    mmap_mode = None if mmap_mode == "c" else mmap_mode
    wishes = Wishes(mmap_mode, trusted, capabilities, limits or DEFAULT_LIMITS, approvals, (), check, report)
    return _load(source, wishes)[0]


def _load(source: Source, wishes: Wishes) -> tuple[Any, int]:
    if wishes.approvals is not None:
        return _load_approved(source, wishes, wishes.approvals)
    opened = _open(source, wishes)
    return _restore(opened, wishes), opened.length_bytes


def _restore(opened: Container | LegacyGraph, wishes: Wishes) -> Any:
    if wishes.report or (isinstance(opened, Container) and next(reversed(opened.members), "").startswith("evidence/")):
        from hermetic.recorded.self_check import restore_and_check  # what most files have no rows for

        return restore_and_check(opened, wishes)
    with paused_collector():
        return restore_opened(opened, wishes)


def _open(source: Source, wishes: Wishes) -> Container | LegacyGraph:
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

    return read_source(source, foreign, wishes.limits, wishes.capabilities)


def _load_approved(source: Source, wishes: Wishes, path: str | os.PathLike[str]) -> tuple[Any, int]:
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
        return _restore(opened, wishes), length_bytes
    except (CapabilityRefused, UntrustedType) as error:
        error.next_step = f"{error.next_step}\n  {words}"
        raise


def _check_words(mmap_mode: object, check: object) -> None:
    if check not in ("auto", "always", "never"):
        raise UsageError(f"check must be 'auto', 'always' or 'never', got {check!r}")
    if mmap_mode not in (None, "r", "c"):
        raise UsageError(
            f"mmap_mode must be None, 'r' or 'c', got {mmap_mode!r}",
            next_step="'c' lets you change the arrays in memory; a file is never changed by loading it.",
        )
