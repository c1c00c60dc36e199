"""Evidence of two files, compared without opening or running what it names."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.differences.evidence import (
    data_section,
    environment_section,
    lineage_section,
    scores_section,
    source_section,
    versions_section,
)
from tests.handmade_evidence import (
    COLUMNS,
    DATA,
    DIGEST,
    ENVIRONMENT,
    LINEAGE,
    SCORES,
    SOURCE,
    changed,
    column,
    distribution,
    part,
)

RECORDS = {"data": DATA, "source": SOURCE, "environment": ENVIRONMENT, "scores": SCORES}
SECTIONS = {
    "data": data_section,
    "source": source_section,
    "environment": environment_section,
    "scores": scores_section,
}


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_same_record_is_the_same(kind: str):
    found = SECTIONS[kind](RECORDS, RECORDS)
    assert (found.name, found.verdict, found.lines) == (kind, "same", ())
    assert found.words


@pytest.mark.parametrize("kind", SECTIONS)
@pytest.mark.parametrize(
    ("before", "after", "words"),
    [({}, {}, "in neither file"), (RECORDS, {}, "not in the second file"), ({}, RECORDS, "not in the first file")],
    ids=["neither", "first", "second"],
)
def test_what_is_missing_is_said(kind: str, before: dict[str, Any], after: dict[str, Any], words: str):
    found = SECTIONS[kind](before, after)
    assert (found.verdict, found.words) == ("not recorded", words)


def other_data(**fields: Any) -> dict[str, Any]:
    return {"data": changed(DATA, parts=[part("X", **fields), *DATA.parts[1:]])}


def test_data_are_compared_by_their_fingerprints():
    columns = [COLUMNS[0], column("city", "text", 13, "8" * 64), COLUMNS[2]]
    assert data_section(RECORDS, other_data(columns=columns)).lines == (
        "X: column 'city' holds other values, 13 of them missing instead of 12",
    )
    columns = [*COLUMNS[:2], column("visits", "int32", 0, "8" * 64)]
    assert data_section(RECORDS, other_data(columns=columns)).lines == (
        "X: column 'visits' is int32, recorded as int64",
    )


def test_parts_of_the_data_that_only_one_file_has():
    more = {"data": changed(DATA, parts=[*DATA.parts, part("groups", COLUMNS[:1])])}
    assert data_section(RECORDS, more).lines == ("groups: not in the first file",)
    assert data_section(more, RECORDS).lines == ("groups: not in the second file",)


def other_source(*files: Any, **fields: Any) -> dict[str, Any]:
    return {"source": changed(SOURCE, files=list(files), **fields)}


def test_source_is_compared_line_by_line():
    file = changed(SOURCE.files[0], text="import own\nmodel = own.fit_better", digest="8" * 64)
    found = source_section(RECORDS, other_source(file, *SOURCE.files[1:]))
    assert found.lines == (
        "--- a/train.py",
        "+++ b/train.py",
        "@@ -1,2 +1,2 @@",
        " import own",
        "-model = own.fit",
        "+model = own.fit_better",
    )
    assert found.words == "3 files; commit 1a2b3c4d5e6f (dirty)"


def test_source_of_which_only_digests_are_known():
    file = changed(SOURCE.files[2], digest="8" * 64)
    assert source_section(RECORDS, other_source(*SOURCE.files[:2], file)).lines == (
        "changed: own.helpers (its text was not recorded in both files)",
    )


def test_files_that_were_added_and_removed():
    assert source_section(RECORDS, other_source(SOURCE.files[0])).lines == ("removed: own", "removed: own.helpers")
    assert source_section(other_source(SOURCE.files[0]), RECORDS).lines == ("added: own", "added: own.helpers")


def test_another_commit_is_named():
    repository = changed(SOURCE.repository, commit="9" * 40, is_dirty=False)
    found = source_section(RECORDS, other_source(*SOURCE.files, repository=repository))
    assert found.words.endswith("commit 1a2b3c4d5e6f (dirty) -> 999999999999")
    assert source_section(RECORDS, other_source(*SOURCE.files, repository=None)).words.endswith(
        "no commit in both files"
    )


def other_environment(**fields: Any) -> dict[str, Any]:
    return {"environment": changed(ENVIRONMENT, **fields)}


def test_distributions_that_the_model_needs_come_first():
    distributions = [
        distribution("click", "8.2"),
        distribution("numpy", "2.5.0", is_needed=True),
        distribution("pandas", "3.0"),
        changed(ENVIRONMENT.distributions[2], content="8" * 64),
    ]
    found = environment_section(RECORDS, other_environment(python="3.12.1", distributions=distributions))
    assert found.lines == (
        "python: 3.11.7 -> 3.12.1",
        "numpy: 2.4.6 -> 2.5.0 (the model needs it)",
        "scikit-learn 1.9.1: other files of the same version (the model needs it)",
        "click: 8.1 -> 8.2",
        "wheel 0.45: not in the second file",
        "pandas 3.0: not in the first file",
    )


def test_native_libraries_and_machines_are_compared():
    found = environment_section(RECORDS, other_environment(machine="aarch64", libraries={"openblas": "0.3.30"}))
    assert found.lines == ("machine: x86_64 -> aarch64", "openblas: 0.3.28, 2 threads -> 0.3.30")


def other_scores(*tested: float | None, **fields: Any) -> dict[str, Any]:
    folds = [changed(fold, test={"accuracy": score}) for fold, score in zip(SCORES.folds, tested, strict=False)]
    return {"scores": changed(SCORES, folds=folds, **fields)}


ONE = other_scores(0.9, 0.8)


def test_scores_are_told_in_words():
    assert scores_section(ONE, other_scores(0.8, 0.7)).lines == (
        "accuracy: 0.850 +- 0.071 before, 0.750 +- 0.071 now: 0.1 lower, another range",
    )
    assert scores_section(ONE, other_scores(1.0, 0.9)).lines[0].endswith("now: 0.1 higher, another range")


def test_a_move_within_what_folds_differ_by_is_told_so():
    wide = other_scores(0.9, 0.5, 0.7, 0.95)
    assert scores_section(wide, other_scores(0.8, 0.6, 0.65, 0.9)).lines[0].endswith("lower, same range")
    few = other_scores(0.9, 0.92, 0.9, 0.92)
    other = other_scores(0.95, 0.85, 0.99, 0.81, folds_digest="8" * 64)
    assert scores_section(few, other).lines[0].endswith("lower, perhaps by chance")


def test_last_bits_and_times_of_scores_do_not_count():
    assert scores_section(ONE, other_scores(0.9 + 1e-16, 0.8)).verdict == "same"
    slow = {"scores": changed(ONE["scores"], folds=[changed(own, fit_seconds=9.0) for own in ONE["scores"].folds])}
    assert scores_section(ONE, slow).verdict == "same"


def test_other_folds_are_told():
    assert scores_section(ONE, other_scores(0.9, 0.8, splitter="KFold(3)")).lines == (
        f"folds: {SCORES.splitter} -> KFold(3)",
    )
    assert scores_section(ONE, other_scores(0.9, 0.8, folds_digest="8" * 64)).lines == ("folds: other rows in them",)
    assert scores_section(ONE, other_scores(0.9, 0.8, 0.85)).words == "over 2 and 3 folds"


def test_scorers_that_only_one_file_has():
    assert scores_section(RECORDS, {"scores": SCORES}).verdict == "same"
    [line] = scores_section(
        ONE,
        {
            "scores": changed(
                ONE["scores"], folds=[changed(own, test={**own.test, "r2": 0.5}) for own in ONE["scores"].folds]
            )
        },
    ).lines
    assert line == "r2: not scored before, 0.500 +- 0.000 now: not comparable"


def test_scores_that_are_no_numbers_are_equal_to_each_other_only():
    assert scores_section(other_scores(None, None), other_scores(None, None)).verdict == "same"
    assert scores_section(other_scores(None, None), ONE).verdict == "different"


def test_versions_that_both_name_are_compared():
    found = versions_section({"numpy": "2.0", "scikit-learn": "1.5"}, {"scikit-learn": "1.9", "pandas": "3"})
    assert found.lines == ("scikit-learn: 1.5 -> 1.9",)
    assert versions_section({"numpy": "2.0"}, {"numpy": "2.0"}).words == "numpy 2.0"
    assert versions_section({"numpy": "2.0"}, {}).words == "the files have no library in common"


def test_lineage_says_which_was_made_from_which():
    child = {"lineage": LINEAGE}
    assert lineage_section({}, child, (DIGEST, "1" * 64)).words == "the second was made from the first"
    assert lineage_section(child, {}, ("1" * 64, DIGEST)).words == "the first was made from the second"
    assert lineage_section(child, child, ("1" * 64, "2" * 64)).words == f"both were made from {DIGEST[:12]}..."
    assert lineage_section({}, {}, ("1" * 64, "2" * 64)).verdict == "not recorded"


LINE_ENDS = {
    "of-windows": ("a = 1\nb = 2\n", "a = 1\r\nb = 2\r\n"),
    "none-at-the-end": ("a = 1\n", "a = 1"),
    "a-form-feed": ("a = 1\nb = 2", "a = 1\x0cb = 2"),
    "a-separator": ("a = 1\nb = 2", "a = 1\u2028b = 2"),
}


@pytest.mark.parametrize("name", LINE_ENDS)
def test_source_whose_lines_only_end_otherwise_is_another_one(name: str):
    one, other = (
        other_source(changed(SOURCE.files[0], text=text, digest=str(number) * 64))
        for number, text in enumerate(LINE_ENDS[name])
    )
    found = source_section(one, other)
    assert (found.verdict, found.lines) == ("different", ("changed: train.py (only in how its lines end)",))


def test_empty_source_is_compared():
    one, other = (
        other_source(changed(SOURCE.files[0], text=text, digest=digit * 64)) for text, digit in (("", "1"), ("x", "2"))
    )
    assert source_section(one, other).lines == ("--- a/train.py", "+++ b/train.py", "@@ -0,0 +1 @@", "+x")
    assert source_section(other, one).lines == ("--- a/train.py", "+++ b/train.py", "@@ -1 +0,0 @@", "-x")


def test_data_without_parts_are_the_same():
    nothing = {"data": changed(DATA, parts=[])}
    assert data_section(nothing, nothing).verdict == "same"
    assert data_section(nothing, RECORDS).lines == ("X: not in the first file", "y: not in the first file")


def test_scores_of_no_fold_are_the_same():
    nothing = {"scores": changed(SCORES, folds=[])}
    found = scores_section(nothing, nothing)
    assert (found.verdict, found.words) == ("same", "no scorer")


def test_scores_of_one_fold_can_be_compared():
    one, other = (
        {"scores": changed(SCORES, folds=[changed(SCORES.folds[0], test={"r2": score})])} for score in (0.5, 0.75)
    )
    assert scores_section(one, one).words == "r2 0.500"
    [line] = scores_section(one, other).lines
    assert line.startswith("r2: 0.500 before, 0.750 now: 0.25 higher")


def test_an_environment_of_nothing_is_compared():
    nothing = other_environment(libraries={}, distributions=[])
    assert environment_section(nothing, nothing).words == "0 distributions"
    lines = environment_section(nothing, RECORDS).lines
    assert lines[0] == "openblas 0.3.28, 2 threads: not in the first file"
    assert lines[1] == "numpy 2.4.6: not in the first file (the model needs it)"
    assert len(lines) == 5
