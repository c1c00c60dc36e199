"""What the nodes of a pickle become: Python's own values, arrays, and objects that codecs are asked about."""

from __future__ import annotations

import collections
import copyreg
import datetime
import io
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from hermetic import FormatError, Limits
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.pickle_reader import read_pickles
from hermetic.formats.pickle_values import PickleValues, values_of_pickle
from hermetic.legacy_arrays import bytes_of
from hermetic.legacy_objects import MISSING, LegacyObject
from tests.corpus_pickles import call, in_wrapper, text

PROTOCOLS = range(6)


def values_of(data: bytes, limits: Limits = Limits()) -> PickleValues:  # noqa: B008 - it is frozen
    [stream] = read_pickles(data)
    assert stream.problems == []
    return values_of_pickle(stream, Cursor(data), limits)


def root_of(value: Any, protocol: int) -> Any:
    return values_of(pickle.dumps(value, protocol)).root


def refusal_of(data: bytes) -> FormatError:
    with pytest.raises(FormatError) as refused:
        values_of(data)
    return refused.value


PLAIN = [
    None,
    True,
    5,
    -(2**70),
    2.5,
    1 + 2j,
    "é\ud800",
    b"\xff",
    bytearray(b"ab"),
    bytearray(5_000),
    [],
    [1, "a", None],
    [[1], [2, [3]]],
    (),
    (1,),
    (1, (2, [3]), "x"),
    {},
    {"a": 1, "b": 2.5},
    {"a": [1], 2: (3,), None: {"c": {4}}, (1, "x"): 5, b"k": 6},
    set(),
    {1, "a"},
    {(1, 2), frozenset({3})},
    frozenset({1, 2}),
    Ellipsis,
    NotImplemented,
    ["text"] * 20,
    [{"a": number} for number in range(50)],
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_plain_values_come_back(value: Any, protocol: int):
    found = root_of(value, protocol)
    if type(value) is bytearray and protocol < 5:
        found = bytearray(*map(bytes_of, found.arguments))
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_shared_stays_shared_and_cycles_close(protocol: int):
    shared: list[Any] = [1]
    cycle: dict[str, Any] = {"a": shared, "b": shared, "c": (shared,)}
    cycle["self"] = cycle
    shared.append(shared)
    found = root_of(cycle, protocol)
    assert found["self"] is found
    assert found["a"] is found["b"] is found["c"][0] is found["a"][1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_list_of_plain_values_is_shared_too(protocol: int):
    plain = list(range(20))
    found = root_of([plain, plain, plain[:]], protocol)
    assert found[0] is found[1] is not found[2]


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype="i2").reshape(2, 3)),
    np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
    np.zeros((0, 4)),
    np.array(5, dtype="u1"),
    np.array(["a", "bcd"]),
    np.array([b"a", b"bcd"]),
    np.array([True, False]),
    np.array(["2020-01-01"], dtype="M8[D]"),
    np.array([3], dtype="m8[15us]"),
    np.array([1.5], dtype=">f8"),
    np.zeros(3, dtype=[("a", "<f8"), ("b", "<i4", (2,))]),
    np.zeros(2, dtype=np.dtype([("a", "u1"), ("b", "f8")], align=True)),
    np.array([None, "a", [1]], dtype=object),
    np.array([[None, 1], [2, 3]], dtype=object, order="F"),
    np.zeros(2, dtype=np.dtype("V5")),
    np.zeros(2_000),
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.str}{array.shape}")
def test_arrays_come_back(array: np.ndarray, protocol: int):
    found = root_of({"first": array, "dtype": array.dtype}, protocol)
    assert found["dtype"] == array.dtype
    assert_same(found["first"], array)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.str}{array.shape}")
def test_arrays_of_joblib_come_back(array: np.ndarray, protocol: int):
    joblib = pytest.importorskip("joblib")
    file = io.BytesIO()
    joblib.dump([array, "behind", array.dtype], file, protocol=protocol)
    found = values_of(file.getvalue()).root
    assert found[1:] == ["behind", array.dtype]
    assert_same(found[0], array)


