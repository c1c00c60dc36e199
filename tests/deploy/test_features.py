"""What a model takes is read off the fitted model: names, kinds, categories, form, method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.deploy.features import METHODS, Feature, features_of, method_of
from hermetic.errors import UsageError
from hermetic.evidence.data.table import Column

FRAME = pandas.DataFrame(
    {
        "age": [1.0, 2.0, np.nan, 4.0] * 5,
        "city": ["Bonn", "Oslo"] * 10,
        "note": ["one two", "two", "three", "one"] * 5,
        "size": [1, 2, 3, 4] * 5,
        "left_over": [0] * 20,
    }
)
Y = [0, 1] * 10
NUMBERS = np.random.default_rng(0).normal(size=(20, 3))


def columns_pipeline() -> Pipeline:
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            ("cities", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["city"]),
            ("notes", TfidfVectorizer(), "note"),
            ("own", FunctionTransformer(np.log1p), ["size"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression())


def test_a_column_transformer_gives_the_kind_of_each_column():
    features = features_of(columns_pipeline().fit(FRAME, Y))
    assert features.form == "frame"
    assert features.names == tuple(FRAME.columns)
    assert features.columns == (
        Feature(name="age", kind="number"),
        Feature(name="city", kind="category", categories=("Bonn", "Oslo"), refuses_unknown=True),
        Feature(name="note", kind="text"),
        Feature(name="size", kind="unknown"),
        Feature(name="left_over", kind="unknown", is_required=False),
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: GridSearchCV(model, {"logisticregression__C": [1.0, 2.0]}, cv=2),
        lambda model: make_pipeline("passthrough", model),
        lambda model: VotingClassifier([("only", model)]),
        lambda model: CalibratedClassifierCV(model, cv=2),
    ],
    ids=["search", "pipeline", "vote", "calibrated"],
)
def test_a_model_around_a_pipeline_takes_what_the_pipeline_takes(wrap: Any):
    features = features_of(wrap(columns_pipeline()).fit(FRAME, Y))
    assert [column.kind for column in features.columns or ()] == ["number", "category", "text", "unknown", "unknown"]


def test_a_dropped_column_is_needed_where_something_looks_before_the_column_transformer_does():
    plain = features_of(GridSearchCV(columns_pipeline(), {}, cv=2).fit(FRAME, Y))
    calibrated = features_of(CalibratedClassifierCV(columns_pipeline(), cv=2).fit(FRAME, Y))
    assert [(own.columns or ())[-1].is_required for own in (plain, calibrated)] == [False, True]


def test_a_column_for_two_transformers_keeps_the_categories_that_one_of_them_knows():
    steps = [("codes", OrdinalEncoder(), ["size"]), ("number", StandardScaler(), ["size", "age"])]
    for ordered in (steps, steps[::-1]):
        features = features_of(ColumnTransformer(ordered).fit(FRAME))
        size = next(column for column in features.columns or () if column.name == "size")
        assert (size.kind, size.categories, size.refuses_unknown) == ("category", (1, 2, 3, 4), True)


def test_a_column_for_two_transformers_that_disagree_is_of_unknown_kind():
    both = ColumnTransformer([("texts", CountVectorizer(), "note"), ("own", SimpleImputer(), ["age"])])
    features = features_of(both.set_params(own=("drop")).fit(FRAME))
    assert (features.columns or ())[2] == Feature(name="note", kind="text")


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        make_pipeline(FeatureUnion([("words", TfidfVectorizer()), ("hashed", HashingVectorizer())]), Perceptron()),
        GridSearchCV(make_pipeline(CountVectorizer(), LogisticRegression()), {}, cv=2),
    ],
    ids=["pipeline", "union", "search"],
)
def test_a_model_of_texts_takes_texts(model: Any):
    features = features_of(model.fit(FRAME["note"], Y))
    assert (features.form, features.takes_texts, features.count) == ("texts", True, 1)


def test_a_model_of_dictionaries_takes_records():
    model = DictVectorizer().fit([{"a": 1}])
    assert (features_of(model).form, features_of(model).count, features_of(model).names) == ("records", None, None)


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression(),
        RandomForestClassifier(n_estimators=2),
        make_pipeline(StandardScaler(), SVC()),
        RFE(SVC(kernel="linear")),
    ],
    ids=["linear", "forest", "pipeline", "selection"],
)
def test_a_model_fitted_on_an_array_takes_an_array_of_numbers(model: Any):
    features = features_of(model.fit(NUMBERS, Y))
    assert (features.form, features.count, features.names) == ("array", 3, None)
    assert {column.kind for column in features.columns or ()} == {"number"}


def test_bagging_shows_each_part_some_columns_only_so_that_nothing_is_read_off_the_parts():
    features = features_of(BaggingClassifier(SVC(), n_estimators=2, max_features=2).fit(NUMBERS, Y))
    assert features.count == 3


def test_a_column_transformer_fitted_on_an_array_takes_a_frame_without_names():
    model = ColumnTransformer([("scale", StandardScaler(), [1])], remainder="passthrough").fit(NUMBERS)
    features = features_of(model)
    assert (features.form, features.names) == ("frame", None)
    assert [column.kind for column in features.columns or ()] == ["unknown", "number", "unknown"]


def test_categories_of_boosting_are_of_unknown_kind_as_it_takes_all_values():
    frame = FRAME[["size", "city"]].astype({"city": "category"})
    features = features_of(HistGradientBoostingClassifier(categorical_features="from_dtype").fit(frame, Y))
    assert [column.kind for column in features.columns or ()] == ["number", "unknown"]


def test_a_metric_of_somebodys_own_may_take_anything():
    features = features_of(KNeighborsClassifier(metric=lambda one, two: abs(one - two).sum()).fit(NUMBERS, Y))
    assert {column.kind for column in features.columns or ()} == {"unknown"}


class Untyped(TransformerMixin, BaseEstimator):
    """A step of somebody's own, which says nothing of itself."""

    def fit(self, X: Any, y: Any = None) -> Untyped:
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> Any:
        return X


