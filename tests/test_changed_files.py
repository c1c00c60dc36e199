"""A file, or a caller's buffer, that somebody overwrites or truncates after loading: native code stays in its arrays.

What is mapped may change, so predictions may be wrong or an error be raised; the process must live. The truncation of
mapped floats is documented in docs/limits.md and ends the process, so only models that keep no mapped array in use are
truncated here.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.cluster import Birch, BisectingKMeans, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
from sklearn.preprocessing import OneHotEncoder, SplineTransformer
from sklearn.svm import SVC, NuSVR
from sklearn.tree import DecisionTreeRegressor

import hermetic

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3000, 6))
FEW = X[:300]
LABELS = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 1)
SPARSE = scipy.sparse.random_array((3000, 400), density=0.02, format="csr", random_state=0)
WORDS = [" ".join(f"word{(number * 7 + k) % 9000}" for k in range(9)) for number in range(3000)]
NAMES = np.array([[f"name{number % 2500}"] for number in range(3000)], dtype=object)
PADDING = np.zeros(1 << 18)
"""Smaller files are read at once, mapped or not."""


MODELS: dict[str, Callable[[], tuple[Any, str, Any]]] = {
    "tree": lambda: (DecisionTreeRegressor().fit(X, X[:, 0]), "predict", X),
    "forest": lambda: (RandomForestClassifier(10, random_state=0).fit(X, LABELS), "predict_proba", X),
    "isolation": lambda: (IsolationForest(n_estimators=10, max_features=3, random_state=0).fit(X), "predict", X),
    "boosting": lambda: (GradientBoostingClassifier(n_estimators=5).fit(X, LABELS), "predict_proba", X),
    "histogram": lambda: (HistGradientBoostingClassifier(max_iter=9).fit(X, LABELS), "predict_proba", X),
    "categories": lambda: (
        HistGradientBoostingClassifier(max_iter=9, categorical_features=[0]).fit(np.abs(X.round()), LABELS),
        "predict_proba",
        np.abs(X.round()),
    ),
    "kd-tree": lambda: (KDTree(X), "query", FEW),
    "ball tree": lambda: (BallTree(X), "query", FEW),
    "neighbours": lambda: (KNeighborsClassifier(algorithm="kd_tree").fit(X, LABELS), "predict_proba", FEW),
    "brute neighbours": lambda: (KNeighborsClassifier(algorithm="brute").fit(X, LABELS), "predict_proba", FEW),
    "sparse neighbours": lambda: (KNeighborsRegressor().fit(SPARSE, X[:, 0]), "predict", SPARSE[:300]),
    "outliers": lambda: (LocalOutlierFactor(novelty=True).fit(X), "predict", FEW),
    "machine": lambda: (SVC().fit(X, LABELS), "predict", FEW),
    "sparse machine": lambda: (NuSVR().fit(SPARSE, X[:, 0]), "predict", SPARSE[:300]),
    "words": lambda: (TfidfVectorizer().fit(WORDS), "transform", WORDS[:300]),
    "one-hot": lambda: (OneHotEncoder(handle_unknown="ignore").fit(NAMES), "transform", NAMES[:300]),
    "columns": lambda: (ColumnTransformer([("a", SplineTransformer(), [0, 1])]).fit(X), "transform", FEW),
    "isotonic": lambda: (IsotonicRegression(out_of_bounds="clip").fit(X[:, 0], X[:, 0]), "predict", X[:300, 0]),
    "means": lambda: (KMeans(600, n_init=1, max_iter=2).fit(X), "predict", FEW),
    "bisecting": lambda: (BisectingKMeans(40, n_init=1, max_iter=2).fit(X), "predict", FEW),
    "birch": lambda: (Birch(threshold=0.7, n_clusters=None).fit(X), "predict", FEW),
    "sparse matrix": lambda: (SPARSE, "dot", np.ones(400)),
    "sparse columns": lambda: (SPARSE.tocsc(), "dot", np.ones(400)),
    "coordinates": lambda: (SPARSE.tocoo(), "dot", np.ones(400)),
}
"""Each model, the method that uses it, and what for."""
KEPT_PRIVATE = ["tree", "forest", "isolation", "boosting", "histogram", "categories"]
"""Whatever these use after loading is native memory, small, or made of Python objects."""

# Each model has a process of its own, forked from one in which every library is loaded.
USE = """
import json, os, sys, warnings
import numpy as np
import sklearn.ensemble, hermetic
warnings.simplefilter("ignore")
ERRORS = (ValueError, IndexError, OverflowError, FloatingPointError, MemoryError)
PATTERNS = (b"\\xff", b"\\x7f", b"\\x01\\x02\\x03\\x7f\\xfe", np.full(9, 1e300).tobytes())

