"""Plain estimators: all of their state comes back, and no state takes the place of what the class defines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LassoLars, LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.codecs.codec import Codec
from hermetic.codecs.estimators import EstimatorCodec
from hermetic.codecs.former import FormerCodec
from hermetic.codecs.registry import CODECS
from hermetic.codecs.shadowing import first_shadowing
from hermetic.errors import UnsupportedVersion
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

X = np.random.default_rng(0).normal(size=(40, 3))
MODEL = LinearRegression().fit(X, X[:, 0])
LINEAR = "sklearn.linear_model.LinearRegression"
ISOTONIC = IsotonicRegression(out_of_bounds="clip").fit(X[:, 0], X[:, 1])
HIDDEN = [
    ("a method", "predict"),
    ("a private method", "_decision_function"),
    ("a method of a base class", "get_params"),
    ("a property", "_repr_html_"),
    ("a default of the class", "_parameter_constraints"),
    ("the class", "__class__"),
    ("how it is pickled", "__reduce__"),
    ("a dunder name that nobody defines", "__anything__"),
    ("a name that Python has mangled", "__metadata_request__fit"),
]


@pytest.mark.parametrize(("what", "field"), HIDDEN)
def test_a_state_that_hides_what_the_class_defines_is_refused(what: str, field: str):
    refuse(MODEL, LINEAR, field, 1, field)


@pytest.mark.parametrize(("what", "field"), HIDDEN)
def test_a_model_whose_own_attribute_hides_what_the_class_defines_is_not_saved(what: str, field: str):
    model = LinearRegression()
    vars(model)[field] = 1
    with pytest.raises(hermetic.CannotSave, match=field) as refused:
        hermetic.dumps({"model": model})
    assert refused.value.where.startswith("$")
    assert "another name" in refused.value.next_step


@pytest.mark.parametrize("note", ["trained by Ada", 3, None, {"score": 0.5}, [1.5], np.arange(3)])
def test_notes_that_people_attach_are_kept(note: Any):
    model = LinearRegression().fit(X, X[:, 0])
    model.note_of_mine = note
    assert repr(bring_back(model).note_of_mine) == repr(note)


def test_a_note_in_a_file_is_kept_too():
    assert through_the_gates(change(MODEL, LINEAR, "note", "hello")).note == "hello"


def test_a_parameter_that_has_a_default_on_the_class_is_kept():
    assert hasattr(LassoLars, "positive")
    assert bring_back(LassoLars(positive=True)).positive is True


def test_all_names_of_a_fitted_state_come_back_in_their_order():
    model = GaussianNB().fit(X, X[:, 0] > 0)
    assert list(vars(bring_back(model))) == list(vars(model))


@pytest.mark.parametrize(
    "codec",
    [codec for codec in CODECS if isinstance(codec, EstimatorCodec)],
    ids=lambda codec: type(codec).__name__,
)
def test_every_codec_of_estimators_looks_for_hidden_names(codec: Codec):
    for name in codec.classes:
        try:
            kind = codec.resolve(name)
        except UnsupportedVersion:
            # Nothing is made of a class that the installed release lacks; migrate leaves none of them.
            assert type(codec).__module__ == FormerCodec.__module__
            continue
        assert first_shadowing(kind, ["n_features_in", "__dict__"]) == "__dict__"


@pytest.mark.parametrize(
    "field",
    ["get_params", "_sparse_predict", "_impl", "fit", "__setstate__"],
)
def test_hidden_names_are_refused_in_other_families_too(field: str):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.svm import SVC

    labels = X[:, 0] > 0
    if hasattr(SVC, field):
        refuse(SVC().fit(X, labels), "sklearn.svm.SVC", field, None)
    if hasattr(RandomForestClassifier, field):
        forest = RandomForestClassifier(2).fit(X, labels)
        refuse(forest, "sklearn.ensemble.RandomForestClassifier", field, None)


def test_a_table_of_many_estimators_is_checked_as_one():
    many = [StandardScaler().fit(X + number) for number in range(20)]
    assert [scaler.mean_[0] for scaler in bring_back(many)] == [scaler.mean_[0] for scaler in many]
    refuse(many, "sklearn.preprocessing.StandardScaler", "transform", [None] * 20, "transform")


def test_an_isotonic_model_predicts_as_before():
    assert bring_back(ISOTONIC).predict(X[:, 0]).tobytes() == ISOTONIC.predict(X[:, 0]).tobytes()
    bring_back(IsotonicRegression())


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("X_thresholds_", lambda own: own[:-1].copy()),
        ("X_thresholds_", lambda own: own[:0].copy()),
        ("X_thresholds_", lambda own: own.reshape(1, -1)),
        ("X_thresholds_", lambda own: own.astype("U8")),
        ("X_thresholds_", lambda own: np.array(own[0])),
        ("X_thresholds_", 0.5),
        ("y_thresholds_", None),
        ("y_thresholds_", lambda own: own[:1].copy()),
        ("f_", None),
    ],
)
def test_a_hostile_isotonic_model_is_refused(field: str, new: Any):
    refuse(ISOTONIC, "sklearn.isotonic.IsotonicRegression", field, new)


def test_an_isotonic_model_without_one_of_its_fields_is_refused():
    for field in ("X_thresholds_", "y_thresholds_", "out_of_bounds"):
        graph = change(ISOTONIC, "sklearn.isotonic.IsotonicRegression", "note", 1)
        del graph.nodes[-1].fields[field]
        with pytest.raises(hermetic.FileError):
            through_the_gates(graph)