def test_a_model_that_says_nothing_has_an_unknown_number_of_features():
    assert features_of(Untyped().fit(NUMBERS)).columns is None


def test_the_record_of_the_training_data_fills_in_names_and_kinds():
    columns = [Column(name="a", type="int64"), Column(name="b", type="float32"), Column(name="c", type="text")]
    recorded = features_of(Untyped().fit(NUMBERS), columns)
    assert recorded.names == ("a", "b", "c")
    assert [column.kind for column in recorded.columns or ()] == ["integer", "number", "text"]
    known = features_of(LinearRegression().fit(NUMBERS, Y), columns)
    assert [column.kind for column in known.columns or ()] == ["integer", "number", "number"]


def test_a_record_of_another_number_of_columns_is_left_aside():
    features = features_of(LinearRegression().fit(NUMBERS, Y), [Column(name="a", type="bool")])
    assert features.names is None
    assert features.count == 3


def test_the_features_are_those_of_the_model_that_was_loaded():
    model = columns_pipeline().set_params(columntransformer__own="drop").fit(FRAME, Y)
    assert features_of(hermetic.loads(hermetic.dumps(model))) == features_of(model)


@pytest.mark.parametrize(
    ("model", "wanted", "method"),
    [
        (LogisticRegression(), "auto", "predict"),
        (StandardScaler(), "auto", "transform"),
        (LogisticRegression(), "proba", "predict_proba"),
        (LogisticRegression(), "decision", "decision_function"),
        (make_pipeline(StandardScaler(), LinearRegression()), "predict", "predict"),
        (make_pipeline(StandardScaler()), "auto", "transform"),
    ],
    ids=["classifier", "scaler", "proba", "decision", "pipeline", "pipeline-of-transformers"],
)
def test_a_word_is_the_method_that_the_model_has(model: Any, wanted: str, method: str):
    assert method_of(model, wanted) == method


def test_a_method_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UsageError, match="this Perceptron has no predict_proba; it has predict, decision_function"):
        method_of(Perceptron(), "proba")


def test_a_model_without_any_method_is_refused():
    with pytest.raises(UsageError, match="this DBSCAN has no predict, transform"):
        method_of(DBSCAN())


def test_a_word_that_is_none_is_refused_with_the_words_there_are():
    with pytest.raises(UsageError, match="predict, proba, decision, transform or auto, not for 'guess'"):
        method_of(LinearRegression(), "guess")


