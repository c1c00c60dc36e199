"""Whatever skops dumps of the zoo reads as what a pickle of the same object says, but for what skops has not kept."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from hermetic.errors import FormatError
from hermetic.formats.skops_reader import is_skops, read_skops
from tests.formats.compare_with_pickle import differences
from tests.zoo.case import Case
from tests.zoo.compositions import compositions
from tests.zoo.configurations import configurations
from tests.zoo.every_estimator import every_estimator
from tests.zoo.plain_values import plain_values

skops_io = pytest.importorskip("skops.io", reason="skops, which belongs to the benchmarks, is not installed")

LOST = {
    "bit-generator-MT19937": "the seeds of a bit generator that stands alone",
    "bit-generator-PCG64": "the seeds of a bit generator that stands alone",
    "bit-generator-PCG64DXSM": "the seeds of a bit generator that stands alone",
    "bit-generator-Philox": "the seeds of a bit generator that stands alone",
    "bit-generator-SFC64": "the seeds of a bit generator that stands alone",
    "dtype-subarray": "the shape of a dtype",
    "moments": "the fold of a moment",
    "seed-sequence": "the seeds of a seed sequence that stands alone",
    "sparse-shared-indices": "that two matrices share their indices",
    "times": "the fold of a time",
    "user-array-subclass": "the attributes of a subclass of array",
    "user-dict-subclass": "the attributes of a subclass of dict",
    "user-enum": "how a member of an enumeration is found",
    "user-int-enum": "that a number is a member of an enumeration",
    "user-list-subclass": "the attributes of a subclass of list",
    "user-nested-class": "the class around a class",
    "user-nested-class-as-value": "the class around a class",
}
"""Cases that are not whole in the file of skops, with what it lacks."""
REFUSED = {
    "counts-preprocessor": "the file does not hold what this builtins:method_descriptor was",
    "counts-tokenizer": "the file does not hold what this builtins:method_descriptor was",
    "deques": "the file does not hold what this collections:deque was",
    "functions-builtin": "the file does not hold what this builtins:method_descriptor was",
    "objects-zero-dimensional": "skops keeps no array of objects without dimensions",
    "structure-titles": "not a dtype that can be kept",
}
FIRST_CASES = [*every_estimator(), *plain_values()]
OTHER_CASES = [*configurations(), *compositions()]


def _ids(case: Case) -> str:
    return case.name


def _dump(live: Any) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bytes(skops_io.dumps(live))
    except Exception as error:
        pytest.skip(f"skops cannot dump it: {type(error).__name__}")


def _check(case: Case) -> None:
    live = case.make()
    data = _dump(live)
    assert is_skops(data)
    if case.name in REFUSED:
        with pytest.raises(FormatError, match=REFUSED[case.name]):
            read_skops(data)
        return
    found = differences(live, read_skops(data).root)
    if case.name in LOST:
        assert found, "skops keeps it now: take it from the table"
    elif not (found and case.name.startswith("pandas-")):  # of which skops keeps the attributes, but not the rest
        assert not found, "\n".join(found)


@pytest.mark.parametrize("case", [case for case in FIRST_CASES if case.expected == "kept"], ids=_ids)
def test_a_file_of_skops_says_what_a_pickle_says(case: Case) -> None:
    _check(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in OTHER_CASES if case.expected == "kept"], ids=_ids)
def test_a_file_of_skops_says_what_a_pickle_says_of_every_configuration(case: Case) -> None:
    _check(case)


def test_the_tables_name_cases_of_the_zoo() -> None:
    names = {case.name for case in (*FIRST_CASES, *OTHER_CASES)}

    assert not (LOST.keys() | REFUSED.keys()) - names
