"""The worked example of docs/format.md is true, to the byte, and its reader works without hermetic."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import hermetic

PAGE = Path(__file__).resolve().parents[2] / "docs/format.md"
EXAMPLE = PAGE.read_text(encoding="utf-8").partition("## 11. A worked example")[2]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", EXAMPLE, re.MULTILINE | re.DOTALL)


MAKER, READER = blocks("python")
MANIFEST, GRAPH = map(json.loads, blocks("json"))
MIMETYPE, NPY = blocks("text")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gives the file that the example writes."""
    monkeypatch.chdir(tmp_path)
    exec(compile(MAKER, str(PAGE), "exec"), {})
    return tmp_path / "model.hermetic"


@pytest.fixture(scope="module")
def read_array():
    """Gives the reader of the page, as its reader would type it."""
    namespace: dict = {}
    exec(compile(READER, str(PAGE), "exec"), namespace)
    return namespace["read_array"]


def canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_members_are_those_of_the_page(path: Path):
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        assert names == ["mimetype", "manifest.json", *(member["name"] for member in MANIFEST["members"])]
        assert file.read("mimetype") == MIMETYPE.strip().encode()
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in file.infolist())


def test_the_manifest_is_that_of_the_page_but_for_versions(path: Path):
    with zipfile.ZipFile(path) as file:
        found = file.read("manifest.json")
    versions = json.loads(found)["written_by"]
    assert versions.keys() == MANIFEST["written_by"].keys()
    assert found == canonical({**MANIFEST, "written_by": versions})


def test_the_graph_is_that_of_the_page_to_the_byte(path: Path):
    with zipfile.ZipFile(path) as file:
        assert file.read("graph.json") == canonical(GRAPH)
    assert MANIFEST["members"][0]["length"] == len(canonical(GRAPH))


def test_the_array_member_is_that_of_the_page_to_the_byte(path: Path):
    header, *numbers = NPY.splitlines()
    magic, text = re.match(r"((?:[0-9a-f]{2} )+) (\{.*\})", header).groups()
    content = bytes.fromhex(magic) + text.encode()
    content = content.ljust(127) + b"\n" + b"".join(bytes.fromhex(line[:24]) for line in numbers)
    with zipfile.ZipFile(path) as file:
        assert file.read("arrays/0-float64.npy") == content


def test_the_array_member_begins_where_the_page_says_or_at_another_multiple_of_64(path: Path):
    place = path.read_bytes().index(b"\x93NUMPY")
    assert place % 64 == 0
    with zipfile.ZipFile(path) as file:
        if len(file.read("manifest.json")) == len(canonical(MANIFEST)):
            assert f"at byte {place} ({place // 64} x 64)" in EXAMPLE


def test_the_reader_needs_nothing_but_the_standard_library_and_numpy():
    tree = ast.parse(READER)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"json", "zipfile", "numpy"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert len(READER.splitlines()) <= 36


def test_the_reader_reads_the_example(path: Path, read_array):
    assert read_array(str(path), "coef_").tolist() == [[0.5, -1.25]]
    with pytest.raises(KeyError):
        read_array(str(path), "nothing")


@pytest.mark.parametrize("final", [LogisticRegression(), LinearRegression()], ids=lambda final: type(final).__name__)
def test_the_reader_reads_a_fitted_pipeline(final, read_array, tmp_path: Path):
    X = np.arange(60.0).reshape(20, 3) % 7
    model = Pipeline([("scale", StandardScaler()), ("model", final)]).fit(X, np.arange(20) % 3)
    path = tmp_path / "model.hermetic"
    hermetic.dump(model, path)
    for estimator, field in ((final, "coef_"), (model[0], "mean_")):
        found = read_array(str(path), field)
        expected = getattr(estimator, field)
        assert np.array_equal(found, expected)
        assert found.dtype == expected.dtype


def test_the_tables_of_values_on_the_page_are_those_of_the_code():
    from hermetic.codecs.scalars import _CHECKS
    from hermetic.graph import Node

    page = PAGE.read_text(encoding="utf-8")
    for tag in _CHECKS:
        assert f'{{"{tag}":' in page
    for kind in Node.__args__:
        assert f"| `{kind.__struct_config__.tag}` |" in page
        fields = [field for field in kind.__struct_fields__ if field not in ("rows",)]
        assert all(f"`{field}`" in page for field in fields)
