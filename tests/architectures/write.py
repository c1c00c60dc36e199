"""Fit models of the zoo on this architecture; save each with hermetic and as a legacy file, its answers beside them.

Run inside a root: ``python -m tests.architectures.write FOLDER [PART OF A NAME ...]``.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
import sklearn

import hermetic
from tests.releases.answers import answers_of, write_answers
from tests.releases.forgiving import forgiving_constructors, zoo_of_this_release
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["write_models"]

LEGACY_FORMS = (2, 4, 5, "joblib")


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
    known = json.loads(listed.read_text())["models"] if parts and listed.exists() else {}
    found = {}
    for number, case in enumerate(zoo_of_this_release()):
        if not parts or any(part in case.name for part in parts):
            found[case.name] = _write(case, folder, LEGACY_FORMS[number % len(LEGACY_FORMS)])
    listed.write_text(json.dumps({"scikit-learn": sklearn.__version__, "models": {**known, **found}}, indent=1))
    return found


def _write(case: Case, folder: Path, form: Any) -> str:
    path = folder / case.name.replace("/", "_")
    try:
        with forgiving_constructors():
            model = case.make()
    except Exception as error:  # whatever a release says to parameters that it does not know
        return f"cannot be made: {type(error).__name__}: {error}"[:200]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = hermetic.dumps(model)
    except Exception as error:
        return f"cannot be saved: {type(error).__name__}: {error}"[:300]
    Path(f"{path}.hermetic").write_bytes(data)
    Path(f"{path}.legacy").write_bytes(_legacy(model, form))
    with seeded(0):
        Path(f"{path}.answers").write_bytes(write_answers(answers_of(model, case.inputs)))
    return "written"


def _legacy(model: Any, form: Any) -> bytes:
    """Give a pickle or a joblib file; nothing for the few models that pickle does not take."""
    target = io.BytesIO()
    try:
        joblib.dump(model, target) if form == "joblib" else pickle.dump(model, target, form)
    except Exception:
        return b""
    return target.getvalue()


if __name__ == "__main__":
    found = write_models(Path(sys.argv[1]), sys.argv[2:])
    print(f"{sum(state == 'written' for state in found.values())} of {len(found)} models written")
    for name, state in found.items():
        if state != "written":
            print(f"  {name}: {state}")
