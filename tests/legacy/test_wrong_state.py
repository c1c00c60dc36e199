"""State that no release ever wrote: a predictor of ours is refused, or raises when it is asked; the process goes on."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import hermetic
from tests.codecs.test_legacy_predictors import MODELS
from tests.zoo.data import REGRESSION

X = REGRESSION.X
STRANGE: dict[str, Any] = {
    "nothing": None,
    "number": 3,
    "huge-number": 10**12,
    "text": "abc",
    "empty": np.zeros(0),
    "one": np.ones(1),
    "many": np.ones(1000),
    "cube": np.ones((2, 2, 2)),
    "integers": np.arange(4),
    "texts": np.array(["a", "b", "c"]),
    "nan": np.full(4, np.nan),
    "objects": np.array([None, {}, "a"], dtype=object),
    "sparse": scipy.sparse.eye(4).tocsr(),
    "list": [1, [2, [3]]],
    "dictionary": {"a": [1]},
}
FITTED = [name for name in MODELS if name not in ("not-fitted", "pipeline")]
FIELDS = {name: [field for field in vars(MODELS[name]()) if field.endswith("_")] for name in FITTED}


def answers(model: Any) -> list[Any]:
    """Ask everything; give what was answered, and the errors."""
    found = []
    for method in ("predict", "predict_proba", "decision_function", "transform", "inverse_transform"):
        if hasattr(model, method):
            try:
                rows = X[:, :2] if method == "inverse_transform" else X
                found.append(getattr(model, method)(rows))
            except Exception as error:
                found.append(error)
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("name", FITTED)
def test_whatever_stands_in_a_field_does_no_harm(name: str, strange: str):
    for field in FIELDS[name]:
        model = MODELS[name]()
        vars(model)[field] = STRANGE[strange]
        try:
            loaded = hermetic.loads(hermetic.dumps(model))
        except (hermetic.FileError, hermetic.CannotSave):
            continue
        assert answers(loaded)


@pytest.mark.parametrize("name", FITTED)
def test_a_field_that_is_missing_does_no_harm(name: str):
    for field in FIELDS[name]:
        model = MODELS[name]()
        del vars(model)[field]
        try:
            loaded = hermetic.loads(hermetic.dumps(model))
        except hermetic.FileError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert answers(loaded)
            assert isinstance(repr(loaded), str)


@pytest.mark.parametrize("name", FITTED)
@pytest.mark.parametrize("strange", ["text", "huge-number", "nothing", "list"])
def test_a_parameter_that_is_none_of_its_kind_changes_nothing_else(name: str, strange: str):
    model = MODELS[name]()
    for parameter in model.get_params(deep=False):
        changed = MODELS[name]()
        vars(changed)[parameter] = STRANGE[strange]
        try:
            loaded = hermetic.loads(hermetic.dumps(changed))
        except (hermetic.FileError, hermetic.CannotSave):
            continue
        assert loaded.get_params(deep=False).keys() == model.get_params(deep=False).keys()


@pytest.mark.parametrize("name", FITTED)
def test_attributes_that_people_attach_stay(name: str):
    model = MODELS[name]()
    model.note = "trained in spring"
    assert hermetic.loads(hermetic.dumps(model)).note == "trained in spring"
