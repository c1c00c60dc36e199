"""Tests outweigh the source, and the spine of the library can be read in one hour.

Both count lines of code, without docstrings: those of the source give shapes, errors and examples for every public
function, and would make the one proportion look worse and the other meaningless. The fuzzer counts as what it is, a
test: the default run and CI run it.
"""

from __future__ import annotations

from tests.structure.source_files import FUZZING_FILES, PACKAGE_FILES, ROOT, TEST_FILES

LEAST_TEST_LINES_FOR_A_SOURCE_LINE = 1.5
MOST_LINES_OF_THE_SPINE = 2_200

SPINE = (
    "errors.py",
    "limits.py",
    "graph.py",
    "formats/container_reader.py",
    "formats/graph_reader.py",
    "formats/container_writer.py",
    "formats/graph_writer.py",
    "codecs/codec.py",
    "codecs/distance_metrics.py",
    "normalize.py",
    "policy.py",
    "migrate.py",
    "validate.py",
    "restore.py",
    "own_files.py",
    "persistence.py",
)
"""What a newcomer reads first, in this order; names below src/hermetic."""


def test_tests_have_one_and_a_half_times_the_lines_of_the_source():
    n_source = sum(file.n_lines_of_code for file in PACKAGE_FILES)
    n_tests = sum(file.n_lines_of_code for file in [*TEST_FILES, *FUZZING_FILES])
    ratio = n_tests / n_source
    counted = f"{n_tests} lines of tests : {n_source} lines of source = {ratio:.2f}"
    assert ratio >= LEAST_TEST_LINES_FOR_A_SOURCE_LINE, counted


def test_every_file_of_the_spine_exists():
    missing = [name for name in SPINE if not (ROOT / "src/hermetic" / name).is_file()]
    assert not missing, f"the list SPINE names files that are not there: {missing}"


def test_spine_can_be_read_in_one_hour():
    lengths = {name: _n_lines(name) for name in SPINE}
    assert sum(lengths.values()) <= MOST_LINES_OF_THE_SPINE, f"the spine has {sum(lengths.values())} lines: {lengths}"


def _n_lines(name: str) -> int:
    return next(file.n_lines_of_code for file in PACKAGE_FILES if file.name == f"src/hermetic/{name}")
