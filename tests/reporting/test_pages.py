"""Whole pages: what an auditor finds on them, for every kind of file; and what none of them may hold."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, VotingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import hermetic
from hermetic.formats.members import evidence_name
from hermetic.recorded.evidence import Evidence
from hermetic.reporting import facts as facts_module
from tests.handmade_evidence import (
    COLUMNS,
    DATA,
    DIGEST,
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
from tests.recorded.test_members import file_with
from tests.reporting.pages import Page, page_of, taken_apart

SOURCE_FOLDER = Path(hermetic.__file__).resolve().parents[1]
FRAME = pd.DataFrame({"age": np.arange(60.0) % 7, "city": ["Paris", "Rome", "Oslo"] * 20})
Y = (np.arange(60) % 7 > 3).astype(int)
MODEL = Pipeline(
    [
        ("columns", ColumnTransformer([("num", StandardScaler(), ["age"]), ("cat", OneHotEncoder(), ["city"])])),
        ("model", LogisticRegression(C=0.5)),
    ]
).fit(FRAME, Y)
ALL = Evidence(
    golden=hermetic.record(MODEL, FRAME).golden,
    data=changed(DATA, parts=[part("X", COLUMNS, summaries=SUMMARIES), DATA.parts[1]]),
    source=changed(SOURCE, repository=changed(SOURCE.repository, diff="-old\n+new")),
    environment=ENVIRONMENT,
    scores=changed(SCORES, out_of_fold=OF_CLASSES),
    lineage=LINEAGE,
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(tmp_path_factory.mktemp("report"), MODEL, ALL)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(tmp_path_factory.mktemp("report"), MODEL)


def test_the_verdict_stands_at_the_top_in_one_line(page: Page, bare: Page):
    for own, words in (
        (page, "recorded: golden rows, data, source, environment, scores"),
        (bare, "nothing is recorded"),
    ):
        [(_, line)] = [found for found in own.all("p") if "verdict-line" in (found[0].get("class") or "")]
        assert line.startswith("✓Loads without anyone's trust; ")
        assert words in line


def test_the_model_is_a_diagram_of_boxes(page: Page):
    text = page.section("model")
    for words in (
        "ColumnTransformer columns",
        "StandardScaler numon ['age']",
        "OneHotEncoder cat",
        "C = 0.5",
        "5 objects",
    ):
        assert words in text


def test_parameters_that_differ_from_defaults_come_first(page: Page):
    text = page.section("model")
    assert "LogisticRegression (model)C0.51.0" in text
    assert text.index("C0.51.0") < text.index("solver='lbfgs'")


def test_weights_have_the_names_of_features(page: Page):
    assert all(name in page.section("model") for name in ("age", "city = Paris", "city = Rome", "city = Oslo"))


def test_scores_are_drawn_and_told(page: Page):
    text = page.section("scores")
    assert "accuracy: 0.964 +- 0.013 on unseen data" in text
    assert "StratifiedKFold(n_splits=5, random_state=0, shuffle=True)" in text
    assert "area 0.900" in text
    assert len([1 for attributes, _ in page.all("circle") if attributes["class"] == "test"]) == 10
    assert "sick57800" in text


def test_residuals_of_numbers_are_drawn(tmp_path: Path):
    record = changed(SCORES, out_of_fold=OF_NUMBERS)
    found = page_of(tmp_path, Ridge().fit(FRAME[["age"]], Y), Evidence(scores=record))
    assert "Residuals: truth less prediction, from -1 to 1" in found.section("scores")
    assert "1 to 2255" in found.section("scores")


def test_data_have_their_schema_and_histograms(page: Page):
    text = page.section("data")
    assert "age" in text and "mostly 18 to 83, half below 44; 71 different" in text
    assert "12 (0.7%)" in text
    assert "Paris (1,200), Rome (585)" in text
    assert "Distribution of age" in page.texts("title")


def test_the_environment_shows_what_is_needed_first(page: Page):
    text = page.section("environment")
    assert text.index("scikit-learn") < text.index("click")
    assert "openblas0.3.28, 2 threads" in text


def test_source_repository_and_difference_are_shown(page: Page):
    text = page.section("source")
    assert "import own" in text and "Only its digest was recorded" in text
    assert "with changes that are not in it" in text and "+new" in text


def test_lineage_leads_back(page: Page):
    assert f"rebuilt from {DIGEST}, written by scikit-learn 1.5.2" in page.section("lineage")


def test_golden_rows_are_summed_up_and_not_shown(page: Page):
    text = page.section("golden")
    assert "48 synthetic rows" in text
    assert "predict48 int64; 0 (" in text


def test_what_is_missing_and_what_is_revealed_is_said(page: Page, bare: Page):
    assert "the text of own.helpers: only its digest" in page.section("missing")
    assert "seeds of model.random_state" in page.section("missing")
    assert "the unfitted estimator with its splitter" in page.section("missing")
    for kind in ("the data", "the source", "the environment", "scores", "golden rows"):
        assert f"{kind}: nobody can" in bare.section("missing")
    assert "the source text of 2 files" in page.section("reveals")
    assert "categories of the training data" in bare.section("reveals")


def test_references_without_a_version_are_missing_something(tmp_path: Path):
    record = changed(
        DATA, parts=[part("X", COLUMNS, place="referenced", uri="s3://a/b"), part("y", [], place="left out")]
    )
    text = page_of(tmp_path, 3, Evidence(data=record)).section("missing")
    assert "which version of s3://a/b the values of X are" in text
    assert "the values of y: only what identifies them" in text


def test_a_neighbour_reveals_its_rows(tmp_path: Path):
    model = KNeighborsClassifier().fit(FRAME[["age"]], Y)
    assert "rows of the training data, as the model keeps them" in page_of(tmp_path, model).section("reveals")


# ---- what every page is made of

STRANGE: dict[str, Any] = {
    "a-number": 3,
    "a-dictionary": {"a": [1, 2], "b": np.arange(3)},
    "unfitted": Pipeline([("a", StandardScaler()), ("b", "passthrough")]),
    "several": VotingRegressor([("a", Ridge()), ("b", GradientBoostingRegressor(n_estimators=3))]).fit(
        FRAME[["age"]], Y
    ),
    "nothing": None,
    "trust": FunctionTransformer(page_of),
}
PAGES = ["page", "bare", *STRANGE]


@pytest.fixture
def any_page(request: pytest.FixtureRequest, tmp_path: Path) -> Page:
    name = request.param
    return page_of(tmp_path, STRANGE[name]) if name in STRANGE else request.getfixturevalue(name)


every_page = pytest.mark.parametrize("any_page", PAGES, indirect=True)


@every_page
def test_headings_are_in_order(any_page: Page):
    levels = [int(tag[1]) for tag, _, _ in any_page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@every_page
def test_places_are_there_once_and_references_lead_to_them(any_page: Page):
    places = [attributes["id"] for _, attributes, _ in any_page.elements if "id" in attributes]
    assert len(places) == len(set(places))
    links = [attributes["href"] for attributes, _ in any_page.all("a")]
    assert links and {(link or "")[1:] for link in links} <= set(places)
    titled = [attributes["aria-labelledby"] for attributes, _ in any_page.all("section")]
    assert set(titled) <= set(places)


@every_page
def test_nothing_runs_loads_or_leads_out(any_page: Page):
    tags = {tag for tag, _, _ in any_page.elements}
    assert not tags & {
        "script",
        "img",
        "iframe",
        "link",
        "base",
        "form",
        "object",
        "embed",
        "use",
        "image",
        "foreignobject",
    }
    names = {name for _, attributes, _ in any_page.elements for name in attributes}
    assert not names & {"style", "src", "srcset", "action", "formaction", "xlink:href", "data"}
    assert not any(name.startswith("on") for name in names)
    assert any_page.comments == []


@every_page
def test_the_policy_allows_the_one_style_sheet_and_nothing_else(any_page: Page):
    [policy] = [a["content"] for a, _ in any_page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    [style] = any_page.texts("style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style and "@import" not in style


@every_page
def test_everybody_is_told_what_they_see(any_page: Page):
    [(html, _)] = any_page.all("html")
    assert html["lang"] == "en"
    for attributes, _ in any_page.all("svg"):
        assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])
    assert all(attributes["scope"] in ("row", "col") for attributes, _ in any_page.all("th"))
    assert len(any_page.all("caption")) == len(any_page.all("table"))
    assert all(text for text in any_page.texts("caption"))


# ---- other files


def test_a_page_is_the_same_each_time(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=ALL)
    for name in ("a.html", "b.html"):
        hermetic.report(tmp_path / "model.hermetic", tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert str(tmp_path) not in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["pickle", "joblib"])
def test_other_formats_have_a_page(form: str, tmp_path: Path):
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(MODEL)) if form == "pickle" else joblib.dump(MODEL, path)
    written = hermetic.report(path, tmp_path / "report.html")
    page = taken_apart((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert written.ok
    assert "city = Paris" in page.section("model")
    assert f"model, {form}, " in page.text


class Harm:
    def __reduce__(self) -> Any:
        return os.system, ("echo '<script>'",)


def test_a_dangerous_file_has_a_page_that_begins_with_what_is_wrong(tmp_path: Path):
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Harm()))
    written = hermetic.report(tmp_path / "evil.pkl", tmp_path / "report.html")
    assert not written.ok
    assert written.verdict.startswith("Dangerous")
    page = taken_apart((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [attributes["id"] for attributes, _ in page.all("section")][:2] == ["needs", "checks"]
    assert "echo '<script>'" in page.section("checks")
    assert "No model can be read" in page.section("model")
    assert str(tmp_path) not in page.text


def test_a_damaged_file_has_a_page_that_says_so(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic")
    data = bytearray((tmp_path / "model.hermetic").read_bytes())
    data[90] ^= 1
    (tmp_path / "model.hermetic").write_bytes(data)
    written = hermetic.report(tmp_path / "model.hermetic", tmp_path / "report.html")
    assert not written.ok
    assert written.verdict.startswith("Cannot be read")


@pytest.mark.parametrize(("kind", "data"), [("scores", b"{}"), ("golden", b"no container")])
def test_damaged_evidence_is_told_and_the_rest_shown(kind: str, data: bytes, tmp_path: Path):
    (tmp_path / "model.hermetic").write_bytes(file_with((evidence_name(0, kind), data)))
    written = hermetic.report(tmp_path / "model.hermetic", tmp_path / "report.html")
    assert not written.ok
    page = taken_apart((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "LinearRegression" in page.section("model")
    assert "not everything in it can be read" in page.text or "Cannot be read" in page.text


def test_a_model_that_needs_trust_is_shown_without_loading_it(tmp_path: Path):
    page = page_of(tmp_path, FunctionTransformer(page_of))
    assert "tests.reporting.pages.page_of" in page.section("needs")
    assert "Needs trust before it loads" in page.text


def test_arrays_of_very_big_models_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts_module, "_MOST_BYTES", 10)
    page = page_of(tmp_path, MODEL)
    assert "What it weighs" not in page.text
    assert "they were not read" in page.section("checks")


def test_verifying_is_part_of_the_page_when_it_is_asked_for(tmp_path: Path):
    page = page_of(tmp_path, MODEL, ALL, verify=True)
    assert "answerspassedas recorded" in page.section("checks")
    assert "verified here, and as it was recorded" in page.text
    assert "the model was loaded for it" in page.texts("footer")[0]


def test_a_model_that_answers_otherwise_is_not_as_it_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hermetic.recorded.attaching._check_that_it_answers_so", lambda *_: None)
    other = Pipeline([MODEL.steps[0], ("model", LogisticRegression(C=0.001))]).fit(FRAME, Y)
    hermetic.dump(other, tmp_path / "model.hermetic", evidence=ALL)
    written = hermetic.report(tmp_path / "model.hermetic", tmp_path / "report.html", verify=True)
    assert not written.ok
    assert "not as it should be: answers" in written.verdict


def test_a_model_that_is_refused_is_not_as_it_should_be(tmp_path: Path):
    hermetic.dump(FunctionTransformer(page_of), tmp_path / "model.hermetic")
    paths = tmp_path / "model.hermetic", tmp_path / "report.html"
    assert "not as it should be: model" in hermetic.report(*paths, verify=True).verdict
    trusted = hermetic.report(*paths, verify=True, trusted=["tests.reporting.pages.page_of"])
    assert "verified here" in trusted.verdict


def test_nothing_is_written_where_there_is_no_file(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        hermetic.report(tmp_path / "missing", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_scikit_learn_is_not_imported_for_a_page(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "model.hermetic", evidence=ALL)
    code = "import sys, hermetic; print(hermetic.report('model.hermetic', 'a.html').ok, 'sklearn' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["True", "False"]
