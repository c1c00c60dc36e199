"""The small parts of a server: problems, frames, names, numbers for Prometheus, connections that are stuck."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.deploy.serving.fleet import Counts
from hermetic.deploy.serving.html_text import html_text
from hermetic.deploy.serving.idle import Sweeper
from hermetic.deploy.serving.messages import Frame, FrameReader, pack_frame, receive_frame, send_frame
from hermetic.deploy.serving.metrics import Metrics
from hermetic.deploy.serving.outputs import arrays_of, json_rows_of
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits, Loading, ServedFile, Settings, file_identity, served_files
from hermetic.deploy.serving.started import settings_of
from hermetic.errors import UsageError


def test_a_problem_is_short_whatever_it_is_made_of():
    problem = Problem(422, "x" * 10_000, "y" * 10_000)
    assert len(problem.body()) < 2_000


@pytest.mark.parametrize("length", [0, 1, 70_000, 1 << 20])
def test_frames_of_any_length_come_through_a_socket(length: int):
    here, there = socket.socketpair()
    body = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
    sender = threading.Thread(target=send_frame, args=(here, Frame({"do": "é"}, body)))
    sender.start()
    frame = receive_frame(there)
    sender.join()
    here.close()
    assert frame == Frame({"do": "é"}, bytearray(body))
    assert receive_frame(there) is None
    there.close()


@pytest.mark.parametrize("size", [1, 3, 11, 12, 13, 1000])
def test_frames_are_put_together_from_pieces_of_any_size(size: int):
    frames = [Frame({"n": number}, b"b" * number) for number in (0, 1, 100)]
    data = b"".join(pack_frame(frame.head, len(frame.body)) + frame.body for frame in frames)
    reader = FrameReader()
    found = [frame for start in range(0, len(data), size) for frame in reader.feed(data[start : start + size])]
    assert found == frames


def test_half_a_frame_is_the_end():
    here, there = socket.socketpair()
    here.sendall(pack_frame({}, 10) + b"half")
    here.close()
    assert receive_frame(there) is None
    there.close()


def test_models_are_called_like_their_files_or_as_somebody_says(tmp_path: Path):
    for name in ("churn-1.2.hermetic", "price=net.hermetic"):
        (tmp_path / name).touch()
    files = served_files([str(tmp_path / "churn-1.2.hermetic"), f"price={tmp_path / 'price=net.hermetic'}"])
    assert [file.name for file in files] == ["churn-1.2", "price"]


WRONG_NAMES = ["../x", "a b", "ünï", "", ".hidden", "a/b", "<b>", "x" * 101, "-x"]


@pytest.mark.parametrize("name", WRONG_NAMES, ids=ascii)
def test_names_that_cannot_be_part_of_an_address_are_refused(name: str, tmp_path: Path):
    path = tmp_path / "m.hermetic"
    path.touch()
    with pytest.raises(UsageError, match="cannot be the name of a model"):
        served_files([f"{name}={path}"])


def test_two_models_of_one_name_and_missing_files_are_refused(tmp_path: Path):
    path = tmp_path / "m.hermetic"
    path.touch()
    with pytest.raises(UsageError, match="two models would be called m"):
        served_files([str(path), str(path)])
    with pytest.raises(UsageError, match="there is no such file"):
        served_files([str(tmp_path / "other.hermetic")])


def test_a_file_that_is_replaced_or_written_to_is_another_one(tmp_path: Path):
    path = tmp_path / "m"
    assert file_identity(str(path)) == ()
    path.write_bytes(b"one")
    first = file_identity(str(path))
    path.write_bytes(b"three")
    assert file_identity(str(path)) != first


def test_settings_survive_the_way_to_another_process():
    loading = Loading(files=(ServedFile(name="a", path="/a"),), trusted=("x.Y",), signed_by=("key.pub",))
    settings = Settings(loading=loading, limits=Limits(most_rows=5), n_workers=3)
    assert settings_of(json.loads(json.dumps(asdict(settings)))) == settings


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='x'>",
    "&lt;",
    "\x00\x1b[2J",
    "a\u202eb",
    "'`",
    "</style>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_is_more_than_text_in_html(text: str):
    shown = html_text(text)
    assert not set("<>\"'") & set(shown)
    assert shown.isprintable()
    assert html_text(text + "x") != shown


def test_buckets_add_up_and_hold_the_digest():
    metrics = Metrics()
    for seconds in (0.0005, 0.002, 99.0):
        metrics.count("m", "infer", 200, seconds=seconds, n_rows=2)
    model: Any = SimpleNamespace(name="m", version="abc", digest="abcdef", verdict="passed")
    lines = metrics.text({"m": model}, Counts(swaps=3), {"workers": 2}).splitlines()
    buckets = [line for line in lines if line.startswith("hermetic_request_seconds_bucket")]
    assert buckets[0].endswith('le="0.001"} 1')
    assert buckets[-1].endswith('le="+Inf"} 3')
    for line in (
        'hermetic_request_seconds_count{model="m",endpoint="infer"} 3',
        'hermetic_rows_total{model="m"} 6',
        'hermetic_model_info{model="m",version="abc",digest="sha256:abcdef",verdict="passed"} 1',
        "hermetic_swaps_total 3",
        "hermetic_workers 2",
    ):
        assert line in lines


def test_every_number_of_prometheus_has_a_help_and_a_type():
    metrics = Metrics()
    metrics.count("", "predict", 404, seconds=1.0, n_rows=0)
    text = metrics.text({}, Counts(), {"workers": 0})
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    bare = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in names}
    assert all(f"# TYPE {name} " in text and f"# HELP {name} " in text for name in bare)


def connection(**cycle: Any) -> Any:
    timer = cycle.pop("timer", None)
    return SimpleNamespace(cycle=SimpleNamespace(**cycle) if cycle else None, timeout_keep_alive_task=timer)


STUCK = {
    "no request": connection(),
    "half a second head": connection(response_complete=True),
    "an answer that nobody takes": connection(response_complete=False, response_started=True),
}
WELL = {
    "a body on its way": connection(response_complete=False, response_started=False),
    "between requests": connection(response_complete=True, timer=object()),
}


def as_keys(connections: dict[str, Any]) -> dict[str, Any]:
    """Connections are keys of the sweeper, as uvicorn's are."""

    class Connection:
        def __init__(self, own: Any) -> None:
            self.__dict__.update(vars(own))

    return {words: Connection(own) for words, own in connections.items()}


