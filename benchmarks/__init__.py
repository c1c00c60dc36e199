"""Measures saving and loading of fitted models with hermetic and its peers; run by ``python -m benchmarks``.

Nothing here is part of the package: it may import pickle, joblib and skops, and it trusts its own cache.
"""

from __future__ import annotations

__all__: list[str] = []
