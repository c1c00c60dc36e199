"""The parameters of constructors that releases of scikit-learn have added, removed, renamed or said in other words.

One table, read both ways: whoever brings a fitted model to another release needs it (`parameters.py`), and so does
whoever makes a model anew from the parameters that another release has written down. Read off the signatures of
scikit-learn 1.2 to 1.9, class by class.

A parameter that the older release lacks is dropped when its value does what the older release did, and refused
otherwise. Words of which only a fit makes something become those that ask for the same fit. What a removed parameter
still tells about a fitted model stands beside the other changes of its class.
"""

from __future__ import annotations

import math

from hermetic.codecs.histories.parameter_rules import (
    Parameters,
    Rule,
    Unsaid,
    added,
    is_value,
    joined,
    removed,
    reworded,
)

__all__ = ["RULES"]

_EPSILON = 2.220446049250313e-16
_LOGISTIC = "linear_model.LogisticRegression linear_model.LogisticRegressionCV"
_BOOSTING = "ensemble.GradientBoostingClassifier ensemble.GradientBoostingRegressor"
_HISTOGRAM = "ensemble.HistGradientBoostingClassifier ensemble.HistGradientBoostingRegressor"
_FORESTS = (
    "ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.RandomForestClassifier "
    "ensemble.RandomForestRegressor"
)
_TREES = "tree.DecisionTreeClassifier tree.DecisionTreeRegressor tree.ExtraTreeClassifier tree.ExtraTreeRegressor"
_COORDINATE = (
    "linear_model.ElasticNetCV linear_model.LassoCV linear_model.MultiTaskElasticNetCV linear_model.MultiTaskLassoCV"
)
_CHAINS = "multioutput.ClassifierChain multioutput.RegressorChain"
_LATENT = "decomposition.MiniBatchNMF decomposition.NMF"
_SMOOTHED = "naive_bayes.BernoulliNB naive_bayes.CategoricalNB naive_bayes.ComplementNB naive_bayes.MultinomialNB"
_SAMPLES_OF_QUANTILES = 200_000


def _leave(parameters: Parameters) -> None:
    """Change nothing: the values of the one release are values of the other."""


def _name_samples(parameters: Parameters) -> None:
    # preprocessing/_discretization.py: "warn" was as many for quantiles, and all for everything else.
    if is_value(parameters.get("subsample"), "warn"):
        has_limit = is_value(parameters.get("strategy"), "quantile")
        parameters["subsample"] = _SAMPLES_OF_QUANTILES if has_limit else None


def _choose_problem(parameters: Parameters) -> None:
    # svm/_classes.py, _validate_dual_parameter: for no more features than samples it solves the primal where it can.
    if is_value(parameters.get("dual"), "warn"):
        parameters["dual"] = True
    if is_value(parameters.get("dual"), "auto"):
        is_crammer = is_value(parameters.get("multi_class"), "crammer_singer")
        is_smooth = parameters.get("loss") in ("squared_hinge", "squared_epsilon_insensitive")
        parameters["dual"] = not (is_smooth or is_crammer)


def _has_no_quantiles(parameters: Parameters) -> bool:
    # preprocessing/_discretization.py, fit; values of 1.7 that say what was done before are those of 1.9 in words.
    return not is_value(parameters.get("strategy"), "quantile") or parameters.get("quantile_method") in (
        "warn",
        "linear",
    )


def _join_alphas(parameters: Parameters) -> None:
    # linear_model/_coordinate_descent.py: n_alphas has become an integer for alphas.
    # A fitted model of 1.7 and 1.8 has what became of both beside them.
    parameters.pop("_alphas", None)
    n_alphas = parameters.pop("n_alphas", "deprecated")
    if parameters.get("alphas", "warn") in ("warn", None):
        parameters["alphas"] = 100 if n_alphas == "deprecated" else n_alphas


def _split_alphas(parameters: Parameters) -> None:
    # Until 1.6 alphas could not be a number.
    alphas = parameters.get("alphas")
    if is_value(parameters.get("n_alphas"), "deprecated"):
        is_number = type(alphas) is int or (type(alphas) is dict and "numpy" in alphas)
        parameters["n_alphas"] = alphas if is_number else 100
        if is_number or is_value(alphas, "warn"):
            parameters["alphas"] = None


