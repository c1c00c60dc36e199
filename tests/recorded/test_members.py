"""Evidence is plain data in a container of its own, read through the gates with nothing trusted."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVC

import hermetic
from hermetic.codecs.registry import CODECS
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable
from hermetic.formats.members import check_members, evidence_name
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.recorded import members
from hermetic.recorded.members import check_plain, evidence_members, find_golden, read_golden
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(30, 2))
MODEL = LinearRegression().fit(X, X[:, 0])
EVIDENCE = golden_evidence(MODEL, X)
NAME = "evidence/0-golden.hermetic"

PLAIN = {
    "array": X,
    "texts": ["a", "b"],
    "objects": np.array(["a", None, 1.5], dtype=object),
    "sparse": scipy.sparse.eye(3).tocsr(),
    "frame": pd.DataFrame({"a": [1.0], "b": ["x"], "c": pd.Categorical(["u"]), "d": pd.to_datetime(["2020-01-01"])}),
    "nullable": pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    "masked": np.ma.array([1.0, 2.0], mask=[0, 1]),
    "series": pd.Series([1.0], name="s"),
    "nested": {"a": [(1, 2.0), {"b": X}]},
}
NOT_PLAIN = {
    "model": MODEL,
    "model-within": {"rows": [SVC()]},
    "function": np.log,
    "class": np.ndarray,
    "foreign": BytesMember(name="a", data=b""),
    "time": datetime.datetime(2020, 1, 1),
    "frame-of-models": pd.DataFrame({"a": [SVC()]}),
}


def file_with(*members: tuple[str, bytes]) -> bytes:
    """Give the file of the model with other members behind its own."""
    archive = zipfile.ZipFile(io.BytesIO(hermetic.dumps(MODEL)))
    own = [(name, archive.read(name)) for name in archive.namelist() if name not in ("mimetype", "manifest.json")]
    target = io.BytesIO()
    listed = [BytesMember(name=name, data=data) for name, data in (*own, *members)]
    write_container_seekable(target, listed, hermetic.inspect(io.BytesIO(hermetic.dumps(MODEL))).written_by)
    return target.getvalue()


def golden_file(document: Any) -> bytes:
    return file_with((NAME, hermetic.dumps(document)))


@pytest.mark.parametrize("name", PLAIN)
def test_plain_values_are_evidence(name: str):
    assert check_plain(PLAIN[name]).nodes


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_whatever_does_something_is_none(name: str):
    with pytest.raises(hermetic.CannotSave, match="evidence is made of arrays, frames, sparse matrices and texts"):
        check_plain(NOT_PLAIN[name])


def test_every_module_of_plain_types_is_there():
    assert {type(codec).__module__ for codec in CODECS} >= members._PLAIN_MODULES
    assert not [name for name in members._PLAIN_NAMES if name.startswith(("sklearn.", "hermetic."))]


def test_rows_and_answers_come_back():
    container = open_container(BufferSource(hermetic.dumps(MODEL, evidence=EVIDENCE)))
    assert find_golden(container) == NAME
    golden = read_golden(container, DEFAULT_LIMITS)
    assert golden.methods == EVIDENCE.golden.methods
    assert (golden.origin, golden.model, golden.n_rows) == ("synthetic", EVIDENCE.golden.model, EVIDENCE.golden.n_rows)
    assert np.array_equal(golden.rows, EVIDENCE.golden.rows)
    assert np.array_equal(golden.answers["predict"], EVIDENCE.golden.answers["predict"])
    assert golden.versions == EVIDENCE.golden.versions


def test_a_file_without_evidence_has_none():
    assert find_golden(open_container(BufferSource(hermetic.dumps(MODEL)))) == ""


def test_evidence_is_one_member_for_each_kind():
    [member] = evidence_members(EVIDENCE, None, {})
    assert member.name == NAME == evidence_name(0, "golden")
    assert member.content_length is None


DOCUMENT = {"layout": 1, "origin": "synthetic", "model": "a", "n_rows": 1, "methods": "", "skipped": [], "rows": [1]}
BROKEN = {
    "model": MODEL,
    "a-model-as-row": {**DOCUMENT, "answers": [], "rows": [SVC()]},
    "a-function-as-row": {**DOCUMENT, "answers": [], "rows": [np.log]},
    "a-list": [1, 2],
    "a-number": 3,
    "nothing": {},
    "a-later-layout": {**DOCUMENT, "answers": [], "layout": 2},
    "too-few-answers": {**DOCUMENT, "answers": [], "methods": "predict"},
    "methods-are-a-list": {**DOCUMENT, "answers": [], "methods": []},
    "skipped-is-text": {**DOCUMENT, "answers": [], "skipped": ["abc"]},
    "rows-are-not-counted": {**DOCUMENT, "answers": [], "n_rows": None},
}


@pytest.mark.parametrize("name", BROKEN)
def test_something_else_is_refused_where_it_is_read_and_not_before(name: str):
    data = golden_file(BROKEN[name])
    assert hermetic.loads(data) is not None
    assert hermetic.loads(data, check="never") is not None
    with pytest.raises(hermetic.InvalidState):
        hermetic.loads(data, check="always")


def test_evidence_that_is_no_container_is_refused():
    with pytest.raises(hermetic.FormatError):
        hermetic.loads(file_with((NAME, b"no container")), check="always")


WRONG = {
    "another-number": [("evidence/1-golden.hermetic", b"")],
    "another-kind": [("evidence/0-silver.hermetic", b"")],
    "twice": [(NAME, b""), ("evidence/1-golden.hermetic", b"")],
    "no-number": [("evidence/golden.hermetic", b"")],
    "another-ending": [("evidence/0-golden.zip", b"")],
    "behind-it": [(NAME, b""), ("more.txt", b"")],
    "longer-name": [("evidence/0-golden.hermetic.gz", b"")],
}


@pytest.mark.parametrize("name", WRONG)
def test_no_other_member_stands_there(name: str):
    data = file_with(*WRONG[name])
    with pytest.raises(hermetic.FormatError):
        hermetic.loads(data)
    assert hermetic.scan(io.BytesIO(data)).verdict == "unreadable"


def test_evidence_stands_behind_the_model():
    expected = ["graph.json", "arrays/0-float64.npy"]
    check_members([*expected, NAME], expected)
    with pytest.raises(hermetic.FormatError, match="and evidence behind them"):
        check_members([expected[0], NAME, expected[1]], expected)
    with pytest.raises(hermetic.FormatError):
        check_members([NAME], expected)


def test_scan_calls_clean_what_load_accepts():
    assert hermetic.scan(io.BytesIO(hermetic.dumps(MODEL, evidence=EVIDENCE))).verdict == "clean"
