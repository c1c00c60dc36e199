"""Workers of a Dask or Ray cluster that is there already: batches go to them, answers come back, in order.

Each worker loads the model once, from the path that it has on this machine: every worker must see it there. The
libraries are extras.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hermetic.deploy.batch.workers import Answered, Workers
from hermetic.errors import HermeticError, UsageError

__all__ = ["on_dask", "on_ray"]

_BATCHES_PER_THREAD = 2


def _missing(name: str) -> UsageError:
    return UsageError(f"{name} is not installed", next_step=f"pip install 'hermetic[{name}]'")


class _OnDask:
    def __init__(self, client: Any) -> None:
        self._client = client
        self.n_ahead = _BATCHES_PER_THREAD * max(1, sum(client.nthreads().values()))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Answered:
        # Not pure: each call counts, and hashing every batch to find equal ones would cost more than it saves.
        answered: Answered = self._client.submit(function, *arguments, pure=False)
        return answered


@contextmanager
def on_dask(address: str | None) -> Iterator[Workers]:
    """Work on a Dask cluster.

    Parameters
    ----------
    address : str or None
        That of the scheduler, such as ``tcp://10.0.0.1:8786``; what Dask is configured with when left out.

    Raises
    ------
    UsageError
        When Dask is not installed, no address is known, or nobody answers there.
    """
    try:
        import dask  # an extra of its own
        import distributed  # an extra of its own
    except ImportError:
        raise _missing("dask") from None
    address = address or dask.config.get("scheduler-address", None)
    if not address:
        raise UsageError(
            "no Dask cluster is named", next_step="Give --cluster tcp://HOST:8786, or set DASK_SCHEDULER_ADDRESS."
        )
    try:
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        if not client.nthreads():
            raise UsageError(f"the Dask cluster at {address} has no workers", next_step="Start some: dask worker.")
        yield _OnDask(client)


class _RayAnswered:
    def __init__(self, ray: Any, reference: Any) -> None:
        self._ray, self._reference = ray, reference

    def result(self) -> Any:
        try:
            return self._ray.get(self._reference)
        except self._ray.exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, HermeticError):
                raise cause from None
            raise UsageError(f"a worker of Ray failed: {error}") from error


class _OnRay:
    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self.n_ahead = _BATCHES_PER_THREAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._functions: dict[Any, Any] = {}

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Answered:
        remote = self._functions.get(function)
        if remote is None:
            remote = self._functions[function] = self._ray.remote(function)
        return _RayAnswered(self._ray, remote.remote(*arguments))


def _knock(address: str) -> None:
    """Raise OSError when nobody listens at an address that is a host and a port."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and host and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()


@contextmanager
def on_ray(address: str | None) -> Iterator[Workers]:
    """Work on a Ray cluster.

    Parameters
    ----------
    address : str or None
        As `ray.init` takes it; ``RAY_ADDRESS``, or the cluster that runs on this machine, when left out.

    Raises
    ------
    UsageError
        When Ray is not installed, or no cluster is there.
    """
    try:
        import ray  # an extra of its own
    except ImportError:
        raise _missing("ray") from None
    address = address or os.environ.get("RAY_ADDRESS") or "auto"
    is_ours = not ray.is_initialized()
    try:
        _knock(address)  # Ray itself asks for minutes before it gives up
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level="ERROR")
    except (OSError, ray.exceptions.RayError) as error:
        raise UsageError(
            f"no Ray cluster answers at {address}: {error}",
            next_step="Give --cluster ADDRESS, or start one: ray start --head.",
        ) from error
    try:
        yield _OnRay(ray)
    finally:
        if is_ours:
            ray.shutdown()
