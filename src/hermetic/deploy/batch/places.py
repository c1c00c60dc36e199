"""Which files are read, and where the answers to each are written.

A file gives a file. A folder, a pattern or several files give a folder with the same tree.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hermetic.errors import UsageError

__all__ = ["FORMATS", "Pair", "format_of", "pairs_of"]

FORMATS = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".csv.gz"),
    "jsonl": (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
    "arrow": (".arrow", ".feather", ".ipc"),
}
"""The formats, and the suffixes by which each is known; the first is the one that is written."""

_SUFFIXES = ", ".join(suffix for suffixes in FORMATS.values() for suffix in suffixes)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A file that is read, and the file with the answers.

    Attributes
    ----------
    source, target : str
        Paths.
    """

    source: str
    target: str


def format_of(path: str) -> str | None:
    """Tell the format of a file by its suffix; None where it has none of ours.

    Examples
    --------
    >>> format_of("data/2026.CSV.gz"), format_of("notes.txt")
    ('csv', None)
    """
    name = path.lower()
    return next((own for own, suffixes in FORMATS.items() if name.endswith(suffixes)), None)


def pairs_of(inputs: Sequence[str], output: str, format: str | None = None) -> list[Pair]:
    """Find every file to read, and where its answers go.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, and patterns such as ``data/*.parquet`` or ``data/**/*.csv``.
    output : str
        A file, when `inputs` is one file; else a folder.
    format : {"parquet", "csv", "jsonl", "arrow"}, optional
        What is written into a folder; that of each input when left out.

    Returns
    -------
    list of Pair
        In the order of their paths, folder by folder.

    Raises
    ------
    UsageError
        When nothing is there to read, a suffix is none of ours, or reading and writing would get into each other's way.
    """
    if len(inputs) == 1 and os.path.isfile(inputs[0]):
        if os.path.isdir(output):
            raise UsageError("the output is a folder, but the input is one file", where=output)
        if format is not None and format_of(output) != format:
            raise UsageError(f"the output is to be {format}, but its name says something else", where=output)
        pairs = [Pair(source=_known(inputs[0]), target=_known(output))]
    else:
        root, sources = _sources(inputs)
        if os.path.exists(output) and not os.path.isdir(output):
            raise UsageError("several files give a folder of files, but the output is a file", where=output)
        pairs = [
            Pair(source=path, target=os.path.join(output, _target_name(os.path.relpath(path, root), format)))
            for path in sources
        ]
    _check_apart(pairs, inputs, output)
    return pairs


def _known(path: str) -> str:
    if format_of(path) is None:
        raise UsageError("the suffix is none that is known here", where=path, next_step=f"Known are {_SUFFIXES}.")
    return path


def _sources(inputs: Sequence[str]) -> tuple[str, list[str]]:
    roots, found = [], []
    for given in inputs:
        if os.path.isdir(given):
            roots.append(given)
            found += list(_below(given))
        elif os.path.exists(given):
            roots.append(os.path.dirname(given) or ".")
            found.append(_known(given))
        else:
            paths = sorted(path for path in glob.glob(given, recursive=True) if os.path.isfile(path))
            if not paths:
                raise UsageError("no such file, and no file of such a pattern", where=given)
            roots.append(_fixed_part(given))
            found += [_known(path) for path in paths]
    if not found:
        raise UsageError("no file with a known suffix is there", where=", ".join(inputs), next_step=f"{_SUFFIXES}.")
    return os.path.commonpath([os.path.abspath(root) for root in roots]), list(dict.fromkeys(found))


def _below(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        # Hidden files and Spark's _SUCCESS and _temporary hold no data.
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            if format_of(name) is not None and not name.startswith((".", "_")):
                yield os.path.join(place, name)


def _fixed_part(pattern: str) -> str:
    """Give the folder of a pattern that has no wildcard in it."""
    while glob.has_magic(pattern):
        pattern = os.path.dirname(pattern)
    return pattern or "."


def _target_name(path: str, format: str | None) -> str:
    if format is None or format_of(path) == format:
        return path
    suffixes = sorted((own for group in FORMATS.values() for own in group), key=len, reverse=True)
    suffix = next(own for own in suffixes if path.lower().endswith(own))
    return path[: -len(suffix)] + FORMATS[format][0]


def _check_apart(pairs: Sequence[Pair], inputs: Sequence[str], output: str) -> None:
    sources = {os.path.realpath(pair.source): pair.source for pair in pairs}
    targets: dict[str, str] = {}
    for pair in pairs:
        place = os.path.realpath(pair.target)
        if place in sources:
            raise UsageError("the output would replace an input", where=pair.target)
        if place in targets:
            raise UsageError(
                f"two inputs have the same output: {targets[place]} and {pair.source}",
                where=pair.target,
                next_step="Predict them one after the other, into two folders.",
            )
        targets[place] = pair.source
    for given in inputs:
        if os.path.isdir(given) and _is_inside(output, given):
            raise UsageError("the output lies inside the input folder: it would be read the next time", where=output)


def _is_inside(path: str, folder: str) -> bool:
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return os.path.splitdrive(path)[0] == os.path.splitdrive(folder)[0] and os.path.commonpath([path, folder]) == folder
