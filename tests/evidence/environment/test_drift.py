"""What is another one here than where a model was made is told in a table, and what matters is marked."""

from __future__ import annotations

import platform
from typing import Any

import pytest

from hermetic.evidence.environment import drift as module
from hermetic.evidence.environment.distributions import Distribution
from hermetic.evidence.environment.drift import Drift, check_environment, drift
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from tests.hostile_strings import HOSTILE_STRINGS

LIBRARIES = {"openblas of numpy": "0.3.30, Haswell, pthreads, 2 threads", "openmp": "5, 2 threads"}


def recorded(name: str, version: str = "1.2.3", **others: Any) -> DistributionRecord:
    fields = {"content": "a" * 64, "origin": "index", "archive": "", "tags": ["py3-none-any"], "is_needed": True}
    return DistributionRecord(name=name, version=version, **{**fields, **others})


def installed(name: str, version: str = "1.2.3", **others: Any) -> Distribution:
    fields = {"content": "a" * 64, "origin": "index", "archive": "", "tags": ("py3-none-any",)}
    return Distribution(name=name, version=version, requires=(), modules=(), **{**fields, **others})


def environment(*distributions: DistributionRecord, **others: Any) -> EnvironmentRecord:
    fields = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()}-0-x",
        "machine": platform.machine(),
        "processor": "",
        "libraries": LIBRARIES,
    }
    return EnvironmentRecord(layout=1, distributions=list(distributions), **{**fields, **others})


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(*distributions: Distribution, libraries: dict[str, str] = LIBRARIES) -> None:
        monkeypatch.setattr(module, "installed_distributions", lambda: distributions)
        monkeypatch.setattr(module, "native_libraries", lambda: libraries)

    monkeypatch.setattr(module, "processor_name", lambda: "")
    put()
    return put


# What was recorded and what is installed, and whether that matters; None for no difference.
DISTRIBUTIONS = {
    "the same": (recorded("a"), installed("a"), None),
    "a last number": (recorded("a"), installed("a", "1.2.4"), False),
    "a second number": (recorded("a"), installed("a", "1.3.3"), True),
    "a first number": (recorded("a"), installed("a", "2.2.3"), True),
    "an epoch": (recorded("a"), installed("a", "1!1.2.3"), True),
    "1.2 and 1.20": (recorded("a", "1.2"), installed("a", "1.20"), True),
    "no number": (recorded("a", "new"), installed("a", "newer"), True),
    "absent": (recorded("a"), None, True),
    "not needed": (recorded("a", is_needed=False), installed("a", "2.0"), False),
    "absent and not needed": (recorded("a", is_needed=False), None, False),
    "other files": (recorded("a"), installed("a", content="b" * 64), True),
    "other files for another platform": (recorded("a"), installed("a", content="b" * 64, tags=("cp311",)), False),
    "unknown files": (recorded("a", content=""), installed("a"), None),
    "another origin": (recorded("a", origin="version control"), installed("a"), True),
}


@pytest.mark.parametrize("case", DISTRIBUTIONS)
def test_each_distribution_is_compared(case: str, here: Any):
    old, new, matters = DISTRIBUTIONS[case]
    here(*([] if new is None else [new]))
    found = drift(environment(old))
    assert [(one.name, one.matters) for one in found] == ([] if matters is None else [("a", matters)])


PYTHON = platform.python_version_tuple()
MACHINES = {
    "another last number of Python": ({"python": f"{PYTHON[0]}.{PYTHON[1]}.99"}, "python", False),
    "another Python": ({"python": f"{PYTHON[0]}.99.1"}, "python", True),
    "another implementation": ({"implementation": "OtherPython"}, "implementation", True),
    "another machine": ({"machine": "s390x"}, "machine", True),
    "another system": ({"platform": "Other-1-x"}, "system", False),
    "another BLAS": ({"libraries": {"mkl": "2024, 2 threads"}}, "mkl", True),
    "another version of BLAS": (
        {"libraries": {"openblas of numpy": "0.3.29, Haswell, pthreads, 2 threads"}},
        "openblas of numpy",
        True,
    ),
    "another build of BLAS": (
        {"libraries": {"openblas of numpy": "0.3.30, Zen, pthreads, 2 threads"}},
        "openblas of numpy",
        False,
    ),
    "another OpenMP": ({"libraries": {"openmp": "4, 2 threads"}}, "openmp", False),
}


@pytest.mark.parametrize("case", MACHINES)
def test_python_machine_and_libraries_are_compared(case: str, here: Any):
    fields, name, matters = MACHINES[case]
    assert [(one.name, one.matters) for one in drift(environment(**fields))] == [(name, matters)]


def test_the_number_of_threads_and_the_release_of_the_kernel_are_no_difference(here: Any):
    libraries = {name: words.replace("2 threads", "64 threads") for name, words in LIBRARIES.items()}
    assert drift(environment(libraries=libraries, platform=f"{platform.system()}-99-z")) == []


def test_a_library_that_is_not_loaded_may_only_not_be_loaded_yet(here: Any):
    here(libraries={})
    assert [(one.installed, one.matters) for one in drift(environment())] == [("not loaded", False)]


def test_what_matters_comes_first(here: Any):
    here(installed("a", "1.2.4"), installed("b", "2.0"))
    assert [one.name for one in drift(environment(recorded("a"), recorded("b")))] == ["b", "a"]


def test_nothing_else_is_told_in_one_line(here: Any):
    here(installed("a"))
    check = check_environment(environment(recorded("a")))
    assert (check.name, check.verdict) == ("environment", "passed")
    assert check.words == "Python, native libraries and the 1 distributions that the model needs are as recorded"


def test_the_table_marks_what_matters_and_counts_the_rest(here: Any):
    here(installed("a", "1.2.4"), installed("b", "2.0"), installed("c", "9"))
    check = check_environment(environment(recorded("a"), recorded("b"), recorded("c", is_needed=False)))
    assert check.verdict == "noted"
    assert check.words.splitlines() == [
        "1 thing that matters is another one than where the model was made; 1 of the distributions that the model does "
        "not need are others",
        "which    name  recorded  here",
        "matters  b     1.2.3     2.0",
        "minor    a     1.2.3     1.2.4",
    ]


def test_small_differences_pass(here: Any):
    here(installed("a", "1.2.4"))
    check = check_environment(environment(recorded("a")))
    assert check.verdict == "passed"
    assert "minor  a     1.2.3     1.2.4" in check.words


def test_a_long_table_is_cut(here: Any):
    check = check_environment(environment(*(recorded(f"a{number}") for number in range(1_000))))
    assert len(check.words.splitlines()) == 33
    assert check.words.endswith("and 970 more")


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_of_a_file_neither_breaks_lines_nor_reaches_a_terminal(which: str, here: Any):
    text = HOSTILE_STRINGS[which]
    record = environment(
        recorded(text, text, content=text, origin=text, archive=text, tags=[text]),
        python=text,
        implementation=text,
        platform=text,
        machine=text,
        processor=text,
        libraries={"openblas " + text: text},
    )
    words = check_environment(record).words
    assert all(line.isprintable() for line in words.split("\n"))
    n_lines = len(drift(record)) + 2
    assert len(words.split("\n")) == n_lines
    assert max(map(len, words.split("\n"))) < 300


def test_a_difference_is_a_plain_value():
    one = Drift(name="a", recorded="1", installed="2", matters=True)
    assert one == Drift(name="a", recorded="1", installed="2", matters=True)
