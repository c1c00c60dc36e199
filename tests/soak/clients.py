"""Clients of a soak: those that ask rightly and check every answer, and those that misbehave.

Only the loopback is used. A valid request whose connection is cut, as happens when somebody kills the *front*, would
count as failed; workers that are killed must not be noticed.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import numpy as np

from hermetic.deploy.serving.tensors import DATATYPES

__all__ = ["FAULTS", "Results", "Truth", "misbehave", "pace", "send_valid"]

_TIMEOUT_SECONDS = 120.0
_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What one version of each model answers.

    Attributes
    ----------
    name : str
        Of the model.
    rows : array
        Among which clients choose.
    answers : list of array
        Of each file that takes its turn.
    """

    name: str
    rows: Any
    answers: list[Any]


@dataclass
class Results:
    """What the clients have seen."""

    n_valid: int = 0
    n_rows: int = 0
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    invalid: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


def pace(rate: float, stop: Event, results: Results, truths: list[Truth], port: int, seed: int) -> None:
    """Send valid requests at a rate over one connection that is kept, until told to stop."""
    draw = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    due = time.monotonic()
    while not stop.is_set():
        due += draw.expovariate(rate)
        wait = due - time.monotonic()
        if wait > 0:
            stop.wait(wait)
        elif wait < -5:
            due = time.monotonic()  # what could not be sent is not made up for: that would be another load
        send_valid(connection, draw, results, truths)
    connection.close()


def send_valid(
    connection: http.client.HTTPConnection, draw: random.Random, results: Results, truths: list[Truth]
) -> None:
    """Ask in one of the ways in which one can, and compare the answer."""
    truth = draw.choice(truths)
    n_rows = draw.choice([1, 1, 1, 10, 100])
    numbers = [draw.randrange(len(truth.rows)) for _ in range(n_rows)]
    rows = truth.rows[numbers]
    start = time.perf_counter()
    try:
        status, found = draw.choice([_ask_rows, _ask_tensor, _ask_bytes])(connection, truth.name, rows)
    except Exception as error:  # whatever it is, this request has failed
        connection.close()
        with results.lock:
            results.failed.append(f"{truth.name}: {type(error).__name__} {error}")
        return
    seconds = time.perf_counter() - start
    with results.lock:
        results.n_valid += 1
        results.n_rows += n_rows
        results.seconds.append(seconds)
        if status != 200:
            results.failed.append(f"{truth.name}: {status} {found!r}"[:300])
        elif not _is_one_of(found, [answers[numbers] for answers in truth.answers]):
            results.wrong.append(f"{truth.name}: {found!r}"[:300])


def _is_one_of(found: Any, answers: list[Any]) -> bool:
    """Compare with each version: one row is summed in another order than many, which moves the last digits."""
    values = np.asarray(found, dtype=float)
    return any(np.allclose(values, own, rtol=1e-10, atol=1e-12) for own in answers)


def _ask(
    connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, Any, Any]:
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def _ask_rows(connection: http.client.HTTPConnection, name: str, rows: Any) -> tuple[int, Any]:
    body = json.dumps({"rows": rows.tolist()}).encode()
    status, _, data = _ask(connection, f"/models/{name}/predict", body, _JSON)
    return status, json.loads(data)["predictions"] if status == 200 else data


def _ask_tensor(connection: http.client.HTTPConnection, name: str, rows: Any) -> tuple[int, Any]:
    tensor = {"name": "input", "shape": list(rows.shape), "datatype": "FP64", "data": rows.tolist()}
    body = json.dumps({"inputs": [tensor]}).encode()
    status, _, data = _ask(connection, f"/v2/models/{name}/infer", body, _JSON)
    return status, json.loads(data)["outputs"][0]["data"] if status == 200 else data


