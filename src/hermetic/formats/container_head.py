"""The beginning of a container: ``mimetype`` and the manifest, read in order from anything that gives bytes.

The head alone says how long the container is, so that a stream or a socket can be read exactly to its end.
A file that is something else is named as what it looks like.
"""

from __future__ import annotations

from collections.abc import Callable

from hermetic.errors import EndOfStream, ForeignFormat, FormatError
from hermetic.formats.checksum import crc32
from hermetic.formats.manifest import (
    MANIFEST_NAME,
    MIMETYPE,
    Manifest,
    decode_manifest,
    find_member_problem,
    lay_out_container,
    lay_out_head,
)
from hermetic.formats.zip_layout import ZipLayout, render_member
from hermetic.limits import Limits
from hermetic.structs import msgspec

__all__ = ["CONTAINER_BEGINNING", "ContainerHead", "describe_difference", "read_head"]

CONTAINER_BEGINNING = render_member(lay_out_head(b"")[0], 0)[0] + MIMETYPE
"""The first bytes of every container, up to the header of the manifest."""

_MANIFEST_HEADER = render_member(lay_out_head(b"")[1], len(CONTAINER_BEGINNING))[0]
"""The header of an empty manifest; others differ in the CRC-32 and the two lengths, bytes 14 to 25."""

