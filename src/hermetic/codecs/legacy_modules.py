"""Where scikit-learn, numpy and scipy kept things in earlier releases: exact names of modules, old and new.

Pickles name what they hold by the module that defined it when they were written. This is the one table of such moves;
the places that the codecs themselves list are found without it.

References
----------
scikit-learn 0.22 and 0.23 list their renamed modules in ``sklearn/_build_utils/deprecated_modules.py``.
"""

from __future__ import annotations

__all__ = ["MOVED", "REMOVED_CLASSES", "current_module"]

_PRIVATE_SINCE_0_22 = {
    "sklearn.cluster": (
        "affinity_propagation_=_affinity_propagation bicluster=_bicluster birch=_birch dbscan_=_dbscan "
        "hierarchical=_agglomerative k_means_=_kmeans mean_shift_=_mean_shift optics_=_optics spectral=_spectral"
    ),
    "sklearn.covariance": (
        "elliptic_envelope=_elliptic_envelope empirical_covariance_=_empirical_covariance graph_lasso_=_graph_lasso "
        "outlier_detection=_elliptic_envelope robust_covariance=_robust_covariance "
        "shrunk_covariance_=_shrunk_covariance"
    ),
    "sklearn.cross_decomposition": "cca_=_pls pls_=_pls _cca=_pls",
    "sklearn.decomposition": (
        "dict_learning=_dict_learning factor_analysis=_factor_analysis fastica_=_fastica "
        "incremental_pca=_incremental_pca kernel_pca=_kernel_pca nmf=_nmf online_lda=_lda pca=_pca "
        "sparse_pca=_sparse_pca truncated_svd=_truncated_svd"
    ),
    "sklearn.ensemble": (
        "bagging=_bagging forest=_forest gradient_boosting=_gb iforest=_iforest voting=_voting "
        "voting_classifier=_voting weight_boosting=_weight_boosting partial_dependence=_partial_dependence"
    ),
    "sklearn.feature_extraction": "dict_vectorizer=_dict_vectorizer hashing=_hash",
    "sklearn.feature_selection": (
        "from_model=_from_model mutual_info_=_mutual_info mutual_info=_mutual_info rfe=_rfe "
        "univariate_selection=_univariate_selection variance_threshold=_variance_threshold"
    ),
    "sklearn.gaussian_process": "gpc=_gpc gpr=_gpr",
    "sklearn.linear_model": (
        "base=_base bayes=_bayes coordinate_descent=_coordinate_descent huber=_huber least_angle=_least_angle "
        "logistic=_logistic omp=_omp passive_aggressive=_passive_aggressive perceptron=_perceptron ransac=_ransac "
        "ridge=_ridge sgd_fast=_sgd_fast stochastic_gradient=_stochastic_gradient theil_sen=_theil_sen"
    ),
    "sklearn.manifold": (
        "isomap=_isomap locally_linear=_locally_linear mds=_mds spectral_embedding_=_spectral_embedding t_sne=_t_sne"
    ),
    "sklearn.metrics": "classification=_classification ranking=_ranking regression=_regression scorer=_scorer",
    "sklearn.metrics.cluster": "bicluster=_bicluster supervised=_supervised unsupervised=_unsupervised",
    "sklearn.mixture": "bayesian_mixture=_bayesian_mixture gaussian_mixture=_gaussian_mixture",
    "sklearn.neighbors": (
        "ball_tree=_ball_tree classification=_classification dist_metrics=_dist_metrics graph=_graph "
        "kd_tree=_kd_tree kde=_kde lof=_lof nca=_nca nearest_centroid=_nearest_centroid regression=_regression "
        "unsupervised=_unsupervised"
    ),
    "sklearn.neural_network": "multilayer_perceptron=_multilayer_perceptron rbm=_rbm",
    "sklearn.preprocessing": "data=_data label=_label",
    "sklearn.semi_supervised": "label_propagation=_label_propagation",
    "sklearn.svm": "classes=_classes",
    "sklearn.tree": "tree=_classes",
}
_OTHERS = {
    "_loss": "sklearn._loss._loss",  # what Cython called it in scikit-learn 1.2 to 1.4
    "numpy._core._multiarray_umath": "numpy",
    "numpy._core.fromnumeric": "numpy",
    "numpy._core.multiarray": "numpy.core.multiarray",
    "numpy._core.numeric": "numpy.core.numeric",
    "numpy._core.umath": "numpy",
    "numpy.core._multiarray_umath": "numpy",
    "numpy.core.fromnumeric": "numpy",
    "numpy.core.umath": "numpy",
    "numpy.lib._function_base_impl": "numpy",
    "numpy.lib._nanfunctions_impl": "numpy",
    "numpy.lib.function_base": "numpy",
    "numpy.lib.nanfunctions": "numpy",
    "numpy.matrixlib.defmatrix": "numpy",
    "scipy.interpolate.interpolate": "scipy.interpolate._interpolate",
    "scipy.special._basic": "scipy.special",
    "scipy.special._logsumexp": "scipy.special",
    "scipy.special._ufuncs": "scipy.special",
    "sklearn.datasets.base": "sklearn.utils",
    "sklearn.ensemble.hist_gradient_boosting.binning": "sklearn.ensemble._hist_gradient_boosting.binning",
    "sklearn.externals.joblib.numpy_pickle": "joblib.numpy_pickle",
    "sklearn.feature_selection._mutual_info": "sklearn.feature_selection",
    "sklearn.feature_selection._univariate_selection": "sklearn.feature_selection",
    "sklearn.metrics._classification": "sklearn.metrics",
    "sklearn.metrics._ranking": "sklearn.metrics",
    "sklearn.metrics._regression": "sklearn.metrics",
    "sklearn.metrics.cluster._bicluster": "sklearn.metrics",
    "sklearn.metrics.cluster._supervised": "sklearn.metrics",
    "sklearn.metrics.cluster._unsupervised": "sklearn.metrics",
    "sklearn.neighbors._dist_metrics": "sklearn.metrics._dist_metrics",
    "sklearn.preprocessing._data": "sklearn.preprocessing",
    "sklearn.utils.fixes": "numpy.ma.core",
}

