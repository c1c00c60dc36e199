"""The graph as JSON text: what `graph.json` may hold, and the strict way to read it.

One rule makes reading strict: the text must be, byte for byte, what our own encoder writes for the value that was
decoded. So duplicate keys, unknown fields, white space, other spellings of a number and escapes that nobody needs are
refused without a rule for each. Imports neither numpy nor scikit-learn, so `inspect` and `scan` can use it.
"""

from __future__ import annotations

from typing import Any

from hermetic.errors import FormatError
from hermetic.graph import Arrays, Column, Graph, Instances, Link, Name, Node, Packed, Rows, Same
from hermetic.graph_walk import with_columns
from hermetic.limits import Limits
from hermetic.structs import msgspec

__all__ = [
    "GraphDocument",
    "Pool",
    "check_text",
    "column_from_json",
    "column_to_json",
    "decode_graph",
    "encode_graph",
    "graph_of",
]


class Pool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One array pool: the member that holds it, the dtype of its items, and their number."""

    member: str
    dtype: Any
    length: int


class GraphDocument(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of ``graph.json``."""

    names: list[Name]
    pools: list[Pool]
    nodes: list[Node]
    root: Any
    links: list[Link]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(GraphDocument)


def encode_graph(document: GraphDocument) -> bytes:
    """Give the canonical text of a graph.

    Parameters
    ----------
    document : GraphDocument
        With all packed columns in their JSON form.

    Returns
    -------
    bytes
        UTF-8.
    """
    return _ENCODER.encode(document)


def check_text(text: bytes, content_bytes: int, limits: Limits, *, where: str = "") -> int:
    """Refuse a text that would take more memory as a graph than its file may ask for; nothing is decoded.

    Parameters
    ----------
    text : bytes
        The member ``graph.json``.
    content_bytes : int
        Length of all members of the file together, decompressed.
    limits : Limits
        ``memory_bytes`` and ``memory_factor`` count.
    where : str
        The file, for messages.

    Returns
    -------
    int
        Estimate of what the decoded graph takes, in bytes; never too small.

    Raises
    ------
    LimitExceeded
        When it is above the budget.

    Examples
    --------
    >>> from hermetic.limits import Limits
    >>> check_text(b'{"names":[],"pools":[],"nodes":[],"root":1,"links":[]}', 54, Limits())
    2160
    """
    length = len(text)
    if length < _FEW_BYTES:
        return length * _WORST_FACTOR
    n_values, n_texts = text.count(b","), text.count(b'"') // 2
    weight = (
        length * (1 if text.isascii() else 4 if b"\xf0" in text else 2)
        + text.count(b"[") * _LIST_BYTES
        + text.count(b"{") * _DICTIONARY_BYTES
        + n_values * _POINTER_BYTES
        + n_texts * _TEXT_BYTES
        + max(n_values - n_texts, 0) * _NUMBER_BYTES
    )
    # Beside the graph stand the text and, until they are compared, what it is encoded to.
    limits.check_memory(weight + 5 * length // 2, content_bytes, where=where)
    return weight


_FEW_BYTES = 1 << 18
_WORST_FACTOR = 40
_LIST_BYTES = 88
_DICTIONARY_BYTES = 232
_POINTER_BYTES = 8
_TEXT_BYTES = 56
_NUMBER_BYTES = 32


def decode_graph(text: bytes, *, where: str = "") -> GraphDocument:
    """Read the text of a graph, and refuse any that is not canonical.

    Parameters
    ----------
    text : bytes
        The member ``graph.json``.
    where : str
        The file, for messages.

    Returns
    -------
    GraphDocument
        Well-formed, but nothing in it is checked yet.

    Raises
    ------
    FormatError
        When the text is not JSON, does not fit the types, or is not canonical.

    Examples
    --------
    >>> decode_graph(b'{"names":[],"pools":[],"nodes":[],"root":1,"links":[]}').root
    1
    """
    try:
        document = _DECODER.decode(text)
        canonical = _ENCODER.encode(document)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        raise FormatError(f"graph.json cannot be read: {error}", where=where, next_step=_DAMAGED) from error
    if canonical != text:
        pairs = enumerate(zip(canonical, text, strict=False))
        first = next((place for place, pair in pairs if pair[0] != pair[1]), min(len(canonical), len(text)))
        raise FormatError(
            f"graph.json is not canonical from byte {first} on: {text[first : first + 40]!r}",
            where=where,
            next_step=_DAMAGED,
        )
    return document


_DAMAGED = "The file is damaged or foreign. Ask its producer for a fresh copy and compare digests."


def graph_of(document: GraphDocument) -> Graph:
    """Give the graph of a document: its columns read, but nothing that lies in pools.

    Parameters
    ----------
    document : GraphDocument
        As decoded.

    Returns
    -------
    Graph
        Its packed columns know only their place.

    Raises
    ------
    FormatError
        When a column is not one.
    """
    nodes = document.nodes.copy()
    for number, node in enumerate(nodes):
        # Most nodes are arrays or single objects, which have no columns.
        if type(node) is not Arrays and (type(node) is not Instances or node.rows > 1):
            nodes[number] = with_columns(node, column_from_json)
    return Graph(names=document.names, nodes=nodes, root=document.root, links=document.links)


def column_from_json(column: Any, length: int) -> Column:
    """Read a column; one that lies in a pool knows only its place.

    Parameters
    ----------
    column : list or dict
        From JSON.
    length : int
        How many values it must stand for.

    Returns
    -------
    list, Same, Rows or Packed
        The column.

    Raises
    ------
    FormatError
        When it is neither.

    Examples
    --------
    >>> column_from_json({"same": 1}, 3)
    Same(value=1)
    """
    if type(column) is list:
        if len(column) != length:
            raise _refuse(column, length)
        return column
    if type(column) is not dict or not column:
        raise _refuse(column, length)
    if "same" in column and len(column) == 1:
        return Same(column["same"])
    if "rows" in column:
        return _rows(column, length)
    [(kind, place)] = column.items() if len(column) == 1 else [("", None)]
    if kind in ("bool", "int", "float", "numpy", "text"):
        return Packed(kind, None, place)
    raise _refuse(column, length)


def _rows(column: dict[str, Any], length: int) -> Rows:
    exceptions = column.get("except", [])
    if exceptions == [] and "except" in column:
        raise _refuse(column, length)
    if type(column["rows"]) is not int or type(exceptions) is not list or set(column) - {"rows", "except"}:
        raise _refuse(column, length)
    last = -1
    for entry in exceptions:
        if type(entry) is not list or len(entry) != 2 or type(entry[0]) is not int or not last < entry[0] < length:
            raise _refuse(column, length)
        last = entry[0]
    return Rows(column["rows"], dict(exceptions))


def column_to_json(column: Column) -> Any:
    """Give the JSON form of a column that needs no pool.

    Parameters
    ----------
    column : list, Same or Rows
        Not `Packed`.

    Returns
    -------
    list or dict
        For the encoder.

    Examples
    --------
    >>> column_to_json(Rows(4))
    {'rows': 4}
    """
    if type(column) is Same:
        return {"same": column.value}
    if type(column) is Rows:
        exceptions = [[position, value] for position, value in column.exceptions.items()]
        return {"rows": column.node, "except": exceptions} if exceptions else {"rows": column.node}
    return column


def _refuse(column: Any, length: int) -> FormatError:
    return FormatError(
        f"not a column of {length} values: {str(column)[:120]!r}",
        next_step="The file is damaged or foreign. Ask its producer for a fresh copy and compare digests.",
    )
