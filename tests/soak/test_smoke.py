"""A few seconds of the soak, so that it is known to run; how much a server can do is no question of a test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.clients import FAULTS
from tests.soak.run import is_well, soak

pytest.importorskip("uvicorn", reason="needs hermetic[serve]")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")


def test_five_seconds_under_load_and_faults_leave_no_trace(tmp_path: Path):
    report = soak(5.0, tmp_path, period_seconds=2.0)
    assert is_well(report), report
    assert report["valid requests"] > 0


WELL = {
    "wrong predictions": 0,
    "failed valid requests": 0,
    "refused swaps": 0,
    "exit status": 0,
    "invalid requests not answered with 4xx": [],
}


@pytest.mark.parametrize("words", WELL)
def test_whatever_goes_wrong_is_seen(words: str):
    assert is_well(WELL)
    assert not is_well({**WELL, words: ["500"] if WELL[words] == [] else 1})


def test_every_fault_of_the_promise_is_there():
    assert {"50 MB", "half a body", "invalid JSON", "NaN as a word", "wrong shape", "unknown model"} <= set(FAULTS)
