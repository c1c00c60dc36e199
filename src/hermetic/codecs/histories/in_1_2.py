"""What models of older releases need in scikit-learn 1.2 and 1.3, and nowhere after: words for what is on its way out.

Such attributes are gone again in a later release, which drops them. The sources are those of scikit-learn 1.2.2, named
at each change.
"""

from __future__ import annotations

from hermetic.codecs.histories.before_0_24 import dropping
from hermetic.codecs.history import Change, attribute_added, upward
from hermetic.codecs.table_edit import TableEdit

__all__ = ["CHANGES"]


def _say_nothing_of_base(edit: TableEdit) -> None:
    # ensemble/_base.py, BaseEnsemble.__init__ and _validate_estimator: a fit reads both.
    if edit.has("estimator") and not edit.has("base_estimator"):
        edit.fill("base_estimator", "deprecated")


def _pass_nothing_through(edit: TableEdit) -> None:
    # compose/_column_transformer.py, _iter.
    if edit.has("transformers_") and not edit.has("_name_to_fitted_passthrough"):
        edit.put("_name_to_fitted_passthrough", [edit.new_dictionary({}) for _ in range(edit.rows)])


def _say_nothing_of_squares(edit: TableEdit) -> None:
    # manifold/_t_sne.py, TSNE.__init__: a parameter of 0.24 to 1.2.
    if not edit.has("square_distances"):
        edit.fill("square_distances", "deprecated")


_ENSEMBLE = "sklearn.ensemble."
_ENSEMBLES = " ".join(
    f"{_ENSEMBLE}{name}"
    for name in (
        *("ExtraTreesClassifier", "ExtraTreesRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor"),
        *("IsolationForest", "RandomForestClassifier", "RandomForestRegressor", "RandomTreesEmbedding"),
    )
)

CHANGES: dict[str, tuple[Change, ...]] = {
    _ENSEMBLES: (upward("1.2", _say_nothing_of_base),),
    "sklearn.compose.ColumnTransformer": (upward("1.2", _pass_nothing_through),),
    "sklearn.decomposition.FastICA": (
        upward(
            "1.1",
            attribute_added("", "_whiten", lambda edit, row: edit.value("whiten", row), beside="components_").up,
        ),
    ),
    # Properties that warn: a state of their name would hide them.
    "sklearn.decomposition.MiniBatchDictionaryLearning": (
        upward("1.2", dropping("inner_stats_", "iter_offset_", "random_state_")),
    ),
    "sklearn.decomposition.PCA": (upward("1.2", dropping("n_features_")),),
    "sklearn.manifold.TSNE": (upward("1.2", _say_nothing_of_squares),),
    "sklearn.svm.NuSVR sklearn.svm.OneClassSVM sklearn.svm.SVR": (upward("1.2", dropping("class_weight_")),),
}
