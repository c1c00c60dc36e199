"""What releases have changed in fitted attributes up to 1.7, besides those of trees and ensembles.

The sources are those of scikit-learn 1.2 to 1.6, named at each change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.codecs.histories.predictors import keep_inverse_kernels
from hermetic.codecs.history import Change, Step, attribute_added, attribute_removed, leave, refused_when, upward
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


def _make_diagonal(edit: TableEdit) -> None:
    if edit.has("idf_"):
        known: dict[str, Value] = {}
        values: list[Value] = []
        for row, value in enumerate(edit.values("idf_")):
            weights = edit.array(value)
            if weights is None or weights.ndim != 1:
                raise edit.refuse("the weights of words are no row of numbers", row=row, field="idf_")
            if repr(value) not in known:
                n_words = len(weights)
                parts = {
                    "shape": {"tuple": [n_words, n_words]},
                    "data": edit.new_array(weights.copy()),
                    "indices": edit.new_array(np.arange(n_words, dtype=np.int32)),
                    "indptr": edit.new_array(np.arange(n_words + 1, dtype=np.int32)),
                }
                known[repr(value)] = edit.new_object("scipy.sparse.csr_matrix", parts)
            values.append(known[repr(value)])
        edit.put("_idf_diag", values)
        edit.drop("idf_")


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
    _scale_coefficients(edit, lambda coefficients, spread: coefficients / spread)


def _multiply_coefficients(edit: TableEdit) -> None:
    _scale_coefficients(edit, lambda coefficients, spread: coefficients * spread)


def _scale_coefficients(edit: TableEdit, scale: Callable[[Any, Any], Any]) -> None:
    if not edit.has("coef_", "_x_std"):
        return
    values: list[Value] = []
    known: dict[str, Value] = {}
    for row, references in enumerate(zip(edit.values("coef_"), edit.values("_x_std"), strict=True)):
        coefficients, spread = map(edit.array, references)
        if coefficients is None or spread is None:
            raise edit.refuse("the coefficients are no arrays", row=row, field="coef_")
        if repr(references) not in known:
            known[repr(references)] = edit.new_array(scale(coefficients, spread))
        values.append(known[repr(references)])
    edit.put("coef_", values)


def _show_coefficients(edit: TableEdit) -> None:
    # _pls.py: coef_ was a property that gave them the other way round; predict always answered a table.
    edit.rename("_coef_", "coef_")
    edit.drop("_coef_warning")
    if edit.has("coef_") and not edit.has("_predict_1d"):
        edit.fill("_predict_1d", False)


def _hide_coefficients(edit: TableEdit) -> None:
    for row, is_row in enumerate(edit.values("_predict_1d", False)):
        if is_row is not False:
            raise edit.no_way("before scikit-learn 1.3 predictions for one target were a table", row=row)
    edit.rename("coef_", "_coef_")
    edit.drop("_predict_1d")


def _name_gamma(edit: TableEdit) -> None:
    # decomposition/_kernel_pca.py: the inverse took its default from the width of what it was given.
    if not edit.has("eigenvalues_") or edit.has("gamma_") or keep_inverse_kernels(edit):
        return
    gammas = []
    for row, gamma in enumerate(edit.values("gamma")):
        width = plain_number(edit.value("n_features_in_", row))
        gammas.append(1 / width if gamma is None and type(width) is int and width else gamma)
    edit.put("gamma_", gammas)


def _forget_gamma(edit: TableEdit) -> None:
    if edit.has("eigenvalues_") and keep_inverse_kernels(edit):
        edit.rename("gamma_", "_gamma_of_inverse")
    edit.drop("gamma_")


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


def _repeat_passthrough(edit: TableEdit) -> None:
    if not edit.has("transformers_"):
        return
    rows = [_with_words(edit, row) for row in range(edit.rows)]
    edit.put("transformers_", [steps for steps, _ in rows])
    edit.put("_name_to_fitted_passthrough", [edit.new_dictionary(fitted) for _, fitted in rows])
    edit.copy("_n_features", "n_features_in_")


def _with_words(edit: TableEdit, row: int) -> tuple[Value, dict[str, Value]]:
    before = edit.value("transformers_", row)
    given = [items_of(edit, step) or [] for step in items_of(edit, edit.value("transformers", row)) or ()]
    passing = {parts[0] for parts in given if parts[1:2] == ["passthrough"] and type(parts[0]) is str}
    if edit.value("remainder", row) == "passthrough":
        passing.add("remainder")
    steps, fitted = [], {}
    for step in items_of(edit, before) or ():
        parts = items_of(edit, step) or []
        if len(parts) == 3 and type(parts[0]) is str and parts[0] in passing and type(parts[1]) is list:
            fitted[parts[0]] = parts[1]
            step = edit.new_sequence("tuple", [parts[0], "passthrough", parts[2]])
        steps.append(step)
    return edit.new_sequence("list", steps) if fitted else before, fitted


def _names_by_pattern(edit: TableEdit) -> None:
    for row, value in enumerate(edit.values("verbose_feature_names_out", True)):
        if type(value) is not bool:
            raise edit.no_way("names of features made by a pattern are new in scikit-learn 1.6", row=row)


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
        return np.isnan(_statistics_of(edit, row))

    edit.put_arrays("_is_empty_feature", empty, "initial_imputer_")


def _statistics_of(edit: TableEdit, row: int) -> Any:
    found = related(edit, edit.value("initial_imputer_", row))
    statistics = found[1].array(found[1].value("statistics_", found[2])) if found is not None else None
    if statistics is None or statistics.dtype.kind != "f":
        raise edit.no_way("the first imputer has no numbers to fill in", row=row, field="initial_imputer_")
    if edit.value("keep_empty_features", row):
        raise edit.no_way("kept empty features are filled in another way since scikit-learn 1.6", row=row)
    return statistics


def _forget_empty_features(edit: TableEdit) -> None:
    if edit.has("initial_imputer_", "_is_empty_feature"):
        for row, own in enumerate(edit.arrays("_is_empty_feature")):
            if own is None or not np.array_equal(own, np.isnan(_statistics_of(edit, row))):
                raise edit.no_way("which features are empty shows in their statistics before scikit-learn 1.6", row=row)
    edit.drop("_is_empty_feature")


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


def _learned_missing_values(edit: TableEdit, row: int) -> bool:
    # neighbors/_base.py: metric="nan_euclidean" finds neighbours of samples with missing values since 1.6.
    samples = edit.array(edit.value("_fit_X", row))
    return samples is not None and samples.dtype.kind == "f" and bool(np.isnan(samples).any())


def _number_of_components(edit: TableEdit, row: int) -> Value:
    return edit.value("n_components_", row)


def _number_of_outputs(edit: TableEdit, row: int) -> Value:
    components = edit.array(edit.value("components_", row))
    if components is None:
        raise edit.refuse("the components are no array", row=row, field="components_")
    return len(components)


def _interval(edit: TableEdit, row: int) -> Value:
    # kernel_approximation.py, AdditiveChi2Sampler.fit of 1.4.
    own = edit.value("sample_interval", row)
    steps = plain_number(edit.value("sample_steps", row))
    if own is None and steps not in _INTERVALS:
        raise edit.refuse("no interval is known for so many steps", row=row, field="sample_steps")
    return _INTERVALS[steps] if own is None else own


def _group_nothing(edit: TableEdit) -> None:
    # preprocessing/_encoders.py: ordinal codes for all infrequent categories together are new in 1.3.
    for row, is_grouping in enumerate(edit.values("_infrequent_enabled", False)):
        if is_grouping is not False:
            raise edit.no_way("one code for infrequent categories is new in scikit-learn 1.3", row=row)
    edit.drop("_infrequent_enabled", "_infrequent_indices", "_default_to_infrequent_mappings")


def _targets_more_classes(edit: TableEdit, row: int) -> bool:
    return bool(edit.value("target_type_", row) == "multiclass")


def _renamed(release: str, old: str, new: str) -> Change:
    return Change(release, _renaming(old, new), _renaming(new, old))


def _renaming(old: str, new: str) -> Step:
    def rename(edit: TableEdit) -> None:
        if edit.has(old) and not edit.has(new):
            edit.rename(old, new)

    return rename


_INTERVALS = {1: 0.8, 2: 0.5, 3: 0.4}
_FUNCTION = "sklearn.preprocessing.FunctionTransformer"
_NEIGHBORS = "sklearn.neighbors."
_MISSING = "neighbours of samples with missing values are new in scikit-learn 1.6"
_LINEAR = "sklearn.linear_model."
_CROSS = "sklearn.cross_decomposition."

CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.feature_extraction.text.TfidfTransformer": (Change("1.5", _take_diagonal, _make_diagonal),),
    f"{_CROSS}CCA {_CROSS}PLSCanonical {_CROSS}PLSRegression": (
        Change("1.3", _show_coefficients, _hide_coefficients),
        Change("1.5", _divide_coefficients, _multiply_coefficients),
    ),
    "sklearn.decomposition.FastICA": (
        Change(
            "1.3",
            lambda edit: edit.drop("_whiten"),
            attribute_added("", "_whiten", lambda edit, row: edit.value("whiten", row), beside="components_").up,
        ),
    ),
    "sklearn.decomposition.KernelPCA": (Change("1.3", _name_gamma, _forget_gamma),),
    "sklearn.compose.ColumnTransformer": (
        Change("1.4", _replace_passthrough, _repeat_passthrough),
        Change("1.6", _name_by_prefix, _names_by_pattern),
    ),
    # impute/_base.py: without it there are no names of features; nothing of 1.2 minds that it is there.
    "sklearn.impute.MissingIndicator": (
        upward(
            "1.3",
            attribute_added(
                "", "n_features_in_", lambda edit, row: edit.value("_n_features", row), beside="_n_features"
            ).up,
        ),
    ),
    "sklearn.impute.IterativeImputer": (Change("1.6", _know_empty_features, _forget_empty_features),),
    "sklearn.kernel_approximation.AdditiveChi2Sampler": (
        _renamed("1.3", "sample_interval_", "_sample_interval"),
        attribute_removed("1.5", "_sample_interval", _interval, beside="n_features_in_"),
    ),
    f"{_NEIGHBORS}KNeighborsClassifier {_NEIGHBORS}KNeighborsRegressor {_NEIGHBORS}NearestNeighbors "
    f"{_NEIGHBORS}RadiusNeighborsClassifier {_NEIGHBORS}RadiusNeighborsRegressor": (
        Change("1.6", leave, refused_when("", _MISSING, _learned_missing_values).down),
    ),
    "sklearn.neighbors.NearestCentroid": (
        Change("1.6", _equal_shares, lambda edit: edit.drop("class_prior_", "within_class_std_dev_", "deviations_")),
    ),
    "sklearn.neighbors.NeighborhoodComponentsAnalysis": (
        attribute_removed("1.5", "_n_features_out", _number_of_outputs, beside="components_"),
    ),
    "sklearn.multioutput.ClassifierChain": (attribute_added("1.5", "chain_method_", "predict", beside="estimators_"),),
    "sklearn.preprocessing.OrdinalEncoder": (
        Change("1.3", attribute_added("", "_infrequent_enabled", False, beside="categories_").up, _group_nothing),
    ),
    "sklearn.preprocessing.TargetEncoder": (
        refused_when("1.4", "targets of more than two classes are new in scikit-learn 1.4", _targets_more_classes),
    ),
    "sklearn.random_projection.GaussianRandomProjection sklearn.random_projection.SparseRandomProjection": (
        attribute_added("1.3", "_n_features_out", _number_of_components, beside="n_components_"),
    ),
    "sklearn.semi_supervised.SelfTrainingClassifier": (_renamed("1.6", "base_estimator_", "estimator_"),),
    "sklearn.svm.SVR sklearn.svm.NuSVR sklearn.svm.OneClassSVM": (upward("1.5", _count_vectors),),
    f"{_LINEAR}RidgeCV {_LINEAR}RidgeClassifierCV": (_renamed("1.5", "cv_values_", "cv_results_"),),
    f"{_LINEAR}SGDClassifier {_LINEAR}SGDOneClassSVM {_LINEAR}Perceptron {_LINEAR}PassiveAggressiveClassifier": (
        _renamed("1.4", "loss_function_", "_loss_function_"),
    ),
}
