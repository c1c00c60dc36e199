"""A file that is hostile in every text that a page shows has a page like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.recorded.evidence import Evidence
from hermetic.recorded.golden import GoldenRows
from tests.handmade_evidence import (
    COLUMNS,
    DATA,
    ENVIRONMENT,
    LINEAGE,
    OF_CLASSES,
    OF_NUMBERS,
    SCORES,
    SOURCE,
    SUMMARIES,
    changed,
    part,
)
from tests.reporting.pages import page_of
from tests.reporting.test_markup import HOSTILE

ALLOWED = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "section", "div"),
        *(
            "figure",
            "figcaption",
            "h1",
            "h2",
            "h3",
            "p",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "a",
            "code",
            "pre",
            "span",
        ),
        *("strong", "em", "small", "table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("svg", "desc", "rect", "line", "circle", "polyline", "text"),
    )
)


def spoiled(text: str) -> Evidence:
    """Give evidence that says something hostile wherever it may say anything."""
    scores = changed(
        SCORES,
        splitter=text,
        seeds={text: text},
        notes=[text],
        folds=[changed(fold, test={text: 0.5, "r2": None}, train={text: 1.0}) for fold in SCORES.folds],
        out_of_fold=changed(
            OF_CLASSES,
            roc=[changed(OF_CLASSES.roc[0], label=text)],
            calibration=[changed(OF_CLASSES.calibration[0], label=text)],
            confusion=changed(OF_CLASSES.confusion, labels=[text, text]),
            residuals=OF_NUMBERS.residuals,
        ),
    )
    columns = [changed(own, name=text, type=text) for own in COLUMNS]
    summaries = [changed(own, values=[changed(SUMMARIES[1].values[0], value=text)]) for own in SUMMARIES]
    return Evidence(
        data=changed(
            DATA,
            parts=[
                part(text, columns, summaries=summaries, place="referenced", uri=text, version=text, form=text),
                part(text, columns, snapshot=text),
            ],
            notes=[text],
        ),
        source=changed(
            SOURCE,
            files=[changed(own, name=text, text=f"x = 1 {text}", digest=text) for own in SOURCE.files],
            repository=changed(SOURCE.repository, commit=text, remote=text, diff=f"+{text}\n-{text}"),
            notes=[text],
        ),
        environment=changed(
            ENVIRONMENT,
            python=text,
            implementation=text,
            platform=text,
            machine=text,
            processor=text,
            libraries={text: text},
            distributions=[changed(own, name=text, version=text, origin=text) for own in ENVIRONMENT.distributions],
        ),
        scores=scores,
        lineage=changed(
            LINEAGE, parents=[changed(own, digest=text, written_by={text: text}) for own in LINEAGE.parents]
        ),
    )


def spoiled_model(text: str) -> Any:
    """Give a model with a hostile name of a step, of features, and in its parameters."""
    model = Pipeline([("a" + text.replace("__", ""), StandardScaler()), ("model", Ridge())]).fit(np.eye(3), [1, 2, 3])
    model[0].feature_names_in_ = np.array([text] * 3, dtype=object)
    model[1].solver = text
    model.note = text
    return model


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "long"])
def test_no_text_of_a_file_becomes_part_of_the_page(name: str, tmp_path: Path):
    text = HOSTILE[name].encode("utf-8", "replace").decode()  # records are UTF-8: surrogates do not come this far
    page = page_of(tmp_path, spoiled_model(text), spoiled(text))
    assert {tag for tag, _, _ in page.elements} <= ALLOWED
    assert page.comments == []
    assert all(character.isprintable() or character == "\n" for character in page.text)
    assert len(page.all("style")) == len(page.all("h1")) == 1
    assert len(page.all("meta")) == 5
    values = {value for _, attributes, _ in page.elements for name, value in attributes.items() if name == "href"}
    assert all((value or "").startswith("#") for value in values)


def test_very_long_texts_do_not_make_the_page_endless(tmp_path: Path):
    page_of(tmp_path, 3, spoiled("a" * 100_000))
    assert (tmp_path / "report.html").stat().st_size < 16_000_000


def test_thousands_of_columns_folds_and_distributions_are_counted(tmp_path: Path):
    evidence = Evidence(
        data=changed(DATA, parts=[part("X", COLUMNS * 3_000), *[part("more", COLUMNS)] * 50]),
        environment=changed(ENVIRONMENT, distributions=ENVIRONMENT.distributions * 2_000),
        scores=changed(SCORES, folds=SCORES.folds * 500),
        source=changed(SOURCE, files=SOURCE.files * 100),
    )
    page = page_of(tmp_path, 3, evidence)
    assert (tmp_path / "report.html").stat().st_size < 3_000_000
    assert "... and 8,800 more" in page.section("data")
    assert "and 31 more parts" in page.section("data")
    assert "and 250 more files" in page.section("source")


ODD: dict[str, Any] = {
    "no-curve": changed(OF_CLASSES, roc=[changed(OF_CLASSES.roc[0], false_positive=[], true_positive=[])]),
    "unequal-curve": changed(OF_CLASSES, roc=[changed(OF_CLASSES.roc[0], false_positive=[0.5])]),
    "far-curve": changed(OF_CLASSES, roc=[changed(OF_CLASSES.roc[0], false_positive=[1e300, -1e300, 0.0])]),
    "no-labels": changed(OF_CLASSES, confusion=changed(OF_CLASSES.confusion, labels=[], counts=[])),
    "rows-of-other-lengths": changed(OF_CLASSES, confusion=changed(OF_CLASSES.confusion, counts=[[], [1, 2, 3]])),
    "too-few-rows": changed(OF_CLASSES, confusion=changed(OF_CLASSES.confusion, counts=[[1, 2]])),
    "negative-counts": changed(OF_CLASSES, confusion=changed(OF_CLASSES.confusion, counts=[[-5, -1], [-1, -5]])),
    "huge-counts": changed(OF_CLASSES, confusion=changed(OF_CLASSES.confusion, counts=[[1 << 62, 0], [0, 1]])),
    "no-edges": changed(OF_NUMBERS, residuals=changed(OF_NUMBERS.residuals, histogram_edges=[], histogram=[])),
    "no-rows": changed(OF_NUMBERS, residuals=changed(OF_NUMBERS.residuals, counts=[], prediction_edges=[])),
    "negative-bins": changed(OF_NUMBERS, residuals=changed(OF_NUMBERS.residuals, histogram=[-1, -2, -3, -4])),
}


@pytest.mark.parametrize("name", ODD)
def test_sums_of_predictions_that_are_none_do_no_harm(name: str, tmp_path: Path):
    page = page_of(tmp_path, 3, Evidence(scores=changed(SCORES, out_of_fold=ODD[name])))
    assert "On data it had not seen" in page.section("scores")
    assert "nan" not in page.section("scores")


SCORE_LISTS = {
    "none": [None, None],
    "one": [0.5],
    "the-same": [0.5, 0.5],
    "huge": [1e308, -1e308],
    "tiny": [5e-324, 1e-320],
    "mixed": [None, 0.25],
    "no-fold": [],
}


@pytest.mark.parametrize("name", SCORE_LISTS)
def test_any_scores_have_a_page(name: str, tmp_path: Path):
    folds = [changed(SCORES.folds[0], test={"r2": score}, train={}) for score in SCORE_LISTS[name]]
    page = page_of(tmp_path, 3, Evidence(scores=changed(SCORES, folds=folds)))
    assert "inf" not in page.section("scores").replace("information", "")


ANSWERS: dict[str, Any] = {
    "texts": np.array(["a", "<b>", "\u202e"] * 10),
    "numbers": np.arange(30.0),
    "not-a-number": np.array([np.nan] * 3),
    "nothing": np.zeros((0, 3)),
    "a-list": [np.zeros(3)],
    "a-number": np.array(3),
    "objects": np.array(["a", None], dtype=object),
    "many-labels": np.arange(30),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_any_answers_are_summed_up(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    golden = GoldenRows(
        origin="synthetic",
        model="m",
        rows=[],
        n_rows=3,
        answers={"predict": ANSWERS[name]},
        skipped={"transform": "<i>"},
        versions={"<b>": "<b>"},
    )
    monkeypatch.setattr("hermetic.recorded.attaching._check_that_it_answers_so", lambda *_: None)
    monkeypatch.setattr("hermetic.recorded.attaching._LIBRARIES", ())
    page = page_of(tmp_path, 3, Evidence(golden=golden))
    assert "predict" in page.section("golden")
    assert "transform: <i>" in page.section("golden")
