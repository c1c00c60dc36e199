"""The table of calls is closed, its kinds exist, and what it lists is where it says."""

from __future__ import annotations

import importlib
import operator

import pytest

from hermetic.codecs.legacy_calls import CALLED, DATA_CLASSES, MADE_WITH, REFERENCED
from hermetic.scanning.harmful_names import RULES, rule_of_harm
from hermetic.scanning.pickle_arguments import _KINDS, NAMING_KINDS

GONE = (
    "numpy.random:__RandomState_ctor",
    "sklearn.linear_model._sgd_fast:",
    "pandas.",
    "joblib.numpy_pickle:ZNDArrayWrapper",
    "joblib.numpy_pickle:NDArrayWrapper",
    "sklearn.grid_search:",
    "sklearn.metrics._scorer:_passthrough_scorer",
    "sklearn.model_selection._search:_refit_callable",
    "numpy.core.",
    "sklearn._loss._loss:__pyx_unpickle_",
)


def test_every_kind_of_argument_exists():
    words = {word.rstrip("?*") for forms in (CALLED, MADE_WITH) for form in forms.values() for word in form.split()}
    assert words <= _KINDS.keys()
    assert _KINDS.keys() >= NAMING_KINDS


@pytest.mark.parametrize("place", sorted({*CALLED, *MADE_WITH, *DATA_CLASSES, *REFERENCED}))
def test_what_is_listed_exists_or_is_of_an_older_release(place: str):
    if place.startswith(GONE):
        return
    module, _, name = place.partition(":")
    assert operator.attrgetter(name)(importlib.import_module(module)) is not None


def test_nothing_that_is_called_is_in_the_table_of_harm_but_getattr_and_type_with_their_kinds():
    harmful = [place for place in CALLED if rule_of_harm(*place.split(":"))]
    assert harmful == ["builtins:getattr", "builtins:type"]
    assert CALLED["builtins:getattr"] == "str str-method"


def test_a_name_is_harmful_by_module_by_name_or_by_the_way_to_it():
    assert rule_of_harm("subprocess", "anything") == "run-command"
    assert rule_of_harm("builtins", "eval") == "run-code"
    assert rule_of_harm("sklearn.utils", "os.popen") == "run-command"
    assert rule_of_harm("sklearn.svm", "SVC") == ""
    assert {rule_of_harm("os", "x"), rule_of_harm("pickle", "x")} <= RULES.keys()
