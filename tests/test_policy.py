"""policy: trust by exact name and role; from our tables and the caller, never from the file."""

from __future__ import annotations

import types
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.codecs.registry import CODECS
from hermetic.errors import FormatError, InvalidState, UnsupportedVersion, UntrustedType, UsageError
from hermetic.graph import Graph, Instances, Name, Sequences
from hermetic.policy import approve, is_exact_name, unknown_names
from hermetic.restore import restore
from hermetic.stages import CurrentGraph, NeutralGraph
from hermetic.validate import validate
from tests.codecs.user_classes import Outer, Plain

SCALER = "sklearn.preprocessing.StandardScaler"


def _graph(*names: Name) -> NeutralGraph:
    items: list[Any] = [{"name": number} for number, name in enumerate(names) if name.role != "constructed"]
    nodes: list[Any] = [Instances(type=n, fields={}) for n, name in enumerate(names) if name.role == "constructed"]
    items += [[number] for number in range(len(nodes))]
    return NeutralGraph(graph=Graph(names=list(names), nodes=[*nodes, Sequences("list", len(items), [items])], root=1))


KNOWN = [
    Name(SCALER, "constructed"),
    Name(SCALER, "referenced"),
    Name("numpy.log1p", "referenced"),
    Name("numpy.float64", "referenced"),
    Name("builtins.len", "referenced"),
    Name("builtins:str.lower", "referenced"),
    Name("decimal.Decimal", "referenced"),
    Name("pandas.DataFrame", "referenced"),
    Name("scipy.sparse.csr_matrix", "constructed"),
    Name("sklearn.tree.Tree", "constructed"),
]


@pytest.mark.parametrize("name", KNOWN, ids=str)
def test_what_stands_in_our_tables_needs_no_trust(name: Name):
    neutral = _graph(name)
    assert approve(neutral).graph is neutral.graph


UNKNOWN = [
    Name("package.Thing", "constructed"),
    Name("package.function", "referenced"),
    Name("numpy.log1p", "constructed"),
    Name("numpy.log1p", "called"),
    Name(SCALER, "called"),
    Name("builtins.eval", "referenced"),
    Name("builtins.exec", "referenced"),
    Name("builtins.getattr", "referenced"),
    Name("builtins.map", "referenced"),
    Name("builtins.type", "referenced"),
    Name("functools.partial", "referenced"),
    Name("numpy.load", "referenced"),
    Name("numpy.matrix", "referenced"),
    Name("numpy.recarray", "referenced"),
    Name("numpy.zeros_like", "referenced"),
    Name("numpy.random.MT19937", "referenced"),
    Name("operator.attrgetter", "constructed"),
    Name("operator.itemgetter", "referenced"),
    Name("operator.methodcaller", "constructed"),
    Name("pandas.MultiIndex", "referenced"),
    Name("scipy.sparse.csr_matrix", "referenced"),
    Name("sklearn.cluster._kmeans._kmeans_single_lloyd", "referenced"),
    Name("sklearn.neighbors.KDTree", "referenced"),
    Name("sklearn.tree.Tree", "referenced"),
    Name("numpy.vectorize", "referenced"),
    Name("os.system", "referenced"),
    Name("sklearn.preprocessing.StandardScaler.fit", "referenced"),
    Name("sklearn.preprocessing.standardscaler", "constructed"),
    Name("sklearn.preprocessing.StandardScaler ", "constructed"),
    Name(" sklearn.preprocessing.StandardScaler", "constructed"),
    Name("sklearn.preprocessing:StandardScaler", "constructed"),
    Name("sklearn.os.system", "referenced"),
    Name("", "constructed"),
]


@pytest.mark.parametrize("name", UNKNOWN, ids=str)
def test_everything_else_is_refused(name: Name):
    assert unknown_names(_graph(name).graph) == [name]
    with pytest.raises(UntrustedType) as refused:
        approve(_graph(name), where="model.hermetic")
    assert [(found, role) for found, role, _ in refused.value.names] == [(name.name, name.role)]
    assert refused.value.where == "model.hermetic"


TRUST = [
    (Name("package.Thing", "constructed"), "package.Thing"),
    (Name("package.function", "referenced"), "package.function"),
    (Name("package.function", "called"), "call:package.function"),
    (Name("package:Outer.Inner", "constructed"), "package:Outer.Inner"),
    (Name("packäge.Thing", "constructed"), "packäge.Thing"),
    (Name("scipy.sparse.csr_matrix", "referenced"), "scipy.sparse.csr_matrix"),
]


