"""Frames between processes: whole, in order, of any head, whatever the pieces they come in."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.deploy.serving.messages import Frame, FrameReader, pack_frame, receive_frame, send_frame

HEADS = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.booleans(), max_size=3)


def packed(frame: Frame) -> bytes:
    return pack_frame(frame.head, len(frame.body)) + bytes(frame.body)


@given(st.lists(st.builds(Frame, HEADS, st.binary(max_size=40)), max_size=4), st.data())
def test_frames_come_out_as_they_went_in_however_they_are_cut(frames: list[Frame], data: st.DataObject):
    rest = b"".join(map(packed, frames))
    reader = FrameReader()
    found = []
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        found += reader.feed(rest[:size])
        rest = rest[size:]
    assert found == frames


def test_a_frame_is_given_with_its_last_byte_and_not_before():
    data = packed(Frame({"do": "predict"}, b"[[1]]"))
    reader = FrameReader()
    assert [reader.feed(data[place : place + 1]) for place in range(len(data) - 1)] == [[]] * (len(data) - 1)
    assert reader.feed(data[-1:]) == [Frame({"do": "predict"}, b"[[1]]")]


def test_an_empty_piece_gives_nothing():
    assert FrameReader().feed(b"") == []


BODIES = {"bytes": b"abc", "a bytearray": bytearray(b"abc"), "a view": memoryview(b"abc"), "nothing": b""}


@pytest.mark.parametrize("words", BODIES)
def test_a_body_may_be_any_bytes(words: str):
    here, there = socket.socketpair()
    with here, there:
        send_frame(here, Frame({"status": 200}, bytes(BODIES[words])))
        found = receive_frame(there)
        assert found is not None
        assert bytes(found.body) == bytes(BODIES[words])


CUT = {
    "nothing": 0,
    "half the lengths": 5,
    "the lengths alone": 12,
    "half the head": 14,
    "all but the last byte": -1,
}


@pytest.mark.parametrize("words", CUT)
def test_an_end_in_the_middle_is_the_end_and_no_frame(words: str):
    data = packed(Frame({"do": "predict"}, b"[[1]]"))
    here, there = socket.socketpair()
    with there:
        with here:
            here.sendall(data[: CUT[words]])
        assert receive_frame(there) is None


def test_a_connection_that_is_reset_is_the_end(monkeypatch: pytest.MonkeyPatch):
    class Reset:
        def recv_into(self, rest: memoryview) -> int:
            raise ConnectionResetError

    connection: Any = Reset()
    assert receive_frame(connection) is None


def test_several_frames_wait_in_one_connection():
    here, there = socket.socketpair()
    frames = [Frame({"n": number}, b"x" * number) for number in range(4)]
    with here, there:
        for frame in frames:
            send_frame(here, frame)
        assert [receive_frame(there) for _ in frames] == frames
