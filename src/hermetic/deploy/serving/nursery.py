"""Where workers come from on POSIX: a tree of processes forked from one that has done everything once.

::

    front            speaks HTTP; has no model and imports no library of models
      nursery        has imported the libraries, and is never more than that
        loader       loads, checks and freezes the models of one generation
          worker     answers requests; shares every page of the models with its loader
          worker

A swap is another loader: it loads in a process of its own, so that a file that ends it ends nothing else, and all
memory of the former generation goes with its processes. Everybody ends when the front does, because their connections
close.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import NoReturn

from hermetic.deploy.serving.loading import failure_frame, load_models
from hermetic.deploy.serving.messages import Frame, send_frame
from hermetic.deploy.serving.settings import Settings
from hermetic.deploy.serving.worker import end_process, ignore_signals, work

__all__ = ["ask_for_process", "start_nursery"]

_IMPORTED = ("numpy", "scipy.sparse", "sklearn.base", "sklearn.utils.validation", "sklearn.pipeline", "joblib")


def start_nursery(settings: Settings) -> socket.socket:
    """Fork the nursery; call it before anything else has started threads.

    Parameters
    ----------
    settings : Settings
        Of the server.

    Returns
    -------
    socket
        One byte and an open socket sent over it make a loader, which answers over that socket.
    """
    here, there = socket.socketpair()

    def live() -> None:
        here.close()
        _nurse(there, settings)

    _fork(live)
    there.close()
    return here


def _fork(live: Callable[[], None]) -> int:
    """Fork a process that does one thing and ends."""
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python warns where a library has started threads at its import (OpenBLAS, which stops them at a fork).
        warnings.simplefilter("ignore")
        process = os.fork()
    if process:
        return process
    _live_and_end(live)


def _live_and_end(live: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        ignore_signals()
        live()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        end_process(status)
    raise AssertionError("a process goes on after its end")


def _nurse(control: socket.socket, settings: Settings) -> None:
    for name in _IMPORTED:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # loaders are not waited for
    while (connection := _receive_socket(control)) is not None:
        own = connection

        def live(own: socket.socket = own) -> None:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _load(own, settings)

        _fork(live)
        connection.close()


def _receive_socket(control: socket.socket) -> socket.socket | None:
    """Wait for the other end of a connection; None when the front is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    except ConnectionError:
        return None
    if not data:
        return None
    return socket.socket(fileno=descriptors[0])


def _load(control: socket.socket, settings: Settings) -> None:
    try:
        models = load_models(settings.loading)
    except Exception as error:
        send_frame(control, failure_frame(error))
        return
    # What the collector never visits is never written to, and what is not written to stays shared.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send_frame(control, Frame({"models": [served.description.to_dict() for served in models.values()]}))
    while (connection := _receive_socket(control)) is not None:
        own = connection

        def live(own: socket.socket = own) -> None:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(own, models, n_threads=settings.n_threads, most_rows=settings.limits.most_rows)

        _fork(live)
        connection.close()


def ask_for_process(control: socket.socket) -> socket.socket:
    """Ask a nursery for a loader, or a loader for a worker; give the connection to it.

    Raises
    ------
    OSError
        When nobody is there any more.
    """
    here, there = socket.socketpair()
    with there:
        try:
            socket.send_fds(control, [b"+"], [there.fileno()])
        except OSError:
            here.close()
            raise
    return here
