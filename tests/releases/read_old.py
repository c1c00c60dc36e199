"""Load every pickle that an old release has written, and compare its answers with those that were recorded there.

Run with the Python of an environment: ``python -m tests.releases.read_old FOLDER REPORT [PART OF A NAME ...]``; the
folder is one that `tests/releases/write_old.py` has filled. Each model ends as `tests.releases.read` says; pickles of
the three kinds must give the same.
"""

from __future__ import annotations

import io
import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import hermetic
from tests.releases.answers import answers_of
from tests.releases.read import judge, trouble_of
from tests.releases.recipes import made_of
from tests.zoo.compare_outputs import _models
from tests.zoo.seeded import seeded

__all__ = ["comparable", "read_old_answers", "read_old_models"]

_DRAWN = ("sample",)
_DISTANCES = ("transform", "kneighbors", "kneighbors_graph", "radius_neighbors")
_CANCELLED = 1e-6
_SUFFIXES = (".pkl", ".2.pkl", ".joblib")


def read_old_models(folder: Path, recipes: Mapping[str, Any], parts: list[str]) -> dict[str, list[str]]:
    """Load the models of a folder.

    Parameters
    ----------
    folder : Path
        As `write_old.py` has left it.
    recipes : mapping of str to recipe
        What they were made of.
    parts : list of str
        Only models whose name contains one of them; all when it is empty.

    Returns
    -------
    dict of str to [str, str]
        For each model how it ended, and why.
    """
    written = json.loads((folder / "index.json").read_text(encoding="utf-8"))["models"]
    names = [name for name, state in written.items() if "answers" in state and name in recipes]
    chosen = [name for name in names if not parts or any(part in name for part in parts)]
    return {name: list(_read(recipes[name], folder, written[name]["answers"])) for name in chosen}


def _read(recipe: Mapping[str, Any], folder: Path, answers: Mapping[str, Any]) -> tuple[str, str]:
    path = folder / re.sub("[^A-Za-z0-9_=.,-]", "_", recipe["name"])
    before = read_old_answers(answers, Path(f"{path}.npz"))
    inputs = {key: made_of(value) for key, value in recipe["inputs"].items()}
    found = [_read_one(f"{path}{suffix}", before, inputs, recipe["name"]) for suffix in _SUFFIXES]
    for suffix, other in zip(_SUFFIXES, found, strict=True):
        if other[0] not in ("equal", "close") and other != found[0]:
            return other[0], f"{suffix}: {other[1]}"
    return found[0]


def _read_one(path: str, before: dict[str, Any], inputs: dict[str, Any], name: str) -> tuple[str, str]:
    try:
        with seeded(0):
            model = hermetic.load(path)
    except hermetic.UnsupportedVersion as error:
        return "refused", error.found
    except Exception as error:
        return "unloadable", f"{type(error).__name__}: {error}"[:400]
    with seeded(0):
        after = answers_of(model, inputs)
    verdict, words = judge(*comparable(before, after, model), name, inputs)
    trouble = trouble_of(model) if verdict in ("equal", "close") else ""
    return ("unusable", trouble) if trouble else (verdict, words)


def comparable(before: dict[str, Any], after: dict[str, Any], model: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leave out methods that a class no longer has, and what is the library's own; see docs/compatibility.md."""
    cancelling = {path for path, found, _ in _models(model, model) if _cancels(found)}
    kept = {name for name in before if name in after and name.rpartition(".")[2] not in _DRAWN}
    left, right = {name: before[name] for name in kept}, {name: after[name] for name in kept}
    for name in kept:
        is_shown = isinstance(left[name], tuple) and left[name][:1] == ("other",)
        method = name.rpartition(".")[2]
        is_distance = method in _DISTANCES and name.removesuffix(method) in cancelling
        if is_shown or (is_distance and _is_nearly(left[name], right[name])):
            right[name] = left[name]
        else:
            left[name] = _in_kind_of(left[name], right[name])
    return left, right


def _cancels(found: Any) -> bool:
    """Tell whether a model takes distances from squares that may cancel out: Birch, and neighbours by brute force."""
    return type(found).__name__ == "Birch" or vars(found).get("_fit_method") == "brute"


def _in_kind_of(before: Any, after: Any) -> Any:
    """Give an answer as it would be in the dtype, and without the second dimension, that the newer release gives."""
    if isinstance(before, tuple) and before[:1] == ("sparse",) == (after[:1] if isinstance(after, tuple) else None):
        return (before[0], after[1], *before[2:])
    if _are_same_texts(before, after):
        return after
    if isinstance(before, (list, tuple)) and type(before) is type(after) and len(before) == len(after):
        return type(before)(_in_kind_of(*pair) for pair in zip(before, after, strict=True))
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray) and before.shape == (*after.shape, 1):
        before = before.ravel()
    return before.astype(after.dtype) if _is_other_kind(before, after) else before


def _is_other_kind(before: Any, after: Any) -> bool:
    """Tell whether whole numbers have become floating ones with the same values, or the reverse."""
    if not isinstance(before, np.ndarray) or not isinstance(after, np.ndarray) or before.shape != after.shape:
        return False
    kinds = {before.dtype.kind, after.dtype.kind}
    return kinds == {"f", "i"} and bool((before == after).all())


def _are_same_texts(before: Any, after: Any) -> bool:
    """Tell whether texts stand in an array of numpy's that were objects."""
    if not isinstance(before, tuple) or before[:1] != ("objects",) or not isinstance(after, np.ndarray):
        return False
    return before[1] == after.shape and before[2] == after.ravel().tolist()


def _is_nearly(before: Any, after: Any) -> bool:
    """Tell whether distances differ only where squares have cancelled out to nearly nothing."""
    if isinstance(before, tuple) and before[:1] == ("tuple",) and isinstance(after, tuple) and after[:1] == before[:1]:
        return _is_nearly(before[1][0], after[1][0]) and bool(np.array_equal(before[1][1], after[1][1]))
    is_array = isinstance(before, np.ndarray) and isinstance(after, np.ndarray) and before.dtype.kind == "f"
    return is_array and before.shape == after.shape and bool(np.allclose(before, after, rtol=0, atol=_CANCELLED))


def read_old_answers(answers: Mapping[str, Any], arrays: Path | io.BytesIO) -> dict[str, Any]:
    """Give the answers that stand in an index, with their arrays.

    Parameters
    ----------
    answers : mapping of str to object
        As `write_old.py` writes them down.
    arrays : Path or file object
        The file of arrays beside them.

    Returns
    -------
    dict of str to object
        As `tests.releases.answers.answers_of` gives them.
    """
    with np.load(arrays, allow_pickle=False) as stored:
        return {name: _joined(answer, stored) for name, answer in answers.items()}


def _joined(answer: Any, stored: Any) -> Any:
    if isinstance(answer, list):
        return [_joined(item, stored) for item in answer]
    if isinstance(answer, dict):
        [(kind, content)] = answer.items()
        return stored[f"a{content}"] if kind == "$array" else tuple(_joined(item, stored) for item in content)
    return answer


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        listed = json.loads(Path(sys.argv[1], "recipes.json").read_text(encoding="utf-8"))
        found = read_old_models(Path(sys.argv[1]), {recipe["name"]: recipe for recipe in listed}, sys.argv[3:])
    Path(sys.argv[2]).write_text(json.dumps(found, indent=1))
    print(dict(Counter(verdict for verdict, _ in found.values())))
