"""Parameters of the constructors of scikit-learn 0.17 to 1.2, class by class: which came, which went.

As in `parameters.py`, a parameter that came stands with the value that does what the class did before. What a removed
parameter still tells about a fitted model stands beside the other changes of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hermetic.codecs.history import Change, upward
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value

__all__ = ["changes"]

_INFINITY = {"float": "inf"}
_TREES = (
    "ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.RandomForestClassifier "
    "ensemble.RandomForestRegressor tree.DecisionTreeClassifier tree.DecisionTreeRegressor tree.ExtraTreeClassifier "
    "tree.ExtraTreeRegressor"
)
_FORESTS = (
    "ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.RandomForestClassifier "
    "ensemble.RandomForestRegressor"
)
_BOOSTING = "ensemble.GradientBoostingClassifier ensemble.GradientBoostingRegressor"
_HISTOGRAM = "ensemble.HistGradientBoostingClassifier ensemble.HistGradientBoostingRegressor"
_ONLINE = (
    "linear_model.PassiveAggressiveClassifier linear_model.PassiveAggressiveRegressor linear_model.Perceptron "
    "linear_model.SGDClassifier linear_model.SGDRegressor"
)
_SEARCHES = "model_selection.GridSearchCV model_selection.RandomizedSearchCV"
_NETWORKS = "neural_network.MLPClassifier neural_network.MLPRegressor"
_CODING = "decomposition.DictionaryLearning decomposition.MiniBatchDictionaryLearning"
_CLUSTERS = "cluster.AgglomerativeClustering cluster.FeatureAgglomeration"
_NORMALIZED = " ".join(
    f"linear_model.{name}"
    for name in (
        *("ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "Lasso", "LassoCV", "LinearRegression"),
        *("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV", "Ridge", "RidgeCV"),
        *("RidgeClassifier", "RidgeClassifierCV"),
    )
)
_ADDED: dict[str, dict[str, dict[str, Value]]] = {
    "0.18": {
        "cluster.KMeans": {"algorithm": "auto"},
        "decomposition.KernelPCA": {"copy_X": True, "random_state": None},
        _BOOSTING: {"criterion": "friedman_mse"},
        "preprocessing.FunctionTransformer": {"inverse_func": None, "kw_args": None, "inv_kw_args": None},
        "decomposition.PCA": {"iterated_power": "auto", "random_state": None, "svd_solver": "auto", "tol": 0.0},
        "linear_model.RANSACRegressor": {"loss": "absolute_loss"},
        "cluster.DBSCAN manifold.Isomap decomposition.KernelPCA semi_supervised.LabelPropagation "
        "semi_supervised.LabelSpreading manifold.LocallyLinearEmbedding feature_selection.RFECV "
        "cluster.SpectralClustering manifold.SpectralEmbedding ensemble.VotingClassifier": {"n_jobs": 1},
        "naive_bayes.GaussianNB": {"priors": None},
        "preprocessing.RobustScaler": {"quantile_range": {"tuple": [25.0, 75.0]}},
        _SEARCHES: {"return_train_score": True},
    },
    "0.19": {
        "feature_extraction.FeatureHasher feature_extraction.text.HashingVectorizer": {"alternate_sign": True},
        "linear_model.PassiveAggressiveClassifier linear_model.PassiveAggressiveRegressor": {"average": False},
        "decomposition.NMF": {"beta_loss": "frobenius"},
        "ensemble.VotingClassifier": {"flatten_transform": False},
        _ONLINE: {"max_iter": None, "tol": None},
        "linear_model.RANSACRegressor": {"max_skips": _INFINITY},
        "pipeline.Pipeline": {"memory": None},
        "cluster.DBSCAN": {"metric_params": None},
        f"{_TREES} {_BOOSTING} ensemble.RandomTreesEmbedding": {"min_impurity_decrease": 0.0},
        "feature_selection.SelectFromModel": {"norm_order": 1},
        "discriminant_analysis.QuadraticDiscriminantAnalysis": {"store_covariance": False},
    },
    "0.20": {
        "preprocessing.FunctionTransformer": {"check_inverse": True},
        _ONLINE: {"early_stopping": False, "n_iter_no_change": 5, "validation_fraction": 0.1},
        "feature_selection.SelectFromModel": {"max_features": None},
        "feature_selection.RFECV": {"min_features_to_select": 1},
        _NETWORKS: {"n_iter_no_change": 10},
        _BOOSTING: {"n_iter_no_change": None, "tol": 1e-4, "validation_fraction": 0.1},
        "neighbors.RadiusNeighborsClassifier neighbors.RadiusNeighborsRegressor": {"n_jobs": 1},
        "neighbors.LocalOutlierFactor": {"novelty": False},
        f"{_CODING} decomposition.SparseCoder": {"positive_code": False},
        _CODING: {"positive_dict": False},
        "linear_model.RidgeClassifierCV": {"store_cv_values": False},
        "naive_bayes.GaussianNB": {"var_smoothing": 1e-9},
    },
    "0.21": {
        "impute.SimpleImputer": {"add_indicator": False},
        _CLUSTERS: {"distance_threshold": None},
        "preprocessing.OneHotEncoder": {"drop": None},
        "linear_model.LogisticRegression": {"l1_ratio": None},
        "linear_model.LogisticRegressionCV": {"l1_ratios": None},
        "preprocessing.PolynomialFeatures": {"order": "C"},
        "compose.ColumnTransformer pipeline.FeatureUnion pipeline.Pipeline": {"verbose": False},
        "ensemble.IsolationForest": {"warm_start": False},
    },
    "0.22": {
        "linear_model.BayesianRidge": {"alpha_init": None, "lambda_init": None},
        "svm.NuSVC svm.SVC": {"break_ties": False},
        f"{_TREES} {_BOOSTING}": {"ccp_alpha": 0.0},
        _NETWORKS: {"max_fun": 15000},
        "cluster.MeanShift": {"max_iter": 300},
        _FORESTS: {"max_samples": None},
        "manifold.Isomap": {"metric": "minkowski", "metric_params": None, "p": 2},
        "cluster.SpectralClustering": {"n_components": None},
        "manifold.TSNE": {"n_jobs": None},
        "impute.IterativeImputer": {"skip_complete": False},
        f"{_CODING} decomposition.SparseCoder": {"transform_max_iter": 1000},
        _HISTOGRAM: {"warm_start": False},
    },
    "0.23": {
        _HISTOGRAM: {"early_stopping": "auto", "monotonic_cst": None},
        "linear_model.Lars linear_model.LassoLars": {"jitter": None, "random_state": None},
        "cluster.AffinityPropagation": {"random_state": 0},
        "ensemble.VotingClassifier ensemble.VotingRegressor": {"verbose": False},
    },
    "0.24": {
        "linear_model.RidgeCV": {"alpha_per_target": False},
        _HISTOGRAM: {"categorical_features": None},
        "preprocessing.MinMaxScaler": {"clip": False},
        _CLUSTERS: {"compute_distances": False},
        "discriminant_analysis.LinearDiscriminantAnalysis": {"covariance_estimator": None},
        "preprocessing.KBinsDiscretizer": {"dtype": None},
        "calibration.CalibratedClassifierCV": {"ensemble": True, "n_jobs": None},
        "preprocessing.OrdinalEncoder": {"handle_unknown": "error", "unknown_value": None},
        "feature_selection.RFE feature_selection.RFECV feature_selection.SelectFromModel": {
            "importance_getter": "auto"
        },
        "linear_model.Perceptron": {"l1_ratio": 0.15},
        "naive_bayes.CategoricalNB": {"min_categories": None},
        "kernel_approximation.Nystroem": {"n_jobs": None},
        "decomposition.FactorAnalysis": {"rotation": None},
        "preprocessing.RobustScaler": {"unit_variance": False},
        "cluster.SpectralClustering": {"verbose": False},
    },
    "1.0": {
        "linear_model.ElasticNet linear_model.Lasso linear_model.LinearRegression linear_model.Ridge "
        "linear_model.RidgeClassifier": {"positive": False},
        "decomposition.NMF": {"alpha_H": "same", "alpha_W": 0.0},
        "decomposition.KernelPCA": {"iterated_power": "auto"},
        "cluster.OPTICS": {"memory": None},
        "linear_model.LassoLarsIC": {"noise_variance": None},
        "compose.ColumnTransformer": {"verbose_feature_names_out": True},
    },
    "1.1": {
        "decomposition.MiniBatchDictionaryLearning": {
            **{"callback": None, "max_iter": None, "max_no_improvement": 10, "tol": 1e-3}
        },
        "random_projection.GaussianRandomProjection random_projection.SparseRandomProjection": {
            "compute_inverse_components": False
        },
        "preprocessing.OrdinalEncoder": {"encoded_missing_value": {"float": "nan"}},
        "linear_model.RANSACRegressor": {"estimator": None},
        "preprocessing.FunctionTransformer": {"feature_names_out": None},
        "preprocessing.OneHotEncoder": {"max_categories": None, "min_frequency": None},
        "manifold.TSNE": {"metric_params": None},
        "decomposition.PCA decomposition.TruncatedSVD": {"n_oversamples": 10, "power_iteration_normalizer": "auto"},
        "ensemble.HistGradientBoostingRegressor": {"quantile": None},
        "manifold.Isomap": {"radius": None},
        "preprocessing.KBinsDiscretizer": {"random_state": None, "subsample": None},
        "feature_selection.SequentialFeatureSelector": {"tol": None},
        "multiclass.OneVsRestClassifier": {"verbose": 0},
    },
    "1.2": {
        "ensemble.HistGradientBoostingClassifier": {"class_weight": None},
        _HISTOGRAM: {"interaction_cst": None},
        "manifold.SpectralEmbedding": {"eigen_tol": "auto"},
        "naive_bayes.BernoulliNB naive_bayes.CategoricalNB naive_bayes.ComplementNB naive_bayes.MultinomialNB": {
            "force_alpha": False
        },
        "impute.IterativeImputer impute.KNNImputer impute.SimpleImputer": {"keep_empty_features": False},
        "decomposition.MiniBatchSparsePCA": {"max_iter": None, "max_no_improvement": 10, "tol": 1e-3},
        "manifold.MDS": {"normalized_stress": False},
        "linear_model.GammaRegressor linear_model.PoissonRegressor linear_model.TweedieRegressor": {"solver": "lbfgs"},
        "multioutput.ClassifierChain multioutput.RegressorChain": {"verbose": False},
        "decomposition.FastICA": {"whiten_solver": "svd"},
    },
}
_REMOVED: dict[str, dict[str, str]] = {
    "0.18": {
        "feature_selection.RFE feature_selection.RFECV": "estimator_params",
        _CLUSTERS: "n_components",
        "cluster.DBSCAN": "random_state",
    },
    "0.19": {"decomposition.NMF": "beta eta nls_max_iter sparseness"},
    "0.20": {"linear_model.RANSACRegressor": "residual_metric"},
    "0.21": {
        "semi_supervised.LabelPropagation": "alpha",
        _SEARCHES: "fit_params",
        "decomposition.LatentDirichletAllocation": "n_topics",
        "discriminant_analysis.QuadraticDiscriminantAnalysis": "store_covariances",
    },
    "0.22": {
        "preprocessing.FunctionTransformer": "pass_y",
        "cluster.AgglomerativeClustering": "pooling_func",
        "linear_model.Lars linear_model.LarsCV": "positive",
        "svm.OneClassSVM": "random_state",
    },
    "0.24": {
        "ensemble.IsolationForest": "behaviour",
        _SEARCHES: "iid",
        "decomposition.MiniBatchSparsePCA decomposition.SparsePCA": "normalize_components",
        "tree.DecisionTreeClassifier tree.DecisionTreeRegressor tree.ExtraTreeClassifier tree.ExtraTreeRegressor "
        f"{_BOOSTING}": "presort",
    },
    "1.0": {
        "cluster.KMeans cluster.SpectralBiclustering cluster.SpectralCoclustering": "n_jobs precompute_distances",
        f"{_TREES} {_BOOSTING} ensemble.RandomTreesEmbedding": "min_impurity_split",
    },
    "1.2": {"decomposition.NMF": "alpha regularization", _NORMALIZED: "normalize"},
}
_VALUES: dict[str, dict[str, dict[str, Mapping[Value, Value]]]] = {
    "0.19": {"svm.NuSVC svm.SVC": {"decision_function_shape": {None: "ovo"}}},
    "0.21": {
        "ensemble.VotingClassifier": {"flatten_transform": {None: False}},
        f"{_SEARCHES}": {"return_train_score": {"warn": True}},
    },
    "0.22": {
        "svm.NuSVC svm.NuSVR svm.OneClassSVM svm.SVC svm.SVR": {"gamma": {"auto_deprecated": "auto"}},
        f"{_FORESTS} ensemble.RandomTreesEmbedding": {"n_estimators": {"warn": 10}},
        "linear_model.LogisticRegression linear_model.LogisticRegressionCV": {
            "solver": {"warn": "liblinear"},
            "multi_class": {"warn": "ovr"},
        },
        "preprocessing.FunctionTransformer": {"validate": {None: True}},
        "calibration.CalibratedClassifierCV covariance.GraphicalLassoCV feature_selection.RFECV "
        "linear_model.ElasticNetCV linear_model.LarsCV linear_model.LassoCV linear_model.LassoLarsCV "
        "linear_model.LogisticRegressionCV linear_model.MultiTaskElasticNetCV linear_model.MultiTaskLassoCV "
        f"linear_model.OrthogonalMatchingPursuitCV {_SEARCHES}": {"cv": {"warn": 3}},
        _SEARCHES: {"error_score": {"raise-deprecating": "raise"}},
    },
    "0.24": {
        "cluster.AffinityPropagation": {"random_state": {"warn": 0}},
        "dummy.DummyClassifier": {"strategy": {"warn": "stratified"}},
        "impute.IterativeImputer": {
            "min_value": {None: {"float": "-inf"}},
            "max_value": {None: _INFINITY},
        },
    },
    "1.1": {"decomposition.NMF": {"init": {"warn": None}}},
    "1.2": {
        "manifold.TSNE": {"init": {"warn": "random"}, "learning_rate": {"warn": 200.0}},
        _HISTOGRAM: {
            "loss": {
                "least_squares": "squared_error",
                "least_absolute_deviation": "absolute_error",
                "auto": "log_loss",
                "binary_crossentropy": "log_loss",
                "categorical_crossentropy": "log_loss",
            }
        },
    },
    "1.3": {
        "cluster.BisectingKMeans cluster.KMeans": {"algorithm": {"auto": "lloyd", "full": "lloyd"}},
        "linear_model.RANSACRegressor": {"loss": {"absolute_loss": "absolute_error", "squared_loss": "squared_error"}},
        "linear_model.SGDClassifier": {"loss": {"log": "log_loss", "squared_loss": "squared_error"}},
        "linear_model.SGDRegressor": {"loss": {"squared_loss": "squared_error"}},
    },
}


def changes() -> dict[str, tuple[Change, ...]]:
    """Give the changes for each class, in the order of their releases.

    Returns
    -------
    dict of str to tuple of Change
        By neutral name.

    Examples
    --------
    >>> [change.release for change in changes()["sklearn.svm.SVC"]]
    ['0.22', '0.19', '0.22']
    """
    found: dict[str, list[Change]] = {}

    def note(names: str, release: str, step: Callable[[TableEdit], None]) -> None:
        for name in names.split():
            found.setdefault(f"sklearn.{name}", []).append(upward(release, step))

    for release, classes in _ADDED.items():
        for names, fields in classes.items():
            note(names, release, _adding(fields))
    for release, removed in _REMOVED.items():
        for names, fields_gone in removed.items():
            note(names, release, _dropping(fields_gone.split()))
    for release, reworded in _VALUES.items():
        for names, values in reworded.items():
            for field, words in values.items():
                note(names, release, _replacing(field, words))
    return {name: tuple(own) for name, own in found.items()}


def _adding(fields: Mapping[str, Value]) -> Callable[[TableEdit], None]:
    def add(edit: TableEdit) -> None:
        for field, value in fields.items():
            if not edit.has(field):
                edit.fill(field, value)

    return add


def _dropping(fields: list[str]) -> Callable[[TableEdit], None]:
    return lambda edit: edit.drop(*fields)


def _replacing(field: str, words: Mapping[Value, Value]) -> Callable[[TableEdit], None]:
    return lambda edit: edit.replace(field, words)
