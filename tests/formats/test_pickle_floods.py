"""Floods of cheap opcodes, in every compressor: little time, little memory, and nothing but documented errors."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from hermetic import Limits
from hermetic.errors import FileError, LimitExceeded
from hermetic.foreign_files import read_legacy
from hermetic.formats import pickle_budgets
from hermetic.formats.pickle_budgets import PickleBudget, plain_bytes
from hermetic.formats.pickle_reader import read_pickle, read_pickles
from tests.corpus_legacy.floods import COMPRESSORS, FLOODS, flood

MIB = 1 << 20
SECONDS = 5.0
_CHILD = """
import io, json, sys
import numpy, hermetic, hermetic.foreign_files
from tests.formats.test_pickle_floods import measured
for line in sys.stdin:
    print(json.dumps(measured(*json.loads(line))), flush=True)
"""


def measured(name: str, compressor: str, length_bytes: int) -> list[object]:
    """Load and scan a flood in a child of this process: seconds, memory beyond the beginning, what was said."""
    import io
    import time

    import hermetic

    data = COMPRESSORS[compressor](flood(name, length_bytes))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        before, started, said = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), "loaded"
        try:
            hermetic.loads(data)
        except FileError as error:
            said = type(error).__name__
        seconds = time.process_time() - started
        verdict = hermetic.scan(io.BytesIO(data)).verdict
        both = time.process_time() - started
        taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
        os.write(writer, json.dumps([seconds, both - seconds, taken, said, verdict]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as source:
        found = source.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else ["died"]


def check_all(floods: list[tuple[str, str]], length_bytes: int) -> None:
    lines = "\n".join(json.dumps([*names, length_bytes]) for names in floods)
    done = subprocess.run([sys.executable, "-c", _CHILD], input=lines, capture_output=True, text=True, check=True)
    results = dict(zip(floods, map(json.loads, done.stdout.splitlines()), strict=True))
    allowed = 256 * MIB + 4 * length_bytes
    bad = {
        names: found
        for names, found in results.items()
        if found == ["died"] or max(found[:2]) > SECONDS or found[2] > allowed
    }
    assert not bad


def test_floods_cost_little_time_and_memory() -> None:
    names, compressors = [*FLOODS], [*COMPRESSORS]
    check_all([(name, compressors[number % len(compressors)]) for number, name in enumerate(names)], 60_000)


@pytest.mark.slow
@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_bombs_cost_little_time_and_memory(compressor: str) -> None:
    length_bytes = 3_000_000 if compressor == "none" else 40_000_000
    check_all([(name, compressor) for name in FLOODS], length_bytes)


IDLE = [name for name in FLOODS if "POP" in name or name in ("DUP", "PROTO", "APPENDS of nothing", "APPENDS of one")]


@pytest.mark.parametrize("name", IDLE)
def test_a_flood_of_what_no_pickler_needs_comes_to_an_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_budgets, "_MOST_IDLE", 1_000)
    [*_, stream] = read_pickles(flood(name, 30_000))
    assert "more than 1,000 opcodes that no pickler needs" in stream.problems[-1].message
    monkeypatch.undo()
    assert "no pickler needs" not in str(read_pickles(flood(name, 30_000))[-1].problems)


def test_a_compressed_file_holds_few_opcodes_for_its_length() -> None:
    data = COMPRESSORS["bz2"](flood("nones", 10_100_000))
    with pytest.raises(FileError, match="the limit expansion is 64"):
        read_legacy(data)


def test_the_limit_for_compressed_opcodes_is_raised_by_what_the_message_says() -> None:
    data, packed_bytes = flood("numbers", 10_100_000), 1_000
    problem = read_pickle(data, 0, packed_bytes=packed_bytes).problems[-1]
    assert problem.is_limit
    budget = PickleBudget(Limits(), len(data), packed_bytes)
    with pytest.raises(LimitExceeded) as caught:
        budget.check_opcodes(budget.n_opcodes + 1)
    assert f"expansion={caught.value.asked}" in str(caught.value)
    assert read_pickle(data, 0, Limits(expansion=caught.value.asked), packed_bytes=packed_bytes).problems == []


def test_plain_values_count_against_the_memory() -> None:
    limits = Limits(memory_bytes=1_000_000)
    short = read_pickle(flood("texts of two letters", 100_000), 0, limits)
    assert short.problems == []
    long = read_pickle(flood("texts of two letters", 2_000_000), 0, limits)
    assert long.problems[-1].is_limit
    assert "memory_bytes" in long.problems[-1].message


@pytest.mark.parametrize(("items", "least", "most"), [([None] * 100, 800, 1_000), ([b"ab"] * 100, 20_000, 30_000)])
def test_what_values_take_is_estimated(items: list[object], least: int, most: int) -> None:
    assert least <= plain_bytes([], [items], []) <= most  # type: ignore[list-item]  # they are plain


def test_what_stands_in_several_places_takes_its_memory_once() -> None:
    text = "a" * 10_000
    assert plain_bytes([], [[text] * 100], [text] * 99) < 12_000


def test_streams_of_one_file_share_one_budget() -> None:
    one = flood("texts of two letters", 200_000)
    limits = Limits(memory_bytes=1_000_000, memory_factor=1)
    assert read_pickles(one, limits)[-1].problems == []
    assert any(problem.is_limit for problem in read_pickles(one * 20, limits)[-1].problems)
