"""Linear models, support vector machines, naive Bayes, discriminant analysis, dummies and networks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    LarsCV,
    Lasso,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    OrthogonalMatchingPursuitCV,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
    TweedieRegressor,
)
from sklearn.metrics.pairwise import laplacian_kernel
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_linear"]

_LINE = data.Training(
    X=data.REGRESSION.X[:, 0], y=data.REGRESSION.y, inputs={"X": np.linspace(-9, 9, 10), "inverse_transform": None}
)


def configurations_linear() -> list[Case]:
    """Give the configurations of models that are linear, or whose state is a few arrays of coefficients.

    Examples
    --------
    >>> len(configurations_linear()) > 60
    True
    """
    return [*_linear(), *_stochastic(), *_support_vectors(), *_bayes(), *_networks(), *_others()]


def _linear() -> Iterator[Case]:
    yield from sweep(
        LogisticRegression, "solver", ["liblinear", "newton-cholesky", "saga", "sag"], data.BINARY, random_state=0
    )
    yield fitted(
        "logistic-elastic-net", LogisticRegression(solver="saga", l1_ratio=0.5, max_iter=50), data.CLASSIFICATION
    )
    yield fitted("logistic-many-iterations", LogisticRegression(max_iter=10**6, C=np.inf, n_jobs=None), data.BINARY)
    yield fitted("logistic-string-labels", LogisticRegression(class_weight="balanced"), data.STRING_LABELS)
    yield fitted("logistic-sparse", LogisticRegression(), data.SPARSE)
    sparsified = LogisticRegression(solver="liblinear", l1_ratio=1.0).fit(data.BINARY.X, data.BINARY.y).sparsify()
    yield Case(name="logistic-sparsified", build=lambda: copy.deepcopy(sparsified), inputs=data.BINARY.inputs)
    yield fitted("logistic-float32", LogisticRegression(fit_intercept=False), data.FLOAT32)
    cross_validated: dict[str, Any] = {"Cs": 2, "cv": 2, "scoring": "accuracy", "max_iter": 20}
    yield fitted("logistic-cv-legacy", LogisticRegressionCV(use_legacy_attributes=True, **cross_validated), data.BINARY)
    yield from sweep(Ridge, "solver", ["svd", "cholesky", "lsqr", "sparse_cg", "saga"], data.REGRESSION, random_state=0)
    yield fitted("ridge-two-targets", Ridge(alpha=np.array([0.1, 10.0])), data.MULTIOUTPUT)
    yield fitted("ridge-sparse", Ridge(), data.SPARSE_REGRESSION)
    yield fitted("ridge-cv-values", RidgeCV(alphas=(0.1, 1.0), store_cv_results=True), data.REGRESSION)
    yield fitted("ridge-classifier-cv", RidgeClassifierCV(alphas=[0.1, 1.0], cv=2), data.STRING_LABELS)
    yield fitted("linear-positive", LinearRegression(positive=True), data.REGRESSION)
    yield fitted("linear-sparse", LinearRegression(), data.SPARSE_REGRESSION)
    yield fitted("linear-two-targets", LinearRegression(), data.MULTIOUTPUT)
    yield fitted("lasso-sparse", Lasso(alpha=0.1, selection="random", random_state=0), data.SPARSE_REGRESSION)
    yield fitted("elastic-net-precompute", ElasticNet(precompute=True, warm_start=True), data.REGRESSION)
    yield fitted("elastic-net-cv", ElasticNetCV(l1_ratio=[0.2, 0.8], alphas=4, cv=2), data.REGRESSION)
    yield fitted("lars-cv", LarsCV(cv=3, max_n_alphas=20), data.REGRESSION)
    yield from sweep(LassoLarsIC, "criterion", ["aic", "bic"], data.REGRESSION)
    yield fitted("matching-pursuit-cv", OrthogonalMatchingPursuitCV(cv=2), data.REGRESSION)
    yield fitted("huber-sparse", HuberRegressor(), data.SPARSE_REGRESSION)
    yield from sweep(TweedieRegressor, "power", [0, 1, 1.5, 2, 3], data.POSITIVE_REGRESSION)
    yield fitted("tweedie-log-link", TweedieRegressor(power=0, link="log"), data.POSITIVE_REGRESSION)
    yield fitted("poisson-newton", PoissonRegressor(solver="newton-cholesky"), data.POSITIVE_REGRESSION)
    yield fitted("quantile", QuantileRegressor(quantile=0.8, alpha=0.01), data.REGRESSION)


def _stochastic() -> Iterator[Case]:
    losses = ["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"]
    losses += ["squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"]
    yield from sweep(SGDClassifier, "loss", losses, data.CLASSIFICATION, random_state=0, max_iter=20)
    yield from sweep(SGDRegressor, "loss", losses[-4:], data.REGRESSION, random_state=0, max_iter=20)
    yield from sweep(SGDClassifier, "penalty", ["l1", "elasticnet", None], data.BINARY, random_state=0)
    rates = ["constant", "adaptive", "pa1", "pa2"]
    yield from sweep(SGDRegressor, "learning_rate", rates, data.REGRESSION, eta0=0.01, loss="epsilon_insensitive")
    yield fitted("sgd-averaged", SGDClassifier(average=5, early_stopping=True, random_state=0), data.CLASSIFICATION)
    yield fitted("sgd-sparse", SGDClassifier(loss="log_loss", random_state=0), data.SPARSE)
    yield fitted("sgd-float32", SGDClassifier(random_state=0), data.FLOAT32)
    yield fitted("sgd-one-class-average", SGDOneClassSVM(average=True, random_state=0), data.CLUSTERS)
    yield _partly_fitted("sgd-partial-fit", SGDClassifier(loss="log_loss", random_state=0), classes=np.arange(3))
    yield _partly_fitted("bayes-partial-fit", GaussianNB(), classes=np.arange(4))
    yield _partly_fitted("network-partial-fit", MLPClassifier((5,), random_state=0), classes=np.arange(3))


def _support_vectors() -> Iterator[Case]:
    kernels = ["linear", "poly", "rbf", "sigmoid"]
    yield from sweep(SVC, "kernel", kernels, data.CLASSIFICATION)
    yield from sweep(SVR, "kernel", kernels, data.REGRESSION)
    yield from sweep(NuSVC, "kernel", ["linear", "rbf"], data.BINARY)
    yield from sweep(OneClassSVM, "kernel", kernels, data.CLUSTERS)
    yield fitted("svc-precomputed", SVC(kernel="precomputed"), data.GRAM)
    yield fitted("svc-kernel-function", SVC(kernel=laplacian_kernel), data.BINARY)
    yield fitted("svc-probability", SVC(probability=True, random_state=0), data.CLASSIFICATION)
    yield fitted("svc-one-vs-one", SVC(decision_function_shape="ovo", break_ties=False), data.STRING_LABELS)
    yield fitted("svc-cache", SVC(cache_size=2000, class_weight="balanced", gamma="auto", max_iter=10**6), data.BINARY)
    yield fitted("svc-sparse", SVC(), data.SPARSE)
    yield fitted("svc-sparse-linear", SVC(kernel="linear"), data.SPARSE)
    yield fitted("svc-float32", SVC(verbose=False), data.FLOAT32)
    yield fitted("svr-sparse", SVR(gamma=0.3), data.SPARSE_REGRESSION)
    yield fitted("nu-svr", NuSVR(nu=0.3, C=2.0), data.REGRESSION)
    yield fitted("nu-svc-probability", NuSVC(nu=0.2, probability=True, random_state=0), data.BINARY)
    yield fitted("linear-svc-primal", LinearSVC(dual=False, penalty="l1", intercept_scaling=2.0), data.CLASSIFICATION)
    yield fitted("linear-svc-crammer", LinearSVC(multi_class="crammer_singer", random_state=0), data.CLASSIFICATION)
    yield fitted("linear-svc-sparse", LinearSVC(random_state=0), data.SPARSE)
    yield fitted("linear-svr-squared", LinearSVR(loss="squared_epsilon_insensitive", dual=False), data.REGRESSION)


def _bayes() -> Iterator[Case]:
    yield fitted("gaussian-bayes-priors", GaussianNB(priors=[0.2, 0.3, 0.5]), data.CLASSIFICATION)
    yield fitted("bernoulli-bayes-sparse", BernoulliNB(binarize=0.2), data.SPARSE)
    yield fitted("multinomial-bayes-sparse", MultinomialNB(alpha=0.1, fit_prior=False), data.SPARSE)
    yield fitted("complement-bayes-norm", ComplementNB(norm=True), data.COUNTS)
    yield fitted("categorical-bayes-min", CategoricalNB(min_categories=[6, 7, 8, 9]), data.INTEGERS)
    yield from sweep(LinearDiscriminantAnalysis, "solver", ["svd", "lsqr", "eigen"], data.CLASSIFICATION)
    shrunk = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", store_covariance=True)
    yield fitted("discriminant-shrunk", shrunk, data.STRING_LABELS)
    quadratic = QuadraticDiscriminantAnalysis(reg_param=0.1, store_covariance=True)
    yield fitted("discriminant-quadratic", quadratic, data.CLASSIFICATION)


def _networks() -> Iterator[Case]:
    small: dict[str, Any] = {"hidden_layer_sizes": (4, 3), "max_iter": 8, "random_state": 0}
    yield from sweep(MLPClassifier, "solver", ["lbfgs", "sgd", "adam"], data.CLASSIFICATION, **small)
    yield from sweep(MLPRegressor, "activation", ["identity", "logistic", "tanh"], data.REGRESSION, **small)
    yield fitted("network-early-stop", MLPClassifier(early_stopping=True, **small), data.STRING_LABELS)
    yield fitted("network-multilabel", MLPClassifier(**small), data.MULTILABEL)
    yield fitted("network-two-targets", MLPRegressor(warm_start=True, **small), data.MULTIOUTPUT)
    yield fitted("network-float32-sparse", MLPClassifier(**small), data.SPARSE)
    yield fitted("network-poisson", MLPRegressor(loss="poisson", **small), data.POSITIVE_REGRESSION)


def _others() -> Iterator[Case]:
    strategies = ["most_frequent", "prior", "stratified", "uniform"]
    yield from sweep(DummyClassifier, "strategy", strategies, data.STRING_LABELS, random_state=0)
    yield fitted("dummy-constant", DummyClassifier(strategy="constant", constant="setosa"), data.STRING_LABELS)
    yield fitted("dummy-sparse-outputs", DummyClassifier(strategy="prior"), data.MULTICLASS_OUTPUTS)
    yield from sweep(DummyRegressor, "strategy", ["mean", "median"], data.MULTIOUTPUT)
    yield fitted("dummy-quantile", DummyRegressor(strategy="quantile", quantile=0.3), data.REGRESSION)
    yield from sweep(KernelRidge, "kernel", ["linear", "rbf", "poly", "laplacian", "chi2"], data.POSITIVE, gamma=0.5)
    parameters = KernelRidge(kernel="polynomial", kernel_params=None, degree=2, alpha=[0.5, 1.0])
    yield fitted("kernel-ridge-two-targets", parameters, data.MULTIOUTPUT)
    yield from sweep(IsotonicRegression, "out_of_bounds", ["nan", "clip"], _LINE)
    yield fitted("isotonic-auto", IsotonicRegression(increasing="auto", y_min=-3, out_of_bounds="clip"), _LINE)


def _partly_fitted(name: str, estimator: Any, *, classes: np.ndarray[Any, Any]) -> Case:
    """Give the case of a model that has seen its data in three parts."""

    def build() -> Any:
        model = copy.deepcopy(estimator)
        for part in np.array_split(np.arange(60), 3):
            model.partial_fit(data.CLASSIFICATION.X[part], data.CLASSIFICATION.y[part], classes=classes)
        return model

    return Case(name=name, build=build, inputs=data.CLASSIFICATION.inputs)