SCALARS = [np.float64(2.5), np.int8(-3), np.str_("é"), np.bytes_(b"a"), np.bool_(True)]


def assert_same(found: np.ndarray, array: np.ndarray) -> None:
    if array.dtype.names is None and not array.dtype.isnative and found.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))  # as numpy's __setstate__ and joblib do
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tolist() == array.tolist() if array.dtype.hasobject else found.tobytes() == array.tobytes()
    assert found.flags.f_contiguous == array.flags.f_contiguous or array.ndim == 3
    assert found.flags.aligned


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value", [np.float64(2.5), np.int8(-3), np.str_("é"), np.bytes_(b"a"), np.bool_(True)], ids=repr
)
def test_scalars_of_numpy_come_back(value: Any, protocol: int):
    found = root_of(value, protocol)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_estimator_becomes_an_object_with_its_state(protocol: int):
    model = StandardScaler().fit(np.arange(6.0).reshape(3, 2))
    found = values_of(pickle.dumps(model, protocol))
    assert found.root.location == "sklearn.preprocessing._data:StandardScaler"
    assert found.root.is_new
    assert found.root.state["with_mean"] is True
    assert found.root.state["mean_"].tolist() == model.mean_.tolist()
    assert found.objects == [found.root]
    assert "sklearn.preprocessing._data:StandardScaler" in [name.location for name in found.names]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_keep_what_was_put_into_them(protocol: int):
    pairs = root_of(collections.OrderedDict(a=1, b=[2]), protocol)
    assert pairs.pairs == ["a", 1, "b", [2]] or pairs.arguments == ([["a", 1], ["b", [2]]],)
    items = root_of(collections.deque([1, [2]], 5), protocol)
    assert items.items == [1, [2]]
    assert root_of(datetime.date(2020, 1, 2), protocol).location == "datetime:date"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("base", [dict, list, set, tuple, int])
def test_subclasses_of_builtin_types_keep_their_content(base: type, protocol: int):
    content = {"dict": {"a": [1]}, "int": 7}.get(base.__name__, [1, "a"])
    found = root_of(SUBCLASSES[base](content), protocol)
    assert found.location.startswith(f"{__name__}:")
    kept = [*found.pairs, *found.items, *found.arguments]
    for expected in {"dict": ["a", [1]], "int": [7]}.get(base.__name__, [1, "a"]):
        assert expected in kept or any(expected in part for part in kept if isinstance(part, (list, tuple)))


class Dictionary(dict): ...


class List(list): ...


class Set(set): ...


class Tuple(tuple): ...


class Integer(int): ...


SUBCLASSES: dict[type, type] = {dict: Dictionary, list: List, set: Set, tuple: Tuple, int: Integer}


class WithKeywords:
    def __reduce_ex__(self, protocol: Any) -> Any:
        return copyreg.__newobj_ex__, (WithKeywords, (1,), {"a": 2, "b": [3]})


def test_keywords_of_making_an_object_are_kept():
    found = root_of(WithKeywords(), 4)
    assert (found.arguments, found.keywords, found.state) == ((1,), {"a": 2, "b": [3]}, MISSING)


def test_names_are_those_of_python_3_and_one_object_each():
    found = values_of(b"(c__builtin__\nset\ncUserDict\nUserDict\nc__builtin__\nset\nl.")
    assert [name.location for name in found.names] == ["builtins:set", "collections:UserDict"]
    assert found.root[0] is found.root[2]
    newer = values_of(b"\x80\x03(c__builtin__\nset\nl.")
    assert newer.root[0].location == "__builtin__:set"


def test_strings_of_python_2_are_text_when_they_are_ascii():
    assert values_of(b"(S'abc'\nS'\\xff'\nl.").root == ["abc", b"\xff"]


