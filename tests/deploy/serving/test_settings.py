"""Settings: names of models, and values that come through JSON as they are."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hermetic.deploy.serving import settings as module
from hermetic.deploy.serving.settings import Limits, Loading, ServedFile, Settings, available_cores, served_files
from hermetic.deploy.serving.started import settings_of
from hermetic.errors import UsageError

FILE = ServedFile(name="a", path="/a")
SETTINGS: dict[str, Settings] = {
    "as it starts": Settings(loading=Loading(files=(FILE,))),
    "names": Settings(loading=Loading(files=(FILE,)), host="::1", port=0, allowed_hosts=("a.example", "b")),
    "limits": Settings(
        loading=Loading(files=(FILE,)),
        limits=Limits(most_body_bytes=1, most_rows=2, most_waiting=0, timeout_seconds=0.5),
    ),
    "policy": Settings(
        loading=Loading(files=(FILE, FILE), trusted=("x.Y",), capabilities=("regex",), approvals="o", signed_by=("k",))
    ),
    "processes": Settings(loading=Loading(files=()), n_workers=3, n_threads=2, watch_seconds=1.5, is_forking=False),
}


@pytest.mark.parametrize("words", SETTINGS)
def test_settings_come_to_another_process_as_they_are(words: str):
    assert settings_of(json.loads(json.dumps(asdict(SETTINGS[words])))) == SETTINGS[words]


NAMES: dict[str, tuple[str, str]] = {
    "like the file": ("churn.hermetic", "churn"),
    "like a pickle": ("churn.pkl", "churn"),
    "without the last ending": ("churn.tar.gz", "churn.tar"),
    "without any ending": ("churn", "churn"),
    "in a folder": ("models/churn.hermetic", "churn"),
    "as somebody says": ("Price_2.1-b=churn.hermetic", "Price_2.1-b"),
    "of a file with a sign in its name": ("a=b.hermetic", ""),
    "with a sign in its name, as somebody says": ("ab=a=b.hermetic", "ab"),
    "as long as may be": ("x" * 100 + "=churn.hermetic", "x" * 100),
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    for name in ("churn.hermetic", "churn.pkl", "churn.tar.gz", "churn", "models/churn.hermetic", "a=b.hermetic"):
        Path(name).touch()


@pytest.mark.parametrize("words", NAMES)
def test_a_model_is_called_like_its_file_or_as_somebody_says(words: str):
    argument, name = NAMES[words]
    if not name:
        with pytest.raises(UsageError, match="'a=b' cannot be the name of a model"):
            served_files([argument])
        return
    [file] = served_files([argument])
    assert file.name == name
    assert os.path.isabs(file.path)


HOSTILE = [
    "<script>",
    "a/b",
    "..",
    ".",
    "a b",
    "a\n",
    "\x1b[2J",
    "a%2fb",
    "ü",
    "a?b",
    "{model}",
    "\u202e",
    "x" * 101,
    "a:b",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_never_becomes_an_address(name: str):
    with pytest.raises(UsageError, match="cannot be the name of a model"):
        served_files([f"{name}=churn.hermetic"])


@pytest.mark.parametrize("argument", ["nothing.hermetic", "models", "a=nothing.hermetic", "a=", "a=models"])
def test_what_is_no_file_is_refused(argument: str):
    with pytest.raises(UsageError, match="there is no such file"):
        served_files([argument])


def test_two_files_of_one_name_are_told_both():
    with pytest.raises(UsageError, match="two models would be called churn") as caught:
        served_files(["churn.hermetic", "models/churn.hermetic"])
    assert str(Path("models/churn.hermetic")) in str(caught.value.where)
    assert [file.name for file in served_files(["churn.hermetic", "b=models/churn.hermetic"])] == ["churn", "b"]


def test_bodies_that_wait_take_no_more_than_eight_of_the_longest():
    assert Limits(most_body_bytes=10).most_pending_bytes == 80


@pytest.mark.parametrize(("count", "expected"), [(8, 8), (None, 1)], ids=str)
def test_where_cores_cannot_be_told_apart_all_are_taken(count: Any, expected: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(module.os, "cpu_count", lambda: count)
    assert available_cores() == expected
