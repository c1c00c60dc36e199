"""The law of skops files, for every model of the zoo: read as data, it is the model, but for what skops does not keep.

skops itself only writes here. What it hands back is never asked for: it crashes for some of its own files.
"""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import pytest

import hermetic
from hermetic.errors import FileError, UnsupportedVersion
from tests.formats.test_skops_zoo import LOST, REFUSED
from tests.legacy_pickles import load_legacy
from tests.zoo.case import Case
from tests.zoo.every_case import all_cases

skops_io = pytest.importorskip("skops.io", reason="skops, which belongs to the benchmarks, is not installed")

CASES = [case for case in all_cases() if case.expected == "kept"]
LOST_TOO = {
    "dict-numpy-keys": "that keys were numpy scalars",
    "logistic-cv-legacy": "that keys were numpy scalars",
    "masked-fill-value": "the fill value of a masked array",
    "masked-objects": "the fill value of a masked array",
    "masked-structure": "the fill value of a masked array",
    "objects-matrix": "the order in memory of an array of objects",
    "random-state-MT19937": "the seeds of the bit generator of a RandomState",
    "random-state-PCG64": "the seeds of the bit generator of a RandomState",
    "random-state-PCG64DXSM": "the seeds of the bit generator of a RandomState",
    "random-state-Philox": "the seeds of the bit generator of a RandomState",
    "random-state-SFC64": "the seeds of the bit generator of a RandomState",
    "sparse-coo-array": "that the entries of a COO matrix stand once each, in order",
    "sparse-coo-matrix": "that the entries of a COO matrix stand once each, in order",
    "sparse-one-dimensional": "that the entries of a COO matrix stand once each, in order",
    "structure-aligned": "the alignment of a structured dtype",
    "structure-aligned-dirty": "the alignment of a structured dtype",
    "structure-aligned-dtype": "the alignment of a structured dtype",
    "structure-aligned-scalar": "the alignment of a structured dtype",
    "structure-nested": "the alignment of a structured dtype",
    "structure-nested-dirty": "the alignment of a structured dtype",
    "structure-nested-dtype": "the alignment of a structured dtype",
    "structure-nested-scalar": "the alignment of a structured dtype",
}
"""What the file lacks where the reader still gives what a pickle would say, by its excuses, and ours tells apart."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_a_skops_file_is_read_as_data_and_gives_the_model(case: Case) -> None:
    model = case.make()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = bytes(skops_io.dumps(model))
    except Exception as error:
        pytest.skip(f"skops cannot dump it: {type(error).__name__}")
    loses = case.name in LOST or case.name in LOST_TOO

    try:
        loaded = _load(data, case)
    except FileError:
        # Of pandas objects skops keeps the attributes, but not the rest.
        assert case.name in REFUSED or case.name in LOST or case.name.startswith("pandas-")
        return

    assert case.name not in REFUSED
    # The unpickled model where pickling loses the same: strides, and that a masked array has no mask.
    is_whole = hermetic.dumps(loaded) in (hermetic.dumps(model), hermetic.dumps(_pickled(model)))
    assert is_whole != loses, "skops keeps it now: take it from the table" if loses else "it is another model"


def _load(data: bytes, case: Case) -> Any:
    calls = [f"call:{name}" for name in case.trusted]
    options: dict[str, Any] = {"trusted": [*case.trusted, *calls], "capabilities": case.capabilities}
    try:
        return hermetic.loads(data, **options)
    except UnsupportedVersion:
        # Trees, metrics and losses alone name no release.
        assert b"_sklearn_version" not in data
        return load_legacy(data, **options)


def _pickled(model: Any) -> Any:
    try:
        return pickle.loads(pickle.dumps(model))
    except (ArithmeticError, AttributeError, TypeError, ValueError, pickle.PicklingError):
        return model


def test_the_table_names_cases_of_the_zoo() -> None:
    assert not LOST_TOO.keys() - {case.name for case in CASES}
    assert not LOST_TOO.keys() & (LOST.keys() | REFUSED.keys())
