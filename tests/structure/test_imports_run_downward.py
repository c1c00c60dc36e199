"""A room imports only from the floors below it, and no two modules import each other in a ring."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter

from tests.structure.import_graph import Import, imports_of, late_imports_of, room_of
from tests.structure.source_files import PACKAGE_FILES, SourceFile

FLOORS = {
    "_version": 1,
    "errors": 1,
    "lazy": 1,
    "printable": 1,
    "structs": 1,
    "collector": 2,
    "columns": 2,
    "dtypes": 2,
    "free_memory": 2,
    "legacy_arrays": 2,
    "legacy_objects": 2,
    "limits": 2,
    "array_rows": 2,
    "graph": 2,
    "graph_order": 2,
    "graph_paths": 2,
    "graph_walk": 2,
    "legacy": 2,
    "stages": 2,
    "collisions": 2,
    "walked_tables": 2,
    "formats": 3,
    "codecs": 3,
    "adopt": 4,
    "capture": 4,
    "normalize": 4,
    "approvals": 4,
    "placement": 4,
    "policy": 4,
    "signing": 4,
    "migrate": 4,
    "validate": 4,
    "restore": 4,
    "weights": 4,
    "inspection": 5,
    "scanning": 5,
    "foreign_files": 5,
    "foreign_graph": 5,
    "own_files": 5,
    "graph_values": 5,
    "read_graph": 5,
    "recorded": 5,
    "load_report": 5,
    "persistence": 5,
    "conversion": 6,
    "differences": 6,
    "evidence": 6,
    "reporting": 6,
    "demonstration": 7,
    "deploy": 7,
    "cli": 8,
    "pytest_plugin": 8,
    "__init__": 9,
    "__main__": 9,
}
SEPARATE_ROOMS_ON_FLOORS = {3, 4}
"""Formats know bytes, codecs know types, and the gates do not know each other."""

HEAVY_OR_OPTIONAL = {
    "backports",
    "bz2",
    "compression",
    "cryptography",
    "dask",
    "distributed",
    "deltalake",
    "docutils",
    "isal",
    "joblib",
    "lz4",
    "lzma",
    "numpy",
    "obstore",
    "pandas",
    "polars",
    "pyarrow",
    "ray",
    "pyiceberg",
    "rich",
    "scipy",
    "skops",
    "sklearn",
    "starlette",
    "threadpoolctl",
    "uvicorn",
}

MODULES = frozenset(file.module for file in PACKAGE_FILES)
IMPORTS = [found for file in PACKAGE_FILES for found in imports_of(file, MODULES)]


def test_every_room_has_a_floor():
    homeless = sorted({room_of(module) for module in MODULES} - FLOORS.keys())
    assert not homeless, f"give these rooms a floor in FLOORS, and a line in the design: {homeless}"


def test_imports_run_downward():
    wrong = [found for found in IMPORTS if not _is_allowed(found)]
    assert not wrong, "\n" + "\n".join(
        f"{found.place}: {found.importer} (floor {_floor(found.importer)}) imports {found.imported} "
        f"(floor {_floor(found.imported)})"
        for found in wrong
    )


def _floor(module: str) -> int:
    return FLOORS.get(room_of(module), 0)


def _is_allowed(found: Import) -> bool:
    if room_of(found.importer) == room_of(found.imported):
        return True
    if _floor(found.importer) == _floor(found.imported):
        return _floor(found.importer) not in SEPARATE_ROOMS_ON_FLOORS
    return _floor(found.importer) > _floor(found.imported)


def test_no_import_ring():
    below: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in IMPORTS:
        if found.imported != found.importer:
            below[found.importer].add(found.imported)
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        ring = " -> ".join(error.args[1])
        raise AssertionError(f"these modules import each other in a ring: {ring}") from None


def test_an_import_inside_a_function_is_of_a_heavy_library_or_has_its_reason_beside_it():
    wrong = [
        f"{file.at(node)}: {ast.unparse(node)}"
        for file in PACKAGE_FILES
        for node in late_imports_of(file)
        if not _is_heavy(node) and not _has_reason(file, node)
    ]
    assert not wrong, "move to the top of the file, or write the reason as a comment behind it:\n" + "\n".join(wrong)


def _is_heavy(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return all(name.split(".")[0] in HEAVY_OR_OPTIONAL for name in names)


def _has_reason(file: SourceFile, node: ast.Import | ast.ImportFrom) -> bool:
    comment = file.lines[node.lineno - 1].partition("#")[2].strip()
    return len(comment.split()) >= 3 and not comment.startswith(("noqa", "type:"))


def test_the_rule_tells_sideways_and_upward_imports_apart():
    def allowed(importer: str, imported: str) -> bool:
        return _is_allowed(Import(importer=f"hermetic.{importer}", imported=f"hermetic.{imported}", place=""))

    assert allowed("codecs.tree", "codecs.codec")
    assert allowed("restore", "codecs.registry")
    assert allowed("graph", "limits")
    assert not allowed("codecs.tree", "formats.container")
    assert not allowed("formats.container", "codecs.codec")
    assert not allowed("restore", "validate")
    assert not allowed("graph", "persistence")
    assert not _is_allowed(Import(importer="hermetic.cli.demo", imported="hermetic", place=""))
