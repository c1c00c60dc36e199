"""policy: trust by exact name and role; from our tables and the caller, never from the file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import FormatError, UnsupportedVersion, UntrustedType, UsageError
from hermetic.graph import Graph, Instances, Name, Sequences
from hermetic.policy import approve, unknown_names
from hermetic.stages import NeutralGraph
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
    Name("numpy.load", "referenced"),
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
