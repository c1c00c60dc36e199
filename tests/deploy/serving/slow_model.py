"""A model of somebody's own that is slow for some rows, and ends its process for others."""

from __future__ import annotations

import os
import time

import numpy as np
from sklearn.linear_model import LinearRegression

__all__ = ["SlowRegression"]


class SlowRegression(LinearRegression):
    """Needs long for what is great, and ends its process for what is greater."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        if X[0, 0] > 200:
            os._exit(3)
        if X[0, 0] > 100:
            time.sleep(1000)
        return super().predict(X)
