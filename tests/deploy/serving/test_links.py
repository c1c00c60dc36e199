"""A link carries one question at a time, and says when nobody is there any more."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hermetic.deploy.serving.links import Link, open_link
from hermetic.deploy.serving.messages import Frame, receive_frame, send_frame
from hermetic.deploy.serving.settings import Loading, Settings

HELLO = Frame({"process": 7})


def with_other_end(work: Callable[[socket.socket], Any], other_end: Callable[[socket.socket], None]) -> Any:
    """Run one end here and the other in a thread."""
    here, there = socket.socketpair()

    def live() -> None:
        with there:
            other_end(there)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        return asyncio.run(work(here))
    finally:
        thread.join()
        here.close()


def echo(connection: socket.socket) -> None:
    send_frame(connection, HELLO)
    while (frame := receive_frame(connection)) is not None:
        send_frame(connection, Frame({"of": frame.head["n"]}, frame.body))


@pytest.mark.parametrize("length", [0, 10, 3 << 20])
def test_every_question_gets_its_own_answer(length: int):
    lost: list[Link] = []

    async def work(connection: socket.socket) -> None:
        link, first = await open_link(connection, lost.append)
        assert (link.process, first) == (7, HELLO)
        for number in range(3):
            body = bytes([number]) * length
            assert await link.exchange({"n": number}, body) == Frame({"of": number}, body)
        link.close()
        await asyncio.sleep(0.01)
        assert lost == [link]

    with_other_end(work, echo)


def end_before_answering(connection: socket.socket) -> None:
    send_frame(connection, HELLO)
    receive_frame(connection)


def test_who_waits_when_the_other_process_ends_is_told():
    lost: list[Link] = []

    async def work(connection: socket.socket) -> None:
        link, _ = await open_link(connection, lost.append)
        with pytest.raises(ConnectionError):
            await link.exchange({"n": 1}, b"")
        assert link.is_lost
        assert lost == [link]
        with pytest.raises(ConnectionError):
            await link.exchange({"n": 2}, b"")

    with_other_end(work, end_before_answering)


def test_a_process_that_says_nothing_and_ends_is_no_worker():
    async def work(connection: socket.socket) -> None:
        with pytest.raises(ConnectionError):
            await open_link(connection, lambda link: None)

    with_other_end(work, lambda connection: None)


@pytest.mark.skipif(os.name != "posix", reason="tells how a process ended by the number of a signal")
def test_a_process_that_is_ended_is_ended_at_once():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])

    async def work(connection: socket.socket) -> None:
        link, _ = await open_link(connection, lambda link: None)
        link.process = process.pid
        link.kill()
        await asyncio.sleep(0)

    with_other_end(work, end_before_answering)
    assert process.wait(60) == -signal.SIGKILL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks what holds on Linux")
def test_on_linux_workers_are_forked():
    assert Settings(loading=Loading(files=())).is_forking
