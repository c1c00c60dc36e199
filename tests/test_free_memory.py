"""Free memory: what the system says, and a compressed file that would take more than half of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hermetic
import hermetic.free_memory
from hermetic.errors import LimitExceeded
from hermetic.free_memory import free_memory_bytes

DECLARED = 80_000_000
"""A little above the length from which free memory is asked for."""


@pytest.fixture(scope="module")
def compressed() -> bytes:
    return hermetic.dumps(np.zeros(DECLARED // 8), compress=("gzip", 1))


def pretend(monkeypatch: pytest.MonkeyPatch, found: int | None) -> None:
    monkeypatch.setattr(hermetic.free_memory, "free_memory_bytes", lambda: found)


def test_the_machine_tells_a_sensible_number_or_nothing():
    found = free_memory_bytes()
    assert found is None or (1 << 20) < found < (1 << 50)


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="the kernel tells this on Linux")
def test_on_linux_it_is_what_is_available():
    lines = Path("/proc/meminfo").read_text().splitlines()
    said = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024
    assert abs((free_memory_bytes() or 0) - said) < 1 << 30


@pytest.mark.parametrize("content", ["", "MemFree: 5 kB\n", "MemAvailable:\n", "MemAvailable: many kB\n"], ids=repr)
def test_an_unusual_meminfo_tells_nothing(content: str, tmp_path: Path):
    path = tmp_path / "meminfo"
    path.write_text(content)
    assert hermetic.free_memory._read_meminfo(str(path)) is None


def test_a_missing_meminfo_tells_nothing(tmp_path: Path):
    assert hermetic.free_memory._read_meminfo(str(tmp_path / "none")) is None


def test_pages_are_asked_for_where_there_is_no_meminfo(monkeypatch: pytest.MonkeyPatch):
    pages: dict[str, int] = {"SC_AVPHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(hermetic.free_memory, "_MEMINFO", "/nowhere")
    monkeypatch.setattr("os.sysconf", pages.__getitem__, raising=False)
    monkeypatch.setattr("sys.platform", "other")
    assert free_memory_bytes() == 4_096_000


@pytest.mark.parametrize("problem", [ValueError, OSError, AttributeError])
def test_a_system_that_tells_nothing_gives_none(problem: type[Exception], monkeypatch: pytest.MonkeyPatch):
    def fail(name: str) -> Any:
        raise problem

    monkeypatch.setattr(hermetic.free_memory, "_MEMINFO", "/nowhere")
    monkeypatch.setattr("os.sysconf", fail, raising=False)
    monkeypatch.setattr("sys.platform", "other")
    assert free_memory_bytes() is None


def test_a_windows_that_cannot_be_asked_tells_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("ctypes.windll", None, raising=False)
    assert free_memory_bytes() is None


def test_a_file_that_declares_more_than_half_of_it_is_refused(compressed: bytes, monkeypatch: pytest.MonkeyPatch):
    pretend(monkeypatch, 2 * DECLARED - (1 << 20))
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(compressed)
    assert (refused.value.limit, refused.value.allowed, refused.value.asked) == ("free_memory_percent", 50, 51)
    assert "hermetic.Limits(free_memory_percent=51)" in refused.value.next_step


@pytest.mark.parametrize("found", [None, 2 * DECLARED + (1 << 20)])
def test_a_file_that_fits_or_cannot_be_compared_loads(
    found: int | None, compressed: bytes, monkeypatch: pytest.MonkeyPatch
):
    pretend(monkeypatch, found)
    assert hermetic.loads(compressed).shape == (DECLARED // 8,)


def test_the_share_can_be_raised(compressed: bytes, monkeypatch: pytest.MonkeyPatch):
    pretend(monkeypatch, DECLARED)
    assert len(hermetic.loads(compressed, limits=hermetic.Limits(free_memory_percent=101))) == DECLARED // 8


def test_files_that_are_not_compressed_or_small_are_not_compared(monkeypatch: pytest.MonkeyPatch):
    pretend(monkeypatch, 1)
    assert len(hermetic.loads(hermetic.dumps(np.zeros(DECLARED // 8)))) == DECLARED // 8
    assert len(hermetic.loads(hermetic.dumps(np.zeros(1000), compress="gzip"))) == 1000
