"""What releases have changed in searches, manifolds and all other models, besides their parameters.

Each change names the release that made it; the sources are the files of sklearn/manifold/ and sklearn/model_selection/.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, leave

__all__ = ["CHANGES"]


CHANGES: dict[str, tuple[Change, ...]] = {
    # model_selection/_search.py: before 1.9 only the halving searches kept it, and no search needs it after a fit.
    "sklearn.model_selection.GridSearchCV sklearn.model_selection.RandomizedSearchCV": (
        Change("1.9", leave, lambda edit: edit.drop("_checked_cv_orig")),
    ),
    "sklearn.manifold.MDS": (Change("1.9", lambda edit: edit.drop("_n_init"), leave),),
}
