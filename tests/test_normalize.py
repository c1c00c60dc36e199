"""normalize: what a well-formed graph is. Each rule has a graph that just keeps it and one that just breaks it."""

from __future__ import annotations

import time

import pytest

from hermetic.errors import InvalidState, LimitExceeded
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, ObjectArray, Rows, Same, Sequences
from hermetic.limits import Limits
from hermetic.normalize import normalize

LIMITS = Limits()
TYPE = [Name("package.Thing", "constructed")]
FUNCTION = [Name("package.function", "referenced")]


def _list(*items: object) -> Sequences:
    return Sequences(type="list", lengths=len(items), columns=[list(items)])


def _graph(*nodes: object, root: object = None, names: object = (), links: object = ()) -> Graph:
    last = len(nodes) - 1
    return Graph(names=list(names), nodes=list(nodes), root=[last] if root is None else root, links=list(links))


TWO_LISTS = Sequences(type="list", lengths=1, columns=[[1, 2]], rows=2)

WELL_FORMED = {
    "a plain value": _graph(root=1.5),
    "a tagged value": _graph(root={"float": "nan"}),
    "an empty list": _graph(_list()),
    "a reference backwards": _graph(_list(), _list([0], [0])),
    "both rows": _graph(TWO_LISTS, _list([0, 0], [0, 1])),
    "all rows": _graph(TWO_LISTS, Sequences(type="list", lengths=2, columns=[Rows(0)])),
    "all rows but one place": _graph(TWO_LISTS, Sequences(type="list", lengths=3, columns=[Rows(0, {1: None})])),
    "an instance": _graph(Instances(type=0, fields={"a": 1}), names=TYPE),
    "unequal lengths": _graph(Sequences(type="list", lengths=[0, 2], columns=[[1, 2]], rows=2), root=[0, 1]),
    "two dictionaries": _graph(Mappings(length=1, keys=["a"], columns=[[1, 2]], rows=2), root=[0, 0]),
    "a set": _graph(Sequences(type="set", lengths=2, columns=[[1, 2]])),
    "one value many times": _graph(Sequences(type="list", lengths=9, columns=[Same({"name": 0})]), names=FUNCTION),
    "objects in an array": _graph(ObjectArray(shape=[2, 1], items=[1, 2], order="F")),
    "an empty array of objects": _graph(ObjectArray(shape=[0, 2**28], items=[])),
    "a list in itself": _graph(_list(None), links=[Link(0, 0, 0, 0, 0)]),
    "a cycle through a field": _graph(Instances(type=0, fields={"a": None}), names=TYPE, links=[Link(0, 0, "a", 0, 0)]),
    "a cycle through an array": _graph(ObjectArray(shape=[1, 2], items=[1, None]), links=[Link(0, 0, 1, 0, 0)]),
}


@pytest.mark.parametrize("name", WELL_FORMED)
def test_a_well_formed_graph_passes_as_it_is(name: str):
    graph = WELL_FORMED[name]
    assert normalize(graph, limits=LIMITS).graph is graph