def run(path, use_path, how, method):
    used_for = hermetic.load(use_path)
    buffer = bytearray(open(path, "rb").read())
    if how in ("r", "c", "truncated"):
        model = hermetic.load(path, mmap_mode="c" if how == "c" else "r")[1]
    else:
        model = hermetic.loads(buffer, mmap_mode="r" if how == "shared" else None)[1]
    # Nothing is used before the change, so that nothing could be kept from then.
    if how == "truncated":
        os.truncate(path, 0)
    for pattern in PATTERNS if how in ("r", "c", "shared") else PATTERNS[:1]:
        if how != "truncated":
            content = pattern * (len(buffer) // len(pattern))
            buffer[: len(content)] = content
            with open(path, "r+b") as file:
                file.write(content)
        try:
            found = getattr(model, method)(used_for)
        except ERRORS:
            if how in ("truncated", "private"):
                raise
            continue
        found = found[1] if isinstance(found, tuple) else found
        np.save(path + ".npy", found.toarray() if hasattr(found, "toarray") else found)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            run(*json.loads(line))
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
    print(os.waitpid(child, 0)[1], flush=True)
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
UseChanged = Callable[[str, str, Path], None]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process for each model would take minutes")


@pytest.fixture(scope="module")
def use_changed() -> Iterator[UseChanged]:
    """Loads a model in a process of its own, changes its file, uses it; the process must come to its end."""
    command, pipe = [sys.executable, "-c", USE], subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True) as process:
        source, sink = process.stdin, process.stdout
        assert source is not None
        assert sink is not None

        def use(name: str, how: str, folder: Path) -> None:
            model, method, used_for = made(name)
            paths = [str(folder / "model.hermetic"), str(folder / "used.hermetic")]
            hermetic.dump([PADDING, model], paths[0])
            hermetic.dump(used_for, paths[1])
            source.write(json.dumps([*paths, how, method]) + "\n")
            source.flush()
            status = int(sink.readline())
            assert status == 0, f"the process ended with status {status} (below 256: a signal)"

        yield use
        source.close()


@functools.cache
def made(name: str) -> tuple[Any, str, Any]:
    return MODELS[name]()


def expected(name: str) -> np.ndarray[Any, Any]:
    model, method, used_for = made(name)
    found = getattr(model, method)(used_for)
    found = found[1] if isinstance(found, tuple) else found
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)


@pytest.mark.parametrize("how", ["r", "c", "shared"])
@pytest.mark.parametrize("name", MODELS)
def test_a_process_survives_the_change_of_what_it_has_mapped(
    name: str, how: str, tmp_path: Path, use_changed: UseChanged
):
    use_changed(name, how, tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_without_mapping_a_changed_buffer_changes_nothing(name: str, tmp_path: Path, use_changed: UseChanged):
    use_changed(name, "private", tmp_path)
    np.testing.assert_allclose(np.load(tmp_path / "model.hermetic.npy"), expected(name), rtol=1e-10)


@pytest.mark.parametrize("name", KEPT_PRIVATE)
def test_trees_are_private_even_when_the_mapped_file_is_truncated(name: str, tmp_path: Path, use_changed: UseChanged):
    use_changed(name, "truncated", tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "model.hermetic.npy"), expected(name))


def test_the_ways_of_changing_do_reach_what_is_mapped(tmp_path: Path):
    path = tmp_path / "array.hermetic"
    hermetic.dump(PADDING, path)
    mapped = hermetic.load(path, mmap_mode="r")
    data = bytearray(path.read_bytes())
    shared = hermetic.loads(data, mmap_mode="r")
    data[:] = b"\xff" * len(data)
    with path.open("r+b") as file:
        file.write(data)
    assert np.isnan(shared).all()
    assert np.isnan(mapped).all()
