"""What is known of a model once it is loaded: digest, verdict, features, answers, an example that is nobody's data."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KernelDensity

import hermetic
from hermetic.deploy.serving.loading import failure_frame, load_models
from hermetic.deploy.serving.settings import Loading, ServedFile
from hermetic.errors import FormatError, UntrustedType, UsageError
from hermetic.signing.keys import make_key_pair
from tests.deploy.serving.served_models import case, save, served
from tests.zoo import user_module as user

X = np.random.default_rng(3).normal(size=(40, 2))
LINE = LinearRegression().fit(X, X[:, 0])


def load_one(path: Path, **loading: Any) -> Any:
    return load_models(Loading(files=(ServedFile(name="m", path=str(path)),), **loading))["m"].description


def write(model: Any, path: Path, **options: Any) -> Path:
    hermetic.dump(model, path, **options)
    return path


def test_the_version_is_the_beginning_of_the_digest_of_the_file(tmp_path: Path):
    path = write(LINE, tmp_path / "m.hermetic")
    found = load_one(path)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.version == found.digest[:12]
    assert found.length_bytes == path.stat().st_size


def test_recorded_answers_are_computed_again(tmp_path: Path):
    found = load_one(write(LINE, tmp_path / "m.hermetic", evidence=hermetic.record(LINE, X)))
    assert (found.verdict, found.verdict_words) == ("passed", "answers as recorded: predict of 48 rows")
    found = load_one(write(LINE, tmp_path / "m.hermetic"))
    assert (found.verdict, found.verdict_words) == ("absent", "no recorded answers to compare with")


def test_a_damaged_file_is_not_served(tmp_path: Path):
    path = write(LINE, tmp_path / "m.hermetic")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FormatError):
        load_one(path)


def test_policy_refuses_until_it_is_told(tmp_path: Path):
    model = user.UserScaler(2.0).fit(X)
    path = write(model, tmp_path / "m.hermetic")
    with pytest.raises(UntrustedType) as caught:
        load_one(path)
    assert failure_frame(caught.value).head["refused"] is True
    name = "tests.zoo.user_module.UserScaler"
    assert load_one(path, trusted=(name,)).methods == ["transform"]


def test_a_signature_is_asked_for_by_its_key(tmp_path: Path):
    pytest.importorskip("cryptography", reason="needs hermetic[signing]")
    from hermetic.signing.files import sign_file

    private, public = make_key_pair()
    (tmp_path / "key").write_bytes(private)
    (tmp_path / "key.pub").write_bytes(public.pem)
    path = write(LINE, tmp_path / "m.hermetic")
    with pytest.raises(hermetic.SignatureRefused):
        load_one(path, signed_by=(str(tmp_path / "key.pub"),))
    sign_file(path, tmp_path / "key")
    assert load_one(path, signed_by=(str(tmp_path / "key.pub"),)).type == "LinearRegression"


def test_files_of_other_formats_go_through_the_same_gates(tmp_path: Path):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(LINE))
    assert load_one(path).type == "LinearRegression"
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(hermetic.FileError):
        load_one(path)


def test_what_cannot_be_asked_is_not_served(tmp_path: Path):
    with pytest.raises(UsageError, match="a dict cannot be asked anything"):
        load_one(write({"threshold": 0.5}, tmp_path / "m.hermetic"))


def test_a_file_that_changes_all_the_time_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(LINE, tmp_path / "m.hermetic")
    numbers = iter(range(100))
    monkeypatch.setattr("hermetic.deploy.serving.loading.file_identity", lambda path: (next(numbers),))
    with pytest.raises(UsageError, match="the file changes while it is read"):
        load_one(path)


def test_why_a_load_has_failed_is_told_to_the_front(capsys: pytest.CaptureFixture[str]):
    assert failure_frame(FormatError("the file is empty")).head == {"error": "the file is empty", "refused": False}
    assert "RuntimeError while a model was loaded: x" in failure_frame(RuntimeError("x")).head["error"]
    assert "RuntimeError" in capsys.readouterr().err


def test_rows_of_somebodys_data_are_no_example(tmp_path: Path):
    own = X.copy()
    own[0, 0] = 123.456
    evidence = hermetic.record(LINE, own, golden=20)
    found = load_one(write(LINE, tmp_path / "m.hermetic", evidence=evidence))
    assert found.example == [[0.5, 0.5]]
    assert "123.456" not in str(found)


def test_synthetic_rows_are_an_example(tmp_path: Path):
    [row] = served("frame", tmp_path).description.example
    assert list(row) == ["age", "income", "city"]
    assert row["city"] in ("Rome", "Oslo", "Lima")


FEATURES = {
    "array": [("x0", "number", "FP64"), ("x1", "number", "FP64"), ("x2", "number", "FP64")],
    "boolean": [("is_new", "boolean", "BOOL"), ("size", "number", "FP64")],
    "categories": [("kind", "category", "BYTES"), ("size", "number", "FP64")],
    "categories-unrecorded": [("kind", "category", "BYTES"), ("size", "number", "FP64")],
    "frame": [("age", "integer", "INT64"), ("income", "number", "FP64"), ("city", "category", "BYTES")],
    "gaps": [("count", "integer", "INT64"), ("size", "number", "FP64")],
    "objects": [("x0", "category", "BYTES"), ("x1", "number", "FP64")],
    "texts": [("x0", "text", "BYTES")],
}


@pytest.mark.parametrize("name", FEATURES)
def test_features_are_described_with_names_kinds_and_datatypes(name: str, tmp_path: Path):
    description = served(name, tmp_path).description
    assert [(own.name, own.kind, own.datatype) for own in description.features] == FEATURES[name]


def test_categories_are_described_and_whether_others_are_refused(tmp_path: Path):
    [kind, _] = served("categories-unrecorded", tmp_path).description.features
    assert (kind.categories, kind.refuses_unknown) == (["a", "b", "c"], False)
    [_, _, city] = served("frame", tmp_path).description.features
    assert (city.categories, city.refuses_unknown) == (["Lima", "Oslo", "Rome"], True)


def test_objects_have_no_described_features(tmp_path: Path):
    description = served("records", tmp_path).description
    assert (description.form, description.features) == ("records", None)


METHODS = {
    "classifier": (LogisticRegression().fit(X, X[:, 0] > 0), "predict", "predict_proba"),
    "transformer": (TfidfVectorizer().fit(["a text", "another text"]), "transform", None),
    "density": (KernelDensity().fit(X), "score_samples", None),
    "outliers": (IsolationForest(n_estimators=3, random_state=0).fit(X), "predict", "score_samples"),
}


@pytest.mark.parametrize("words", METHODS)
def test_the_default_method_is_what_the_model_is_for(words: str, tmp_path: Path):
    model, default, other = METHODS[words]
    found = load_one(write(model, tmp_path / "m.hermetic"))
    assert found.methods[0] == default
    assert other is None or other in found.methods


def test_answers_are_described_without_any_record(tmp_path: Path):
    model = LogisticRegression().fit(X, np.where(X[:, 0] > 0, "yes", "no"))
    found = {own.name: (own.datatype, own.shape) for own in load_one(write(model, tmp_path / "m")).outputs}
    assert found["predict"] == ("BYTES", [-1])
    assert found["predict_proba"] == ("FP64", [-1, 2])


def test_classes_are_those_of_the_model(tmp_path: Path):
    assert served("frame", tmp_path).description.classes == ["no", "yes"]
    assert served("columns", tmp_path).description.classes == []
    assert served("outputs", tmp_path).description.classes == []


def test_recorded_rows_are_kept_as_dtypes_only(tmp_path: Path):
    own = served("frame", tmp_path)
    assert len(own.template) == 0
    assert list(own.template.columns) == list(case("frame").data.columns)
    assert save("frame", tmp_path).exists()
