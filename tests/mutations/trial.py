"""The process in which hostile models are loaded and used; what becomes of it is the answer.

It prints one line before each trial, so that whoever started it knows which one it did not survive, and one line of
JSON at its end. Run it by hand to see one trial again: ``python -m tests.mutations.trial NAME FIRST AFTER_LAST``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import sys
import warnings
from typing import Any

import numpy as np
import scipy.sparse
import sklearn
from sklearn.base import clone

import hermetic
from hermetic.capture import capture
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.graph import Graph
from tests.mutations.change import changed
from tests.mutations.families import CASES
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["main"]

_SECONDS = 30
_ADDRESS_SPACE_BYTES = 12 << 30
_METHODS = (
    "predict predict_proba decision_function transform score_samples apply decision_path kneighbors radius_neighbors "
    "inverse_transform staged_predict kneighbors_graph"
)


def main(arguments: list[str]) -> None:
    """Try the changes from a first to before a last number, for each named case.

    Parameters
    ----------
    arguments : list of str
        Names of cases, then the two numbers.
    """
    *names, first, last = arguments
    _limit_memory()
    counts = {"unwritable": 0, "refused": 0, "loaded": 0, "wrong": []}
    for name in names:
        case = CASES[name]
        model = case.make()
        graph, versions = capture(model), _versions()
        for number in range(int(first), int(last)):
            hostile, words = changed(graph, f"{name} {number}")
            print(f"{name} {number}: {words}", flush=True)
            faulthandler.dump_traceback_later(_SECONDS, exit=True)
            _try(case, hostile, versions, f"{name} {number}: {words}", counts)
    faulthandler.cancel_dump_traceback_later()
    print(json.dumps(counts), flush=True)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))


def _versions() -> dict[str, str]:
    return {"hermetic": hermetic.__version__, "scikit-learn": sklearn.__version__}


def _try(case: Case, graph: Graph, versions: dict[str, str], words: str, counts: dict[str, Any]) -> None:
    target = io.BytesIO()
    try:
        write_container_seekable(target, graph_members(graph), versions)
    except Exception:
        # No such file can be written by our own writer; an attacker's could, which tests/formats has in hand.
        counts["unwritable"] += 1
        return
    try:
        model = hermetic.loads(target.getvalue())[0]
    except hermetic.FileError:
        counts["refused"] += 1
        return
    except Exception as error:
        counts["wrong"].append(f"{words}: {type(error).__name__}: {error}")
        return
    counts["loaded"] += 1
    with seeded(0), warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        _use(model, case.inputs)


def _use(model: Any, inputs: Any) -> None:
    """Ask a model everything that reaches native code; what Python raises is no harm."""
    for name in _METHODS.split():
        given = inputs.get(name, inputs.get("X"))
        with contextlib.suppress(Exception):
            answer = getattr(model, name)(given)
            if name == "staged_predict":
                list(answer)
            if scipy.sparse.issparse(answer):
                answer.toarray()
    with contextlib.suppress(Exception):
        model.dbscan_clustering(0.5)
    with contextlib.suppress(Exception):
        model.partial_fit(inputs["X"], model.predict(inputs["X"]))
    for ask in (repr, lambda own: own.get_params(), clone, lambda own: own.feature_importances_, hermetic.dumps):
        with contextlib.suppress(Exception):
            ask(model)


if __name__ == "__main__":
    main(sys.argv[1:])
