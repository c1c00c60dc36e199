"""An image is built with buildah from a real lock, and the server in it answers as the model here; by wish only."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

import hermetic

BASE = os.environ.get("CONTAINER_BASE", "")
PORT = 8080
SECONDS = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("buildah") is None, reason="buildah is not installed (apt-get install buildah)"),
    pytest.mark.skipif(not BASE, reason="no base image is named (make container-test BASE=localhost/python:3.11)"),
]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, env=surroundings(), check=False)


def surroundings() -> dict[str, str]:
    # The isolation that needs no privileges beyond those of a container itself.
    return {"BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs", **os.environ}


def ask(path: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, {"content-type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)


@contextmanager
def started(image: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run an image as its own entry point says, as nobody."""
    container = run("buildah", "from", image).stdout.strip()
    told = json.loads(run("buildah", "inspect", container).stdout)["OCIv1"]["config"]
    command = ["buildah", "run", "--user", told["User"], container, "--", *told["Entrypoint"]]
    server = subprocess.Popen(command, env=surroundings())
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(SECONDS)
        finally:
            run("buildah", "rm", container)


def wait_until_ready() -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            ask("/v2/health/ready")
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < end, "the server in the image was not ready"
            time.sleep(0.2)


def test_an_image_is_built_and_answers_as_the_model_does(tmp_path: Path):
    rows, classes = load_iris(return_X_y=True, as_frame=True)
    model = RandomForestClassifier(10, random_state=0).fit(rows, classes)
    path = tmp_path / "iris.hermetic"
    hermetic.dump(model, path, X=rows, y=classes)
    lock = tmp_path / "requirements.txt"
    locked = run(sys.executable, "-m", "hermetic", "env", path, "--lock", lock, "--serve")
    assert locked.returncode == 0, locked.stderr
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    asked = ("container", path, "-o", tmp_path / "image", "--base", BASE, "--lock", lock, "--approve-lock", digest)
    built = run(sys.executable, "-m", "hermetic", *asked, "--build", "buildah", "--json")
    assert built.returncode == 0, built.stderr[-5_000:]
    told = json.loads(built.stdout)
    assert "answers" in built.stderr  # hermetic verify has run inside
    with started(told["image"]):
        wait_until_ready()
        answer = ask("/predict", {"rows": rows.to_numpy().tolist()})
    assert isinstance(answer, dict)
    assert answer["predictions"] == model.predict(rows).tolist()
    assert answer["version"] == told["model"][:12]
