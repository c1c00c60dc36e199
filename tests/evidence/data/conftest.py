"""Nothing that these tests record is put into the project or into anybody's store."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a store of the test's own, which everything finds that names none."""
    folder = tmp_path / "store"
    monkeypatch.setenv("HERMETIC_STORE", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder
