"""How wide the input of a model of before 0.24 was: its fitted arrays tell, `n_features_in_` did not exist.

Where no array of a model tells, it has no `n_features_in_` afterwards either: the library then compares nothing.
"""

from __future__ import annotations

from hermetic.codecs.field_checks import shape_of
from hermetic.codecs.history import Change, upward
from hermetic.codecs.related import items_of, plain_number, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value

__all__ = ["CHANGES"]

_WIDTH = "n_features_in_"
_LAST: dict[str, str] = {
    "cluster": (
        "AffinityPropagation:cluster_centers_ Birch:subcluster_centers_ DBSCAN:components_ KMeans:cluster_centers_ "
        "MeanShift:cluster_centers_ MiniBatchKMeans:cluster_centers_"
    ),
    "covariance": (
        "EllipticEnvelope:location_ EmpiricalCovariance:location_ GraphicalLasso:location_ GraphicalLassoCV:location_ "
        "LedoitWolf:location_ MinCovDet:location_ OAS:location_ ShrunkCovariance:location_"
    ),
    "cross_decomposition": "CCA:_x_mean PLSCanonical:_x_mean PLSRegression:_x_mean PLSSVD:_x_mean",
    "decomposition": (
        "DictionaryLearning:components_ FactorAnalysis:components_ FastICA:components_ IncrementalPCA:components_ "
        "KernelPCA:X_fit_ LatentDirichletAllocation:components_ MiniBatchDictionaryLearning:components_ "
        "MiniBatchSparsePCA:components_ NMF:components_ PCA:components_ SparsePCA:components_ TruncatedSVD:components_"
    ),
    "discriminant_analysis": "LinearDiscriminantAnalysis:coef_ QuadraticDiscriminantAnalysis:means_",
    "feature_selection": (
        "GenericUnivariateSelect:scores_ RFE:support_ RFECV:support_ SelectFdr:scores_ SelectFpr:scores_ "
        "SelectFwe:scores_ SelectKBest:scores_ SelectPercentile:scores_ VarianceThreshold:variances_"
    ),
    "gaussian_process": "GaussianProcessRegressor:X_train_",
    "impute": "SimpleImputer:statistics_ KNNImputer:_fit_X",
    "kernel_approximation": "Nystroem:components_",
    "kernel_ridge": "KernelRidge:X_fit_",
    "linear_model": " ".join(
        f"{name}:coef_"
        for name in (
            *("ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "GammaRegressor", "HuberRegressor"),
            *("Lars", "LarsCV", "Lasso", "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "LinearRegression"),
            *("LogisticRegression", "LogisticRegressionCV", "MultiTaskElasticNet", "MultiTaskElasticNetCV"),
            *("MultiTaskLasso", "MultiTaskLassoCV", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV"),
            *("PassiveAggressiveClassifier", "PassiveAggressiveRegressor", "Perceptron", "PoissonRegressor", "Ridge"),
            *("RidgeCV", "RidgeClassifier", "RidgeClassifierCV", "SGDClassifier", "SGDRegressor"),
            *("TheilSenRegressor", "TweedieRegressor"),
        )
    ),
    "manifold": "Isomap:training_data_",
    "mixture": "BayesianGaussianMixture:means_ GaussianMixture:means_",
    "naive_bayes": (
        "BernoulliNB:feature_count_ ComplementNB:feature_count_ GaussianNB:theta_ MultinomialNB:feature_count_"
    ),
    "neighbors": (
        "KNeighborsClassifier:_fit_X KNeighborsRegressor:_fit_X KNeighborsTransformer:_fit_X LocalOutlierFactor:_fit_X "
        "NearestCentroid:centroids_ NearestNeighbors:_fit_X NeighborhoodComponentsAnalysis:components_ "
        "RadiusNeighborsClassifier:_fit_X RadiusNeighborsRegressor:_fit_X RadiusNeighborsTransformer:_fit_X"
    ),
    "neural_network": "BernoulliRBM:components_",
    "preprocessing": (
        "KBinsDiscretizer:n_bins_ KernelCenterer:K_fit_rows_ MaxAbsScaler:scale_ MinMaxScaler:scale_ "
        "PowerTransformer:lambdas_ QuantileTransformer:quantiles_"
    ),
    "random_projection": "GaussianRandomProjection:components_ SparseRandomProjection:components_",
    "semi_supervised": "LabelPropagation:X_ LabelSpreading:X_",
    "svm": "LinearSVC:coef_ LinearSVR:coef_",
}
_FIRST = "kernel_approximation.RBFSampler:random_weights_ kernel_approximation.SkewedChi2Sampler:random_weights_"
_COUNTED = (
    "compose.ColumnTransformer:_n_features ensemble.BaggingClassifier:n_features_ "
    "ensemble.BaggingRegressor:n_features_ "
    "ensemble.HistGradientBoostingClassifier:n_features_ ensemble.HistGradientBoostingRegressor:n_features_ "
    "naive_bayes.CategoricalNB:n_features_ preprocessing.PolynomialFeatures:n_input_features_"
)
_LISTED = "preprocessing.OneHotEncoder:categories_ preprocessing.OrdinalEncoder:categories_"
_SCALERS = {"RobustScaler": ("scale_", "center_"), "StandardScaler": ("var_", "mean_")}


def _from_shape(field: str, axis: int) -> Change:
    def add(edit: TableEdit) -> None:
        if edit.has(field) and not edit.has(_WIDTH):
            shapes = [_shape(edit, value) for value in edit.values(field)]
            if all(shapes):
                edit.put(_WIDTH, [shape[axis] for shape in shapes])

    return upward("0.24", add)


def _shape(edit: TableEdit, value: Value) -> tuple[int, ...]:
    array = edit.array(value)
    if array is not None:
        return tuple(array.shape)
    found = related(edit, value)
    if found is not None and found[0].startswith("scipy.sparse."):
        return tuple(shape_of(found[1].value("shape", found[2])) or ())
    return ()


def _from_fit(edit: TableEdit) -> None:
    # svm/_base.py: the shape of the data is kept as a tuple.
    if edit.has("shape_fit_") and not edit.has(_WIDTH):
        shapes = [shape_of(value) or (0, 0) for value in edit.values("shape_fit_")]
        edit.put(_WIDTH, [shape[-1] for shape in shapes])


def _from_number(field: str) -> Change:
    def add(edit: TableEdit) -> None:
        if edit.has(field) and not edit.has(_WIDTH):
            edit.put(_WIDTH, [plain_number(value) for value in edit.values(field)])

    return upward("0.24", add)


def _from_length(field: str) -> Change:
    def add(edit: TableEdit) -> None:
        if edit.has(field) and not edit.has(_WIDTH):
            edit.put(_WIDTH, [len(items_of(edit, value) or ()) for value in edit.values(field)])

    return upward("0.24", add)


def _from_first_weights(edit: TableEdit) -> None:
    # neural_network/_multilayer_perceptron.py: one matrix for each layer.
    if edit.has("coefs_") and not edit.has(_WIDTH):
        layers = [items_of(edit, value) or [None] for value in edit.values("coefs_")]
        shapes = [_shape(edit, own[0]) for own in layers]
        if all(shapes):
            edit.put(_WIDTH, [shape[0] for shape in shapes])


def _from_member(edit: TableEdit) -> None:
    # ensemble/_weight_boosting.py, multiclass.py and others: what their members take.
    if edit.has("estimators_") and not edit.has(_WIDTH):
        widths = []
        for value in edit.values("estimators_"):
            members = items_of(edit, value) or [None]
            found = related(edit, members[0])
            widths.append(_width_within(found) if found is not None else None)
        if all(type(width) is int for width in widths):
            edit.put(_WIDTH, widths)


def _width_within(found: tuple[str, TableEdit, int] | tuple[str, object, int]) -> Value:
    _, table, row = found
    for field in (_WIDTH, "n_features_"):
        width = plain_number(table.value(field, row))  # type: ignore[attr-defined]
        if type(width) is int:
            return width
    return None


def _by_class() -> dict[str, tuple[Change, ...]]:
    found: dict[str, tuple[Change, ...]] = {
        f"sklearn.{module}.{pair.partition(':')[0]}": (_from_shape(pair.partition(":")[2], -1),)
        for module, pairs in _LAST.items()
        for pair in pairs.split()
    }
    for pairs, make in ((_COUNTED, _from_number), (_LISTED, _from_length)):
        for pair in pairs.split():
            name, _, field = pair.partition(":")
            found[f"sklearn.{name}"] = (make(field),)
    for pair in _FIRST.split():
        name, _, field = pair.partition(":")
        found[f"sklearn.{name}"] = (_from_shape(field, 0),)
    for name, fields in _SCALERS.items():
        found[f"sklearn.preprocessing.{name}"] = tuple(_from_shape(field, -1) for field in fields)
    return found


CHANGES: dict[str, tuple[Change, ...]] = {
    **_by_class(),
    "sklearn.svm.NuSVC sklearn.svm.NuSVR sklearn.svm.OneClassSVM sklearn.svm.SVC sklearn.svm.SVR": (
        upward("0.24", _from_fit),
    ),
    "sklearn.neural_network.MLPClassifier sklearn.neural_network.MLPRegressor": (upward("0.24", _from_first_weights),),
    "sklearn.ensemble.AdaBoostClassifier sklearn.ensemble.AdaBoostRegressor": (upward("0.24", _from_member),),
}
