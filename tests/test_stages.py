"""The stages are made in one file each, and each gate takes only the stage before it: no path leads around a gate."""

from __future__ import annotations

import ast
import typing

import pytest

from hermetic.graph import Graph
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.policy import approve
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph, CurrentGraph, NeutralGraph, ValidGraph
from hermetic.validate import validate
from tests.structure.source_files import PACKAGE_FILES

MADE_IN = {
    NeutralGraph: "src/hermetic/normalize.py",
    ApprovedGraph: "src/hermetic/policy.py",
    CurrentGraph: "src/hermetic/migrate.py",
    ValidGraph: "src/hermetic/validate.py",
}
GATES = [
    (normalize, "graph", Graph, NeutralGraph),
    (approve, "neutral", NeutralGraph, ApprovedGraph),
    (migrate, "approved", ApprovedGraph, CurrentGraph),
    (validate, "current", CurrentGraph, ValidGraph),
    (restore, "valid", ValidGraph, typing.Any),
]


@pytest.mark.parametrize("stage", MADE_IN, ids=lambda stage: stage.__name__)
def test_a_stage_is_made_in_the_file_of_its_gate_and_nowhere_else(stage: type):
    places = [
        file.name
        for file in PACKAGE_FILES
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == stage.__name__
    ]
    assert places == [MADE_IN[stage]]


def test_no_stage_is_copied_changed_or_made_in_another_way():
    names = {stage.__name__ for stage in MADE_IN}
    wrong = [
        file.at(node)
        for file in PACKAGE_FILES
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        and (
            (ast.unparse(node.func).split(".")[-1] in ("replace", "__new__", "partial", "cast"))
            and any(ast.unparse(argument).split(".")[-1] in names for argument in node.args)
        )
    ]
    assert not wrong


@pytest.mark.parametrize(("gate", "argument", "takes", "gives"), GATES, ids=lambda gate: getattr(gate, "__name__", ""))
def test_a_gate_takes_only_the_stage_before_it(gate: typing.Any, argument: str, takes: typing.Any, gives: typing.Any):
    hints = typing.get_type_hints(gate)
    assert hints[argument] is takes
    assert hints["return"] is gives


@pytest.mark.parametrize("stage", MADE_IN, ids=lambda stage: stage.__name__)
def test_a_stage_cannot_be_changed_or_made_by_accident(stage: typing.Any):
    made = stage(graph=Graph(names=[], nodes=[], root=1))
    with pytest.raises(AttributeError, match="immutable"):
        made.graph = None
    with pytest.raises(TypeError):
        stage(made.graph)


def test_loading_passes_the_gates_in_their_order():
    [recipe] = [
        function
        for file in PACKAGE_FILES
        if file.name == "src/hermetic/own_files.py"
        for function in file.functions()
        if function.name == "restore_container"
    ]
    calls = sorted(
        (node.lineno, -node.col_offset, node.func.id)
        for node in ast.walk(recipe)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    gates = [name for *_, name in calls if name in ("normalize", "approve", "migrate", "validate", "restore")]
    assert gates == ["normalize", "approve", "migrate", "validate", "restore"]
