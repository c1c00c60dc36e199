"""Arrays, scalars, dtypes, generators and sparse matrices of skops files: each kind of node, and what is refused."""

import re

import numpy as np
import pytest

from hermetic.errors import FormatError
from hermetic.legacy_objects import MISSING
from tests.formats.skops_files import (
    array,
    dictionary,
    node,
    npy,
    objects,
    plain,
    read,
    said,
    the_list,
    the_tuple,
)

INT64 = np.dtype("<i8")


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_keeps_values_dtype_and_order_in_memory_of_its_own(order):
    values = np.arange(6.0).reshape(2, 3).copy(order=order)

    found = read(array("a.npy"), a_npy=npy(values))

    assert found.tolist() == values.tolist() and found.dtype == values.dtype
    assert found.flags.fnc == values.flags.fnc and found.flags.writeable and found.flags.owndata


def test_an_array_of_objects_has_exactly_the_objects_of_the_file():
    inner = the_list(plain(1), plain(2))
    root = objects((2, 2), the_list(plain("a"), inner), the_list(array("a.npy"), node("a:B", "ObjectNode")))

    found = read(root, a_npy=npy(np.array(5)))

    assert found.shape == (2, 2) and found.dtype == object
    assert found[0, 0] == "a" and found[0, 1] == [1, 2] and said(found[1, 1]) == ("new", "a:B", ())
    assert type(found[1, 0]) is np.ndarray and found[1, 0].shape == ()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (1, 1, 1)])
def test_arrays_of_objects_have_any_shape(shape):
    def rows(axes):
        return [the_list(*rows(axes[1:])) if axes[1:] else plain(None) for _ in range(axes[0])]

    assert read(objects(shape, *rows(shape))).shape == shape


def test_a_row_that_stands_in_two_places_is_refused_before_it_makes_much_of_little():
    row = the_list(plain(1), plain(2))

    with pytest.raises(FormatError, match="belongs to another node already"):
        read(objects((2, 2), row, row))


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (objects((3,), plain(1)), re.escape("an array of shape (3,) must have lists of 3 at axis 0")),
        (objects((1, 2), the_list(plain(1))), "lists of 2 at axis 1"),
        (objects((1, 2), plain("ab")), "lists of 2 at axis 1"),
        (objects((1, 2), the_tuple(plain(1), plain(2))), "lists of 2 at axis 1"),
        (objects((), plain(1)), "no array of objects without dimensions"),
        (objects((1,) * 33, plain(1)), "not the shape of an array"),
        ({**objects((1,), plain(1)), "shape": plain(1)}, "not the shape of an array"),
        ({**objects((1,), plain(1)), "shape": the_tuple(plain(True))}, "not the shape of an array"),
        ({**objects((1,), plain(1)), "shape": the_tuple(plain(-1))}, "not the shape of an array"),
        ({**objects((1,), plain(1)), "content": "a"}, "content of a NdArrayNode must be a list, found str"),
        (node("numpy:ndarray", "NdArrayNode", type="json"), "an array must have the type numpy and a file, or"),
        (node("numpy:ndarray", "NdArrayNode", type="numpy"), "an array must have the type numpy and a file, or"),
        (node("numpy:ndarray", "NdArrayNode", type="pickle", file="a.npy"), "an array must have the type numpy"),
        ({**objects((1,), plain(1)), "file": "a.npy"}, "an array must have the type numpy and a file, or"),
        ({**objects((1,), plain(1)), "type": "numpy", "file": "a.npy"}, "an array must have the type numpy"),
    ],
)
def test_arrays_of_another_make_are_refused(root, message):
    with pytest.raises(FormatError, match=message):
        read(root, a_npy=npy([1]))


SCALARS = [
    *map(np.dtype, ("int8", "uint16", "int64", "float16", "float32", "float64", "complex64", "complex128", "bool")),
    *map(np.dtype, ("M8[ns]", "m8[D]", "U3", ">f8", [("a", "<i4")])),
]


@pytest.mark.parametrize("dtype", SCALARS, ids=str)
def test_a_scalar_has_its_value_and_type(dtype):
    value = np.ones(1, dtype)[0] if dtype.kind not in "Mm" else np.array([1]).astype(dtype)[0]
    name = {"bool": "bool_"}.get(type(value).__name__, type(value).__name__)

    found = read(array("a.npy", f"numpy:{name}"), a_npy=npy(np.array(value, dtype if dtype.byteorder == ">" else None)))

    assert type(found) is type(value) and found == value and found.dtype == value.dtype


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("float64", np.float32(1)),
        ("float32", np.float64(1)),
        ("int64", np.float64(1)),
        ("float64", np.array([1.0])),
        ("str_", np.bytes_(b"a")),
        ("bool_", np.int8(1)),
        ("longlong", np.float64(1)),
        ("longdouble", np.int64(1)),
        ("datetime64", np.int64(1)),
    ],
)
def test_a_scalar_of_another_type_than_its_array_is_refused(name, value):
    with pytest.raises(FormatError, match=f"a numpy:{name} cannot be an array of dtype"):
        read(array("a.npy", f"numpy:{name}"), a_npy=npy(value))


