"""Evidence that is JSON: one record of a closed type, in canonical text, checked field by field when it is read."""

from __future__ import annotations

from typing import Any, TypeVar

from hermetic.errors import InvalidState
from hermetic.structs import msgspec

__all__ = ["decode_record", "encode_record"]

MOST_BYTES = 64 << 20
_NEXT_STEP = "The file is damaged or hostile, or of a later hermetic. Ask its producer for a fresh copy."

_Record = TypeVar("_Record", bound=msgspec.Struct)


def encode_record(record: Any) -> bytes:
    """Give a record as canonical JSON.

    Parameters
    ----------
    record : msgspec.Struct
        Of numbers, texts, lists and records. JSON has no NaN: such a number becomes null.

    Returns
    -------
    bytes
        UTF-8.

    Examples
    --------
    >>> from hermetic.recorded.lineage import LineageRecord
    >>> encode_record(LineageRecord(layout=1, parents=[]))
    b'{"layout":1,"parents":[]}'
    """
    return msgspec.json.encode(record)


def decode_record(data: bytes, kind: type[_Record], *, where: str = "") -> _Record:
    """Read a record, and refuse what is not exactly one.

    Parameters
    ----------
    data : bytes
        Canonical JSON.
    kind : type
        A class of records.
    where : str
        The file and the member, for messages.

    Returns
    -------
    msgspec.Struct
        Of that class.

    Raises
    ------
    InvalidState
        When a field is missing, unknown or of another type, when the text is not canonical, or longer than 64 MiB.

    Examples
    --------
    >>> from hermetic.recorded.lineage import LineageRecord
    >>> decode_record(b'{"layout":1,"parents":[]}', LineageRecord)
    LineageRecord(layout=1, parents=[])
    """
    if len(data) > MOST_BYTES:
        raise InvalidState(
            f"a record of {len(data):,} bytes, at most {MOST_BYTES:,} are read", where=where, next_step=_NEXT_STEP
        )
    try:
        record = msgspec.json.Decoder(kind).decode(data)
        is_canonical = msgspec.json.encode(record) == data
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        found = f"this is no record of that kind: {str(error)[:200]}"
        raise InvalidState(found, where=where, next_step=_NEXT_STEP) from error
    if not is_canonical:
        raise InvalidState("the JSON of a record is not canonical", where=where, next_step=_NEXT_STEP)
    return record
