"""dump as people call it: the model to a file, and what was recorded of it, or what it is recorded from."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from hermetic import persistence
from hermetic.errors import UsageError
from hermetic.recorded.evidence import Evidence

__all__ = ["dump"]


def dump(
    model: Any,
    file: str | os.PathLike[str] | BinaryIO,
    compress: Any = False,
    protocol: int | None = None,
    *,
    evidence: Evidence | None = None,
    **recording: Any,
) -> list[str]:
    """Save a model to one file.

    Parameters
    ----------
    model : object
        A scikit-learn estimator, fitted or not, or anything made of supported types.
    file : str, PathLike or binary file object
        Writing to a path is atomic: the old file stays whole until the new one is.
    compress : bool, int, str or (str, int), default=False
        As in joblib: a level, a method, or both.
    protocol : int, optional
        Ignored; accepted because joblib has it.
    evidence : Evidence, optional
        What `hermetic.record` has found out about this model; it stands beside the model in the file.
    **recording
        The arguments of `hermetic.record` instead, which is then called first: ``dump(model, file, X=X, y=y, cv=5)``.
        Without them nothing is recorded, no process is started and nothing but the file is written.

    Returns
    -------
    list of str
        The path that was written, as joblib gives it; empty for a file object.

    Raises
    ------
    CannotSave
        When the model holds what cannot be kept, with its path; nothing is written.

    Examples
    --------
    >>> import tempfile, os
    >>> from sklearn.linear_model import LinearRegression
    >>> from hermetic import dump, load
    >>> model = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
    >>> path = os.path.join(tempfile.mkdtemp(), "model.hermetic")
    >>> dump(model, path) == [path]
    True
    >>> load(path).predict([[2.0]])
    array([5.])
    """
    if recording:
        if evidence is not None:
            raise UsageError(
                f"evidence was given, and so were arguments to record some: {', '.join(sorted(recording))}",
                next_step="Pass the one or the other.",
            )
        from hermetic.evidence.recording import record  # most files have no evidence

        evidence = record(model, **recording)
    return persistence.dump(model, file, compress, protocol, evidence=evidence)
