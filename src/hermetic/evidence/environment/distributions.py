"""The distributions that are installed: name, version, and a digest of the very files.

An installer leaves a list of the files of a wheel with their hashes (RECORD), but not the hash of the wheel. The digest
of that list without what the installer itself has written is as good: two installations of one wheel have the same one,
whoever installed it, and a wheel that was downloaded later can be compared before anything of it is installed.

References
----------
https://packaging.python.org/en/latest/specifications/recording-installed-packages/,
https://packaging.python.org/en/latest/specifications/direct-url/.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Distribution", "content_digest", "installed_distributions", "needed_by"]

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r"\bextra\s*==")
_WRITTEN_BY_INSTALLERS = frozenset(
    {
        "INSTALLER",
        "RECORD",
        "REQUESTED",
        "direct_url.json",
        "uv_build.json",
        "uv_cache.json",
        "RECORD.jws",
        "RECORD.p7s",
    }
)


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One installed distribution.

    Attributes
    ----------
    name : str
        Normalized: small letters and hyphens.
    version : str
        As it says itself.
    content : str
        Hexadecimal SHA-256 of the list of its files and their hashes; "" where there is none, as for editable ones.
    origin : str
        ``index``; ``archive``, ``folder``, ``editable folder`` or ``version control`` where it was not installed from
        an index, so that its version does not say what it is.
    tags : tuple of str
        The interpreters and platforms that its wheel is for.
    requires : tuple of str
        Normalized names of what it requires without any extra.
    modules : tuple of str
        Names that it lets import.
    """

    name: str
    version: str
    content: str
    origin: str
    tags: tuple[str, ...]
    requires: tuple[str, ...]
    modules: tuple[str, ...]


def installed_distributions(path: Iterable[str] | None = None) -> tuple[Distribution, ...]:
    """Give every installed distribution, by name.

    Parameters
    ----------
    path : iterable of str, optional
        Folders to look into; by default those that Python imports from.

    Examples
    --------
    >>> from hermetic.evidence.environment.distributions import installed_distributions
    >>> numpy = next(one for one in installed_distributions() if one.name == "numpy")
    >>> "numpy" in numpy.modules
    True
    """
    found: dict[str, Distribution] = {}
    for one in importlib.metadata.distributions(path=list(sys.path if path is None else path)):
        distribution = _read(one)
        # The first one that Python finds is the one that it imports.
        if distribution is not None:
            found.setdefault(distribution.name, distribution)
    return tuple(found[name] for name in sorted(found))


def _read(one: importlib.metadata.Distribution) -> Distribution | None:
    # By hand: the parser of electronic mail behind `one.metadata` takes a millisecond for each.
    fields: dict[str, list[str]] = {}
    for line in (one.read_text("METADATA") or one.read_text("PKG-INFO") or "").split("\n\n", 1)[0].splitlines():
        key, colon, value = line.partition(":")
        if colon and key in ("Name", "Version", "Requires-Dist"):
            fields.setdefault(key, []).append(value.strip())
    if "Name" not in fields or "Version" not in fields:
        return None
    record = one.read_text("RECORD") or ""
    tags = [line[4:].strip() for line in (one.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
    origin = _origin(one.read_text("direct_url.json"))
    return Distribution(
        name=_normalized(fields["Name"][0]),
        version=fields["Version"][0],
        content="" if origin == "editable folder" else content_digest(record),
        origin=origin,
        tags=tuple(sorted(tags)),
        requires=tuple(sorted(set(_required(fields.get("Requires-Dist", []))))),
        modules=tuple(sorted(_modules(record))),
    )


def content_digest(record: str) -> str:
    r"""Give the digest of a RECORD: of the paths and hashes of the files that came with the wheel.

    Parameters
    ----------
    record : str
        The text of RECORD, of an installed distribution or inside a wheel.

    Returns
    -------
    str
        Hexadecimal SHA-256; "" when the list has no hashes.

    Examples
    --------
    >>> from hermetic.evidence.environment.distributions import content_digest
    >>> content_digest("a.py,sha256=x,1") == content_digest("a.py,sha256=x,1\na.dist-info/INSTALLER,sha256=y,4")
    True
    """
    lines = sorted(f"{path},{digest}\n" for path, digest in _files_of_wheel(record))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest() if lines else ""


def _files_of_wheel(record: str) -> Iterator[tuple[str, str]]:
    for row in csv.reader(record.splitlines()):
        if len(row) < 2 or not row[1]:
            continue  # compiled files, and RECORD itself
        path = row[0].replace("\\", "/")
        folder, _, name = path.rpartition("/")
        is_written = folder.endswith(".dist-info") and name in _WRITTEN_BY_INSTALLERS
        # Scripts and data go elsewhere, some of them rewritten on the way.
        if not (is_written or path.startswith(("../", "/")) or ".data/" in path or path.endswith(".pyc")):
            yield path, row[1]


def _modules(record: str) -> set[str]:
    names = set()
    for path, _ in _files_of_wheel(record):
        first, slash, _ = path.partition("/")
        if slash and not first.endswith((".dist-info", ".libs")):
            names.add(first)
        elif not slash and first.endswith((".py", ".so", ".pyd")):
            names.add(first.partition(".")[0])
    return {name for name in names if name.isidentifier()}


def _origin(direct_url: str | None) -> str:
    if direct_url is None:
        return "index"
    try:
        said = json.loads(direct_url)
    except ValueError:
        return "archive"
    if "vcs_info" in said:
        return "version control"
    if "dir_info" in said:
        return "editable folder" if said["dir_info"].get("editable") else "folder"
    return "archive"


def _required(requirements: Iterable[str]) -> Iterator[str]:
    for requirement in requirements:
        found = _REQUIREMENT.match(requirement)
        if found and not _EXTRA.search(requirement.partition(";")[2]):
            yield _normalized(found[1])


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed_by(modules: Collection[str], distributions: Iterable[Distribution]) -> frozenset[str]:
    """Give the names of the distributions that some modules come from, and of all that those require.

    Parameters
    ----------
    modules : collection of str
        Top-level names, as ``sklearn``.
    distributions : iterable of Distribution
        What is installed. What is required for another platform is not installed, hence not named.
    """
    by_name = {one.name: one for one in distributions}
    waiting = [one.name for one in by_name.values() if not set(modules).isdisjoint(one.modules)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in found:
            found.add(name)
            waiting.extend(by_name[name].requires)
    return frozenset(found)
