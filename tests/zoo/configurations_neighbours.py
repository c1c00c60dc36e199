"""Neighbours with every metric and algorithm, kernel density, and Gaussian processes with every kernel."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse
from scipy.spatial.distance import braycurtis
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    CompoundKernel,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.metrics import DistanceMetric
from sklearn.metrics.pairwise import manhattan_distances
from sklearn.neighbors import (
    BallTree,
    KDTree,
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
    NeighborhoodComponentsAnalysis,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_neighbours"]

_inverse_covariance = np.linalg.inv(np.cov(data.CLUSTERS.X.T))
_variances = data.CLUSTERS.X.var(axis=0)
_angles = data.Training(
    X=data.CLUSTERS.X[:, :2] / 4, y=data.CLASSIFICATION.y, inputs={"X": data.CLUSTERS.X[:9, :2] / 4}
)
_bits = data.CLUSTERS.X > 0.5
_BITS = data.Training(X=_bits, y=data.CLASSIFICATION.y, inputs={"X": _bits[:12]})
_neighbour_graph = KNeighborsTransformer(n_neighbors=8, mode="distance").fit_transform(data.CLUSTERS.X)
_GRAPH = data.Training(X=_neighbour_graph, y=data.CLASSIFICATION.y, inputs={"X": _neighbour_graph[:12]})


def configurations_neighbours() -> list[Case]:
    """Give the configurations of everything that keeps its training samples.

    Examples
    --------
    >>> "KNeighborsClassifier-metric=haversine" in {case.name for case in configurations_neighbours()}
    True
    """
    return [*_neighbours(), *_metrics(), *_radius(), *_trees_alone(), *_gaussian_processes()]


def _neighbours() -> Iterator[Case]:
    algorithms = ["ball_tree", "kd_tree", "brute", "auto"]
    yield from sweep(KNeighborsClassifier, "algorithm", algorithms, data.STRING_LABELS, leaf_size=7)
    yield from sweep(KNeighborsRegressor, "algorithm", algorithms, data.MULTIOUTPUT, leaf_size=7, weights="distance")
    yield from sweep(NearestNeighbors, "algorithm", algorithms, data.CLUSTERS, leaf_size=7, radius=2.0)
    yield from sweep(LocalOutlierFactor, "algorithm", algorithms, data.CLUSTERS, novelty=True)
    yield fitted("neighbours-sparse", KNeighborsClassifier(), data.SPARSE)
    yield fitted("neighbours-sparse-cosine", KNeighborsClassifier(metric="cosine"), data.SPARSE)
    yield fitted("neighbours-float32", KNeighborsClassifier(algorithm="kd_tree", n_jobs=-1), data.FLOAT32)
    yield fitted("neighbours-float32-brute", KNeighborsClassifier(algorithm="brute"), data.FLOAT32)
    yield fitted("neighbours-class-outputs", KNeighborsClassifier(), data.MULTICLASS_OUTPUTS)
    yield fitted("neighbours-precomputed", KNeighborsClassifier(metric="precomputed"), data.DISTANCES)
    yield fitted("neighbours-precomputed-graph", KNeighborsClassifier(n_neighbors=3, metric="precomputed"), _GRAPH)
    yield fitted("neighbours-weights-function", KNeighborsRegressor(weights=np.exp), data.REGRESSION)
    yield fitted("neighbours-missing", KNeighborsClassifier(metric="nan_euclidean"), data.MISSING)
    yield from sweep(KNeighborsTransformer, "mode", ["distance", "connectivity"], data.CLUSTERS)
    yield from sweep(NearestCentroid, "metric", ["euclidean", "manhattan"], data.STRING_LABELS)
    yield fitted("centroid-shrunk", NearestCentroid(shrink_threshold=0.3, priors=[0.2, 0.3, 0.5]), data.CLASSIFICATION)
    components = NeighborhoodComponentsAnalysis(n_components=2, max_iter=5, random_state=0)
    yield fitted("components-analysis", components, data.CLASSIFICATION)
    yield fitted("outliers-not-novel", LocalOutlierFactor(contamination=0.1), data.CLUSTERS)


def _metrics() -> Iterator[Case]:
    anywhere = ["euclidean", "l1", "l2", "manhattan", "cityblock", "chebyshev", "infinity", "canberra", "braycurtis"]
    yield from sweep(KNeighborsClassifier, "metric", anywhere, data.POSITIVE)
    yield from sweep(KNeighborsClassifier, "metric", ["correlation", "cosine", "sqeuclidean"], data.POSITIVE)
    yield from sweep(KNeighborsClassifier, "metric", ["haversine"], _angles, algorithm="ball_tree")
    boolean = ["hamming", "jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath", "yule"]
    yield from sweep(KNeighborsClassifier, "metric", boolean, _BITS)
    for algorithm in ("kd_tree", "ball_tree", "brute"):
        common: dict[str, Any] = {"algorithm": algorithm}
        cube = KNeighborsClassifier(p=3, **common)
        yield fitted(f"neighbours-minkowski-3-{algorithm}", cube, data.CLASSIFICATION)
        weighted = KNeighborsClassifier(metric="minkowski", metric_params={"w": np.arange(1.0, 5.0)}, **common)
        if algorithm != "kd_tree":
            yield fitted(f"neighbours-minkowski-weighted-{algorithm}", weighted, data.CLASSIFICATION)
            parameters = {"VI": _inverse_covariance}
            distance = KNeighborsClassifier(metric="mahalanobis", metric_params=parameters, **common)
            yield fitted(f"neighbours-mahalanobis-{algorithm}", distance, data.CLASSIFICATION)
            scaled = KNeighborsClassifier(metric="seuclidean", metric_params={"V": _variances}, **common)
            yield fitted(f"neighbours-seuclidean-{algorithm}", scaled, data.CLASSIFICATION)
    covariance = KNeighborsClassifier(
        metric="mahalanobis", metric_params={"V": np.cov(data.CLUSTERS.X.T)}, algorithm="ball_tree"
    )
    yield fitted("neighbours-mahalanobis-V", covariance, data.CLASSIFICATION)
    yield fitted("neighbours-metric-function", KNeighborsClassifier(metric=braycurtis), data.POSITIVE)
    yield fitted(
        "neighbours-metric-pairwise",
        NearestNeighbors(metric=braycurtis, algorithm="brute"),
        data.POSITIVE.without_target(),
    )


def _radius() -> Iterator[Case]:
    classifier = RadiusNeighborsClassifier(radius=2.0, outlier_label="nobody", weights="distance")
    yield fitted("radius-outlier-label", classifier, data.STRING_LABELS)
    most_frequent = RadiusNeighborsClassifier(radius=2.5, outlier_label="most_frequent", algorithm="kd_tree")
    yield fitted("radius-most-frequent", most_frequent, data.CLASSIFICATION)
    yield fitted("radius-regressor", RadiusNeighborsRegressor(radius=3.0, p=1), data.MULTIOUTPUT)
    yield fitted("radius-transformer", RadiusNeighborsTransformer(radius=2.0, mode="connectivity"), data.CLUSTERS)


def _trees_alone() -> Iterator[Case]:
    kernels = ["gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"]
    yield from sweep(KernelDensity, "kernel", kernels, data.CLUSTERS)
    yield fitted("density-scott", KernelDensity(bandwidth="scott", algorithm="kd_tree", leaf_size=5), data.CLUSTERS)
    yield fitted("density-haversine", KernelDensity(metric="haversine", bandwidth=0.3), _angles.without_target())
    yield Case(name="kd-tree", build=lambda: KDTree(data.CLUSTERS.X, leaf_size=3, metric="chebyshev"))
    yield Case(name="ball-tree", build=lambda: BallTree(data.CLUSTERS.X, leaf_size=3, metric="minkowski", p=3))
    names: list[tuple[str, dict[str, Any]]] = [
        *(("euclidean", {}), ("minkowski", {"p": 3}), ("seuclidean", {"V": _variances}), ("hamming", {})),
        *(("mahalanobis", {"VI": _inverse_covariance}), ("haversine", {}), ("pyfunc", {"func": braycurtis})),
    ]
    for name, parameters in names:
        yield Case(
            name=f"distance-metric-{name}", build=functools.partial(DistanceMetric.get_metric, name, **parameters)
        )


def _gaussian_processes() -> Iterator[Case]:
    kernels: dict[str, Any] = {
        "constant": ConstantKernel(2.0) * RBF(1.5),
        "anisotropic": RBF(np.array([1.0, 2.0, 3.0, 4.0])),
        "matern-half": Matern(length_scale=2.0, nu=0.5),
        "matern": Matern(length_scale=[1.0, 1.0, 2.0, 2.0], nu=1.5),
        "rational-quadratic": RationalQuadratic(alpha=0.5),
        "periodic": ExpSineSquared(length_scale=2.0, periodicity=3.0) + WhiteKernel(9.0),
        "dot-product": DotProduct(sigma_0=1.0) + WhiteKernel(1e-2, noise_level_bounds="fixed"),
        "power": (RBF(2.0) + ConstantKernel(0.5)) ** 2,
        "pairwise": PairwiseKernel(gamma=0.5, metric="rbf") + WhiteKernel(0.1),
        "pairwise-laplacian": PairwiseKernel(metric="laplacian"),
    }
    for name, kernel in kernels.items():
        regressor = GaussianProcessRegressor(kernel=kernel, alpha=1e-6, optimizer=None, normalize_y=name == "matern")
        yield fitted(f"gaussian-process-{name}", regressor, data.REGRESSION)
    optimised = GaussianProcessRegressor(RBF() + WhiteKernel(), n_restarts_optimizer=1, random_state=0)
    yield fitted("gaussian-process-optimised", optimised, data.REGRESSION)
    yield fitted(
        "gaussian-process-two-targets", GaussianProcessRegressor(RBF(), alpha=0.1, optimizer=None), data.MULTIOUTPUT
    )
    noise = GaussianProcessRegressor(alpha=np.linspace(0.1, 0.2, 60), copy_X_train=False)
    yield fitted("gaussian-process-noise-array", noise, data.REGRESSION)
    yield from sweep(
        GaussianProcessClassifier, "multi_class", ["one_vs_rest", "one_vs_one"], data.STRING_LABELS, optimizer=None
    )
    yield fitted("gaussian-process-binary", GaussianProcessClassifier(1.0 * RBF(2.0), warm_start=True), data.BINARY)
    yield Case(name="compound-kernel", build=lambda: CompoundKernel([RBF(1.0), Matern(2.0)]))
    function = KNeighborsClassifier(metric=manhattan_distances, algorithm="brute")
    yield Case(name="neighbours-unfitted-function", build=lambda: function)
    yield fitted("neighbours-csr-array", KNeighborsClassifier(), _csr_array())


def _csr_array() -> data.Training:
    matrix = scipy.sparse.csr_array(data.SPARSE.X)
    return data.Training(X=matrix, y=data.SPARSE.y, inputs={"X": matrix[:12]}, tags=data.SPARSE.tags)
