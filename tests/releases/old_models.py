"""Models that only releases before 1.2 can make, in their own words: classes that are gone, and former defaults.

Each line is a name, a class, parameters as `tests.releases.recipes.plain` gives them, and the data of the zoo.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["old_models"]

_LOGISTIC = "sklearn.linear_model.LogisticRegression"
_SVM = "sklearn.svm."
_TREE = {"$make": ["sklearn.tree.DecisionTreeClassifier", {"max_depth": 2, "random_state": 0}]}
_BINARY = {"$make": [_LOGISTIC, {"solver": "liblinear"}]}
_RIDGE = {"$make": ["sklearn.linear_model.Ridge", {}]}
_GRID = {"$dict": [["C", [0.1, 1.0]]]}
_FOLDS = {"$make": ["sklearn.cross_validation.KFold", {"n": 60, "n_folds": 3}]}


def old_models() -> list[tuple[str, str, dict[str, Any], str]]:
    """Give them all.

    Examples
    --------
    >>> old_models()[0]
    ('old-logistic-liblinear-0', 'sklearn.linear_model.LogisticRegression', {'solver': 'liblinear'}, 'BINARY')
    """
    return [*_linear(), *_vectors(), *_trees(), *_preprocessing(), *_gone(), *_texts()]


def _linear() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    for solver in ("liblinear", "lbfgs", "newton-cg", "sag"):
        given = {"solver": solver}
        yield f"old-logistic-{solver}-0", _LOGISTIC, given, "BINARY"
        yield f"old-logistic-{solver}-1", _LOGISTIC, given, "STRING_LABELS"
        if solver != "liblinear":
            yield f"old-logistic-{solver}-2", _LOGISTIC, {**given, "multi_class": "multinomial"}, "CLASSIFICATION"
            yield f"old-logistic-{solver}-3", _LOGISTIC, {**given, "multi_class": "multinomial"}, "BINARY"
    yield "old-logistic-l1", _LOGISTIC, {"penalty": "l1", "solver": "liblinear"}, "BINARY"
    yield "old-logistic-auto", _LOGISTIC, {"multi_class": "auto", "solver": "lbfgs"}, "CLASSIFICATION"
    cross = {"Cs": 3, "cv": 3}
    yield "old-logistic-cv-0", "sklearn.linear_model.LogisticRegressionCV", cross, "BINARY"
    yield "old-logistic-cv-1", "sklearn.linear_model.LogisticRegressionCV", cross, "CLASSIFICATION"
    for loss in ("hinge", "log", "modified_huber", "squared_hinge", "perceptron", "squared_loss", "huber"):
        given = {"loss": loss, "max_iter": 20, "random_state": 0}
        yield f"old-sgd-{loss}-0", "sklearn.linear_model.SGDClassifier", given, "BINARY"
        yield f"old-sgd-{loss}-1", "sklearn.linear_model.SGDClassifier", given, "CLASSIFICATION"
    yield "old-sgd-average", "sklearn.linear_model.SGDClassifier", {"average": True, "random_state": 0}, "BINARY"
    yield "old-sgd-regressor", "sklearn.linear_model.SGDRegressor", {"loss": "squared_loss", "average": 5}, "REGRESSION"
    for name in ("LinearRegression", "Ridge", "Lasso", "ElasticNet", "Lars", "LassoLars", "RidgeCV", "LassoCV"):
        yield f"old-normalize-{name}", f"sklearn.linear_model.{name}", {"normalize": True}, "REGRESSION"
    yield "old-positive", "sklearn.linear_model.Lasso", {"positive": True}, "REGRESSION"


def _vectors() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    for kind in ("SVC", "NuSVC"):
        for gamma in ("auto", 0.25):
            yield f"old-{kind}-{gamma}-0", _SVM + kind, {"gamma": gamma}, "BINARY"
            yield f"old-{kind}-{gamma}-1", _SVM + kind, {"gamma": gamma}, "STRING_LABELS"
        for kernel in ("linear", "poly", "sigmoid"):
            given = {"kernel": kernel, "decision_function_shape": "ovo"}
            yield f"old-{kind}-{kernel}", _SVM + kind, given, "CLASSIFICATION"
        yield f"old-{kind}-proba-0", _SVM + kind, {"probability": True, "random_state": 0}, "BINARY"
        yield f"old-{kind}-proba-1", _SVM + kind, {"probability": True, "random_state": 0}, "CLASSIFICATION"
        yield f"old-{kind}-sparse-0", _SVM + kind, {"probability": True, "random_state": 0}, "SPARSE"
        yield f"old-{kind}-weights", _SVM + kind, {"class_weight": "balanced"}, "CLASSIFICATION"
    for kind in ("SVR", "NuSVR"):
        yield f"old-{kind}", _SVM + kind, {"gamma": "auto"}, "REGRESSION"
        yield f"old-{kind}-sparse", _SVM + kind, {"gamma": "auto", "kernel": "linear"}, "SPARSE_REGRESSION"
    yield "old-one-class", "sklearn.svm.OneClassSVM", {"gamma": "auto", "nu": 0.3}, "CLUSTERS"
    for loss in ("hinge", "squared_hinge"):
        yield f"old-linear-{loss}", "sklearn.svm.LinearSVC", {"loss": loss, "random_state": 0}, "CLASSIFICATION"


def _trees() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    ensemble = "sklearn.ensemble."
    for kind in ("RandomForest", "ExtraTrees", "DecisionTree", "ExtraTree"):
        place = "sklearn.tree." if kind.endswith("Tree") else ensemble
        few = {"random_state": 0} if kind.endswith("Tree") else {"n_estimators": 5, "random_state": 0}
        for data in ("BINARY", "STRING_LABELS", "MULTICLASS_OUTPUTS", "FLOAT32"):
            yield f"old-{kind}-{data}", f"{place}{kind}Classifier", {**few, "class_weight": "balanced"}, data
        for data in ("REGRESSION", "MULTIOUTPUT"):
            yield f"old-{kind}-{data}", f"{place}{kind}Regressor", {**few, "max_features": "auto"}, data
        yield f"old-{kind}-mae", f"{place}{kind}Regressor", {**few, "criterion": "mae"}, "REGRESSION"
        yield f"old-{kind}-leaves", f"{place}{kind}Classifier", {**few, "max_leaf_nodes": 4}, "CLASSIFICATION"
        yield f"old-{kind}-split", f"{place}{kind}Classifier", {**few, "min_impurity_split": 0.1}, "CLASSIFICATION"
    for data in ("BINARY", "CLASSIFICATION", "STRING_LABELS"):
        few = {"n_estimators": 5, "random_state": 0, "subsample": 0.8}
        yield f"old-boosting-{data}", f"{ensemble}GradientBoostingClassifier", few, data
        for algorithm in ("SAMME", "SAMME.R"):
            given = {"n_estimators": 3, "algorithm": algorithm, "random_state": 0}
            yield f"old-adaptive-{algorithm}-{data}", f"{ensemble}AdaBoostClassifier", given, data
    yield "old-boosting-exponential", f"{ensemble}GradientBoostingClassifier", {"loss": "exponential"}, "BINARY"
    for loss in ("ls", "lad", "huber", "quantile"):
        yield f"old-boosting-{loss}", f"{ensemble}GradientBoostingRegressor", {"loss": loss}, "REGRESSION"
    given = {"n_estimators": 3, "init": "zero"}
    yield "old-boosting-zero", f"{ensemble}GradientBoostingClassifier", given, "CLASSIFICATION"
    given = {"n_estimators": 3, "init": _RIDGE}
    yield "old-boosting-init", f"{ensemble}GradientBoostingRegressor", given, "REGRESSION"
    bagged = {"base_estimator": _BINARY, "n_estimators": 3, "random_state": 0, "oob_score": True}
    yield "old-bagging", f"{ensemble}BaggingClassifier", bagged, "BINARY"
    yield "old-isolation", f"{ensemble}IsolationForest", {"n_estimators": 5, "random_state": 0}, "CLUSTERS"
    given = {**given, "estimators": [{"$tuple": ["a", _TREE]}, {"$tuple": ["b", _BINARY]}], "voting": "soft"}
    del given["init"], given["n_estimators"]
    yield "old-voting", f"{ensemble}VotingClassifier", given, "STRING_LABELS"


def _preprocessing() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    place = "sklearn.preprocessing."
    for strategy in ("mean", "median", "most_frequent"):
        for axis in (0, 1):
            yield f"old-imputer-{strategy}-{axis}", f"{place}Imputer", {"strategy": strategy, "axis": axis}, "MISSING"
    yield "old-imputer-zero", f"{place}Imputer", {"missing_values": 0}, "COUNTS"
    for sparse in (True, False):
        yield f"old-one-hot-{sparse}", f"{place}OneHotEncoder", {"sparse": sparse}, "INTEGERS"
    yield "old-one-hot-unknown", f"{place}OneHotEncoder", {"handle_unknown": "ignore"}, "INTEGERS"
    yield "old-one-hot-columns", f"{place}OneHotEncoder", {"categorical_features": [0, 2]}, "INTEGERS"
    yield "old-one-hot-values", f"{place}OneHotEncoder", {"n_values": 7}, "INTEGERS"
    yield "old-one-hot-categories", f"{place}OneHotEncoder", {"categories": "auto"}, "STRINGS"
    yield "old-label-binarizer", f"{place}LabelBinarizer", {"neg_label": -1, "pos_label": 2}, "LABELS"
    yield "old-polynomial", f"{place}PolynomialFeatures", {"degree": 3, "interaction_only": True}, "CLUSTERS"
    yield "old-function", f"{place}FunctionTransformer", {"func": {"$name": ["numpy", "log1p"]}}, "POSITIVE"
    yield "old-scaler-range", f"{place}MinMaxScaler", {"feature_range": {"$tuple": [-1, 1]}}, "CLUSTERS"
    yield "old-scaler-sparse", f"{place}StandardScaler", {"with_mean": False}, "SPARSE"
    yield "old-robust", f"{place}RobustScaler", {"quantile_range": {"$tuple": [10.0, 90.0]}}, "CLUSTERS"


def _gone() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    for name in ("RandomizedPCA", "ProjectedGradientNMF"):
        yield f"old-{name}", f"sklearn.decomposition.{name}", {"n_components": 2, "random_state": 0}, "POSITIVE"
    for name in ("GMM", "VBGMM", "DPGMM"):
        yield f"old-{name}", f"sklearn.mixture.{name}", {"n_components": 2, "random_state": 0}, "CLUSTERS"
    yield "old-LSHForest", "sklearn.neighbors.LSHForest", {"random_state": 0}, "CLUSTERS"
    yield "old-LDA", "sklearn.lda.LDA", {}, "CLASSIFICATION"
    yield "old-QDA", "sklearn.qda.QDA", {}, "CLASSIFICATION"
    yield "old-gaussian-process", "sklearn.gaussian_process.GaussianProcess", {}, "REGRESSION"
    for name, data in (("RandomizedLasso", "REGRESSION"), ("RandomizedLogisticRegression", "BINARY")):
        yield f"old-{name}", f"sklearn.linear_model.{name}", {"n_resampling": 20, "random_state": 0}, data
    yield "old-GraphLasso", "sklearn.covariance.GraphLasso", {}, "CLUSTERS"
    yield "old-GraphLassoCV", "sklearn.covariance.GraphLassoCV", {"cv": 3}, "CLUSTERS"
    search = {"estimator": _BINARY, "param_grid": _GRID}
    yield "old-search", "sklearn.grid_search.GridSearchCV", search, "BINARY"
    yield "old-search-folds", "sklearn.grid_search.GridSearchCV", {**search, "cv": _FOLDS}, "BINARY"
    yield (
        "old-search-scores",
        "sklearn.model_selection.GridSearchCV",
        {**search, "scoring": "roc_auc", "cv": 3},
        "BINARY",
    )
    random = {"estimator": _BINARY, "param_distributions": _GRID, "n_iter": 2, "random_state": 0}
    yield "old-search-random", "sklearn.grid_search.RandomizedSearchCV", random, "BINARY"
    for algorithm in ("ball_tree", "kd_tree", "brute"):
        for p in (1, 2, 3):
            given = {"algorithm": algorithm, "p": p}
            yield f"old-neighbours-{algorithm}-{p}", "sklearn.neighbors.KNeighborsClassifier", given, "STRING_LABELS"
    for name in ("minkowski", "wminkowski", "seuclidean", "chebyshev", "mahalanobis"):
        given = {"metric": name, "algorithm": "ball_tree"}
        if name == "wminkowski":
            given["metric_params"] = {"$dict": [["w", {"$array": ["float64", [4], [1.0, 2.0, 0.5, 1.0]]}], ["p", 2]]}
        yield f"old-neighbours-{name}", "sklearn.neighbors.KNeighborsRegressor", given, "REGRESSION"
    yield "old-lda-topics", "sklearn.decomposition.LatentDirichletAllocation", {"random_state": 0}, "COUNTS"
    for kind in ("LinearDiscriminantAnalysis", "QuadraticDiscriminantAnalysis"):
        yield f"old-{kind}", f"sklearn.discriminant_analysis.{kind}", {}, "STRING_LABELS"


def _texts() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    place = "sklearn.feature_extraction.text."
    for norm in ("l2", None):
        steps = [
            {
                "$tuple": [
                    "words",
                    {"$make": [f"{place}TfidfVectorizer", {"norm": norm, "ngram_range": {"$tuple": [1, 2]}}]},
                ]
            },
            {"$tuple": ["classify", {"$make": ["sklearn.naive_bayes.MultinomialNB", {}]}]},
        ]
        yield f"old-text-{norm}", "sklearn.pipeline.Pipeline", {"steps": steps}, "TEXT_LABELS"
    given = {"non_negative": True, "n_features": 16}
    yield "old-hashing", f"{place}HashingVectorizer", given, "TEXTS"
    yield "old-counts-stop", f"{place}CountVectorizer", {"stop_words": "english", "max_df": 0.7}, "TEXTS"
