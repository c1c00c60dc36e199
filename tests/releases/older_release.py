"""The tests of this project with an older release of scikit-learn: ``pytest -p tests.releases.older_release``.

They are written for the newest release. Here its classes that do not exist yet are stand-ins, its parameters that do
not exist yet are left out, and models that cannot be made with this release are skipped with the reason that it gives.
What is not collected at all stands below, with the reason.
"""

from __future__ import annotations

import fnmatch
import pickle
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

__all__ = [
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_ignore_collect",
    "pytest_runtest_call",
]

TESTS = Path(__file__).parents[1]
NEWEST = (1, 9)
RELEASE = tuple(map(int, sklearn.__version__.split(".")[:2]))
HAS_OLD_NUMPY = int(numpy.__version__.split(".")[0]) < 2
HAS_OLD_PANDAS = tuple(map(int, pandas.__version__.split(".")[:2])) < (2, 3)

MADE_FROM_THE_NEWEST = "it makes state of older releases out of models of the newest"
NAMES_OF_THE_NEWEST = "it takes the files or the names of the newest release for granted"
ITS_OWN_PROCESSES = "it starts processes that make the models of the newest release"
NEWER_NUMPY = "it is about dtypes that came with numpy 2"
ZONES_OF_PYTZ = "pandas 2 has zones of pytz, whose pickles need trust for the function that makes them"
VALUES_OF_PANDAS_3 = "pandas 2 gives these values other units and offsets"
NEWER_PANDAS = "it is about types and words that came with pandas 2.2 and 2.3"
NOT_COLLECTED: dict[str, str] = {
    "benchmarks": NAMES_OF_THE_NEWEST,
    "codecs/histories": MADE_FROM_THE_NEWEST,
    "corpus_legacy": NAMES_OF_THE_NEWEST,
    "documentation": NAMES_OF_THE_NEWEST,
    "structure": NAMES_OF_THE_NEWEST,
    "test_fuzzing.py": ITS_OWN_PROCESSES,
    "test_fuzzing_processes.py": ITS_OWN_PROCESSES,
    "test_hostile_models.py": ITS_OWN_PROCESSES,
    "test_migrate.py": MADE_FROM_THE_NEWEST,
}
ONLY_WITH_NEWER_NUMPY = (
    *("codecs/test_adopt_numpy.py", "codecs/test_numpy_states.py", "codecs/test_numpy_text.py"),
    *("test_dtypes_at_bounds.py", "zoo/test_compare.py"),
)
ONLY_WITH_NEWER_PANDAS = tuple(
    f"codecs/pandas/test_{name}.py" for name in ("adopt_arrays", "adopt_indexes", "adopt_values", "hostile")
)
SINCE: dict[str, tuple[int, int]] = {
    # Made of models, parameters or functions that came with that release, as soon as the file is imported.
    "codecs/test_finite_distances.py": (1, 6),
    "codecs/test_linkage.py": (1, 3),
    "codecs/test_losses.py": (1, 4),
    "codecs/test_losses_hostile.py": (1, 4),
    "codecs/test_recomputed.py": (1, 3),
    "codecs/test_scorers_states.py": (1, 5),
    "codecs/test_trees.py": (1, 4),
    "evidence/golden/test_synthetic_rows.py": (1, 4),
    "test_changed_files.py": (1, 4),
    "test_legacy_names.py": (1, 7),
}
# Single tests, by the name of the function or by that and a part of the parameters, and the reason.
TESTS_OF_NEWER: dict[str, tuple[tuple[int, int], str]] = {
    "test_a_distance_measures_as_before*": ((1, 3), "distances have a dtype since scikit-learn 1.3"),
    "test_a_doubtful_pattern_that_warns_counts_as_slow_where_warnings_are_errors": (
        *((1, 9), "warnings of the libraries are no errors here"),
    ),
    "test_a_frame_is_what_the_unpickler_makes[mixed-*": ((1, 9), ZONES_OF_PYTZ),
    "test_a_frame_is_what_the_unpickler_makes[no-rows-*": ((1, 9), ZONES_OF_PYTZ),
    "test_a_frame_is_what_the_unpickler_makes[part-*": ((1, 9), ZONES_OF_PYTZ),
    "test_a_scorer_holds_the_arguments_of_its_constructor_under_their_names*": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_a_series_is_what_the_unpickler_makes[column-*": ((1, 9), ZONES_OF_PYTZ),
    "test_a_state_that_says_something_else_is_refused[*words*": (
        *((1, 9), "the words of a sparse coder have another name before scikit-learn 1.9"),
    ),
    "test_a*_is_what_the_unpickler_makes[*-zone-*": ((1, 9), ZONES_OF_PYTZ),
    "test_a*_is_what_the_unpickler_makes[intervals-moments-*": ((1, 9), VALUES_OF_PANDAS_3),
    "test_an_offset_is_what_the_unpickler_makes[DateOffset*": ((1, 9), VALUES_OF_PANDAS_3),
    "test_frames_and_series_in_each_other_are_what_the_unpickler_makes": ((1, 9), ZONES_OF_PYTZ),
    "test_a_model_comes_back_the_same_with_the_same_answers[neighbours-mahalanobis-*": (
        *((1, 3), "the state of a Mahalanobis distance holds a buffer before scikit-learn 1.3"),
    ),
    "test_a_model_that_does_not_fit_its_trees_is_refused[*-n_trees_per_iteration_-1]": (
        *((1, 4), "n_trees_per_iteration_ is new in scikit-learn 1.4"),
    ),
    "test_a_pickle_of_a_machine_with_narrow_pointers_is_the_same_model[histogram-other order]": (
        *((1, 3), "numbers of features are as wide as a pointer since scikit-learn 1.3"),
    ),
    "test_a_pattern_that_fills_in_names_comes_back*": ((1, 6), "names by a pattern are new in scikit-learn 1.6"),
    "test_names_are_the_same_after_loading*": ((1, 6), "names by a pattern are new in scikit-learn 1.6"),
    "test_a_place_that_occurs_twice_is_found_in_any_number_of_dimensions*": (
        *((1, 6), "sparse arrays of any number of dimensions came with scipy 1.15"),
    ),
    "test_a_preprocessor_that_may_drop_columns_is_refused*": ((1, 4), "the preprocessor is new in scikit-learn 1.4"),
    "test_a_preprocessor_with_a_step_of_another_kind_is_refused": (
        *((1, 4), "the preprocessor is new in scikit-learn 1.4"),
    ),
    "test_a_release_reads_its_own_models_as_it_wrote_them": (
        (1, 3),
        "trees take missing values since scikit-learn 1.3",
    ),
    "test_a_restored_generator_spawns_the_same_children": ((1, 3), "generators spawn since numpy 1.25"),
    "test_a_scorer_that_refers_back_to_its_estimator_comes_back": ((1, 3), "such a scorer is new in scikit-learn 1.3"),
    "test_a_scorer_with_an_impossible_sign_is_refused": ((1, 4), "_Scorer is new in scikit-learn 1.4"),
    "test_a_value_comes_back_*[dates with a frequency]": ((1, 4), NEWER_PANDAS),
    "test_a_value_comes_back_*[dtypes]": ((1, 5), NEWER_PANDAS),
    "test_a_value_comes_back_*[scalars]": ((1, 4), NEWER_PANDAS),
    "test_a_value_comes_back_*[texts of python with nan]": ((1, 5), "it is about a word that came with pandas 2.3"),
    "test_boosting_whose_start_has_no_room_for_the_trees_is_refused[no columns]": (
        *((1, 4), "the first model of gradient boosting answers in another shape before scikit-learn 1.4"),
    ),
    "test_composed_scorers_come_back": ((1, 6), "all scorers show what they are made of since scikit-learn 1.6"),
    "test_deviations_centre_the_data*": ((1, 9), "it compares with the formula of scikit-learn 1.9"),
    "test_every_codec_of_estimators_looks_for_hidden_names*": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_every_class_that_may_be_a_value_is_python_code_or_harmless_to_call": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_every_known_*": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_migrations_downward_say_so": ((1, 9), MADE_FROM_THE_NEWEST),
    "test_migrations_say_type_releases_and_fields": ((1, 9), MADE_FROM_THE_NEWEST),
    "test_models_of_older_files_that_were_saved_again_name_one_release": (
        *((1, 3), "InconsistentVersionWarning is new in scikit-learn 1.3"),
    ),
    "test_narrow_records_become_those_of_the_library_and_back[predictor]": (
        *((1, 3), "numbers of features are as wide as a pointer since scikit-learn 1.3"),
    ),
    "test_no_known_function_*": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_parameters_that_a_release_lacks_are_left_out_and_the_constructors_come_back": (
        *((1, 9), "here constructors leave parameters out all the time"),
    ),
    "test_the_inverse_of_a_kernel_divides_by_the_number_of_components": (
        *((1, 3), "it compares with the formula of scikit-learn 1.3"),
    ),
    "test_what_is_listed_exists_or_is_of_an_older_release*": ((1, 9), NAMES_OF_THE_NEWEST),
    "test_what_is_said_to_be_of_another_release_is_not_installed": ((1, 9), NAMES_OF_THE_NEWEST),
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark single tests that need a newer release."""
    for item in items:
        for pattern, (release, reason) in TESTS_OF_NEWER.items():
            if release > RELEASE and fnmatch.fnmatchcase(item.name, pattern.replace("[", "[[]")):
                item.add_marker(pytest.mark.skip(reason=f"scikit-learn {sklearn.__version__}: {reason}"))


def pytest_collection_finish() -> None:
    """From now on whoever makes a model of a stand-in is told."""
    forgiving.Absent.is_listed = True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Skip what this release does not have."""
    outcome: Any = yield
    error = outcome.excinfo[1] if outcome.excinfo else None
    is_stand_in = isinstance(error, pickle.PicklingError) and forgiving.__name__ in str(error)
    if isinstance(error, (_NotOfThisRelease, forgiving.NotThere)) or is_stand_in:
        outcome.force_exception(pytest.skip.Exception(f"scikit-learn {sklearn.__version__}: {error}"))
