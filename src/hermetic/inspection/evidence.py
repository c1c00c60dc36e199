"""What a file records of how its model was made: one line for each kind, without numpy and without its arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hermetic.formats.container_reader import Container
from hermetic.formats.members import EVIDENCE_KINDS, find_evidence
from hermetic.inspection.golden import GoldenSummary
from hermetic.inspection.text import short, size_text
from hermetic.recorded.data import DataPart, DataRecord
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord
from hermetic.recorded.scores import ScoresRecord
from hermetic.recorded.source import Repository, SourceFile, SourceRecord
from hermetic.recorded.spread import spread_of
from hermetic.recorded.stored_records import RECORDS, read_record

__all__ = ["EvidenceLine", "count_text", "evidence_lines", "read_records", "score_texts"]

_MOST_PARTS = 4
_MOST_SCORERS = 4
_DIGITS = 12
_LIBRARIES = ("scikit-learn", "numpy")


@dataclass(frozen=True, kw_only=True)
class EvidenceLine:
    """What a file records of one kind.

    Attributes
    ----------
    kind : str
        ``golden``, ``data``, ``source``, ``environment``, ``scores``, ``lineage``, ``recipe`` or ``snapshot``.
    words : str
        What it says, in a line; text of the file may be part of it.
    """

    kind: str
    words: str


def read_records(container: Container) -> dict[str, Any]:
    """Read every record of a file.

    Parameters
    ----------
    container : Container
        A model's file.

    Returns
    -------
    dict of str to record
        By kind; those that it has.

    Raises
    ------
    FileError
        When one is damaged or hostile.
    """
    found = {kind: read_record(container, kind) for kind in RECORDS}
    return {kind: record for kind, record in found.items() if record is not None}


def evidence_lines(
    container: Container, records: Mapping[str, Any], golden: GoldenSummary | None
) -> Iterator[EvidenceLine]:
    """Say in a line for each kind what a file records.

    Parameters
    ----------
    container : Container
        A model's file.
    records : mapping of str to record
        From `read_records`.
    golden : GoldenSummary or None
        From `hermetic.inspection.golden`.

    Yields
    ------
    EvidenceLine
        In the order in which the kinds stand in the file.
    """
    for kind in EVIDENCE_KINDS:
        name = find_evidence(container.members, kind)
        if not name:
            continue
        size = size_text(container.members[name].length)
        if kind in records:
            yield EvidenceLine(kind=kind, words=_WORDS[kind](records[kind]))
        elif kind == "golden" and golden is not None:
            yield EvidenceLine(kind=kind, words=str(golden))
        elif kind == "recipe":
            yield EvidenceLine(kind=kind, words=f"what the model can be fitted from again, {size}")
        elif kind == "snapshot":
            yield EvidenceLine(kind=kind, words=f"the data themselves, {size}")


def count_text(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural where there is not one.

    Examples
    --------
    >>> count_text(1, "row"), count_text(1797, "row")
    ('1 row', '1,797 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _data_words(record: DataRecord) -> str:
    shown = [_part_words(part) for part in record.parts[:_MOST_PARTS]]
    if len(record.parts) > _MOST_PARTS:
        shown.append(f"and {len(record.parts) - _MOST_PARTS:,} more")
    first = record.parts[0].place if record.parts else ""
    others = {part.place for part in record.parts if part.place != first}
    places = {_place_words(part) for part in record.parts[:1]} | others
    are_alike = bool(record.parts) and not others
    where = _place_words(record.parts[0]) if are_alike else ", ".join(sorted(places))
    return "; ".join(filter(None, (", ".join(shown), where))) or "nothing"


def _part_words(part: DataPart) -> str:
    columns = part.fingerprint.columns
    kinds = {column.type for column in columns}
    kind = short(kinds.pop()) if len(kinds) == 1 else f"of {len(kinds)} types"
    shape = f"{part.fingerprint.n_rows:,}" + (f" x {len(columns):,}" if len(columns) != 1 else "")
    return f"{short(part.name)} {shape} {kind}"


def _place_words(part: DataPart) -> str:
    if part.place == "stored":
        return f"snapshot stored as {part.snapshot[:_DIGITS]}..."
    if part.place == "referenced":
        version = f", version {short(part.version)}" if part.version else ""
        return f"at {short(part.uri)}{version}"
    return "snapshot embedded" if part.place == "embedded" else "values left out"


def _source_words(record: SourceRecord) -> str:
    main = [file for file in record.files if file.role != "module"]
    modules = [file for file in record.files if file.role == "module"]
    words = [_file_words(file) for file in main[:_MOST_PARTS]]
    if len(main) > _MOST_PARTS:
        words.append(f"{len(main) - _MOST_PARTS:,} more")
    if modules:
        words.append(count_text(len(modules), "module"))
    text = " and ".join(words) or "no file"
    return f"{text}, {_commit_words(record.repository)}" if record.repository is not None else text


def _file_words(file: SourceFile) -> str:
    size = "digest only" if file.text is None else f"{len(file.text.encode('utf-8', 'surrogatepass')):,} bytes"
    return f"{short(file.name)} ({size})"


def _commit_words(repository: Repository) -> str:
    return f"commit {repository.commit[:_DIGITS]}{' (dirty)' if repository.is_dirty else ''}"


def _environment_words(record: EnvironmentRecord) -> str:
    versions = {own.name: own.version for own in record.distributions}
    libraries = [f"{name} {short(versions[name])}" for name in _LIBRARIES if name in versions]
    words = [f"Python {short(record.python)}", *libraries, count_text(len(record.distributions), "distribution")]
    return ", ".join(words)


def score_texts(record: ScoresRecord) -> dict[str, str]:
    """Give for each scorer the mean on the test parts of all folds, and how far they scatter.

    Parameters
    ----------
    record : ScoresRecord
        Of one file.

    Returns
    -------
    dict of str to str
        By the name of the scorer: ``0.964 +- 0.012``; ``no score`` where no fold has one.
    """
    names = dict.fromkeys(name for fold in record.folds for name in fold.test)
    texts = {}
    for name in names:
        texts[name] = spread_of([fold.test.get(name) for fold in record.folds]).words()
    return texts


def _scores_words(record: ScoresRecord) -> str:
    texts = score_texts(record)
    shown = [f"{short(name)} {text}" for name, text in list(texts.items())[:_MOST_SCORERS]]
    if len(texts) > _MOST_SCORERS:
        shown.append(f"and {count_text(len(texts) - _MOST_SCORERS, 'more scorer')}")
    return f"{', '.join(shown) or 'no scorer'} over {count_text(len(record.folds), 'fold')}"


def _lineage_words(record: LineageRecord) -> str:
    how = {"rebuilt": "rebuilt from", "script": "made again by its script from"}
    words = ", which was ".join(f"{how[own.how]} {own.digest[:_DIGITS]}..." for own in record.parents[:_MOST_PARTS])
    n_more = len(record.parents) - _MOST_PARTS
    return words + (f", and {n_more:,} more" if n_more > 0 else "") or "nothing"


_WORDS: dict[str, Any] = {
    "data": _data_words,
    "source": _source_words,
    "environment": _environment_words,
    "scores": _scores_words,
    "lineage": _lineage_words,
}
