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
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
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
    archive : str
        Hexadecimal SHA-256 of the wheel or archive itself, where the installer has left it; "" else.
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
    archive: str
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
    try:
        files = list(_files_of_wheel(one.read_text("RECORD") or ""))
    except csv.Error:
        files = []
    tags = [line[4:].strip() for line in (one.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
    origin, archive = _origin(one.read_text("direct_url.json"))
    modules = _modules(files)
    if origin == "editable folder":
        # Its files stay where they are; RECORD lists only what leads there.
        modules = set((one.read_text("top_level.txt") or _normalized(fields["Name"][0]).replace("-", "_")).split())
    return Distribution(
        name=_normalized(fields["Name"][0]),
        version=fields["Version"][0],
        content="" if origin == "editable folder" else _digest(files),
        origin=origin,
        archive=archive,
        tags=tuple(sorted(tags)),
        requires=tuple(sorted(set(_required(fields.get("Requires-Dist", []))))),
        modules=tuple(sorted(modules)),
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
    return _digest(_files_of_wheel(record))


def _digest(files: Iterable[tuple[str, str]]) -> str:
    lines = sorted([f"{path},{digest}\n" for path, digest in files])
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest() if lines else ""


def _files_of_wheel(record: str) -> Iterator[tuple[str, str]]:
    # A whole environment is tens of thousands of lines: each test costs.
    for row in csv.reader(record.splitlines()):
        if len(row) < 2 or not row[1]:
            continue  # compiled files, and RECORD itself
        path = row[0].replace("\\", "/") if "\\" in row[0] else row[0]
        if ".dist-info/" in path and path.partition(".dist-info/")[2] in _WRITTEN_BY_INSTALLERS:
            continue
        # Scripts and data go elsewhere, some of them rewritten on the way.
        if not (path.startswith(("../", "/")) or path.endswith(".pyc") or ".data/" in path):
            yield path, row[1]


def _modules(files: Iterable[tuple[str, str]]) -> set[str]:
    names = set()
    for name in {path.partition("/")[0] if "/" in path else f"/{path}" for path, _ in files}:
        if name[0] != "/":
            names.add("" if name.endswith((".dist-info", ".libs")) else name)
        elif name.endswith((".py", ".so", ".pyd")):
            names.add(name[1:].partition(".")[0])
    return {name for name in names if name.isidentifier()}


def _origin(direct_url: str | None) -> tuple[str, str]:
    """Tell where a distribution came from, and the digest of its archive."""
    if direct_url is None:
        return "index", ""
    try:
        said = json.loads(direct_url)
    except ValueError:
        return "archive", ""
    if "vcs_info" in said:
        return "version control", ""
    if "dir_info" in said:
        return ("editable folder" if said["dir_info"].get("editable") else "folder"), ""
    archive = said.get("archive_info", {})
    # The second spelling is that of older installers.
    digest = archive.get("hashes", {}).get("sha256") or str(archive.get("hash", "")).removeprefix("sha256=")
    return "archive", digest if _SHA256.match(str(digest)) else ""


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
