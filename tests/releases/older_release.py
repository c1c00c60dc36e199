"""The tests of this project with an older release of scikit-learn: ``pytest -p tests.releases.older_release``.

They are written for the newest release. Here its classes that do not exist yet are stand-ins, its parameters that do
not exist yet are left out, and models that cannot be made with this release are skipped with the reason that it gives.
What is not collected at all stands below, with the reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
import sklearn

from tests.releases import forgiving
from tests.zoo.case import Case

__all__ = ["pytest_collection_finish", "pytest_configure", "pytest_ignore_collect", "pytest_runtest_call"]

TESTS = Path(__file__).parents[1]
NEWEST = (1, 9)
RELEASE = tuple(map(int, sklearn.__version__.split(".")[:2]))
HAS_OLD_NUMPY = int(numpy.__version__.split(".")[0]) < 2
HAS_OLD_PANDAS = tuple(map(int, pandas.__version__.split(".")[:2])) < (2, 2)

MADE_FROM_THE_NEWEST = "it makes state of older releases out of models of the newest"
NAMES_OF_THE_NEWEST = "it takes the files or the names of the newest release for granted"
NEWER_NUMPY = "it is about dtypes that came with numpy 2"
NEWER_PANDAS = "it is about types and words that came with pandas 2.2"
NOT_COLLECTED: dict[str, str] = {
    "benchmarks": NAMES_OF_THE_NEWEST,
    "codecs/histories": MADE_FROM_THE_NEWEST,
    "corpus_legacy": NAMES_OF_THE_NEWEST,
    "documentation": NAMES_OF_THE_NEWEST,
    "structure": NAMES_OF_THE_NEWEST,
    "test_migrate.py": MADE_FROM_THE_NEWEST,
}
ONLY_WITH_NEWER_NUMPY = (
    *("codecs/test_adopt_numpy.py", "codecs/test_numpy_states.py", "codecs/test_numpy_text.py"),
    *("test_dtypes_at_bounds.py", "zoo/test_compare.py"),
)
ONLY_WITH_NEWER_PANDAS = (
    *(
        "codecs/test_adopt_pandas_arrays.py",
        "codecs/test_adopt_pandas_indexes.py",
        "codecs/test_adopt_pandas_values.py",
    ),
    "codecs/test_pandas_hostile.py",
)
SINCE: dict[str, tuple[int, int]] = {
    # Made of models, parameters or functions that came with that release, as soon as the file is imported.
    "codecs/test_finite_distances.py": (1, 6),
    "codecs/test_linkage.py": (1, 3),
    "codecs/test_losses.py": (1, 4),
    "codecs/test_losses_hostile.py": (1, 4),
    "codecs/test_recomputed.py": (1, 3),
    "codecs/test_trees.py": (1, 4),
    "test_changed_files.py": (1, 4),
    "test_legacy_names.py": (1, 7),
}


class _NotOfThisRelease(Exception):
    """A model of the zoo that this release cannot make."""


def pytest_configure(config: pytest.Config) -> None:
    """Prepare classes and constructors; let the libraries of that time warn about each other."""
    if RELEASE >= NEWEST:
        raise pytest.UsageError("this release needs no preparation: run the tests without -p")
    for category in ("FutureWarning", "DeprecationWarning", "PendingDeprecationWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::{category}")
    config.addinivalue_line("filterwarnings", r"ignore::UserWarning:sklearn\..*")
    config.addinivalue_line("filterwarnings", "ignore::sklearn.exceptions.ConvergenceWarning")
    warnings.simplefilter("ignore")
    forgiving.stand_in_for_what_is_missing(sorted(TESTS.rglob("*.py")))
    _FORGIVING.__enter__()
    Case.make = _make  # type: ignore[method-assign]


_own_make = Case.make
# Kept: a generator that is thrown away puts the constructors back.
_FORGIVING = forgiving.forgiving_constructors()


def _make(case: Case) -> Any:
    try:
        return _own_make(case)
    except Exception as error:
        raise _NotOfThisRelease(f"{type(error).__name__}: {error}"[:200]) from error


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot hold for an older release."""
    place = collection_path.relative_to(TESTS).as_posix() if collection_path.is_relative_to(TESTS) else ""
    left_out = [
        *NOT_COLLECTED,
        *(name for name, release in SINCE.items() if release > RELEASE),
        *(ONLY_WITH_NEWER_NUMPY if HAS_OLD_NUMPY else ()),
        *(ONLY_WITH_NEWER_PANDAS if HAS_OLD_PANDAS else ()),
    ]
    return True if place in left_out else None


def pytest_collection_finish() -> None:
    """From now on whoever makes a model of a stand-in is told."""
    forgiving.Absent.is_listed = True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Skip what this release does not have."""
    outcome: Any = yield
    error = outcome.excinfo[1] if outcome.excinfo else None
    if isinstance(error, (_NotOfThisRelease, forgiving.NotThere)):
        outcome.force_exception(pytest.skip.Exception(f"scikit-learn {sklearn.__version__}: {error}"))