def test_a_method_named_by_getattr_is_a_name():
    assert values_of(call("__builtin__.getattr", b"c__builtin__\nstr\n", text("lower")) + b".").root.location == (
        "builtins:str.lower"
    )
    made = values_of(call("__builtin__.getattr", b"c__builtin__\nstr\n", text("not a name")) + b".").root
    assert (type(made), made.location) == (LegacyObject, "builtins:getattr")


@pytest.mark.parametrize("constant", [None, Ellipsis, NotImplemented], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_type_of_a_constant_is_a_name(constant: Any, protocol: int):
    assert root_of(type(constant), protocol).location == f"builtins:{type(constant).__name__}"


def test_another_call_of_type_is_an_object():
    assert type(values_of(call("builtins.type", b"I5\n") + b".").root) is LegacyObject


def test_a_subclass_of_array_is_an_object_that_takes_a_state():
    made = call("numpy.core.multiarray._reconstruct", b"cmymodule\nMatrix\n", b"(I0\nt", text("b"))
    found = values_of(made + b"(I1\n(I0\ntNI00\nNtb.").root
    assert (found.location, found.is_array, found.state[0]) == ("mymodule:Matrix", True, 1)


def test_an_array_of_joblib_of_another_class_is_an_object():
    found = values_of(in_wrapper(b"\0" * 8).replace(b"cnumpy\nndarray\n", b"cnumpy\nmatrix\n") + b".").root
    assert found.location == "numpy:matrix"
    assert found.arguments[0].tolist() == [0.0]


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
F8 = call("numpy.dtype", text("f8"), b"I0\n", b"I1\n")
SCALAR = "numpy.core.multiarray.scalar"
BUFFER = "numpy.core.numeric._frombuffer"
MIX = text("\u20ac")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"I1\n)R.", "what is called is no name"),
        (call("os.system", text("a")) + b")R.", "what is called is no name"),
        (b"(" + ARRAY + b"l.", "before its state has come"),
        (ARRAY + b".", "before its state has come"),
        (b"(I1\n" + ARRAY + b"t.", "before its state has come"),
        (b"(I1\nI1\nI1\nI1\n" + ARRAY + b"t.", "before its state has come"),
        (ARRAY + b"Nb.", "the state of an array is not"),
        (b"cm\nf\nNb.", "a state is given to something that has none"),
        (call("builtins.bytes") + b"Nb.", "a state is given to something that has none"),
        (call("builtins.set") + b"I1\na.", "puts items into something that takes none"),
        (call("builtins.set") + b"I1\nI2\ns.", "puts items into something that takes none"),
        (b"\x80\x04cm\nf\n)}I1\nI2\ns\x92.", "a keyword of a call is no text"),
        (call("copy_reg._reconstructor", b"cm\nC\n") + b".", "needs a class, a base and its content"),
        (call("copy_reg._reconstructor", b"I1\n", b"I1\n", b"N") + b".", "needs a class, a base and its content"),
        (call("copy_reg._reconstructor", b"cm\nC\n", b"c__builtin__\nlist\n", b"I1\n") + b".", "a call needs a list"),
        (call("copy_reg._reconstructor", b"cm\nC\n", b"c__builtin__\nlist\n", F8) + b".", "a call needs a list"),
        (call("_codecs.encode", MIX, text("latin1")) + b".", "something else than a text of bytes"),
        (call("_codecs.encode", text("a"), text("rot13")) + b".", "something else than a text of bytes"),
        (call("_codecs.encode", text("a"), b"]") + b".", "something else than a text of bytes"),
        (call("_codecs.encode") + b".", "something else than a text of bytes"),
        (call("builtins.bytes", b"I1\n") + b".", "bytes is called with arguments"),
        (call("builtins.set", b"]", b"]") + b".", "more than one list"),
        (call("builtins.set", b"I1\n") + b".", "a call needs a list"),
        (call("builtins.set", b"(]l") + b".", "a list is a key"),
        (call("builtins.frozenset", b"(}l") + b".", "a dict is a key"),
        (call("builtins.complex") + b".", "something else than two numbers"),
        (call("builtins.complex", text("1")) + b".", "something else than two numbers"),
        (call("numpy.dtype") + b".", "other arguments than numpy writes"),
        (call("numpy.dtype", text("f8,f8")) + b".", "is no dtype that numpy writes"),
        (call("numpy.dtype", b"I5\n") + b".", "is no dtype that numpy writes"),
        (call(SCALAR, F8) + b".", "needs a dtype and its bytes"),
        (call(SCALAR, text("f8"), text("a")) + b".", "needs a dtype and its bytes"),
        (call(SCALAR, F8, text("a")) + b".", "is not one item"),
        (call(BUFFER, text("a"), F8) + b".", "in another way than numpy writes"),
        (call(BUFFER, b"I1\n", F8, b")", text("C")) + b".", "in another way than numpy writes"),
        (call(BUFFER, text("a"), F8, b")", b"I1\n") + b".", "in another way than numpy writes"),
        (call(BUFFER, text("a" * 8), F8, b")", text("K"), b"N") + b".", "no tuple of numbers"),
        (call(BUFFER, text("a" * 8), F8, b")", text("K"), b"(F0.0\nt") + b".", "no tuple of numbers"),
        (call(BUFFER, text("a" * 8), F8, b"(I1\nt", text("K"), b"(I1\nt") + b".", "not one of them all"),
        (call(BUFFER, text("a" * 8), text("f8"), b")", text("C")) + b".", "no dtype of plain items"),
        (call(BUFFER, text("a" * 8), F8, text("ab"), text("C")) + b".", "no tuple of whole numbers"),
        (b"}]Ns.", "a list is a key"),
        (b"}(]NI1\nN" + b"d" * 0 + b"u.", "a list is a key"),
        (b"}}Ns.", "a dict is a key"),
        (b"\x80\x04(]\x91.", "a list is a key"),
        (b"\x80\x04\x8f(]\x90.", "a list is a key"),
        (b"}(" + b"(" * 12 + b"t" * 12 + b"Nu.", "more than 8 tuples inside each other"),
    ],
)
def test_what_no_pickler_writes_is_refused(data: bytes, words: str):
    assert words in str(refusal_of(data))


