"""validate: each table is shown to its codec, and no link may change afterwards what a codec has looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

import hermetic
from hermetic.capture import capture
from hermetic.codecs.registry import CODECS
from hermetic.errors import InvalidState
from hermetic.graph import Graph, Instances, Link, Name, ObjectArray, Sequences
from hermetic.limits import DEFAULT_LIMITS
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.policy import approve
from hermetic.stages import CurrentGraph
from hermetic.validate import validate

X = np.arange(20.0).reshape(10, 2)


def _validate(graph: Graph, where: str = "") -> Graph:
    current = migrate(
        approve(normalize(graph, limits=DEFAULT_LIMITS)), written_by={"scikit-learn": sklearn.__version__}
    )
    return validate(current, where=where).graph


@pytest.mark.parametrize(
    "model",
    [StandardScaler().fit(X), KNeighborsClassifier().fit(X, X[:, 0] > 5), [KDTree(X)]],
    ids=["scaler", "neighbours", "tree"],
)
def test_an_honest_model_passes_as_it_is(model: Any):
    graph = capture(model)
    assert _validate(graph) is graph


def test_a_broken_rule_is_told_with_the_file_and_the_path():
    graph = capture({"models": [KDTree(X)]})
    table = next(node for node in graph.nodes if isinstance(node, Instances))
    table.fields["data"] = None
    # A node that nothing refers to any more would be refused before.
    for where, path in (("model.hermetic", "model.hermetic: $[...][...]"), ("", "$[...][...]")):
        with pytest.raises(InvalidState) as refused:
            validate(CurrentGraph(graph=graph), where=where)
        assert refused.value.where.startswith(path)


STRAYS = [
    AssertionError("a"),
    AttributeError("a"),
    IndexError("a"),
    KeyError("a"),
    NotImplementedError("a"),
    OverflowError("a"),
    RecursionError("a"),
    TypeError("a"),
    UnicodeDecodeError("utf-8", b"", 0, 1, "a"),
    ValueError("a" * 1000),
]


@pytest.mark.parametrize("stray", STRAYS, ids=lambda stray: type(stray).__name__)
def test_whatever_a_validator_stumbles_over_is_an_invalid_state(stray: Exception, monkeypatch: pytest.MonkeyPatch):
    def stumble(codec: Any, name: str, view: Any) -> None:
        raise stray

    monkeypatch.setattr(CODECS[0].__class__, "validate", stumble)
    name = next(iter(CODECS[0].classes))
    graph = Graph(names=[Name(name, "constructed")], nodes=[Instances(type=0, fields={})], root=[0])

    with pytest.raises(
        InvalidState, match=f"the state of {name} cannot be checked: {type(stray).__name__}: "
    ) as caught:
        validate(CurrentGraph(graph=graph), where="model.hermetic")

    assert caught.value.__cause__ is stray
    assert caught.value.where == "model.hermetic: $"
    assert len(caught.value.found) <= 300


@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt, ImportError, OSError, UserWarning])
def test_what_is_no_fault_of_the_file_goes_through_a_validator(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
):
    def stop(codec: Any, name: str, view: Any) -> None:
        raise kind

    monkeypatch.setattr(CODECS[0].__class__, "validate", stop)
    graph = Graph(
        names=[Name(next(iter(CODECS[0].classes)), "constructed")], nodes=[Instances(type=0, fields={})], root=[0]
    )

    with pytest.raises(kind):
        validate(CurrentGraph(graph=graph))


SEALED = [codec for codec in CODECS if codec.sealed_fields]
WEAK = [codec for codec in CODECS if codec.weak_fields]


def _linked(type_name: str, field: str) -> Graph:
    """Give a table of some type with a link into one of its fields, for the check of links alone."""
    node = Instances(type=0, fields={field: None})
    links = [Link(0, 0, field, 0, 0)]
    return Graph(names=[Name(type_name, "constructed")], nodes=[node], root=[0], links=links)


@pytest.mark.parametrize("codec", SEALED, ids=lambda codec: type(codec).__name__)
def test_a_link_into_a_field_that_native_code_relies_on_is_refused(codec: Any, monkeypatch: Any):
    monkeypatch.setattr(type(codec), "validate", lambda self, name, view: None)
    for field in codec.sealed_fields:
        graph = _linked(next(iter(codec.classes)), field)
        with pytest.raises(InvalidState, match=f"a cycle passes through '{field}', which native code relies on"):
            validate(CurrentGraph(graph=graph))


@pytest.mark.parametrize("codec", SEALED, ids=lambda codec: type(codec).__name__)
def test_so_is_a_link_into_a_list_that_such_a_field_contains(codec: Any, monkeypatch: Any):
    monkeypatch.setattr(type(codec), "validate", lambda self, name, view: None)
    inner = Sequences("list", 1, [[None]])
    outer = Sequences("list", 1, [[[0]]])
    holder = Instances(type=0, fields={next(iter(codec.sealed_fields)): [1]})
    names = [Name(next(iter(codec.classes)), "constructed")]
    graph = Graph(names=names, nodes=[inner, outer, holder], root=[2], links=[Link(0, 0, 0, 2, 0)])
    with pytest.raises(InvalidState, match="a cycle passes through 0"):
        validate(CurrentGraph(graph=graph))


def test_a_link_into_a_list_beside_the_one_that_such_a_field_contains_is_no_danger():
    model, own, beside = StandardScaler(), [1, 2], [3]
    model.n_features_in_ = own  # type: ignore[assignment]
    beside.append(beside)  # type: ignore[arg-type]
    again = hermetic.loads(hermetic.dumps([[own, beside], model]))
    assert again[1].n_features_in_ is again[0][0]
    assert again[0][1][1] is again[0][1]


@pytest.mark.parametrize("codec", WEAK, ids=lambda codec: type(codec).__name__)
def test_a_weak_field_may_be_linked(codec: Any, monkeypatch: Any):
    monkeypatch.setattr(type(codec), "validate", lambda self, name, view: None)
    for field in codec.weak_fields - codec.sealed_fields:
        graph = _linked(next(iter(codec.classes)), field)
        graph.nodes.append(Instances(type=0, fields={field: None}))
        graph.links = [Link(0, 0, field, 1, 0)]
        assert validate(CurrentGraph(graph=graph)).graph is graph


@pytest.mark.parametrize("codec", WEAK, ids=lambda codec: type(codec).__name__)
def test_a_chain_through_a_weak_field_must_end_at_an_object_of_its_own_kind(codec: Any, monkeypatch: Any):
    monkeypatch.setattr(type(codec), "validate", lambda self, name, view: None)
    for field in codec.weak_fields:
        graph = _linked(next(iter(codec.classes)), field)
        with pytest.raises(InvalidState, match=f"the chain of {field} never ends"):
            validate(CurrentGraph(graph=graph))
        graph.nodes.append(Sequences("list", 0, [[]]))
        graph.links = [Link(0, 0, field, 1, 0)]
        with pytest.raises(InvalidState, match=f"{field} refers to something else"):
            validate(CurrentGraph(graph=graph))


def test_a_link_into_an_estimators_own_note_is_no_danger():
    model = StandardScaler()
    model.note_ = Bunch(model=model)
    graph = capture(model)
    assert graph.links
    assert _validate(graph) is graph


def test_a_link_into_a_foreign_object_is_refused_for_its_fields_are_read_when_it_is_made():
    graph = _linked("package.Thing", "state")
    with pytest.raises(InvalidState, match="a cycle passes through 'state'"):
        validate(CurrentGraph(graph=graph))


def test_a_graph_of_plain_values_asks_no_codec():
    graph = Graph(names=[], nodes=[], root=1)
    assert validate(CurrentGraph(graph=graph)).graph is graph


def _shared(levels: int) -> Any:
    model: Any = StandardScaler()
    for _ in range(levels):
        model = FeatureUnion([("one", model), ("other", model)])
    return model


@pytest.mark.parametrize("value", [_shared(30), [_shared(20)] * 64], ids=["steps in steps", "steps in a list"])
def test_steps_that_are_shared_until_nobody_could_copy_them_are_refused(value: Any):
    with pytest.raises(InvalidState, match="shared so often that repr, clone and predict would meet more than"):
        _validate(capture(value))


def test_lists_that_are_shared_until_nobody_could_print_them_are_refused():
    value: list[Any] = []
    for _ in range(60):
        value = [value, value]
    with pytest.raises(InvalidState, match="shared so often"):
        _validate(capture(value))


@pytest.mark.parametrize("value", [_shared(10), [_shared(3)] * 1000, [[[]]] * 100_000], ids=["ten", "list", "long"])
def test_what_is_shared_less_often_is_kept(value: Any):
    graph = capture(value)
    assert _validate(graph) is graph


@pytest.mark.parametrize("kind", [np.ndarray, np.matrix, np.recarray, np.ma.MaskedArray])
def test_a_link_from_an_array_to_an_array_is_refused_because_arithmetic_would_end_the_process(kind: Any):
    outer = np.empty((1, 1), dtype=object)
    graph = capture([outer.view(kind)])
    [holder] = [number for number, node in enumerate(graph.nodes) if isinstance(node, ObjectArray)][-1:]
    target = len(graph.nodes) - 2
    graph.links.append(Link(holder, 0, 0, target, 0))
    with pytest.raises(InvalidState, match="an array contains itself"):
        _validate(graph)


def test_a_link_from_an_array_to_the_list_around_it_is_no_danger():
    value: list[Any] = [np.empty(1, dtype=object)]
    value[0][0] = value
    graph = capture(value)
    assert len(graph.links) == 1
    assert _validate(graph) is graph
