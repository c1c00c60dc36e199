"""The environment is recorded from what is installed: no process, no network, nobody's name, and fast."""

from __future__ import annotations

import builtins
import getpass
import importlib
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import numpy
import pandas
import pytest
import sklearn
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer

from hermetic.evidence.environment import recording
from hermetic.evidence.environment.distributions import Distribution
from hermetic.evidence.environment.recording import native_libraries, processor_name, record_environment
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.records import decode_record, encode_record


def needed(record: EnvironmentRecord) -> set[str]:
    return {one.name for one in record.distributions if one.is_needed}


def test_everything_installed_is_recorded_and_what_is_needed_is_marked():
    record = record_environment(LinearRegression())
    versions = {one.name: one.version for one in record.distributions}
    assert versions["scikit-learn"] == sklearn.__version__
    assert versions["numpy"] == numpy.__version__
    assert {"scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl"} <= needed(record)
    assert not {"pytest", "hypothesis"} & needed(record)
    assert list(versions) == sorted(versions)


def test_python_and_machine_are_recorded():
    record = record_environment(LinearRegression())
    assert (record.python, record.implementation) == (platform.python_version(), platform.python_implementation())
    assert record.machine == platform.machine()
    assert record.platform.startswith(platform.system())


def test_what_a_record_says_survives_a_file():
    record = record_environment(LinearRegression())
    assert decode_record(encode_record(record), EnvironmentRecord) == record


def test_what_own_modules_import_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "own_step.py").write_text("import own_rest\n\ndef same(X):\n    return X\n")
    (tmp_path / "own_rest.py").write_text("def late():\n    import hypothesis.strategies\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    own = importlib.import_module("own_step")
    found = needed(record_environment(FunctionTransformer(own.same)))
    del sys.modules["own_step"], sys.modules["own_rest"]
    assert "hypothesis" in found
    assert "polars" not in found


def test_recording_starts_no_process_and_opens_no_connection(monkeypatch: pytest.MonkeyPatch):
    def refuse(*arguments: object, **others: object) -> None:
        raise AssertionError("started or connected")

    for module, name in ((subprocess, "Popen"), (os, "system"), (os, "fork"), (socket, "socket")):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, refuse)
    assert record_environment(LinearRegression()).distributions


def test_nobody_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OWN_SECRET", "hidden-value")
    text = encode_record(record_environment(LinearRegression())).decode()
    for word in (sys.prefix, str(Path.home()), socket.gethostname(), os.getcwd(), "hidden-value"):
        assert f'"{word}' not in text
    assert f"/{getpass.getuser()}/" not in text


def test_native_libraries_are_told_with_version_and_threads(monkeypatch: pytest.MonkeyPatch):
    class Told:
        @staticmethod
        def threadpool_info() -> list[dict[str, object]]:
            return [
                {
                    "internal_api": "openblas",
                    "version": "0.3.30",
                    "architecture": "Haswell",
                    "threading_layer": "pthreads",
                    "num_threads": 2,
                    "filepath": "/home/ann/site-packages/numpy.libs/libopenblas.so",
                },
                {"internal_api": "openmp", "version": None, "num_threads": 4, "filepath": "/usr/lib/libgomp.so"},
            ]

    monkeypatch.setitem(sys.modules, "threadpoolctl", Told)
    assert native_libraries() == {
        "openblas of numpy": "0.3.30, Haswell, pthreads, 2 threads",
        "openmp": "unknown version, 4 threads",
    }


def test_without_threadpoolctl_there_are_no_libraries(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert native_libraries() == {}


def test_the_processor_is_told_by_the_system_or_not_at_all(monkeypatch: pytest.MonkeyPatch):
    assert len(processor_name()) <= 200

    def refuse(*arguments: object, **others: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(builtins, "open", refuse)
    assert sys.platform == "win32" or processor_name() == ""


def test_undecodable_metadata_is_spelled_out(monkeypatch: pytest.MonkeyPatch):
    broken = Distribution(
        name="a\udcff",
        version="1\udcff",
        content="",
        origin="index",
        archive="",
        tags=("\udcff",),
        requires=(),
        modules=(),
    )
    monkeypatch.setattr(recording, "installed_distributions", lambda: (broken,))
    record = record_environment(LinearRegression())
    assert record.distributions[0].name == "a\\udcff"
    assert decode_record(encode_record(record), EnvironmentRecord) == record


def test_who_is_given_frames_needs_their_library():
    def needed(record: EnvironmentRecord) -> set[str]:
        return {one.name for one in record.distributions if one.is_needed}

    frame = pandas.DataFrame({"a": [1.0]})
    assert "pandas" not in needed(record_environment(LinearRegression(), fed=[frame.to_numpy(), None]))
    assert "pandas" in needed(record_environment(LinearRegression(), fed=[frame]))
