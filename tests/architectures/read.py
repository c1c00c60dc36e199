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
from tests.releases.read import _judge
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["difference", "read_models"]

Verdict = list[str]


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


def _load(data: bytes, case: Case) -> Any:
    trusted = (*case.trusted, *(f"call:{name}" for name in case.trusted))
    with seeded(0), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hermetic.loads(data, trusted=trusted, capabilities=case.capabilities)


def _load_and_judge(data: bytes, before: dict[str, Any], case: Case) -> Verdict:
    try:
        model = _load(data, case)
    except hermetic.UnsupportedVersion as error:
        return ["refused", error.found]
    except Exception as error:
        return ["unloadable", f"{type(error).__name__}: {error}"[:400]]
    with seeded(0):
        after = answers_of(model, case.inputs)
    return list(_judge(before, after, case))


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
