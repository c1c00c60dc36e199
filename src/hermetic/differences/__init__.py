"""diff: what two models differ in, told from their files; most of it without scikit-learn or making anything."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from hermetic.differences.changes import Change, alike_as_one
from hermetic.differences.evidence import (
    data_section,
    environment_section,
    lineage_section,
    scores_section,
    source_section,
    versions_section,
)
from hermetic.differences.models import changes_between
from hermetic.differences.report import DiffReport, Section
from hermetic.errors import FileError
from hermetic.inspection.evidence import count_text, read_records
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.read_graph import OpenedModel, opened_model
from hermetic.recorded.members import find_golden, read_golden

__all__ = ["Change", "DiffReport", "Section", "diff"]


def diff(
    before: str | os.PathLike[str],
    after: str | os.PathLike[str],
    *,
    predict: bool | None = None,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> DiffReport:
    """Compare two models by their files: structure, parameters, fitted arrays, and what the files record of them.

    Parameters
    ----------
    before, after : path
        Hermetic, pickle, joblib or skops files.
    predict : bool, optional
        Whether the second model is loaded and asked about the golden rows of the first. By default it is when its
        state differs and it loads without trust in anything; with True what is `trusted` is trusted for that.
    trusted, capabilities, approvals, limits
        As in `hermetic.load`.

    Returns
    -------
    DiffReport
        ``report.ok`` tells that nothing differs; ``print`` it.

    Raises
    ------
    FileError
        When a file is damaged, foreign or hostile; with ``predict=True`` also when the second is refused.
    OSError
        When a file cannot be opened.

    Examples
    --------
    >>> import os, tempfile, hermetic
    >>> from sklearn.linear_model import Ridge
    >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     os.chdir(folder)
    ...     for alpha in (1.0, 2.0):
    ...         _ = hermetic.dump(Ridge(alpha=alpha).fit(X, y), f"{alpha}.hermetic")
    ...     report = hermetic.diff("1.0.hermetic", "2.0.hermetic")
    ...     os.chdir("/")
    >>> report.different
    ('parameters', 'fitted')
    >>> report.sections[1].lines
    ('$.alpha: 1.0 -> 2.0',)
    """
    limits = limits or DEFAULT_LIMITS
    with opened_model(before, limits) as old, opened_model(after, limits) as new:
        old.read_arrays()
        new.read_arrays()
        model_sections = _model_sections(old, new)
        records = [read_records(own.container) if own.container is not None else {} for own in (old, new)]
        grants: dict[str, Any] = {"trusted": trusted, "capabilities": capabilities, "approvals": approvals}
        structure, parameters, fitted = model_sections
        versions = versions_section(old.written_by, new.written_by)
        is_same = all(section.verdict == "same" for section in (*model_sections, versions))
        return DiffReport(
            before=old.file,
            after=new.file,
            digests=(old.digest, new.digest),
            sections=(
                structure,
                parameters,
                scores_section(*records),
                _answers(old, after, limits, predict, grants, is_same=is_same),
                data_section(*records),
                fitted,
                source_section(*records),
                versions,
                environment_section(*records),
                lineage_section(records[0], records[1], (old.digest, new.digest)),
            ),
        )


def _model_sections(before: OpenedModel, after: OpenedModel) -> list[Section]:
    changes = alike_as_one(changes_between(before.graph, after.graph))
    found = []
    for kind, name, noun in (
        ("structure", "structure", "difference"),
        ("parameter", "parameters", "parameter"),
        ("fitted", "fitted", "place"),
    ):
        own = tuple(change for change in changes if change.kind == kind)
        words = count_text(sum(change.n_places for change in own), noun) if own else ""
        if kind == "fitted" and own:
            n_values = sum(change.n_changed for change in own)
            words += f", {count_text(n_values, 'value')} in arrays of the same shape"
        if kind == "fitted" and not own and any(change.kind == "structure" for change in changes):
            words = "as far as both have the same types"
        found.append(
            Section(
                name=name,
                verdict="different" if own else "same",
                words=words,
                lines=tuple(map(str, own)),
                changes=own,
            )
        )
    return found


def _answers(
    before: OpenedModel,
    after: str | os.PathLike[str],
    limits: Limits,
    predict: bool | None,
    grants: dict[str, Any],
    *,
    is_same: bool,
) -> Section:
    if predict is False:
        return _skipped("not asked for")
    if before.container is None or not find_golden(before.container):
        return Section(name="answers", verdict="not recorded", words="the first file holds no golden rows")
    if predict is None and is_same:
        return _skipped("the models are the same, and so are the libraries that wrote them")
    from hermetic.differences.predictions import answers_section  # what loads a model
    from hermetic.persistence import load  # imports scikit-learn for what the model needs

    golden = read_golden(before.container, limits)
    try:
        model = load(after, limits=limits, check="never", **(grants if predict else {}))
    except FileError as error:
        if predict:
            raise
        return _skipped(f"the second model does not load without more: {error.found}")
    return answers_section(golden, model)


def _skipped(reason: str) -> Section:
    return Section(name="answers", verdict="skipped", words=reason)
