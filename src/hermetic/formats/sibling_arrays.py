"""Arrays that joblib 0.8 and 0.9 wrote into files beside the pickle: which ones a stream asks for, and reading them.

Such a file is opened only when the caller has said so, and only by the name that joblib gives it, ``NAME_NN.npy`` or
``NAME_NN.npy.z``, in the folder of the pickle: no other folder, no link, nothing but a regular file. `joblib.load`
would open whatever path the file names, and unpickle what it finds there.

References
----------
``joblib/numpy_pickle.py`` of 0.9.4, `NDArrayWrapper.read` and `ZNDArrayWrapper.read`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection
from typing import NamedTuple

from hermetic.errors import CapabilityRefused, FormatError, UsageError
from hermetic.formats.joblib_arrays import WRAPPER_MODULES, text_of
from hermetic.formats.pickle_bytes import compression_of, expand
from hermetic.formats.pickle_nodes import Call, Change, Global, Item, Mapping, PickleStream
from hermetic.limits import Limits

__all__ = [
    "CAPABILITY",
    "SIBLING_WRAPPERS",
    "Sibling",
    "SiblingFolder",
    "check_siblings",
    "folder_of_siblings",
    "is_sibling_wrapper",
    "objects_start",
    "siblings_of",
]

CAPABILITY = "reads-sibling-files"
SIBLING_WRAPPERS = frozenset(
    f"{module}:{name}" for module in WRAPPER_MODULES for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)
"""What stands for such an array, ``module:name``."""

# Files that joblib writes are called so; nothing in it is a path, a stream of Windows, or hidden from who looks.
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]{1,200}_[0-9]{2,6}\.npy(?:\.z)?\Z")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)
_MOST_SIBLINGS = 10_000
_FLAGS = os.O_RDONLY
for _flag in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
    _FLAGS |= getattr(os, _flag, 0)


class Sibling(NamedTuple):
    """One array that stands in a file of its own.

    Attributes
    ----------
    name : str
        Of the file, as the stream spells it.
    offset : int
        The byte of the stream that asks for it.
    """

    name: str
    offset: int


def siblings_of(stream: PickleStream) -> list[Sibling]:
    r"""List the files that a stream asks for.

    Parameters
    ----------
    stream : PickleStream
        Read to its end.

    Returns
    -------
    list of Sibling
        In the order of the stream; "" for what is no text.

    Examples
    --------
    >>> from hermetic.formats.pickle_reader import read_pickle
    >>> state = b"(X\x08\0\0\0filenameX\x0c\0\0\0m.pkl_01.npyd"
    >>> siblings_of(read_pickle(b"(ijoblib.numpy_pickle\nNDArrayWrapper\n" + state + b"b."))
    [Sibling(name='m.pkl_01.npy', offset=69)]
    """
    found = [
        Sibling(text_of(_field(node.items[0], "filename")) or "", node.offset)
        for node in stream.nodes
        if type(node) is Change
        and node.opcode == "BUILD"
        and type(node.target) is Call
        and is_sibling_wrapper(node.target)
    ]
    return found + [each for inner in stream.streams for each in siblings_of(inner)]


def is_sibling_wrapper(node: Call) -> bool:
    """Tell whether a call makes what stands for an array in another file."""
    places = [node.function, *node.arguments[:1]]  # protocols 0 and 1 make objects by a function
    return any(type(place) is Global and f"{place.module}:{place.name}" in SIBLING_WRAPPERS for place in places)


def _field(state: Item, name: str) -> Item:
    items = state.items if type(state) is Mapping else []
    return next((value for key, value in zip(items[::2], items[1::2], strict=True) if text_of(key) == name), None)


def check_siblings(siblings: list[Sibling], folder: str | None, limits: Limits) -> SiblingFolder:
    """Tell whether the files that a stream asks for may be read.

    Parameters
    ----------
    siblings : list of Sibling
        At least one.
    folder : str or None
        Where they may be read from; None when nobody has allowed it, "" when nobody knows it.
    limits : Limits
        ``expanded_bytes`` bounds what they hold together.

    Returns
    -------
    SiblingFolder
        To read them from.

    Raises
    ------
    FormatError
        When a name is none that joblib writes.
    CapabilityRefused
        When they may not be read; it names all of them.
    UsageError
        When the file was not given by its path.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> check_siblings([Sibling("../other.npy", 5)], None, DEFAULT_LIMITS)
    Traceback (most recent call last):
        ...
    hermetic.errors.FormatError: an array stands in another file, '../other.npy', which is no name that joblib writes
      at byte 5
    """
    for each in siblings:
        is_device = _DEVICE.match(each.name) is not None
        if is_device or not _NAME.match(each.name) or each.name.startswith(".") or len(siblings) > _MOST_SIBLINGS:
            raise FormatError(
                f"an array stands in another file, {each.name[:200]!r}, which is no name that joblib writes",
                where=f"byte {each.offset}",
            )
    if folder is None:
        raise CapabilityRefused(
            [
                (CAPABILITY, f"byte {each.offset}", f"it reads {each.name} in the folder of the file")
                for each in siblings
            ]
        )
    if not folder:
        raise UsageError(
            f"arrays of it stand in other files, such as {siblings[0].name}, and nothing says in which folder",
            next_step="Load it by its path.",
        )
    return SiblingFolder(folder, limits)


def folder_of_siblings(path: str, capabilities: Collection[str]) -> str | None:
    """Give the folder in which arrays in files of their own may be read: that of the file, when the caller allows it.

    It is "" for bytes and streams, of which nobody knows where they come from.

    Examples
    --------
    >>> folder_of_siblings("models/model.pkl", ()) is None
    True
    """
    is_allowed = not isinstance(capabilities, str) and CAPABILITY in capabilities
    if not is_allowed:
        return None
    return os.path.dirname(os.path.abspath(path)) if os.path.isfile(path) else ""


class SiblingFolder:
    """The folder of a pickle, of which nothing but the files that it asks for is read.

    Parameters
    ----------
    folder : str
        Its path.
    limits : Limits
        As for `check_siblings`.

    Attributes
    ----------
    n_bytes : int
        What was read so far, decompressed.
    """

    def __init__(self, folder: str, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self.n_bytes = 0

    def content(self, name: str) -> bytes:
        """Give what a file holds, decompressed where joblib has compressed it.

        Parameters
        ----------
        name : str
            Checked by `check_siblings`.

        Returns
        -------
        bytes
            All of it.

        Raises
        ------
        FormatError
            When there is no such file, or it is no regular one.
        LimitExceeded
            When what it holds, decompressed, is beyond ``expanded_bytes`` and ``expansion``.
        """
        path = os.path.join(self._folder, name)
        try:
            if os.path.islink(path):
                raise FormatError(f"{name}, in which an array stands, is a link", where=path)
            descriptor = os.open(path, _FLAGS)
        except OSError as error:
            raise FormatError(
                f"{name}, in which an array stands, cannot be opened: {error.strerror}",
                where=path,
                next_step="joblib 0.8 and 0.9 wrote several files: copy all of them into one folder.",
            ) from error
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise FormatError(f"{name}, in which an array stands, is no regular file", where=path)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(status.st_size + 1)
        if len(data) != status.st_size:
            raise FormatError(f"{name} has changed while it was read", where=path)
        content = self._expanded(name, data) if name.endswith(".z") else data
        self.n_bytes += len(content)
        return content

    def _expanded(self, name: str, data: bytes) -> bytes:
        if compression_of(data) != "ZF":
            raise FormatError(f"{name}, in which an array stands, is not compressed as joblib 0.8 and 0.9 did")
        expanded = expand(data, self._limits)
        if expanded.problem:
            raise FormatError(f"{name}: {expanded.problem}")
        self._limits.check("expanded_bytes", self.n_bytes + len(expanded.data), where=name)
        return expanded.data


_OBJECTS = re.compile(rb"\{'descr': '\|?O8?', 'fortran_order': (?:True|False), 'shape': (\([0-9, L]*\)), \} *\n\Z")
_HEADER_FRAME = 10


def objects_start(data: bytes) -> int:
    r"""Give where the pickle of a ``.npy`` file with objects begins; 0 for one without objects.

    Examples
    --------
    >>> objects_start(b"\x93NUMPY\1\0\x02\0{}")
    0
    """
    end = _HEADER_FRAME + int.from_bytes(data[8:_HEADER_FRAME], "little")
    is_first_version = data[:8] == b"\x93NUMPY\1\0"
    return end if is_first_version and _OBJECTS.match(data[_HEADER_FRAME:end]) else 0
