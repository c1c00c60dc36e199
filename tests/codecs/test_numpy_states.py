"""States of numpy's own types: masked arrays, records, text, polynomials and generators, at both sides of each rule."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.codecs.hostile import bring_back
from tests.codecs.states import GONE, Case, Other, accept_state, refuse_state

PAIR = [("x", "i8"), ("y", "f8")]
PAIR_MASK = [("x", "?"), ("y", "?")]
NUMBERS = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0], fill_value=5.0)
RECORDS = np.ma.array([(1, 2.0), (3, 4.0)], mask=[(0, 1), (1, 0)], dtype=PAIR, fill_value=(7, 8.0))
ROWS = np.rec.array([(1, 2.0)], dtype=PAIR)
POLYNOMIAL = np.poly1d([1.0, 2.0])
with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    MATRIX = np.matrix([[1.0, 2.0]])
    MASKED_MATRIX = np.ma.array(MATRIX, mask=[[1, 0]])
MASKED = "numpy.ma.MaskedArray"
NO_MASK = "the mask does not fit data of"
NO_FILL = "the fill value does not fit data of"

HOSTILE_ARRAYS: dict[str, Case] = {
    "data in a list": Case(NUMBERS, MASKED, "data", Other([1.0, 2.0, 3.0]), "a masked array needs an array"),
    "data that is masked itself": Case(RECORDS, MASKED, "data", Other(np.ma.array([1, 2])), None),
    "data that is a number": Case(NUMBERS, MASKED, "data", 1.0, "a masked array needs an array"),
    "a mask that is too long": Case(NUMBERS, MASKED, "mask", np.zeros(4, bool), NO_MASK),
    "a mask of another shape": Case(NUMBERS, MASKED, "mask", np.zeros((3, 1), bool), NO_MASK),
    "a mask of bytes": Case(NUMBERS, MASKED, "mask", np.zeros(3, np.uint8), NO_MASK),
    "a mask in a list": Case(NUMBERS, MASKED, "mask", Other([True, False, True]), NO_MASK),
    "a mask of truth": Case(NUMBERS, MASKED, "mask", True, NO_MASK),
    "a mask of one bool for each record": Case(RECORDS, MASKED, "mask", np.zeros(2, bool), NO_MASK),
    "a mask of other names": Case(RECORDS, MASKED, "mask", np.zeros(2, [("x", "?"), ("z", "?")]), NO_MASK),
    "a mask of records for numbers": Case(NUMBERS, MASKED, "mask", np.zeros(3, PAIR_MASK), NO_MASK),
    "a mask that does not fit its matrix": Case(MASKED_MATRIX, MASKED, "mask", np.zeros(2, bool), NO_MASK),
    "a fill value with a dimension": Case(NUMBERS, MASKED, "fill_value", np.ones(1), NO_FILL),
    "a fill value for each item": Case(NUMBERS, MASKED, "fill_value", np.ones(3), NO_FILL),
    "a fill value that is a number": Case(NUMBERS, MASKED, "fill_value", 1.0, NO_FILL),
    "a record to fill numbers": Case(NUMBERS, MASKED, "fill_value", np.zeros((), PAIR), NO_FILL),
    "a number to fill records": Case(RECORDS, MASKED, "fill_value", np.zeros(()), NO_FILL),
    "another record to fill records": Case(RECORDS, MASKED, "fill_value", np.zeros((), [("x", "i8")]), NO_FILL),
    "a hardness of text": Case(NUMBERS, MASKED, "hard_mask", "yes", "hard_mask must be true or false"),
    "no hardness": Case(NUMBERS, MASKED, "hard_mask", GONE, "the field hard_mask is missing"),
    "a constant with a value": Case(np.ma.masked, "numpy.ma.MaskedConstant", "data", 0.0, "no field 'data'"),
    "a matrix of a row": Case(MATRIX, "numpy.matrix", "data", np.ones(2), "an array of two dimensions"),
    "a matrix without dimensions": Case(MATRIX, "numpy.matrix", "data", np.array(1.0), "an array of two dimensions"),
    "a matrix in lists": Case(MATRIX, "numpy.matrix", "data", Other([[1.0, 2.0]]), "an array of two dimensions"),
    "a matrix of a row of objects": Case(
        MATRIX, "numpy.matrix", "data", Other(np.array(["a", None], dtype=object)), "an array of two dimensions"
    ),
    "a matrix of a matrix": Case(ROWS, "numpy.recarray", "data", Other(MATRIX), "numpy.recarray needs an array"),
    "records of nothing": Case(ROWS, "numpy.recarray", "data", None, "numpy.recarray needs an array"),
    "a record that is a plain structure": Case(
        ROWS[0], "numpy.record", "data", np.zeros((), PAIR), "numpy.record needs one item of its kind"
    ),
    "a plain structure that is a record": Case(
        np.zeros((), PAIR)[()], "numpy.void", "data", np.array(ROWS[0]), "numpy.void needs one item of its kind"
    ),
    "a structure of a row": Case(np.void(b"ab"), "numpy.void", "data", np.zeros(1, "V2"), "needs one item of its kind"),
    "a structure of bytes": Case(np.void(b"ab"), "numpy.void", "data", np.array(b"ab"), "needs one item of its kind"),
    "a polynomial of texts": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", np.array(["a"]), "needs a row of num"),
    "a polynomial of a number": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", np.array(1.0), "needs a row of num"),
    "a polynomial of a list": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", Other([1, 2]), "needs a row of numbers"),
    "a polynomial of moments": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", np.zeros(2, "M8[s]"), "a row of num"),
    "a polynomial in nothing": Case(POLYNOMIAL, "numpy.poly1d", "variable", None, "must be a text"),
    "a polynomial without name": Case(POLYNOMIAL, "numpy.poly1d", "variable", GONE, "the field variable is missing"),
}


@pytest.mark.parametrize("name", HOSTILE_ARRAYS)
def test_an_array_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_ARRAYS[name])


HONEST_ARRAYS: dict[str, Case] = {
    "no mask at all": Case(NUMBERS, MASKED, "mask", None),
    "no fill value": Case(NUMBERS, MASKED, "fill_value", None),
    "a fill value of another dtype": Case(NUMBERS, MASKED, "fill_value", np.array(7)),
    "a record to fill records": Case(RECORDS, MASKED, "fill_value", np.array((1, 2.0), PAIR)),
    "a mask of everything": Case(RECORDS, MASKED, "mask", np.ones(2, PAIR_MASK)),
    "a mask that is hard": Case(NUMBERS, MASKED, "hard_mask", True),
    "a matrix without rows": Case(MATRIX, "numpy.matrix", "data", np.ones((0, 3))),
    "a matrix of objects": Case(MATRIX, "numpy.matrix", "data", Other(np.array([["a", None]], dtype=object))),
    "a polynomial of complex numbers": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", np.array([1j, 2])),
    "a polynomial of bools": Case(POLYNOMIAL, "numpy.poly1d", "coefficients", np.array([True, False])),
}


@pytest.mark.parametrize("name", HONEST_ARRAYS)
def test_an_array_at_the_border_of_the_rules_is_accepted(name: str):
    state = HONEST_ARRAYS[name]
    assert type(accept_state(state)) is type(state.value)


BITS = "numpy.random."
TWISTER = np.random.MT19937(7)
PHILOX = np.random.Philox(7)
PCG = np.random.PCG64(7)
SEEDS = np.random.SeedSequence(7)
SEED_SEQUENCE = f"{BITS}SeedSequence"


def _large(number: int) -> Any:
    return number if abs(number) < 2**53 else {"int": hex(number)}


def _key(**words: int) -> np.ndarray:
    key = np.zeros(624, np.uint32)
    for name, word in words.items():
        key[int(name.removeprefix("at_"))] = word
    return key


HOSTILE_GENERATORS: dict[str, Case] = {
    "a twister without its highest bit": Case(TWISTER, f"{BITS}MT19937", "key", _key(at_0=2**31 - 1), "zeros for ever"),
    "a twister with a word too many": Case(TWISTER, f"{BITS}MT19937", "key", np.ones(625, "u4"), "624 native uint32"),
    "a twister with a signed key": Case(TWISTER, f"{BITS}MT19937", "key", np.ones(624, "i4"), "624 native uint32"),
    "a twister of a list": Case(TWISTER, f"{BITS}MT19937", "key", Other([1] * 624), "624 native uint32"),
    "a twister one beyond its key": Case(TWISTER, f"{BITS}MT19937", "pos", 625, "an integer from 0 to 624, got 625"),
    "a twister at a half": Case(TWISTER, f"{BITS}MT19937", "pos", 1.0, "an integer from 0 to 624"),
    "a twister without place": Case(TWISTER, f"{BITS}MT19937", "pos", GONE, "the field pos is missing"),
    "a twister with another's field": Case(TWISTER, f"{BITS}MT19937", "inc", 1, "there is no field 'inc'"),
    "a counter of another byte order": Case(PHILOX, f"{BITS}Philox", "counter", np.ones(4, ">u8"), "4 native uint64"),
    "a counter that is too short": Case(PHILOX, f"{BITS}Philox", "counter", np.ones(3, "u8"), "4 native uint64"),
    "a key that is too long": Case(PHILOX, f"{BITS}Philox", "key", np.ones(3, "u8"), "2 native uint64"),
    "a buffer of floats": Case(PHILOX, f"{BITS}Philox", "buffer", np.ones(4), "4 native uint64"),
    "a buffer one beyond its end": Case(PHILOX, f"{BITS}Philox", "buffer_pos", 5, "from 0 to 4, got 5"),
    "a buffer before its start": Case(PHILOX, f"{BITS}Philox", "buffer_pos", -1, "from 0 to 4, got -1"),
    "an even step": Case(PCG, f"{BITS}PCG64", "inc", _large(2**128 - 2), "inc must be odd and an integer"),
    "a step one too large": Case(PCG, f"{BITS}PCG64", "inc", _large(2**128 + 1), "inc must be odd and an integer"),
    "a step below zero": Case(PCG, f"{BITS}PCG64", "inc", -1, "inc must be odd and an integer"),
    "a state in an array": Case(PCG, f"{BITS}PCG64", "state", Other(np.ones(4, "u8")), "state must be an integer"),
    "half a word of two": Case(PCG, f"{BITS}PCG64", "has_uint32", 2, "has_uint32 must be an integer from 0 to 1"),
    "half a word that is too large": Case(PCG, f"{BITS}PCG64", "uinteger", 2**32, "uinteger must be an integer"),
    "a generator for seeds": Case(PCG, f"{BITS}PCG64", "seed_seq", Other(TWISTER), "a SeedSequence or None"),
    "an array for seeds": Case(PCG, f"{BITS}PCG64", "seed_seq", Other(np.ones(4, "u4")), "a SeedSequence or None"),
    "a random state in a random state": Case(
        np.random.RandomState(1), f"{BITS}RandomState", "bit_generator", Other(np.random.default_rng(1)), "one of numpy"
    ),
    "a normal number of integer": Case(np.random.RandomState(1), f"{BITS}RandomState", "gauss", 1, "must be a float"),
    "a normal number twice": Case(np.random.RandomState(1), f"{BITS}RandomState", "has_gauss", 2, "must be 0 or 1"),
    "a generator around seeds": Case(
        np.random.default_rng(1), f"{BITS}Generator", "bit_generator", Other(SEEDS), "one of numpy's bit generators"
    ),
    "entropy below zero": Case(SEEDS, SEED_SEQUENCE, "entropy", -1, "entropy must be None, an integer from 0"),
    "entropy of texts": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": ["1"]}, "entropy must be None, an integer"),
    "entropy in a list": Case(SEEDS, SEED_SEQUENCE, "entropy", Other([1, 2]), "entropy must be None, an integer"),
    "entropy of signed words below zero": Case(
        SEEDS, SEED_SEQUENCE, "entropy", Other(np.array([1, -1])), "entropy must be None"
    ),
    "entropy of floats": Case(SEEDS, SEED_SEQUENCE, "entropy", Other(np.ones(2)), "entropy must be None"),
    "entropy of two dimensions": Case(SEEDS, SEED_SEQUENCE, "entropy", Other(np.ones((2, 2), int)), "must be None"),
    "entropy of a bit too many": Case(SEEDS, SEED_SEQUENCE, "entropy", _large(1 << 131_072), "are too long"),
    "entropy of a word too many": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": [1] * 4096 + [1 << 32]}, "None"),
    "entropy of a wide word too many": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": [1 << 32] * 2049}, "too long"),
    "entropy of an array too long": Case(SEEDS, SEED_SEQUENCE, "entropy", Other(np.ones(4097, "u8")), "are too long"),
    "a wide array too long": Case(SEEDS, SEED_SEQUENCE, "entropy", Other(np.full(2049, 1 << 32)), "are too long"),
    "no spawn key": Case(SEEDS, SEED_SEQUENCE, "spawn_key", None, "spawn_key must be a tuple of integers from 0"),
    "a spawn key in an array": Case(SEEDS, SEED_SEQUENCE, "spawn_key", Other(np.ones(2, int)), "must be a tuple of"),
    "a spawn key below zero": Case(SEEDS, SEED_SEQUENCE, "spawn_key", {"tuple": [-1]}, "must be a tuple of integers"),
    "a spawn key that is too long": Case(SEEDS, SEED_SEQUENCE, "spawn_key", {"tuple": [1] * 4096}, "are too long"),
    "a pool that is too small": Case(SEEDS, SEED_SEQUENCE, "pool_size", 3, r"pool_size must lie in 4\.\.256"),
    "a pool that is too large": Case(SEEDS, SEED_SEQUENCE, "pool_size", 257, r"pool_size must lie in 4\.\.256"),
    "a pool of truth": Case(SEEDS, SEED_SEQUENCE, "pool_size", True, r"pool_size must lie in 4\.\.256"),
    "children without end": Case(SEEDS, SEED_SEQUENCE, "n_children_spawned", 1 << 32, r"must lie below 2\*\*32"),
    "children of text": Case(SEEDS, SEED_SEQUENCE, "n_children_spawned", "1", r"must lie below 2\*\*32"),
}


@pytest.mark.parametrize("name", HOSTILE_GENERATORS)
def test_a_generator_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_GENERATORS[name])


HONEST_GENERATORS: dict[str, Case] = {
    "a twister at its start": Case(TWISTER, f"{BITS}MT19937", "pos", 0),
    "a twister at its end": Case(TWISTER, f"{BITS}MT19937", "pos", 624),
    "a twister of one bit": Case(TWISTER, f"{BITS}MT19937", "key", _key(at_0=1 << 31)),
    "a twister of one bit elsewhere": Case(TWISTER, f"{BITS}MT19937", "key", _key(at_623=1)),
    "a full buffer": Case(PHILOX, f"{BITS}Philox", "buffer_pos", 0),
    "an empty buffer": Case(PHILOX, f"{BITS}Philox", "buffer_pos", 4),
    "the largest state": Case(PCG, f"{BITS}PCG64", "state", _large(2**128 - 1)),
    "the smallest state": Case(PCG, f"{BITS}PCG64", "state", 0),
    "the largest step": Case(PCG, f"{BITS}PCG64", "inc", _large(2**128 - 1)),
    "the smallest step": Case(PCG, f"{BITS}PCG64", "inc", 1),
    "the largest half of a word": Case(PCG, f"{BITS}PCG64", "uinteger", 2**32 - 1),
    "no seeds": Case(PCG, f"{BITS}PCG64", "seed_seq", None),
    "other seeds": Case(PCG, f"{BITS}PCG64", "seed_seq", Other(SEEDS)),
}


@pytest.mark.parametrize("name", HONEST_GENERATORS)
def test_a_generator_at_the_border_of_the_rules_draws_numbers(name: str):
    state = HONEST_GENERATORS[name]
    numbers = np.random.Generator(accept_state(state)).random(1000)
    assert ((numbers >= 0) & (numbers < 1)).all()


HONEST_SEEDS: dict[str, Case] = {
    "of all bits that may be": Case(SEEDS, SEED_SEQUENCE, "entropy", _large((1 << 131_072) - 1)),
    "of all words that may be": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": [1] * 4096}),
    "of all wide words that may be": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": [(1 << 64) - 1] * 2048}),
    "of an array": Case(SEEDS, SEED_SEQUENCE, "entropy", Other(np.arange(2048))),
    "of nothing": Case(SEEDS, SEED_SEQUENCE, "entropy", {"tuple": []}),
    "with a long spawn key": Case(SEEDS, SEED_SEQUENCE, "spawn_key", {"tuple": [0] * 4095}),
    "with the smallest pool": Case(SEEDS, SEED_SEQUENCE, "pool_size", 4),
    "with the largest pool": Case(SEEDS, SEED_SEQUENCE, "pool_size", 256),
    "with the most children": Case(SEEDS, SEED_SEQUENCE, "n_children_spawned", 2**32 - 1),
}


@pytest.mark.parametrize("name", HONEST_SEEDS)
def test_a_seed_sequence_at_the_border_of_the_rules_gives_words(name: str):
    restored = accept_state(HONEST_SEEDS[name])
    assert restored.generate_state(4).dtype == np.uint32


StringDType = getattr(np.dtypes, "StringDType", None)
DTYPE, TEXT = "numpy.dtypes.StringDType", "numpy.StringArray"

HOSTILE_TEXTS: dict[str, Callable[[], Case]] = {
    "a dtype that may be coerced by number": lambda: Case(StringDType(), DTYPE, "coerce", 1, "must be true or false"),
    "a dtype without a word on it": lambda: Case(StringDType(), DTYPE, "coerce", GONE, "the field coerce is missing"),
    "texts of a numpy dtype": lambda: Case(_texts(), TEXT, "dtype", {"dtype": "<f8"}, "dtype must be a StringDType"),
    "texts of another's type": lambda: Case(_texts(), TEXT, "dtype", Other(SEEDS), "dtype must be a StringDType"),
    "texts in a list": lambda: Case(_texts(), TEXT, "items", Other(["a"]), "items must be an array of texts"),
    "texts in an array of numbers": lambda: Case(_texts(), TEXT, "items", Other(np.zeros(2)), "an array of texts"),
    "texts that hold a number": lambda: Case(
        _texts(coerce=False), TEXT, "items", Other(np.array(["a", 1], dtype=object)), "holds something else"
    ),
    "texts that hold what is missing": lambda: Case(
        _texts(coerce=False), TEXT, "items", Other(np.array(["a", None], dtype=object)), "holds something else"
    ),
}


def _texts(**parameters: Any) -> np.ndarray:
    return np.array(["a", "b"], dtype=StringDType(**parameters))


@pytest.mark.skipif(StringDType is None, reason="numpy 1 has no variable-width text")
@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_a_text_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_TEXTS[name]())


@pytest.mark.skipif(StringDType is None, reason="numpy 1 has no variable-width text")
def test_numbers_become_texts_where_the_dtype_allows_it():
    restored = accept_state(Case(_texts(), TEXT, "items", Other(np.array(["a", 1], dtype=object))))
    assert restored.tolist() == ["a", "1"]


@pytest.mark.parametrize("missing", [None, True], ids=["no mask", "all masked"])
def test_a_masked_array_of_records_keeps_the_type_of_its_records(missing: bool | None):
    array = np.ma.array(ROWS, mask=np.ma.nomask if missing is None else missing)
    restored = bring_back(array)
    assert (restored.dtype.type, restored.baseclass) == (array.dtype.type, array.baseclass)
