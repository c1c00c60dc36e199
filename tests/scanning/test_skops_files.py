"""A scan of skops files compares what their schema names with the same tables as pickles, and loads none of it."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest

from hermetic.scanning import scan
from hermetic.scanning.skops_files import scan_schema
from tests.corpus_pickles import PAYLOAD
from tests.handmade_archives import zip_of_python
from tests.zoo.case import Case
from tests.zoo.every_estimator import every_estimator

FITTED = [case for case in every_estimator() if "unfitted" not in case.tags and "slow" not in case.tags]


def node(loader: str, module: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **fields}


def found_in(schema: object) -> list[tuple[str, str, str]]:
    found = scan_schema(json.dumps(schema).encode())
    assert found is not None
    return [(one.rule, one.severity, one.text) for one in found.findings]


@pytest.mark.parametrize("case", FITTED, ids=lambda case: case.name)
def test_every_estimator_that_skops_keeps_is_clean(case: Case):
    skops = pytest.importorskip("skops.io")
    try:
        data = skops.dumps(case.make())
    except Exception:  # skops refuses it
        pytest.skip("skops does not keep it")
    report = scan(io.BytesIO(data))
    assert (report.verdict, report.format) == ("clean", "skops"), str(report)
    assert report.names


def test_a_schema_without_harm_names_what_it_makes():
    inner = node("ObjectNode", "sklearn.svm._classes", "SVC", content=node("DictNode", "builtins", "dict", content={}))
    found = scan_schema(json.dumps(node("ListNode", "builtins", "list", content=[inner, inner])).encode())
    assert found is not None
    assert found.findings == []
    names = {(name.name, name.role, name.n_instances) for name in found.names}
    assert ("sklearn.svm._classes.SVC", "constructed", 2) in names


CASES = {
    "a program that is made": (node("ObjectNode", "subprocess", "Popen"), ("run-command", "dangerous")),
    "a function for later": (node("FunctionNode", "os", "system"), ("run-command", "deferred")),
    "a function of skops before 0.12": (
        node("FunctionNode", "builtins", "function", content={"module_path": "os", "function": "system"}),
        ("run-command", "deferred"),
    ),
    "a finder of attributes": (node("OperatorFuncNode", "operator", "attrgetter"), ("find-attribute", "deferred")),
    "a class for later": (node("TypeNode", "subprocess", "Popen"), ("run-command", "deferred")),
    "the object of a method": (
        node("MethodNode", "os", "method", content={"func": "x", "obj": node("ObjectNode", "os", "popen")}),
        ("run-command", "dangerous"),
    ),
    "a class in no table": (node("ObjectNode", "mymodule", "Model"), ("unknown-name", "unknown")),
    "a function in no table": (node("FunctionNode", "mymodule", "double"), ("unknown-name", "unknown")),
    "a name that is no text": (node("ObjectNode", "mymodule", "Model") | {"__class__": 5}, ("unknown-name", "unknown")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_schema_names_has_its_rule_wherever_it_stands(name: str):
    harmful, expected = CASES[name]
    for schema in (
        harmful,
        node("ListNode", "builtins", "list", content=[harmful]),
        node("DictNode", "builtins", "dict", content={"a": harmful}, key_types=[]),
        node("ObjectNode", "sklearn.svm._classes", "SVC", content=harmful),
        node("PartialNode", "functools", "partial", content={"func": harmful, "args": []}),
    ):
        assert expected in [entry[:2] for entry in found_in(schema)]


@pytest.mark.parametrize(
    "text", [b"", b"no JSON", b"[]", b"{}", b"5", b'{"a": 1}', b"\xff\xfe", b'{"__class__": "list"}'], ids=repr
)
def test_other_files_of_that_name_are_none_of_skops(text: bytes):
    assert scan_schema(text) is None
    assert scan(io.BytesIO(zip_of_python({"schema.json": text, "d.pkl": PAYLOAD}))).format == "zip"


def test_ten_thousand_levels_are_a_matter_of_resources():
    text = b'{"__loader__": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    found = scan_schema(text)
    assert found is not None
    assert [one.severity for one in found.findings] in (["resource"], [])


def test_a_key_that_stands_twice_is_malformed_since_readers_take_different_ones():
    text = b'{"__loader__": "ListNode", "__module__": "builtins", "__class__": "Popen", "__class__": "list"}'
    found = scan_schema(text)
    assert found is not None
    assert [(one.rule, one.severity) for one in found.findings] == [("malformed", "malformed")]
    assert "__class__" in found.findings[0].text


def test_the_members_that_a_schema_refers_to_are_told():
    schema = node("ListNode", "builtins", "list", content=[node("NdArrayNode", "numpy", "ndarray", file="a.npy")])
    found = scan_schema(json.dumps(schema).encode())
    assert found is not None
    assert found.members == {"a.npy"}


def test_a_payload_in_an_array_of_a_skops_file_is_found():
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    array = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + PAYLOAD
    schema = json.dumps(node("NdArrayNode", "numpy", "ndarray", file="a.npy")).encode()
    report = scan(io.BytesIO(zip_of_python({"a.npy": array, "schema.json": schema})))
    assert (report.verdict, report.format) == ("dangerous", "skops")
    assert report.findings[0].path.startswith("a.npy!nested@")


def test_a_large_schema_is_read_without_a_tree_of_it_in_memory():
    words = [node("JsonNode", "builtins", "str", content=f'"word{number}"', is_json=True) for number in range(20_000)]
    text = json.dumps(node("ListNode", "builtins", "list", content=words)).encode()
    tracemalloc.start()
    found = scan_schema(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    assert found.findings == []
    assert {name.name: name.n_instances for name in found.names} == {"builtins.list": 1, "builtins.str": 20_000}
    assert peak < 1.5 * len(text)


@pytest.mark.parametrize("field", ["__loader__", "__module__", "__class__", "file", "content", "module_path"])
@pytest.mark.parametrize("value", [[], {}, None, 5, [[]], {"module_path": "os"}, "text"], ids=repr)
def test_fields_of_any_kind_end_in_findings(field: str, value: object):
    schema = node("ObjectNode", "sklearn.svm._classes", "SVC", content={}) | {field: value}
    assert scan_schema(json.dumps(schema).encode()) is not None


def test_a_dictionary_with_the_key_of_a_function_is_no_function():
    inner = node("JsonNode", "builtins", "str", content='"a"')
    schema = node("DictNode", "builtins", "dict", content={"module_path": inner, "function": inner})
    assert found_in(schema) == []
