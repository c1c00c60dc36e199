"""Defaults are read from scikit-learn's source, and are those that the classes have."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn
from sklearn.utils import all_estimators

import hermetic
from hermetic.codecs.registry import name_of_class
from hermetic.inspection.text import value_text
from hermetic.reporting.defaults import defaults_of, installed_release

SOURCE_FOLDER = Path(hermetic.__file__).resolve().parents[1]
KINDS = all_estimators()
ESTIMATORS = {found: name_of_class(kind)[0] for found, kind in KINDS}


@pytest.mark.parametrize(("name", "kind"), all_estimators(), ids=[name for name, _ in all_estimators()])
def test_the_defaults_are_those_of_the_class(name: str, kind: type):
    found = defaults_of(ESTIMATORS[name] or "")
    parameters = inspect.signature(kind).parameters
    real = {own: value.default for own, value in parameters.items() if value.default is not inspect.Parameter.empty}
    assert found.keys() <= real.keys()
    for own, text in found.items():
        default = {"tuple": list(real[own])} if type(real[own]) is tuple else real[own]
        assert text == value_text(default, [])


def test_nearly_all_defaults_of_all_estimators_are_known():
    n_real = sum(
        value.default is not inspect.Parameter.empty
        for _, kind in KINDS  # by then another test may have enabled experimental ones
        for value in inspect.signature(kind).parameters.values()
    )
    n_found = sum(len(defaults_of(name or "")) for name in ESTIMATORS.values())
    assert n_found > 0.98 * n_real


@pytest.mark.parametrize("name", ["impute.IterativeImputer", "model_selection.HalvingGridSearchCV"])
def test_experimental_estimators_have_theirs_though_nobody_has_enabled_them(name: str):
    assert len(defaults_of(f"sklearn.{name}")) > 5


@pytest.mark.parametrize(
    "name",
    [
        "",
        "sklearn",
        "sklearn.svm",
        "sklearn.svm.Nothing",
        "os.path.join",
        "sklearn...svm.SVC",
        "sklearn./etc/passwd.SVC",
    ],
)
def test_what_is_not_known_has_none(name: str):
    assert defaults_of(name) == {}


def test_the_release_is_the_installed_one():
    assert installed_release() == sklearn.__version__


def test_scikit_learn_is_not_imported_for_it():
    code = (
        "import sys; from hermetic.reporting.defaults import defaults_of; "
        "print(defaults_of('sklearn.svm.SVC')['C'], 'sklearn' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["1.0", "False"]