def _ask_bytes(connection: http.client.HTTPConnection, name: str, rows: Any) -> tuple[int, Any]:
    parameters = {"binary_data_size": rows.nbytes}
    tensor = {"name": "input", "shape": list(rows.shape), "datatype": "FP64", "parameters": parameters}
    text = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(text))}
    status, found, data = _ask(connection, f"/v2/models/{name}/infer", text + rows.tobytes(), headers)
    if status != 200:
        return status, data
    length = int(found["inference-header-content-length"])
    datatype = json.loads(data[:length])["outputs"][0]["datatype"]
    return status, np.frombuffer(data[length:], DATATYPES[datatype])


def _post(port: int, path: str, body: bytes, headers: dict[str, str] | None = None) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", path, body, headers or _JSON)
        return str(connection.getresponse().status)
    except (BrokenPipeError, ConnectionResetError):
        return "cut"
    finally:
        connection.close()


def _infer(**changes: Any) -> bytes:
    tensor = {"name": "input", "shape": [1, 8], "datatype": "FP64", "data": [0.0] * 8, **changes}
    return json.dumps({"inputs": [tensor]}).encode()


def _half_a_body(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS) as connection:
        head = "POST /models/linear/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        connection.sendall(f"{head}content-length: 1000\r\n\r\n[[1, 2".encode())
        if random.random() < 0.5:
            # Gone at once, with a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return "left"
        return connection.recv(100).decode("latin-1")[9:12] or "cut"


def _slow_client(port: int) -> str:
    """Send a whole request, a few bytes at a time: it is valid, and its body may take as long as the limit says."""
    body = _infer()
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS) as connection:
        head = f"POST /v2/models/linear/infer HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
        data = head.encode() + body
        for start in range(0, len(data), 20):
            connection.sendall(data[start : start + 20])
            time.sleep(0.05)
        return connection.recv(100).decode("latin-1")[9:12] or "cut"


FAULTS = {
    "50 MB": lambda port: _post(port, "/models/linear/predict", b"[" + b" " * (50 << 20) + b"]"),
    "half a body": _half_a_body,
    "invalid JSON": lambda port: _post(port, "/models/linear/predict", b'{"rows": [[1,'),
    "NaN as a word": lambda port: _post(port, "/models/linear/predict", b"[[NaN, 0, 0, 0, 0, 0, 0, 0]]"),
    "null for a number": lambda port: _post(port, "/models/linear/predict", b"[[null, 0, 0, 0, 0, 0, 0, 0]]"),
    "NaN in bytes": lambda port: _nan_in_bytes(port),
    "wrong width": lambda port: _post(port, "/models/linear/predict", b"[[1, 2]]"),
    "wrong shape": lambda port: _post(port, "/v2/models/linear/infer", _infer(shape=[4, 8])),
    "wrong datatype": lambda port: _post(port, "/v2/models/linear/infer", _infer(datatype="FP128")),
    "unknown model": lambda port: _post(port, "/v2/models/nobody/infer", _infer()),
    "unknown address": lambda port: _post(port, "/v3/models", b"[]"),
    "no HTTP": lambda port: _no_http(port),
}
"""What is wrong, by what it is; each gives the status that it got."""


def _nan_in_bytes(port: int) -> str:
    data = np.full((1, 8), np.nan).tobytes()
    tensor = {"name": "input", "shape": [1, 8], "datatype": "FP64", "parameters": {"binary_data_size": len(data)}}
    text = json.dumps({"inputs": [tensor]}).encode()
    return _post(port, "/v2/models/linear/infer", text + data, {"inference-header-content-length": str(len(text))})


def _no_http(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        return connection.recv(100).decode("latin-1")[9:12] or "cut"


def misbehave(stop: Event, results: Results, port: int, seed: int) -> None:
    """Do one wrong thing after the other, and slow ones between them."""
    draw = random.Random(seed)
    while not stop.is_set():
        words = draw.choice([*FAULTS, "slow client"])
        try:
            status = _slow_client(port) if words == "slow client" else FAULTS[words](port)
        except OSError as error:
            status = type(error).__name__
        with results.lock:
            results.invalid[words, status] += 1
        stop.wait(draw.uniform(0.05, 0.3))
