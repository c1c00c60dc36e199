"""rebuild: a model made again from what its file records: data, estimator, seeds; compared; written with its lineage.

Each step is told with its words. A step that fails ends the way, and nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hermetic.errors import HermeticError, UsageError
from hermetic.evidence.checks import Check, verdict_of
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.environment.recording import record_environment
from hermetic.evidence.golden.recording import record_golden
from hermetic.evidence.progress import fold_progress
from hermetic.evidence.rebuilding.answers import compare_answers
from hermetic.evidence.rebuilding.backends import running_on
from hermetic.evidence.rebuilding.given import read_given
from hermetic.evidence.rebuilding.opening import OpenedFile, open_file
from hermetic.evidence.rebuilding.report import Rebuild
from hermetic.evidence.scores.caches import without_caches
from hermetic.evidence.scores.checking import ScoresAgain, score_again, why_not_again
from hermetic.evidence.scores.cross_validation import fit_parameters
from hermetic.evidence.scores.same_range import check_tolerance
from hermetic.evidence.scores.seeds import seeds_of, unseeded
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.own_files import Wishes
from hermetic.persistence import dump
from hermetic.recorded.data import DataRecord
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.lineage import LineageRecord, Parent
from hermetic.recorded.members import find_golden, read_golden, read_recipe, read_record, read_snapshot
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.source import SourceRecord
from hermetic.stages import Journal

if TYPE_CHECKING:
    from hermetic.signing.files import PublicKeys

__all__ = ["rebuild"]

_MOST_PARENTS = 1_000
_TAKEN_OVER = "this source made the first model; the one in this file was rebuilt from the evidence of another file"


def rebuild(
    file: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    *,
    data: Mapping[str, Any] | tuple[Any, Any] | None = None,
    store: str | os.PathLike[str] | None = None,
    allowed: Collection[str] = (),
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    signed_by: PublicKeys | None = None,
    tolerance: float | None = None,
    n_jobs: int | None = None,
    backend: str | None = None,
    force: bool = False,
    progress: bool | None = None,
    limits: Limits | None = None,
) -> Rebuild:
    """Make a model again from what its file records, in the libraries that are here.

    The data are compared with their fingerprint, the estimator is made of its recorded parameters (through the gates,
    translated for this release of scikit-learn), fitted with the recorded seeds and weights, cross-validated and
    compared: whether the score is in the same range as before, and what it answers about the golden rows.

    Parameters
    ----------
    file : path
        A hermetic file with evidence: ``dump(model, file, X=X, y=y)``.
    target : path, optional
        The new file, whose lineage names the old one by its SHA-256. None writes nothing.
    data : (X, y) or mapping of str to object, optional
        The data themselves, by the names of the parts, where they cannot be read from where the file says. A
        `pathlib.Path` is a file with a part: ``.npy``, or ``.parquet``.
    store : path or URI, optional
        Where snapshots of the data are; by default the store of the project.
    allowed : collection of str
        Prefixes of URIs that may be opened because the file refers to them.
    trusted, capabilities, approvals, signed_by, limits
        As in `hermetic.load`. Fitting runs the code of what is trusted.
    tolerance : float, optional
        How far the mean score may be from before; by default a statistical test decides (docs/rebuilding.md).
    n_jobs : int, optional
        Folds at a time.
    backend : {"loky", "threading", "dask", "ray"}, optional
        Where joblib runs them.
    force : bool, default=False
        Whether the file is written although the score is in another range, and replaces one that exists.
    progress : bool, optional
        Whether folds are counted on the error stream; by default on a terminal.

    Returns
    -------
    Rebuild
        ``report.ok``, each step with its words, and the model. What is wrong with the file is in the report.

    Raises
    ------
    UsageError
        When the target exists, or an argument makes no sense.
    OSError
        When the file cannot be opened, or the target cannot be written.

    Examples
    --------
    >>> import os, tempfile, hermetic
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     old, new = os.path.join(folder, "old.hermetic"), os.path.join(folder, "new.hermetic")
    ...     _ = hermetic.dump(model, old, evidence=hermetic.record(model, X, y, data=None, source=None))
    ...     report = rebuild(old, new, data=(X, y))
    >>> [(step.name, step.verdict) for step in report.steps if step.name in ("data", "scores", "answers")]
    [('data', 'passed'), ('scores', 'passed'), ('answers', 'passed')]
    """
    _check_target(file, target, is_forced=force)
    check_tolerance(tolerance)
    limits = limits or DEFAULT_LIMITS
    wishes = Wishes(trusted=trusted, capabilities=capabilities, approvals=approvals, limits=limits)
    given = {"X": data[0], "y": data[1]} if isinstance(data, tuple) else data
    state = _State()
    try:
        with running_on(backend), fold_progress(progress) as tick:
            opened = _open(state, file, wishes, signed_by)
            _read_data(state, opened, given, store, allowed)
            _read_recipe(state, opened)
            _refit(state)
            _score(state, opened, {"tolerance": tolerance, "n_jobs": n_jobs, "progress": tick})
            _compare(state, opened)
    except _Ended:
        pass
    is_wished = target is not None and state.model is not None and (force or state.is_well())
    if target is not None and is_wished:
        _write(state, opened, target)
    elif state.model is not None:
        words = "no target was named" if target is None else "nothing is written, since a step failed"
        state.note("write", "skipped", words)
    steps = tuple(state.steps)
    return Rebuild(
        file=os.fspath(file), target=os.fspath(target) if target and is_wished else "", steps=steps, model=state.model
    )


class _Ended(Exception):
    """A step has failed, and none can follow."""


@dataclass
class _State:
    """What is known so far."""

    steps: list[Check] = field(default_factory=list)
    data: DataRecord | None = None
    snapshot: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)
    model: Any = None
    golden: GoldenRows | None = None
    again: ScoresAgain | None = None

    def note(self, name: str, verdict: str, words: str) -> None:
        self.steps.append(Check(name=name, verdict=verdict, words=words))

    def end(self, name: str, error: Exception | str) -> _Ended:
        self.note(name, verdict_of(error), str(error))
        return _Ended()

    def is_well(self) -> bool:
        return all(step.verdict not in ("failed", "refused") for step in self.steps)


def _check_target(file: str | os.PathLike[str], target: str | os.PathLike[str] | None, *, is_forced: bool) -> None:
    if target is None or not os.path.exists(target):
        return
    if os.path.exists(file) and os.path.samefile(file, target):
        raise UsageError(
            "the new file would replace the one that it is made from",
            where=os.fspath(target),
            next_step="Name another file: the lineage of the new one refers to the old one.",
        )
    if not is_forced:
        raise UsageError("the file exists", where=os.fspath(target), next_step="Name another one, or pass force=True.")


def _open(state: _State, file: str | os.PathLike[str], wishes: Wishes, signed_by: PublicKeys | None) -> OpenedFile:
    try:
        opened = open_file(file, wishes, signed_by)
    except HermeticError as error:
        raise state.end("file", error) from None
    words = f"{opened.container.length_bytes:,} bytes, every checksum is right, sha256:{opened.digest}"
    state.note("file", "passed", words)
    return opened


def _read_data(
    state: _State,
    opened: OpenedFile,
    given: Mapping[str, Any] | None,
    store: str | os.PathLike[str] | None,
    allowed: Collection[str],
) -> None:
    try:
        state.data = read_record(opened.container, "data")
        handed = read_given(given or {}, state.data)
        if state.data is None and handed:
            state.parts = {name: value for name, value in handed.items() if value is not None}
            state.data, state.snapshot = record_data(state.parts, None)
            state.note("data", "noted", "the file records no data: what was handed over is taken unseen")
            return
        if state.data is None:
            raise UsageError(
                "the file records no data",
                next_step="Hand them over (data=(X, y)), and save models with dump(model, file, X=X, y=y).",
            )
        state.snapshot = read_snapshot(opened.container, opened.wishes.limits)
        state.parts = read_parts(state.data, snapshot=state.snapshot, store=store, allowed=allowed, given=handed)
        if "X" not in state.parts:
            raise UsageError("the file records no X, so there is nothing to fit on")
    except HermeticError as error:
        raise state.end("data", error) from None
    shown = [
        f"{part.name} {part.fingerprint.n_rows:,} x {len(part.fingerprint.columns):,}" for part in state.data.parts
    ]
    state.note("data", "passed", f"every value is as recorded: {', '.join(shown)}")


def _read_recipe(state: _State, opened: OpenedFile) -> None:
    journal = Journal()
    try:
        recipe = read_recipe(opened.container, opened.wishes, journal)
    except HermeticError as error:
        raise state.end("recipe", error) from None
    if recipe is None or recipe.estimator is None:
        record = read_record(opened.container, "scores")
        reasons = [] if record is None else [note for note in record.notes if note.startswith("the estimator")]
        raise state.end("recipe", "; ".join(["the file has no recipe of the estimator", *reasons]))
    try:
        state.recipe, notes = without_caches(recipe)
    except UsageError as error:
        raise state.end("recipe", error) from None
    translated = [f"{name} from {older} to {newer}: {what}" for name, older, newer, what in journal.migrations]
    words = f"a {type(recipe.estimator).__name__} of its recorded parameters"
    lines = [words + (", translated:" if translated else ""), *translated, *notes]
    state.note("recipe", "noted" if translated or notes else "passed", "\n".join(lines))


def _refit(state: _State) -> None:
    from sklearn.base import clone

    parts = state.parts
    try:
        model = clone(state.recipe.estimator)
        model.fit(parts["X"], *([parts["y"]] if "y" in parts else []), **fit_parameters(model, parts))
    except Exception as error:  # estimators may raise anything
        raise state.end("refit", f"{type(error).__name__}: {error}"[:500]) from None
    state.model = model
    names = unseeded(seeds_of(model, None))
    extra = [name for name in parts if name not in ("X", "y", "groups")]
    words = f"fitted with {', '.join(extra)}" if extra else "fitted"
    if names:
        state.note("refit", "noted", f"{words}; it may vary, since {', '.join(names[:3])} is None")
    else:
        state.note("refit", "passed", f"{words}, with the recorded seeds")


def _score(state: _State, opened: OpenedFile, run: dict[str, Any]) -> None:
    try:
        record = read_record(opened.container, "scores")
        reason = why_not_again(record, state.recipe)
        if reason or record is None:
            state.note("scores", "skipped", f"nothing tells whether the model is as good as before: {reason}")
            return
        state.again = score_again(record, state.recipe, state.parts, **run)
    except HermeticError as error:
        state.note("scores", "failed", f"the cross-validation cannot be run again: {error.found}")
        return
    state.steps.append(state.again.check)


def _compare(state: _State, opened: OpenedFile) -> None:
    try:
        state.golden = read_golden(opened.container, opened.wishes.limits) if find_golden(opened.container) else None
    except HermeticError as error:
        raise state.end("answers", error) from None
    state.steps.append(compare_answers(state.model, state.golden))


def _write(state: _State, opened: OpenedFile, target: str | os.PathLike[str]) -> None:
    golden = _golden(state)
    evidence = Evidence(
        golden=golden,
        data=state.data,
        source=_source(opened),
        environment=record_environment(state.model, fed=(state.parts["X"], golden.rows if golden else None)),
        scores=state.again.record if state.again else None,
        recipe=state.again.recipe if state.again else state.recipe,
        lineage=_lineage(opened),
        snapshot=state.snapshot,
    )
    dump(state.model, target, evidence=evidence)
    state.note("write", "passed", f"written, made from sha256:{opened.digest}")


def _golden(state: _State) -> GoldenRows | None:
    """Draw rows as they were drawn for the old file; who had none gets none."""
    if state.golden is None:
        return None
    wish: Any = "synthetic" if state.golden.origin == "synthetic" else max(1, min(state.golden.n_rows, 1_000))
    return record_golden(state.model, state.parts["X"], state.parts.get("y"), wish)


def _source(opened: OpenedFile) -> SourceRecord | None:
    record: SourceRecord | None = read_record(opened.container, "source")
    if record is None or _TAKEN_OVER in record.notes:
        return record
    return SourceRecord(layout=1, files=record.files, repository=record.repository, notes=[*record.notes, _TAKEN_OVER])


def _lineage(opened: OpenedFile) -> LineageRecord:
    old = read_record(opened.container, "lineage")
    parent = Parent(digest=opened.digest, how="rebuilt", written_by=dict(opened.container.written_by))
    return LineageRecord(layout=1, parents=[parent, *(old.parents if old else [])][:_MOST_PARENTS])
