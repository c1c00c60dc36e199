"""Load every model that another release has written, and compare its answers with those that were recorded there.

Run with the Python of an environment: ``python -m tests.releases.read FOLDER REPORT [PART OF A NAME ...]``.

Each model ends as one of
``equal``, ``close`` (every answer), ``refused`` (hermetic says why), ``unloadable`` (another error while loading),
``unusable`` (a method raises where it answered, or get_params, repr or clone do), ``WRONG`` (another answer).
"""

from __future__ import annotations

import dataclasses
import json
import sys
import warnings
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import hermetic
from tests.releases.answers import answers_of, compare_answers, has_ties, is_same_but_for_ties, read_answers
from tests.releases.forgiving import zoo_of_this_release
from tests.releases.own_answers import in_any_order, is_own
from tests.zoo.case import Case
from tests.zoo.compare_outputs import _models
from tests.zoo.seeded import seeded

__all__ = ["judge", "read_models", "trouble_of"]


def read_models(folder: Path, parts: list[str]) -> dict[str, list[str]]:
    """Load the models of a folder.

    Parameters
    ----------
    folder : Path
        As `tests.releases.write` has left it.
    parts : list of str
        Only models whose name contains one of them; all when it is empty.

    Returns
    -------
    dict of str to [str, str]
        For each model how it ended, and why.
    """
    written = json.loads((folder / "index.json").read_text())["models"]
    cases = {case.name: case for case in zoo_of_this_release()}
    names = [name for name, state in written.items() if state == "written" and _kind_of(name, cases) in cases]
    return {
        name: list(_read(dataclasses.replace(cases[_kind_of(name, cases)], name=name), folder))
        for name in names
        if not parts or any(part in name for part in parts)
    }


def _kind_of(name: str, cases: dict[str, Case]) -> str:
    """Give the case that knows what to ask: a model with a parameter that this release lacks is asked all the same."""
    return name if name in cases else name.partition(":")[0] + ":"


def _read(case: Case, folder: Path) -> tuple[str, str]:
    path = folder / case.name.replace("/", "_")
    try:
        with seeded(0):
            model = hermetic.load(f"{path}.hermetic", trusted=case.trusted, capabilities=case.capabilities)
    except hermetic.UnsupportedVersion as error:
        return "refused", error.found
    except Exception as error:
        return "unloadable", f"{type(error).__name__}: {error}"[:400]
    before = read_answers(Path(f"{path}.answers").read_bytes())
    with seeded(0):
        after = answers_of(model, case.inputs)
    lacking = [method for method in before if method not in after and _is_of_no_class(method, model)]
    asked = {method: before[method] for method in before if method not in lacking}
    verdict, words = judge(asked, after, case.name, case.inputs)
    if verdict in ("equal", "close"):
        if trouble := trouble_of(model, trusted=case.trusted, capabilities=case.capabilities):
            return "unusable", trouble
        words = "; ".join(f"without {method}" for method in lacking)
    return verdict, words


def _is_of_no_class(method: str, model: Any) -> bool:
    """Tell whether a method is one that the model's class does not have in this release."""
    for path, found, _ in _models(model, model):
        name = method[len(path) :].partition(":")[0]
        if method.startswith(path) and name.isidentifier() and not hasattr(type(found), name):
            return True
    return False


def judge(before: Mapping[str, Any], after: Mapping[str, Any], name: str, inputs: Mapping[str, Any]) -> tuple[str, str]:
    """Give ``equal`` or ``close`` for two sets of answers, or in which way a model is of no use."""
    verdict = "equal"
    tied = {method[: -len("kneighbors")] for method in before if _is_tied(method, before, after)}
    for method, answer in before.items():
        if method not in after:
            return "unusable", f"{method} does not exist"
        raised = [isinstance(own, tuple) and own[:1] == ("raised",) for own in (answer, after[method])]
        if method.rpartition("kneighbors")[0] in tied and "kneighbors" in method:
            continue
        if is_own(name, method):
            continue
        # Which way missing values go on a path, not where they end, was repaired in scikit-learn 1.8.
        if method.endswith("decision_path") and _has_missing_values(inputs.get("X")):
            continue
        found = compare_answers(in_any_order(method, answer), in_any_order(method, after[method]))
        if raised == [False, True]:
            return "unusable", f"{method} raises {after[method][1]}"[:300]
        if raised[0] or found == "equal":
            continue
        if found != "close":
            return "WRONG", f"{method}: {found}"
        verdict = "close"
    return verdict, ""


def _is_tied(method: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    pair = before[method], after.get(method)
    if not method.endswith("kneighbors") or any(not isinstance(own, tuple) or own[0] != "tuple" for own in pair):
        return False
    return has_ties(pair[0]) and is_same_but_for_ties(*pair)


def _has_missing_values(X: Any) -> bool:
    return isinstance(X, np.ndarray) and X.dtype.kind == "f" and bool(np.isnan(X).any())


def trouble_of(model: Any, *, trusted: Collection[str] = (), capabilities: Collection[str] = ()) -> str:
    """Give what a user of the installed release cannot do with the model; nothing when all is well."""
    from sklearn.base import clone

    if not hasattr(model, "get_params") or isinstance(model, type):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.get_params()
            repr(model)
            clone(model)
            hermetic.loads(hermetic.dumps(model), trusted=trusted, capabilities=capabilities)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""


if __name__ == "__main__":
    found = read_models(Path(sys.argv[1]), sys.argv[3:])
    Path(sys.argv[2]).write_text(json.dumps(found, indent=1))
    print(dict(Counter(verdict for verdict, _ in found.values())))
