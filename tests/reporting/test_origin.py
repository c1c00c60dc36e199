"""The chapters on where a model comes from: environment, source, lineage."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.recorded.lineage import LineageRecord
from hermetic.reporting.origin import environment_chapter, lineage_chapter, source_chapter
from tests.handmade_evidence import DIGEST, ENVIRONMENT, LINEAGE, SOURCE, changed, distribution
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import Page, taken_apart


def environment(**fields: Any) -> Page:
    return taken_apart(environment_chapter(changed(ENVIRONMENT, **fields)).html)


def source(**fields: Any) -> Page:
    return taken_apart(source_chapter(changed(SOURCE, **fields)).html)


def lineage(*parents: Any, digest: str = "1" * 64) -> Page:
    return taken_apart(lineage_chapter(LineageRecord(layout=1, parents=list(parents)), digest).html)


@pytest.mark.parametrize("show", [environment_chapter, source_chapter], ids=["environment", "source"])
def test_what_was_not_recorded_is_missing_loudly(show: Any):
    page = taken_apart(show(None).html)
    assert [attributes["class"] for attributes, _ in page.all("p")] == ["warning"]


# ---- environment


def test_machine_and_libraries_are_facts():
    page = environment()
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Python"] == "3.11.7 (CPython)"
    assert facts["machine"] == "x86_64, A Processor"
    assert facts["openblas"] == "0.3.28, 2 threads"
    assert "x86_64" in environment(processor="").texts("dd")


NEEDED, OTHER = distribution("numpy", "2.0", is_needed=True), distribution("größe", "<1>")
DISTRIBUTIONS: dict[str, tuple[list[Any], list[str]]] = {
    "none": ([], []),
    "needed": ([NEEDED], ["What the model needs"]),
    "others": ([OTHER], ["What else was installed: 1 distribution"]),
    "both": ([OTHER, NEEDED, OTHER], ["What the model needs", "What else was installed: 2 distributions"]),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distributions_that_the_model_needs_stand_apart(name: str):
    distributions, captions = DISTRIBUTIONS[name]
    page = environment(distributions=distributions)
    assert page.texts("caption") == captions
    assert len([1 for attributes, _ in page.all("th") if attributes["scope"] == "row"]) == len(distributions)


def test_a_thousand_distributions_are_cut():
    page = environment(distributions=[OTHER] * 1_000)
    assert page.texts("caption") == ["What else was installed: 1,000 distributions"]
    assert "... and 800 more" in page.whole


# ---- source


def test_files_are_shown_with_their_digests():
    page = source()
    assert page.texts("h3") == ["train.py", "own", "own.helpers"]
    assert page.texts("code").count(DIGEST) == 2
    assert page.whole.count("Only its digest was recorded.") == 1


def test_no_file_and_no_repository_are_said():
    page = source(files=[], repository=None, notes=[])
    assert page.texts("p") == ["As recorded. Nothing of it was run for this page.", "It stood in no repository."]
    assert page.all("ul") == []


@pytest.mark.parametrize(("count", "n_more"), [(50, ""), (51, "... and 1 more file"), (90, "... and 40 more files")])
def test_fifty_files_are_shown_and_the_others_counted(count: int, n_more: str):
    page = source(files=[changed(SOURCE.files[0], name=f"file{n}") for n in range(count)], notes=[])
    assert len(page.texts("h3")) == 50
    assert (n_more in page.texts("p")) == bool(n_more)


REPOSITORIES: dict[str, tuple[dict[str, Any], list[str], int]] = {
    "clean": ({"is_dirty": False}, ["exactly as it is there", "https://example.org/a.git"], 0),
    "dirty": ({"is_dirty": True}, ["with changes that are not in it", "https://example.org/a.git"], 0),
    "with-its-changes": ({"diff": "-a\n+b"}, ["with changes that are not in it", "https://example.org/a.git"], 1),
    "without-a-remote": ({"remote": ""}, ["with changes that are not in it", "none"], 0),
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_repositories_are_told(name: str):
    fields, (state, remote), n_differences = REPOSITORIES[name]
    page = source(repository=changed(SOURCE.repository, **fields))
    commit, found = page.texts("dd")
    assert commit == f"{SOURCE.repository.commit if SOURCE.repository else ''}, {state}"
    assert found == remote
    assert page.texts("h3").count("Changes that were not committed") == n_differences


TEXTS = {"empty": "", "not-python": "if (", "unclosed": "'''", "tabs": "if a:\n\tb\n  c", "line-ends": "a\r\nb\rc"}


@pytest.mark.parametrize("name", [*TEXTS, *HOSTILE_STRINGS])
def test_any_text_of_a_file_is_shown_as_it_is(name: str):
    text = {**HOSTILE_STRINGS, **TEXTS}[name]
    page = source(files=[changed(SOURCE.files[0], text=text)], repository=changed(SOURCE.repository, diff=text or "+"))
    assert len(page.all("pre")) == 2
    assert page.comments == []
    assert all(character.isprintable() or character == "\n" for character in page.whole)


# ---- lineage


def test_a_model_without_parents_says_so():
    words = "No other file is named that this one was made from."
    assert taken_apart(lineage_chapter(None, DIGEST).html).texts("p") == [words]
    assert lineage().texts("p") == [words]


def test_each_parent_is_a_step_back():
    steps = lineage(*LINEAGE.parents).texts("li")
    assert steps == [
        f"this file, {'1' * 64}",
        f"rebuilt from {DIGEST}, written by scikit-learn 1.5.2",
        f"made again by the script of {'9' * 64}, written by scikit-learn 1.2.0",
    ]


def test_a_parent_that_names_no_library_and_one_that_names_two():
    steps = lineage(
        changed(LINEAGE.parents[0], written_by={}), changed(LINEAGE.parents[0], written_by={"a": "1", "b": "<2>"})
    ).texts("li")
    assert steps[1:] == [f"rebuilt from {DIGEST}", f"rebuilt from {DIGEST}, written by a 1, b <2>"]
