"""A server that runs: shared processes, workers that die, files that are replaced, signals, clients that misbehave."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from tests.deploy.serving.running_server import Running, answer_of, running, wait_until
from tests.deploy.serving.slow_model import SlowRegression
from tests.zoo import user_module as user

pytest.importorskip("starlette", reason="needs hermetic[serve]")
pytest.importorskip("uvicorn", reason="needs hermetic[serve]")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")

ROWS = [[1.0, 2.0], [3.0, -4.0]]


def save_line(path: Path, slope: float, *, is_whole: bool = True) -> None:
    """Write a model that answers slope * x0 + x1, in place of what was there."""
    X = np.random.default_rng(0).normal(size=(20, 2))
    model = LinearRegression(fit_intercept=False).fit(X, slope * X[:, 0] + X[:, 1])
    model.coef_ = np.array([slope, 1.0])
    evidence = hermetic.record(model, X)
    if is_whole:
        hermetic.dump(model, path, evidence=evidence)
        return
    model.coef_ = np.array([slope + 1, 1.0])
    with patch("hermetic.recorded.attaching._check_that_it_answers_so"):  # a liar would not ask either
        hermetic.dump(model, path, evidence=evidence)


def answers(slope: float) -> list[float]:
    return [slope * row[0] + row[1] for row in ROWS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    save_line(folder / "line.hermetic", 2.0)
    save_line(folder / "other.hermetic", 7.0)
    options = ["--workers", 2, "--max-body", 1, "--max-rows", 1000, "--timeout", 5]
    with running(folder / "line.hermetic", f"second={folder / 'other.hermetic'}", *options) as own:
        own.ready_port()
        yield own


def test_models_answer_over_one_connection_that_is_kept(server: Running):
    connection = server.connect()
    for _ in range(20):
        for name, slope in (("line", 2.0), ("second", 7.0)):
            status, answer = answer_of(connection, "POST", f"/models/{name}/predict", ROWS)
            assert (status, answer["predictions"]) == (200, answers(slope))
    connection.close()


def test_the_log_says_what_is_served_and_that_it_answers_as_recorded(server: Running):
    assert "serving line version" in server.log
    assert "answers as recorded: predict of 48 rows" in server.log


def test_workers_are_forked_from_one_process_that_is_not_the_front(server: Running):
    workers = wait_until(lambda: len(found := server.workers()) == 2 and found)
    children = server.children()
    assert len({children[worker] for worker in workers}) == 1
    assert children[workers[0]] != server.process.pid


def test_many_clients_at_once_get_their_own_answers(server: Running):
    wrong = []

    def ask(number: int) -> None:
        connection = server.connect()
        for turn in range(15):
            rows = [[float(number), float(turn)]]
            status, answer = answer_of(connection, "POST", "/models/line/predict", rows)
            if (status, answer.get("predictions")) != (200, [2.0 * number + turn]):
                wrong.append((number, turn, answer))
        connection.close()

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert not wrong


def test_a_worker_that_is_killed_is_replaced_and_no_request_fails(server: Running):
    lost = server.metric("hermetic_lost_workers_total")
    connection = server.connect()
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
        status, answer = answer_of(connection, "POST", "/models/line/predict", ROWS)
        assert (status, answer["predictions"]) == (200, answers(2.0))
    connection.close()
    wait_until(lambda: server.metric("hermetic_lost_workers_total") >= lost + 2, "the loss")
    wait_until(lambda: server.metric("hermetic_workers") == 2, "the replacement")


def test_workers_leave_it_to_the_front_when_to_end(server: Running):
    before = wait_until(lambda: len(found := server.workers()) == 2 and found)
    for process in server.children():
        os.kill(process, signal.SIGINT)
        os.kill(process, signal.SIGTERM)
    assert server.ask("POST", "/models/line/predict", ROWS)[0] == 200
    assert server.workers() == before


def test_the_loader_that_is_killed_is_replaced(server: Running):
    [loader] = {server.children()[worker] for worker in server.workers()}
    os.kill(loader, signal.SIGKILL)
    wait_until(lambda: server.log.count("loading again") == 1, "the loss")
    assert server.ask("POST", "/models/line/predict", ROWS)[0] == 200
    wait_until(lambda: {server.children().get(worker) for worker in server.workers()} - {loader, None}, "a new loader")
    wait_until(lambda: server.metric("hermetic_workers") == 2, "new workers")


def test_a_file_that_is_replaced_answers_after_sighup_and_no_request_fails(server: Running, folder: Path):
    connection = server.connect()
    save_line(folder / "line.hermetic", 3.0)
    assert answer_of(connection, "POST", "/models/line/predict", ROWS)[1]["predictions"] == answers(2.0)
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 120
    answer: dict[str, Any] = {"predictions": answers(2.0)}
    # Not until a swap is counted: that may be the one of the test before, which had read the older file.
    while answer["predictions"] == answers(2.0):
        status, answer = answer_of(connection, "POST", "/models/line/predict", ROWS)
        assert status == 200
        assert time.monotonic() < deadline
    assert answer["predictions"] == answers(3.0)
    connection.close()
    save_line(folder / "line.hermetic", 2.0)
    server.process.send_signal(signal.SIGHUP)

    def answers_as_before() -> bool:
        return server.ask("POST", "/models/line/predict", ROWS)[1]["predictions"] == answers(2.0)

    wait_until(answers_as_before, "the way back")


BAD_FILES = ["no model", "damaged", "other answers", "missing"]


@pytest.mark.parametrize("words", BAD_FILES)
def test_a_file_that_does_not_verify_changes_nothing(words: str, server: Running, folder: Path):
    path, kept = folder / "line.hermetic", folder / "kept"
    shutil.copy(path, kept)
    refused = server.metric("hermetic_refused_swaps_total")
    data = bytearray(path.read_bytes())
    data[data.index(b"LinearRegression")] ^= 1  # evidence that answers do not depend on is not read here
    path.unlink()
    if words == "no model":
        path.write_bytes(b"no model")
    elif words == "damaged":
        path.write_bytes(data)
    elif words == "other answers":
        save_line(path, 2.0, is_whole=False)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.metric("hermetic_refused_swaps_total") == refused + 1, "the refusal")
    assert server.ask("POST", "/models/line/predict", ROWS)[1]["predictions"] == answers(2.0)
    assert "the models before them go on" in server.lines[-1]
    kept.replace(path)


def raw(server: Running, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.ready_port()))
    connection.sendall(data)
    return connection


def read_all(connection: socket.socket) -> bytes:
    connection.settimeout(60)
    data = b""
    while piece := connection.recv(65536):
        data += piece
    connection.close()
    return data


HEAD = (
    b"POST /models/line/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n"
)


def test_half_a_body_keeps_nobody_waiting_and_gets_408(server: Running):
    half = raw(server, HEAD + b"content-length: 100\r\n\r\n[[1, 2")
    assert server.ask("POST", "/models/line/predict", ROWS)[0] == 200
    assert b" 408 " in read_all(half).partition(b"\r\n")[0]


def test_half_a_head_is_dropped_after_the_time_limit(server: Running):
    half = raw(server, b"POST /models/line/predict HT")
    assert server.ask("POST", "/models/line/predict", ROWS)[0] == 200
    assert read_all(half) == b""


def test_a_client_that_goes_away_in_the_middle_harms_nobody(server: Running):
    for _ in range(5):
        raw(server, HEAD + b"content-length: 100\r\n\r\n[[1, 2").close()
    assert server.ask("POST", "/models/line/predict", ROWS)[0] == 200


def test_a_body_beyond_the_limit_gets_413(server: Running):
    status, answer = server.ask("POST", "/models/line/predict", b"[" + b" " * (2 << 20) + b"]")
    assert (status, answer["error"]) == (413, "the body is longer than 1048576 bytes")
    assert server.metric("hermetic_pending_body_bytes") == 0


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"], ids=range(3))
def test_what_is_no_http_gets_400_or_nothing(data: bytes, server: Running):
    assert b" 400 " in read_all(raw(server, data)).partition(b"\r\n")[0]


def test_nothing_of_the_inside_is_told(server: Running, folder: Path):
    for path in ("/", "/docs", "/openapi.json", "/metrics", "/v2", "/v2/models/line", "/nothing"):
        _, answer = server.ask("GET", path)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        assert str(folder) not in text
        assert "Traceback" not in text


def test_sigterm_finishes_what_is_under_way(tmp_path: Path):
    save_line(tmp_path / "line.hermetic", 2.0)
    with running(tmp_path / "line.hermetic", "--workers", 1) as server:
        body = json.dumps(ROWS).encode()
        head = HEAD + b"content-length: %d\r\n\r\n" % len(body)
        slow = raw(server, head + body[:5])
        wait_until(lambda: server.metric("hermetic_pending_body_bytes") == 5, "the request")
        children = server.children()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)  # it has stopped listening, and waits
        slow.sendall(body[5:])
        answer = read_all(slow)
        assert b" 200 " in answer.partition(b"\r\n")[0]
        assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["predictions"] == answers(2.0)
        assert server.process.wait(60) == 0
        wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in children), "their end")


def test_every_process_ends_when_the_front_is_killed(tmp_path: Path):
    save_line(tmp_path / "line.hermetic", 2.0)
    with running(tmp_path / "line.hermetic", "--workers", 2) as server:
        server.ready_port()
        children = server.children()
        assert len(children) == 4
        server.process.kill()
        wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in children), "their end")


def test_a_watched_file_is_taken_over_without_a_signal(tmp_path: Path):
    save_line(tmp_path / "line.hermetic", 2.0)
    with running(tmp_path / "line.hermetic", "--workers", 1, "--watch") as server:
        assert server.ask("POST", "/predict", ROWS)[1]["predictions"] == answers(2.0)
        save_line(tmp_path / "line.hermetic", 5.0)
        wait_until(lambda: server.ask("POST", "/predict", ROWS)[1]["predictions"] == answers(5.0), "the swap")
        assert server.stop() == 0


def test_an_answer_that_takes_too_long_gets_504_and_one_that_ends_the_process_500(tmp_path: Path):
    model = SlowRegression().fit(np.eye(2), [2.0, 1.0])
    hermetic.dump(model, tmp_path / "slow.hermetic")
    name = "tests.deploy.serving.slow_model.SlowRegression"
    options = ["--workers", 1, "--timeout", 1, "--trust", name]
    with running(tmp_path / "slow.hermetic", *options) as server:
        assert server.ask("POST", "/predict", [[1, 2]])[0] == 200
        assert server.ask("POST", "/predict", [[150, 2]])[0] == 504
        assert server.ask("POST", "/predict", [[1, 2]])[0] == 200
        assert server.ask("POST", "/predict", [[250, 2]])[0] == 500
        assert server.ask("POST", "/predict", [[1, 2]])[0] == 200
        assert server.metric("hermetic_timeouts_total") == 1


def test_a_file_that_needs_trust_is_refused_with_3_and_one_that_is_none_with_2(tmp_path: Path):
    hermetic.dump(user.UserScaler(2.0), tmp_path / "own.hermetic")
    with running(tmp_path / "own.hermetic") as server:
        assert server.process.wait(120) == 3
    assert "UserScaler" in server.log
    (tmp_path / "none.hermetic").write_bytes(b"no model")
    with running(tmp_path / "none.hermetic") as server:
        assert server.process.wait(120) == 2
    assert "Traceback" not in server.log


def test_a_port_in_use_is_told_with_2(server: Running, folder: Path):
    with running(folder / "line.hermetic", "--port", server.ready_port()) as second:
        assert second.process.wait(120) == 2
    assert f"cannot listen at 127.0.0.1 port {server.ready_port()}" in second.log
