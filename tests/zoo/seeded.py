"""The quiet, single-threaded and seeded surroundings in which models are made and asked. It knows no model."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it has no annotations

__all__ = ["seeded"]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, hush warnings and use one thread for BLAS and OpenMP; put all back afterwards.

    One thread, because the order of sums among threads is free and the last bits would differ.

    Parameters
    ----------
    seed : int
        For numpy's global generator, which estimators with ``random_state=None`` use.

    Examples
    --------
    >>> with seeded(0):
    ...     first = np.random.random()
    >>> with seeded(0):
    ...     first == np.random.random()
    True
    """
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        with warnings.catch_warnings(), _controller().limit(limits=1):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)


@functools.cache
def _controller() -> ThreadpoolController:
    # Looking for the loaded libraries costs milliseconds, hence once.
    return ThreadpoolController()
