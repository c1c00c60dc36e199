"""The server against asking the model in the same process, in one run: time of one row, throughput, start, memory.

``python -m benchmarks.serving [--output docs/benchmarks/serving.md]``. Both sides take turns within each round, so that
a busy machine slows both. Only the loopback is used, one connection that is kept, one worker.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

import hermetic
from tests.deploy.serving.running_server import Running, running, wait_until

__all__ = ["main"]

_N_SINGLE = 150
_N_BATCHES = 10
_ROWS = 1_000
_ROUNDS = 3
_WORKERS = (1, 8)
_SECONDS = 1e3


def models() -> dict[str, Any]:
    """Fit models of the common sizes."""
    X, y = make_classification(5_000, 20, random_state=0)
    return {
        "linear": (LinearRegression().fit(X, y), X),
        "forest of 100 trees": (RandomForestClassifier(100, max_depth=12, random_state=0, n_jobs=1).fit(X, y), X),
        "nearest neighbours": (KNeighborsClassifier(5, n_jobs=1).fit(X, y), X),
        "network of 64 x 64": (MLPClassifier((64, 64), max_iter=20, random_state=0).fit(X, y), X),
    }


def _timed(work: Callable[[], Any], n_times: int) -> list[float]:
    seconds = []
    for _ in range(n_times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def _post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise RuntimeError(data.decode())
    return data


def _binary(rows: Any) -> tuple[bytes, dict[str, str]]:
    tensor = {
        "name": "input",
        "shape": list(rows.shape),
        "datatype": "FP64",
        "parameters": {"binary_data_size": rows.nbytes},
    }
    text = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(text))}
    return text + rows.tobytes(), headers


def speed(name: str, model: Any, X: Any, folder: Path) -> dict[str, float]:
    """Measure one model, both sides by turns."""
    path = folder / "m.hermetic"
    hermetic.dump(model, path)
    one, many = X[:1], np.ascontiguousarray(X[:_ROWS])
    kind = {"content-type": "application/json"}
    single = json.dumps(one.tolist()).encode()
    batch = json.dumps(many.tolist()).encode()
    bytes_batch, bytes_headers = _binary(many)
    found: dict[str, list[float]] = {}
    with running(path, "--workers", 1, "--threads", 1) as server:
        connection = server.connect()
        ask = "/models/m/predict"
        infer = "/v2/models/m/infer"
        sides: dict[str, tuple[Callable[[], Any], int]] = {
            "one row, in process": (lambda: model.predict(one), _N_SINGLE),
            "one row, served": (lambda: _post(connection, ask, single, kind), _N_SINGLE),
            "1,000 rows, in process": (lambda: model.predict(many), _N_BATCHES),
            "1,000 rows, served as JSON": (lambda: _post(connection, ask, batch, kind), _N_BATCHES),
            "1,000 rows, served as bytes": (lambda: _post(connection, infer, bytes_batch, bytes_headers), _N_BATCHES),
        }
        for _ in range(_ROUNDS):
            for words, (work, n_times) in sides.items():
                found.setdefault(words, []).extend(_timed(work, n_times))
        found["1,000 rows, served as bytes to two clients"] = _two_clients(server, infer, bytes_batch, bytes_headers)
        connection.close()
    return {words: statistics.median(seconds) * _SECONDS for words, seconds in found.items()}


def _two_clients(server: Running, path: str, body: bytes, headers: dict[str, str]) -> list[float]:
    """Measure the time for each request when two clients keep the worker busy: while one is sent, one is computed."""

    def send() -> None:
        connection = server.connect()
        for _ in range(_N_BATCHES):
            _post(connection, path, body, headers)
        connection.close()

    rounds = []
    for _ in range(_ROUNDS):
        clients = [Thread(target=send) for _ in range(2)]
        start = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        rounds.append((time.perf_counter() - start) / (2 * _N_BATCHES))
    return rounds


def start_times(path: Path) -> tuple[float, float]:
    """Give the seconds until a server answers, and those that importing scikit-learn alone takes, by turns."""
    served, imported = [], []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import sklearn.ensemble, sklearn.pipeline, joblib"], check=True)
        imported.append(time.perf_counter() - start)
        start = time.perf_counter()
        with running(path, "--workers", 1) as server:
            server.ready_port()
            served.append(time.perf_counter() - start)
    return min(served), min(imported)


def big_models() -> dict[str, Any]:
    """Fit models that are big."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(9_000, 20))
    y = draw.integers(0, 2, len(X))
    wide = draw.normal(size=(600_000, 5))
    # Labels by chance make trees grow to single samples. Copies are as big as trees of their own, and made at once.
    forest = ExtraTreesClassifier(20, max_features=1, random_state=0).fit(X, y)
    forest.estimators_ = [deepcopy(tree) for _ in range(25) for tree in forest.estimators_]
    network = MLPClassifier((2_000, 2_000), max_iter=1, random_state=0, early_stopping=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.fit(X[:200], y[:200])
    return {
        "forest of 500 trees": (forest, X),
        "nearest neighbours": (KNeighborsClassifier(5).fit(wide, np.arange(len(wide)) % 2), wide),
        "network of 2000 x 2000": (network, X),
    }


def _private_bytes(process: int) -> int:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    parts = [line.split() for line in text.splitlines()]
    return sum(int(own[1]) * 1024 for own in parts if own[0] in ("Private_Clean:", "Private_Dirty:"))


def memory(path: Path, X: Any, n_workers: int) -> dict[str, float]:
    """Give what the processes of a server hold alone after requests, in megabytes."""
    with running(path, "--workers", n_workers, "--threads", 1) as server:
        body, headers = _binary(np.ascontiguousarray(X[:10]))
        connections = [server.connect() for _ in range(n_workers)]

        def send(connection: http.client.HTTPConnection) -> None:
            for _ in range(5):
                _post(connection, "/v2/models/m/infer", body, headers)

        clients = [Thread(target=send, args=(connection,)) for connection in connections]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        workers = wait_until(lambda: len(found := server.workers()) == n_workers and found)
        private = [_private_bytes(worker) / 2**20 for worker in workers]
        others = [server.process.pid, *server.children()]
        total = sum(_proportional_bytes(process) for process in others) / 2**20
        for connection in connections:
            connection.close()
    return {"each worker alone": max(private), "all processes": total}


def _proportional_bytes(process: int) -> int:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def speed_table(folder: Path) -> Iterator[str]:
    """Measure times, row by row."""
    columns: list[str] = []
    for words, own in models().items():
        found = speed(words, *own, folder)
        if not columns:
            columns = list(found)
            yield "| milliseconds (median) | " + " | ".join(columns) + " |"
            yield "|---" * (len(columns) + 1) + "|"
        yield f"| {words} | " + " | ".join(f"{found[name]:.2f}" for name in columns) + " |"


def start_line(folder: Path) -> Iterator[str]:
    """Measure the start."""
    path = folder / "m.hermetic"
    hermetic.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), path)
    served, imported = start_times(path)
    yield f"Ready after {served:.2f} s; importing scikit-learn alone takes {imported:.2f} s (least of both)."


def memory_table(folder: Path) -> Iterator[str]:
    """Measure memory, row by row."""
    columns = [f"{n} workers: {words}" for n in _WORKERS for words in ("each alone", "all together")]
    yield "| megabytes | file | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 2) + "|"
    for words, (model, X) in big_models().items():
        path = folder / "m.hermetic"
        hermetic.dump(model, path)
        cells = [f"{path.stat().st_size / 2**20:.0f}"]
        for n_workers in _WORKERS:
            cells += [f"{value:.1f}" for value in memory(path, X, n_workers).values()]
        yield f"| {words} | " + " | ".join(cells) + " |"


PARTS = {"speed": speed_table, "start": start_line, "memory": memory_table}


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="Measure only this. Repeatable.")
    arguments = parser.parse_args()
    lines = [f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}."]
    with tempfile.TemporaryDirectory() as name:
        for part in arguments.part or PARTS:
            for line in _with_blank(PARTS[part](Path(name))):
                print(line, flush=True)
                lines.append(line)
    if arguments.output is not None:
        arguments.output.write_text("\n".join(lines) + "\n")


def _with_blank(lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield from lines


if __name__ == "__main__":
    main()
