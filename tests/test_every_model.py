"""The promise of the product, for every model of the zoo: saved and loaded, it is the same, with the same answers."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest

import hermetic
from tests.zoo.case import Case
from tests.zoo.compare import assert_same_outputs, assert_same_state
from tests.zoo.every_case import all_cases
from tests.zoo.seeded import seeded

CASES = all_cases()
KEPT = [case for case in CASES if case.expected == "kept"]
REFUSED = [case for case in CASES if case.expected == "refused-at-dump"]


def _ids(case: Case) -> str:
    return case.name


def _round_trip(model: Any, case: Case, **options: Any) -> Any:
    return hermetic.loads(hermetic.dumps(model), trusted=case.trusted, capabilities=case.capabilities, **options)


@pytest.mark.parametrize("case", KEPT, ids=_ids)
def test_a_model_comes_back_the_same_with_the_same_answers(case: Case) -> None:
    model = case.make()

    with seeded(0):
        loaded = _round_trip(model, case)

    assert_same_state(model, loaded)
    if case.inputs:
        assert_same_outputs(model, loaded, case.inputs, tolerance=case.tolerance)
    if case.check is not None:
        case.check(model, loaded)


@pytest.mark.parametrize("case", KEPT, ids=_ids)
def test_a_loaded_model_is_saved_to_the_same_bytes_again(case: Case) -> None:
    data = hermetic.dumps(case.make())

    with seeded(0):
        loaded = hermetic.loads(data, trusted=case.trusted, capabilities=case.capabilities)
        again = hermetic.dumps(loaded)

    assert again == data


@pytest.mark.parametrize("case", [case for case in KEPT if case.inputs], ids=_ids)
def test_a_mapped_model_gives_the_same_answers(case: Case, tmp_path: Any) -> None:
    model = case.make()
    path = tmp_path / "model.hermetic"
    hermetic.dump(model, path)

    with seeded(0):
        loaded = hermetic.load(path, mmap_mode="c", trusted=case.trusted, capabilities=case.capabilities)

    assert_same_outputs(model, loaded, case.inputs, tolerance=case.tolerance)


@pytest.mark.parametrize("case", [case for case in KEPT if "user" in case.tags and case.trusted], ids=_ids)
def test_foreign_classes_are_refused_by_name_until_they_are_trusted(case: Case) -> None:
    data = hermetic.dumps(case.make())

    with pytest.raises(hermetic.UntrustedType) as refused:
        hermetic.loads(data)

    assert {name for name, _, _ in refused.value.names} <= {name.removeprefix("call:") for name in case.trusted}


@pytest.mark.parametrize("case", REFUSED, ids=_ids)
def test_what_cannot_be_kept_is_refused_at_dump_with_its_path_and_a_remedy(case: Case) -> None:
    value = case.make()
    target = io.BytesIO()

    with pytest.raises(hermetic.CannotSave) as refused:
        hermetic.dump({"settings": [value]}, target)
    if case.check is not None:
        case.check(value, value)  # closes files and sockets

    assert refused.value.where.startswith("$")
    assert refused.value.next_step
    assert target.getvalue() == b""


@pytest.mark.parametrize("case", [case for case in KEPT if "estimator" in case.tags][::7], ids=_ids)
def test_a_loaded_estimator_can_be_cloned_shown_and_asked_for_its_parameters(case: Case) -> None:
    from sklearn.base import clone

    model = case.make()
    with seeded(0):
        loaded = _round_trip(model, case)

        assert repr(loaded) == repr(model)
        assert sorted(loaded.get_params()) == sorted(model.get_params())
        clone(loaded)
        pickle.dumps(loaded)
