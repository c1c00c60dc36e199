"""What releases from 0.18 to 1.2 have changed besides: columns, imputers, kernels, scores of several classes.

The sources are those of scikit-learn 0.17.1 to 1.2.2, named at each change.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.field_checks import length_of
from hermetic.codecs.histories.before_0_24 import dropping, renaming
from hermetic.codecs.history import Change, attribute_added, upward
from hermetic.codecs.related import items_of, plain_number, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.dtypes import describe_dtype
from hermetic.graph import Mappings, ObjectArray, Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]


def _name_width(edit: TableEdit) -> None:
    # ensemble/_iforest.py: the number of features had a name of its own.
    if edit.has("n_features_") and not edit.has("n_features_in_"):
        edit.copy("n_features_in_", "n_features_")


def _turn_coefficients(edit: TableEdit) -> None:
    # cross_decomposition/_pls.py of 1.1: coefficients are kept the other way round, with an intercept.
    if edit.has("coef_") and not edit.has("_coef_"):

        def turn(row: int) -> Any:
            coefficients = edit.array(edit.value("coef_", row))
            if coefficients is None or coefficients.ndim != 2:
                raise edit.refuse("the coefficients are no table", row=row, field="coef_")
            return np.ascontiguousarray(coefficients.T)

        edit.put_arrays("_coef_", turn, "coef_")
        edit.drop("coef_")
        if not edit.has("intercept_"):
            edit.copy("intercept_", "_y_mean")


def _know_nothing_of_missing(edit: TableEdit) -> None:
    # impute/_base.py of 0.22 and later.
    if edit.has("statistics_") and not edit.has("indicator_"):
        edit.fill("indicator_", None)


def _remember_dtype(edit: TableEdit) -> None:
    # impute/_base.py of 1.1.
    if edit.has("statistics_") and not edit.has("_fit_dtype"):
        edit.put("_fit_dtype", [_dtype_of(edit, value, row) for row, value in enumerate(edit.values("statistics_"))])


def _dtype_of(edit: TableEdit, value: Value, row: int) -> Value:
    array = edit.array(value)
    if array is not None:
        return {"dtype": describe_dtype(array.dtype)}
    if type(value) is list and isinstance(edit.graph.nodes[value[0]], ObjectArray):
        return {"dtype": "|O"}
    raise edit.refuse("statistics_ is no array", row=row, field="statistics_")


def _count_words(edit: TableEdit) -> None:
    # feature_extraction/text.py of 1.0: without weights of words nothing else shows that the transformer is fitted.
    if edit.has("vocabulary_", "_tfidf"):
        for row, value in enumerate(edit.values("_tfidf")):
            found = related(edit, value)
            words = _number_of_words(edit, edit.value("vocabulary_", row))
            if found is not None and found[1].rows == 1 and words is not None:
                found[1].node.fields.setdefault("n_features_in_", words)


def _number_of_words(edit: TableEdit, value: Value) -> int | None:
    node = edit.graph.nodes[value[0]] if type(value) is list else None
    return node.length if isinstance(node, Mappings) and node.rows == 1 else None


def _count_powers(edit: TableEdit) -> None:
    # preprocessing/_polynomial.py of 1.0: degrees may have a lower end; all columns are counted.
    edit.drop("n_input_features_")
    if not edit.has("n_output_features_", "n_features_in_") or edit.has("_max_degree"):
        return
    edit.copy("_max_degree", "degree")
    edit.fill("_min_degree", 0)
    edit.copy("_n_out_full", "n_output_features_")


def _precompute_nothing(edit: TableEdit) -> None:
    # impute/_base.py of 0.24, MissingIndicator.
    if edit.has("features_") and not edit.has("_precomputed"):
        edit.fill("_precomputed", False)


def _ask_with_mask(edit: TableEdit) -> None:
    # impute/_base.py of 0.24: an imputer gives its own indicator the mask, no longer the data.
    for row, value in enumerate(edit.values("indicator_")):
        found = related(edit, value)
        if found is not None:
            if found[1].rows != 1:
                raise edit.no_way("several imputers share a table of indicators", row=row, field="indicator_")
            found[1].node.fields["_precomputed"] = True


def _know_valid(edit: TableEdit) -> None:
    # impute/_knn.py: columns without any number were left out as well, found anew each time.
    if edit.has("_mask_fit_X") and not edit.has("_valid_mask"):
        edit.put_arrays("_valid_mask", lambda row: _valid(edit, row), "_mask_fit_X")
    if edit.has("_fit_X") and not edit.has("indicator_"):
        edit.fill("indicator_", None)


def _valid(edit: TableEdit, row: int) -> Any:
    mask = edit.array(edit.value("_mask_fit_X", row))
    if mask is None or mask.ndim != 2 or mask.dtype.kind != "b":
        raise edit.refuse("the mask is no table of truth values", row=row, field="_mask_fit_X")
    return ~np.all(mask, axis=0)


def _center_deviations(edit: TableEdit) -> None:
    # linear_model/_bayes.py of 1.1: scaled data had a deviation of their own.
    if edit.has("coef_"):
        for row, value in enumerate(edit.values("normalize")):
            if value is True:
                raise edit.no_way("normalize=True is gone since scikit-learn 1.2", row=row, field="normalize")
        if not edit.has("X_offset_"):
            edit.put_arrays("X_offset_", lambda row: np.zeros_like(edit.array(edit.value("coef_", row))), "coef_")


def _bounds_for_each(edit: TableEdit) -> None:
    # impute/_iterative.py of 0.23: one bound for each feature.
    for field in ("_min_value", "_max_value"):
        if not edit.has(field, "n_features_in_"):
            continue
        values = edit.values(field)
        for row, value in enumerate(values):
            number = plain_number(value)
            number = float(number["float"]) if type(number) is dict and "float" in number else number
            width = plain_number(edit.value("n_features_in_", row))
            if type(number) in (int, float) and type(width) is int:
                values[row] = edit.new_array(np.full(width, float(number)))
        edit.put(field, values)


def _refuse_free_kernel(edit: TableEdit) -> None:
    # metrics/pairwise.py of 0.18: gamma= was not given to this kernel.
    for row, kernel in enumerate(edit.values("kernel")):
        if kernel == "chi2" and plain_number(edit.value("gamma", row)) not in (None, 1):
            raise edit.no_way("kernel='chi2' takes gamma= since scikit-learn 0.19 only", row=row, field="gamma")


def _list_classes(edit: TableEdit) -> None:
    # multiclass.py of 0.17, OneVsRestClassifier.
    if edit.has("label_binarizer_") and not edit.has("classes_"):
        found = [related(edit, value) for value in edit.values("label_binarizer_")]
        if all(own is not None for own in found):
            edit.put("classes_", [own[1].value("classes_", own[2]) for own in found if own is not None])


def _confident_otherwise(edit: TableEdit) -> None:
    # utils/multiclass.py of 0.20, _ovr_decision_function: what it added to votes depended on all rows of the input.
    if edit.has("pairwise_indices_") or edit.has("estimators_"):
        for row, value in enumerate(edit.values("classes_")):
            if (length_of(edit, value) or 0) > 2:
                raise edit.no_way(
                    "scores of one-versus-one classifiers depend on the rows beside since before scikit-learn 0.21",
                    row=row,
                )


def _decide_otherwise(edit: TableEdit) -> None:
    # svm/base.py of 0.20, decision_function: the same.
    if edit.has("support_"):
        for row, how in enumerate(edit.values("decision_function_shape")):
            if how == "ovr" and (length_of(edit, edit.value("classes_", row)) or 0) > 2:
                raise edit.no_way(
                    "scores of decision_function_shape='ovr' for more than two classes are computed in another way "
                    "since scikit-learn 0.21",
                    row=row,
                )


def _forget_distribution(edit: TableEdit) -> None:
    # linear_model/_glm/glm.py of 1.0: the family and the link stood there as objects.
    if edit.has("coef_") and (edit.has("_family_instance") or edit.has("_link_instance")):
        edit.put("_base_loss", [_loss_of_family(edit, row) for row in range(edit.rows)])
    edit.drop("_family_instance", "_link_instance")


def _loss_of_family(edit: TableEdit, row: int) -> Value:
    name = edit.name.rpartition(".")[2]
    if name == "PoissonRegressor":
        return edit.new_object("sklearn.loss.HalfPoissonLoss", {"constant_hessian": False})
    if name == "GammaRegressor":
        return edit.new_object("sklearn.loss.HalfGammaLoss", {"constant_hessian": False})
    power = plain_number(edit.value("power", row))
    link = edit.value("link", row)
    if link not in ("auto", "identity", "log") or type(power) not in (int, float):
        raise edit.no_way("the link is no word", row=row, field="link")
    is_identity = link == "identity" or (link == "auto" and power <= 0)
    kind = "HalfTweedieLossIdentity" if is_identity else "HalfTweedieLoss"
    return edit.new_object(f"sklearn.loss.{kind}", {"constant_hessian": False, "power": power})


def _columns_by_name(edit: TableEdit) -> None:
    # compose/_column_transformer.py of 0.24: names of the columns that it was fitted on.
    is_named = edit.has("_feature_names_in") and None not in edit.values("_feature_names_in")
    if is_named and not edit.has("feature_names_in_"):
        edit.copy("feature_names_in_", "_feature_names_in")
    edit.drop("_feature_names_in", "_df_columns", "_has_str_cols")
    if edit.has("transformers_") and not edit.has("_transformer_to_input_indices"):
        edit.put("_transformer_to_input_indices", [_places_of_columns(edit, row) for row in range(edit.rows)])
    if edit.has("transformers_") and not edit.has("output_indices_"):
        edit.put("output_indices_", [edit.new_dictionary({}) for _ in range(edit.rows)])


def _places_of_columns(edit: TableEdit, row: int) -> Value:
    names = items_of(edit, edit.value("feature_names_in_", row)) or []
    width = plain_number(edit.value("n_features_in_", row))
    keys: list[str] = []
    values: list[Value] = []
    for step in items_of(edit, edit.value("transformers_", row)) or ():
        parts = items_of(edit, step) or []
        if len(parts) != 3 or type(parts[0]) is not str or type(width) is not int:
            raise edit.no_way("the columns of a transformer are not known", row=row, field="transformers_")
        places = _places(edit, parts[2], names, width)
        if places is None:
            raise edit.no_way(
                "the columns of a transformer are given in a way that is not known", row=row, field="transformers_"
            )
        keys.append(parts[0])
        values.append(edit.new_sequence("list", list(places)))
    return edit.new_dictionary(dict(zip(keys, values, strict=True)))


def _places(edit: TableEdit, columns: Value, names: list[Value], width: int) -> list[int] | None:
    """Give the places of some columns: names, numbers or truth values; None where they are said in another way."""
    array = edit.array(columns)
    listed = array.tolist() if array is not None else items_of(edit, columns)
    if listed is None:
        listed = [columns]
    listed = [plain_number(item) for item in listed]
    if all(type(item) is bool for item in listed) and len(listed) == width:
        return [place for place, is_chosen in enumerate(listed) if is_chosen]
    if all(type(item) is int and -width <= item < width for item in listed):
        return [item % width for item in listed]
    if all(type(item) is str and item in names for item in listed):
        return [names.index(item) for item in listed]
    return None


def _shares_by_softmax(edit: TableEdit) -> None:
    # discriminant_analysis.py of 0.21: each class alone, then divided by their sum.
    if edit.has("coef_"):
        for row, value in enumerate(edit.values("classes_")):
            if (length_of(edit, value) or 0) > 2:
                raise edit.no_way(
                    "probabilities of linear discriminants for more than two classes are computed in another way since "
                    "scikit-learn 0.22",
                    row=row,
                )


def _norm_of_signs(edit: TableEdit) -> None:
    # preprocessing/data.py: the greatest number, not the greatest absolute one.
    for row, norm in enumerate(edit.values("norm")):
        if norm == "max":
            raise edit.no_way("norm='max' regards no signs since scikit-learn 0.24", row=row, field="norm")


def _of_callable(edit: TableEdit) -> None:
    # kernel_approximation.py of 0.19: no parameters beside a kernel that takes none.
    if edit.has("kernel"):
        is_named = [type(kernel) is str and kernel != "precomputed" for kernel in edit.values("kernel")]
        for field, default in (("gamma", None), ("coef0", 1), ("degree", 3)):
            values = zip(edit.values(field), is_named, strict=True)
            edit.put(field, [own if named or own != default else None for own, named in values])


def _hide_dictionary(edit: TableEdit) -> None:
    # decomposition/_dict_learning.py of 0.23, SparseCoder.
    edit.rename("components_", "dictionary")


def _forget_empty(edit: TableEdit) -> None:
    # ensemble/base.py of 0.19: unfitted ensembles held an empty list.
    if edit.has("estimators_") and all(items_of(edit, value) == [] for value in edit.values("estimators_")):
        edit.drop("estimators_")


def _count_support(edit: TableEdit) -> None:
    # svm/src/libsvm: counts of regression were what stood in memory; nothing reads them.
    if edit.has("_n_support", "support_"):
        counts = [len(array) if array is not None else 0 for array in edit.arrays("support_")]
        edit.put("_n_support", [edit.new_array(np.array([count, count], dtype=np.int32)) for count in counts])


_LINEAR = "sklearn.linear_model."
_ENSEMBLE = "sklearn.ensemble."
_ENSEMBLES = " ".join(
    f"{_ENSEMBLE}{name}"
    for name in (
        *("AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor", "ExtraTreesClassifier"),
        *("ExtraTreesRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor", "RandomForestClassifier"),
        "RandomForestRegressor",
    )
)
_REGRESSIONS = "sklearn.svm.NuSVR sklearn.svm.OneClassSVM sklearn.svm.SVR"
_CROSS = "sklearn.cross_decomposition."

CHANGES: dict[str, tuple[Change, ...]] = {
    f"{_CROSS}CCA {_CROSS}PLSCanonical {_CROSS}PLSRegression": (upward("1.1", _turn_coefficients),),
    "sklearn.impute.SimpleImputer": (upward("0.24", _know_nothing_of_missing), upward("1.1", _remember_dtype)),
    "sklearn.feature_extraction.text.TfidfVectorizer": (upward("1.0", _count_words),),
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis": (upward("0.22", _shares_by_softmax),),
    "sklearn.kernel_ridge.KernelRidge sklearn.decomposition.KernelPCA sklearn.kernel_approximation.Nystroem": (
        upward("0.19", _refuse_free_kernel),
    ),
    "sklearn.multiclass.OneVsRestClassifier": (upward("0.18", _list_classes),),
    "sklearn.multiclass.OneVsOneClassifier": (
        upward("0.18", attribute_added("0.18", "pairwise_indices_", None, beside="estimators_").up),
        upward("0.21", _confident_otherwise),
    ),
    "sklearn.svm.NuSVC sklearn.svm.SVC": (upward("0.21", _decide_otherwise),),
    f"{_LINEAR}GammaRegressor {_LINEAR}PoissonRegressor {_LINEAR}TweedieRegressor": (
        upward("1.1", _forget_distribution),
    ),
    "sklearn.preprocessing.PolynomialFeatures": (upward("1.0", _count_powers),),
    "sklearn.impute.MissingIndicator": (upward("0.24", _precompute_nothing),),
    "sklearn.impute.IterativeImputer sklearn.impute.KNNImputer sklearn.impute.SimpleImputer": (
        upward("0.24", _ask_with_mask),
    ),
    "sklearn.impute.KNNImputer": (upward("1.1", _know_valid),),
    "sklearn.impute.IterativeImputer": (upward("0.24", _bounds_for_each),),
    "sklearn.compose.ColumnTransformer": (upward("1.0", _columns_by_name),),
    f"{_LINEAR}ARDRegression {_LINEAR}BayesianRidge": (upward("1.2", _center_deviations),),
    "sklearn.preprocessing.Normalizer": (upward("0.24", _norm_of_signs),),
    "sklearn.kernel_approximation.Nystroem": (upward("0.19", _of_callable),),
    "sklearn.decomposition.SparseCoder": (upward("0.24", _hide_dictionary),),
    _REGRESSIONS: (upward("0.23", _count_support),),
    "sklearn.decomposition.KernelPCA": (upward("1.0", renaming(lambdas_="eigenvalues_", alphas_="eigenvectors_")),),
    "sklearn.cluster.KMeans sklearn.cluster.MiniBatchKMeans": (
        upward("0.23", attribute_added("0.23", "_n_threads", 1, beside="cluster_centers_").up),
    ),
    "sklearn.calibration._CalibratedClassifier": (upward("1.2", renaming(base_estimator="estimator")),),
    "sklearn.ensemble.StackingClassifier": (upward("1.2", renaming(_le="_label_encoder")),),
    "sklearn.neighbors.KernelDensity": (
        upward(
            "1.2",
            attribute_added("1.2", "bandwidth_", lambda edit, row: edit.value("bandwidth", row), beside="tree_").up,
        ),
    ),
    "sklearn.gaussian_process.GaussianProcessRegressor": (
        upward("0.19", renaming(y_train_mean="_y_train_mean")),
        upward("0.20", renaming(y_train_mean="_y_train_mean")),
    ),
    f"{_ENSEMBLES} {_ENSEMBLE}IsolationForest {_ENSEMBLE}RandomTreesEmbedding": (upward("0.20", _forget_empty),),
    f"{_ENSEMBLE}IsolationForest {_ENSEMBLE}RandomTreesEmbedding": (
        upward("1.0", _name_width),
        upward("1.2", renaming(base_estimator="estimator", base_estimator_="estimator_")),
        upward("1.2", dropping("n_features_", "min_impurity_split")),
    ),
}