@pytest.mark.parametrize("location", ["numpy:record", "numpy.rec:recarray"])
def test_records_get_their_dtype_back(location):
    values = np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f8")])

    found = read(array("a.npy", location), a_npy=npy(values if "recarray" in location else values[0]))

    dtype = found.state[2] if "recarray" in location else found.dtype
    assert dtype.type is np.record and dtype.names == ("a", "b")


def test_a_matrix_is_a_new_object_with_the_state_of_an_array():
    values = np.asfortranarray([[1, 2], [3, 4]])

    found = read(array("a.npy", "numpy:matrix"), a_npy=npy(values))

    assert found.is_array
    assert said(found) == ("new", "numpy:matrix", (), "state", (1, (2, 2), INT64, True, values.tobytes("F")))


def test_a_mapped_array_is_the_array_that_it_shows():
    found = read(array("a.npy", "numpy:memmap"), a_npy=npy([1, 2]))

    assert type(found) is np.ndarray and found.tolist() == [1, 2]


@pytest.mark.parametrize("text", ["<f8", ">i4", "|b1", "<U4", "<M8[ns]", "|S2"])
def test_a_dtype_is_one(text):
    found = read(node("numpy:dtype", "DTypeNode", content=array("a.npy")), a_npy=npy(np.empty(0, text)))

    assert isinstance(found, np.dtype) and found.str == text


def test_structured_and_object_dtypes_are_dtypes():
    dtype = np.dtype([("a", "<i4"), ("b", "<f8", (2,))])
    nodes = [node("numpy:dtype", "DTypeNode", content=content) for content in (array("a.npy"), objects((0,)))]

    assert read(the_list(*nodes), a_npy=npy(np.empty(0, dtype))) == [dtype, np.dtype(object)]


def masked(mask, data=None, location="numpy.ma:MaskedArray"):
    return node(location, "MaskedArrayNode", content={"data": data or array("data.npy"), "mask": mask})


def test_a_masked_array_is_made_as_pickle_makes_it():
    live = np.ma.array([1, 2], mask=[False, True])

    found = read(masked(array("mask.npy")), data_npy=npy(live.data), mask_npy=npy(live.mask))

    kinds = ("name", "numpy.ma:MaskedArray"), ("name", "numpy:ndarray")
    state = (1, (2,), INT64, False, live.data.tobytes(), b"\0\1", None)
    assert said(found) == ("call", "numpy.ma.core:_mareconstruct", (*kinds, (0,), "b"), "state", state)


def test_a_masked_array_without_a_mask_hides_nothing():
    found = read(masked(array("mask.npy", "numpy:bool")), data_npy=npy([1, 2]), mask_npy=npy(np.False_))

    assert found.state[5] == b"\0\0"


def test_a_masked_array_of_objects_keeps_them_in_a_list():
    found = read(masked(array("mask.npy"), objects((2,), plain("a"), the_list())), mask_npy=npy([True, False]))

    assert said(found.state[4:]) == (["a", []], b"\1\0", None)


def test_the_masked_value_is_the_one_there_is():
    root = masked(array("mask.npy"), location="numpy.ma.core:MaskedConstant")

    assert said(read(root, data_npy=npy(0.0), mask_npy=npy(True))) == ("call", "numpy.ma.core:MaskedConstant", ())


@pytest.mark.parametrize(
    ("mask", "kind"),
    [
        ([True], "ndarray"),
        ([1, 0], "ndarray"),
        (np.True_, "bool"),
        (np.uint8(0), "uint8"),
        ([[True, False]], "ndarray"),
    ],
)
def test_another_mask_is_refused(mask, kind):
    with pytest.raises(FormatError, match="the mask of a masked array must be False, or an array of bool of the same"):
        read(masked(array("mask.npy", f"numpy:{kind}")), data_npy=npy([1, 2]), mask_npy=npy(mask))


def test_data_of_a_masked_array_that_are_none_are_refused():
    with pytest.raises(FormatError, match="the data of a masked array must be a plain array"):
        read(masked(plain(False), plain(1)))


def state_of(kind, **numbers):
    inner = dictionary({name: plain(number) for name, number in numbers.items()})
    return dictionary({"bit_generator": plain(kind), "state": inner, "has_uint32": plain(0), "uinteger": plain(0)})


READ_STATE = {"bit_generator": "PCG64", "state": {"state": 5, "inc": 2**100 + 1}, "has_uint32": 0, "uinteger": 0}
SEEDS = dictionary(
    {"entropy": plain(7), "spawn_key": the_tuple(), "pool_size": plain(4), "n_children_spawned": plain(0)}
)
GENERATOR = "numpy.random._generator:Generator"
MAKE_GENERATOR = "numpy.random._pickle:__generator_ctor"


