"""Evidence goes beside the model that it was recorded of, and changes no byte of the model."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, Ridge

import hermetic
from hermetic.recorded.attaching import type_of
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(30, 2))
MODEL = LinearRegression().fit(X, X[:, 0])
EVIDENCE = golden_evidence(MODEL, X)


def test_evidence_is_the_last_member_and_a_file_of_its_own():
    archive = zipfile.ZipFile(io.BytesIO(hermetic.dumps(MODEL, evidence=EVIDENCE)))
    assert archive.namelist()[-1] == "evidence/0-golden.hermetic"
    assert archive.testzip() is None
    document = hermetic.loads(archive.read("evidence/0-golden.hermetic"))
    assert document["origin"] == "synthetic"
    assert document["methods"] == "predict"
    assert np.array_equal(document["rows"], EVIDENCE.golden.rows)
    assert np.allclose(document["answers"][0], MODEL.predict(document["rows"]))


def test_the_members_of_the_model_stay_what_they_are():
    plain = zipfile.ZipFile(io.BytesIO(hermetic.dumps(MODEL)))
    beside = zipfile.ZipFile(io.BytesIO(hermetic.dumps(MODEL, evidence=EVIDENCE)))
    own = [name for name in plain.namelist() if name != "manifest.json"]
    assert own == [name for name in beside.namelist() if not name.startswith(("manifest", "evidence/"))]
    assert all(plain.read(name) == beside.read(name) for name in own)


def test_the_same_model_and_evidence_give_the_same_bytes():
    again = golden_evidence(MODEL, X)
    assert hermetic.dumps(MODEL, evidence=EVIDENCE) == hermetic.dumps(MODEL, evidence=again)
    stream = io.BytesIO()
    hermetic.dump(MODEL, stream, evidence=EVIDENCE)
    assert stream.getvalue() == hermetic.dumps(MODEL, evidence=EVIDENCE)


def test_the_manifest_names_every_library_that_is_compared():
    plain, beside = (hermetic.inspect(io.BytesIO(hermetic.dumps(KMeansLike, evidence=own))) for own in (None, WITH))
    assert "scipy" not in plain.written_by
    assert {"numpy", "scikit-learn", "scipy"} <= set(beside.written_by)
    assert list(beside.written_by)[:2] == ["hermetic", "python"]


KMeansLike = KMeans(2, n_init=1, random_state=0).fit(X)
WITH = golden_evidence(KMeansLike, X)


@pytest.mark.parametrize("evidence", [{}, "golden", 3, EVIDENCE.golden], ids=lambda value: type(value).__name__)
def test_something_else_is_no_evidence(evidence: Any):
    with pytest.raises(hermetic.UsageError, match=r"expected what hermetic\.record gives"):
        hermetic.dumps(MODEL, evidence=evidence)


def test_evidence_of_another_type_is_refused():
    with pytest.raises(hermetic.UsageError, match=r"recorded of a .*LinearRegression, and this is a .*Ridge"):
        hermetic.dumps(Ridge().fit(X, X[:, 0]), evidence=EVIDENCE)


def test_evidence_of_another_model_is_refused_and_nothing_is_written(tmp_path: Any):
    path = tmp_path / "model.hermetic"
    with pytest.raises(hermetic.UsageError, match="the evidence is not that of this model: golden rows, predict"):
        hermetic.dump(LinearRegression().fit(X, X[:, 1]), path, evidence=EVIDENCE)
    assert not path.exists()


def test_types_are_called_as_in_files():
    assert type_of(MODEL) == "sklearn.linear_model.LinearRegression"
    assert type_of({}) == "builtins.dict"
