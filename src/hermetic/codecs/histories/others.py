"""What releases have changed in clusterings, manifolds, discriminants and all other models.

Each change names the release that made it; the sources are the files of sklearn/cluster/, sklearn/manifold/ and
sklearn/discriminant_analysis.py.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, leave, parameter_added, parameter_removed, values_changed
from hermetic.codecs.table_edit import TableEdit

__all__ = ["CHANGES"]


def _name_dissimilarity_metric(edit: TableEdit) -> None:
    # manifold/_mds.py, MDS.__init__ of 1.8: metric (yes or no) is metric_mds, dissimilarity is metric.
    edit.rename("metric", "metric_mds")
    edit.rename("dissimilarity", "metric")
    edit.fill("dissimilarity", "deprecated")
    edit.fill("init", "warn")
    edit.fill("metric_params", None)


def _name_metric_dissimilarity(edit: TableEdit) -> None:
    fields = ("metric", "dissimilarity", "metric_params", "metric_mds")
    metrics, dissimilarities = [], []
    for row, (metric, former, parameters, is_metric) in enumerate(zip(*map(edit.values, fields), strict=True)):
        if type(metric) is bool:
            metric, is_metric = "euclidean", metric
        metric = metric if former == "deprecated" else former
        if metric not in ("euclidean", "precomputed") or parameters is not None:
            raise edit.no_way(f"metric={metric!r} is new in scikit-learn 1.8"[:200], row=row, field="metric")
        dissimilarities.append(metric)
        metrics.append(is_metric)
    edit.put("dissimilarity", dissimilarities)
    edit.put("metric_mds", metrics)
    edit.rename("metric_mds", "metric")
    edit.drop("init", "metric_params")


_DISCRIMINANT = "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis"

CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.cluster.Birch": (parameter_removed("1.8", "copy", "deprecated"),),
    "sklearn.cluster.HDBSCAN": (values_changed("1.8", "copy", {}, {"warn": False}),),
    _DISCRIMINANT: (
        parameter_added("1.8", "solver", "svd"),
        parameter_added("1.8", "shrinkage", None),
        parameter_added("1.8", "covariance_estimator", None),
    ),
    # model_selection/_search.py: before 1.9 only the halving searches kept it, and no search needs it after a fit.
    "sklearn.model_selection.GridSearchCV sklearn.model_selection.RandomizedSearchCV": (
        Change("1.9", leave, lambda edit: edit.drop("_checked_cv_orig")),
    ),
    "sklearn.manifold.MDS": (
        Change("1.8", _name_dissimilarity_metric, _name_metric_dissimilarity),
        values_changed("1.9", "n_init", {"warn": 4}, {}),
        Change("1.9", lambda edit: edit.drop("_n_init"), leave),
    ),
}
