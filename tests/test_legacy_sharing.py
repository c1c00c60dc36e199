"""A small file whose objects all share one part must not become a huge one: each form of sharing, with a bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.errors import FileError
from hermetic.foreign_files import read_legacy
from hermetic.limits import Limits
from tests.legacy_pickles import Made, Named, new, written

BACKED = "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked"
LIMITS = Limits(memory_bytes=1_000_000)
N_OBJECTS = 2_000
N_ITEMS = 20_000

NUMBERS = np.ones(N_ITEMS)
MASK = np.ones(N_ITEMS, dtype=bool)
CONTENT = bytes(8 * N_ITEMS)
TEXTS = np.array(["a"] * N_ITEMS, dtype=object)
ENDS = np.arange(N_ITEMS + 1, dtype="<i4").tobytes()
INDEX = Made("pandas.core.indexes.base:_new_Index", (Named("pandas:RangeIndex"), {"stop": N_ITEMS, "name": None}))


def _nullable() -> Made:
    return new("pandas.arrays:FloatingArray", {"_data": NUMBERS, "_mask": MASK})


def _masked() -> Made:
    arguments = (Named("numpy.ma:MaskedArray"), Named("numpy:ndarray"), (0,), b"b")
    state = (1, (N_ITEMS,), np.dtype("f8"), False, CONTENT, MASK_BYTES, None)
    return Made("numpy.ma.core:_mareconstruct", arguments, state)


MASK_BYTES = bytes(range(1, 2)) * N_ITEMS


def _texts() -> Made:
    dtype = Made("pandas:StringDtype", ("python",))
    return Made(BACKED, (Named("pandas.arrays:StringArray"), 1, None), (dtype, TEXTS))


BUFFERS = [None, Made("pyarrow.lib:py_buffer", (ENDS,)), Made("pyarrow.lib:py_buffer", (bytes(N_ITEMS),))]


def _arrow() -> Made:
    parts = (Made("pyarrow.lib:type_for_alias", ("string",)), N_ITEMS, 0, 0, BUFFERS, [], None)
    return new("pandas.arrays:ArrowExtensionArray", {"_pa_array": Made("pyarrow.lib:_restore_array", (parts,))})


LEVELS = [INDEX] * N_ITEMS


def _levels() -> Made:
    parts = {"levels": LEVELS, "codes": [], "names": [], "name": None}
    return Made("pandas.core.indexes.base:_new_Index", (Named("pandas:MultiIndex"), parts))


RUNS = Made("pandas._libs.sparse:BlockIndex", (N_ITEMS, np.zeros(1, dtype="i4"), np.array([N_ITEMS], dtype="i4")))
HALVES = new("pandas:SparseDtype", {"_dtype": np.dtype(float), "_fill_value": 0.5})


def _sparse() -> Made:
    return new("pandas.arrays:SparseArray", {"_sparse_index": RUNS, "_sparse_values": NUMBERS, "_dtype": HALVES})


FORMS = {
    "numbers with a mask": _nullable,
    "masked arrays": _masked,
    "texts": _texts,
    "texts of pyarrow": _arrow,
    "levels": _levels,
    "runs": _sparse,
}


@pytest.mark.parametrize("name", FORMS)
def test_one_part_in_many_objects_is_refused_before_it_takes_memory(name: str) -> None:
    things: list[Any] = [FORMS[name]() for _ in range(N_OBJECTS)]
    data = written(things)
    assert len(data) < 3_000_000
    with pytest.raises(FileError):
        read_legacy(data, LIMITS)


@pytest.mark.parametrize("name", [name for name in FORMS if name != "levels"])
def test_the_same_part_in_a_few_objects_is_fine(name: str) -> None:
    things: list[Any] = [FORMS[name]() for _ in range(3)]
    assert read_legacy(written(things)).graph.nodes