def test_a_random_state_is_made_by_the_name_of_its_bit_generator():
    inner = dictionary({"key": array("key.npy"), "pos": plain(3)})
    state = dictionary({"bit_generator": plain("MT19937"), "state": inner, "has_gauss": plain(0), "gauss": plain(0.0)})

    found = read(
        node("numpy.random.mtrand:RandomState", "RandomStateNode", content=state), key_npy=npy(np.ones(624, "u4"))
    )

    assert (found.location, found.is_new) == ("numpy.random._pickle:__randomstate_ctor", False)
    assert found.arguments == ("MT19937",) and found.state["state"]["pos"] == 3
    assert found.state["state"]["key"].dtype == np.uint32


def test_a_generator_of_protocol_2_has_its_bit_generator_and_seeds():
    parts = {"bit_generator": state_of("PCG64", state=5, inc=2**100 + 1), "seed_seq": SEEDS}

    found = read(node(GENERATOR, "RandomGeneratorNode", content=parts))

    unpickle = "numpy.random.bit_generator:__pyx_unpickle_SeedSequence"
    kind = ("name", "numpy.random.bit_generator:SeedSequence")
    seeds = ("call", unpickle, (kind, 65708578, None), "state", (7, 0, None, 4, ()))
    bits = ("call", "numpy.random._pickle:__bit_generator_ctor", (("name", "numpy.random._pcg64:PCG64"),))
    assert said(found) == ("call", MAKE_GENERATOR, ((*bits, "state", (READ_STATE, seeds)),))
    assert found.state is MISSING


def test_a_generator_of_protocol_1_has_the_name_of_its_bit_generator_and_a_state():
    parts = {"bit_generator": state_of("PCG64", state=5, inc=2**100 + 1)}

    found = read(node(GENERATOR, "RandomGeneratorNode", content=parts), protocol=1)

    assert said(found) == ("call", MAKE_GENERATOR, ("PCG64",), "state", READ_STATE)


def test_a_generator_of_protocol_0_has_its_state_as_it_stands():
    found = read(node(GENERATOR, "RandomGeneratorNode", content={"bit_generator": READ_STATE}), protocol=0)

    assert said(found) == ("call", MAKE_GENERATOR, ("PCG64",), "state", READ_STATE)


@pytest.mark.parametrize("name", ["seed", "set_bit_generator", "PCG32", "", "RandomState"])
@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_a_generator_of_no_known_kind_is_refused_in_every_protocol(name, protocol):
    state = {"bit_generator": name, "state": {"state": 1}} if protocol == 0 else state_of(name, state=1)
    parts = {"bit_generator": state, **({"seed_seq": SEEDS} if protocol == 2 else {})}

    with pytest.raises(FormatError, match=f"not the state of a bit generator of numpy: '{name}'"):
        read(node(GENERATOR, "RandomGeneratorNode", content=parts), protocol)


@pytest.mark.parametrize(
    ("root", "protocol", "message"),
    [
        (node("a:B", "RandomStateNode", content=plain(1)), 2, "a RandomStateNode is a numpy.random.mtrand:RandomState"),
        (node("numpy.random.mtrand:RandomState", "RandomStateNode", content=plain("MT19937")), 2, "not the state of a"),
        (node("numpy.random:seed", "RandomGeneratorNode", content={}), 2, "but the file says numpy.random:seed"),
        (node(GENERATOR, "RandomGeneratorNode", content={"bit_generator": 1}), 2, "the parts bit_generator, seed_seq"),
        (node(GENERATOR, "RandomGeneratorNode", content={"bit_generator": [1]}), 0, "must be numbers by name"),
        (node(GENERATOR, "RandomGeneratorNode", content={"bit_generator": {"a": {"b": []}}}), 0, "numbers by name"),
        (
            node(GENERATOR, "RandomGeneratorNode", content={"bit_generator": state_of("PCG64"), "seed_seq": plain(1)}),
            2,
            "not what a SeedSequence is made from",
        ),
        (node("numpy:dtype", "DTypeNode", content=plain(1)), 2, "a dtype is kept as an array of it"),
        (node("a:dtype", "DTypeNode", content=plain(1)), 2, "a DTypeNode is a numpy:dtype"),
    ],
)
def test_generators_and_dtypes_of_another_make_are_refused(root, protocol, message):
    with pytest.raises(FormatError, match=message):
        read(root, protocol)


def test_a_name_of_a_scalar_with_many_digits_is_that_of_some_class():
    found = read(array("a.npy", "numpy:int" + "6" * 900), a_npy=npy(1))

    assert found.location == "numpy:int" + "6" * 900 and found.is_array
