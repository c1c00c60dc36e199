"""A record is read exactly as it was written, and nothing else is read as a record."""

from __future__ import annotations

import pytest

from hermetic.errors import InvalidState
from hermetic.recorded import records
from hermetic.recorded.data import (
    ColumnFingerprint,
    ColumnSummary,
    DataPart,
    DataRecord,
    Fingerprint,
    Holder,
    IndexLevel,
    ValueCount,
)
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord, Parent
from hermetic.recorded.records import decode_record, encode_record
from hermetic.recorded.scores import Calibration, Confusion, Curve, Fold, OutOfFold, Residuals, ScoresRecord
from hermetic.recorded.source import Repository, SourceFile, SourceRecord

DIGEST = "0" * 64
COLUMN = ColumnFingerprint(name="a", type="float64", n_missing=1, digest=DIGEST, blocks=["0" * 16], unordered="")
PART = DataPart(
    name="X",
    form="numpy",
    fingerprint=Fingerprint(digest=DIGEST, n_rows=3, columns=[COLUMN]),
    place="stored",
    snapshot=DIGEST,
    n_bytes=4,
    holder=Holder(
        form="pandas frame", n_dimensions=2, dtypes=["<f8"], index=[IndexLevel(name=None, dtype="object[text]")]
    ),
    uri="",
    version="",
    format="",
    columns=["a"],
    summaries=[
        ColumnSummary(
            column=0,
            n_rows=20,
            n_distinct=1,
            quantiles=[0.5],
            edges=[0.0, 1e-9],
            counts=[20],
            values=[ValueCount(value="0.5", n_rows=20)],
        )
    ],
)
NUMPY = DistributionRecord(
    name="numpy", version="2.0", content=DIGEST, origin="index", archive="", tags=["py3-none-any"], is_needed=True
)
GOOD = {
    "data": DataRecord(layout=1, parts=[PART], notes=["é"]),
    "source": SourceRecord(
        layout=1,
        files=[SourceFile(name="a.py", role="script", digest=DIGEST, text=None)],
        repository=Repository(commit="ab", remote="", is_dirty=True, diff=None),
        notes=[],
    ),
    "environment": EnvironmentRecord(
        layout=1,
        python="3.12.1",
        implementation="CPython",
        platform="Linux",
        machine="x86_64",
        processor="",
        libraries={"openblas": "0.3"},
        distributions=[NUMPY],
    ),
    "scores": ScoresRecord(
        layout=1,
        splitter="KFold(5)",
        folds_digest="",
        folds=[Fold(n_train=2, n_test=1, fit_seconds=0.5, score_seconds=1e-9, train={"r2": 1.0}, test={"r2": None})],
        seeds={"random_state": "None"},
        notes=[],
        out_of_fold=OutOfFold(
            n_samples=3,
            roc=[Curve(label="a", false_positive=[0.0, 1.0], true_positive=[0.0, 1.0], area=0.5)],
            calibration=[Calibration(label="a", predicted=[0.5], observed=[1.0], counts=[3])],
            confusion=Confusion(labels=["a", "b"], counts=[[1, 0], [0, 2]]),
            residuals=Residuals(
                prediction_edges=[0.0, 1.0],
                residual_edges=[0.0, 0.5],
                counts=[[3]],
                histogram_edges=[0.0],
                histogram=[],
            ),
        ),
    ),
    "lineage": LineageRecord(layout=1, parents=[Parent(digest=DIGEST, how="rebuilt", written_by={"numpy": "2.0"})]),
}
TEXT = encode_record(GOOD["lineage"])
BAD = {
    "nothing": b"",
    "no-json": b"{",
    "a-list": b"[]",
    "an-unknown-field": TEXT.replace(b'{"layout"', b'{"more":1,"layout"'),
    "a-field-twice": TEXT.replace(b'"layout":1', b'"layout":1,"layout":1'),
    "a-space": TEXT.replace(b":1", b": 1"),
    "another-order": b'{"parents":[],"layout":1}',
    "a-later-layout": TEXT.replace(b'"layout":1', b'"layout":2'),
    "a-missing-field": b'{"layout":1}',
    "another-type": b'{"layout":1,"parents":{}}',
    "an-unknown-word": TEXT.replace(b"rebuilt", b"guessed"),
    "no-utf-8": TEXT.replace(b"numpy", b"\xff\xfe"),
    "a-needless-escape": TEXT.replace(b"numpy", b"\\u006eumpy"),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_record_comes_back(kind: str):
    record = GOOD[kind]
    assert decode_record(encode_record(record), type(record)) == record


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_exactly_a_record_is_refused(name: str):
    with pytest.raises(InvalidState, match=r"no record of that kind|not canonical") as caught:
        decode_record(BAD[name], LineageRecord, where="model.hermetic, lineage")
    assert caught.value.where == "model.hermetic, lineage"


def test_one_kind_is_not_read_as_another():
    with pytest.raises(InvalidState, match="no record of that kind"):
        decode_record(encode_record(GOOD["data"]), SourceRecord)


def test_a_very_long_record_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "MOST_BYTES", len(TEXT) - 1)
    with pytest.raises(InvalidState, match="are read"):
        decode_record(TEXT, LineageRecord)


def test_what_is_no_number_becomes_none():
    fold = Fold(n_train=1, n_test=1, fit_seconds=0.0, score_seconds=0.0, train={}, test={"r2": float("nan")})
    assert b'"test":{"r2":null}' in encode_record(fold)