MOVED: dict[str, str] = {
    **{
        f"{package}.{old}": f"{package}.{new}"
        for package, moves in _PRIVATE_SINCE_0_22.items()
        for old, new in (move.split("=") for move in moves.split())
    },
    **_OTHERS,
}
"""The module that holds now what another one held; what has moved twice stands twice."""

_REMOVED = {
    "sklearn.cross_validation": "KFold LeaveOneOut ShuffleSplit StratifiedKFold StratifiedShuffleSplit",
    "sklearn.ensemble._gb": "LogOddsEstimator MeanEstimator PriorProbabilityEstimator QuantileEstimator ZeroEstimator",
    "sklearn.ensemble._gb_losses": (
        "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError MultinomialDeviance "
        "QuantileLossFunction"
    ),
    "sklearn.grid_search": "GridSearchCV ParameterGrid RandomizedSearchCV _CVScoreTuple",
    "sklearn.lda": "LDA",
    "sklearn.linear_model._logistic": "LogisticRegressionCV",
    "sklearn.linear_model._sgd_fast": (
        "Classification EpsilonInsensitive Hinge Huber Log ModifiedHuber Regression SquaredEpsilonInsensitive "
        "SquaredHinge SquaredLoss"
    ),
    "sklearn.metrics._scorer": "_PredictScorer _ProbaScorer _ThresholdScorer",
    "sklearn.preprocessing._data": "OneHotEncoder",
    "sklearn.preprocessing.imputation": "Imputer",
    "sklearn.qda": "QDA",
}
REMOVED_CLASSES = frozenset(f"{module}:{name}" for module, names in _REMOVED.items() for name in names.split())
"""Plain classes of scikit-learn that no current release has; the gradient boosting ones stood in its ``_gb`` too."""


def current_module(module: str) -> list[str]:
    """Give a module and those that hold its content now, the oldest first.

    Parameters
    ----------
    module : str
        From a file, so it may be any text.

    Returns
    -------
    list of str
        The module itself, and where its content went, step by step.

    Examples
    --------
    >>> from hermetic.codecs.legacy_modules import current_module
    >>> current_module("sklearn.metrics.classification")
    ['sklearn.metrics.classification', 'sklearn.metrics._classification', 'sklearn.metrics']
    """
    found = [module]
    while found[-1] in MOVED and len(found) < 4:
        found.append(MOVED[found[-1]])
    return found
