"""Random generators, seeds and the subclasses of arrays in legacy files: numpy 1.16, 1.x and 2.x, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, new, problem_of, written

KEY = np.arange(1, 625, dtype=np.uint32)
TWISTER = {"bit_generator": "MT19937", "state": {"key": KEY, "pos": 5}}
BITS = "numpy.random._pickle:__bit_generator_ctor"
STATE = "numpy.random._pickle:__randomstate_ctor"
GENERATOR = "numpy.random._pickle:__generator_ctor"
SEEDS = "numpy.random.bit_generator:__pyx_unpickle_SeedSequence"
RECONSTRUCT = "numpy.core.multiarray:_reconstruct"


def _drawn(state: Any) -> Any:
    state.standard_normal()
    return state


GENERATORS = {
    "state": np.random.RandomState(3),
    "state-waiting": _drawn(np.random.RandomState(3)),
    "generator": np.random.default_rng(3),
    "generator-spawned": np.random.default_rng(np.random.SeedSequence(5).spawn(2)[1]),
    "generator-of-many": np.random.default_rng([1, 2, 3 << 40]),
    **{name: getattr(np.random, name)(7) for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")},
    "seeds": np.random.SeedSequence(1 << 100, spawn_key=(1, 2), pool_size=8),
}
MASKED = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
ARRAYS = {
    "matrix": np.matrix([[1, 2], [3, 4]]),
    "matrix-of-objects": np.matrix([[1, "a"]], dtype=object),
    "records": np.rec.array([(1, "a"), (2, "b")], dtype=[("n", int), ("t", "U1")]),
    "record": np.rec.array([(1, 2.0)], dtype=[("n", int), ("x", float)])[0],
    "void": np.array([(1, 2.0)], dtype=[("n", int), ("x", float)])[0],
    "masked": MASKED,
    "masked-filled": np.ma.masked_array([1, 2], mask=[True, False], fill_value=7),
    "masked-objects": np.ma.masked_array(["a", None], mask=[True, False], dtype=object),
    "masked-structure": np.ma.masked_array([(1, 2.0)], mask=[(True, False)], dtype=[("n", int), ("x", float)]),
    "masked-fortran": np.ma.masked_array(np.asfortranarray(np.eye(3)), mask=np.asfortranarray(np.eye(3) > 0)),
    "masked-one": np.ma.masked,
    "polynomial": np.poly1d([1.0, 2.0, 3.0], variable="z"),
    "scalars": [np.float32(1.5), np.int8(-3), np.datetime64("2020-01-01"), np.str_("a"), np.bytes_(b"b"), np.bool_(1)],
    "dtypes": [np.dtype(">i4"), np.dtype("M8[25s]"), np.dtype([("a", "f4", (2, 3))]), np.dtype(object)],
    "texts": np.array(["a", "øå", ""], dtype=np.dtypes.StringDType()),
    "texts-table": np.array([["a", "b"], ["c", "d"]], dtype=np.dtypes.StringDType(coerce=False)),
    "texts-fortran": np.asfortranarray(np.array([["a", "b"], ["c", "d"]], dtype=np.dtypes.StringDType())),
    "texts-missing": np.array(["a", None], dtype=np.dtypes.StringDType(na_object=None)),
    "texts-nan": np.array(["a", np.nan], dtype=np.dtypes.StringDType(na_object=np.nan)),
    "texts-none": np.array([], dtype=np.dtypes.StringDType()),
    "text-dtype": np.dtypes.StringDType(na_object="missing"),
    "objects-in-a-table": np.array([[1, "a"], [None, [2]]], dtype=object),
    "no-dimension": np.array(3.5),
    "no-items": np.zeros((0, 3)),
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "turned": np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    "half": np.arange(3, dtype=np.float16),
    "complex": np.array([1 + 2j], dtype=np.complex64),
    "long": np.array([1.5], dtype=np.longdouble),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(GENERATORS[name], protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(ARRAYS[name], protocol)
    assert type(loaded) is type(ARRAYS[name])


def test_two_that_share_a_bit_generator_share_it_still() -> None:
    bits = np.random.PCG64(1)
    loaded = assert_like_live([np.random.Generator(bits), np.random.Generator(bits), bits], 4)
    assert loaded[0].bit_generator is loaded[1].bit_generator is loaded[2]


@pytest.mark.parametrize(
    ("made", "gauss"),
    [
        (Made("numpy.random:__RandomState_ctor", (), ("MT19937", KEY, 5, 1, 0.25)), (1, 0.25)),
        (Made("numpy.random:__RandomState_ctor", (), ("MT19937", KEY, 5)), (0, 0.0)),
        (Made(STATE, ("MT19937",), {**TWISTER, "has_gauss": 1, "gauss": 0.25}), (1, 0.25)),
        (Made(STATE, ("MT19937", Named(BITS)), {**TWISTER, "has_gauss": 0, "gauss": 0.0}), (0, 0.0)),
    ],
    ids=["1.16", "1.4", "1.17", "1.24"],
)
def test_a_random_state_of_numpy_1_has_no_generator_of_its_own_in_the_file(made: Made, gauss: Any) -> None:
    fields = adopted_fields(made)
    assert fields["bit_generator"].name == "numpy.random.MT19937"
    assert fields["bit_generator"].fields["pos"] == 5
    assert (fields["has_gauss"], fields["gauss"]) == gauss
    expected = np.random.RandomState()
    expected.set_state(("MT19937", KEY, 5, *gauss))
    assert hermetic.loads(written(made)).random_sample() == expected.random_sample()


def test_a_generator_of_numpy_1_names_its_kind() -> None:
    state = np.random.PCG64(3).state
    loaded = hermetic.loads(written(Made(GENERATOR, ("PCG64", Named(BITS)), state)))
    assert loaded.random() == np.random.Generator(np.random.PCG64(3)).random()


def test_a_bit_generator_of_numpy_1_is_named_by_a_text() -> None:
    state = np.random.SFC64(3).state
    try:
        loaded = hermetic.loads(written(Made(BITS, (Named("numpy.random._sfc64:SFC64"),), state)))
    except FileError as error:
        pytest.fail(str(error))
    assert loaded.random_raw() == np.random.SFC64(3).random_raw()


def _masked(*state: Any) -> Made:
    arguments = (Named("numpy.ma:MaskedArray"), Named("numpy:ndarray"), (0,), b"b")
    return Made("numpy.ma.core:_mareconstruct", arguments, state)


def _array(location: str, *state: Any) -> Made:
    return Made(RECONSTRUCT, (Named(location), (0,), b"b"), state)


TEXTS = Made("numpy._core._internal:_convert_to_stringdtype_kwargs", (1,))
HOSTILE = {
    "a state of no kind": Made(STATE, ("LCG",), {"bit_generator": "LCG", "state": {}}),
    "a state that is a list": Made(STATE, ("MT19937",), [1]),
    "a state without a key": Made(STATE, ("MT19937",), {"bit_generator": "MT19937", "state": {}, "has_gauss": 0}),
    "no state": Made(STATE, ("MT19937",)),
    "a state of another kind": Made(
        BITS, (Named("numpy.random._pcg64:PCG64"),), {"bit_generator": "MT19937", "state": {}}
    ),
    "bits without a state": Made(BITS, (Named("numpy.random._pcg64:PCG64"),)),
    "a generator of nothing": Made(GENERATOR, ()),
    "a generator of a call": Made(GENERATOR, (Made("os:system", ("true",)),)),
    "seeds of three": Made(SEEDS, (Named("numpy.random:SeedSequence"), 1, (1, 2, 3))),
    "seeds of texts": Made(SEEDS, (Named("numpy.random:SeedSequence"), 1, None), (1, "x", None, 4, ())),
    "a twister of zeros": Made(
        "numpy.random:__RandomState_ctor", (), ("MT19937", np.zeros(624, dtype=np.uint32), 5, 0, 0.0)
    ),
    "a twister beyond its end": Made("numpy.random:__RandomState_ctor", (), ("MT19937", KEY, 9999, 0, 0.0)),
    "a twister of few words": Made("numpy.random:__RandomState_ctor", (), ("MT19937", KEY[:3], 0, 0, 0.0)),
    "a twister of floats": Made("numpy.random:__RandomState_ctor", (), ("MT19937", KEY.astype(float), 0, 0, 0.0)),
    "a masked array of six": _masked(1, (2,), np.dtype(float), False, bytes(16), bytes(2)),
    "a mask that is too short": _masked(1, (2,), np.dtype(float), False, bytes(16), bytes(1), None),
    "data that are too short": _masked(1, (2,), np.dtype(float), False, bytes(8), bytes(2), None),
    "a huge shape": _masked(1, (1 << 40,), np.dtype(float), False, bytes(8), bytes(2), None),
    "a fill value of another shape": _masked(1, (1,), np.dtype(float), False, bytes(8), bytes(1), np.zeros(3)),
    "a fill value that is a text": _masked(1, (1,), np.dtype(float), False, bytes(8), bytes(1), "x"),
    "a matrix of a huge shape": _array("numpy:matrix", 1, (1 << 40, 1 << 40), np.dtype(float), False, bytes(8)),
    "a matrix of one dimension": _array("numpy:matrix", 1, (1,), np.dtype(float), False, bytes(8)),
    "a matrix of a negative length": _array("numpy:matrix", 1, (-1, -1), np.dtype(float), False, bytes(8)),
    "a matrix of no items but many": _array("numpy:matrix", 1, (0, "x"), np.dtype(float), False, b""),
    "a matrix without a dtype": _array("numpy:matrix", 1, (1, 1), "f8", False, bytes(8)),
    "objects from bytes": _array("numpy:ndarray", 1, (1,), np.dtype(object), False, bytes(8)),
    "objects that are too few": _array("numpy:ndarray", 1, (1 << 40,), np.dtype(object), False, [None]),
    "texts of numbers": _array("numpy:ndarray", 1, (1,), TEXTS, False, [7]),
    "texts of calls": _array("numpy:ndarray", 1, (1,), TEXTS, False, [Made("os:system", ("true",))]),
    "texts that are too few": _array("numpy:ndarray", 1, (1 << 40,), TEXTS, False, ["a"]),
    "texts that are missing": _array("numpy:ndarray", 1, (1,), TEXTS, False, [None]),
    "texts from bytes": _array("numpy:ndarray", 1, (1,), TEXTS, False, b"a"),
    "a dtype of texts from a text": Made("numpy._core._internal:_convert_to_stringdtype_kwargs", ("x",)),
    "a dtype of texts from nothing": Made("numpy._core._internal:_convert_to_stringdtype_kwargs", ()),
    "a polynomial of texts": new("numpy.lib.polynomial:poly1d", {"_coeffs": "x", "_variable": "x"}),
    "a polynomial of a table": new("numpy.lib.polynomial:poly1d", {"_coeffs": np.eye(2), "_variable": "x"}),
    "a polynomial without a state": new("numpy.lib.polynomial:poly1d"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_numpy_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize(
    "name", ["a state of no kind", "a state that is a list", "no state", "bits without a state", "seeds of three"]
)
def test_a_codec_says_what_is_wrong_with_a_generator(name: str) -> None:
    assert "cannot be read" in problem_of(HOSTILE[name])


@pytest.mark.parametrize("length", [1 << 31, 1 << 62, 1 << 70])
def test_a_dtype_of_texts_is_no_way_to_take_memory(length: int) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(_array("numpy:ndarray", 1, (length,), TEXTS, False, [])))
