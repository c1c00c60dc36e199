"""Read a skops file as data: nothing that it names is imported, called, hashed or compared.

A skops file is a ZIP of ``schema.json``, a tree of nodes that each name a class and a loader, and of members with the
bytes of arrays. skops writes an object that stands in several places in full at each, with the same ``__id__``: the
first is read, the others are references to it, and never expanded.

What each loader stands for is written in ``skops_values.py``, ``skops_objects.py`` and ``skops_numpy.py``.

Source: skops/io/_persist.py, _audit.py, _utils.py of skops 0.3 to 0.16 (protocols 0 to 2).
"""

from __future__ import annotations

from typing import Any

from hermetic.errors import FileError, FormatError, LimitExceeded
from hermetic.formats.pickle_keys import KeyBudget
from hermetic.formats.skops_nodes import STATE, Kind, Node, Steps
from hermetic.formats.skops_numpy import NUMPY_KINDS
from hermetic.formats.skops_objects import OBJECT_KINDS
from hermetic.formats.skops_repeated import RepeatBudget
from hermetic.formats.skops_schema import SCHEMA_NAME, read_schema
from hermetic.formats.skops_values import VALUE_KINDS
from hermetic.formats.skops_zip import Archive, Expansion, open_archive, read_directory
from hermetic.formats.sources import BytesLike
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.structs import msgspec

__all__ = ["SkopsContent", "end_of_skops", "is_skops", "read_skops"]

_KINDS: dict[str, Kind] = {**VALUE_KINDS, **OBJECT_KINDS, **NUMPY_KINDS}
_UNFINISHED: Any = object()
_ENTERED: Any = object()
_NEXT_STEP = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."
_HEAD_BYTES = 1 << 12
_MAX_IDENTITY = 1 << 64
_PATH_LENGTH = 300
_END_OF_A_ZIP = b"PK\x05\x06"
_END_BYTES = 22
_MOST_ENDS = 100  # an npz for each sparse matrix has one too


class SkopsContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a skops file holds.

    Attributes
    ----------
    root : object
        A plain value, a value of numpy, a `LegacyName` or a `LegacyObject`.
    objects : list of LegacyObject
        All of them; what stands in the arguments of one comes before it.
    names : list of LegacyName
        Each name once.
    protocol : int
        0 to 2.
    version : str
        Of the skops that wrote it.
    content_bytes : int
        Length of all members together, decompressed, those of the sparse matrices inside included.
    unused : tuple of str
        Members that were not read. skops leaves some where one ``bytes`` object stands in several places.
    """

    root: Any
    objects: list[LegacyObject]
    names: list[LegacyName]
    protocol: int
    version: str
    content_bytes: int
    unused: tuple[str, ...]


def is_skops(data: BytesLike) -> bool:
    """Tell by its content whether a file is one of skops, whatever its name; it need not be a sound one.

    Parameters
    ----------
    data : bytes-like
        The whole file.

    Returns
    -------
    bool
        Whether it is a ZIP with a member ``schema.json`` that begins as skops begins it.

    Examples
    --------
    >>> from hermetic.formats.skops_reader import is_skops
    >>> is_skops(b"PK and anything else")
    False
    """
    view = memoryview(data)
    if bytes(view[:4]) != b"PK\x03\x04":
        return False
    try:
        if all(entry.name != SCHEMA_NAME for entry in read_directory(view, DEFAULT_LIMITS)):
            return False
    except FileError:
        return False
    try:
        archive = open_archive(view, Expansion(DEFAULT_LIMITS, len(view)), DEFAULT_LIMITS, "")
        head = archive.peek(SCHEMA_NAME, _HEAD_BYTES)
    except FileError:
        return True
    return head is None or (b'"__class__"' in head and b'"__module__"' in head)


def end_of_skops(data: BytesLike) -> int:
    """Find where the skops file ends with which some bytes begin.

    Parameters
    ----------
    data : bytes-like
        A skops file, and perhaps something behind it.

    Returns
    -------
    int
        Its length in bytes; -1 when the bytes do not begin with a skops file.

    Examples
    --------
    >>> from hermetic.formats.skops_reader import end_of_skops
    >>> end_of_skops(b"PK and anything else")
    -1
    """
    view = memoryview(data)
    if is_skops(view):
        return len(view)
    if bytes(view[:4]) != b"PK\x03\x04":
        return -1
    whole, end = bytes(view), 0
    for _ in range(_MOST_ENDS):
        end = whole.find(_END_OF_A_ZIP, end)
        if end < 0:
            break
        end += _END_BYTES
        if is_skops(view[:end]):
            return end
    return -1


def read_skops(data: BytesLike, limits: Limits = DEFAULT_LIMITS, where: str = "<bytes>") -> SkopsContent:
    """Read a skops file of any protocol.

    Parameters
    ----------
    data : bytes-like
        The whole file, and nothing else. Nothing that is returned refers to it.
    limits : Limits, optional
        ``graph_bytes`` for ``schema.json``, ``nodes`` for its nodes and for the members, ``depth``, and the budgets
        of what is compressed: ``expanded_bytes``, ``expansion``, ``free_memory_percent``. ``memory_bytes`` and four
        times the file are what texts and tuples may hold that are referred to, each time anew.
    where : str, default="<bytes>"
        The name for messages.

    Returns
    -------
    SkopsContent
        With ``root``, what was dumped.

    Raises
    ------
    FormatError
        When the file is no skops file, is damaged, or says what skops never writes: an unknown loader, a reference to
        something that is not made yet, a member that belongs to two nodes.
    UnsupportedVersion
        When a later protocol wrote it.
    LimitExceeded
        When reading would cost more than `limits` allow.

    Examples
    --------
    >>> import io, zipfile
    >>> from hermetic.formats.skops_reader import read_skops
    >>> kind = '"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"'
    >>> rest = '"content": "1.5", "is_json": true, "__id__": 1, "protocol": 2, "_skops_version": "0.16.0"'
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as writer:
    ...     writer.writestr("schema.json", f"{{{kind}, {rest}}}")
    >>> read_skops(file.getvalue()).root
    1.5
    """
    view = memoryview(data)
    expansion = Expansion(limits, len(view))
    archive = open_archive(view, expansion, limits, where)
    schema = read_schema(archive.read(SCHEMA_NAME), limits, archive.place(SCHEMA_NAME))
    reader = _Reader(archive, schema.protocol, limits, expansion)
    root = reader.run(schema.root)
    return SkopsContent(
        root=root,
        objects=reader.objects,
        names=list(reader.names.values()),
        protocol=schema.protocol,
        version=schema.version,
        content_bytes=reader.content_bytes,
        unused=tuple(name for name in archive.entries if name not in reader.used),
    )


class _Frame:
    """A branch that is being read."""

    __slots__ = ("depth", "identity", "key", "path", "steps")

    def __init__(self, steps: Steps, identity: int | None, path: str, depth: int) -> None:
        self.steps = steps
        self.identity = identity
        self.path = path
        self.depth = depth
        self.key: str | int | None = STATE


class _Reader:
    """Walks the nodes with a stack of its own; see `hermetic.formats.skops_nodes.NodeReader`."""

    def __init__(self, archive: Archive, protocol: int, limits: Limits, expansion: Expansion) -> None:
        self.protocol = protocol
        self.content_bytes = sum(entry.length for entry in archive.entries.values())
        self.keys = KeyBudget(self.content_bytes)
        self.names: dict[str, LegacyName] = {}
        self.objects: list[LegacyObject] = []
        self.used = {SCHEMA_NAME}
        self._archive = archive
        self._limits = limits
        self._expansion = expansion
        self._stack: list[_Frame] = []
        self._owned: dict[int, Any] = {}
        # By __id__: the node that was read first, and its value.
        self._known: dict[int, tuple[Node, Any]] = {}
        self._budget = RepeatBudget(self.content_bytes, limits)

    def run(self, root: Any) -> Any:
        """Give the value of the root."""
        stack = self._stack
        value = self._enter(root)
        while stack:
            frame = stack[-1]
            try:
                frame.key = STATE  # what is made or refused now is the branch itself
                frame.key, child = frame.steps.send(None if value is _ENTERED else value)
            except StopIteration as end:
                value = end.value
                self._budget.measure(value)
                stack.pop()
                if frame.identity is not None:
                    self._known[frame.identity] = (self._known[frame.identity][0], value)
            else:
                value = self._enter(child)
        return value

    def _enter(self, node: Any) -> Any:
        """Give the value of a leaf, or of a node known before; of a branch, put it on the stack."""
        if type(node) is not dict:
            raise self.refuse(f"expected a node, found {type(node).__name__}")
        identity = node.get("__id__")
        if identity is not None:
            # Greater ones could be chosen to have equal hashes.
            if type(identity) is not int or not 0 <= identity < _MAX_IDENTITY:
                raise self.refuse(f"not an __id__: {str(identity)[:100]!r}")
            if identity in self._known:
                return self._refer(node, identity)
        loader = node.get("__loader__")
        kind = _KINDS.get(loader) if type(loader) is str else None
        if kind is None:
            raise self.refuse(f"no release of skops has a loader {str(loader)[:100]!r} that could be read here")
        if not (kind.required <= node.keys() <= kind.known):
            raise self.refuse(f"a {loader} must have the keys {sorted(kind.required)}, found {str(sorted(node))[:200]}")
        if kind.is_leaf:
            value = kind.read(node, self)
            if identity is not None:
                self._known[identity] = (node, value)
            return value
        self._push(kind, node, identity)
        return _ENTERED

    def _push(self, kind: Kind, node: Node, identity: int | None) -> None:
        depth = 1
        if self._stack:
            depth = self._stack[-1].depth + (self._stack[-1].key is not STATE)
        if depth > self._limits.depth:
            raise LimitExceeded("depth", allowed=self._limits.depth, asked=depth, where=self._place())
        if identity is not None:
            self._known[identity] = (node, _UNFINISHED)
        self._stack.append(_Frame(kind.read(node, self), identity, self._path(), depth))

    def _refer(self, node: Node, identity: int) -> Any:
        first, value = self._known[identity]
        if value is _UNFINISHED:
            raise self.refuse(f"the node refers to the one with __id__ {identity} around it, which is not made yet")
        is_same = node.get("__class__") == first["__class__"] and node.get("__module__") == first["__module__"]
        if node.get("__loader__") != "CachedNode" and not (is_same and node.get("__loader__") == first["__loader__"]):
            raise self.refuse(f"two nodes of different classes have the __id__ {identity}")
        try:
            self._budget.count(value)
        except LimitExceeded as error:
            raise LimitExceeded(error.limit, allowed=error.allowed, asked=error.asked, where=self._place()) from error
        return value

    def refuse(self, found: str) -> FormatError:
        """Make the error about the node that is being read."""
        return FormatError(found, where=self._place(), next_step=_NEXT_STEP)

    def _place(self) -> str:
        return f"{self._archive.place(SCHEMA_NAME)}, {self._path()}"

    def _path(self) -> str:
        """Say where the node that is being read stands; cut in the middle, as each object keeps its own."""
        if not self._stack:
            return "$"
        frame = self._stack[-1]
        if frame.key is STATE:
            return frame.path
        path = f"{frame.path}[{frame.key}]" if type(frame.key) is int else f"{frame.path}.{str(frame.key)[:100]}"
        half = _PATH_LENGTH // 2
        return path if len(path) <= _PATH_LENGTH else f"{path[: half - 5]} ... {path[-half:]}"

    def know(self, value: Any) -> None:
        """Say what the branch on top of the stack will be."""
        identity = self._stack[-1].identity
        if identity is not None:
            self._known[identity] = (self._known[identity][0], value)

    def name(self, location: str) -> LegacyName:
        """Give the one object of a name."""
        known = self.names.get(location)
        if known is None:
            known = self.names[location] = LegacyName(location, self._path())
        return known

    def call(self, location: str, *arguments: Any) -> LegacyObject:
        """Make an object that is called."""
        self.objects.append(LegacyObject(location, is_new=False, arguments=arguments, path=self._path()))
        return self.objects[-1]

    def new(self, location: str, *arguments: Any) -> LegacyObject:
        """Make an object of a class, new."""
        self.objects.append(LegacyObject(location, arguments=arguments, path=self._path()))
        return self.objects[-1]

    def own(self, value: Any) -> None:
        """Refuse a value whose content another node has copied already: references must not make much of little."""
        if id(value) in self._owned:
            raise self.refuse("what this node is made from belongs to another node already")
        self._owned[id(value)] = value  # kept, so that its id stays its own

    def read_member(self, name: object) -> memoryview:
        """Give the content of a member, which belongs to one node alone."""
        if type(name) is not str:
            raise self.refuse(f"not the name of a member: {str(name)[:100]!r}")
        if name in self.used:
            raise self.refuse(f"the member {name[:100]!r} belongs to another node already")
        try:
            content = self._archive.read(name)
        except FormatError as error:
            raise FormatError(error.found, where=f"{error.where}, {self._path()}", next_step=_NEXT_STEP) from error
        self.used.add(name)
        return content

    def place(self, name: str) -> str:
        """Say where a member stands, for messages."""
        return f"{self._archive.place(name)}, {self._path()}"

    def open_archive(self, data: memoryview, where: str) -> Archive:
        """Open an archive that stands in a member; what it declares counts with the rest."""
        archive = open_archive(data, self._expansion, self._limits, where)
        self.content_bytes += sum(entry.length for entry in archive.entries.values())
        return archive
