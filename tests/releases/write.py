"""Fit every model of the zoo in this environment; save each with hermetic, and its answers beside it.

Run with the Python of an environment: ``python -m tests.releases.write FOLDER [PART OF A NAME ...]``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import sklearn

import hermetic
from tests.releases.answers import answers_of, write_answers
from tests.releases.forgiving import forgiving_constructors, zoo_of_this_release
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["write_models"]


def write_models(folder: Path, parts: list[str]) -> dict[str, str]:
    """Write the models into a folder.

    Parameters
    ----------
    folder : Path
        Made when it is missing.
    parts : list of str
        Only models whose name contains one of them; all when it is empty.

    Returns
    -------
    dict of str to str
        For each name ``written``, or why there is no file; also in ``index.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "index.json"
    index: dict[str, Any] = json.loads(listed.read_text())["models"] if parts and listed.exists() else {}
    for case in zoo_of_this_release():
        if not parts or any(part in case.name for part in parts):
            index[case.name] = _write(case, folder)
    text = json.dumps({"scikit-learn": sklearn.__version__, "models": index}, indent=1)
    listed.write_text(text)
    return index


def _write(case: Case, folder: Path) -> str:
    path = folder / case.name.replace("/", "_")
    try:
        with forgiving_constructors():
            model = case.make()
    except Exception as error:  # whatever a release says to parameters that it does not know
        return f"cannot be made: {type(error).__name__}: {error}"[:200]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            hermetic.dump(model, f"{path}.hermetic")
    except Exception as error:
        return f"cannot be saved: {type(error).__name__}: {error}"[:300]
    with seeded(0):
        Path(f"{path}.answers").write_bytes(write_answers(answers_of(model, case.inputs)))
    return "written"


if __name__ == "__main__":
    found = write_models(Path(sys.argv[1]), sys.argv[2:])
    print(f"scikit-learn {sklearn.__version__}: {sum(state == 'written' for state in found.values())} of {len(found)}")
    for name, state in found.items():
        if state != "written":
            print(f"  {name}: {state}")
