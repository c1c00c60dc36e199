"""`hermetic.inspect` says what a file holds: quickly, truly, and whatever the file tries."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.errors import FileError, FormatError, InvalidState
from hermetic.formats.container_writer import BytesMember, write_container_stream
from hermetic.inspection import Inspection
from hermetic.inspection.tree import MOST_ENTRIES, Entry

X = np.arange(40.0).reshape(20, 2) % 7
y = np.arange(20) % 2
SOURCE = Path(hermetic.__file__).resolve().parents[1]


def inspect_model(model: object, **options: object) -> Inspection:
    return hermetic.inspect(io.BytesIO(hermetic.dumps(model, **options)))


def inspect_graph(graph: dict) -> Inspection:
    """Inspect a file with a graph that no writer would write."""
    whole = {"names": [], "pools": [], "nodes": [], "root": None, "links": [], **graph}
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()
    target = io.BytesIO()
    write_container_stream(target, [BytesMember(name="graph.json", data=text)], {"hermetic": "0.1.0"})
    return hermetic.inspect(io.BytesIO(target.getvalue()))


def child(entry: Entry, *names: str) -> Entry:
    for name in names:
        [entry] = [found for found in entry.children if found.name == name]
    return entry


def entries(entry: Entry) -> list[Entry]:
    return [entry, *(inner for found in entry.children for inner in entries(found))]


@pytest.fixture(scope="module")
def pipeline() -> Inspection:
    columns = ColumnTransformer([("num", StandardScaler(), [0]), ("rest", "passthrough", [1])])
    return inspect_model(Pipeline([("columns", columns), ("model", LogisticRegression(C=0.5))]))


def test_a_fitted_estimator_shows_parameters_values_and_arrays_apart():
    found = inspect_model(LogisticRegression(C=0.5).fit(X, y)).model
    assert found.type == "sklearn.linear_model.LogisticRegression"
    assert found.summary.startswith("LogisticRegression, ")
    assert found.parameters["C"] == "0.5"
    assert found.parameters["solver"] == "'lbfgs'"
    assert found.values == {"n_features_in_": "2"}
    assert child(found, "coef_").summary.startswith("float64 (1, 2)")
    assert child(found, "coef_").length_bytes == 16
    assert child(found, "coef_").path == "$.coef_"


def test_steps_and_transformers_are_shown_by_their_names(pipeline: Inspection):
    transformer = child(pipeline.model, "steps", "columns", "transformers", "num")
    assert transformer.summary == "StandardScaler, on [0]"
    assert transformer.path == "$.steps[0][1].transformers[0][1]"
    assert child(pipeline.model, "steps", "columns", "transformers", "rest").summary == "'passthrough', on [1]"
    assert child(pipeline.model, "steps", "model").parameters["C"] == "0.5"


def test_a_path_is_a_python_expression_that_leads_there():
    model = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(X, y)
    found = inspect_model(model)
    shapes = {array.path: array.shape for array in found.largest_arrays}
    assert len(shapes) > 3
    for path, shape in shapes.items():
        value = eval(path.replace("$", "model", 1), {"model": model})
        assert str(value.shape) == shape


def test_the_trees_of_a_forest_are_one_line():
    model = RandomForestClassifier(30, random_state=0).fit(X, y)
    found = child(inspect_model(model).model, "estimators_")
    n_nodes = sum(tree.tree_.node_count for tree in model.estimators_)
    assert found.summary.startswith(f"30 x DecisionTreeClassifier, {n_nodes:,} nodes, ")
    assert found.type == "sklearn.tree.DecisionTreeClassifier"
    assert not found.children


def test_a_row_of_a_collapsed_table_is_named_by_its_place():
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    found = inspect_model([forest, forest.estimators_[7]]).model
    assert child(found, "[1]").same_as == "$[0].estimators_[7]"


def test_the_largest_arrays_come_first_with_their_share():
    found = inspect_model({"small": np.zeros(10), "large": [np.zeros((100, 3), dtype="float32")]})
    first, second = found.largest_arrays
    assert (first.path, first.dtype, first.shape, first.length_bytes) == ("$['large'][0]", "float32", "(100, 3)", 1200)
    assert second.path == "$['small']"
    assert first.share > second.share > 0
    assert first.share + second.share < 1


def test_arrays_of_a_table_count_together():
    found = inspect_model([{"part": np.arange(n, dtype="int16")} for n in range(5)])
    [array] = found.largest_arrays
    assert (array.path, array.n_arrays, array.shape, array.length_bytes) == ("$[*]['part']", 5, "various", 20)
    assert (found.n_arrays, found.n_objects) == (5, 0)


def test_at_most_ten_arrays_are_listed():
    assert len(inspect_model([[np.zeros(n, dtype=f"S{n}")] for n in range(1, 30)]).largest_arrays) == 10


def test_a_shared_object_is_named_by_the_place_where_it_is_shown():
    scaler = StandardScaler()
    found = inspect_model({"first": scaler, "second": scaler}).model
    assert child(found, "first").type == "sklearn.preprocessing.StandardScaler"
    assert child(found, "second").summary == "same object as $['first']"


def test_a_cycle_ends():
    loop: list[object] = [1]
    loop.append(loop)
    found = inspect_model(loop).model
    assert child(found, "[1]").same_as == "$"
    mapping: dict[str, object] = {}
    mapping["self"] = mapping
    assert child(inspect_model(mapping).model, "self").same_as == "$"


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        (1.5, "1.5"),
        (float("nan"), "nan"),
        ([], "[]"),
        (set(), "set()"),
        ({3}, "{3}"),
        (frozenset({3}), "frozenset {3}"),
        ({"a": None}, "{'a': None}"),
        ((7,), "(7,)"),
        (np.float32(0.5), "float32 0.5"),
        (np.dtype("<i4"), "dtype int32"),
        (b"abc", "b'abc'"),
        (b"x" * 100, "100 bytes"),
        (len, "builtins.len"),
        ([1] * 100, "list of 100: 1, 1, 1, 1, ... and 96 more"),
        (list(range(100)), "list of 100 int values"),
        ("x" * 500, "'" + "x" * 56 + "..."),
        (np.array([1, None], dtype=object), "object array [1, None]"),
        (np.zeros((2, 3), order="F"), "float64 (2, 3) Fortran order, 48 bytes"),
        (np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")]), "record of 2 fields, 12 bytes (2,), 24 bytes"),
        (np.array(["abc"]), "str of 3 (1,), 12 bytes"),
        (np.array([1], dtype=">i4"), "int32 of the other byte order (1,), 4 bytes"),
        (np.array(["2020"], dtype="M8[Y]"), "datetime64[Y] (1,), 8 bytes"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_each_kind_of_value_has_its_line(value: object, summary: str):
    assert inspect_model(value).model.summary == summary


def test_wide_things_are_cut_and_counted():
    found = inspect_model([[np.zeros(n)] for n in range(50)])
    assert len(found.model.children) == 12
    assert found.model.n_more == 38
    assert str(found).endswith("  ... and 38 more")


def test_deep_things_are_cut():
    deep: list[object] = [np.zeros(1)]
    for _ in range(60):
        deep = [deep]
    found = entries(inspect_model(deep).model)
    assert len(found) < 20
    assert found[-1].n_more == 1


def test_names_tell_what_is_known_and_what_needs_trust():
    found = inspect_model({"scaler": StandardScaler(), "function": json.dumps, "sum": sum})
    names = {name.name: name for name in found.names}
    assert names["sklearn.preprocessing.StandardScaler"].is_known
    assert names["builtins.sum"].is_known
    assert not names["json.dumps"].is_known
    assert names["json.dumps"].role == "referenced"
    assert names["json.dumps"].path
    assert not found.ok
    assert "needs trust: json.dumps" in str(found)


class Notes:
    """A class that nobody has vouched for."""


def test_attributes_of_a_foreign_object_are_shown_like_those_of_an_estimator():
    notes = Notes()
    notes.author, notes.weights_ = "me", np.zeros(3)
    found = inspect_model([notes])
    [entry] = found.model.children
    assert entry.type == f"{Notes.__module__}.Notes"
    assert entry.parameters == {"author": "'me'"}
    assert child(entry, "weights_").path == "$[0].weights_"
    [name] = found.names
    assert (name.is_known, name.n_instances, name.path) == (False, 1, "$[0]")


def test_members_versions_and_missing_evidence_are_listed():
    found = inspect_model(StandardScaler().fit(X))
    assert [member.name for member in found.members][:1] == ["graph.json"]
    assert found.written_by["hermetic"] == hermetic.__version__
    assert found.evidence == ()
    assert found.length_bytes == len(hermetic.dumps(StandardScaler().fit(X)))
    assert all(member.compression == "" for member in found.members)


def test_a_compressed_file_shows_both_lengths():
    found = inspect_model(np.zeros(10_000), compress=("gzip", 3))
    member = found.members[-1]
    assert member.compression == "gzip"
    assert member.content_bytes > 80_000 > member.length_bytes
    assert found.largest_arrays[0].share < 1


def test_json_holds_everything_in_ascii():
    found = inspect_model({"näme\u202e": StandardScaler()})
    text = found.to_json()
    assert text.isascii()
    decoded = json.loads(text)
    assert decoded["ok"] is True
    assert decoded.keys() == {"ok", *(field.name for field in fields(Inspection))}
    assert decoded["model"]["children"][0]["name"] == "näme\u202e"


HOSTILE = ["\x1b[2J", "a\u202eb", "line\nbreak", "[red]x[/red]", "nul\0", "\u2066x"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_printing_an_inspection_prints_no_hostile_character(text: str):
    name = {"name": f"os.{text}", "role": "constructed"}
    node = {"kind": "instances", "type": 0, "fields": {text: text, f"{text}_": {"tuple": [text]}, "state": [0]}}
    inner = {"kind": "mappings", "length": 1, "keys": [text], "columns": [[text]]}
    found = inspect_graph({"names": [name], "nodes": [inner, node], "root": [1]})
    assert all(line.isprintable() for line in str(found).split("\n"))
    assert len(str(found).split("\n")) == 5
    assert not found.ok


def test_a_file_object_is_left_behind_the_container():
    stream = io.BytesIO(hermetic.dumps(1) + hermetic.dumps("two"))
    assert hermetic.inspect(stream).model.summary == "1"
    assert hermetic.inspect(stream).model.summary == "'two'"


def test_every_truncation_is_an_error_of_the_file():
    data = hermetic.dumps({"a": np.zeros(3), "b": "text"})
    for length in range(len(data)):
        with pytest.raises(FileError):
            hermetic.inspect(io.BytesIO(data[:length]))


def test_damage_in_the_graph_is_seen(tmp_path: Path):
    data = bytearray(hermetic.dumps({"threshold": 0.5}))
    position = data.index(b"threshold")
    data[position] ^= 1
    path = tmp_path / "damaged.hermetic"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="CRC-32"):
        hermetic.inspect(path)


ARRAY = {"kind": "arrays", "dtype": "<f8", "shape": [1], "pool": 0, "offset": 0}


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [-1]},
        {"shape": [1.5]},
        {"shape": ["a"]},
        {"shape": [1] * 65},
        {"shape": [1 << 50]},
        {"shape": [[1], "x"], "rows": 2},
        {"shape": [[1]], "rows": 2},
        {"dtype": "<x8"},
        {"dtype": 3},
        {"shape": [1000, 1000]},
    ],
    ids=str,
)
def test_an_array_that_cannot_be_is_refused(changes: dict):
    with pytest.raises((FormatError, InvalidState)):
        inspect_graph({"nodes": [{**ARRAY, **changes}], "root": [0]})


def test_tables_that_double_at_each_level_cost_no_time():
    leaf = {"kind": "sequences", "type": "list", "lengths": 1, "columns": [[[0, 0]]], "rows": 1}
    nodes: list[dict] = [{"kind": "mappings", "length": 1, "keys": ["a"], "columns": [[1, 2]], "rows": 2}]
    for number in range(150):
        columns = [{"rows": number}, {"rows": number}]
        nodes.append({"kind": "sequences", "type": "list", "lengths": 2, "columns": columns, "rows": 2})
    nodes.append({**leaf, "lengths": 2, "columns": [{"rows": 150}]})
    del nodes[-1]["rows"]
    start = time.perf_counter()
    found = inspect_graph({"nodes": nodes, "root": [151]})
    assert time.perf_counter() - start < 2
    assert len(entries(found.model)) <= MOST_ENTRIES + 1


def test_a_tree_has_a_bounded_number_of_lines():
    def nest(depth: int) -> object:
        return np.zeros(depth + 1) if depth == 0 else [nest(depth - 1) for _ in range(8)]

    found = inspect_model(nest(4))
    assert len(entries(found.model)) <= MOST_ENTRIES


@pytest.mark.parametrize("case", ["forest", "vocabulary", "array"])
def test_the_size_of_the_model_costs_no_time(case: str, tmp_path: Path):
    if case == "forest":
        model: object = RandomForestClassifier(300, random_state=0, n_jobs=1).fit(np.tile(X, (5, 1)), np.tile(y, 5))
    elif case == "vocabulary":
        model = CountVectorizer()
        model.vocabulary_ = {f"word{number}": number for number in range(500_000)}
    else:
        model = {"big": np.zeros(8_000_000)}
    path = tmp_path / "model.hermetic"
    hermetic.dump(model, path)
    hermetic.inspect(path)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        hermetic.inspect(path)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.15


def test_a_fresh_process_inspects_without_any_library(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    hermetic.dump(Pipeline([("scale", StandardScaler()), ("model", RandomForestClassifier(10))]).fit(X, y), path)
    script = "import sys, hermetic; hermetic.inspect(sys.argv[1]).to_json(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert {"numpy", "sklearn", "scipy", "pandas", "joblib", "rich", "click"}.isdisjoint(done.stdout.split())
