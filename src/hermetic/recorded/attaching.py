"""Putting evidence beside the model that it was recorded of, and no other."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import class_path
from hermetic.codecs.registry import name_of_class
from hermetic.errors import InvalidState, UsageError
from hermetic.formats.compression import Compression
from hermetic.formats.container_writer import OutgoingMember
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.members import evidence_members
from hermetic.recorded.self_check import check_answers

__all__ = ["attach", "type_of"]

_LIBRARIES = ("numpy", "scikit-learn", "scipy")
_RECORD = (
    "Record the model that you save: evidence = hermetic.record(model, X), then dump(model, file, evidence=evidence)."
)


def attach(
    evidence: Evidence,
    model: Any,
    members: list[OutgoingMember],
    written_by: dict[str, str],
    compression: Compression | None,
) -> None:
    """Add evidence to the members of a file, and the libraries that it depends on to its versions.

    Parameters
    ----------
    evidence : Evidence
        From `hermetic.record`.
    model : object
        The model that is saved.
    members : list of OutgoingMember
        Those of the model; what is added stands behind them.
    written_by : dict of str to str
        Versions of libraries, for the manifest.
    compression : Compression, optional
        As for the members of the model.

    Raises
    ------
    UsageError
        When the evidence is that of another model: the file would refuse to load wherever it is compared.
    """
    if not isinstance(evidence, Evidence):
        raise UsageError(f"expected what hermetic.record gives, got {type(evidence).__name__}", next_step=_RECORD)
    golden = evidence.golden
    if golden is not None:
        _check_that_it_answers_so(model, golden)
        others = {name: golden.versions[name] for name in _LIBRARIES if name not in written_by}
        versions = {**written_by, **others}
        written_by.clear()
        written_by.update(sorted(versions.items(), key=lambda pair: (pair[0] not in ("hermetic", "python"), pair[0])))
    members += evidence_members(evidence, compression, written_by)


def _check_that_it_answers_so(model: Any, golden: GoldenRows) -> None:
    if golden.model != type_of(model):
        found = f"the evidence was recorded of a {golden.model}, and this is a {type_of(model)}"
        raise UsageError(found, next_step=_RECORD)
    try:
        check_answers(model, golden)
    except InvalidState as error:
        found = f"the evidence is not that of this model: {error.found.replace('restored ', '')}"
        raise UsageError(found, next_step=_RECORD) from error


def type_of(model: object) -> str:
    """Give the name of a model's type, as files have it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> type_of(SVC())
    'sklearn.svm.SVC'
    """
    kind = type(model)
    name, _ = name_of_class(kind)
    return name or class_path(kind)
