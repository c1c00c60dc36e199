"""The members of a TAR archive, read header by header, with the long names of GNU and POSIX.

Links and devices have no content: what they would do when they are unpacked is judged by their names.

References
----------
POSIX.1-2017, *pax Interchange Format*; GNU tar manual, *Basic Tar Format*.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import NamedTuple

from hermetic.limits import Limits
from hermetic.scanning.archive_members import ArchiveMember, Listing, StoredForm, damage
from hermetic.scanning.pickle_judge import Finding

__all__ = ["is_tar", "list_tar"]

_BLOCK = 512
_REGULAR = frozenset({0, ord("0"), ord("7")})
_LINKS = frozenset(b"12")
_FOLDER = ord("5")
_LONG_NAME, _LONG_LINK = ord("L"), ord("K")
_PAX, _PAX_GLOBAL = ord("x"), ord("g")


class _Header(NamedTuple):
    name: str
    link: str
    kind: int
    length: int


def is_tar(data: bytes) -> bool:
    r"""Tell whether data begin with the header of a TAR archive.

    Examples
    --------
    >>> is_tar(b"\\0" * 512)
    False
    """
    return _read_header(data, 0) is not None


def _read_header(data: bytes, position: int) -> _Header | None:
    block = data[position : position + _BLOCK]
    if len(block) < _BLOCK or not block[0]:
        return None
    checksum, length = _number(block[148:156]), _number(block[124:136])
    total = sum(block[:148]) + 8 * 0x20 + sum(block[156:])
    if checksum != total or length < 0:
        return None
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345]:
        name = f"{_text(block[345:500])}/{name}"
    return _Header(name, _text(block[157:257]), block[156], length)


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    digits = field.rstrip(b" \0").lstrip(b" ")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else (0 if not digits else -1)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def list_tar(data: bytes, limits: Limits) -> Listing:
    r"""List the members of an archive.

    Parameters
    ----------
    data : bytes
        The whole file, without compression.
    limits : Limits
        ``members`` counts.

    Returns
    -------
    Listing
        All members up to the first damage.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> list_tar(b"\\0" * 1024, DEFAULT_LIMITS).members
    []
    """
    listing = Listing([], [])
    position, name, link, content_length = 0, "", "", -1
    while (header := _read_header(data, position)) is not None:
        start = position + _BLOCK
        end = start + (content_length if content_length >= 0 and header.kind in _REGULAR else header.length)
        if len(listing.members) >= limits.members:
            text = f"it has more than {limits.members:,} members (the limit members)"
            listing.findings.append(damage("limit", position, text, "resource"))
            return listing
        if header.kind in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
            told = _read_told(header.kind, data[start:end])
            name, link = told.get("path", name), told.get("linkpath", link)
            content_length = _size_of(told, content_length)
            if any(key.startswith("GNU.sparse") for key in told):
                listing.findings.append(damage("not-scanned", position, "it holds a sparse file", "unreadable"))
        else:
            found = header._replace(name=name or header.name, link=link or header.link)
            listing.members.append(_member_of(found, position, start, end, len(data)))
            name, link, content_length = "", "", -1
        position = end + -end % _BLOCK
    _note_end(data, position, listing)
    names = Counter(member.name for member in listing.members if member.forms)
    repeated = [name for name, number in names.items() if number > 1]
    listing.findings.extend(
        damage("duplicate-member", 0, f"the name {name[:80]!r} stands {names[name]} times") for name in repeated[:20]
    )
    return listing


def _size_of(told: dict[str, str], content_length: int) -> int:
    size = told.get("size", "")
    return int(size) if size.isascii() and size.isdecimal() and len(size) < 20 else content_length


def _read_told(kind: int, content: bytes) -> dict[str, str]:
    """Read what a header says of the next one: a long name, or records of POSIX, ``LENGTH KEY=VALUE``."""
    if kind in (_LONG_NAME, _LONG_LINK):
        return {"path" if kind == _LONG_NAME else "linkpath": _text(content)}
    told: dict[str, str] = {}
    position = 0
    while position < len(content):
        digits, _, _ = content[position : position + 20].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        if length <= len(digits) + 1:
            break
        record = content[position + len(digits) + 1 : position + length].rstrip(b"\n")
        key, _, value = record.partition(b"=")
        told[key.decode("utf-8", "backslashreplace")] = value.decode("utf-8", "backslashreplace")
        position += length
    return told


def _member_of(header: _Header, offset: int, start: int, end: int, length_bytes: int) -> ArchiveMember:
    findings: list[Finding] = []
    is_regular = header.kind in _REGULAR and not header.name.endswith("/")
    target = posixpath.join(posixpath.dirname(header.name), header.link) if header.kind == ord("2") else header.link
    if _leads_out(header.name) or (header.kind in _LINKS and _leads_out(target)):
        findings.append(
            damage("path-traversal", offset, "it leads out of the folder into which it is unpacked", "dangerous")
        )
    if not is_regular and header.kind not in _LINKS and header.kind not in (_FOLDER, 0, ord("0")):
        findings.append(damage("not-scanned", offset, f"it is of the kind {chr(header.kind)!r}", "unreadable"))
    if end > length_bytes:
        findings.append(damage("malformed-archive", offset, "its content is cut off"))
    form = StoredForm(0, start, end - start, end - start)
    return ArchiveMember(name=header.name, offset=offset, forms=(form,) if is_regular else (), findings=tuple(findings))


def _leads_out(name: str) -> bool:
    return name.startswith("/") or posixpath.normpath(name).split("/")[0] == ".."


def _note_end(data: bytes, position: int, listing: Listing) -> None:
    if position < len(data) and any(data[position : position + _BLOCK]):
        listing.findings.append(damage("malformed-archive", position, "no header of a member stands here"))
    elif len(data[position:].strip(b"\0")):
        listing.findings.append(damage("hidden-data", position, "bytes follow the end of the archive"))
