"""No test writes training data into the project, or into the store of whoever runs the tests."""

from __future__ import annotations

import os
import tempfile

import pytest

_FOLDER = pytest.StashKey[tempfile.TemporaryDirectory]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the store a folder of its own; tests record models when they are collected already."""
    folder = tempfile.TemporaryDirectory(prefix="hermetic-store-", ignore_cleanup_errors=True)
    config.stash[_FOLDER] = folder
    os.environ["HERMETIC_STORE"] = folder.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take it away again."""
    config.stash[_FOLDER].cleanup()
