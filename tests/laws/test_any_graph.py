"""The law of any graph: whatever stands in a file of right form, it is refused as a fault of the file, or is whole."""

from __future__ import annotations

import io
import warnings

import sklearn
from hypothesis import HealthCheck, assume, event, given, settings

import hermetic
from hermetic.errors import CannotSave, FileError
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.graph import Graph
from tests.laws.graphs import catalogue, graphs

WRITTEN_BY = {"hermetic": "0", "scikit-learn": sklearn.__version__}


def _as_file(graph: Graph) -> bytes:
    target = io.BytesIO()
    write_container_seekable(target, graph_members(graph), WRITTEN_BY)
    return target.getvalue()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(graphs())
def test_any_graph_is_refused_as_a_fault_of_the_file_or_gives_something_that_is_saved_the_same(graph: Graph):
    try:
        file = _as_file(graph)
    except (OverflowError, ValueError):
        assume(False)
    try:
        loaded = hermetic.loads(file)
    except FileError as error:
        event(f"refused: {type(error).__name__}")
        assert error.found
        return
    event("accepted")
    with warnings.catch_warnings():
        # Comparing and copying hostile numbers may warn.
        warnings.simplefilter("ignore")
        try:
            saved = hermetic.dumps(loaded)
        except CannotSave:
            return
        assert hermetic.dumps(hermetic.loads(saved)) == saved


def test_the_grammar_knows_the_types_that_hold_native_state():
    fields, dtypes = catalogue()
    assert {"sklearn.tree.Tree", "sklearn.neighbors.KDTree", "sklearn.svm.SVC", "scipy.sparse.csr_matrix"} <= set(
        fields
    )
    assert {"left_child", "feature"} <= set(
        next(dtype for dtype in dtypes if dtype.names and "left_child" in dtype.names).names
    )