@pytest.mark.parametrize(("name", "trusted"), TRUST)
def test_an_exact_name_in_its_role_is_trusted(name: Name, trusted: str):
    for collection in ([trusted], {trusted}, (trusted, "other.Name"), frozenset({trusted})):
        assert approve(_graph(name), trusted=collection)


NOT_THE_SAME = [
    (Name("package.Thing", "constructed"), "call:package.Thing"),
    (Name("package.function", "called"), "package.function"),
    (Name("package.Thing", "constructed"), "package"),
    (Name("package.Thing", "constructed"), "package.Thing.more"),
    (Name("package.Thing", "constructed"), "package.thing"),
    (Name("package.Thing", "constructed"), "package:Thing"),
    (Name("package:Outer.Inner", "constructed"), "package.Outer.Inner"),
    (Name("call:package.function", "constructed"), "call:package.function"),
    (Name("call:package.function", "referenced"), "call:package.function"),
]


@pytest.mark.parametrize(("name", "trusted"), NOT_THE_SAME)
def test_another_name_or_role_is_not_meant(name: Name, trusted: str):
    with pytest.raises(UntrustedType):
        approve(_graph(name), trusted=[trusted])


def test_one_error_lists_every_unknown_name_with_its_first_place():
    with pytest.raises(UntrustedType) as refused:
        approve(_graph(Name("a.B", "constructed"), KNOWN[0], Name("c.d", "referenced"), Name("e.f", "called")))
    assert [name for name, _, _ in refused.value.names] == ["a.B", "c.d", "e.f"]
    assert all(f"{name}  ({role}, first at {path}" in str(refused.value) for name, role, path in refused.value.names)


def test_what_is_trusted_may_be_given_as_the_thing_itself():
    data = hermetic.dumps([Plain(a=1), Outer.Inner()])
    loaded = hermetic.loads(data, trusted=[Plain, Outer.Inner])
    assert (type(loaded[0]), type(loaded[1])) == (Plain, Outer.Inner)
    with pytest.raises(UntrustedType, match=r"Outer\.Inner"):
        hermetic.loads(data, trusted=[Plain])


PATTERNS: list[Any] = [
    *("package.Thing", b"package.Thing", True),
    *(
        ["package.*"],
        ["*package.Thing"],
        ["*"],
        [""],
        ["package."],
        [".Thing"],
        ["package..Thing"],
        ["package thing"],
        ["Thing()"],
    ),
    *(["package.Thing\n"], ["call:"], ["a:b:c"], ["1.a"], ["a.b-c"]),
]


@pytest.mark.parametrize("trusted", PATTERNS, ids=repr)
def test_trust_is_never_a_pattern_a_prefix_or_everything(trusted: Any):
    with pytest.raises(UsageError, match="exact"):
        approve(_graph(KNOWN[0]), trusted=trusted)


@pytest.mark.parametrize("role", ["", "construct", "Constructed", "all", "imported"])
def test_an_unknown_role_is_no_format_of_ours(role: str):
    with pytest.raises(FormatError, match="unknown role"):
        approve(_graph(Name(SCALER, role)), trusted=[SCALER])


@pytest.mark.parametrize("layout", [0, -1, 2**62])
@pytest.mark.parametrize("name", [SCALER, "package.Thing"])
def test_a_layout_that_is_not_known_asks_for_a_newer_version(layout: int, name: str):
    with pytest.raises(UnsupportedVersion, match=f"layout {layout}") as refused:
        approve(_graph(Name(name, "constructed", layout)), trusted=["package.Thing"])
    assert refused.value.next_step == "Install a newer hermetic."


