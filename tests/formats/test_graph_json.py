"""The text of a graph: what the encoder writes to the byte, and what the decoder refuses because it differs."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.errors import FormatError
from hermetic.formats.graph_json import (
    GraphDocument,
    Pool,
    column_from_json,
    column_to_json,
    decode_graph,
    encode_graph,
    graph_of,
)
from hermetic.graph import Arrays, Instances, Link, Mappings, Name, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.structs import msgspec

EMPTY = b'{"names":[],"pools":[],"nodes":[],"root":null,"links":[]}'


def _with_root(text: str) -> bytes:
    return EMPTY.replace(b"null", text.encode("utf-8", "surrogatepass"))


def _document(root: Any = None, **parts: Any) -> GraphDocument:
    return GraphDocument(**{"names": [], "pools": [], "nodes": [], "links": [], **parts, "root": root})


VALUES = {
    "0": 0,
    "-1": -1,
    "9007199254740992": 2**53,
    "1.0": 1.0,
    "-0.0": -0.0,
    "0.1": 0.1,
    "0.00001": 1e-5,
    "1e-7": 1e-7,
    "1e16": 1e16,
    "123456789012345.6": 123456789012345.6,
    "5e-324": 5e-324,
    "1.7976931348623157e308": 1.7976931348623157e308,
    "true": True,
    '""': "",
    '"/"': "/",
    '"\\"\\\\"': '"\\',
    '"\\b\\t\\n\\f\\r"': "\b\t\n\f\r",
    '"\\u0000\\u001f"': "\0\x1f",
    '"\x7f\u2028é\U0001f600"': "\x7f\u2028é\U0001f600",
    "[4,2]": [4, 2],
    '{"float":"nan"}': {"float": "nan"},
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value_has_one_spelling(text: str):
    assert encode_graph(_document(VALUES[text])) == _with_root(text)
    assert repr(decode_graph(_with_root(text)).root) == repr(VALUES[text])


OTHER_SPELLINGS = [
    *("1.00", "1E0", "1e0", "10e-1", "0.10", "-0", "00", "01"),
    *("1.", ".5", "+1", "0x1", "1e+16", "1E16", "1e-05", "1e400"),
    *("10000000000000000.0", "1e-5", "0.0000001", "-1e400", "NaN", "Infinity", "nan", "None", "True", "'a'"),
    *('"\\/"', '"\\u0041"', '"\\u00e9"', '"\\u001F"', '"\\u000a"'),
    *('"\\ud83d\\ude00"', '"\\ud800"', '"\ud800"', '"\n"', '"\0"'),
    *("[1,]", "[ 1]", "[1 ]", "[1, 2]", '{"a": 1}', '{"a":1,}', '{"a":1,"a":1}', '{"a":1,"a":2}', "/**/1", "", " 1"),
]  # fmt: skip


@pytest.mark.parametrize("text", OTHER_SPELLINGS)
def test_any_other_spelling_is_refused(text: str):
    with pytest.raises(FormatError, match="Ask its producer for a fresh copy"):
        decode_graph(_with_root(text))


STRUCTS = {
    '{"name":"a.B","role":"constructed"}': Name("a.B", "constructed"),
    '{"name":"a.B","role":"called","layout":2}': Name("a.B", "called", 2),
    '{"member":"arrays/0-float64.npy","dtype":"<f8","length":3}': Pool("arrays/0-float64.npy", "<f8", 3),
    '{"kind":"instances","type":0,"fields":{"b":1,"a":2}}': Instances(type=0, fields={"b": 1, "a": 2}),
    '{"kind":"instances","type":0,"fields":{},"rows":2}': Instances(type=0, fields={}, rows=2),
    '{"kind":"sequences","type":"list","lengths":1,"columns":[[1]]}': Sequences("list", 1, [[1]]),
    '{"kind":"sequences","type":"list","lengths":[1],"columns":[],"rows":2}': Sequences("list", [1], [], 2),
    '{"kind":"mappings","length":0,"keys":[],"columns":[[]]}': Mappings(0, [], [[]]),
    '{"kind":"arrays","dtype":"<f8","shape":[2],"pool":0,"offset":0}': Arrays("<f8", [2], pool=0, offset=0),
    '{"kind":"arrays","dtype":"<f8","shape":[2],"rows":2,"order":"F"}': Arrays("<f8", [2], rows=2, order="F"),
    '{"kind":"object_array","shape":[1],"items":[1],"order":"F"}': ObjectArray([1], [1], "F"),
    '[0,0,"a",1,0]': Link(0, 0, "a", 1, 0),
}


@pytest.mark.parametrize("text", STRUCTS)
def test_a_record_stands_in_the_order_of_the_specification_without_its_defaults(text: str):
    struct = STRUCTS[text]
    assert msgspec.json.encode(struct).decode() == text
    kind: Any = type(struct)
    assert msgspec.json.decode(text, type=kind) == struct


OTHER_TEXTS = {
    "nothing": b"",
    "white space behind": EMPTY + b" ",
    "a line end behind": EMPTY + b"\n",
    "white space before": b" " + EMPTY,
    "a byte order mark": b"\xef\xbb\xbf" + EMPTY,
    "two documents": EMPTY * 2,
    "cut off": EMPTY[:-1],
    "null": b"null",
    "a list": b"[]",
    "UTF-16": EMPTY.decode().encode("utf-16"),
    "not UTF-8": EMPTY.replace(b"null", b'"\xff"'),
    "an overlong character": EMPTY.replace(b"null", b'"\xc0\x80"'),
    "an unknown field": EMPTY.replace(b'"links"', b'"more":1,"links"'),
    "a missing field": EMPTY.replace(b',"links":[]', b""),
    "another order": b'{"pools":[],"names":[],"nodes":[],"root":null,"links":[]}',
    "the same field twice": EMPTY.replace(b'"links":[]', b'"links":[],"links":[]'),
    "an escaped field": EMPTY.replace(b'"root"', b'"r\\u006fot"'),
    "a number as text": EMPTY.replace(b'"nodes":[]', b'"nodes":""'),
    "an unknown kind": EMPTY.replace(b'"nodes":[]', b'"nodes":[{"kind":"code","text":"1"}]'),
    "no kind": EMPTY.replace(b'"nodes":[]', b'"nodes":[{"length":0,"keys":[],"columns":[[]]}]'),
    "a field at its default": EMPTY.replace(
        b'"nodes":[]', b'"nodes":[{"kind":"mappings","length":0,"keys":[],"columns":[[]],"rows":1}]'
    ),
    "an integer with a point": EMPTY.replace(
        b'"nodes":[]', b'"nodes":[{"kind":"mappings","length":0.0,"keys":[],"columns":[[]]}]'
    ),
    "a link too short": EMPTY.replace(b'"links":[]', b'"links":[[0,0,0,0]]'),
    "a link too long": EMPTY.replace(b'"links":[]', b'"links":[[0,0,0,0,0,0]]'),
    "a link by a float": EMPTY.replace(b'"links":[]', b'"links":[[0,0,1.0,0,0]]'),
    "a nest without end": EMPTY.replace(b"null", b"[" * 200_000),
    "a deep nest": EMPTY.replace(b"null", b"[" * 200_000 + b"]" * 200_000),
    "an endless integer": EMPTY.replace(b"null", b"9" * 5000),
}


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_a_text_that_is_not_the_canonical_one_is_refused(name: str):
    with pytest.raises(FormatError, match=r"graph\.json") as refused:
        decode_graph(OTHER_TEXTS[name], where="model.hermetic")
    assert refused.value.where == "model.hermetic"


def test_the_message_says_from_which_byte_on_a_text_is_not_canonical():
    with pytest.raises(FormatError, match=r"from byte 45 on: b'0\],"):
        decode_graph(_with_root("[1.00]"))
    with pytest.raises(FormatError, match=f"from byte {len(EMPTY)} on"):
        decode_graph(EMPTY + b"\n")


COLUMNS = {
    "values": ([1, [0], {"float": "nan"}], 3, [1, [0], {"float": "nan"}]),
    "no values": ([], 0, []),
    "same": ({"same": None}, 5, Same(None)),
    "rows": ({"rows": 4}, 5, Rows(4)),
    "rows with exceptions": ({"rows": 4, "except": [[0, None], [4, [2]]]}, 5, Rows(4, {0: None, 4: [2]})),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_without_a_pool_has_one_form_for_both_directions(name: str):
    form, length, column = COLUMNS[name]
    assert column_from_json(form, length) == column
    assert column_to_json(column) == form


@pytest.mark.parametrize("kind", ["bool", "int", "float", "numpy", "text"])
def test_a_column_in_a_pool_knows_only_its_place(kind: str):
    assert column_from_json({kind: ["anything"]}, 7) == Packed(kind, None, ["anything"])


HOSTILE_COLUMNS = [
    *([], [1, 2, 3, 4], None, 5, "text", {}, {"same": 1, "rows": 0}, {"more": 1}, {"int": [0, 0], "same": 1}),
    *({"rows": None}, {"rows": "0"}, {"rows": True}, {"rows": 0.0}, {"rows": 0, "more": 1}, {"except": []}),
    *({"rows": 0, "except": []}, {"rows": 0, "except": None}),
    *({"rows": 0, "except": {}}, {"rows": 0, "except": [[5, 1]]}),
    *({"rows": 0, "except": [[-1, 1]]}),
    *({"rows": 0, "except": [[1, 1], [1, 1]]}, {"rows": 0, "except": [[2, 1], [1, 1]]}),
    *({"rows": 0, "except": [[0]]}, {"rows": 0, "except": [[0, 1, 2]]}, {"rows": 0, "except": [["0", 1]]}),
    *({"rows": 0, "except": [[True, 1]]}, {"rows": 0, "except": [0, 1]}),
]  # fmt: skip


@pytest.mark.parametrize("column", HOSTILE_COLUMNS, ids=repr)
def test_what_is_no_column_of_five_values_is_refused(column: object):
    with pytest.raises(FormatError, match="not a column of 5 values"):
        column_from_json(column, 5)


def test_the_columns_of_a_document_are_read_and_its_single_values_left():
    nodes = [
        Sequences("list", 3, [{"same": 1}]),
        Mappings(2, {"text": [0, 3, "\n"]}, [[1, 2]]),
        Instances(type=0, fields={"a": {"name": 0}}),
        Instances(type=0, fields={"a": {"rows": 0}}, rows=2),
        ObjectArray([2, 2], {"same": None}),
    ]
    graph = graph_of(_document(nodes=nodes))
    assert graph.nodes[0].columns == [Same(1)]
    assert graph.nodes[1].keys == Packed("text", None, [0, 3, "\n"])
    assert graph.nodes[2].fields == {"a": {"name": 0}}
    assert graph.nodes[3].fields == {"a": Rows(0)}
    assert graph.nodes[4].items == Same(None)
