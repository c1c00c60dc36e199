"""What releases have changed in fitted attributes before 1.7, besides those of trees and ensembles.

The sources are those of scikit-learn 1.2 to 1.6, named at each change.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.history import Change, Step, attribute_added, upward
from hermetic.codecs.related import items_of, mapping_of, plain_number, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_IDENTITY = {
    "func": None,
    "inverse_func": None,
    "validate": False,
    "accept_sparse": True,
    "check_inverse": False,
    "feature_names_out": "one-to-one",
    "kw_args": None,
    "inv_kw_args": None,
}


def _take_diagonal(edit: TableEdit) -> None:
    # feature_extraction/text.py, TfidfTransformer: the weights were the diagonal of a sparse matrix until 1.4.
    if edit.has("_idf_diag"):
        for row, value in enumerate(edit.values("_idf_diag")):
            if value is not None and _diagonal(edit, value) is None:
                raise edit.no_way("the weights of words are no diagonal", row=row, field="_idf_diag")
        edit.put_arrays("idf_", lambda row: _diagonal(edit, edit.value("_idf_diag", row)), "_idf_diag")
        edit.drop("_idf_diag")


def _diagonal(edit: TableEdit, value: Value) -> Any:
    found = related(edit, value)
    if found is None:
        return None
    name, table, row = found
    data, kind = table.array(table.value("data", row)), name.rpartition(".")[2].partition("_")[0]
    if data is None:
        return None
    if kind == "dia":
        offsets = table.array(table.value("offsets", row))
        return data[0].copy() if data.ndim == 2 and offsets is not None and offsets.tolist() == [0] else None
    indices, ends = (table.array(table.value(field, row)) for field in ("indices", "indptr"))
    if kind not in ("csr", "csc") or indices is None or ends is None:
        return None
    n_words = len(data)
    is_diagonal = np.array_equal(indices, np.arange(n_words)) and np.array_equal(ends, np.arange(n_words + 1))
    return data.copy() if is_diagonal else None


def _divide_coefficients(edit: TableEdit) -> None:
    # cross_decomposition/_pls.py, predict: since 1.5 it no longer divides the data by their spread.
    if not edit.has("coef_", "_x_std"):
        return

    def divide(row: int) -> Any:
        coefficients, spread = edit.array(edit.value("coef_", row)), edit.array(edit.value("_x_std", row))
        if coefficients is None or spread is None:
            raise edit.refuse("the coefficients are no arrays", row=row, field="coef_")
        return coefficients / spread

    edit.put_arrays("coef_", divide, "coef_")


def _show_coefficients(edit: TableEdit) -> None:
    # _pls.py: coef_ was a property that gave them the other way round; predict always answered a table.
    edit.rename("_coef_", "coef_")
    edit.drop("_coef_warning")
    if edit.has("coef_") and not edit.has("_predict_1d"):
        edit.fill("_predict_1d", False)


def _name_gamma(edit: TableEdit) -> None:
    # decomposition/_kernel_pca.py: the inverse took its default from the width of what it was given.
    if not edit.has("eigenvalues_") or edit.has("gamma_"):
        return
    gammas = []
    for row, gamma in enumerate(edit.values("gamma")):
        kernel = edit.value("kernel", row)
        if gamma is None and edit.value("fit_inverse_transform", row) and kernel not in ("linear", "precomputed"):
            raise edit.no_way(
                "the inverse of a kernel without gamma= takes another one since scikit-learn 1.3", row=row
            )
        width = plain_number(edit.value("n_features_in_", row))
        gammas.append(1 / width if gamma is None and type(width) is int and width else gamma)
    edit.put("gamma_", gammas)


def _replace_passthrough(edit: TableEdit) -> None:
    # compose/_column_transformer.py: until 1.3 the words stayed in transformers_, the fitted object stood beside.
    if edit.has("transformers_"):
        edit.put("transformers_", [_without_words(edit, row) for row in range(edit.rows)])
    edit.drop("_name_to_fitted_passthrough", "_n_features")


def _without_words(edit: TableEdit, row: int) -> Value:
    before = edit.value("transformers_", row)
    fitted = mapping_of(edit, edit.value("_name_to_fitted_passthrough", row)) or {}
    steps, is_changed = [], False
    for step in items_of(edit, before) or ():
        parts = items_of(edit, step) or []
        if len(parts) == 3 and parts[1] == "passthrough":
            own = fitted.get(parts[0]) if type(parts[0]) is str else None
            identity = own or edit.new_object(_FUNCTION, {**_IDENTITY, **_names_of_columns(edit, row, parts[0])})
            step = edit.new_sequence("tuple", [parts[0], identity, parts[2]])
            is_changed = True
        steps.append(step)
    return edit.new_sequence("list", steps) if is_changed else before


def _names_of_columns(edit: TableEdit, row: int, step: Value) -> dict[str, Value]:
    # Before 1.2 no object was fitted on the columns that pass; since 1.4 it is asked for their names.
    names = items_of(edit, edit.value("feature_names_in_", row))
    indices = mapping_of(edit, edit.value("_transformer_to_input_indices", row)) or {}
    places = items_of(edit, indices.get(step)) if type(step) is str else None
    if not names or places is None or not all(type(place) is int and 0 <= place < len(names) for place in places):
        return {}
    return {"feature_names_in_": edit.new_objects([names[place] for place in places]), "n_features_in_": len(places)}


def _name_by_prefix(edit: TableEdit) -> None:
    # compose/_column_transformer.py: a text was as good as true; since 1.6 it is a pattern for names.
    if edit.has("verbose_feature_names_out"):
        values = edit.values("verbose_feature_names_out")
        edit.put("verbose_feature_names_out", [bool(value) if type(value) is str else value for value in values])


def _know_empty_features(edit: TableEdit) -> None:
    # impute/_iterative.py, _initial_imputation of 1.5: features without statistics were left out.
    if not edit.has("initial_imputer_") or edit.has("_is_empty_feature"):
        return

    def empty(row: int) -> Any:
        found = related(edit, edit.value("initial_imputer_", row))
        statistics = found[1].array(found[1].value("statistics_", found[2])) if found is not None else None
        if statistics is None or statistics.dtype.kind != "f":
            raise edit.no_way("the first imputer has no numbers to fill in", row=row, field="initial_imputer_")
        if edit.value("keep_empty_features", row):
            raise edit.no_way("kept empty features are filled in another way since scikit-learn 1.6", row=row)
        return np.isnan(statistics)

    edit.put_arrays("_is_empty_feature", empty, "initial_imputer_")


def _equal_shares(edit: TableEdit) -> None:
    # neighbors/_nearest_centroid.py: all classes counted alike.
    if edit.has("centroids_") and not edit.has("class_prior_"):

        def shares(row: int) -> Any:
            centroids = edit.array(edit.value("centroids_", row))
            if centroids is None or not len(centroids):
                raise edit.refuse("there are no centroids", row=row, field="centroids_")
            return np.asarray([1 / len(centroids)] * len(centroids))

        edit.put_arrays("class_prior_", shares, "centroids_")


def _count_vectors(edit: TableEdit) -> None:
    # svm/src/libsvm: sparse regression left the two counts as they were in memory; nothing reads them.
    if edit.has("_n_support", "_sparse", "support_"):
        values = list(edit.values("_n_support"))
        for row, is_sparse in enumerate(edit.values("_sparse")):
            support = edit.array(edit.value("support_", row))
            if is_sparse is True and support is not None:
                values[row] = edit.new_array(np.array([len(support), 0], dtype=np.int32))
        edit.put("_n_support", values)


def _number_of_components(edit: TableEdit, row: int) -> Value:
    return edit.value("n_components_", row)


def _renaming(old: str, new: str) -> Step:
    def rename(edit: TableEdit) -> None:
        if edit.has(old) and not edit.has(new):
            edit.rename(old, new)

    return rename


def _dropping(*fields: str) -> Step:
    return lambda edit: edit.drop(*fields)


def _added(release: str, field: str, value: Any, beside: str) -> Change:
    return upward(release, attribute_added(release, field, value, beside=beside).up)


def _name_training(edit: TableEdit) -> None:
    # semi_supervised/_self_training.py of 1.6.
    if edit.has("base_estimator") and not edit.has("estimator"):
        edit.rename("base_estimator", "estimator")
        edit.fill("base_estimator", "deprecated")
    _renaming("base_estimator_", "estimator_")(edit)


_FUNCTION = "sklearn.preprocessing.FunctionTransformer"
_LINEAR = "sklearn.linear_model."
_CROSS = "sklearn.cross_decomposition."

CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.feature_extraction.text.TfidfTransformer": (upward("1.5", _take_diagonal),),
    f"{_CROSS}CCA {_CROSS}PLSCanonical {_CROSS}PLSRegression": (
        upward("1.3", _show_coefficients),
        upward("1.5", _divide_coefficients),
    ),
    "sklearn.decomposition.KernelPCA": (upward("1.3", _name_gamma),),
    "sklearn.compose.ColumnTransformer": (upward("1.4", _replace_passthrough), upward("1.6", _name_by_prefix)),
    "sklearn.impute.MissingIndicator": (
        _added("1.3", "n_features_in_", lambda edit, row: edit.value("_n_features", row), "_n_features"),
    ),
    "sklearn.impute.IterativeImputer": (upward("1.6", _know_empty_features),),
    "sklearn.neighbors.NearestCentroid": (upward("1.6", _equal_shares),),
    "sklearn.neighbors.NeighborhoodComponentsAnalysis": (upward("1.5", _dropping("_n_features_out")),),
    "sklearn.multioutput.ClassifierChain": (_added("1.5", "chain_method_", "predict", "estimators_"),),
    "sklearn.preprocessing.OrdinalEncoder": (_added("1.3", "_infrequent_enabled", False, "categories_"),),
    "sklearn.random_projection.GaussianRandomProjection sklearn.random_projection.SparseRandomProjection": (
        _added("1.3", "_n_features_out", _number_of_components, "n_components_"),
    ),
    "sklearn.semi_supervised.SelfTrainingClassifier": (upward("1.6", _name_training),),
    "sklearn.svm.SVR sklearn.svm.NuSVR sklearn.svm.OneClassSVM": (upward("1.5", _count_vectors),),
    f"{_LINEAR}RidgeCV {_LINEAR}RidgeClassifierCV": (upward("1.5", _renaming("cv_values_", "cv_results_")),),
    f"{_LINEAR}SGDClassifier {_LINEAR}SGDOneClassSVM {_LINEAR}Perceptron {_LINEAR}PassiveAggressiveClassifier": (
        upward("1.4", _renaming("loss_function_", "_loss_function_")),
    ),
}