METHOD_WORDS = {
    "a classifier": (
        LogisticRegression,
        {"auto": "predict", "proba": "predict_proba", "decision": "decision_function"},
    ),
    "a regressor": (LinearRegression, {"auto": "predict", "predict": "predict"}),
    "a transformer": (StandardScaler, {"auto": "transform", "transform": "transform"}),
    "a model without probabilities": (Perceptron, {"auto": "predict", "decision": "decision_function"}),
    "a model without decisions": (KNeighborsClassifier, {"auto": "predict", "proba": "predict_proba"}),
}
ALL_WORDS = ("predict", "proba", "decision", "transform")


@pytest.mark.parametrize("words", METHOD_WORDS)
def test_a_model_is_asked_by_the_methods_that_it_has_and_by_no_others(words: str):
    kind, expected = METHOD_WORDS[words]
    model = kind()
    assert {word: method_of(model, word) for word in expected} == expected
    has = {word for word in ALL_WORDS if hasattr(model, METHODS[word])}
    assert has >= set(expected) - {"auto"}
    for word in set(ALL_WORDS) - has:
        with pytest.raises(UsageError, match=f"this {kind.__name__} has no {METHODS[word]}; it has") as caught:
            method_of(model, word)
        assert caught.value.next_step.startswith("Ask for one of: ")


@pytest.mark.parametrize("word", ["fit", "__init__", "", "Predict", "predict_proba", "auto "], ids=ascii)
def test_no_other_word_is_a_method(word: str):
    with pytest.raises(UsageError, match="a model can be asked for predict, proba, decision, transform or auto"):
        method_of(LinearRegression(), word)


@pytest.mark.parametrize("model", [None, 5, "text", [], {}, object()], ids=lambda own: type(own).__name__)
def test_what_is_no_model_has_no_method_and_nobody_knows_its_features(model: Any):
    with pytest.raises(UsageError, match="it has none of the others either"):
        method_of(model)
    assert features_of(model).columns is None


class Odd(BaseEstimator):
    """Every attribute that is asked of it fails, as a property may."""

    def __init__(self, error: type[Exception] = ValueError) -> None:
        self.error = error

    @property
    def predict(self) -> Any:
        raise self.error("not fitted")

    def transform(self, X: Any) -> Any:
        return X


@pytest.mark.parametrize(
    "error", [AttributeError, NotImplementedError, TypeError, ValueError], ids=lambda own: own.__name__
)
def test_a_method_whose_property_fails_is_not_there(error: type[Exception]):
    assert method_of(Odd(error)) == "transform"


RECORDED = {
    "whole numbers": ("int64", "unknown", "integer"),
    "whole numbers without a sign": ("uint8", "unknown", "integer"),
    "whole numbers for a step that takes numbers": ("int8", "number", "integer"),
    "floats": ("float32", "unknown", "number"),
    "booleans": ("bool", "unknown", "boolean"),
    "texts": ("text", "unknown", "text"),
    "dates": ("timestamp[ns]", "unknown", "unknown"),
}


@pytest.mark.parametrize("words", RECORDED)
def test_a_record_says_what_the_model_does_not(words: str):
    kind, step, expected = RECORDED[words]
    model = (StandardScaler() if step == "number" else FunctionTransformer()).fit(np.arange(3.0).reshape(-1, 1))
    assert [own.kind for own in features_of(model).columns or ()] == [step]
    [found] = features_of(model, [Column(name="a", type=kind)]).columns or ()
    assert (found.name, found.kind) == ("a", expected)


def test_a_record_of_another_width_says_nothing():
    model = StandardScaler().fit(NUMBERS)
    columns = [Column(name="a", type="int64")]
    assert features_of(model, columns) == features_of(model)


HOSTILE_NAMES = ["", "a\nb", "\x1b[2J", "__proto__", "a\u202eb", "x" * 1_000, "rows[0]"]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_feature_is_named_as_it_was_whatever_that_is(name: str):
    frame = pandas.DataFrame({name: [1.0, 2.0], "other": [0.0, 1.0]})
    features = features_of(LinearRegression().fit(frame, [0, 1]))
    assert features.names == (name, "other")
    assert features.count == 2
