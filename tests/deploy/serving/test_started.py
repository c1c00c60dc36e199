"""Where processes cannot fork: workers that load for themselves, on any system."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.deploy.serving.settings import Loading, ServedFile, Settings
from hermetic.deploy.serving.sources import LoadFailed, StartedSource
from tests.deploy.serving.running_server import LONGEST_SECONDS, answer_of
from tests.structure.source_files import ROOT

LINE = LinearRegression(fit_intercept=False).fit(np.eye(2), [2.0, 1.0])
SCRIPT = """
import json, sys
from hermetic.deploy.serving.server import serve
from hermetic.deploy.serving.started import settings_of
serve(settings_of(json.loads(sys.argv[1])), lambda address: print(address, flush=True))
"""


def settings_for(path: Path, **options: object) -> Settings:
    loading = Loading(files=(ServedFile(name="line", path=str(path)),))
    return Settings(loading=loading, port=0, is_forking=False, **options)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    path = tmp_path / "line.hermetic"
    hermetic.dump(LINE, path, evidence=hermetic.record(LINE, np.eye(2)))
    return path


def test_each_worker_loads_for_itself_and_answers(line: Path):
    async def work() -> None:
        source = StartedSource(settings_for(line))
        models = await source.load(lambda: None)
        assert models["line"].verdict == "passed"
        lost = []
        links = [await source.worker(lost.append) for _ in range(2)]
        assert len({link.process for link in links} | {os.getpid()}) == 3
        for link in links:
            frame = await link.exchange({"do": "predict", "model": "line"}, b"[[1, 2]]")
            assert json.loads(frame.body)["predictions"] == [4.0]
            link.close()
        async with asyncio.timeout(LONGEST_SECONDS):
            while len(lost) < 2:
                await asyncio.sleep(0.01)
        for process in source._processes:
            assert await asyncio.to_thread(process.wait, LONGEST_SECONDS) == 0
        source.close()

    asyncio.run(work())


def test_a_file_that_is_not_served_is_told(line: Path):
    line.write_bytes(b"no model")

    async def work() -> None:
        source = StartedSource(settings_for(line))
        with pytest.raises(LoadFailed):
            await source.load(lambda: None)
        source.close()
        for process in source._processes:
            await asyncio.to_thread(process.wait, LONGEST_SECONDS)

    asyncio.run(work())


def test_a_worker_that_cannot_load_any_more_is_no_worker(line: Path):
    async def work() -> None:
        source = StartedSource(settings_for(line))
        await source.load(lambda: None)
        first = await source.worker(lambda link: None)
        line.write_bytes(b"no model")
        with pytest.raises(ConnectionResetError):
            await source.worker(lambda link: None)
        first.close()
        for process in source._processes:
            await asyncio.to_thread(process.wait, LONGEST_SECONDS)

    asyncio.run(work())


def test_a_server_of_such_workers_answers(line: Path):
    pytest.importorskip("uvicorn", reason="needs hermetic[serve]")
    from dataclasses import asdict

    text = json.dumps(asdict(settings_for(line, n_workers=2)))
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, text], stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(LONGEST_SECONDS, process.kill)
    watchdog.start()
    try:
        address = process.stdout.readline().strip()
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=LONGEST_SECONDS)
        for _ in range(5):
            status, answer = answer_of(connection, "POST", "/predict", [[1, 2]])
            assert (status, answer["predictions"]) == (200, [4.0])
        connection.close()
        process.terminate()
        assert process.wait(LONGEST_SECONDS) == 0
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
