"""Arrays that still lie in a file: taken in runs or one by one, and their checksum is that of what was read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

import hermetic
from hermetic import FormatError
from hermetic.array_rows import ArrayRows

ITEMS = np.arange(10, dtype=np.int32)
SHAPES = [(2, 2), (0, 2), (3, 2)]


def make_rows() -> ArrayRows:
    data = memoryview(ITEMS.tobytes())

    def read_into(offset: int, buffer: memoryview) -> None:
        buffer[:] = data[offset : offset + len(buffer)]

    return ArrayRows(ITEMS.dtype, SHAPES, read_into)


def test_rows_are_arrays() -> None:
    rows = make_rows()
    assert len(rows) == 3
    assert [row.tolist() for row in rows] == [[[0, 1], [2, 3]], [], [[4, 5], [6, 7], [8, 9]]]


@pytest.mark.parametrize(("begin", "end", "expected"), [(0, 3, ITEMS), (1, 2, ITEMS[:0]), (1, 3, ITEMS[4:])])
def test_runs_are_items_end_to_end(begin: int, end: int, expected: Any) -> None:
    assert make_rows().items(begin, end).tolist() == expected.tolist()


def test_runs_come_into_the_memory_that_is_given() -> None:
    memory = np.zeros(12, dtype=np.int32)
    taken = make_rows().items(2, 3, memory)
    assert np.shares_memory(taken, memory)
    assert memory.tolist() == [*range(4, 10), *[0] * 6]


@pytest.fixture(scope="module")
def forest_file(tmp_path_factory: pytest.TempPathFactory) -> Any:
    random = np.random.default_rng(0)
    X = random.normal(size=(3000, 5))
    forest = RandomForestClassifier(n_estimators=12, random_state=0).fit(X, random.integers(0, 2, 3000))
    path = tmp_path_factory.mktemp("forest") / "forest.hermetic"
    hermetic.dump(forest, path)
    assert path.stat().st_size > 1 << 20, "must be too long to be read at once"
    return path


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_flipped_bit_in_what_is_read_late_is_damage_not_a_wrong_state(forest_file: Any, share: float) -> None:
    data = bytearray(forest_file.read_bytes())
    data[int(len(data) * share)] ^= 1
    damaged = forest_file.with_suffix(".damaged")
    damaged.write_bytes(data)
    with pytest.raises(FormatError, match="CRC-32"):
        hermetic.load(damaged)
    with pytest.raises(FormatError, match="CRC-32"):
        hermetic.loads(bytes(data))


@pytest.mark.parametrize("mmap_mode", [None, "r", "c"])
def test_a_forest_reads_no_item_twice(forest_file: Any, mmap_mode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hermetic.formats.sources import FileSource

    taken = 0
    read_into = FileSource.readinto

    def count(self: FileSource, offset: int, buffer: Any) -> None:
        nonlocal taken
        taken += len(buffer)
        read_into(self, offset, buffer)

    monkeypatch.setattr(FileSource, "readinto", count)
    hermetic.load(forest_file, mmap_mode)
    assert 0 < taken <= forest_file.stat().st_size
