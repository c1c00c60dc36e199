"""Records are read from an open file; what is damaged is refused with the name of the kind."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from hermetic.errors import InvalidState
from hermetic.recorded import stored_records
from hermetic.recorded.data import DataRecord
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord, Parent
from hermetic.recorded.records import encode_record
from hermetic.recorded.scores import ScoresRecord
from hermetic.recorded.source import SourceRecord
from hermetic.recorded.stored_records import RECORDS, read_record

EXAMPLES: dict[str, Any] = {
    "data": DataRecord(layout=1, parts=[], notes=["nothing"]),
    "source": SourceRecord(layout=1, files=[], repository=None, notes=[]),
    "environment": EnvironmentRecord(
        layout=1,
        python="3.12.4",
        implementation="CPython",
        platform="Linux",
        machine="x86_64",
        processor="",
        libraries={},
        distributions=[],
    ),
    "scores": ScoresRecord(layout=1, splitter="KFold", folds_digest="", folds=[], seeds={}, notes=[]),
    "lineage": LineageRecord(layout=1, parents=[Parent(digest="ab" * 32, how="rebuilt", written_by={})]),
}


def _container(monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes]) -> Any:
    """Give what stands for an open file that holds some kinds of evidence."""
    monkeypatch.setattr(stored_records, "find_evidence", lambda members, kind: kind if kind in members else "")
    return SimpleNamespace(members=contents, source=SimpleNamespace(where="model.hermetic"), read=contents.__getitem__)


def test_every_kind_has_an_example_here():
    assert list(RECORDS) == list(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_record_is_read_as_what_it_was(kind: str, monkeypatch: pytest.MonkeyPatch):
    written = {own: encode_record(example) for own, example in EXAMPLES.items()}
    found = read_record(_container(monkeypatch, written), kind)
    assert (type(found), found) == (RECORDS[kind], EXAMPLES[kind])


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_file_without_a_kind_has_none(kind: str, monkeypatch: pytest.MonkeyPatch):
    written = {own: encode_record(example) for own, example in EXAMPLES.items() if own != kind}
    assert read_record(_container(monkeypatch, written), kind) is None


DAMAGE = {
    "nothing": lambda text: b"",
    "half of it": lambda text: text[:-1],
    "a space more": lambda text: text + b" ",
    "another layout": lambda text: text.replace(b'"layout":1', b'"layout":2'),
    "the layout as a text": lambda text: text.replace(b'"layout":1', b'"layout":"1"'),
    "a field more": lambda text: text[:-1] + b',"own":1}',
    "a field twice": lambda text: text[:-1] + b',"layout":1}',
    "a list": lambda text: b"[" + text + b"]",
    "no UTF-8": lambda text: text.replace(b"layout", b"\xfflayout"),
    "half a pair of surrogates": lambda text: text.replace(b"layout", b"\\ud800"),
    "nested without end": lambda text: b"[" * 100_000,
    "a number without end": lambda text: text.replace(b'"layout":1', b'"layout":' + b"1" * 10_000),
}


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_record_that_is_not_exactly_one_is_refused(kind: str, damage: str, monkeypatch: pytest.MonkeyPatch):
    content = DAMAGE[damage](encode_record(EXAMPLES[kind]))
    with pytest.raises(InvalidState) as caught:
        read_record(_container(monkeypatch, {kind: content}), kind)
    assert caught.value.where == f"model.hermetic, {kind}"
    assert caught.value.next_step


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("other", EXAMPLES)
def test_a_record_of_one_kind_is_none_of_another(kind: str, other: str, monkeypatch: pytest.MonkeyPatch):
    container = _container(monkeypatch, {kind: encode_record(EXAMPLES[other])})
    if kind == other:
        assert read_record(container, kind) == EXAMPLES[other]
        return
    with pytest.raises(InvalidState, match="no record of that kind"):
        read_record(container, kind)


def test_records_are_read_without_numpy():
    code = "import sys, hermetic.recorded.stored_records; print({'numpy', 'pyarrow', 'sklearn'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "set()"
