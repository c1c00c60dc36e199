"""Encoders, scalers, imputers, discretizers, feature construction and selection."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_regression,
    mutual_info_classif,
)
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import BayesianRidge
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    MultiLabelBinarizer,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_preprocessing"]

_ENABLED = enable_iterative_imputer  # its import is what makes IterativeImputer importable

_unknown = np.array([["Oslo", "red"], ["Paris", "blue"]], dtype=object)
_mixed = np.array([["a", 1.5], ["b", None], [None, 2.5], ["a", np.nan]] * 5, dtype=object)
_MIXED = data.Training(X=_mixed, inputs={"X": _mixed[:4]})
_ENCODED = data.STRINGS.with_inputs(X=np.concatenate([data.STRINGS.X[:6], _unknown]))
_CITY_FRAME = data.Training(
    X=data.FRAME.X[["city", "colour"]],
    y=data.FRAME.y,
    inputs={"X": data.FRAME.X[["city", "colour"]][:8]},
    tags=data.FRAME.tags,
)
_NUMBER_FRAME = data.Training(
    X=data.FRAME.X[["age", "income"]],
    y=data.FRAME.y,
    inputs={"X": data.FRAME.X[["age", "income"]][:8]},
    tags=data.FRAME.tags,
)


def configurations_preprocessing() -> list[Case]:
    """Give the configurations of transformers that prepare features.

    Examples
    --------
    >>> len(configurations_preprocessing()) > 70
    True
    """
    return [*_encoders(), *_targets(), *_imputers(), *_scalers(), *_constructed(), *_selected(), *_pandas_output()]


def _encoders() -> Iterator[Case]:
    strings = data.STRINGS
    yield from sweep(OneHotEncoder, "drop", ["first", "if_binary"], strings)
    yield from sweep(OneHotEncoder, "dtype", [np.float32, np.int64, bool], strings, sparse_output=False)
    yield from sweep(OneHotEncoder, "handle_unknown", ["ignore", "warn"], _ENCODED, min_frequency=12)
    yield fitted("one-hot-infrequent", OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3), _ENCODED)
    yield fitted("one-hot-infrequent-fraction", OneHotEncoder(min_frequency=0.3, drop="first"), strings)
    yield fitted("one-hot-drop-array", OneHotEncoder(drop=np.array(["Oslo", "red"], dtype=object)), strings)
    given = [np.unique(data.STRINGS.X[:, 0]).tolist(), ["red", "green", "blue", "pink"]]
    yield fitted("one-hot-given-categories", OneHotEncoder(categories=given), strings)
    yield fitted("one-hot-mixed-missing", OneHotEncoder(handle_unknown="ignore"), _mixed_column(0))
    yield fitted("one-hot-numbers", OneHotEncoder(sparse_output=False), data.INTEGERS)
    yield fitted("one-hot-frame", OneHotEncoder(feature_name_combiner="concat"), _CITY_FRAME)
    yield fitted("one-hot-unicode", OneHotEncoder(), _as_unicode())
    unknown = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    yield fitted("ordinal-unknown", unknown, _ENCODED)
    not_a_number = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=3)
    yield fitted("ordinal-unknown-nan", not_a_number, _ENCODED)
    yield fitted("ordinal-missing", OrdinalEncoder(), _mixed_column(0))
    yield fitted("ordinal-int", OrdinalEncoder(dtype=np.int32), _CITY_FRAME)
    yield fitted("ordinal-numbers-missing", OrdinalEncoder(), data.MISSING.without_target())
    yield fitted(
        "target-encoder-regression",
        TargetEncoder(target_type="continuous", smooth=2.0),
        _with_target(data.REGRESSION.y),
    )
    yield fitted("target-encoder-multiclass", TargetEncoder(random_state=0), _with_target(data.STRING_LABELS.y))
    given_target = TargetEncoder(categories=[["Oslo", "Bergen", "Tromsø", "Ålesund", "Bodø"], ["red", "green", "blue"]])
    yield fitted("target-encoder-categories", given_target, strings)


def _targets() -> Iterator[Case]:
    words, numbers = data.STRING_LABELS.y, data.CLASSIFICATION.y
    two_words = np.where(data.BINARY.y == 1, "yes", "no")
    for name, labels in {"words": words, "numbers": numbers, "two": two_words, "bool": data.BINARY.y == 1}.items():
        training = data.Training(X=labels, inputs={"X": labels[:9]})
        yield fitted(f"label-encoder-{name}", LabelEncoder(), training)
        yield fitted(f"label-binarizer-{name}", LabelBinarizer(neg_label=-1, pos_label=2), training)
    sparse = data.Training(X=words, inputs={"X": words[:9]})
    yield fitted("label-binarizer-sparse", LabelBinarizer(sparse_output=True), sparse)
    sets = [("red", "blue"), ("green",), ()] * 3
    training = data.Training(X=sets, inputs={"X": sets[:3]})
    yield fitted(
        "label-sets-classes", MultiLabelBinarizer(classes=["blue", "green", "red"], sparse_output=True), training
    )
    numbered = data.Training(X=[(1, 2), (3,), ()], inputs={"X": [(1,), (2, 3)]})
    yield fitted("label-sets-numbers", MultiLabelBinarizer(), numbered)


def _imputers() -> Iterator[Case]:
    yield from sweep(SimpleImputer, "strategy", ["mean", "median", "most_frequent"], data.MISSING.without_target())
    yield fitted(
        "imputer-constant", SimpleImputer(strategy="constant", fill_value=-1.0, add_indicator=True), data.MISSING
    )
    yield fitted("imputer-strings", SimpleImputer(missing_values=None, strategy="most_frequent"), _mixed_column(0))
    yield fitted(
        "imputer-string-constant",
        SimpleImputer(missing_values=None, strategy="constant", fill_value="?"),
        _mixed_column(0),
    )
    yield fitted("imputer-minus-one", SimpleImputer(missing_values=-1, keep_empty_features=True), data.INTEGERS)
    yield fitted("imputer-function", SimpleImputer(strategy=np.max), data.MISSING)
    yield fitted("imputer-neighbours", KNNImputer(weights="distance", n_neighbors=3, add_indicator=True), data.MISSING)
    iterative: dict[str, Any] = {"max_iter": 2, "random_state": 0, "n_nearest_features": 2}
    yield fitted(
        "imputer-iterative", IterativeImputer(BayesianRidge(), sample_posterior=True, **iterative), data.MISSING
    )
    forest = RandomForestRegressor(n_estimators=2, max_depth=2, random_state=0)
    yield fitted(
        "imputer-iterative-forest",
        IterativeImputer(forest, min_value=-1, max_value=[1, 2, 3, 4], **iterative),
        data.MISSING,
    )
    yield fitted("imputer-frame", SimpleImputer(), _NUMBER_FRAME)
    yield fitted("missing-indicator-all", MissingIndicator(features="all", sparse=True), data.MISSING)


def _scalers() -> Iterator[Case]:
    yield fitted("scaler-no-mean-sparse", StandardScaler(with_mean=False), data.SPARSE.without_target())
    yield fitted("scaler-missing", StandardScaler(), data.MISSING.without_target())
    yield fitted("scaler-float32", StandardScaler(), data.FLOAT32)
    yield fitted("scaler-frame", StandardScaler(), _NUMBER_FRAME)
    yield fitted("scaler-range", MinMaxScaler(feature_range=(-1, 1), clip=True), data.CLUSTERS)
    yield fitted("scaler-largest-sparse", MaxAbsScaler(), data.SPARSE.without_target())
    yield fitted("scaler-robust", RobustScaler(quantile_range=(10.0, 90.0), unit_variance=True), data.CLUSTERS)
    yield from sweep(Normalizer, "norm", ["l1", "l2", "max"], data.CLUSTERS)
    yield fitted("binarizer", Binarizer(threshold=0.3), data.CLUSTERS)
    yield from sweep(PowerTransformer, "method", ["box-cox", "yeo-johnson"], data.POSITIVE, standardize=False)
    yield from sweep(QuantileTransformer, "output_distribution", ["uniform", "normal"], data.CLUSTERS, n_quantiles=10)
    sparse_quantiles = QuantileTransformer(n_quantiles=9, ignore_implicit_zeros=True, subsample=50, random_state=0)
    yield fitted("quantiles-sparse", sparse_quantiles, data.SPARSE.without_target())
    yield _partly_fitted("scaler-partial-fit", StandardScaler())


def _constructed() -> Iterator[Case]:
    for encode in ("onehot", "onehot-dense", "ordinal"):
        for strategy in ("uniform", "quantile", "kmeans"):
            bins = KBinsDiscretizer(
                n_bins=4, encode=encode, strategy=strategy, random_state=0, quantile_method="linear"
            )
            yield fitted(f"bins-{encode}-{strategy}", bins, data.CLUSTERS)
    yield fitted("bins-each", KBinsDiscretizer(n_bins=[2, 3, 4, 5], dtype=np.float32), data.CLUSTERS)
    yield from sweep(PolynomialFeatures, "degree", [3, (2, 3)], data.CLUSTERS, interaction_only=False)
    yield fitted(
        "polynomial-interactions",
        PolynomialFeatures(interaction_only=True, include_bias=False, order="F"),
        data.CLUSTERS,
    )
    yield fitted("polynomial-sparse", PolynomialFeatures(), data.SPARSE.without_target())
    extrapolations = ["constant", "linear", "continue", "periodic", "error"]
    yield from sweep(SplineTransformer, "extrapolation", extrapolations, data.CLUSTERS, n_knots=4)
    knots = np.linspace(-6, 6, 5)[:, None] * np.ones((1, 4))
    yield fitted(
        "spline-given-knots", SplineTransformer(knots=knots, degree=2, include_bias=False, order="F"), data.CLUSTERS
    )
    yield fitted("spline-quantile-sparse", SplineTransformer(knots="quantile", sparse_output=True), data.CLUSTERS)
    yield fitted("function-logarithm", FunctionTransformer(np.log1p, np.expm1, validate=True), data.POSITIVE)
    names = FunctionTransformer(np.round, kw_args={"decimals": 1}, feature_names_out="one-to-one")
    yield fitted("function-arguments", names, _NUMBER_FRAME)


def _selected() -> Iterator[Case]:
    yield fitted("select-chi2", SelectKBest(chi2, k=2), data.COUNTS)
    yield fitted("select-regression", SelectPercentile(f_regression, percentile=50), data.REGRESSION)
    yield fitted("select-information", SelectKBest(mutual_info_classif, k=1), data.CLASSIFICATION)
    modes = ["percentile", "k_best", "fpr", "fdr", "fwe"]
    yield from sweep(GenericUnivariateSelect, "mode", modes, data.CLASSIFICATION, param=1)
    yield fitted("select-variance", VarianceThreshold(0.5), _NUMBER_FRAME)


def _pandas_output() -> Iterator[Case]:
    encoder = OneHotEncoder(sparse_output=False).set_output(transform="pandas")
    yield fitted("pandas-output-one-hot", encoder, _CITY_FRAME)
    yield fitted("pandas-output-ordinal", OrdinalEncoder().set_output(transform="pandas"), _CITY_FRAME)
    yield fitted("pandas-output-scaler", StandardScaler().set_output(transform="pandas"), _NUMBER_FRAME)
    yield fitted("default-output-scaler", StandardScaler().set_output(transform="default"), _NUMBER_FRAME)


def _mixed_column(number: int) -> data.Training:
    column = _mixed[:, [number]]
    return data.Training(X=column, inputs={"X": column[:4]})


def _with_target(target: Any) -> data.Training:
    return data.Training(X=data.STRINGS.X, y=target, inputs=_ENCODED.inputs)


def _as_unicode() -> data.Training:
    strings = data.STRINGS.X.astype(str)
    frame = pandas.DataFrame(strings, columns=["city", "colour"])
    return data.Training(X=frame.to_numpy(dtype=str), inputs={"X": strings[:8]})


def _partly_fitted(name: str, estimator: Any) -> Case:
    def build() -> Any:
        model = copy.deepcopy(estimator)
        for part in np.array_split(data.CLUSTERS.X, 4):
            model.partial_fit(part)
        return model

    return Case(name=name, build=build, inputs=data.CLUSTERS.inputs)
