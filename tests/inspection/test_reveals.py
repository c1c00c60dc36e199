"""What a file tells about the data: said loudly, the gravest first."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder
from sklearn.semi_supervised import LabelSpreading
from sklearn.svm import SVC

import hermetic
from hermetic.recorded.evidence import Evidence
from hermetic.structs import msgspec
from tests.golden_evidence import golden_evidence
from tests.handmade_evidence import COLUMNS, DATA, DIGEST, ENVIRONMENT, SCORES, SOURCE, SUMMARIES, changed, part

X = np.random.default_rng(0).normal(size=(30, 2))
Y = np.arange(30) % 2
MODEL = LogisticRegression().fit(X, Y)


def reveals(model: Any, **evidence: Any) -> list[str]:
    data = hermetic.dumps(model, evidence=Evidence(**evidence) if evidence else None)
    return list(hermetic.inspect(io.BytesIO(data)).reveals)


def test_an_ordinary_model_without_evidence_reveals_nothing_of_that_kind():
    assert reveals(MODEL) == []


KEEPERS = {
    "neighbours": (
        KNeighborsClassifier(algorithm="brute").fit(X, Y),
        [
            "rows of the training data, as the model keeps them ($._fit_X)",
            "targets of the training data, as the model keeps them ($._y)",
        ],
    ),
    "neighbours-in-a-tree": (
        KNeighborsRegressor(algorithm="kd_tree").fit(X, X[:, 0]),
        [
            "rows of the training data, as the model keeps them ($._fit_X)",
            "rows of the training data, as the model keeps them ($._tree.data)",
            "targets of the training data, as the model keeps them ($._y)",
        ],
    ),
    "support-vectors": (
        SVC().fit(X, Y),
        ["some rows of the training data, as the model keeps them ($.support_vectors_)"],
    ),
    "gaussian-process": (
        GaussianProcessRegressor(optimizer=None).fit(X, X[:, 0]),
        [
            "rows of the training data, as the model keeps them ($.X_train_)",
            "targets of the training data, as the model keeps them ($.y_train_)",
        ],
    ),
    "vocabulary-in-a-pipeline": (
        Pipeline([("words", CountVectorizer()), ("model", LogisticRegression())]).fit(["a word", "others"], [0, 1]),
        ["words of the training texts, as the model keeps them ($.steps[0][1].vocabulary_)"],
    ),
    "categories": (
        OneHotEncoder().fit([["a"], ["b"]]),
        ["categories of the training data, as the model keeps them ($.categories_)"],
    ),
    "extremes": (
        MinMaxScaler().fit(X),
        [
            "extremes of the training data, as the model keeps them ($.data_max_)",
            "extremes of the training data, as the model keeps them ($.data_min_)",
        ],
    ),
    "labels": (
        KMeans(2, n_init=1, random_state=0).fit(X),
        ["a label for each training row, as the model keeps them ($.labels_)"],
    ),
    "labels-spread-over-rows": (
        LabelSpreading(gamma=1.0).fit(X, Y),
        [
            "rows of the training data, as the model keeps them ($.X_)",
            "a prediction for each training row, as the model keeps them ($.label_distributions_)",
            "a label for each training row, as the model keeps them ($.transduction_)",
        ],
    ),
    "out-of-bag": (
        RandomForestClassifier(30, oob_score=True, random_state=0).fit(X, Y),
        ["a prediction for each training row, as the model keeps them ($.oob_decision_function_)"],
    ),
}


@pytest.mark.parametrize("name", KEEPERS)
def test_what_a_model_keeps_of_its_data_is_named_with_its_place(name: str):
    model, expected = KEEPERS[name]
    assert reveals(model) == expected


def test_several_models_are_counted():
    [first, *_] = reveals([KNeighborsClassifier(algorithm="brute").fit(X, Y) for _ in range(4)])
    assert first == "rows of the training data, as the model keeps them ($[0]._fit_X and 3 more)"


def test_what_is_none_reveals_nothing():
    model = KNeighborsClassifier(algorithm="brute").fit(X, Y)
    model._fit_X = None
    model._y = None
    model._tree = None
    assert reveals(model) == []


def test_the_gravest_comes_first():
    golden = golden_evidence(MODEL, X, golden=7).golden
    found = reveals(MODEL, golden=golden, snapshot={"X": b"PAR1" * 300}, data=DATA, scores=SCORES)
    assert [words.split(",")[0] for words in found] == [
        "the training data themselves",
        "7 rows of the data as they were",
        "the number of rows",
        "how well such a model does on each fold",
    ]


def test_synthetic_rows_reveal_ranges_only():
    [words] = reveals(MODEL, golden=golden_evidence(MODEL, X).golden)
    assert words == "ranges and categories of the columns, in 48 synthetic rows (golden rows)"


def test_references_source_and_environment_are_told():
    record = changed(DATA, parts=[part("X", COLUMNS, place="referenced", uri="s3://bucket/table", version="3")])
    repository = changed(SOURCE.repository, diff="+ a line")
    found = reveals(MODEL, data=record, source=changed(SOURCE, repository=repository), environment=ENVIRONMENT)
    assert found[1:] == [
        "where X is: s3://bucket/table",
        "the source text of 2 files",
        "the address of the repository: https://example.org/a.git",
        "changes that were not committed (diff)",
        "the machine's platform and processor, and 4 installed distributions",
    ]
    assert found[0].startswith("the number of rows, and name, type and missing values of 3 columns")


def test_summaries_of_columns_are_told():
    record = changed(DATA, parts=[part("X", COLUMNS, summaries=SUMMARIES)])
    assert reveals(MODEL, data=record)[1] == "rounded quantiles, histograms or common values of 2 columns"


def test_digests_alone_reveal_no_text():
    files = [changed(file, text=None) for file in SOURCE.files]
    assert reveals(MODEL, source=changed(SOURCE, files=files, repository=None)) == []


def test_a_hostile_name_is_spelled_out_and_cut():
    record = changed(DATA, parts=[part("X\u202e" * 900, COLUMNS, place="referenced", uri="\x1b" * 9)])
    data = hermetic.dumps(MODEL, evidence=Evidence(data=record))
    text = str(hermetic.inspect(io.BytesIO(data)))
    assert "\u202e" not in text and "\x1b" not in text
    assert max(map(len, text.splitlines())) < 600


def test_the_digests_of_the_handmade_records_are_digests():
    assert len(DIGEST) == 64
    assert msgspec.json.encode(DATA)


def test_what_many_models_keep_is_one_line_for_each_kind():
    models = [KNeighborsClassifier(algorithm="brute").fit(X, Y) for _ in range(30)]
    assert reveals({"a": models, "b": models[:3], "c": [MinMaxScaler().fit(X)]}) == [
        "rows of the training data, as the model keeps them ($['a'][0]._fit_X and 29 more)",
        "targets of the training data, as the model keeps them ($['a'][0]._y and 29 more)",
        "extremes of the training data, as the model keeps them ($['c'][0].data_max_)",
        "extremes of the training data, as the model keeps them ($['c'][0].data_min_)",
    ]


def test_what_stands_deep_within_a_model_is_named_with_its_place():
    model: Any = MinMaxScaler().fit(X)
    for _ in range(5):
        model = Pipeline([("inner", model)])
    assert reveals(model)[0].endswith(f"($.{'.'.join(['steps[0][1]'] * 5)}.data_max_)")


def test_a_plain_dictionary_is_not_taken_for_a_model():
    assert reveals({"state": {"_fit_X": X}, "labels_": Y}) == []


def test_data_without_parts_reveal_nothing():
    assert reveals(MODEL, data=changed(DATA, parts=[])) == []


def test_one_column_and_one_row_are_told_in_the_singular():
    record = changed(DATA, parts=[part("X", COLUMNS[:1], n_rows=1, summaries=SUMMARIES[:1])])
    found = reveals(MODEL, data=record)
    assert "missing values of 1 column, " in found[0]
    assert found[1] == "rounded quantiles, histograms or common values of 1 column"
