"""The chapter on scores: fold by fold, with curves, confusion and residuals, whatever a record holds."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.recorded.scores import Calibration, Confusion, Curve, Fold
from hermetic.reporting.scores import scores_chapter
from tests.handmade_evidence import OF_CLASSES, OF_NUMBERS, SCORES, changed
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import Page, taken_apart


def fold(test: dict[str, float | None], train: dict[str, float | None] | None = None, **fields: Any) -> Fold:
    sizes = {"n_train": 1_200, "n_test": 300, "fit_seconds": 0.126, "score_seconds": 0.01, **fields}
    return Fold(test=test, train=train or {}, **sizes)


def chapter_of(*folds: Fold, **fields: Any) -> Page:
    known = {"folds": list(folds), "notes": [], "out_of_fold": None, "seeds": {}, **fields}
    return taken_apart(scores_chapter(changed(SCORES, **known)).html)


def of_curve(**fields: Any) -> Page:
    return chapter_of(fold({"r2": 0.5}), out_of_fold=changed(OF_CLASSES, **fields))


def cells(page: Page) -> list[str]:
    return page.texts("td")


def test_scores_that_were_not_recorded_are_missing_loudly():
    page = taken_apart(scores_chapter(None).html)
    assert [attributes["class"] for attributes, _ in page.all("p")] == ["warning"]


FOLDS: dict[str, tuple[list[float | None], list[str], str]] = {
    "one": ([0.5], ["0.5"], "r2: 0.500 on unseen data"),
    "two": ([0.5, 0.75], ["0.5", "0.75"], "r2: 0.625 +- 0.177 on unseen data"),
    "one-without": ([None, 0.5], ["no number", "0.5"], "r2: 0.500 on unseen data"),
    "none": ([None, None], ["no number", "no number"], "r2: no score on unseen data"),
    "zero": ([0.0, 0.0], ["0", "0"], "r2: 0.000 +- 0.000 on unseen data"),
    "far-below-zero": ([-1e30, -1e30], ["-1e+30", "-1e+30"], None),
    "too-large-to-sum-up": ([1e200, 0.5], ["1e+200", "0.5"], "r2: 0.500 on unseen data"),
}


@pytest.mark.parametrize("name", FOLDS)
def test_every_fold_has_its_score(name: str):
    scores, texts, caption = FOLDS[name]
    page = chapter_of(*(fold({"r2": score}) for score in scores))
    assert cells(page)[2::4] == texts
    assert caption is None or caption in page.texts("figcaption")
    told = [score for score in scores if score is not None and abs(score) < 1e100]
    assert len(page.all("circle")) == len(told)
    assert ("No fold has a number." in page.whole) == (not told)


def test_no_fold_has_an_empty_table():
    page = chapter_of()
    assert page.texts("th") == ["fold", "fitted on", "tested on", "fit took"]
    assert "0 folds" in page.texts("dd")
    assert page.all("figure") == []


def test_scorers_that_only_some_folds_have_are_shown_for_all():
    page = chapter_of(fold({"a": 0.5}), fold({"b": 0.25}))
    assert page.texts("th")[:6] == ["fold", "fitted on", "tested on", "a", "b", "fit took"]
    assert cells(page) == ["1,200", "300", "0.5", "no number", "0.13 s", "1,200", "300", "no number", "0.25", "0.13 s"]


def test_scores_on_the_data_of_the_fit_are_hollow():
    page = chapter_of(fold({"a": 0.5}, {"a": 1.0}), fold({"a": 0.6}, {"a": None, "b": 3.0}))
    assert [attributes["class"] for attributes, _ in page.all("circle")] == ["train", "test", "test"]


def test_twelve_scorers_are_drawn():
    page = chapter_of(fold({f"score{n}": 0.5 for n in range(20)}))
    assert len(page.all("figure")) == 12
    assert "score12" not in page.whole


def test_a_thousand_folds_are_cut():
    page = chapter_of(*(fold({"a": n / 1_000}) for n in range(1_000)))
    assert "... and 800 more" in page.whole
    assert "1,000 folds" in page.texts("dd")


def test_seeds_and_splitter_are_told():
    page = chapter_of(fold({}), seeds={"model.random_state": "None", "b": "0"}, splitter="KFold()", folds_digest="")
    assert page.texts("dd") == ["KFold()", "1 fold", "model.random_state = None, b = 0", "not recorded"]
    assert "none" in chapter_of(fold({})).texts("dd")


def test_nothing_of_predictions_is_shown_where_there_are_none():
    assert chapter_of(fold({"a": 0.5})).texts("h3") == []
    empty = of_curve(roc=[], calibration=[], confusion=None)
    assert empty.texts("h3") == ["On data it had not seen"]
    assert len(empty.all("figure")) == 1


def test_eight_curves_are_drawn_and_named():
    curves = [
        Curve(label=f"class {n}", false_positive=[0.0, 1.0], true_positive=[0.0, 1.0], area=n / 20) for n in range(10)
    ]
    page = of_curve(roc=curves, calibration=[], confusion=None)
    assert len(page.all("polyline")) == 8
    assert page.texts("li") == [f"class {n}: area {n / 20:.3f}" for n in range(8)]
    keys = [attributes["class"] for attributes, _ in page.all("span")]
    assert keys == [f"key key-{n}" for n in range(8)]


def test_calibration_is_told_in_words_too():
    own = Calibration(label="sick", predicted=[0.1, 0.5], observed=[0.15], counts=[1])
    page = of_curve(roc=[], calibration=[own], confusion=None)
    assert page.texts("desc")[-1] == "sick: 0.10 became 0.15"
    assert page.texts("li") == ["sick: 1 sample"]


SHADES: dict[str, tuple[list[list[int]], list[int]]] = {
    "ordinary": ([[10, 0], [4, 6]], [5, 0, 3, 5]),
    "empty-classes": ([[0, 0], [0, 0]], [0, 0, 0, 0]),
    "one-of-each": ([[1, 1], [1, 1]], [5, 5, 5, 5]),
    "negative": ([[-5, 10], [-1, -1]], [0, 5, 0, 0]),
    "huge": ([[1 << 62, 1], [1, 1 << 62]], [5, 0, 0, 5]),
}


@pytest.mark.parametrize("name", SHADES)
def test_cells_are_the_darker_the_more_there_are_in_their_row(name: str):
    counts, shades = SHADES[name]
    page = of_curve(roc=[], calibration=[], confusion=Confusion(labels=["a", "b"], counts=counts))
    shown = [(attributes["class"], text) for attributes, text in page.all("span")]
    assert [text for _, text in shown] == [f"{count:,}" for row in counts for count in row]
    assert [own for own, _ in shown] == [f"shade shade-{shade}" for shade in shades]


def test_twenty_labels_are_shown_and_the_others_counted():
    confusion = Confusion(labels=[f"größe {n}" for n in range(30)], counts=[[n] * 30 for n in range(30)])
    page = of_curve(roc=[], calibration=[], confusion=confusion)
    assert page.texts("caption")[-1].endswith("(the first 20 of 30)")
    assert len(page.all("span")) == 400


@pytest.mark.parametrize(
    ("labels", "counts"), [([], []), (["a"], []), ([], [[1]]), (["a"], [[1], [2]])], ids=["no", "few", "none", "many"]
)
def test_a_confusion_that_does_not_fit_its_labels_is_not_shown(labels: list[str], counts: list[list[int]]):
    page = of_curve(roc=[], calibration=[], confusion=Confusion(labels=labels, counts=counts))
    assert len(page.all("table")) == 1


def test_residuals_are_a_histogram_and_a_table():
    page = chapter_of(fold({"r2": 0.5}), out_of_fold=OF_NUMBERS)
    assert page.texts("figcaption")[-1] == "Residuals: truth less prediction, from -1 to 1"
    assert cells(page)[-4:] == ["10", "20", "25", "5"]
    assert page.texts("desc")[-1] == "truth less prediction, 60 samples from -1 to 1"


RESIDUALS: dict[str, dict[str, Any]] = {
    "no-edges": {"histogram_edges": [], "histogram": []},
    "no-width": {"histogram_edges": [0.0] * 5},
    "too-wide": {"histogram_edges": [-1.7e308, -1.0, 0.0, 1.0, 1.7e308]},
    "nothing-in-it": {"histogram": [0, 0, 0, 0]},
    "too-few-counts": {"histogram": [1]},
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_residuals_that_make_no_histogram_are_not_shown(name: str):
    residuals = changed(OF_NUMBERS.residuals, **RESIDUALS[name])
    page = chapter_of(fold({"r2": 0.5}), out_of_fold=changed(OF_NUMBERS, residuals=residuals))
    assert "Residuals" not in page.whole
    assert page.texts("h3") == ["On data it had not seen"]


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_hostile_names_are_text(name: str):
    text = HOSTILE_STRINGS[name]
    found = changed(
        OF_CLASSES,
        roc=[changed(OF_CLASSES.roc[0], label=text)],
        confusion=Confusion(labels=[text, text], counts=[[1, 2], [3, 4]]),
    )
    page = chapter_of(fold({text: 0.5}), splitter=text, seeds={text: text}, notes=[text], out_of_fold=found)
    assert len(page.all("svg")) == 3 and len(page.all("table")) == 2
    assert page.comments == []
    assert all(character.isprintable() for character in page.whole)
