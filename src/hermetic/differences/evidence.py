"""Where the evidence of two models differs: data, source, environment, scores, lineage; nothing of it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hermetic.differences.report import Section
from hermetic.differences.texts import unified
from hermetic.evidence.data.differences import differences_between
from hermetic.evidence.scores.same_range import compare_scores
from hermetic.inspection.evidence import count_text, score_texts
from hermetic.recorded.data import DataRecord
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.scores import ScoresRecord
from hermetic.recorded.source import Repository, SourceRecord

__all__ = [
    "data_section",
    "environment_section",
    "lineage_section",
    "scores_section",
    "source_section",
    "versions_section",
]

_ROUNDING = 1e-12
_DIGITS = 12

_Records = Mapping[str, Any]


def _absent(name: str, kind: str, before: _Records, after: _Records) -> Section | None:
    """Say which of the files does not record a kind, or give None where both do."""
    missing = [which for which, records in (("the first", before), ("the second", after)) if kind not in records]
    if not missing:
        return None
    words = "in neither file" if len(missing) == 2 else f"not in {missing[0]} file"
    return Section(name=name, verdict="not recorded", words=words)


def _section(name: str, lines: list[str], words: str, same: str) -> Section:
    return Section(
        name=name, verdict="different" if lines else "same", words=words if lines else same, lines=tuple(lines)
    )


def data_section(before: _Records, after: _Records) -> Section:
    """Compare the data by their fingerprints.

    Parameters
    ----------
    before, after : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.

    Returns
    -------
    Section
        Called ``data``.
    """
    if absent := _absent("data", "data", before, after):
        return absent
    records: list[DataRecord] = [before["data"], after["data"]]
    old, new = ({part.name: part.fingerprint for part in record.parts} for record in records)
    lines = []
    for name in (*old, *(name for name in new if name not in old)):
        if name not in new:
            lines.append(f"{name}: not in the second file")
        elif name not in old:
            lines.append(f"{name}: not in the first file")
        else:
            lines += [f"{name}: {words}" for words in differences_between(old[name], new[name])]
    same = ", ".join(f"{name} {found.digest[:_DIGITS]}..." for name, found in new.items())
    return _section(
        "data", lines, "in the second file, against what the first has recorded", f"the same values: {same}"
    )


def source_section(before: _Records, after: _Records) -> Section:
    """Compare the source, line by line where both files have its text.

    Parameters
    ----------
    before, after : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.

    Returns
    -------
    Section
        Called ``source``.
    """
    if absent := _absent("source", "source", before, after):
        return absent
    old: SourceRecord = before["source"]
    new: SourceRecord = after["source"]
    lines = list(_lines_of_source(old, new))
    n_files = len({file.name for file in (*old.files, *new.files)})
    words = f"{count_text(n_files, 'file')}; {_commits(old.repository, new.repository)}"
    return _section("source", lines, words, words)


def _lines_of_source(before: SourceRecord, after: SourceRecord) -> Iterator[str]:
    old, new = ({file.name: file for file in record.files} for record in (before, after))
    for name in (*old, *(name for name in new if name not in old)):
        if name not in new:
            yield f"removed: {name}"
        elif name not in old:
            yield f"added: {name}"
        elif old[name].digest != new[name].digest:
            one, other = old[name].text, new[name].text
            if one is None or other is None:
                yield f"changed: {name} (its text was not recorded in both files)"
            else:
                # Lines that end otherwise, or in other places of one line, have no difference to show.
                yield from list(unified(one, other, name)) or [f"changed: {name} (only in how its lines end)"]


def _commits(before: Repository | None, after: Repository | None) -> str:
    if before is None or after is None:
        return "no commit in both files"
    old, new = (f"{own.commit[:_DIGITS]}{' (dirty)' if own.is_dirty else ''}" for own in (before, after))
    return f"commit {old}" if old == new else f"commit {old} -> {new}"


def environment_section(before: _Records, after: _Records) -> Section:
    """Compare Python, machine and distributions, those first that the models need.

    Parameters
    ----------
    before, after : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.

    Returns
    -------
    Section
        Called ``environment``.
    """
    if absent := _absent("environment", "environment", before, after):
        return absent
    old: EnvironmentRecord = before["environment"]
    new: EnvironmentRecord = after["environment"]
    lines = [
        f"{name}: {getattr(old, name)} -> {getattr(new, name)}"
        for name in ("python", "implementation", "platform", "machine", "processor")
        if getattr(old, name) != getattr(new, name)
    ]
    lines += _changed_versions(old.libraries, new.libraries)
    needed = {own.name for record in (old, new) for own in record.distributions if own.is_needed}
    versions = [{own.name: own.version for own in record.distributions} for record in (old, new)]
    contents = [{own.name: own.content for own in record.distributions} for record in (old, new)]
    for is_needed in (True, False):
        shown = [{name: own[name] for name in sorted(own) if (name in needed) == is_needed} for own in versions]
        found = _changed_versions(*shown)
        found += [
            f"{name} {version}: other files of the same version"
            for name, version in shown[0].items()
            if shown[1].get(name) == version and contents[0][name] != contents[1][name]
        ]
        lines += [f"{line} (the model needs it)" if is_needed else line for line in found]
    return _section(
        "environment", lines, count_text(len(lines), "difference"), count_text(len(new.distributions), "distribution")
    )


def versions_section(before: Mapping[str, str], after: Mapping[str, str]) -> Section:
    """Compare the versions of the libraries that wrote two files; pickles do not name them all.

    Parameters
    ----------
    before, after : mapping of str to str
        From their manifests.

    Returns
    -------
    Section
        Called ``versions``.
    """
    lines = [line for line in _changed_versions(before, after) if "->" in line]
    same = ", ".join(f"{name} {version}" for name, version in after.items() if name in before)
    return _section("versions", lines, "of what wrote the files", same or "the files have no library in common")


def _changed_versions(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    changed = [
        f"{name}: {version} -> {after[name]}" for name, version in before.items() if after.get(name, version) != version
    ]
    gone = [f"{name} {version}: not in the second file" for name, version in before.items() if name not in after]
    come = [f"{name} {version}: not in the first file" for name, version in after.items() if name not in before]
    return [*changed, *gone, *come]


def scores_section(before: _Records, after: _Records) -> Section:
    """Compare the means of cross-validation, in words.

    Parameters
    ----------
    before, after : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.

    Returns
    -------
    Section
        Called ``scores``.
    """
    if absent := _absent("scores", "scores", before, after):
        return absent
    old: ScoresRecord = before["scores"]
    new: ScoresRecord = after["scores"]
    one, other = score_texts(old), score_texts(new)
    lines, same = [], []
    for name in (*one, *(name for name in other if name not in one)):
        words = _score_words(name, old, new)
        if words:
            lines.append(f"{name}: {one.get(name, 'not scored')} before, {other.get(name, 'not scored')} now{words}")
        else:
            same.append(f"{name} {one[name]}")
    if old.splitter != new.splitter:
        lines.append(f"folds: {old.splitter} -> {new.splitter}")
    elif old.folds_digest != new.folds_digest:
        lines.append("folds: other rows in them")
    n_folds = f"{len(old.folds)} and {len(new.folds)}" if len(old.folds) != len(new.folds) else str(len(new.folds))
    return _section("scores", lines, f"over {n_folds} folds", ", ".join(same) or "no scorer")


def _score_words(name: str, before: ScoresRecord, after: ScoresRecord) -> str:
    """Say how far a mean has moved, and whether that is more than folds differ; nothing where it has not."""
    found = [own for own in compare_scores(before, after) if own.scorer == name]
    if not found:
        return ": not comparable"
    moved = found[0].difference
    old, new = found[0].before, found[0].now
    if old.n_folds == new.n_folds and (
        not old.n_folds or max(abs(moved), abs(old.deviation - new.deviation)) <= _ROUNDING
    ):
        return ""
    if moved != moved:
        return ": not comparable"
    range_words = "perhaps by chance" if found[0].verdict == "cannot tell" else found[0].verdict
    return f": {abs(moved):.2g} {'higher' if moved > 0 else 'lower'}, {range_words}"


def lineage_section(before: _Records, after: _Records, digests: tuple[str, str]) -> Section:
    """Say whether one of the models was made from the other.

    Parameters
    ----------
    before, after : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.
    digests : (str, str)
        SHA-256 of the two files.

    Returns
    -------
    Section
        Called ``lineage``; never different, for where a model comes from is no property of it.
    """
    parents = [
        [parent.digest for parent in records["lineage"].parents] if "lineage" in records else []
        for records in (before, after)
    ]
    if digests[0] in parents[1]:
        return Section(name="lineage", verdict="same", words="the second was made from the first")
    if digests[1] in parents[0]:
        return Section(name="lineage", verdict="same", words="the first was made from the second")
    if common := [digest for digest in parents[0] if digest in parents[1]]:
        return Section(name="lineage", verdict="same", words=f"both were made from {common[0][:_DIGITS]}...")
    return Section(name="lineage", verdict="not recorded", words="neither says that it was made from the other")
