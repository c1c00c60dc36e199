"""An index of small wheels on the loopback, and each installer that is there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hermetic.deploy.environments.installers import Installer, _pip, find_installer
from tests.deploy.environments.local_index import LocalIndex, serve, use_index


def installer_called(name: str) -> Installer:
    if name == "pip":
        return _pip()
    beside = Path(sys.executable).parent / "uv"
    if not beside.is_file() and shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    return find_installer()


@pytest.fixture
def installer() -> Installer:
    return find_installer()


@pytest.fixture(params=["uv", "pip"])
def each_installer(request: pytest.FixtureRequest) -> Installer:
    # pip takes a second to start: only what both must do alike is asked of both.
    return installer_called(request.param)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv_cache: Path) -> Iterator[LocalIndex]:
    with serve(tmp_path / "index") as made:
        use_index(made, monkeypatch, uv_cache)
        yield made


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")
