"""Graph and manifest read by the stand-in are those that msgspec reads; what one refuses the other refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.errors import FileError
from hermetic.formats import graph_json, manifest
from hermetic.structs.errors import ValidationError
from hermetic.structs.typed import reader_of
from tests.formats.test_graph_json import EMPTY, OTHER_TEXTS, STRUCTS
from tests.formats.test_manifest import GOOD, NOT_CANONICAL
from tests.structs.without_msgspec import module_without_msgspec

pytest.importorskip("msgspec")

PLAIN_GRAPH, PLAIN_MANIFEST = (module_without_msgspec(f"formats.{name}") for name in ("graph_json", "manifest"))
NODES = [text for text in STRUCTS if '"kind"' in text]
FULL = (
    EMPTY.replace(b'"nodes":[]', f'"nodes":[{",".join(NODES)}]'.encode())
    .replace(b'"names":[]', b'"names":[{"name":"a.B","role":"called","layout":2}]')
    .replace(b'"links":[]', b'"links":[[0,0,"a",1,0],[1,2,3,4,5]]')
)
BEHIND = GOOD.replace(b'"container_version":1', b'"container_version":2')


def reading(decode: Any, text: bytes) -> Any:
    """Give what is read in words, or the kind of refusal."""
    try:
        return repr(decode(text))
    except FileError as error:
        return type(error)


def same(kind: str, text: bytes) -> Any:
    """Give what both read."""
    pair = {
        "graph": (graph_json.decode_graph, PLAIN_GRAPH.decode_graph),
        "manifest": (manifest.decode_manifest, PLAIN_MANIFEST.decode_manifest),
    }
    found, plain = (reading(decode, text) for decode in pair[kind])
    # Where a text has several faults, each may name another one first.
    assert found == plain or (isinstance(found, type) and isinstance(plain, type))
    return plain


@pytest.mark.parametrize("text", [EMPTY, FULL], ids=["empty", "full"])
def test_a_graph_is_read_alike(text: bytes) -> None:
    assert "GraphDocument" in same("graph", text)
    assert PLAIN_GRAPH.encode_graph(PLAIN_GRAPH.decode_graph(text)) == text


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_a_graph_that_is_not_canonical_is_refused_alike(name: str) -> None:
    assert isinstance(same("graph", OTHER_TEXTS[name]), type)


def test_a_manifest_is_read_alike_and_one_of_a_later_version_named() -> None:
    assert "Manifest" in same("manifest", GOOD)
    assert same("manifest", BEHIND) is manifest.UnsupportedVersion
    assert PLAIN_MANIFEST.encode_manifest(PLAIN_MANIFEST.decode_manifest(GOOD)) == GOOD


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_a_manifest_that_is_not_canonical_is_refused_alike(name: str) -> None:
    assert isinstance(same("manifest", NOT_CANONICAL[name]), type)


PIECES = st.sampled_from(
    [
        b"0",
        b"1",
        b"-1",
        b"1.0",
        b"true",
        b"null",
        b'""',
        b'"C"',
        b"[]",
        b"{}",
        b",",
        b":",
        b'"rows":2',
        b"9007199254740993",
    ]
)


@given(st.sampled_from([("graph", FULL), ("manifest", GOOD), ("manifest", BEHIND)]), st.data())
def test_an_edited_text_is_read_alike(original: tuple[str, bytes], data: Any) -> None:
    kind, text = original
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 8))
    same(kind, text[:start] + data.draw(PIECES | st.binary(max_size=2)) + text[start + length :])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, True),
        (int, 1.0),
        (int, None),
        (int | None, "1"),
        (str | int, 1.5),
        (list[int], [1, "2"]),
        (list[int] | None, {}),
        (dict[str, str], {"a": 1}),
        (dict[str, Any], []),
    ],
    ids=str,
)
def test_no_value_is_converted(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        reader_of(kind)(value)
