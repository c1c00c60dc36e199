"""Variable-width text of numpy 2: arrays and dtypes, with every kind of missing value."""

from __future__ import annotations

import numpy as np
import pytest

from tests.codecs.hostile import bring_back, refuse

StringDType = pytest.importorskip("numpy.dtypes").StringDType if hasattr(np.dtypes, "StringDType") else None
pytestmark = pytest.mark.skipif(StringDType is None, reason="numpy 1 has no variable-width text")

DTYPES = [{}, {"coerce": False}, {"na_object": None}, {"na_object": float("nan")}, {"na_object": "missing"}]
LONG = "æ" * 4000


@pytest.mark.parametrize("parameters", DTYPES, ids=repr)
def test_a_dtype_keeps_its_parameters(parameters: dict[str, object]):
    assert repr(bring_back(StringDType(**parameters))) == repr(StringDType(**parameters))


@pytest.mark.parametrize("parameters", DTYPES, ids=repr)
def test_an_array_keeps_texts_and_missing_values(parameters: dict[str, object]):
    texts = ["a", "", LONG, "a\0b", parameters.get("na_object", "z"), "b" * 20]
    array = np.array(texts, dtype=StringDType(**parameters)).reshape(2, 3)
    restored = bring_back(array)
    assert repr(restored.dtype) == repr(array.dtype)
    assert restored.shape == (2, 3)
    assert list(map(repr, restored.ravel().tolist())) == list(map(repr, array.ravel().tolist()))


@pytest.mark.parametrize("shape", [(), (0,), (0, 3)], ids=str)
def test_arrays_without_dimensions_or_items_keep_their_shape(shape: tuple[int, ...]):
    assert bring_back(np.full(shape, "x", dtype=StringDType())).shape == shape


def test_a_transposed_array_stays_in_its_order():
    array = np.array([["a", "b"], ["c", "d"]], dtype=StringDType()).T
    restored = bring_back(array)
    assert restored.flags.f_contiguous
    assert restored.tolist() == [["a", "c"], ["b", "d"]]


@pytest.mark.parametrize(("field", "new"), [("dtype", None), ("items", None), ("items", "ab"), ("surplus", 1)])
def test_a_hostile_array_of_text_is_refused(field: str, new: object):
    refuse(np.array(["a"], dtype=StringDType()), "numpy.StringArray", field, new)


def test_items_that_are_no_text_are_refused():
    array = np.array(["a", "b"], dtype=StringDType(coerce=False))

    def mix(old: list[int]) -> list[int]:
        return old

    refuse(array, "numpy.dtypes.StringDType", "coerce", "yes")
    refuse(array, "numpy.dtypes.StringDType", "surplus", mix)
