"""Computing in one thread, whatever a model or the machine asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hermetic.lazy import numpy as np

__all__ = ["one_thread"]

_TURN = threading.RLock()
_PLAIN_CONFIGURATION = {"assume_finite": False, "transform_output": "default"}


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS, OpenMP and joblib at one thread, and scikit-learn at its default configuration.

    The sizes of native thread pools belong to the process, and only the thread that has set them can set them back: so
    those who compute this way take turns. All else belongs to the calling thread.

    Examples
    --------
    >>> import numpy
    >>> with one_thread():
    ...     bool(numpy.isinf(numpy.float64(1.0) / 0.0))
    True
    """
    import joblib
    import threadpoolctl  # type: ignore[import-untyped]
    from sklearn import config_context

    with (
        _TURN,
        threadpoolctl.threadpool_limits(limits=1),
        joblib.parallel_backend("sequential"),
        config_context(**_PLAIN_CONFIGURATION),
        np.errstate(all="ignore"),
    ):
        yield