def _say_penalty_as_ratio(parameters: Parameters) -> None:
    # linear_model/_logistic.py, LogisticRegression.fit of 1.8: penalty is said by l1_ratio and C.
    penalty = parameters.get("penalty", "?")
    if penalty in ("l1", "l2", "none", None):
        parameters["l1_ratio"] = 1.0 if penalty == "l1" else 0.0
    if penalty in (None, "none"):
        parameters["C"] = math.inf
    if penalty in ("l1", "l2", "elasticnet", "none", None):
        parameters["penalty"] = "deprecated"


def _say_ratio_as_penalty(parameters: Parameters) -> None:
    if not is_value(parameters.get("penalty"), "deprecated"):
        return
    if is_value(parameters.get("C"), math.inf):
        parameters.update(penalty=None, l1_ratio=None, C=1.0)
    elif any(is_value(parameters.get("l1_ratio"), whole) for whole in (0.0, 0, 1.0, 1)):
        is_ridge = any(is_value(parameters["l1_ratio"], whole) for whole in (0.0, 0))
        parameters.update(penalty="l2" if is_ridge else "l1", l1_ratio=None)
    else:
        parameters["penalty"] = "elasticnet"


def _say_loss(parameters: Parameters) -> None:
    parameters.setdefault("loss", "squared_error")


def _know_one_loss(parameters: Parameters) -> None:
    # neural_network/_multilayer_perceptron.py of 1.6: no parameter, but an attribute.
    if not is_value(parameters.get("loss", "squared_error"), "squared_error"):
        raise Unsaid("loss", parameters["loss"], "1.7")


def _keep_working_rate(parameters: Parameters) -> None:
    # linear_model/_stochastic_gradient.py: a rate of 0, the default for the schedule without one, is no longer valid.
    if any(is_value(parameters.get("eta0"), nothing) for nothing in (0, 0.0)):
        parameters["eta0"] = 0.01


def _name_dissimilarity_metric(parameters: Parameters) -> None:
    # manifold/_mds.py, MDS.__init__ of 1.8: metric (yes or no) is metric_mds, dissimilarity is metric.
    if "metric" in parameters:
        parameters["metric_mds"] = parameters["metric"]
        parameters["metric"] = parameters.get("dissimilarity", "euclidean")
    parameters.update(dissimilarity="deprecated", init="warn", metric_params=None)


def _name_metric_dissimilarity(parameters: Parameters) -> None:
    metric, is_metric = parameters.get("metric", "euclidean"), parameters.pop("metric_mds", True)
    if type(metric) is bool:
        metric, is_metric = "euclidean", metric
    if not is_value(parameters.get("dissimilarity", "deprecated"), "deprecated"):
        metric = parameters["dissimilarity"]
    if metric not in ("euclidean", "precomputed"):
        raise Unsaid("metric", metric, "1.8")
    if parameters.pop("metric_params", None) is not None:
        raise Unsaid("metric_params", "...", "1.8")
    parameters.pop("init", None)
    parameters.update(metric=is_metric, dissimilarity=metric)


