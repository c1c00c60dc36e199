"""migrate: the third gate. State written by one release of a library becomes the state of the installed one.

What has changed in which release stands beside the codecs (`hermetic.codecs.history`); here tables are walked. A type
that nobody has measured as far back is refused: filling in what is missing would turn a loud error into wrong numbers.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hermetic.codecs.codec import STRAY_ERRORS
from hermetic.codecs.foreign import FOREIGN, import_trusted
from hermetic.codecs.registry import codec_of_name, name_of_class
from hermetic.errors import FileError, InvalidState, UnsupportedVersion
from hermetic.graph import Graph, Instances, Name
from hermetic.graph_paths import path_of
from hermetic.stages import ApprovedGraph, CurrentGraph, Journal

if TYPE_CHECKING:
    from hermetic.codecs.history import History, Step
    from hermetic.codecs.table_edit import TableEdit

__all__ = ["migrate"]

_LEGACY = "hermetic.legacy."


def migrate(
    approved: ApprovedGraph, *, written_by: Mapping[str, str], where: str = "", journal: Journal | None = None
) -> CurrentGraph:
    """Bring a graph to the layout of the installed libraries.

    Parameters
    ----------
    approved : ApprovedGraph
        From the policy, its arrays read. Where anything needs to change it is changed in place.
    written_by : mapping of str to str
        Name and version of each library that wrote the state, as in the manifest.
    where : str
        The file, for messages.
    journal : Journal, optional
        Takes note of every change.

    Returns
    -------
    CurrentGraph
        The same graph when the installed release wrote it.

    Raises
    ------
    UnsupportedVersion
        When another minor release of scikit-learn wrote the model, and the way from there is not known for every type
        in it, or the installed release cannot express what it holds.

    Warns
    -----
    UnknownReleaseWarning
        When a release is newer than all that are known, and the state fits what is installed.

    Examples
    --------
    >>> from hermetic.graph import Graph
    >>> from hermetic.stages import ApprovedGraph, Journal
    >>> approved = ApprovedGraph(graph=Graph(names=[], nodes=[], root=1))
    >>> migrate(approved, written_by={"scikit-learn": "0.17"}).graph.root
    1
    """
    graph = approved.graph
    # Predictors of ours alone, of files that name no release, are those that no release changes.
    prefixes = ("sklearn.", _LEGACY) if "scikit-learn" in written_by else "sklearn."
    if any(name.role == "constructed" and name.name.startswith(prefixes) for name in graph.names):
        written = written_by.get("scikit-learn", "an unknown version")
        installed = str(importlib.import_module("sklearn").__version__)
        if _minor(written) != _minor(installed):
            graph = _brought_over(graph, written, installed, where, journal)
    return CurrentGraph(graph=graph)


def _is_of_the_library(name: Name) -> bool:
    return name.role == "constructed" and name.name.startswith("sklearn.")


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _brought_over(graph: Graph, written: str, installed: str, where: str, journal: Journal | None) -> Graph:
    """Make every change between two releases, release by release, table by table."""
    from hermetic.codecs import unknown_release  # only files of another release
    from hermetic.codecs.history import OLDEST_TARGET, RELEASES, note_steps  # only files of another release need it
    from hermetic.codecs.table_edit import TableEdit  # only files of another release need it
    from hermetic.graph_order import in_order  # only files of another release need it

    between = f"scikit-learn {written} wrote this model; scikit-learn {installed} is installed"
    start, end = map(unknown_release.place_of_release, (written, installed))
    oldest = min(start, end)
    known = {name.name: _history_of(name) for name in graph.names}
    unknown = sorted(
        {name.name for name in graph.names if _is_of_the_library(name) and known[name.name] is None}
        | {name for name, own in known.items() if own is not None and oldest < RELEASES.index(own.since)}
    )
    if oldest < 0 or unknown or (end < start and end < RELEASES.index(OLDEST_TARGET)):
        raise UnsupportedVersion(
            f"{between}, and hermetic cannot migrate between the two yet"
            + (f": {', '.join(unknown[:5])}" if oldest >= 0 and unknown else ""),
            where=where,
            next_step=unknown_release.where_to_load(written),
        )

    def place(index: int) -> str:
        return f"{where}: {path_of(graph, index)}" if where else path_of(graph, index)

    n_nodes = len(graph.nodes)
    done: dict[tuple[Any, str], Any] = {}
    for release in RELEASES[start + 1 : end + 1] if end > start else RELEASES[start:end:-1]:
        for index, node in enumerate(graph.nodes[:n_nodes]):
            if isinstance(node, Instances):
                # What a change has made another type of has the changes of that type from the next release on.
                if (name := graph.names[node.type]).name not in known:
                    known[name.name] = _history_of(name)
                history = known[name.name]
                steps = history.steps(release, is_upward=end > start) if history is not None else ()
                edit = TableEdit(graph, node, index, place, between, done, written)
                before = edit.name, dict(node.fields)
                _make_all(steps, edit)
                if steps and journal is not None:
                    note_steps(journal, release, before, edit, is_upward=end > start)
    # What older releases lack may be left over where nothing refers to it any longer.
    graph = in_order(graph) if len(graph.nodes) > n_nodes or end < start else graph
    if not {_minor(written), _minor(installed)} <= set(RELEASES):
        unknown_release.take_as_known(graph, between, written, where, journal)
    return graph


def _make_all(steps: Sequence[Step], edit: TableEdit) -> None:
    for step in steps:
        _make(step, edit)
        if edit.name.startswith(_LEGACY) and _history_of(Name(edit.name, "constructed")) is None:
            break  # its state stays that of the release that could express it


def _make(step: Step, edit: TableEdit) -> None:
    try:
        step(edit)
    except FileError:
        raise
    except STRAY_ERRORS as error:
        raise InvalidState(
            f"{edit.between}; the state of {edit.name} is that of no release: {type(error).__name__}: {error}"[:300],
            where=edit.where(edit.index),
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
        ) from error


def _history_of(name: Name) -> History | None:
    codec = codec_of_name(name.name)
    if _is_of_the_library(name) or name.name.startswith(_LEGACY):
        return codec.history(name.name) if codec is not None else None
    return _history_of_foreign(name.name) if codec is None and name.role == "constructed" else None


def _history_of_foreign(name: str) -> History | None:
    """Give the history of the library's class that a foreign one is derived from: none of its changes can be made."""
    from hermetic.codecs.histories import EVERYWHERE  # only files of another release need it
    from hermetic.codecs.history import Change, History  # only files of another release need it

    kind = import_trusted(name)
    for base in kind.__mro__ if isinstance(kind, type) else ():
        known, codec = name_of_class(base)
        history = codec.history(known) if codec is not FOREIGN and known.startswith("sklearn.") else None
        if history is not None:

            def refuse(edit: TableEdit, known: str = known) -> None:
                raise edit.no_way(f"{known}, from which {name} is derived, has changed")

            own = [Change(each.release, refuse, refuse) for each in history.changes if each not in EVERYWHERE]
            return History(history.since, (*EVERYWHERE, *own))
    return None
