"""The manifest: the second member of a container, which lists all that follow.

It is canonical JSON: exactly the bytes that encoding the decoded manifest gives. This one rule refuses duplicate keys,
white space, needless escapes, numbers in another notation and explicit nulls. `lay_out_container` derives the place of
every byte that is not content.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Final, Literal

from hermetic.errors import FileError, FormatError, UnsupportedVersion
from hermetic.formats.checksum import crc32
from hermetic.formats.zip_layout import ZipLayout, ZipMember, find_name_problem, lay_out_zip
from hermetic.structs import msgspec

__all__ = [
    "CONTAINER_VERSION",
    "LENGTH_LIMIT",
    "MANIFEST_NAME",
    "MIMETYPE",
    "MIMETYPE_NAME",
    "Manifest",
    "ManifestMember",
    "decode_manifest",
    "encode_manifest",
    "find_member_problem",
    "lay_out_container",
    "lay_out_head",
]

MIMETYPE_NAME = "mimetype"
MIMETYPE = b"application/vnd.hermetic.model"
MANIFEST_NAME = "manifest.json"
CONTAINER_VERSION: Final = 1
_MIMETYPE_MEMBER = ZipMember(name=MIMETYPE_NAME, length=len(MIMETYPE), crc32=crc32(MIMETYPE))
LENGTH_LIMIT = 2**53
"""Every length, and the sum of all, is below this: the integers that every JSON parser reads exactly."""

_ALIGNED_SUFFIX = ".npy"
_ALIGNMENT = 64

_Length = Annotated[int, msgspec.Meta(ge=0, lt=LENGTH_LIMIT)]


class ManifestMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One member in the manifest.

    Attributes
    ----------
    name : str
        Its name in the ZIP.
    length : int
        Length of the stored bytes.
    crc32 : str
        Their CRC-32 as eight lower-case hexadecimal digits: the length of the manifest is known before the contents.
    content_length : int or None
        Length after decompression; None, and absent, for members that are not compressed.
    """

    name: str
    length: _Length
    crc32: Annotated[str, msgspec.Meta(min_length=8, max_length=8)]
    content_length: _Length | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole manifest.

    Attributes
    ----------
    format : str
        ``hermetic``.
    container_version : int
        Version of the container: everything below the graph.
    written_by : dict of str to str
        Names and versions of the programs that wrote the file; information only, nothing depends on it.
    members : list of ManifestMember
        In file order, without ``mimetype`` and the manifest itself.
    """

    format: Literal["hermetic"]
    container_version: Literal[1]
    written_by: dict[str, str]
    members: list[ManifestMember]


class _VersionOnly(msgspec.Struct):
    """What every version of the manifest has."""

    format: Literal["hermetic"]
    container_version: int


_decode = msgspec.json.Decoder(Manifest).decode
_encode = msgspec.json.Encoder().encode


def encode_manifest(manifest: Manifest) -> bytes:
    """Encode `manifest` as canonical JSON.

    Examples
    --------
    >>> from hermetic.formats.manifest import Manifest, encode_manifest
    >>> encode_manifest(Manifest(format="hermetic", container_version=1, written_by={}, members=[]))
    b'{"format":"hermetic","container_version":1,"written_by":{},"members":[]}'
    """
    return _encode(manifest)


def decode_manifest(data: bytes, *, where: str = "") -> Manifest:
    """Decode a manifest and refuse everything that is not canonical.

    Parameters
    ----------
    data : bytes
        The content of ``manifest.json``.
    where : str, default=""
        The file, for messages.

    Returns
    -------
    Manifest
        Encoding it gives `data` again.

    Raises
    ------
    UnsupportedVersion
        When a later version of hermetic wrote it.
    FormatError
        When it is not a canonical manifest.

    Examples
    --------
    >>> from hermetic.formats.manifest import decode_manifest
    >>> decode_manifest(b'{"format":"hermetic","container_version":1,"written_by":{},"members":[]}').members
    []
    """
    where = f"{where}, member {MANIFEST_NAME!r}"
    try:
        manifest = _decode(data)
        canonical = _encode(manifest)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _describe_invalid(data, error, where) from error
    digits = "".join([member.crc32 for member in manifest.members])
    if canonical != data or digits.encode("ascii", "replace").translate(None, b"0123456789abcdef"):
        raise FormatError("the manifest is not canonical JSON: encoding it again gives other bytes", where=where)
    return manifest


def _describe_invalid(data: bytes, error: Exception, where: str) -> FileError:
    with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
        version = msgspec.json.decode(data, type=_VersionOnly).container_version
        if version != CONTAINER_VERSION:
            found = f"the container has version {version}; this hermetic reads version {CONTAINER_VERSION}"
            newer = "Load it with a newer hermetic: pip install --upgrade hermetic."
            return UnsupportedVersion(found, where=where, next_step=newer)
    return FormatError(f"the manifest is not valid: {error}", where=where)


def find_member_problem(members: Sequence[ManifestMember]) -> str:
    """Say what is wrong with the names or lengths of `members`; empty text when nothing is.

    Examples
    --------
    >>> from hermetic.formats.manifest import ManifestMember, find_member_problem
    >>> find_member_problem([ManifestMember(name="mimetype", length=0, crc32="00000000")])
    "the name 'mimetype' stands twice"
    """
    names, total = [MIMETYPE_NAME, MANIFEST_NAME], 0
    for member in members:
        names.append(member.name)
        total += member.length
    if total >= LENGTH_LIMIT:
        return f"the members are {total} bytes long together, which no file is (expected less than 2**53)"
    return find_name_problem(names)


def lay_out_head(manifest: bytes) -> list[ZipMember]:
    """Describe the first two members: ``mimetype`` and the manifest.

    Examples
    --------
    >>> from hermetic.formats.manifest import lay_out_head
    >>> [member.name for member in lay_out_head(b"{}")]
    ['mimetype', 'manifest.json']
    """
    return [_MIMETYPE_MEMBER, ZipMember(name=MANIFEST_NAME, length=len(manifest), crc32=crc32(manifest))]


def lay_out_container(manifest: Manifest, encoded: bytes) -> ZipLayout:
    """Derive the place of every byte of the container that is not content.

    Parameters
    ----------
    manifest : Manifest
        Its members have no problem, see `find_member_problem`.
    encoded : bytes
        The same manifest as JSON.

    Returns
    -------
    ZipLayout
        With ``mimetype`` and the manifest as first members; contents of ``.npy`` members are aligned to 64 bytes.

    Examples
    --------
    >>> from hermetic.formats.manifest import Manifest, encode_manifest, lay_out_container
    >>> manifest = Manifest(format="hermetic", container_version=1, written_by={}, members=[])
    >>> lay_out_container(manifest, encode_manifest(manifest)).length_bytes
    318
    """
    members = lay_out_head(encoded)
    for one in manifest.members:
        alignment = _ALIGNMENT if one.name.endswith(_ALIGNED_SUFFIX) else 1
        members.append(ZipMember(name=one.name, length=one.length, crc32=int(one.crc32, 16), alignment=alignment))
    return lay_out_zip(members)
