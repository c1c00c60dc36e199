"""What releases from 0.17 to 0.24 have changed in fitted attributes: names that were joined, hidden, or came.

The sources are those of scikit-learn 0.17.1, 0.18.2, 0.19.2, 0.20.4, 0.21.3, 0.22.2, 0.23.2 and 0.24.2, named at each
change. Boosting, encoders and imputers have files of their own.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.field_checks import shape_of
from hermetic.codecs.history import Change, Step, attribute_added, upward
from hermetic.codecs.related import items_of, plain_number, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES", "added", "dropping", "renaming"]


def dropping(*fields: str) -> Step:
    """Give the step that takes fields away."""
    return lambda edit: edit.drop(*fields)


def renaming(**names: str) -> Step:
    """Give the step that gives fields other names, where nothing stands under these."""

    def rename(edit: TableEdit) -> None:
        for old, new in names.items():
            if edit.has(old) and not edit.has(new):
                edit.rename(old, new)
            else:
                edit.drop(old)

    return rename


def added(release: str, field: str, value: Any, beside: str) -> Change:
    """Give the change for a new attribute of fitted models, upward only."""
    return upward(release, attribute_added(release, field, value, beside=beside).up)


def _drop_nothing(*fields: str) -> Step:
    """Give the step that takes away attributes which only unfitted models have, and only as None."""

    def drop(edit: TableEdit) -> None:
        for field in fields:
            if edit.has(field) and all(value is None for value in edit.values(field)):
                edit.drop(field)

    return drop


def _hide_counts(edit: TableEdit) -> None:
    # svm/base.py of 0.21: what has become properties, or the class's own.
    edit.drop("_impl", "impl")
    for old, new in (("n_support_", "_n_support"), ("probA_", "_probA"), ("probB_", "_probB")):
        if edit.has(old):
            edit.rename(old, new)


def _offset_of_intercept(edit: TableEdit) -> None:
    # svm/classes.py of 0.20, OneClassSVM.fit.
    if edit.has("_intercept_") and not edit.has("offset_"):
        edit.put_arrays("offset_", lambda row: -edit.array(edit.value("_intercept_", row)), "_intercept_")


def _count_rounds(edit: TableEdit) -> None:
    # linear_model/stochastic_gradient.py of 0.19 and 0.20, _validate_params: n_iter=5 where nothing was said.
    if not edit.has("n_iter"):
        return
    old, new = edit.values("n_iter"), edit.values("max_iter")
    edit.put("max_iter", [first if first is not None else second for first, second in zip(old, new, strict=True)])
    edit.drop("n_iter")


def _take_five_rounds(edit: TableEdit) -> None:
    if edit.has("max_iter"):
        tolerances = edit.values("tol")
        edit.put(
            "max_iter",
            [
                (5 if tolerance is None else 1000) if own is None else own
                for own, tolerance in zip(edit.values("max_iter"), tolerances, strict=True)
            ],
        )


def _refuse_absolute_values(edit: TableEdit) -> None:
    # feature_extraction/hashing.py of 0.20: negative sums became positive.
    for row, value in enumerate(edit.values("non_negative", False)):
        if value is True or value == "total":
            raise edit.no_way("non_negative=True is gone since scikit-learn 0.21", row=row, field="non_negative")
    edit.drop("non_negative")


def _refuse_threshold(edit: TableEdit) -> None:
    # ensemble/iforest.py of 0.21, decision_function and predict: one is shifted, the other compared with threshold_.
    if edit.has("estimators_"):
        for row, how in enumerate(edit.values("behaviour", "old")):
            if how == "old":
                raise edit.no_way(
                    "scores of isolation forests with behaviour='old' start from another point than those of "
                    "scikit-learn 0.22 and later",
                    row=row,
                )


def _refuse_roots(edit: TableEdit) -> None:
    # covariance/elliptic_envelope.py of 0.19: decision_function gave differences of roots.
    if edit.has("location_"):
        raise edit.no_way("scores of elliptic envelopes are computed in another way since scikit-learn 0.20")


def _spread_of_ones(edit: TableEdit) -> None:
    # gaussian_process/gpr.py of 0.22: targets were centred, never scaled.
    if edit.has("_y_train_mean") and not edit.has("_y_train_std"):
        means = edit.arrays("_y_train_mean")
        edit.put("_y_train_std", [1.0 if mean is None else edit.new_array(np.ones_like(mean)) for mean in means])
    edit.drop("_K_inv", "rng")


def _count_samples(edit: TableEdit) -> None:
    # neighbors/_base.py of 0.22.
    if edit.has("_fit_X") and all(value is None for value in edit.values("_fit_X")):
        edit.drop("_fit_X", "_tree", "_fit_method")
    if edit.has("_fit_X") and not edit.has("n_samples_fit_"):
        counts = []
        for row, value in enumerate(edit.values("_fit_X")):
            array = edit.array(value)
            found = related(edit, value) if array is None else None
            shape = array.shape if array is not None else shape_of(found[1].value("shape", found[2])) if found else None
            if not shape:
                raise edit.refuse("there are no data", row=row, field="_fit_X")
            counts.append(int(shape[0]))
        edit.put("n_samples_fit_", counts)


def _center(edit: TableEdit) -> None:
    # decomposition/sparse_pca.py of 0.19 centred nothing.
    if edit.has("components_") and not edit.has("mean_"):
        for row, is_normal in enumerate(edit.values("normalize_components", False)):
            if is_normal is not True:
                raise edit.no_way("sparse components are not normalized before scikit-learn 0.20", row=row)


def _refuse_unnormalized(edit: TableEdit) -> None:
    # decomposition/_sparse_pca.py of 0.21: without normalize_components codes were scaled in another way.
    if edit.has("components_"):
        for row, how in enumerate(edit.values("normalize_components", "deprecated")):
            if how is False:
                raise edit.no_way(
                    "codes of sparse components without normalize_components=True are gone since scikit-learn 0.22",
                    row=row,
                )


def _forget_noise(edit: TableEdit) -> None:
    # decomposition/base.py of 0.17: the covariance of whitened data, of which likelihoods are made, was another one.
    if any(edit.values("whiten")):
        edit.drop("noise_variance_")


def _refuse_sums(edit: TableEdit) -> None:
    # decomposition/online_lda.py of 0.17: topics of a text were not divided by their sum.
    if edit.has("components_"):
        raise edit.no_way("topics of a text add up to one since scikit-learn 0.18 only")


def _hide_means(edit: TableEdit) -> None:
    # cross_decomposition/_pls.py of 0.24.
    renaming(x_mean_="_x_mean", y_mean_="_y_mean", x_std_="_x_std", y_std_="_y_std")(edit)


def _one_strategy(edit: TableEdit) -> None:
    # dummy.py of 0.22.
    if edit.has("class_prior_") and not edit.has("_strategy"):
        edit.copy("_strategy", "strategy")
    edit.drop("output_2d_")


def _components_of_topics(edit: TableEdit) -> None:
    # decomposition/online_lda.py of 0.20: n_topics was the former name of n_components.
    old, new = edit.values("n_topics"), edit.values("n_components", 10)
    if edit.has("n_topics"):
        edit.put(
            "n_components", [first if first is not None else second for first, second in zip(old, new, strict=True)]
        )


def _same_names(edit: TableEdit) -> None:
    # calibration.py of 0.23, _CalibratedClassifier.
    if edit.has("calibrators_"):
        edit.rename("calibrators_", "calibrators")
        edit.rename("classes_", "classes")
        edit.drop("label_encoder_")


def _classes_of_pool(edit: TableEdit) -> None:
    # ensemble/voting_classifier.py of 0.19: members by name.
    edit.drop("named_estimators")
    if not edit.has("estimators_", "estimators") or edit.has("named_estimators_"):
        return
    bunches = []
    for row in range(edit.rows):
        named = [items_of(edit, pair) or [None] for pair in items_of(edit, edit.value("estimators", row)) or ()]
        members = items_of(edit, edit.value("estimators_", row)) or []
        names = [pair[0] for pair in named if len(pair) == 2 and pair[1] not in (None, "drop")]
        if len(names) != len(members) or not all(type(name) is str for name in names):
            raise edit.no_way("the members of a vote do not fit their names", row=row, field="estimators_")
        bunches.append(
            edit.new_object(
                "sklearn.utils.Bunch", {"items": edit.new_dictionary(dict(zip(names, members, strict=True)))}
            )
        )
    edit.put("named_estimators_", bunches)


def _number_of(edit: TableEdit, row: int) -> Value:
    return plain_number(edit.value("n_components", row))


_LINEAR = "sklearn.linear_model."
_ONLINE = " ".join(
    f"{_LINEAR}{name}"
    for name in (
        *("PassiveAggressiveClassifier", "PassiveAggressiveRegressor", "Perceptron", "SGDClassifier", "SGDRegressor"),
    )
)
_VECTORS = "sklearn.svm.NuSVC sklearn.svm.NuSVR sklearn.svm.OneClassSVM sklearn.svm.SVC sklearn.svm.SVR"
_NEIGHBORS = " ".join(
    f"sklearn.neighbors.{name}"
    for name in (
        *("KNeighborsClassifier", "KNeighborsRegressor", "KNeighborsTransformer", "LocalOutlierFactor"),
        *("NearestNeighbors", "RadiusNeighborsClassifier", "RadiusNeighborsRegressor", "RadiusNeighborsTransformer"),
    )
)
_TREES = " ".join(
    f"sklearn.tree.{name}"
    for name in ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
)
_FORESTS = " ".join(
    f"sklearn.ensemble.{name}"
    for name in (
        *("ExtraTreesClassifier", "ExtraTreesRegressor", "RandomForestClassifier", "RandomForestRegressor"),
        *("RandomTreesEmbedding", "IsolationForest"),
    )
)
_CROSS = "sklearn.cross_decomposition."

CHANGES: dict[str, tuple[Change, ...]] = {
    _VECTORS: (upward("0.22", _hide_counts), upward("0.23", _hide_counts)),
    "sklearn.svm.OneClassSVM": (upward("0.20", _offset_of_intercept),),
    _ONLINE: (
        upward("0.19", _count_rounds),
        upward("0.21", _count_rounds),
        upward("0.21", _take_five_rounds),
        upward("0.20", renaming(loss_function="loss_function_")),
        upward("0.20", dropping("n_iter_no_change_", "classes")),
    ),
    "sklearn.feature_extraction.FeatureHasher sklearn.feature_extraction.text.HashingVectorizer": (
        upward("0.21", _refuse_absolute_values),
    ),
    "sklearn.ensemble.IsolationForest": (upward("0.22", _refuse_threshold),),
    "sklearn.covariance.EllipticEnvelope": (upward("0.20", _refuse_roots), upward("0.24", dropping("threshold_"))),
    "sklearn.gaussian_process.GaussianProcessRegressor": (upward("0.23", _spread_of_ones),),
    _NEIGHBORS: (upward("0.22", _count_samples),),
    "sklearn.neighbors.LocalOutlierFactor": (upward("0.20", renaming(threshold_="offset_")),),
    "sklearn.decomposition.SparsePCA sklearn.decomposition.MiniBatchSparsePCA": (
        upward("0.20", _center),
        upward("0.22", _refuse_unnormalized),
    ),
    f"{_CROSS}CCA {_CROSS}PLSCanonical {_CROSS}PLSRegression {_CROSS}PLSSVD": (upward("0.24", _hide_means),),
    "sklearn.dummy.DummyClassifier": (upward("0.22", _one_strategy),),
    "sklearn.decomposition.PCA": (upward("0.18", _forget_noise),),
    "sklearn.ensemble.RandomTreesEmbedding": (upward("0.18", dropping("criterion", "max_features")),),
    "sklearn.dummy.DummyRegressor": (upward("0.22", dropping("output_2d_")),),
    "sklearn.decomposition.LatentDirichletAllocation": (
        upward("0.18", _refuse_sums),
        upward("0.19", _components_of_topics),
        upward("0.21", _components_of_topics),
    ),
    "sklearn.calibration._CalibratedClassifier": (upward("0.24", _same_names),),
    "sklearn.preprocessing.MultiLabelBinarizer": (added("0.21", "_cached_dict", None, "classes_"),),
    "sklearn.isotonic.IsotonicRegression": (
        upward("0.24", renaming(_necessary_X_="X_thresholds_", _necessary_y_="y_thresholds_")),
        upward("0.24", renaming(X_="X_thresholds_", y_="y_thresholds_")),
    ),
    "sklearn.ensemble.VotingClassifier sklearn.ensemble.VotingRegressor": (upward("0.20", _classes_of_pool),),
    _TREES: (
        upward("0.19", _drop_nothing("tree_", "n_features_", "classes_", "n_classes_")),
        upward("0.20", _drop_nothing("tree_", "n_features_", "classes_", "n_classes_", "n_outputs_")),
    ),
    f"{_FORESTS} sklearn.ensemble.BaggingClassifier sklearn.ensemble.BaggingRegressor": (
        upward("0.19", dropping("estimators_samples_")),
        upward("0.20", _drop_nothing("oob_score_", "oob_decision_function_", "n_features_", "estimator_params_")),
    ),
    f"{_LINEAR}Lars {_LINEAR}LassoLars {_LINEAR}LarsCV {_LINEAR}LassoLarsCV {_LINEAR}LassoLarsIC": (
        upward("0.22", dropping("method")),
    ),
    f"{_LINEAR}LarsCV {_LINEAR}LassoLarsCV": (upward("0.20", renaming(cv_mse_path_="mse_path_")),),
}
