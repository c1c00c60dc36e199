"""What inspect says of golden rows."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.inspection.golden import golden_of
from hermetic.limits import DEFAULT_LIMITS
from tests.golden_evidence import golden_evidence
from tests.recorded.test_members import golden_file

X = np.random.default_rng(0).normal(size=(30, 2))
MODEL = LogisticRegression().fit(X, X[:, 0] > 0)


def inspected(**wishes: Any) -> hermetic.inspection.Inspection:
    return hermetic.inspect(io.BytesIO(hermetic.dumps(MODEL, evidence=golden_evidence(MODEL, X, **wishes))))


def test_rows_and_methods_are_counted():
    golden = inspected().golden
    assert golden is not None
    assert (golden.origin, golden.n_rows) == ("synthetic", 48)
    assert golden.methods == ("predict", "predict_proba", "predict_log_proba", "decision_function")
    assert "scikit-learn" in golden.written_by


def test_real_rows_are_called_so():
    found = inspected(golden=10)
    assert str(found.golden).startswith("10 real rows with the answers of predict, predict_proba")
    assert "golden rows: 10 real rows" in str(found)
    assert json.loads(found.to_json())["golden"]["origin"] == "real"


def test_a_file_without_them_says_nothing():
    assert hermetic.inspect(io.BytesIO(hermetic.dumps(MODEL))).golden is None


@pytest.mark.parametrize(
    "document",
    [
        3,
        [1],
        {},
        {"origin": "stolen", "n_rows": 3, "methods": "predict"},
        {"origin": "real", "n_rows": -3, "methods": "predict"},
        {"origin": "real", "n_rows": 3, "methods": ["predict"]},
        {"origin": "real", "n_rows": "3", "methods": "predict"},
    ],
    ids=["number", "list", "nothing", "origin", "negative", "list-of-methods", "text"],
)
def test_what_is_no_record_is_said_to_be_none(document: Any):
    with pytest.raises(hermetic.FormatError, match="these are no golden rows"):
        golden_of(open_container(BufferSource(golden_file(document))), DEFAULT_LIMITS)
