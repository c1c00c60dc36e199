"""The front's end of a connection to another process of the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from hermetic.deploy.serving.messages import Frame, FrameReader, pack_frame

__all__ = ["Link", "open_link"]


class Link(asyncio.Protocol):
    """A connection over which one thing at a time is asked.

    Parameters
    ----------
    on_lost : callable
        Called with the link, once, when the other process is gone.
    """

    def __init__(self, on_lost: Callable[[Link], None]) -> None:
        self._on_lost = on_lost
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Frame] | None = None
        self.process = 0
        """Number of the other process, as it has said itself."""
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to write."""
        self._transport = transport  # type: ignore[assignment] # a stream socket has no other

    def data_received(self, data: bytes) -> None:
        """Hand an answer that is whole now to who waits for it."""
        for frame in self._frames.feed(data):
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits, and who owns this link."""
        self.is_lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("the process is gone"))
        self._on_lost(self)

    async def receive(self) -> Frame:
        """Wait for one message.

        Raises
        ------
        ConnectionError
            When the other process ends first.
        """
        if self.is_lost:
            raise ConnectionResetError("the process is gone")
        self._answer = asyncio.get_running_loop().create_future()
        try:
            return await self._answer
        finally:
            self._answer = None

    async def exchange(self, head: dict[str, Any], body: bytes | bytearray) -> Frame:
        """Send a message, and wait for its answer.

        Raises
        ------
        ConnectionError
            When the other process ends first.
        """
        if self.is_lost or self._transport is None:
            raise ConnectionResetError("the process is gone")
        self._transport.write(pack_frame(head, len(body)))
        if body:
            self._transport.write(body)
        return await self.receive()

    def close(self) -> None:
        """Close the connection: the other process ends once it has nothing to do."""
        if self._transport is not None:
            self._transport.close()

    def kill(self) -> None:
        """End the other process at once: native code listens to nothing else."""
        if self.process and not self.is_lost:
            with contextlib.suppress(OSError):
                os.kill(self.process, getattr(signal, "SIGKILL", signal.SIGTERM))
        if self._transport is not None:
            self._transport.abort()


async def open_link(connection: socket.socket, on_lost: Callable[[Link], None]) -> tuple[Link, Frame]:
    """Take over a connection, and wait for the first message.

    Parameters
    ----------
    connection : socket
        To another process.
    on_lost : callable
        As in `Link`.

    Raises
    ------
    ConnectionError
        When the other process ends first.
    """
    link = Link(on_lost)
    connection.setblocking(False)
    waiting = asyncio.ensure_future(_first(link))
    await asyncio.sleep(0)  # it listens before there is anything to hear
    await asyncio.get_running_loop().create_connection(lambda: link, sock=connection)
    first = await waiting
    link.process = int(first.head.get("process", 0))
    return link, first


async def _first(link: Link) -> Frame:
    return await link.receive()