_ZIP = b"PK\x03\x04"
_LOOKS_LIKE = (
    (_ZIP, "a ZIP archive of another kind (a skops file, perhaps)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x80", "a pickle or an uncompressed joblib file"),
    (b"\x1f\x8b", "gzip data (a compressed pickle or joblib file, perhaps)"),
    (b"x\x01", "zlib data (a compressed joblib file, perhaps)"),
    (b"x\x5e", "zlib data (a compressed joblib file, perhaps)"),
    (b"x\x9c", "zlib data (a compressed joblib file, perhaps)"),
    (b"x\xda", "zlib data (a compressed joblib file, perhaps)"),
    (b"BZh", "bzip2 data (a compressed pickle or joblib file, perhaps)"),
    (b"\xfd7zXZ", "xz data (a compressed pickle or joblib file, perhaps)"),
    (b"\x04\x22\x4d\x18", "lz4 data (a compressed joblib file, perhaps)"),
    (b"\x5d\x00\x00", "lzma data (a compressed joblib file, perhaps)"),
    (b"ZF0x", "a compressed file of joblib before 0.10"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x93NUMPY", "a single numpy array"),
    (b"\x89HDF", "an HDF5 file (a Keras model, perhaps)"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself: run `git lfs pull`"),
    (b"<", "an HTML or XML page (a failed download, perhaps)"),
)


_WHAT_IS_READ = "hermetic.load reads what hermetic.dump has written, and files of skops, joblib and pickle."
_SCAN_IT = "Nothing in it was run. hermetic.load reads such files; `hermetic scan FILE` says what is in this one."


class ContainerHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the beginning of a container says.

    Attributes
    ----------
    manifest : Manifest
        The list of members.
    layout : ZipLayout
        The place of everything, and the length of the container.
    """

    manifest: Manifest
    layout: ZipLayout


def read_head(read_next: Callable[[int], bytes | bytearray], limits: Limits, where: str) -> ContainerHead:
    """Read and check the beginning of a container.

    Parameters
    ----------
    read_next : callable
        Called with a number of bytes, gives the next bytes; fewer only where they end.
    limits : Limits
        ``manifest_bytes`` and ``members`` count.
    where : str
        The file, for messages.

    Returns
    -------
    ContainerHead
        The manifest and the layout that follows from it.

    Raises
    ------
    FormatError
        When the bytes do not begin a container; `EndOfStream` when there are none.
    UnsupportedVersion
        When a later version of hermetic wrote them.
    LimitExceeded
        When the manifest is too long or lists too many members.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_head import read_head
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> read_head(io.BytesIO(b"").read, DEFAULT_LIMITS, "model.hermetic")
    Traceback (most recent call last):
        ...
    hermetic.errors.EndOfStream: nothing is there: 0 bytes
      at model.hermetic, byte 0
      Save the model again, or fetch the file again.
    """
    beginning = bytes(read_next(len(CONTAINER_BEGINNING)))
    if beginning != CONTAINER_BEGINNING:
        raise _describe_foreign(beginning, where)
    place = f"{where}, member {MANIFEST_NAME!r}, byte {len(CONTAINER_BEGINNING)}"
    header = bytes(read_next(len(_MANIFEST_HEADER)))
    # The one place where a number out of a ZIP header is used.
    length = int.from_bytes(header[18:22], "little")
    if len(header) < len(_MANIFEST_HEADER) or header[22:26] != header[18:22]:
        raise FormatError("the header of the manifest is damaged or cut off", where=place)
    limits.check("manifest_bytes", length, where=place)
    encoded = bytes(read_next(length))
    if len(encoded) < length:
        raise FormatError(f"the manifest has {length} bytes, but only {len(encoded)} follow", where=place)
    checksum = crc32(encoded).to_bytes(4, "little")
    expected = _MANIFEST_HEADER[:14] + checksum + header[18:26] + _MANIFEST_HEADER[26:]
    if header != expected:
        found = describe_difference(header, expected, len(CONTAINER_BEGINNING))
        raise FormatError(f"the manifest does not match its header and CRC-32: {found}", where=place)
    manifest = decode_manifest(encoded, where=where)
    limits.check("members", len(manifest.members), where=where)
    if problem := find_member_problem(manifest.members):
        raise FormatError(problem, where=place)
    return ContainerHead(manifest=manifest, layout=lay_out_container(manifest, encoded))


def describe_difference(found: bytes, expected: bytes, offset: int) -> str:
    """Say where two blocks that begin at `offset` differ first.

    Examples
    --------
    >>> from hermetic.formats.container_head import describe_difference
    >>> describe_difference(b"ab", b"ac", 100)
    'byte 101 is 0x62, expected 0x63'
    """
    for position, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return f"byte {offset + position} is {one:#04x}, expected {other:#04x}"
    return f"{len(found)} bytes stand at byte {offset}, expected {len(expected)}"


def _describe_foreign(beginning: bytes, where: str) -> FormatError:
    if not beginning:
        again = "Save the model again, or fetch the file again."
        return EndOfStream("nothing is there: 0 bytes", where=f"{where}, byte 0", next_step=again)
    if CONTAINER_BEGINNING.startswith(beginning):
        return FormatError(f"the container ends after {len(beginning)} bytes: it was cut off", where=where)
    difference = describe_difference(beginning, CONTAINER_BEGINNING, 0)
    if MIMETYPE in beginning or beginning[30:38] == CONTAINER_BEGINNING[30:38]:
        return FormatError(f"the first member of the container is damaged: {difference}", where=where)
    description = next((text for magic, text in _LOOKS_LIKE if beginning.startswith(magic)), "")
    if beginning.startswith(_ZIP):  # which of them is a skops file only its end tells
        found = f"this is not a hermetic container: it looks like {description}"
        return ForeignFormat(found, where=f"{where}, byte 0", next_step=_WHAT_IS_READ)
    if _may_be_pickle(beginning):
        return ForeignFormat(
            f"this is not a hermetic container: it looks like {description or 'a pickle of an old protocol'}",
            where=f"{where}, byte 0",
            next_step=_SCAN_IT,
        )
    if description:
        found = f"this is not a hermetic container: it looks like {description}"
        return FormatError(found, where=f"{where}, byte 0", next_step=_WHAT_IS_READ)
    return FormatError(f"this is not a hermetic container: {difference}", where=f"{where}, byte 0")


def _may_be_pickle(beginning: bytes) -> bool:
    from hermetic.formats.pickle_bytes import may_be_pickle  # only a file that is refused needs it

    return may_be_pickle(beginning)
