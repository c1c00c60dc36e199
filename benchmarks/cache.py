"""Fitted models kept between runs, in a folder that git ignores.

The cache is written with pickle and read back without any check: it is this machine's own scratch folder.
A name holds the versions of scikit-learn and numpy and a digest of the builder's source, so that a
changed builder is built anew. A model is stored only when its copy answers bit for bit as it does itself.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from threadpoolctl import threadpool_limits

from benchmarks.models import BenchmarkModel
from benchmarks.questions import digest_answers

__all__ = ["DEFAULT_CACHE", "cache_path", "ensure_built", "load_built"]

DEFAULT_CACHE = Path(__file__).resolve().parents[1] / ".bench-cache"


def cache_path(folder: Path, name: str, build: Callable[[], Any]) -> Path:
    """Return where the model that `build` makes is kept."""
    source = hashlib.sha256(inspect.getsource(build).encode()).hexdigest()[:8]
    return folder / f"{name}-sklearn{sklearn.__version__}-numpy{np.__version__}-{source}.pkl"


def ensure_built(folder: Path, model: BenchmarkModel) -> Path:
    """Build and keep the model unless it is kept already; return the path of the pickle."""
    path = cache_path(folder, model.name, model.build)
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    # One thread for BLAS: on small data its threads wait for each other, ten times as long as they work.
    with threadpool_limits(limits=1):
        fitted = model.build()
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("wb") as stream:
        pickle.dump(fitted, stream, protocol=5)
    if digest_answers(model.question, load_built(unfinished)) != digest_answers(model.question, fitted):
        unfinished.unlink()
        raise RuntimeError(f"{model.name}: a copy answers differently, so that no comparison can be exact")
    unfinished.replace(path)
    return path


def load_built(path: Path) -> Any:
    """Load a model from the cache."""
    with path.open("rb") as stream:
        return pickle.load(stream)