BROKEN = {
    # references
    "itself": (_graph(_list([0])), "not a reference to an earlier node"),
    "forward": (_graph(_list([1]), _list()), "not a reference to an earlier node"),
    "negative": (_graph(_list(), _list([-1])), "not a reference to an earlier node"),
    "empty": (_graph(_list([])), "not a reference to an earlier node"),
    "three parts": (_graph(_list(), _list([0, 0, 0])), "not a reference to an earlier node"),
    "a float": (_graph(_list(), _list([0.0])), "not a reference to an earlier node"),
    "true": (_graph(_list(), _list(), _list([True], [0])), "not a reference to an earlier node"),
    "a list of a list": (_graph(_list(), _list([[0]])), "not a reference to an earlier node"),
    "a row of a single one": (_graph(_list(), _list([0, 0])), "node 0 has no row 0"),
    "no row of several": (_graph(TWO_LISTS, _list([0])), "a reference must say which"),
    "a row beyond": (_graph(TWO_LISTS, _list([0, 2])), "node 0 has no row 2"),
    "a negative row": (_graph(TWO_LISTS, _list([0, -1])), "node 0 has no row -1"),
    "a row by name": (_graph(TWO_LISTS, _list([0, "0"])), "node 0 has no row '0'"),
    "root": (_graph(_list(), root=[1]), "not a reference to an earlier node"),
    "in a same": (_graph(Sequences(type="list", lengths=9, columns=[Same([0])])), "not a reference"),
    "in an exception": (
        _graph(TWO_LISTS, Sequences(type="list", lengths=3, columns=[Rows(0, {0: [7]})])),
        "not a reference",
    ),
    "rows of itself": (_graph(Sequences(type="list", lengths=1, columns=[Rows(0)])), "not a reference"),
    "too few rows": (
        _graph(TWO_LISTS, Sequences(type="list", lengths=3, columns=[Rows(0)])),
        "takes 3 rows of a table that has 2",
    ),
    "nothing refers to it": (_graph(_list(), _list()), "nothing refers to node 0"),
    # values
    "a dictionary that is no value": (_graph(root={"float": "nan", "int": "0x1"}), "not a value"),
    "a number too big for its dtype": (_graph(root={"numpy": ["<f4", 1e300]}), "not a value"),
    "a number too fine for its dtype": (_graph(root={"numpy": ["<f2", 0.1]}), "not a value"),
    "a name that is not there": (_graph(root={"name": 0}), "not a value"),
    "a value in a field": (_graph(Instances(type=0, fields={"a": {}}), names=TYPE), "not a value"),
    "twice the same name": (_graph(root=1, names=FUNCTION * 2), "stands twice"),
    # tables
    "no rows": (_graph(Sequences(type="list", lengths=0, columns=[], rows=0)), "a table of 0 rows"),
    "negative rows": (_graph(Arrays(dtype="<f8", shape=[1], rows=-3)), "a table of -3 rows"),
    "a column too short": (_graph(_list(), Sequences(type="list", lengths=2, columns=[[1]])), "a column of 1 values"),
    "no such type": (_graph(Instances(type=1, fields={}), names=TYPE), "no constructed type has number 1"),
    "a negative type": (_graph(Instances(type=-1, fields={}), names=TYPE), "no constructed type has number -1"),
    "a function as type": (_graph(Instances(type=0, fields={}), names=FUNCTION), "no constructed type"),
    "a queue": (_graph(Sequences(type="deque", lengths=0, columns=[[]])), "no table of 'deque'"),
    "several sets": (_graph(Sequences(type="set", lengths=0, columns=[], rows=2)), "no table of 'set'"),
    "a negative length": (_graph(Sequences(type="list", lengths=-1, columns=[[]])), "do not fit"),
    "one negative length": (
        _graph(Sequences(type="list", lengths=[2, -1], columns=[[1]], rows=2), root=[0, 0]),
        "do not fit",
    ),
    "too few lengths": (_graph(Sequences(type="list", lengths=[1], columns=[[1]], rows=2), root=[0, 0]), "do not fit"),
    "a list of lengths for one": (_graph(Sequences(type="list", lengths=[1], columns=[[1]])), "columns for lists"),
    "two columns for one list": (_graph(Sequences(type="list", lengths=1, columns=[[1], [2]])), "2 columns for lists"),
    "a column too few": (_graph(Sequences(type="list", lengths=2, columns=[[1, 1]], rows=2)), "1 columns for lists"),
    # dictionaries
    "negative dictionary": (_graph(Mappings(length=-1, keys=[], columns=[[]])), "dictionaries of length -1"),
    "no values": (_graph(Mappings(length=1, keys=["a"], columns=[])), "0 columns for dictionaries"),
    "one key twice": (_graph(Mappings(length=2, keys=["a", "a"], columns=[[1, 1]] * 2, rows=2)), "distinct text keys"),
    "a number as key": (_graph(Mappings(length=1, keys=[1], columns=[[1, 1]], rows=2)), "distinct text keys"),
    "keys in a pool": (_graph(Mappings(length=1, keys={"int": [0, 0]}, columns=[[1, 1]], rows=2)), "distinct text"),
    "a key too few": (_graph(Mappings(length=2, keys=["a"], columns=[[1, 1]] * 2, rows=2)), "1 keys for dictionaries"),
    # object arrays
    "a negative axis": (_graph(ObjectArray(shape=[-1, -1], items=[1])), "not the shape and order"),
    "too many axes": (_graph(ObjectArray(shape=[1] * 65, items=[1])), "not the shape and order"),
    "endless though empty": (_graph(ObjectArray(shape=[0, 2**28, 2], items=[])), "an array without items has"),
    "beyond all memory": (_graph(ObjectArray(shape=[0, 2**40, 2**40], items=[])), "not the shape and order"),
    "no such order": (_graph(ObjectArray(shape=[1], items=[1], order="A")), "not the shape and order"),
    # links
    "from nowhere": (_graph(_list(None), links=[Link(1, 0, 0, 0, 0)]), "row 0 of node 1, which does not exist"),
    "from a row beyond": (_graph(_list(None), links=[Link(0, 1, 0, 0, 0)]), "row 1 of node 0, which does not exist"),
    "to nowhere": (_graph(_list(None), links=[Link(0, 0, 0, -1, 0)]), "row 0 of node -1, which does not exist"),
    "beyond the list": (_graph(_list(None), links=[Link(0, 0, 1, 0, 0)]), "has no place 1"),
    "before the list": (_graph(_list(None), links=[Link(0, 0, -1, 0, 0)]), "has no place -1"),
    "into a tuple": (
        _graph(Sequences(type="tuple", lengths=1, columns=[[None]]), links=[Link(0, 0, 0, 0, 0)]),
        "has no place 0",
    ),
    "a field of a list": (_graph(_list(None), links=[Link(0, 0, "a", 0, 0)]), "has no place 'a'"),
    "another field": (
        _graph(Instances(type=0, fields={"a": None}), names=TYPE, links=[Link(0, 0, "b", 0, 0)]),
        "has no place 'b'",
    ),
    "a place in an instance": (
        _graph(Instances(type=0, fields={"a": None}), names=TYPE, links=[Link(0, 0, 0, 0, 0)]),
        "has no place 0",
    ),
    "into numbers": (_graph(Arrays(dtype="<f8", shape=[1]), links=[Link(0, 0, 0, 0, 0)]), "has no place 0"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_graph_that_breaks_a_rule_is_refused_in_its_words(name: str):
    graph, words = BROKEN[name]
    with pytest.raises(InvalidState, match=words) as refused:
        normalize(graph, limits=LIMITS)
    assert refused.value.next_step == (
        "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."
    )


def test_the_refusal_names_the_file_and_the_path():
    graph = _graph(_list([7]), Mappings(length=1, keys=["a"], columns=[[[0]]]), _list(1, [1]))
    with pytest.raises(InvalidState) as refused:
        normalize(graph, limits=LIMITS, where="model.hermetic")
    assert refused.value.where == "model.hermetic: $[...][...]"


def _chain(depth: int) -> Graph:
    return _graph(*[_list() if index == 0 else _list([index - 1]) for index in range(depth)])


BUDGETS = {
    "nodes": (Limits(nodes=3), _chain(3), _chain(4), 4),
    "depth": (Limits(depth=5), _chain(5), _chain(6), 6),
    "values": (
        Limits(values=10),
        _graph(Sequences(type="list", lengths=10, columns=[Same(1)])),
        _graph(Sequences(type="list", lengths=11, columns=[Same(1)])),
        11,
    ),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_a_graph_within_its_budget_passes_and_one_beyond_it_is_told_the_number(name: str):
    limits, within, beyond, asked = BUDGETS[name]
    normalize(within, limits=limits)
    with pytest.raises(LimitExceeded) as refused:
        normalize(beyond, limits=limits, where="model.hermetic")
    assert (refused.value.limit, refused.value.asked, refused.value.where) == (name, asked, "model.hermetic")


FREE_ROWS = {
    "lists": Sequences(type="list", lengths=0, columns=[], rows=2**62),
    "dictionaries": Mappings(length=0, keys=[], columns=[], rows=2**62),
    "instances": Instances(type=0, fields={}, rows=2**62),
    "arrays": Arrays(dtype="<f8", shape=[0], rows=2**62),
}


@pytest.mark.parametrize("name", FREE_ROWS)
def test_rows_count_also_where_a_table_has_no_fields(name: str):
    graph = _graph(FREE_ROWS[name], root=[0, 0], names=TYPE)
    with pytest.raises(LimitExceeded, match="values"):
        normalize(graph, limits=LIMITS)


def test_many_huge_axes_are_refused_before_they_are_multiplied():
    graph = _graph(ObjectArray(shape=[2**52] * 300_000, items=[1]))
    started = time.perf_counter()
    with pytest.raises(InvalidState):
        normalize(graph, limits=LIMITS)
    assert time.perf_counter() - started < 2


def test_a_reference_to_a_deep_node_counts_its_depth_also_from_beside():
    # Each node is shallow where it stands in the list of nodes; only the references say how deep it is.
    nodes = [*_chain(4).nodes, _list([3]), _list([4], [0])]
    with pytest.raises(LimitExceeded, match="depth"):
        normalize(_graph(*nodes), limits=Limits(depth=5))
    normalize(_graph(*nodes), limits=Limits(depth=6))


def test_what_a_link_points_to_is_used():
    graph = _graph(_list(), _list(None), links=[Link(1, 0, 0, 0, 0)])
    assert normalize(graph, limits=LIMITS).graph is graph
