"""Load every model that another architecture has written, compare its answers, and save it again.

Run inside a root: ``python -m tests.architectures.read FOLDER REPORT [PART OF A NAME ...]``.

A file ends as `tests.releases.read` says: ``equal``, ``close``, ``refused``, ``unloadable``, ``unusable``, ``WRONG``.
"""

from __future__ import annotations

import json
import sys
import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import hermetic
from tests.releases.answers import answers_of, read_answers
from tests.releases.forgiving import zoo_of_this_release
from tests.releases.read import judge
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["difference", "is_own", "read_models"]

Verdict = list[str]
_OWN: dict[str, tuple[str, ...]] = {
    # Distances of what is the same: squares that cancel out to nearly nothing, in another order of additions.
    "birch": ("transform",),
    # The initial model multiplies in float32.
    "boosting-init-estimator": ("predict", "staged_predict"),
    "neighbours-csr-array": ("kneighbors", "kneighbors_graph"),
    "neighbours-sparse": ("kneighbors", "kneighbors_graph"),
}


def is_own(case: str, method: str) -> bool:
    """Tell whether an answer depends on the processor, not on the model; each kind stands in docs/compatibility.md.

    Examples
    --------
    >>> is_own("Birch-fitted", "transform"), is_own("Birch-fitted", "predict")
    (True, False)
    """
    return any(case.lower().startswith(part) and method in methods for part, methods in _OWN.items())


def read_models(folder: Path, parts: list[str]) -> dict[str, dict[str, Verdict]]:
    """Load the models of a folder.

    Parameters
    ----------
    folder : Path
        As `tests.architectures.write` has left it.
    parts : list of str
        Only models whose name contains one of them; all when it is empty.

    Returns
    -------
    dict of str to dict
        For each model how its ``own`` file ended and why, what saving it ``again`` gave, how the ``legacy`` file ended.
    """
    written = json.loads((folder / "index.json").read_text())["models"]
    cases = {case.name: case for case in zoo_of_this_release()}
    names = [name for name, state in written.items() if state == "written" and name in cases]
    return {name: _read(cases[name], folder) for name in names if not parts or any(part in name for part in parts)}


def _read(case: Case, folder: Path) -> dict[str, Verdict]:
    path = folder / case.name.replace("/", "_")
    before = read_answers(Path(f"{path}.answers").read_bytes())
    data, legacy = (Path(f"{path}.{form}").read_bytes() for form in ("hermetic", "legacy"))
    found = {"own": _load_and_judge(data, before, case), "again": _save_again(data, case)}
    if legacy:
        found["legacy"] = _load_and_judge(legacy, before, case)
    return found


def _trusted(case: Case) -> tuple[str, ...]:
    # Enumerations of Python 3.11.0 to 3.11.3 name their members in a pickle.
    members = [f"tests.zoo.user_module:{name}" for name in ("Colour.GREEN", "Colour.RED", "Level.HIGH")]
    return (*case.trusted, *(f"call:{name}" for name in case.trusted), *members)


def _load(data: bytes, case: Case) -> Any:
    with seeded(0), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hermetic.loads(data, trusted=_trusted(case), capabilities=case.capabilities)


def _load_and_judge(data: bytes, before: dict[str, Any], case: Case) -> Verdict:
    try:
        model = _load(data, case)
    except hermetic.UnsupportedVersion as error:
        if not data.startswith(b"PK") and b"_sklearn_version" not in data:
            return _judge_model(_load_as_of_this_release(data, case), before, case)
        return ["refused", error.found]
    except Exception as error:
        return ["unloadable", f"{type(error).__name__}: {error}"[:400]]
    return _judge_model(model, before, case)


def _load_as_of_this_release(data: bytes, case: Case) -> Any:
    """Load a legacy file of trees or metrics alone, which names no release."""
    from tests.legacy_pickles import load_legacy

    with seeded(0):
        return load_legacy(data, trusted=_trusted(case), capabilities=case.capabilities)


def _judge_model(model: Any, before: dict[str, Any], case: Case) -> Verdict:
    with seeded(0):
        after = answers_of(model, case.inputs)
    kept = {method: answer for method, answer in before.items() if not is_own(case.name, method)}
    return list(judge(kept, after, case.name, case.inputs))


def _save_again(data: bytes, case: Case) -> Verdict:
    try:
        words = difference(data, hermetic.dumps(_load(data, case)))
    except Exception as error:
        return ["unsaved", f"{type(error).__name__}: {error}"[:300]]
    return ["WRONG", words] if words else ["equal", ""]


def difference(before: bytes, after: bytes) -> str:
    """Name the member in which two files differ; nothing when they are equal to the byte.

    Examples
    --------
    >>> difference(hermetic.dumps([1.5]), hermetic.dumps([1.5]))
    ''
    >>> difference(hermetic.dumps([1.5]), hermetic.dumps([2.5]))
    'graph.json'
    """
    if before == after:
        return ""
    members = []
    for data in (before, after):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members.append({name: archive.read(name) for name in archive.namelist() if name != "manifest.json"})
    old, new = members
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return ", ".join(differing) or "manifest.json"


if __name__ == "__main__":
    found = read_models(Path(sys.argv[1]), sys.argv[3:])
    Path(sys.argv[2]).write_text(json.dumps(found, indent=1))
