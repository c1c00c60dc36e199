"""Where fits run: joblib's own backends, also those for many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hermetic.errors import UsageError

__all__ = ["BACKENDS", "running_on"]

BACKENDS = ("loky", "threading", "dask", "ray")
_PACKAGES = {"dask": ("distributed", "dask[distributed]"), "ray": ("ray", "ray")}


@contextmanager
def running_on(backend: str | None) -> Iterator[None]:
    """Run what joblib runs within on a backend.

    Parameters
    ----------
    backend : {"loky", "threading", "dask", "ray"} or None
        For dask the client that is connected is used, or a local one is made; ray is connected as its own settings say.
        None leaves joblib as it is.

    Raises
    ------
    UsageError
        When there is no such backend, or its package is not installed.

    Examples
    --------
    >>> import joblib
    >>> with running_on("threading"):
    ...     joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(number) for number in (-1, 2))
    [1, 2]
    """
    if backend is None:
        yield
        return
    if backend not in BACKENDS:
        raise UsageError(f"no backend {backend!r}", next_step=f"There are {', '.join(BACKENDS)}.")
    import joblib

    with _connected(backend), joblib.parallel_backend(backend):
        yield


@contextmanager
def _connected(backend: str) -> Iterator[None]:
    if backend not in _PACKAGES:
        yield
        return
    package, install = _PACKAGES[backend]
    try:
        module = import_module(package)
        if backend == "ray":
            import_module("ray.util.joblib").register_ray()
    except ImportError as error:
        raise UsageError(
            f"the backend {backend} needs the package {package}, which is not installed",
            next_step=f"pip install '{install}'",
        ) from error
    if backend == "ray":
        yield
        return
    try:
        module.get_client()
    except ValueError:  # nobody is connected
        with module.Client():
            yield
        return
    yield
