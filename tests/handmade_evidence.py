"""Records as `hermetic.record` would make them, for tests of what shows and compares them."""

from __future__ import annotations

from typing import Any

from hermetic.recorded.data import ColumnFingerprint, ColumnSummary, DataPart, DataRecord, Fingerprint, ValueCount
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord, Parent
from hermetic.recorded.scores import Calibration, Confusion, Curve, Fold, OutOfFold, Residuals, ScoresRecord
from hermetic.recorded.source import Repository, SourceFile, SourceRecord

__all__ = [
    "COLUMNS",
    "DATA",
    "DIGEST",
    "ENVIRONMENT",
    "LINEAGE",
    "OF_CLASSES",
    "OF_NUMBERS",
    "SCORES",
    "SOURCE",
    "SUMMARIES",
    "changed",
    "column",
    "distribution",
    "part",
]

DIGEST = "3f2a" * 16


def changed(record: Any, **fields: Any) -> Any:
    """Give a record with other values in some fields."""
    return type(record)(**{**{name: getattr(record, name) for name in record.__struct_fields__}, **fields})


def column(name: str | None, kind: str = "float64", n_missing: int = 0, digest: str = DIGEST) -> ColumnFingerprint:
    return ColumnFingerprint(
        name=name, type=kind, n_missing=n_missing, digest=digest, blocks=[digest[:16]], unordered=digest[:16]
    )


def part(name: str, columns: list[ColumnFingerprint], n_rows: int = 1797, **fields: Any) -> DataPart:
    whole = {"form": "pandas frame", "place": "stored", "snapshot": DIGEST, "n_bytes": 91_234, "holder": None, **fields}
    whole = {"uri": "", "version": "", "format": "", "columns": [], "summaries": [], **whole}
    digest = "".join(own.digest[:4] for own in columns).ljust(64, "0")[:64]
    return DataPart(name=name, fingerprint=Fingerprint(digest=digest, n_rows=n_rows, columns=columns), **whole)


def distribution(name: str, version: str, *, is_needed: bool = False) -> DistributionRecord:
    return DistributionRecord(
        name=name,
        version=version,
        content=DIGEST,
        origin="index",
        archive="",
        tags=["py3-none-any"],
        is_needed=is_needed,
    )


COLUMNS = [column("age"), column("city", "text", 12), column("visits", "int64")]
SUMMARIES = [
    ColumnSummary(
        column=0,
        n_rows=1_797,
        n_distinct=71,
        quantiles=[18.0, 31.0, 44.0, 58.0, 83.0],
        edges=[15.0, 30.0, 45.0, 60.0, 90.0],
        counts=[400, 597, 500, 300],
        values=[],
    ),
    ColumnSummary(
        column=1,
        n_rows=1_797,
        n_distinct=2,
        quantiles=[],
        edges=[],
        counts=[],
        values=[ValueCount(value="Paris", n_rows=1_200), ValueCount(value="Rome", n_rows=585)],
    ),
]
DATA = DataRecord(layout=1, parts=[part("X", COLUMNS), part("y", [column(None, "int64")])], notes=[])
SOURCE = SourceRecord(
    layout=1,
    files=[
        SourceFile(name="train.py", role="script", digest=DIGEST, text="import own\nmodel = own.fit"),
        SourceFile(name="own", role="module", digest=DIGEST, text="def fit():\n    '''It fits.'''\n    return 3\n"),
        SourceFile(name="own.helpers", role="module", digest="9" * 64, text=None),
    ],
    repository=Repository(
        commit="1a2b3c4d5e6f7890" * 2 + "12345678", remote="https://example.org/a.git", is_dirty=True, diff=None
    ),
    notes=["the diff was not wished"],
)
ENVIRONMENT = EnvironmentRecord(
    layout=1,
    python="3.11.7",
    implementation="CPython",
    platform="Linux-6.1-x86_64",
    machine="x86_64",
    processor="A Processor",
    libraries={"openblas": "0.3.28, 2 threads"},
    distributions=[
        distribution("click", "8.1"),
        distribution("numpy", "2.4.6", is_needed=True),
        distribution("scikit-learn", "1.9.1", is_needed=True),
        distribution("wheel", "0.45"),
    ],
)
_TESTED = ((0.95, 0.99), (0.97, 0.99), (0.98, 0.995), (0.95, 0.985), (0.97, 0.99))
OF_CLASSES = OutOfFold(
    n_samples=1797,
    roc=[Curve(label="sick", false_positive=[0.0, 0.1, 1.0], true_positive=[0.0, 0.9, 1.0], area=0.9)],
    calibration=[Calibration(label="sick", predicted=[0.1, 0.5, 0.9], observed=[0.15, 0.4, 0.95], counts=[9, 90, 900])],
    confusion=Confusion(labels=["well", "sick"], counts=[[900, 40], [57, 800]]),
    residuals=None,
)
OF_NUMBERS = OutOfFold(
    n_samples=60,
    roc=[],
    calibration=[],
    confusion=None,
    residuals=Residuals(
        prediction_edges=[0.0, 1.0, 2.0],
        residual_edges=[-1.0, 0.0, 1.0],
        counts=[[10, 20], [25, 5]],
        histogram_edges=[-1.0, -0.5, 0.0, 0.5, 1.0],
        histogram=[5, 30, 20, 5],
    ),
)
SCORES = ScoresRecord(
    layout=1,
    splitter="StratifiedKFold(n_splits=5, random_state=0, shuffle=True)",
    folds_digest=DIGEST,
    folds=[
        Fold(
            n_train=1437,
            n_test=360,
            fit_seconds=0.5,
            score_seconds=0.01,
            train={"accuracy": 1.0, "roc_auc": 1.0},
            test={"accuracy": accuracy, "roc_auc": area},
        )
        for accuracy, area in _TESTED
    ],
    seeds={"model.random_state": "None", "splitter.random_state": "0"},
    notes=["the groups were not recorded"],
)
LINEAGE = LineageRecord(
    layout=1,
    parents=[
        Parent(digest=DIGEST, how="rebuilt", written_by={"scikit-learn": "1.5.2"}),
        Parent(digest="9" * 64, how="script", written_by={"scikit-learn": "1.2.0"}),
    ],
)
