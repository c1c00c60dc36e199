"""The law of legacy files, for every model of the zoo: read as data, it is what Python's own unpickler makes of it.

Each case stands in one of the formats, chosen by its number, so that all run in the time of one.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import joblib
import pytest

import hermetic
from hermetic.errors import UnsupportedVersion
from tests.legacy_pickles import HAS_OLD_NUMPY, load_legacy
from tests.zoo.case import Case
from tests.zoo.every_case import all_cases

FORMATS = (0, 2, 4, 5, "joblib")
CASES = [
    (case, FORMATS[number % len(FORMATS)])
    for number, case in enumerate(case for case in all_cases() if case.expected == "kept")
]
NOT_READ = {"objects-itself": "an array that contains itself", "text-long": "a text alone in protocol 0"}


def _written(model: Any, form: Any) -> bytes | None:
    """Give a legacy file; None for the few models that pickle does not take."""
    target = io.BytesIO()
    try:
        if form == "joblib":
            joblib.dump(model, target)
            return target.getvalue()
        return pickle.dumps(model, form)
    except (ArithmeticError, AttributeError, TypeError, ValueError, pickle.PicklingError):
        return None


def _load_live(data: bytes, form: Any) -> Any:
    return joblib.load(io.BytesIO(data)) if form == "joblib" else pickle.loads(data)


@pytest.mark.parametrize(("case", "form"), CASES, ids=lambda part: part.name if isinstance(part, Case) else str(part))
@pytest.mark.filterwarnings("ignore")
def test_a_legacy_file_is_read_as_data_and_gives_what_the_unpickler_gives(case: Case, form: Any) -> None:
    model = case.make()
    data = _written(model, form)
    if data is None:
        pytest.skip("pickle does not take it")
    if case.name in NOT_READ:
        pytest.skip(NOT_READ[case.name])
    options = {
        "trusted": [*case.trusted, *(f"call:{name}" for name in case.trusted)],
        "capabilities": case.capabilities,
    }

    try:
        loaded = hermetic.loads(data, **options)
    except UnsupportedVersion:
        # Trees, metrics and losses alone name no release.
        assert b"_sklearn_version" not in data
        loaded = load_legacy(data, **options)

    # The model itself where unpickling loses something: numpy turns all arrays into the byte order of the machine.
    live = hermetic.dumps(_load_live(data, form))
    if HAS_OLD_NUMPY and hermetic.dumps(_load_live(data, form)) != live:
        pytest.skip("numpy 1 writes no seed sequence of generators: each unpickled one draws another")
    assert hermetic.dumps(loaded) in (live, hermetic.dumps(model))
