"""A worker answers one request after the other, says who it is first, and ends when the front does."""

from __future__ import annotations

import os
import signal
import socket
import warnings
from collections.abc import Iterator
from typing import Any

import joblib
import pytest

from hermetic.deploy.serving import worker
from hermetic.deploy.serving.messages import Frame, receive_frame, send_frame


@pytest.fixture(autouse=True)
def _warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        yield


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note what is asked, and with how many threads."""
    found: list[Any] = []

    def answer(models: Any, frame: Frame, most_rows: int) -> Frame:
        warnings.warn("of no interest to anybody", UserWarning, stacklevel=1)
        found.append((dict(frame.head), bytes(frame.body), most_rows, joblib.effective_n_jobs(-1)))
        return Frame({"status": 200}, b"answer")

    monkeypatch.setattr(worker, "answer_frame", answer)
    return found


def work(*frames: Frame, n_threads: int = 1) -> list[Frame | None]:
    """Let a worker answer frames, then end the connection; give all it has said."""
    here, there = socket.socketpair()
    with there, here:
        for frame in frames:
            send_frame(here, frame)
        here.shutdown(socket.SHUT_WR)
        with there:
            worker.work(there, {}, n_threads=n_threads, most_rows=7)
        said = [receive_frame(here) for _ in range(len(frames) + 2)]
    return said


def test_it_says_its_number_answers_and_ends(asked: list[Any]):
    said = work(Frame({"do": "predict"}, b"one"), Frame({"do": "infer"}, b"two"))
    assert said == [
        Frame({"process": os.getpid()}, bytearray()),
        *[Frame({"status": 200}, bytearray(b"answer"))] * 2,
        None,
    ]
    assert [own[:3] for own in asked] == [({"do": "predict"}, b"one", 7), ({"do": "infer"}, b"two", 7)]


def test_with_one_thread_models_that_want_all_cores_get_none_of_the_others(asked: list[Any]):
    work(Frame({}))
    assert asked[0][3] == 1


def test_a_front_that_is_gone_before_the_answer_ends_it(monkeypatch: pytest.MonkeyPatch, asked: list[Any]):
    sent: list[Frame] = []

    def send(connection: Any, frame: Frame) -> None:
        sent.append(frame)
        if len(sent) > 1:
            raise BrokenPipeError

    monkeypatch.setattr(worker, "send_frame", send)
    here, there = socket.socketpair()
    with here, there:
        for _ in range(3):
            send_frame(here, Frame({}))
        worker.work(there, {}, n_threads=2, most_rows=7)
    assert len(sent) == 2
    assert len(asked) == 1


def test_only_the_front_decides_when_it_ends(monkeypatch: pytest.MonkeyPatch):
    set_to: dict[Any, Any] = {}
    monkeypatch.setattr(signal, "signal", set_to.__setitem__)
    worker.ignore_signals()
    assert set_to[signal.SIGTERM] == set_to[signal.SIGINT] == signal.SIG_IGN


def test_its_end_is_at_once_after_what_it_has_said(monkeypatch: pytest.MonkeyPatch):
    class Ended(Exception):
        pass

    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(Ended, match="3"):
        worker.end_process(3)
