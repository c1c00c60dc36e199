"""Pausing the garbage collector: for all who ask together, and afterwards it is as it was."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

import hermetic
from hermetic.collector import paused_collector


@pytest.fixture(autouse=True)
def _collector_as_before() -> Iterator[None]:
    was_enabled = gc.isenabled()
    yield
    (gc.enable if was_enabled else gc.disable)()


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_rests_inside_and_is_afterwards_as_before(is_on: bool):
    (gc.enable if is_on else gc.disable)()
    with paused_collector():
        assert not gc.isenabled()
    assert gc.isenabled() == is_on


@pytest.mark.parametrize("is_on", [True, False])
def test_it_may_be_paused_inside_a_pause(is_on: bool):
    (gc.enable if is_on else gc.disable)()
    with paused_collector():
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() == is_on


def test_an_error_inside_ends_the_pause():
    gc.enable()
    with pytest.raises(KeyError), paused_collector():
        raise KeyError
    assert gc.isenabled()


def test_the_last_of_several_threads_turns_it_on_again():
    gc.enable()
    first_is_in, second_may_leave, states = threading.Event(), threading.Event(), []

    def stay() -> None:
        with paused_collector():
            first_is_in.set()
            second_may_leave.wait(10)
        states.append(gc.isenabled())

    thread = threading.Thread(target=stay)
    thread.start()
    first_is_in.wait(10)
    with paused_collector():
        pass
    states.append(gc.isenabled())
    second_may_leave.set()
    thread.join()
    assert states == [False, True]


@pytest.mark.parametrize("is_on", [True, False])
def test_saving_and_loading_leave_it_as_it_was_also_when_they_fail(is_on: bool):
    (gc.enable if is_on else gc.disable)()
    data = hermetic.dumps([1])
    hermetic.loads(data)
    with pytest.raises(hermetic.CannotSave):
        hermetic.dumps([lambda: 0])
    with pytest.raises(hermetic.FormatError):
        hermetic.loads(data[:-1])
    assert gc.isenabled() == is_on
