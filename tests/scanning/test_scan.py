"""A scan tells types by role, functions, effects, limits and unknown names, and imports and runs nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import hermetic
from hermetic import Limits
from hermetic.graph import Graph, Instances, Mappings, Name, Sequences
from hermetic.scanning import AskedCapability, ScanReport, scan
from tests.codecs import user_classes as classes
from tests.taken_apart import TakenApart, changed
from tests.zoo import user_module as user

MODULE = "tests.zoo.user_module"


def scanned(value: Any, **options: Any) -> ScanReport:
    return scan(io.BytesIO(hermetic.dumps(value)), **options)


def test_a_known_model_is_clean():
    X, y = np.arange(40.0).reshape(20, 2) % 7, np.arange(20) % 2
    data = hermetic.dumps(make_pipeline(FunctionTransformer(np.log1p), RandomForestClassifier(5)).fit(X, y))
    report = scan(io.BytesIO(data))
    assert (report.ok, report.verdict, report.problem, report.error) == (True, "clean", "", "")
    assert report.sha256 == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert report.length_bytes == len(data)
    assert report.written_by["hermetic"] == hermetic.__version__
    constructed = {name.name: name.n_instances for name in report.names if name.role == "constructed"}
    assert constructed["sklearn.tree.Tree"] == 5
    assert [name.name for name in report.names if name.role == "referenced"][:1] == ["numpy.log1p"]
    assert report.unknown == report.capabilities == report.notes == report.grants == ()


def test_unknown_names_stand_there_with_role_and_place():
    report = scanned({"scale": user.UserScaler(2.0), "call": user.double, "made": classes.ByFunction("x")})
    assert (report.ok, report.verdict, report.error) == (False, "refused", "UntrustedType")
    found = {(name.name.removeprefix(f"{MODULE}."), name.role): name.path for name in report.unknown}
    assert found["UserScaler", "constructed"] == "$['scale']"
    assert found["double", "referenced"].startswith("$")
    assert ("tests.codecs.user_classes.ByFunction", "constructed") in found
    assert any(role == "called" for _, role in found)


def test_what_a_model_calls_is_a_capability_that_trust_in_its_name_grants():
    report = scanned([FunctionTransformer(user.double), classes.ByFunction("x")])
    calls = {asked.capability: asked for asked in report.capabilities}
    used = calls[f"calls-code({MODULE}.double)"]
    assert used.grant == f"trust {MODULE}.double"
    assert used.meaning == f"using the model may call {MODULE}.double"
    [called] = [asked for name, asked in calls.items() if name != used.capability]
    assert called.grant.startswith("trust call:")
    assert called.meaning.startswith("loading calls it")
    assert report.grants == ()


def test_capabilities_stand_there_with_what_grants_them():
    report = scanned([CountVectorizer(input="filename", token_pattern="(a+)+b")])
    assert report.verdict == "refused"
    assert report.error == "CapabilityRefused"
    assert [(asked.capability, asked.grant) for asked in report.capabilities] == [
        ("reads-files", "capability reads-files"),
        ("regex", "capability regex"),
    ]
    assert report.grants == ("reads-files", "regex")
    assert all(isinstance(asked, AskedCapability) and asked.path.startswith("$") for asked in report.capabilities)


def test_the_use_of_each_limit_is_what_load_needs():
    data = hermetic.dumps([[[np.arange(3.0)]], {"a": [1, 2]}, *({"b": n} for n in range(20))], "zlib")
    report = scan(io.BytesIO(data))
    used = {use.limit: use.used for use in report.limits}
    assert used.keys() == {"graph_bytes", "members", "nodes", "values", "depth", "expanded_bytes"}
    for limit, number in used.items():
        if limit == "expanded_bytes":
            continue  # the length of the file counts as well
        assert hermetic.loads(data, limits=Limits(**{limit: number}))
        with pytest.raises(hermetic.LimitExceeded, match=limit):
            hermetic.loads(data, limits=Limits(**{limit: number - 1}))
    assert used["expanded_bytes"] > 24


def test_a_limit_that_is_exceeded_makes_a_file_unreadable():
    report = scanned([[1]], limits=Limits(depth=1))
    assert (report.verdict, report.error) == ("unreadable", "LimitExceeded")
    assert "Limits(depth=2)" in report.problem


@pytest.mark.parametrize("data", [b"", b"PK", b"\x93NUMPY", b"x" * 5000], ids=["empty", "zip", "array", "noise"])
def test_what_is_no_file_of_ours_is_unreadable_with_a_reason(data: bytes, tmp_path: Path):
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    for report in (scan(path), scan(io.BytesIO(data))):
        assert (report.ok, report.verdict) == (False, "unreadable")
        assert report.error == ("FormatError" if data else "EndOfStream")
        assert report.problem
        assert report.sha256 == ""
    assert scan(path).file == str(path)


def test_damage_in_an_array_is_seen():
    data = bytearray(hermetic.dumps(np.arange(1000.0)))
    data[len(data) // 2] ^= 1
    report = scan(io.BytesIO(bytes(data)))
    assert report.verdict == "unreadable"
    assert "CRC-32" in report.problem
    assert report.sha256
    assert report.limits


def test_a_file_that_is_both_damaged_and_unknown_is_unreadable_and_says_what_it_names():
    data = bytearray(hermetic.dumps([print, np.arange(1000.0)]))
    data[len(data) // 2] ^= 1
    report = scan(io.BytesIO(bytes(data)))
    assert report.verdict == "unreadable"
    assert [name.name for name in report.unknown] == ["builtins.print"]


def test_a_link_into_what_native_code_relies_on_is_seen():
    def link(parts: TakenApart) -> None:
        number = next(n for n, node in enumerate(parts.graph["nodes"]) if "input" in node.get("fields", {}))
        parts.graph["links"] = [[number, 0, "input", 0, 0]]

    report = scan(io.BytesIO(changed([[], CountVectorizer()], link)))
    assert (report.verdict, report.error) == ("unreadable", "InvalidState")
    assert "cycle" in report.problem


def test_a_state_that_no_foreign_class_takes_is_seen():
    def spoil(parts: TakenApart) -> None:
        node = next(node for node in parts.graph["nodes"] if "state" in node.get("fields", {}))
        node["fields"]["form"] = "surprise"

    report = scan(io.BytesIO(changed(user.UserScaler(2.0), spoil)))
    assert (report.verdict, report.error) == ("unreadable", "InvalidState")


def test_many_foreign_objects_whose_fields_lie_in_pools_are_scanned():
    scalers = [user.UserScaler(float(n)) for n in range(40)]
    assert scanned(scalers).unknown[0].n_instances == 40


def test_files_that_follow_each_other_are_scanned_one_after_the_other(tmp_path: Path):
    first, second = hermetic.dumps(1), hermetic.dumps([print])
    path = tmp_path / "models.hermetic"
    path.write_bytes(first + second)
    with path.open("rb") as file:
        assert scan(file).verdict == "clean"
        assert file.tell() == len(first)
        assert scan(file).verdict == "refused"
    assert scan(path).verdict == "unreadable"


def test_a_report_is_plain_data_and_json():
    report = scanned([user.UserScaler(2.0), CountVectorizer(input="filename")])
    assert json.loads(report.to_json()) == json.loads(json.dumps(report.to_dict()))
    assert report.to_dict()["ok"] is False
    assert report.to_json().isascii()


HOSTILE = ["\x1b[2J", "a\u202eb", "x\ny", "\x00", "\u2028", "a" * 300]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names_are_printed_harmlessly_and_cannot_be_trusted(text: str):
    graph = Graph(
        names=[Name(text, "constructed"), Name(text, "referenced")],
        nodes=[Instances(0, {text: 1}), Mappings(1, [text], [[{"name": 1}]]), Sequences("list", 2, [[[0], [1]]])],
        root=[2],
    )

    def replace(parts: TakenApart) -> None:
        names = [{"name": name.name, "role": name.role} for name in graph.names]
        nodes = [
            {"kind": "instances", "type": 0, "fields": {text: 1}},
            {"kind": "mappings", "length": 1, "keys": [text], "columns": [[{"name": 1}]]},
            {"kind": "sequences", "type": "list", "lengths": 2, "columns": [[[0], [1]]]},
        ]
        parts.graph.update(names=names, nodes=nodes, root=[2])

    report = scan(io.BytesIO(changed(1, replace)))
    assert not report.ok
    assert all(line.isprintable() for line in str(report).split("\n"))
    if report.capabilities and not text.isidentifier():
        assert report.capabilities[0].grant.startswith("nothing")


def test_nothing_is_imported_or_run_by_a_scan(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    X = np.arange(40.0).reshape(20, 2)
    model = make_pipeline(FunctionTransformer(user.double), RandomForestClassifier(20)).fit(X, np.arange(20) % 2)
    words = [f"word{n}" for n in range(50)]
    hermetic.dump([model, user.UserScaler(2.0), words, list(range(50)), np.array([(1, 2.0)], dtype="i4,f8")], path)
    script = (
        "import sys, hermetic\n"
        f"report = hermetic.scan({str(path)!r})\n"
        "print(report.verdict, sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [Path(hermetic.__file__).parents[1]]))}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("refused")
    for module in ("numpy", "scipy", "sklearn", "pandas", "joblib", "tests"):
        assert f"'{module}'" not in done.stdout


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        scan(tmp_path / "no.hermetic")


def test_what_is_no_file_is_a_usage_error():
    with pytest.raises(hermetic.UsageError):
        scan(5)  # type: ignore[arg-type]  # the mistake is the point
