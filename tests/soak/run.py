"""Run a server for some time at 80 % of what it can do, with every fault, and say what went wrong.

``python -m tests.soak.run --seconds 600``; ends with 1 when a prediction was wrong, a valid request failed, an invalid
one got anything but a 4xx, or the memory has grown by more than 5 %.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

import hermetic
from tests.deploy.serving.running_server import Running, running
from tests.soak.clients import Results, Truth, misbehave, pace

__all__ = ["main", "soak"]

_N_CLIENTS = 4
_CAPACITY_SECONDS = 5.0
_MOST_GROWTH = 0.05
_SETTLING_SHARE = 0.4
_ENDLESS_RATE = 1e9


def make_models(folder: Path) -> tuple[list[Truth], list[dict[str, Path]]]:
    """Write each model in two versions; give what they answer."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(2_000, 8))
    rows = draw.normal(size=(500, 8))
    kinds: dict[str, Callable[[], Any]] = {
        "linear": LinearRegression,
        "logistic": LogisticRegression,
        "forest": lambda: RandomForestRegressor(50, max_depth=10, random_state=0),
    }
    truths, files = [], [{}, {}]
    for name, make in kinds.items():
        answers = []
        for number in range(2):
            target = X[:, number] - X[:, 2] ** 2
            model = make().fit(X, target > 0 if name == "logistic" else target)
            files[number][name] = folder / f"{name}.{number}"
            hermetic.dump(model, files[number][name], evidence=hermetic.record(model, X))
            answers.append(model.predict(rows).astype(float))
        truths.append(Truth(name=name, rows=rows, answers=answers))
    return truths, files


def put(files: dict[str, Path], folder: Path) -> list[Path]:
    """Replace the files that are served, each at once."""
    served = []
    for name, path in files.items():
        copy = folder / f"{name}.new"
        copy.write_bytes(path.read_bytes())
        served.append(copy.replace(folder / f"{name}.hermetic"))
    return served


def run_clients(rate: float, seconds: float, results: Results, truths: list[Truth], port: int) -> None:
    """Send valid requests for some time."""
    stop = Event()
    clients = [Thread(target=pace, args=(rate / _N_CLIENTS, stop, results, truths, port, n)) for n in range(_N_CLIENTS)]
    for client in clients:
        client.start()
    stop.wait(seconds)
    stop.set()
    for client in clients:
        client.join()


def memory_of(server: Running) -> int:
    """Give the memory that every process of the server holds, shared pages counted once, in bytes."""
    total = 0
    for process in [server.process.pid, *server.children()]:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
    return total


def disturb(server: Running, stop: Event, swap: Callable[[], None], period_seconds: float) -> None:
    """Swap and kill, by turns, until told to stop."""
    draw = random.Random(1)
    while not stop.wait(period_seconds / 2):
        workers = server.workers()
        if workers:
            try:
                os.kill(draw.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                continue
        if stop.wait(period_seconds / 2):
            break
        swap()


def soak(seconds: float, folder: Path, *, n_workers: int = 2, period_seconds: float = 20.0) -> dict[str, Any]:
    """Run everything; give what was seen.

    Parameters
    ----------
    seconds : float
        How long, beside the measurement of what the server can do.
    folder : path
        For files.
    n_workers : int
        Of the server.
    period_seconds : float
        Between two swaps.
    """
    truths, files = make_models(folder)
    turn = 0

    def swap() -> None:
        nonlocal turn
        turn += 1
        put(files[turn % 2], folder)
        server.process.send_signal(signal.SIGHUP)

    served = put(files[0], folder)
    with running(*served, "--workers", n_workers, "--timeout", 10, "--max-waiting", 1000) as server:
        port = server.ready_port()
        capacity = Results()
        run_clients(_ENDLESS_RATE, min(_CAPACITY_SECONDS, seconds), capacity, truths, port)
        most = capacity.n_valid / min(_CAPACITY_SECONDS, seconds)
        results, memory, stop = Results(), [], Event()
        others = [
            Thread(target=misbehave, args=(stop, results, port, 99)),
            Thread(target=disturb, args=(server, stop, swap, period_seconds)),
            Thread(target=_watch_memory, args=(server, stop, memory, seconds)),
        ]
        for other in others:
            other.start()
        run_clients(0.8 * most, seconds, results, truths, port)
        stop.set()
        for other in others:
            other.join()
        swaps, lost = server.metric("hermetic_swaps_total"), server.metric("hermetic_lost_workers_total")
        refused, status = server.metric("hermetic_refused_swaps_total"), server.stop()
    return _report(most, results, memory, {"swaps": swaps, "refused swaps": refused, "killed workers": lost}, status)


def _watch_memory(server: Running, stop: Event, memory: list[int], seconds: float) -> None:
    while not stop.wait(min(2.0, seconds / 10)):
        memory.append(memory_of(server))


def _report(most: float, results: Results, memory: list[int], counts: dict[str, int], status: int) -> dict[str, Any]:
    # Two generations live during a swap, so medians are compared: of what has settled, and of the end.
    start = int(len(memory) * _SETTLING_SHARE)
    middle = (start + len(memory)) // 2
    before, after = memory[start:middle], memory[middle:]
    growth = statistics.median(after) / statistics.median(before) - 1 if before and after else 0.0
    ordered = sorted(results.seconds)
    others = [
        f"{words}: {status}"
        for words, status in results.invalid
        if not (status.startswith("4") or status in ("left", "cut") or (words, status) == ("slow client", "200"))
    ]
    return {
        "requests per second it can do": round(most, 1),
        "valid requests": results.n_valid,
        "valid rows": results.n_rows,
        "wrong predictions": len(results.wrong),
        "failed valid requests": len(results.failed),
        "examples": [*results.wrong[:3], *results.failed[:3]],
        "p50 milliseconds": round(1e3 * ordered[len(ordered) // 2], 2) if ordered else None,
        "p99 milliseconds": round(1e3 * ordered[int(len(ordered) * 0.99)], 2) if ordered else None,
        "invalid requests": {f"{words}: {status}": n for (words, status), n in sorted(results.invalid.items())},
        "invalid requests not answered with 4xx": others,
        "memory megabytes": [round(value / 2**20, 1) for value in (min(memory), max(memory))] if memory else [],
        "memory growth": round(growth, 4),
        **counts,
        "exit status": status,
    }


def is_well(report: dict[str, Any]) -> bool:
    """Tell whether nothing went wrong."""
    zero = ("wrong predictions", "failed valid requests", "refused swaps", "exit status")
    return not any(report[words] for words in zero) and not report["invalid requests not answered with 4xx"]


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = soak(arguments.seconds, Path(folder), n_workers=arguments.workers)
    report["seconds"] = round(time.monotonic() - start, 1)
    print(json.dumps(report, indent=2))
    sys.exit(0 if is_well(report) and report["memory growth"] <= _MOST_GROWTH else 1)


if __name__ == "__main__":
    main()
