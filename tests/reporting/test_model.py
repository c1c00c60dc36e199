"""The chapter on the model: boxes within boxes, parameters that differ first, weights with bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, StackingRegressor, VotingRegressor
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from hermetic.capture import capture
from hermetic.inspection.tree import Entry, build_tree
from hermetic.reporting.importances import Importances
from hermetic.reporting.model import importance_part, model_chapter, parameters_of
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import Page, taken_apart

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0]


def chapter_of(model: Any) -> Page:
    return taken_apart(model_chapter(build_tree(capture(model)), None).html)


def boxes(page: Page) -> list[str]:
    """Give the titles of all boxes in the order of the page."""
    return [text for attributes, text in page.all("p") if attributes.get("class") == "box-title"]


def test_no_model_has_a_chapter_that_says_so():
    page = taken_apart(model_chapter(None, None).html)
    assert page.texts("p") == ["No model can be read from this file, so there is nothing to show."]
    assert page.all("figure") == []


BOXES: dict[str, tuple[Any, list[str]]] = {
    "one": (Ridge(), ["Ridge"]),
    "a-pipeline": (Pipeline([("a", StandardScaler()), ("b", Ridge())]), ["Pipeline", "StandardScaler a", "Ridge b"]),
    "passed-through": (Pipeline([("a", "passthrough"), ("b", Ridge())]), ["Pipeline", "('a'", "Ridge b"]),
    "a-union": (FeatureUnion([("a", StandardScaler()), ("b", MinMaxScaler())]), None),
    "an-unfitted-vote": (VotingRegressor([("a", Ridge()), ("b", Lasso())]), ["VotingRegressor", "Ridge a", "Lasso b"]),
    "an-unfitted-search": (GridSearchCV(Ridge(), {"alpha": [1]}), ["GridSearchCV", "Ridge estimator"]),
    "a-fitted-search": (
        GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=2).fit(X, Y),
        ["GridSearchCV", "Ridge best_estimator_"],
    ),
    "several-outputs": (MultiOutputRegressor(Ridge()), ["MultiOutputRegressor", "Ridge estimator"]),
    "a-forest": (RandomForestClassifier(3).fit(X, Y > 0), ["RandomForestClassifier"]),
    "a-number": (3, ["3"]),
    "nothing": (None, ["None"]),
    "an-empty-list": ([], ["[]"]),
    "a-list-of-models": ([Ridge(), Lasso()], ["list of 2", "Ridge", "Lasso"]),
    "a-dictionary-of-models": ({"a": Ridge(), "b": Lasso(), "n": 3}, ["dict of 3", "Ridge a", "Lasso b"]),
    "a-tuple-with-a-model": ((Ridge(), np.zeros(3)), ["tuple of 2", "Ridge"]),
    "lists-in-a-dictionary": (
        {"a": [Ridge(), np.zeros(40)], "b": np.zeros(3)},
        ["dict of 2", "list of 2 a", "Ridge"],
    ),
    "a-dictionary-without-a-model": ({"a": np.zeros(3), "b": [np.zeros(2)]}, ["dict of 2"]),
    "twelve-models": ([Ridge(alpha=n) for n in range(12)], ["12 x Ridge"]),
    "the-same-model-twice": ([RIDGE := Ridge(), RIDGE], ["list of 2", "Ridge"]),
}


@pytest.mark.parametrize("name", BOXES)
def test_every_object_has_its_box(name: str):
    model, titles = BOXES[name]
    page = chapter_of(model)
    if titles is not None:
        found = boxes(page)
        assert len(found) == len(titles)
        assert all(text.startswith(title) for text, title in zip(found, titles, strict=True))
    n_boxes = len(boxes(page))
    assert page.texts("figcaption")[0].endswith(f": {n_boxes} object{'s' * (n_boxes != 1)}, from the outside in")


def nested(depth: int, model: Any) -> Any:
    for level in range(depth):
        model = Pipeline([(f"level{level}", model)])
    return model


def test_a_model_five_pipelines_deep_is_shown_with_the_way_to_it():
    page = chapter_of(nested(5, Ridge(alpha=7.0)))
    assert boxes(page)[-1] == "Ridge level0"
    way = " / ".join(f"level{level}" for level in range(4, -1, -1))
    assert f"Ridge ({way})alpha7.01.0" in page.section("model")


def test_a_model_deeper_than_a_page_can_show_is_cut():
    assert 5 < len(boxes(chapter_of(nested(40, Ridge())))) < 40


def test_models_in_containers_are_named_by_their_places():
    text = chapter_of({"a": Ridge(alpha=3.0), "b": [Ridge(alpha=4.0)]}).section("model")
    assert "Ridge (a)alpha3.01.0" in text
    assert "Ridge (b / [0])alpha4.01.0" in text


def test_steps_after_one_another_and_beside_one_another_are_told_apart():
    lists = [attributes["class"] for attributes, _ in chapter_of(BOXES["a-pipeline"][0]).all("ol")]
    assert lists == ["steps"]
    lists = [attributes["class"] for attributes, _ in chapter_of(BOXES["a-union"][0]).all("ul")]
    assert lists == ["parallel"]


def test_columns_of_a_transformer_stand_in_its_box():
    page = chapter_of(ColumnTransformer([("num", StandardScaler(), ["größe", "age"]), ("rest", "drop", [3])]))
    assert "on ['größe', 'age']" in page.texts("p")


def test_a_thousand_columns_are_summed_up():
    text = chapter_of(ColumnTransformer([("num", StandardScaler(), [f"column {n}" for n in range(1_000)])])).whole
    assert "on list of 1,000" in text
    assert "column 999" not in text


def test_what_was_fitted_is_shown_instead_of_what_it_was_cloned_from():
    transformer = ColumnTransformer([("num", StandardScaler(), [0, 1, 2])]).fit(X)
    assert boxes(chapter_of(transformer))[:2] == ["ColumnTransformer", "StandardScaler num"]
    assert len(boxes(chapter_of(transformer))) == 2


def test_final_and_inner_regressors_are_labelled():
    stack = StackingRegressor([("a", Ridge())], final_estimator=Lasso())
    assert boxes(chapter_of(stack))[-1] == "Lasso final_estimator"
    target = TransformedTargetRegressor(Ridge(alpha=2.0))
    assert "regressor" in chapter_of(target).texts("p")


def test_parameters_that_are_not_the_defaults_come_first():
    entry = build_tree(capture(LogisticRegression(C=3.0, max_iter=7)))
    found = parameters_of(entry)
    assert {name for name, _, _ in found[:2]} == {"C", "max_iter"}
    assert all(text == default for _, text, default in found[2:] if default)


def test_a_class_of_unknown_defaults_has_none():
    entry = Entry(name="", path="$", summary="Own", type="own.Own", parameters={"width": "3"})
    assert parameters_of(entry) == [("width", "3", "")]
    page = taken_apart(model_chapter(entry, None).html)
    assert "width=3" in page.section("model")
    assert "All of them:" in page.texts("p")


def test_a_model_with_nothing_but_defaults_says_so():
    text = chapter_of(LinearRegression()).section("model")
    assert "No parameter differs from the defaults of scikit-learn" in text
    assert "All of them:" in text


def test_a_model_without_parameters_has_no_part_on_them():
    assert chapter_of({"a": 1}).texts("h3") == []


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_hostile_names_and_values_are_text(name: str):
    text = HOSTILE_STRINGS[name]
    child = Entry(name=text, path="$", summary=text, type=text, parameters={text: text})
    holder = Entry(name="steps", path="$", summary=text, children=(child,))
    page = taken_apart(model_chapter(Entry(name="", path="$", summary=text, type="a.B", children=(holder,)), None).html)
    assert {tag for tag, _, _ in page.elements} <= {
        *("section", "h2", "figure", "figcaption", "div", "p", "strong", "span", "ol", "li", "h3"),
    }
    assert page.comments == []


# ---- weights


def rows_of(weights: list[tuple[str, float]], kind: str = "coefficients") -> tuple[Page, list[list[str]]]:
    part = importance_part(Importances(kind=kind, path="$.coef_", weights=weights))
    assert part is not None
    page = taken_apart(part.html)
    names = [text for attributes, text in page.all("th") if attributes["scope"] == "row"]
    numbers = [text for attributes, text in page.all("td") if attributes.get("class") == "number"]
    return page, [list(pair) for pair in zip(names, numbers, strict=True)]


def test_no_weights_have_no_part():
    assert importance_part(None) is None


NUMBERS: dict[str, tuple[float, str]] = {
    "zero": (0.0, "0"),
    "zero-with-a-sign": (-0.0, "0"),
    "small": (-1e-300, "-1e-300"),
    "the-smallest": (5e-324, "4.941e-324"),
    "the-largest": (-1.7e308, "-1.7e+308"),
    "ordinary": (0.123456, "0.1235"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_weights_are_told_with_four_digits(name: str):
    weight, text = NUMBERS[name]
    page, rows = rows_of([("age", weight)])
    assert rows == [["age", text]]
    assert "nan" not in page.whole and "inf" not in page.whole


def test_the_largest_weight_has_the_longest_bar():
    page, _ = rows_of([("a", -4.0), ("b", 2.0), ("c", 0.0)])
    assert [attributes["width"] for attributes, _ in page.all("rect")] == ["80", "40", "0.5"]
    assert [attributes["class"] for attributes, _ in page.all("rect")] == ["negative", "positive", "positive"]


@pytest.mark.parametrize(("count", "caption"), [(20, "All of them: "), (21, "The largest 20 of 21: "), (1_000, None)])
def test_twenty_weights_are_shown_and_the_others_counted(count: int, caption: str | None):
    page, rows = rows_of([(f"feature {n}", float(count - n)) for n in range(count)])
    assert len(rows) == 20
    assert page.texts("caption")[0].startswith(caption or "The largest 20 of 1,000: ")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("coefficients", "not scaled alike"),
        ("mean size of the coefficients of 3 outputs", "not scaled alike"),
        ("share of the impurity lost", "Features with many values"),
    ],
)
def test_weights_have_the_caution_of_their_kind(kind: str, words: str):
    page, _ = rows_of([("a", 1.0)], kind)
    assert words in page.texts("p")[-1]