def test_a_refusal_names_the_byte():
    assert refusal_of(b"(I1\nI2\n" + call("builtins.bytes", b"I1\n") + b"l.").where == "byte 28"


def test_arrays_by_another_way_are_no_arrays_of_numpy():
    assert type(values_of(call("numpy.core.multiarray._reconstruct") + b".").root) is LegacyObject


@pytest.mark.parametrize("data", [b"\x80\x02\x82\x05.", b"Pa\n."])
def test_what_only_the_writing_process_knows_is_refused(data: bytes):
    with pytest.raises(FormatError, match="only the process that wrote it knows"):
        values_of_pickle(read_pickles(data)[0], Cursor(data))


def test_arrays_over_a_buffer_are_made_in_every_order():
    for order, axes, expected in (("C", b"", [[0, 1]]), ("F", b"", [[0, 1]]), ("K", b"(I1\nI0\nt", [[0], [1]])):
        u1 = call("numpy.dtype", text("u1"))
        data = call(BUFFER, text("\x00\x01"), u1, b"(I1\nI2\nt", text(order), *([axes] if axes else [])) + b"."
        assert values_of(data).root.tolist() == expected


def test_a_bytearray_that_is_no_buffer_is_one_of_its_own():
    data = pickle.dumps([value := bytearray(b"a" * 5_000), value, np.arange(3.0)], 5)
    found = values_of(data).root
    assert (type(found[0]), found[0]) == (bytearray, value)
    assert found[0] is found[1]
    assert found[2].tolist() == [0.0, 1.0, 2.0]
