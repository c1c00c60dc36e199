"""The text of ``schema.json``: what it may be before a single node is looked at, and how a node is told from others.

Depth and number of containers are counted on the bytes, so that no parser meets what it cannot bear; duplicate keys,
which every reader of JSON takes differently, are refused.
"""

from __future__ import annotations

import itertools
import json
from array import array
from collections import Counter
from typing import Any

from hermetic.errors import FormatError, LimitExceeded, UnsupportedVersion
from hermetic.limits import Limits

__all__ = ["NEWEST_PROTOCOL", "SCHEMA_NAME", "Schema", "read_json_scalar", "read_schema"]

SCHEMA_NAME = "schema.json"
NEWEST_PROTOCOL = 2
"""What skops 0.10 and later write; 0.6 to 0.9 write 1, 0.3 to 0.5 write 0."""

_LEVELS_OF_A_CONTAINER = 4  # of JSON: node, content, inner node, its content
_LEAST_BYTES_OF_A_CONTAINER = 16  # a node has four keys, or is one of two pairs of brackets
_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_STEPS = bytes({ord(c): 1 for c in "[{"}.get(byte, 255) for byte in range(256))
_MAX_VERSION_LENGTH = 100
_SCALARS = (str, int, float, bool, type(None))


class Schema:
    """A parsed ``schema.json``.

    Parameters
    ----------
    root : dict
        The node of the object, without the two keys beside it.
    protocol : int
        From 0 to `NEWEST_PROTOCOL`.
    version : str
        Of the skops that wrote it.
    """

    __slots__ = ("protocol", "root", "version")

    def __init__(self, root: dict[str, Any], protocol: int, version: str) -> None:
        self.root = root
        self.protocol = protocol
        self.version = version


def read_schema(text: memoryview, limits: Limits, where: str) -> Schema:
    """Parse ``schema.json``.

    Parameters
    ----------
    text : memoryview
        All of it.
    limits : Limits
        ``graph_bytes``, ``nodes`` and ``depth`` count.
    where : str
        The member, for messages.

    Returns
    -------
    Schema
        Its nodes are not looked at yet.

    Raises
    ------
    FormatError
        When it is not JSON, says a key twice, or has no protocol.
    UnsupportedVersion
        When a later skops wrote it.
    LimitExceeded
        When it is too long, too deep or has too many nodes.

    Examples
    --------
    >>> from hermetic.formats.skops_schema import read_schema
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> text = b'{"__loader__": "JsonNode", "protocol": 2, "_skops_version": "0.16.0"}'
    >>> read_schema(memoryview(text), DEFAULT_LIMITS, "").version
    '0.16.0'
    """
    limits.check("graph_bytes", len(text), where=where)
    _check_brackets(bytes(text), limits, where)
    try:
        root = json.loads(str(text, "utf-8"), object_pairs_hook=_unique)
    except FormatError as error:
        raise FormatError(error.found, where=where) from error
    except RecursionError:
        levels = _LEVELS_OF_A_CONTAINER * limits.depth
        raise LimitExceeded("depth", allowed=limits.depth, asked=levels, where=where) from None
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", where=where) from error
    if type(root) is not dict:
        raise FormatError(f"expected a node of skops, found {type(root).__name__}", where=where)
    protocol, version = root.pop("protocol", None), root.pop("_skops_version", None)
    is_version = type(version) is str and len(version) <= _MAX_VERSION_LENGTH
    if type(protocol) is not int or protocol < 0 or not is_version:
        found = f"protocol {str(protocol)[:100]!r} and version {str(version)[:100]!r}"
        raise FormatError(f"{found} are not what skops writes", where=where)
    if protocol > NEWEST_PROTOCOL:
        raise UnsupportedVersion(
            f"skops {version} wrote this file with its protocol {protocol}; known are 0 to {NEWEST_PROTOCOL}",
            where=where,
            next_step="Update hermetic.",
        )
    return Schema(root, protocol, version)


def _check_brackets(text: bytes, limits: Limits, where: str) -> None:
    """Bound the levels and the number of containers by the brackets that stand outside of texts."""
    # Without the escaped ones, every quote begins or ends a text: what stands at even places is outside of them.
    plain = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_MARKS)
    brackets = b"".join(plain.split(b'"')[::2])
    n_containers = len(brackets) // 2
    limits.check("nodes", n_containers, where=where)
    if n_containers * _LEAST_BYTES_OF_A_CONTAINER > len(text):
        raise FormatError(f"{n_containers} containers in {len(text)} bytes are no schema of skops", where=where)
    levels = max(itertools.accumulate(array("b", brackets.translate(_STEPS))), default=0)
    if levels > _LEVELS_OF_A_CONTAINER * limits.depth:
        asked = -(-levels // _LEVELS_OF_A_CONTAINER)
        raise LimitExceeded("depth", allowed=limits.depth, asked=asked, where=where)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise FormatError(f"the key {twice[:100]!r} stands twice")
    return found


def read_json_scalar(text: str) -> str | int | float | bool | None:
    """Read what a ``JsonNode`` holds: one value that is no container.

    Parameters
    ----------
    text : str
        JSON, as Python writes it: NaN and infinities are among it.

    Returns
    -------
    str, int, float, bool or None
        The value.

    Raises
    ------
    FormatError
        When it is a container, or not JSON.

    Examples
    --------
    >>> from hermetic.formats.skops_schema import read_json_scalar
    >>> read_json_scalar('"l2"'), read_json_scalar("NaN")
    ('l2', nan)
    """
    # Nearly all are plain texts and small counts, of which there are hundreds of thousands in a vocabulary.
    if text[:1] == '"' and text.count('"') == 2 and text[-1] == '"' and "\\" not in text and text.isprintable():
        return text[1:-1]
    if len(text) < 19 and text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0"):
        return int(text)
    # A container is refused before it is parsed: it could be deep.
    if text[:1] not in "[{ \t\r\n":
        try:
            value = json.loads(text)
        except ValueError as error:
            raise FormatError(f"not JSON: {text[:100]!r} ({error})") from error
        if isinstance(value, _SCALARS):
            return value
    raise FormatError(f"expected one plain value as JSON, found {text[:100]!r}")
