"""Small files that ask for much: one for each kind of node, column and text, with the limit that must stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.taken_apart import TakenApart, pool_bytes

__all__ = ["AMPLIFIED", "WRITTEN_OUT", "file_of", "sequence", "sharing", "table"]

MANY = 40_000_000


def file_of(
    *nodes: Any, root: Any = None, names: Any = (), links: Any = (), text: bytes = b"", array: Any = None
) -> bytes:
    """Put a graph together, with one pool at most."""
    members = {"text.txt": text} if text else {}
    pools = []
    if array is not None:
        name = {"i1": "int8", "b1": "bool", "f8": "float64"}.get(array.dtype.str[1:], f"bytes{array.itemsize}")
        member = f"arrays/{name}.npy"
        pools = [{"member": member, "dtype": array.dtype.str, "length": len(array)}]
        members[member] = pool_bytes(array)
    root = [len(nodes) - 1] if root is None else root
    graph = {"names": list(names), "pools": pools, "nodes": list(nodes), "root": root, "links": list(links)}
    return TakenApart(graph=graph, members=members).put_together()


def sequence(lengths: Any, *columns: Any, kind: str = "list", rows: int = 1) -> dict[str, Any]:
    return {"kind": "sequences", "type": kind, "lengths": lengths, "columns": list(columns), "rows": rows}


def table(rows: int, fields: Any, name: str = "sklearn.linear_model.LinearRegression") -> bytes:
    names = [{"name": name, "role": "constructed"}]
    return file_of({"kind": "instances", "type": 0, "fields": fields, "rows": rows}, root=[0, 0], names=names)


def arrays(**more: Any) -> dict[str, Any]:
    return {"kind": "arrays", "pool": 0, "offset": 0, **more}


def sharing(name: str, field: str, n_objects: int, shared: list[Any], **fields: Any) -> bytes:
    """Let many objects of one type share what each of them copies."""
    thing = {"kind": "instances", "type": 0, "rows": n_objects}
    thing["fields"] = {
        field: {"same": [len(shared) - 1]},
        **{other: {"same": value} for other, value in fields.items()},
    }
    return file_of(*shared, thing, root=[len(shared), 0], names=[{"name": name, "role": "constructed"}])


def nested_rows() -> bytes:
    first = sequence(1, {"same": 1}, rows=MANY // 16)
    return file_of(first, *(sequence(1, {"rows": number}, rows=MANY // 16) for number in range(15)), root=[15, 0])


def doubling_tuple(holder: dict[str, Any]) -> bytes:
    """Give a tuple that holds one twice, which holds another twice: its hash asks for all of them."""
    first = sequence(1, [1], kind="tuple")
    return file_of(first, *(sequence(2, [[n], [n]], kind="tuple") for n in range(60)), holder)


def gapped_arrays() -> bytes:
    array = np.full(2, b"x", "|S10000000")
    return file_of(arrays(dtype="|S10000000", shape=[2], order="A", strides=[19]), array=array)


def empty_arrays(**more: Any) -> bytes:
    return file_of(arrays(dtype="<f8", shape=[0], **more), root=[0, 0], array=np.zeros(0))


AMPLIFIED: dict[str, Callable[[], bytes]] = {
    "a list of one value": lambda: file_of(sequence(MANY, {"same": 1})),
    "a tuple of one value": lambda: file_of(sequence(MANY, {"same": 1}, kind="tuple")),
    "a table of empty lists": lambda: file_of(sequence(0, rows=MANY), root=[0, 0]),
    "a table of empty tuples": lambda: file_of(sequence(0, kind="tuple", rows=MANY), root=[0, 0]),
    "a table of pairs": lambda: file_of(sequence(2, {"same": 1}, {"same": 2}, rows=MANY), root=[0, 0]),
    "tables of tables": nested_rows,
    "a table of empty dictionaries": lambda: file_of(
        {"kind": "mappings", "length": 0, "keys": [], "columns": [], "rows": MANY}, root=[0, 0]
    ),
    "a table of dictionaries": lambda: file_of(
        {"kind": "mappings", "length": 1, "keys": ["a"], "columns": [{"same": 1}], "rows": MANY}, root=[0, 0]
    ),
    "an array of one object": lambda: file_of({"kind": "object_array", "shape": [MANY], "items": {"same": None}}),
    "a table of objects": lambda: table(MANY, {"a": {"same": 1}}),
    "a table of objects without fields": lambda: table(MANY, {}),
    "a table of empty arrays": lambda: empty_arrays(rows=MANY),
    "arrays with gaps": gapped_arrays,
    "an empty array of huge items": lambda: file_of(
        arrays(dtype="|S2000000000", shape=[0]), array=np.zeros(0, "S2000000000")
    ),
    "dictionaries that copy one": lambda: sharing(
        "collections.OrderedDict",
        "items",
        100_000,
        [{"kind": "mappings", "length": 9, "keys": list("abcdefghi"), "columns": [{"same": 1}]}],
    ),
    "queues that copy one list": lambda: sharing(
        "collections.deque", "items", 10_000, [sequence(10_000, {"same": 1})], maxlen=None
    ),
    "a key that is a tuple of tuples": lambda: doubling_tuple(
        {"kind": "mappings", "length": 1, "keys": [[60]], "columns": [[1]]}
    ),
    "a member that is a tuple of tuples": lambda: doubling_tuple(sequence(1, [[60]], kind="set")),
}
"""Files below a kilobyte, or with one array, whose cost no length would bound."""

MILLION = 1_000_000


def texts(n_texts: int, text: bytes) -> bytes:
    return file_of(sequence(n_texts, {"text": [0, len(text), "\n"]}), text=text)


WRITTEN_OUT: dict[str, Callable[[], bytes]] = {
    "empty lists": lambda: file_of(sequence(0, []), sequence(2 * MILLION, [[0]] * (2 * MILLION))),
    "lengths of empty lists": lambda: file_of(sequence([0] * (4 * MILLION), [], rows=4 * MILLION), root=[0, 0]),
    "small integers": lambda: file_of(sequence(4 * MILLION, [1] * (4 * MILLION))),
    "floats": lambda: file_of(sequence(2 * MILLION, [1.5] * (2 * MILLION))),
    "texts": lambda: file_of(sequence(2 * MILLION, ["ab"] * (2 * MILLION))),
    "tagged values": lambda: file_of(sequence(MILLION, [{"float": "nan"}] * MILLION)),
    "tuples": lambda: file_of(sequence(MILLION, [{"tuple": []}] * MILLION)),
    "nodes": lambda: file_of(*[sequence(0, [])] * 200_000, sequence(200_000, [[number] for number in range(200_000)])),
    "names": lambda: file_of(
        root=1, names=[{"name": f"sklearn.a{number}.b", "role": "referenced"} for number in range(300_000)]
    ),
    "links": lambda: file_of(sequence(1, [None]), links=[[0, 0, 0, 0, 0]] * MILLION),
    "quotation marks": lambda: file_of(sequence(1, ['"' * (5 * MILLION)])),
    "a long text with one rare letter": lambda: file_of(sequence(1, ["a" * (20 * MILLION) + "\U0001f600"])),
    "a column of short texts": lambda: texts(3 * MILLION, b"\n".join([b"ab"] * (3 * MILLION))),
    "a column of empty texts": lambda: texts(10 * MILLION, b"\n" * (10 * MILLION - 1)),
    "a column of long texts with one rare letter": lambda: texts(
        2, b"a" * (30 * MILLION) + "\U0001f600".encode() + b"\nb"
    ),
    "a column of integers": lambda: file_of(
        sequence(10 * MILLION, {"int": [0, 0]}), array=np.full(10 * MILLION, -100, np.int8)
    ),
    "a column of truth values": lambda: file_of(
        sequence(10 * MILLION, {"bool": [0, 0]}), array=np.ones(10 * MILLION, bool)
    ),
    "a column of numpy numbers": lambda: file_of(
        sequence(5 * MILLION, {"numpy": [0, 0, "|i1"]}), array=np.full(5 * MILLION, -100, np.int8)
    ),
    "arrays of one byte": lambda: file_of(
        arrays(dtype="|i1", shape=[1], rows=5 * MILLION), root=[0, 0], array=np.ones(5 * MILLION, np.int8)
    ),
    "one big array": lambda: file_of(arrays(dtype="<f8", shape=[4 * MILLION]), array=np.ones(4 * MILLION)),
    "two big arrays of foreign byte order": lambda: file_of(
        arrays(dtype=">f8", shape=[2 * MILLION], rows=2), root=[0, 0], array=np.ones(4 * MILLION)
    ),
}
"""Files of some megabytes that hold what they ask for, item by item."""
