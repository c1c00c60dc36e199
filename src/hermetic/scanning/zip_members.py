"""The members of a ZIP archive in every way that programs may see them, and whatever they would see differently.

Python takes the last end record, others the first; some trust the central directory, others the headers before the
contents. Everything that either would read is listed, and every difference is a finding.

References
----------
APPNOTE.TXT 6.3.10, sections 4.3 to 4.5; ``zipfile._EndRecData`` of Python.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from hermetic.limits import Limits
from hermetic.scanning.archive_members import ArchiveMember, Listing, StoredForm, damage
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.zip_headers import CentralRecord, LocalHeader, read_central_record, read_local_header

__all__ = ["Directory", "find_directories", "list_zip"]

_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_BYTES = 20
_LONGEST_COMMENT = 0xFFFF
_MOST_DIRECTORIES = 8
_ENCRYPTED = 1 | 1 << 6 | 1 << 13
_HAS_DESCRIPTOR = 1 << 3
_DESCRIPTOR = b"PK\x07\x08"


class Directory(NamedTuple):
    """Where a central directory stands.

    Attributes
    ----------
    start, length : int
        Its bytes.
    n_members : int
        How many it declares.
    shift : int
        What must be added to its offsets: how many bytes stand before the archive.
    end_records : int
        Where the records begin that end the archive.
    end : int
        The first byte behind them and the comment.
    """

    start: int
    length: int
    n_members: int
    shift: int
    end_records: int
    end: int


def find_directories(data: bytes) -> list[Directory]:
    """Find every central directory that some program would use.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    list of Directory
        The one that Python uses first; empty for what is no ZIP.

    Examples
    --------
    >>> find_directories(b"PK")
    []
    """
    found: list[Directory] = []
    lowest = max(len(data) - _LONGEST_COMMENT - _END.size, 0)
    position = data.rfind(b"PK\x05\x06", lowest)
    last = position
    while position >= 0 and len(found) < _MOST_DIRECTORIES:
        # Of those before the last, programs that search forward take one whose comment reaches to the end of the file.
        # Any other belongs to an archive inside of this one.
        if position == last or _reaches_end(data, position):
            for directory in _directories_of_end(data, position):
                if all((directory.start, directory.shift) != (other.start, other.shift) for other in found):
                    found.append(directory)
        position = data.rfind(b"PK\x05\x06", lowest, position)
    return found


def _reaches_end(data: bytes, position: int) -> bool:
    comment_length = int.from_bytes(data[position + _END.size - 2 : position + _END.size], "little")
    return position + _END.size + comment_length == len(data)


def _directories_of_end(data: bytes, position: int) -> Iterator[Directory]:
    if position + _END.size > len(data):
        return
    _, _, _, _, n_members, length, offset, comment_length = _END.unpack_from(data, position)
    end = min(position + _END.size + comment_length, len(data))
    declared = (n_members, length, offset)
    large = position - _LOCATOR_BYTES - _END_ZIP64.size
    if (
        data[max(position - _LOCATOR_BYTES, 0) : position - _LOCATOR_BYTES + 4] == b"PK\x06\x07"
        and large >= 0
        and data[large : large + 4] == b"PK\x06\x06"
    ):
        *_, n_members, length, offset = _END_ZIP64.unpack_from(data, large)
        yield from _directories_at(data, large, end, (n_members, length, offset))
    yield from _directories_at(data, position, end, declared)


def _directories_at(data: bytes, behind: int, end: int, declared: tuple[int, int, int]) -> Iterator[Directory]:
    """Give the directory right before the end record, and the one at the declared offset, where they are two."""
    n_members, length, offset = declared
    if n_members == 0 and length == 0 and behind == offset:
        yield Directory(behind, 0, 0, 0, behind, end)
    for start in (behind - length, offset):
        is_inside = start >= 0 and offset <= start and start + length <= behind
        if length and is_inside and data[start : start + 4] == b"PK\x01\x02":
            yield Directory(start, length, n_members, start - offset, behind, end)


def list_zip(data: bytes, directories: list[Directory], limits: Limits) -> Listing:
    """List the members of an archive.

    Parameters
    ----------
    data : bytes
        The whole file.
    directories : list of Directory
        As `find_directories` gives them; without any, members are sought by their own headers.
    limits : Limits
        ``members`` counts.

    Returns
    -------
    Listing
        All members, also those that no directory names.

    Examples
    --------
    >>> import io, zipfile
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as archive:
    ...     archive.writestr("data.pkl", b"N.")
    >>> listing = list_zip(file.getvalue(), find_directories(file.getvalue()), DEFAULT_LIMITS)
    >>> [member.name for member in listing.members], listing.findings
    (['data.pkl'], [])
    """
    findings: list[Finding] = []
    members: list[ArchiveMember] = []
    taken: list[tuple[int, int]] = []
    if len(directories) > 1:
        findings.append(damage("ambiguous-archive", directories[1].start, "it has more than one central directory"))
    seen: set[int] = set()
    for directory in directories:
        taken += [(directory.start, directory.start + directory.length), (directory.end_records, directory.end)]
        records = _records_of(data, directory, limits, findings)
        for record in records:
            if len(directories) > 1 and record.offset + directory.shift in seen:
                continue
            seen.add(record.offset + directory.shift)
            member, end = _member_of(data, record, directory.shift)
            members.append(member)
            if end > member.offset:
                taken.append((member.offset, end))
    names = Counter(member.name for member in members)
    repeated = [name for name, number in names.items() if number > 1]
    findings += [
        damage("duplicate-member", 0, f"the name {name[:80]!r} stands {names[name]} times") for name in repeated[:20]
    ]
    _list_between(data, sorted(taken), limits, members, findings)
    return Listing(members, findings)


def _records_of(data: bytes, directory: Directory, limits: Limits, findings: list[Finding]) -> list[CentralRecord]:
    records: list[CentralRecord] = []
    position, end = directory.start, directory.start + directory.length
    while position < end:
        record = read_central_record(data, position, end)
        if record is None:
            findings.append(damage("malformed-archive", position, "the central directory is damaged here"))
            break
        if len(records) >= limits.members:
            text = f"it has more than {limits.members:,} members (the limit members)"
            findings.append(damage("limit", position, text, "resource"))
            break
        records.append(record)
        position = record.end
    if position == end and len(records) != directory.n_members:
        text = f"the end record declares {directory.n_members} members, but there are {len(records)}"
        findings.append(damage("ambiguous-archive", directory.start, text))
    return records


def _member_of(data: bytes, record: CentralRecord, shift: int) -> tuple[ArchiveMember, int]:
    """Give a member by its two headers, and where it ends."""
    offset = record.offset + shift
    local = read_local_header(data, offset)
    if local is None:
        finding = damage("malformed-archive", offset, "no header stands where the central directory says")
        return ArchiveMember(name=record.name, offset=offset, forms=(), findings=(finding,)), offset
    findings = list(_differences(record, local, offset))
    forms = [StoredForm(record.method, local.end, record.length, record.content_length)]
    if not local.flags & _HAS_DESCRIPTOR or local.length:
        other = StoredForm(local.method, local.end, local.length, local.content_length)
        forms += [other] if other != forms[0] else []
    elif local.method != record.method:
        forms.append(forms[0]._replace(method=local.method))
    if (record.flags | local.flags) & _ENCRYPTED:
        findings.append(damage("encrypted-member", offset, "it is encrypted, or says so", "unreadable"))
    end = local.end + record.length
    if end > len(data):
        findings.append(damage("malformed-archive", offset, "its content reaches beyond the end of the file"))
    elif (record.flags | local.flags) & _HAS_DESCRIPTOR:
        end = _end_of_descriptor(data, end, record)
    is_folder = record.name.endswith("/") and not record.length and not record.content_length
    return ArchiveMember(
        name=record.name,
        offset=offset,
        forms=() if is_folder else tuple(forms),
        crc32=record.crc32,
        findings=(*findings, *_name_findings(record.name, offset)),
    ), end


def _differences(record: CentralRecord, local: LocalHeader, offset: int) -> Iterator[Finding]:
    pairs = [("name", record.name, local.name), ("method", record.method, local.method)]
    if not local.flags & _HAS_DESCRIPTOR or local.length or local.crc32:
        pairs += [
            ("length", record.length, local.length),
            ("content length", record.content_length, local.content_length),
            ("CRC-32", record.crc32, local.crc32),
        ]
    if (record.flags ^ local.flags) & (_ENCRYPTED | _HAS_DESCRIPTOR):
        pairs.append(("flags", record.flags, local.flags))
    for what, central, own in pairs:
        if central != own:
            text = f"its {what} is {str(central)[:80]!r} in the directory, but {str(own)[:80]!r} in its own header"
            yield damage("header-mismatch", offset, text)


def _name_findings(name: str, offset: int) -> Iterator[Finding]:
    if "\0" in name or "\\" in name:
        yield damage("header-mismatch", offset, "its name is cut off or changed by other programs")
    if name.startswith(("/", "\\")) or name[1:2] == ":" or ".." in name.replace("\\", "/").split("/"):
        yield damage(
            "path-traversal", offset, "its name leads out of the folder into which it is unpacked", "dangerous"
        )


def _end_of_descriptor(data: bytes, position: int, record: CentralRecord) -> int:
    if data[position : position + 4] == _DESCRIPTOR:
        position += 4
    for number in ("<3L", "<LQQ"):
        size = struct.calcsize(number)
        if data[position : position + size] == _packed(number, record):
            return position + size
    return position


def _packed(form: str, record: CentralRecord) -> bytes:
    try:
        return struct.pack(form, record.crc32, record.length, record.content_length)
    except struct.error:
        return b"-"


def _list_between(
    data: bytes, taken: list[tuple[int, int]], limits: Limits, members: list[ArchiveMember], findings: list[Finding]
) -> None:
    """List members that no directory names, and note all other bytes that belong to nothing."""
    position = 0
    for start, end in [*taken, (len(data), len(data))]:
        if start < position and end > start:
            findings.append(damage("overlapping-members", start, "two of its parts share the same bytes"))
        while position < start:
            local = read_local_header(data, position)
            if local is None or len(members) >= limits.members:
                position = _note_hidden(data, position, start, findings)
                break
            is_unknown = local.flags & _HAS_DESCRIPTOR and not local.length
            length = max(start - local.end if is_unknown else min(local.length, start - local.end), 0)
            form = StoredForm(local.method, local.end, length, local.content_length or (length if is_unknown else 0))
            found = damage("unreferenced-member", position, "no directory names it")
            members.append(ArchiveMember(name=local.name, offset=position, forms=(form,), findings=(found,)))
            position = max(local.end + length, local.end)
        position = max(position, end)


def _note_hidden(data: bytes, start: int, end: int, findings: list[Finding]) -> int:
    zip64 = _LOCATOR_BYTES + _END_ZIP64.size
    is_end_of_zip64 = end - start == zip64 and data[start : start + 4] == b"PK\x06\x06"
    if not is_end_of_zip64 and len(findings) < 100:
        place = "before" if start == 0 else "behind" if end == len(data) else "between"
        findings.append(
            damage("hidden-data", start, f"{end - start} bytes stand {place} its members that belong to none")
        )
    return end
