"""Fits run where the caller wishes; who lacks a package is told which."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import joblib
import pytest

from hermetic.errors import UsageError
from hermetic.evidence.rebuilding.backends import BACKENDS, running_on


def current() -> str:
    return type(joblib.parallel.get_active_backend()[0]).__name__


@pytest.mark.parametrize(("backend", "name"), [("loky", "LokyBackend"), ("threading", "ThreadingBackend")])
def test_joblib_runs_there_and_only_within(backend: str, name: str):
    before = current()
    with running_on(backend):
        assert current() == name
    assert current() == before


def test_without_a_wish_nothing_changes():
    before = current()
    with running_on(None):
        assert current() == before


def test_an_unknown_backend_is_refused():
    with pytest.raises(UsageError, match="no backend 'spark'"), running_on("spark"):
        pass


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_package_is_named(backend: str, package: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"needs the package {package}") as caught, running_on(backend):
        pass
    assert "pip install" in str(caught.value)
    assert backend in BACKENDS


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    module = ModuleType(name)
    module.__dict__.update(content)
    monkeypatch.setitem(sys.modules, name, module)


def test_ray_is_made_known_to_joblib(monkeypatch: pytest.MonkeyPatch):
    from joblib._parallel_backends import ThreadingBackend

    known: list[str] = []

    def register() -> None:
        known.append("ray")
        joblib.register_parallel_backend("ray", ThreadingBackend)

    stand_in(monkeypatch, "ray")
    stand_in(monkeypatch, "ray.util", joblib=None)
    stand_in(monkeypatch, "ray.util.joblib", register_ray=register)
    with running_on("ray"):
        assert joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(number) for number in (-1, -2)) == [1, 2]
    assert known == ["ray"]


@pytest.mark.parametrize("is_connected", [True, False])
def test_dask_uses_the_client_that_is_connected_or_makes_one(is_connected: bool, monkeypatch: pytest.MonkeyPatch):
    from joblib._parallel_backends import ThreadingBackend

    made: list[str] = []

    class Client:
        def __enter__(self) -> Client:
            made.append("opened")
            return self

        def __exit__(self, *reasons: object) -> None:
            made.append("closed")

    def get_client() -> Any:
        if not is_connected:
            raise ValueError("no client")
        return SimpleNamespace()

    stand_in(monkeypatch, "distributed", get_client=get_client, Client=Client)
    joblib.register_parallel_backend("dask", ThreadingBackend)
    with running_on("dask"):
        assert joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(number) for number in (-1, -2)) == [1, 2]
    assert made == ([] if is_connected else ["opened", "closed"])