RULES: tuple[Rule, ...] = (
    # 1.3
    added("1.3", "covariance.GraphicalLasso", covariance=None, eps=_EPSILON),
    added("1.3", "covariance.GraphicalLassoCV", eps=_EPSILON),
    added("1.3", "decomposition.DictionaryLearning", callback=None),
    added("1.3", "gaussian_process.GaussianProcessRegressor", n_targets=None),
    added("1.3", "impute.IterativeImputer", fill_value=None),
    added("1.3", "preprocessing.OneHotEncoder", feature_name_combiner="concat"),
    added("1.3", "preprocessing.OrdinalEncoder", min_frequency=None, max_categories=None),
    added("1.3", "preprocessing.SplineTransformer", sparse_output=False),
    removed("1.3", "impute.SimpleImputer", verbose="deprecated"),
    removed("1.3", "manifold.TSNE", square_distances="deprecated"),
    *joined((None, "1.3"), "linear_model.RANSACRegressor", "base_estimator", "estimator"),
    reworded(
        "1.3",
        "decomposition.FastICA",
        "whiten",
        {"warn": "arbitrary-variance", True: "arbitrary-variance"},
    ),
    reworded("1.3", "decomposition.MiniBatchDictionaryLearning", "batch_size", {"warn": 3}),
    reworded("1.3", "feature_selection.SequentialFeatureSelector", "n_features_to_select", {"warn": 0.5, None: 0.5}),
    reworded("1.3", _LOGISTIC, "penalty", {"none": None}),
    Rule("1.3", "svm.LinearSVC svm.LinearSVR", ("dual", "loss", "multi_class"), _leave, _choose_problem),
    # 1.4
    added("1.4", f"{_FORESTS} {_TREES}", monotonic_cst=None),
    added("1.4", _HISTOGRAM, max_features=1.0),
    removed(
        "1.4",
        f"{_FORESTS} {_BOOSTING} ensemble.IsolationForest ensemble.RandomTreesEmbedding",
        base_estimator="deprecated",
    ),
    removed("1.4", "decomposition.MiniBatchDictionaryLearning decomposition.MiniBatchSparsePCA", n_iter="deprecated"),
    removed(
        "1.4",
        "linear_model.Lars linear_model.LarsCV linear_model.LassoLars linear_model.LassoLarsCV "
        "linear_model.LassoLarsIC linear_model.OrthogonalMatchingPursuit linear_model.OrthogonalMatchingPursuitCV",
        normalize="deprecated",
    ),
    *joined(("1.2", "1.4"), "calibration.CalibratedClassifierCV", "base_estimator", "estimator"),
    *joined(
        ("1.2", "1.4"),
        "cluster.AgglomerativeClustering cluster.FeatureAgglomeration",
        "affinity",
        "metric",
        "euclidean",
    ),
    *joined(
        ("1.2", "1.4"),
        "ensemble.AdaBoostClassifier ensemble.AdaBoostRegressor ensemble.BaggingClassifier ensemble.BaggingRegressor",
        "base_estimator",
        "estimator",
    ),
    *joined(("1.2", "1.4"), "preprocessing.OneHotEncoder", "sparse", "sparse_output", True),
    reworded("1.4", "cluster.KMeans", "n_init", {"warn": 10}),
    reworded("1.4", "cluster.MiniBatchKMeans", "n_init", {"warn": 3}),
    reworded(
        "1.4", "decomposition.MiniBatchDictionaryLearning decomposition.MiniBatchSparsePCA", "max_iter", {None: 1000}
    ),
    reworded("1.4", _LATENT, "n_components", {}, {"warn": None, "auto": None}),
    reworded("1.4", "linear_model.QuantileRegressor", "solver", {"warn": "highs", "interior-point": "highs"}),
    reworded("1.4", "manifold.MDS", "normalized_stress", {"warn": False}),
    reworded("1.4", _SMOOTHED, "force_alpha", {"warn": False}),
    # 1.5
    added("1.5", "compose.ColumnTransformer", unused=lambda own: True, force_int_remainder_cols=True),
    added("1.5", "multioutput.ClassifierChain", chain_method="predict"),
    added("1.5", "pipeline.FeatureUnion", verbose_feature_names_out=True),
    *joined(("1.3", "1.5"), "linear_model.ARDRegression linear_model.BayesianRidge", "n_iter", "max_iter", 300),
    *joined(
        ("1.5", "1.7"),
        "linear_model.RidgeCV linear_model.RidgeClassifierCV",
        "store_cv_values",
        "store_cv_results",
        False,
    ),
    *joined(("1.5", "1.7"), "manifold.TSNE", "n_iter", "max_iter", 1000),
    reworded("1.5", _LOGISTIC, "multi_class", {"auto": "deprecated"}, {"deprecated": "auto"}),
    reworded("1.5", "svm.LinearSVC svm.LinearSVR", "dual", {"warn": True}),
    Rule("1.5", "preprocessing.KBinsDiscretizer", ("subsample", "strategy"), _name_samples, _leave),
    # 1.6
    added("1.6", "neighbors.NearestCentroid", priors="uniform"),
    added("1.6", "pipeline.Pipeline", transform_input=None),
    *joined(("1.6", "1.8"), "semi_supervised.SelfTrainingClassifier", "base_estimator", "estimator"),
    reworded("1.6", "calibration.CalibratedClassifierCV", "ensemble", {}, {"auto": True}),
    reworded("1.6", "cluster.Birch", "copy", {True: "deprecated", False: "deprecated"}, {"deprecated": True}),
    reworded("1.6", _LATENT, "n_components", {"warn": None}),
    reworded("1.6", _HISTOGRAM, "categorical_features", {"warn": None}),
    reworded(
        "1.6",
        "linear_model.TheilSenRegressor",
        "copy_X",
        {True: "deprecated", False: "deprecated"},
        {"deprecated": True},
    ),
    # 1.7
    added("1.7", "linear_model.LinearRegression", tol=1e-6),
    Rule("1.7", "neural_network.MLPRegressor", ("loss",), _say_loss, _know_one_loss),
    added("1.7", "preprocessing.KBinsDiscretizer", unused=_has_no_quantiles, quantile_method="warn")._replace(
        fields=("quantile_method", "strategy")
    ),
    *joined(("1.7", "1.9"), _CHAINS, "base_estimator", "estimator"),
    reworded(
        "1.7",
        "compose.ColumnTransformer",
        "force_int_remainder_cols",
        {True: "deprecated", False: "deprecated"},
        {"deprecated": False},
    ),
    Rule("1.7", _COORDINATE, ("alphas", "n_alphas"), _leave, _split_alphas),
    reworded("1.7", "manifold.MDS", "n_init", {}, {"warn": 4}),
    # 1.8
    added("1.8", "preprocessing.MaxAbsScaler", clip=False),
    added("1.8", "preprocessing.SplineTransformer", handle_missing="error"),
    added(
        "1.8",
        "discriminant_analysis.QuadraticDiscriminantAnalysis",
        solver="svd",
        shrinkage=None,
        covariance_estimator=None,
    ),
    removed("1.8", "cluster.Birch", copy="deprecated"),
    removed("1.8", "linear_model.TheilSenRegressor", copy_X="deprecated"),
    removed("1.8", "ensemble.AdaBoostClassifier", algorithm="deprecated"),
    removed("1.8", _LOGISTIC, multi_class="deprecated"),
    removed(
        "1.8",
        "linear_model.SGDClassifier linear_model.SGDRegressor linear_model.SGDOneClassSVM linear_model.Perceptron",
        C=1.0,
    ),
    added("1.8", "linear_model.LogisticRegressionCV", unused=lambda own: True, use_legacy_attributes=True),
    Rule("1.8", "linear_model.SGDClassifier linear_model.SGDOneClassSVM", ("eta0",), _keep_working_rate, _leave),
    Rule(
        "1.8",
        "linear_model.PassiveAggressiveClassifier linear_model.PassiveAggressiveRegressor",
        ("C", "eta0"),
        lambda own: own.update(eta0=own.get("C", 1.0)),
        lambda own: own.update(eta0=1.0),
    ),
    reworded("1.8", "cluster.HDBSCAN", "copy", {}, {"warn": False}),
    reworded("1.8", "ensemble.BaggingClassifier ensemble.BaggingRegressor", "max_samples", {}, {None: 1.0}),
    Rule(
        "1.8",
        "linear_model.LogisticRegression",
        ("penalty", "l1_ratio", "C"),
        _say_penalty_as_ratio,
        _say_ratio_as_penalty,
    ),
    removed("1.9", "compose.ColumnTransformer", force_int_remainder_cols="deprecated"),
    reworded("1.8", "linear_model.LogisticRegressionCV", "l1_ratios", {}, {"warn": None}),
    reworded("1.8", "linear_model.LogisticRegressionCV", "penalty", {}, {"deprecated": "l2"}),
    Rule(
        "1.8",
        "manifold.MDS",
        ("metric", "metric_mds", "dissimilarity", "init", "metric_params"),
        _name_dissimilarity_metric,
        _name_metric_dissimilarity,
    ),
    # 1.9
    reworded(
        "1.9",
        "ensemble.ExtraTreesRegressor ensemble.RandomForestRegressor "
        "tree.DecisionTreeRegressor tree.ExtraTreeRegressor",
        "criterion",
        {"friedman_mse": "squared_error"},
    ),
    reworded("1.9", _BOOSTING, "criterion", {"friedman_mse": "deprecated"}, {"deprecated": "friedman_mse"}),
    Rule(
        "1.9",
        _COORDINATE,
        ("alphas", "n_alphas", "_alphas"),
        _join_alphas,
        lambda own: own.update(n_alphas="deprecated"),
    ),
    reworded("1.9", "linear_model.LogisticRegressionCV", "scoring", {}, {"warn": None}),
    reworded("1.9", "manifold.MDS", "n_init", {"warn": 4}, {}),
    reworded("1.9", "preprocessing.KBinsDiscretizer", "quantile_method", {"warn": "linear"}, {}),
    reworded("1.9", "preprocessing.TargetEncoder", "shuffle", {}, {"deprecated": True}),
    reworded("1.9", "preprocessing.TargetEncoder", "random_state", {}, {"deprecated": None}),
    reworded("1.9", "svm.NuSVC svm.SVC", "probability", {}, {"deprecated": False}),
)
