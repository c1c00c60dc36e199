"""The words between the front and its workers: frames of a small JSON head and a body of bytes.

Both ends are processes of the same server, and nothing here comes from a client but the body, which stays bytes.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Frame", "FrameReader", "pack_frame", "receive_frame", "send_frame"]

_LENGTHS = struct.Struct("!IQ")


@dataclass(frozen=True)
class Frame:
    """One message.

    Attributes
    ----------
    head : dict
        What is asked or answered.
    body : bytes
        That of the request or reply, as it is.
    """

    head: Mapping[str, Any]
    body: bytes | bytearray | memoryview = b""


def pack_frame(head: Mapping[str, Any], length_bytes: int) -> bytes:
    """Give what is sent before a body.

    Examples
    --------
    >>> pack_frame({}, 3).hex()
    '0000000200000000000000037b7d'
    """
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), length_bytes) + text


def send_frame(connection: socket.socket, frame: Frame) -> None:
    """Send a message, and wait until all of it is on its way."""
    start = pack_frame(frame.head, len(frame.body))
    if len(frame.body) < 1 << 16:
        connection.sendall(start + frame.body)
        return
    connection.sendall(start)
    connection.sendall(frame.body)


def receive_frame(connection: socket.socket) -> Frame | None:
    """Wait for a message; None when the other end is gone.

    Examples
    --------
    >>> import socket
    >>> here, there = socket.socketpair()
    >>> send_frame(here, Frame({"do": "predict"}, b"[[1]]"))
    >>> receive_frame(there)
    Frame(head={'do': 'predict'}, body=bytearray(b'[[1]]'))
    >>> here.close()
    >>> receive_frame(there) is None
    True
    >>> there.close()
    """
    start = _receive(connection, _LENGTHS.size)
    if start is None:
        return None
    n_head, n_body = _LENGTHS.unpack(start)
    head = _receive(connection, n_head)
    body = _receive(connection, n_body)
    return None if head is None or body is None else Frame(json.loads(head), body)


def _receive(connection: socket.socket, length_bytes: int) -> bytearray | None:
    data = bytearray(length_bytes)
    rest = memoryview(data)
    while rest:
        try:
            n_received = connection.recv_into(rest)
        except ConnectionError:
            return None
        if not n_received:
            return None
        rest = rest[n_received:]
    return data


class FrameReader:
    """Puts frames together from pieces, as they come in.

    Examples
    --------
    >>> reader = FrameReader()
    >>> data = pack_frame({"status": 200}, 2) + b"[]"
    >>> [frame for piece in (data[:5], data[5:]) for frame in reader.feed(piece)]
    [Frame(head={'status': 200}, body=b'[]')]
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._wanted = _LENGTHS.size
        self._n_head = -1

    def feed(self, piece: bytes) -> list[Frame]:
        """Take a piece; give the frames that are whole now."""
        self._data += piece
        frames = []
        while len(self._data) >= self._wanted:
            if self._n_head < 0:
                self._n_head, n_body = _LENGTHS.unpack_from(self._data)
                self._wanted = _LENGTHS.size + self._n_head + n_body
                continue
            end = _LENGTHS.size + self._n_head
            frames.append(Frame(json.loads(self._data[_LENGTHS.size : end]), bytes(self._data[end : self._wanted])))
            del self._data[: self._wanted]
            self._wanted, self._n_head = _LENGTHS.size, -1
        return frames
