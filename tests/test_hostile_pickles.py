"""Hostile relatives of honest pickles of pandas, pyarrow, numpy and the standard library: refused, or whole."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pandas
import pytest

import hermetic
from tests.hostile_pickles import _places, _settled, hostile_values, recorded, relatives, samples
from tests.legacy_pickles import Made, Named, written

SAMPLES = samples()


def _results(count: int) -> dict[str, dict[str, int]]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.hostile_pickles", "all", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(SAMPLES), done.stderr[-2000:]
    return {line["name"]: line["ended"] for line in lines}


def _check(count: int) -> None:
    results = _results(count)
    bad = {name: end for name, ended in results.items() for end in ended if end.startswith("BAD")}
    assert not bad
    ends = {end for ended in results.values() for end in ended}
    assert {"accepted", "FormatError", "InvalidState"} <= ends, "the relatives must reach the codecs"


def test_hostile_relatives_are_refused_with_documented_errors_or_come_back_the_same() -> None:
    _check(3)


@pytest.mark.slow
def test_so_are_many_more() -> None:
    _check(150)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_that_nothing_was_changed_in_loads_as_ever(name: str) -> None:
    sample = recorded(SAMPLES[name])
    _places(sample)
    loaded = hermetic.loads(written(_settled(sample, {})))
    assert hermetic.dumps(loaded) == hermetic.dumps(hermetic.loads(SAMPLES[name]))


def test_the_samples_use_the_calls_of_pandas_and_pyarrow() -> None:
    locations = {place for data in SAMPLES.values() for place in _locations(recorded(data))}
    modules = {location.partition(".")[0].partition(":")[0] for location in locations}
    assert {"pandas", "pyarrow", "numpy", "datetime", "decimal", "fractions", "collections"} <= modules
    assert len(locations) > 60


def _locations(thing: Any) -> set[str]:
    return {holder.location for holder, _ in _places(thing) if isinstance(holder, Made)}


def test_a_pickle_is_recorded_without_making_anything() -> None:
    made = recorded(pickle.dumps(Fraction(1, 3), 4))
    assert (made.location, made.arguments, made.is_new) == ("fractions:Fraction", (1, 3), False)
    index = recorded(pickle.dumps(pandas.Index([1, 2]), 4))
    assert index.location == "pandas.core.indexes.base:_new_Index"
    assert isinstance(index.arguments[0], Named)


def test_the_values_are_of_every_kind_that_a_maker_may_get() -> None:
    kinds = {type(value()) for value in hostile_values()}
    assert {type(None), bool, int, float, complex, str, bytes, tuple, list, dict, slice, Named, Made} <= kinds


def test_relatives_are_the_same_every_time() -> None:
    data = pickle.dumps(np.arange(3), 4)
    first, second = (list(relatives(data, "array", 5)) for _ in range(2))
    assert first == second
    assert len({hostile for _, hostile in first}) > 1
