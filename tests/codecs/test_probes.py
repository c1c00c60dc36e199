"""What gradient boosting starts from, and the members of one-versus-rest, answer with a row for each row."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier, _ConstantPredictor
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.codecs.probes import _arrays
from tests.codecs.altered import altered, refuse_saved
from tests.codecs.hostile import bring_back

X = np.random.default_rng(0).normal(size=(60, 3))
FIVE = np.digitize(X[:, 0], [-1, -0.5, 0, 0.5])
TWO = (X[:, 0] > 0).astype(int)
LABELS = np.stack([TWO, (X[:, 1] > 0).astype(int)], 1)
TEXTS = ["one two", "two three", "three one", "two"] * 15
LOGISTIC = LogisticRegression().fit(X, FIVE)


def boosting(initial: Any, target: Any = FIVE, kind: Any = GradientBoostingClassifier) -> Any:
    return kind(init=initial, n_estimators=2, max_depth=1, random_state=0).fit(X, target)


def rest(member: Any, rows: Any = X) -> Any:
    return OneVsRestClassifier(member).fit(rows, LABELS)


HONEST_BOOSTING: dict[str, Any] = {
    "logistic": boosting(LogisticRegression()),
    "logistic of two": boosting(LogisticRegression(), TWO),
    "neighbours": boosting(KNeighborsClassifier()),
    "forest of two in processes": boosting(RandomForestClassifier(2, n_jobs=2), TWO),
    "numbers": boosting(LinearRegression(), X[:, 1], GradientBoostingRegressor),
    "numbers of neighbours": boosting(KNeighborsRegressor(), X[:, 1], GradientBoostingRegressor),
    "pipeline": boosting(make_pipeline(StandardScaler(), SimpleImputer(), LogisticRegression())),
    "search": boosting(GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}, cv=2)),
    "functions": boosting(make_pipeline(FunctionTransformer(np.abs), GaussianNB())),
    "what takes no zeros": boosting(make_pipeline(FunctionTransformer(np.exp), GaussianNB())),
    "zero": boosting("zero"),
    "the library's own": boosting(None),
    "not fitted": GradientBoostingClassifier(init=LogisticRegression()),
}


@pytest.mark.parametrize("name", HONEST_BOOSTING)
def test_honest_boosting_predicts_as_before(name: str):
    model = HONEST_BOOSTING[name]
    restored = bring_back(model)
    if hasattr(model, "estimators_"):
        assert np.array_equal(restored.predict(X), model.predict(X))


def test_boosting_that_takes_no_zeros_is_asked_for_ones():
    positive = np.exp(X)
    start = make_pipeline(PowerTransformer("box-cox"), LogisticRegression())
    model = GradientBoostingClassifier(init=start, n_estimators=2, random_state=0).fit(positive, FIVE)
    assert np.array_equal(bring_back(model).predict(positive), model.predict(positive))


def test_very_many_features_are_asked_for_with_an_empty_sparse_row():
    [row] = _arrays(2, 1_000_001)
    assert row.shape == (2, 1_000_001)
    assert row.nnz == 0
    assert [array.tolist() for array in _arrays(1, 2)] == [[[0, 0]], [[1, 1]]]


def start_with(model: Any, **attributes: Any) -> Any:
    return altered(model, init_=altered(model.init_, **attributes))


OWN, NUMBERS, PAIR = HONEST_BOOSTING["logistic"], HONEST_BOOSTING["numbers"], HONEST_BOOSTING["logistic of two"]
HOSTILE_BOOSTING: dict[str, tuple[Any, str]] = {
    "fewer columns than outputs": (
        start_with(OWN, coef_=lambda own: own[:3], intercept_=lambda own: own[:3]),
        r"predicts \(1, 3\) for 1 row\(s\) of 5 output\(s\)",
    ),
    "no columns": (
        start_with(NUMBERS, coef_=np.zeros((0, 3)), intercept_=np.zeros(0)),
        r"predicts \(1, 0\)",
    ),
    "no rows": (start_with(NUMBERS, intercept_=np.zeros((0, 1))), r"predicts \(0, 1\)"),
    "rows of its own": (start_with(NUMBERS, intercept_=np.zeros((5, 1))), r"predicts \(5, 1\)"),
    "one row of many": (
        altered(
            HONEST_BOOSTING["functions"],
            init_=make_pipeline(FunctionTransformer(np.mean, kw_args={"axis": 0, "keepdims": True}), LOGISTIC),
        ),
        r"predicts \(1, 5\) for 2 row",
    ),
    "what cannot answer": (start_with(PAIR, coef_=np.zeros((1, 2))), "init_ of gradient boosting cannot predict 1 row"),
    "rows that are dropped": (
        altered(OWN, init_=make_pipeline(FunctionTransformer(np.unique, kw_args={"axis": 0}), LOGISTIC)),
        "numpy.unique, which drops rows",
    ),
    "rows that are dropped in part": (
        altered(OWN, init_=make_pipeline(FunctionTransformer(partial(np.unique, axis=0)), LOGISTIC)),
        "numpy.unique, which drops rows",
    ),
}


@pytest.mark.parametrize("name", HOSTILE_BOOSTING)
def test_boosting_whose_start_has_no_room_for_the_trees_is_refused(name: str):
    refuse_saved(*HOSTILE_BOOSTING[name])


HONEST_REST: dict[str, Any] = {
    "logistic": rest(LogisticRegression()),
    "gradient": rest(SGDClassifier(random_state=0)),
    "vectors": rest(SVC()),
    "bayes": rest(GaussianNB()),
    "counts": OneVsRestClassifier(MultinomialNB()).fit(np.abs(X), LABELS),
    "neighbours": rest(KNeighborsClassifier()),
    "boosting": rest(GradientBoostingClassifier(n_estimators=2)),
    "numbers": rest(LinearRegression()),
    "pipelines": rest(make_pipeline(StandardScaler(), LogisticRegression())),
    "searches": rest(GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}, cv=2)),
    "text": rest(make_pipeline(TfidfVectorizer(), MultinomialNB()), TEXTS),
    "text and a search": rest(GridSearchCV(make_pipeline(TfidfVectorizer(), LogisticRegression()), {}, cv=2), TEXTS),
}


@pytest.mark.parametrize("name", HONEST_REST)
def test_honest_members_answer_as_before(name: str):
    model = HONEST_REST[name]
    rows = TEXTS if "text" in name else np.abs(X)
    assert np.array_equal(bring_back(model).predict(rows), model.predict(rows))


def test_classes_of_one_label_each_and_members_that_are_constant_come_back():
    model = OneVsRestClassifier(LogisticRegression()).fit(X, FIVE)
    assert np.array_equal(bring_back(model).predict(X), model.predict(X))
    with pytest.warns(UserWarning, match="present in all"):
        constant = OneVsRestClassifier(LogisticRegression()).fit(X, np.c_[TWO, np.ones_like(TWO)])
    assert np.array_equal(bring_back(constant).predict(X), constant.predict(X))
    bring_back(OneVsRestClassifier(LogisticRegression()))


def members(*given: Any) -> Any:
    return altered(HONEST_REST["logistic"], estimators_=list(given))


BINARY = LogisticRegression().fit(X, TWO)
NAIVE = GaussianNB().fit(X, TWO)
LINE = LinearRegression().fit(X, TWO)
CONSTANT = _ConstantPredictor().fit(X, np.ones((1, 1)))
HOSTILE_REST: dict[str, tuple[Any, str]] = {
    "many classes": (members(LOGISTIC, LOGISTIC), r"answers \(5,\) for 1 row"),
    "many starts": (members(BINARY, altered(BINARY, intercept_=np.zeros(7))), r"answers \(7,\) for 1 row"),
    "starts of rows": (members(altered(LINE, intercept_=np.zeros((5, 1)))), r"answers \(5, 1\) for 1 row"),
    "many vectors": (members(SVC(decision_function_shape="ovo").fit(X, FIVE)), r"answers \(10,\) for 1 row"),
    "many classes in a pipeline": (members(make_pipeline(StandardScaler(), LOGISTIC)), r"answers \(5,\)"),
    "many classes in a search": (
        members(GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}, cv=2).fit(X, FIVE)),
        r"answers \(5,\)",
    ),
    "many classes behind what takes nothing": (
        members(make_pipeline(TfidfVectorizer(vocabulary=["a"]), LOGISTIC)),
        r"answers \(5,\)",
    ),
    "means of rows": (members(altered(NAIVE, theta_=np.zeros((2, 4, 3)))), r"answers \(4,\) for 1 row"),
    "a constant of rows": (members(altered(CONSTANT, y_=np.zeros(6))), r"answers \(6,\) for 1 row"),
}


@pytest.mark.parametrize("name", HOSTILE_REST)
def test_a_member_that_answers_with_more_numbers_than_rows_is_refused(name: str):
    refuse_saved(*HOSTILE_REST[name])


def test_asking_changes_nothing_in_the_model():
    model = rest(KNeighborsClassifier())
    saved = hermetic.dumps(model)
    assert hermetic.dumps(hermetic.loads(saved)) == saved


@pytest.mark.parametrize("width", [None, -4, 0, 0.5, "wide", np.int64(3), np.array(["a"])], ids=repr)
def test_a_width_of_any_kind_is_no_danger(width: Any):
    model = altered(HONEST_REST["neighbours"], n_features_in_=width)
    assert len(hermetic.loads(hermetic.dumps(model)).estimators_) == 2


def test_a_member_of_any_width_is_no_danger():
    wide = altered(GaussianNB().fit(X, TWO), n_features_in_=1 << 28)
    assert len(hermetic.loads(hermetic.dumps(members(wide))).estimators_) == 1


def test_asking_warns_of_no_names_and_leaves_them_where_they_are():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    restored = bring_back(rest(GaussianNB(), frame))
    assert [member.feature_names_in_.tolist() for member in restored.estimators_] == [["a", "b", "c"]] * 2


def test_asking_draws_from_no_random_state_of_the_model():
    imputer = IterativeImputer(random_state=np.random.RandomState(3), sample_posterior=True, max_iter=1, tol=10.0)
    model = boosting(make_pipeline(imputer, GaussianNB()))
    saved = hermetic.dumps(model)
    assert hermetic.dumps(hermetic.loads(saved)) == saved