def test_nothing_is_imported_because_a_file_names_it(tmp_path: Any, monkeypatch: Any):
    (tmp_path / "a_module_that_tells.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for role in ("constructed", "referenced", "called"):
        with pytest.raises(UntrustedType):
            approve(_graph(Name("a_module_that_tells.Thing", role)))


def test_the_default_trusts_what_ordinary_models_hold():
    value = [np.float32(1), Decimal("1.5"), np.log1p, {"a": np.dtype("f4")}]
    assert hermetic.loads(hermetic.dumps(value)) == value


APPROVED = [
    (Name("package.Thing", "constructed"), ("constructed", "package.Thing")),
    (Name("package.function", "referenced"), ("referenced", "package.function")),
    (Name("package.function", "called"), ("called", "package.function")),
]


@pytest.mark.parametrize(("name", "approved"), APPROVED)
def test_an_approval_is_for_one_role(name: Name, approved: tuple[str, str]):
    assert approve(_graph(name), approved={approved})
    for role in ("called", "constructed", "referenced"):
        if role != name.role:
            with pytest.raises(UntrustedType):
                approve(_graph(name), approved={(role, name.name)})


@pytest.mark.parametrize("name", ["package.Thing", "package:Outer.Inner", "a.b.c.D", "p\u00e4ck.T", "Thing"])
def test_a_dotted_name_is_exact(name: str):
    assert is_exact_name(name)


@pytest.mark.parametrize("name", ["", "a b", "a.*", "call:a.b", "a.b\n", "a:b:c", "a..b", "\x1b[2J", "a.b()", "1.a"])
def test_everything_else_is_no_name(name: str):
    assert not is_exact_name(name)


SPELLINGS = ["sklearn.tree._classes.DecisionTreeClassifier", "sklearn.ensemble._forest.DecisionTreeClassifier"]
SPELLINGS += [
    "sklearn.tree._tree.Tree",
    "numpy:matrix",
    "collections.abc.OrderedDict",
    "numpy.ndarray",
    "builtins.dict",
]
SPELLINGS += ["sklearn.utils.fixes.csr_matrix", "numpy.rec.recarray", "numpy.float64"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_class_with_rules_cannot_be_made_under_another_name_even_when_that_is_trusted(name: str):
    graph = _graph(Name(name, "constructed"))
    current = CurrentGraph(graph=approve(graph, trusted=[name]).graph)
    with pytest.raises(InvalidState, match=r"that nothing checks|cannot be imported"):
        restore(validate(current))


def test_a_trusted_function_cannot_be_made_and_a_trusted_class_is_not_called():
    with pytest.raises(InvalidState, match="not a class"):
        restore(
            validate(CurrentGraph(graph=approve(_graph(Name("os.getcwd", "constructed")), trusted=["os.getcwd"]).graph))
        )
    with pytest.raises(UntrustedType):
        approve(_graph(Name("package.Thing", "called")), trusted=["package.Thing"])


def test_a_trusted_module_is_no_value():
    graph = approve(_graph(Name("os.path", "referenced")), trusted=["os.path"]).graph
    with pytest.raises(InvalidState, match="is a module"):
        restore(validate(CurrentGraph(graph=graph)))


def test_a_trusted_kind_of_array_takes_no_state_of_numpy():
    graph = _graph(Name("tests.zoo.user_module.UserArray", "constructed")).graph
    graph.nodes.insert(0, Sequences("list", 1, [[1]]))
    graph.nodes[1].fields["state"] = [0]
    graph.nodes[2].columns = [[[1]]]
    graph.root = [2]
    approved = approve(NeutralGraph(graph=graph), trusted=["tests.zoo.user_module.UserArray"])
    with pytest.raises(InvalidState, match=r"made from its items|does not take the arguments"):
        restore(validate(CurrentGraph(graph=approved.graph)))


@pytest.mark.parametrize("thing", [object(), 5, None], ids=["object", "number", "none"])
def test_trust_in_what_has_no_name_is_a_usage_error(thing: Any):
    with pytest.raises(UsageError, match="exact dotted names"):
        approve(_graph(KNOWN[0]), trusted=[thing])


def test_every_class_that_may_be_a_value_is_python_code_or_harmless_to_call():
    callable_classes = {name for codec in CODECS if codec.is_value for name in codec.classes}
    for name in callable_classes:
        kind = next(codec for codec in CODECS if name in codec.classes).resolve(name)
        is_estimator = name.startswith(("sklearn.", "hermetic.legacy.")) and type(kind.__init__) in (
            types.FunctionType,
            types.WrapperDescriptorType,
        )
        is_pandas = name.startswith("pandas.")
        is_standard = name.partition(".")[0] in STANDARD
        assert is_estimator or is_pandas or is_standard or name == "numpy.random.RandomState", name


STANDARD = {"collections", "datetime", "decimal", "fractions", "ipaddress", "pathlib", "uuid"}
