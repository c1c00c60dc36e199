"""Releases of scikit-learn that are newer than all that hermetic knows: they are taken for the newest known one."""

from __future__ import annotations

import re
import warnings
from typing import Any

from hermetic._version import __version__
from hermetic.codecs.history import RELEASES
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import UnknownReleaseWarning, UnsupportedVersion
from hermetic.graph import Graph, Instances
from hermetic.stages import Journal

__all__ = ["place_of_release", "take_as_known", "where_to_load"]


def place_of_release(version: str) -> int:
    """Give the position of a release among those that are known: the last for every later one, -1 for none."""
    minor = ".".join(version.split(".")[:2])
    if minor in RELEASES:
        return RELEASES.index(minor)
    is_later = _numbers(minor) > _numbers(RELEASES[-1])
    return len(RELEASES) - 1 if is_later else -1


def _numbers(minor: str) -> tuple[int, ...]:
    """Give the numbers of a release, none for what is no release."""
    parts = minor.split(".")
    return tuple(map(int, parts)) if len(parts) == 2 and all(re.fullmatch("[0-9]{1,3}", part) for part in parts) else ()


def where_to_load(written: str) -> str:
    """Say where a file loads that cannot be brought over.

    Parameters
    ----------
    written : str
        The release of scikit-learn that wrote it, or that it is unknown.

    Returns
    -------
    str
        For a message.

    Examples
    --------
    >>> where_to_load("1.1.3")
    'Load it where that release is installed: pip install "scikit-learn==1.1.3".'
    """
    if written == "an unknown version":
        return "Load it with the release of scikit-learn that wrote it, and save it there again."
    return f'Load it where that release is installed: pip install "scikit-learn=={written}".'


def take_as_known(graph: Graph, between: str, written: str, where: str, journal: Journal | None) -> None:
    """Warn that a release is newer than all that are known, and refuse a state that does not fit what is installed.

    Parameters
    ----------
    graph : Graph
        Brought to the layout of the newest release that is known.
    between : str
        Which release wrote it, and which is installed, for messages.
    written : str
        The release that wrote it.
    where : str
        The file, for messages.
    journal : Journal, optional
        Takes note of it.

    Raises
    ------
    UnsupportedVersion
        When an object lacks a parameter of the installed class.

    Warns
    -----
    UnknownReleaseWarning
        Otherwise, once.
    """
    for node in graph.nodes:
        if not isinstance(node, Instances) or not (name := graph.names[node.type].name).startswith("sklearn."):
            continue
        codec = codec_of_name(name)
        kind: Any = codec.resolve(name) if codec is not None else None
        parameters = kind._get_param_names() if hasattr(kind, "_get_param_names") else ()
        missing = sorted(set(parameters) - node.fields.keys())
        if missing:
            raise UnsupportedVersion(
                f"{between}, and the state of {name} does not fit: it lacks {', '.join(missing[:5])}",
                where=where,
                next_step=f"Install a newer hermetic, or load it where that release is installed: pip install "
                f'"scikit-learn=={written}".',
            )
    if journal is not None:
        journal.is_known = False
    warnings.warn(
        f"{between}; hermetic {__version__} does not know what has changed between them. The state fits, but only "
        "golden rows in the file (hermetic.record) can show that the answers are the same. Install a newer hermetic.",
        UnknownReleaseWarning,
        stacklevel=2,
    )
