"""One thread while a model is asked, and everything as before afterwards."""

from __future__ import annotations

import threading

import joblib
import numpy as np
import pytest
import sklearn
from threadpoolctl import threadpool_info, threadpool_limits  # type: ignore[import-untyped]

from hermetic.recorded.one_thread import one_thread


def sizes() -> list[int]:
    return [library["num_threads"] for library in threadpool_info()]


def test_native_libraries_have_one_thread_and_get_theirs_back():
    with threadpool_limits(limits=2):
        before = sizes()
        with one_thread():
            assert set(sizes()) <= {1}
        assert sizes() == before


def test_what_is_nested_ends_with_the_outermost():
    with threadpool_limits(limits=2):
        before = sizes()
        with one_thread():
            with one_thread():
                assert set(sizes()) <= {1}
            assert set(sizes()) <= {1}
        assert sizes() == before


def test_threads_take_turns_and_leave_the_process_as_it_was():
    running: list[int] = []
    most = []

    def ask() -> None:
        for _ in range(20):
            with one_thread():
                running.append(1)
                most.append(len(running))
                running.pop()

    with threadpool_limits(limits=2):
        before = sizes()
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sizes() == before
    assert max(most) == 1


def test_it_ends_when_something_is_raised():
    with threadpool_limits(limits=2):
        before = sizes()
        with pytest.raises(KeyError), one_thread():
            raise KeyError
        assert sizes() == before


def test_joblib_starts_nothing():
    with one_thread():
        names = joblib.Parallel(n_jobs=4)(joblib.delayed(threading.get_ident)() for _ in range(4))
    assert set(names) == {threading.get_ident()}


def test_the_configuration_of_the_caller_counts_for_nothing_and_comes_back():
    with sklearn.config_context(transform_output="pandas", assume_finite=True):
        with one_thread():
            assert sklearn.get_config()["transform_output"] == "default"
            assert sklearn.get_config()["assume_finite"] is False
        assert sklearn.get_config()["transform_output"] == "pandas"


def test_numbers_that_overflow_do_not_warn():
    with one_thread():
        assert np.float64(1e300) * np.float64(1e300) == np.inf
