"""Fitted models that an older release can ask but not fit: they keep what they say, until that release is back.

Such a model becomes a class of ours (`hermetic.legacy`) that is derived from the library's own, answers as it does, and
refuses to be fitted. Its further changes are those of the library's class; going up again it becomes that class. The
sources are sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py, _forest.py and tree/_classes.py of 1.4, and
preprocessing/_discretization.py of 1.7.
"""

from __future__ import annotations

from hermetic.codecs.history import RELEASES, Change, History, leave
from hermetic.codecs.table_edit import TableEdit

__all__ = ["histories_of_kept", "is_kept", "keep_fitted"]

_LEGACY = "hermetic.legacy."
_HISTOGRAM = "sklearn.ensemble.HistGradientBoosting"
_KEPT = {
    f"{_HISTOGRAM}Classifier": ("1.4", "_predictors"),
    f"{_HISTOGRAM}Regressor": ("1.4", "_predictors"),
    "sklearn.preprocessing.KBinsDiscretizer": ("1.7", "bin_edges_"),
    **{
        f"sklearn.tree.{kind}Tree{task}": ("1.4", "tree_")
        for kind in ("Decision", "Extra")
        for task in ("Classifier", "Regressor")
    },
    **{
        f"sklearn.ensemble.{kind}{task}": ("1.4", "estimators_")
        for kind in ("ExtraTrees", "RandomForest")
        for task in ("Classifier", "Regressor")
    },
}
"""The release that can fit them again, and an attribute that shows that they are fitted."""


def is_kept(name: str) -> bool:
    """Tell whether a type is one of those of ours whose changes are those of the library's class.

    Parameters
    ----------
    name : str
        Neutral name.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_kept("hermetic.legacy.KBinsDiscretizer"), is_kept("hermetic.legacy.KernelPCA")
    (True, False)
    """
    return name in _NATIVE


def keep_fitted(edit: TableEdit, release: str) -> bool:
    """Make fitted models ours that an older release cannot fit in the same way.

    Parameters
    ----------
    edit : TableEdit
        Of whatever type.
    release : str
        The first release that could.

    Returns
    -------
    bool
        Whether they are ours now, and keep their parameters.
    """
    if edit.name in _NATIVE:
        return True
    known, fitted = _KEPT.get(edit.name, ("", ""))
    if known != release or not edit.has(fitted):
        return False
    edit.become(_LEGACY + edit.name.rpartition(".")[2])
    return True


def histories_of_kept(native: dict[str, History]) -> dict[str, History]:
    """Give the histories of our classes: those of the library's, up to the release that takes the models back.

    Parameters
    ----------
    native : dict of str to History
        Of the library's classes, by neutral name.

    Returns
    -------
    dict of str to History
        By neutral name of ours.
    """
    return {name: _history(name, native[of]) for name, of in _NATIVE.items()}


def _history(name: str, native: History) -> History:
    release, _ = _KEPT[_NATIVE[name]]

    def come_back(edit: TableEdit) -> None:
        edit.become(_NATIVE[name])
        for step in native.steps(release, is_upward=True):
            step(edit)

    before = [change for change in native.changes if RELEASES.index(change.release) < RELEASES.index(release)]
    return History(native.since, (*before, Change(release, come_back, leave)))


_NATIVE = {_LEGACY + name.rpartition(".")[2]: name for name in _KEPT}
