"""What holds for any skops file, whoever wrote or changed it: it is read, or refused by a documented error."""

import io
import json
import sys
import zipfile

import pytest

from hermetic.errors import FileError, FormatError, LimitExceeded, UnsupportedVersion
from hermetic.formats.skops_reader import read_skops
from tests.formats.skops_files import (
    array,
    call,
    dictionary,
    node,
    npy,
    objects,
    plain,
    read,
    said,
    skops_file,
    the_list,
    the_tuple,
    type_of,
    zipped,
)

RIDGE = "sklearn.linear_model._ridge:Ridge"


def everything():
    state = {
        "a": array("a.npy"),
        "o": objects((1, 1), the_list(plain("x"))),
        "b": node("builtins:bytes", "BytesNode", file="b.bin"),
        "s": node("builtins:slice", "SliceNode", content={"start": None, "stop": 1, "step": None}),
        "t": the_tuple(type_of("builtins:int"), node("numpy:log", "FunctionNode")),
        "n": call("sklearn.linear_model._sgd_fast:Hinge", plain(1.0)),
    }
    return skops_file(node(RIDGE, "ObjectNode", content=dictionary(state)), a_npy=npy([1.0]), b_bin=b"x")


def test_every_truncation_is_refused():
    data = everything()
    for length in range(0, len(data), 3):
        with pytest.raises(FormatError):
            read_skops(data[:length])


def test_every_change_of_a_byte_gives_the_same_or_a_documented_error():
    data = everything()
    expected = said(read_skops(data).root)
    n_refused = 0
    for position in range(len(data)):
        changed = data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]
        try:
            assert said(read_skops(changed).root) == expected
        except FileError:
            n_refused += 1
    assert n_refused > len(data) * 0.95


def test_every_change_of_the_schema_gives_something_or_a_documented_error():
    """With right checksums: what a hostile writer would send."""
    root = json.loads(zipfile.ZipFile(io.BytesIO(everything())).read("schema.json"))
    values = [None, True, 0, -1, 2**70, 1.5, "", "a", "a.npy", "ListNode", [], {}, [1], {"a": 1}]
    paths = list(_paths(root))
    outcomes = {"read": 0, "refused": 0}
    for path in paths:
        for value in values:
            members = {
                "a.npy": npy([1.0]),
                "b.bin": b"x",
                "schema.json": json.dumps(_changed(root, path, value)).encode(),
            }
            try:
                read_skops(zipped(members))
                outcomes["read"] += 1
            except (FormatError, LimitExceeded, UnsupportedVersion) as error:
                assert error.where.startswith("<bytes>")
                outcomes["refused"] += 1
    assert outcomes["refused"] > outcomes["read"] > 0


def _paths(value, path=()):
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _paths(part, (*path, key))


def _changed(root, path, value):
    copy = json.loads(json.dumps(root))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def test_reading_imports_nothing_that_a_file_names():
    names = ["xml.dom.pulldom:parse", "this:s", "antigravity:fly", "package.never:Made"]
    root = the_list(*map(type_of, names), *(node(name, "ObjectNode", content=dictionary({})) for name in names))

    assert len(read(root)) == 8

    assert not {"this", "antigravity", "xml.dom.pulldom", "package"} & sys.modules.keys()


ROWS = [the_list(*(plain(number) for number in range(3)))]
SHARED_DICT = dictionary({"a": plain(1)})
DATA, MASK = array("a.npy"), array("m.npy")
COPIED = {
    "rows": lambda: objects((1, 3), *ROWS),
    "masked": lambda: node("numpy.ma:MaskedArray", "MaskedArrayNode", content={"data": DATA, "mask": MASK}),
    "dtype": lambda: node("numpy:dtype", "DTypeNode", content=DATA),
    "defaultdict": lambda: node(
        "collections:defaultdict", "DefaultDictNode", content={"main": SHARED_DICT, "default_factory": plain(None)}
    ),
    "frozenset": lambda: node("builtins:frozenset", "ConstructorFromReduceNode", content=the_tuple(ROWS[0])),
}


@pytest.mark.parametrize("kind", COPIED)
def test_what_a_node_copies_is_copied_once_and_a_reference_makes_no_more_of_it(kind):
    members = {"a_npy": npy([1, 2]), "m_npy": npy([True, False])}
    root = the_list(COPIED[kind]())

    assert len(read(root, **members)) == 1
    with pytest.raises(FormatError, match="belongs to another node already"):
        read(the_list(COPIED[kind](), COPIED[kind]()), **members)


@pytest.mark.parametrize(
    "make",
    [
        lambda arguments: node("a:B", "ConstructorFromReduceNode", content=arguments),
        lambda arguments: node("operator:itemgetter", "OperatorFuncNode", attrs=arguments),
        lambda arguments: {**call("a:B"), "__reduce__": {"args": arguments}},
    ],
    ids=["constructor", "operator", "reduced"],
)
def test_calls_share_a_long_tuple_of_arguments(make):
    arguments = the_tuple(*map(plain, range(100)))

    first, second = read(the_list(make(arguments), make(arguments)))

    assert first.arguments is second.arguments and len(first.arguments) == 100
