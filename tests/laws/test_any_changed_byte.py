"""The law of damaged legacy files: whatever byte is changed, reading soon ends in a value or a documented error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sys
import time
import zlib

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.errors import FileError
from tests.corpus_pickles import in_wrapper

_MODEL = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
_VALUES = {"a": [1, 2.5, None], "b": {1, 2}, "c": (b"x", "y")}


def _by_joblib() -> bytes:
    file = io.BytesIO()
    joblib.dump({"a": np.arange(2)}, file)
    return file.getvalue()


SAMPLES = {
    **{f"protocol {protocol}": pickle.dumps(_VALUES, protocol) for protocol in range(6)},
    "model": pickle.dumps(_MODEL, 4),
    "joblib": _by_joblib(),
    "joblib in protocol 0": in_wrapper(bytes(8)) + b".",
    "zlib": zlib.compress(pickle.dumps(_VALUES)),
    "gzip": gzip.compress(pickle.dumps(_VALUES), mtime=0),
    "bz2": bz2.compress(pickle.dumps(_VALUES)),
    "xz": lzma.compress(pickle.dumps(_VALUES)),
}
_events: list[str] = []
_is_on = False
_WATCHED = ("open", "os.system", "os.fork", "os.exec", "os.posix_spawn", "subprocess.", "socket.")


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _is_on and event.startswith(_WATCHED) and not str(arguments[:1]).endswith((".py',)", ".pyc',)")):
        _events.append(f"{event} {arguments!r}"[:200])


sys.addaudithook(_note)


def _load(data: bytes) -> bool:
    global _is_on
    started = time.monotonic()
    _is_on = is_loaded = True
    try:
        hermetic.loads(data)
    except FileError as error:
        is_loaded = False
        assert str(error)
    finally:
        _is_on = False
    assert time.monotonic() - started < 5
    return is_loaded


def _changed_everywhere(data: bytes, step: int) -> None:
    _events.clear()
    for position in range(0, len(data), step):
        for value in range(256):
            if value != data[position]:
                _load(data[:position] + bytes([value]) + data[position + 1 :])
    assert _events == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_truncation_is_refused(name: str):
    _events.clear()
    for length in range(len(SAMPLES[name])):
        assert not _load(SAMPLES[name][:length]), length
    assert _events == []


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore")
def test_any_value_of_a_byte_ends_in_a_value_or_a_documented_error(name: str):
    _changed_everywhere(SAMPLES[name], max(1, len(SAMPLES[name]) // 6))


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore")
def test_any_value_of_any_byte_ends_in_a_value_or_a_documented_error(name: str):
    _changed_everywhere(SAMPLES[name], 1)
