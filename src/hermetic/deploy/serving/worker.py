"""A worker: a process that waits for a request, answers it, and waits for the next."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import warnings
from collections.abc import Iterator, Mapping

from hermetic.deploy.serving.answering import answer_frame
from hermetic.deploy.serving.messages import Frame, receive_frame, send_frame
from hermetic.deploy.serving.models import ServedModel

__all__ = ["end_process", "ignore_signals", "work"]


def ignore_signals() -> None:
    """Leave it to the front when to end.

    A terminal sends its interrupt, and systemd its SIGTERM, to every process of the group at once: a worker that obeyed
    would drop the very requests that the front is about to finish. Whoever is below the front ends when the front does,
    however that ends, because then its connection is closed.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def work(connection: socket.socket, models: Mapping[str, ServedModel], *, n_threads: int, most_rows: int) -> None:
    """Answer requests until the other end is gone.

    Parameters
    ----------
    connection : socket
        To the front.
    models : mapping of str to ServedModel
        By name.
    n_threads : int
        That BLAS, OpenMP and joblib may use.
    most_rows : int
        Of one request.
    """
    warnings.simplefilter("ignore")  # what a library has to say about the data of each request would fill the log
    send_frame(connection, Frame({"process": os.getpid()}))
    with _threads(n_threads):
        while (frame := receive_frame(connection)) is not None:
            try:
                send_frame(connection, answer_frame(models, frame, most_rows))
            except ConnectionError:
                break


@contextlib.contextmanager
def _threads(n_threads: int) -> Iterator[None]:
    import joblib
    import threadpoolctl  # type: ignore[import-untyped]

    with threadpoolctl.threadpool_limits(limits=n_threads):
        if n_threads > 1:
            yield
            return
        # Forests that were fitted with n_jobs=-1 would start threads for each request: 20 ms for one row.
        with joblib.parallel_backend("sequential"):
            yield


def end_process(status: int) -> None:
    """End this process at once: what the one it was forked from wants done at its end is none of its business."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