def test_connections_that_get_nowhere_are_found_and_no_others():
    connections = as_keys(STUCK | WELL)
    sweeper = Sweeper(10.0)
    assert sweeper.stuck(connections.values(), 0.0) == []
    assert sweeper.stuck(connections.values(), 10.0) == []
    assert sweeper.stuck(connections.values(), 10.5) == [connections[words] for words in STUCK]


def test_a_connection_that_moves_on_has_its_time_again():
    [own] = as_keys({"head": connection(response_complete=True)}).values()
    sweeper = Sweeper(10.0)
    sweeper.stuck([own], 0.0)
    own.cycle = SimpleNamespace(response_complete=True)
    assert sweeper.stuck([own], 11.0) == []
    assert sweeper.stuck([own], 22.0) == [own]
    assert sweeper.stuck([], 23.0) == []


ANSWERS = {
    "numbers": (np.array([1.0, np.nan]), [1.0, None]),
    "classes": (np.array(["a", "b"]), ["a", "b"]),
    "objects": (np.array(["a", 1, None], dtype=object), ["a", 1, None]),
    "whole numbers": (np.array([[1, 2]]), [[1, 2]]),
    "dates": (np.array(["2026-01-02"], dtype="M8[D]"), ["2026-01-02"]),
    "a frame": (pd.DataFrame({"a": [1.5]}), [[1.5]]),
    "several outputs": ([np.array([[0.5, 0.5]]), np.array([[1.0]])], [[[0.5, 0.5]], [[1.0]]]),
}


@pytest.mark.parametrize("words", ANSWERS)
def test_answers_become_rows_of_json(words: str):
    answer, expected = ANSWERS[words]
    assert json_rows_of(arrays_of("predict", answer)) == expected


def test_an_answer_beyond_all_memory_is_refused_before_it_is_made_dense():
    class Sparse:
        shape = (1 << 20, 1 << 20)

    with pytest.raises(Problem, match="send fewer rows"):
        arrays_of("transform", Sparse())
