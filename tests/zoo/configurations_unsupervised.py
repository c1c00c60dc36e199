"""Decomposition, clusters, covariance, mixtures, manifolds, projections and kernel approximation."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.spatial.distance import braycurtis
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
)
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance, GraphicalLassoCV, MinCovDet, ShrunkCovariance
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.decomposition import (
    NMF,
    PCA,
    DictionaryLearning,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    KernelPCA,
    LatentDirichletAllocation,
    MiniBatchDictionaryLearning,
    MiniBatchNMF,
    MiniBatchSparsePCA,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.gaussian_process.kernels import RBF
from sklearn.kernel_approximation import AdditiveChi2Sampler, Nystroem, PolynomialCountSketch, RBFSampler
from sklearn.manifold import TSNE, Isomap, LocallyLinearEmbedding, SpectralEmbedding
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neural_network import BernoulliRBM
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_unsupervised"]

_SPARSE_ONLY = data.SPARSE.without_target()
_unlabelled = data.CLASSIFICATION.y.copy()
_unlabelled[::4] = -1
_PARTLY_LABELLED = data.Training(X=data.CLASSIFICATION.X, y=_unlabelled, inputs=data.CLASSIFICATION.inputs)


def configurations_unsupervised() -> list[Case]:
    """Give the configurations of models that learn structure without, or with hardly any, targets.

    Examples
    --------
    >>> len(configurations_unsupervised()) > 70
    True
    """
    return [
        *_decomposition(),
        *_dictionaries(),
        *_clusters(),
        *_hierarchies(),
        *_densities(),
        *_projections(),
        *_manifolds(),
    ]


def _decomposition() -> Iterator[Case]:
    solvers = ["full", "covariance_eigh", "randomized"]
    yield from sweep(PCA, "svd_solver", solvers, data.CLUSTERS, n_components=2, random_state=0)
    # ARPACK leaves its components in reversed strides, which no format keeps: BLAS then sums in another order.
    yield fitted("components-arpack", PCA(2, svd_solver="arpack", random_state=0), data.CLUSTERS, tolerance=1e-10)
    yield from sweep(PCA, "n_components", [0.9, "mle"], data.CLUSTERS, whiten=True)
    yield fitted(
        "components-sparse", PCA(n_components=2, svd_solver="arpack", random_state=0), _SPARSE_ONLY, tolerance=1e-10
    )
    yield fitted("components-incremental", IncrementalPCA(n_components=2, batch_size=20), data.CLUSTERS)
    kernels = ["linear", "poly", "rbf", "sigmoid", "cosine"]
    yield from sweep(KernelPCA, "kernel", kernels, data.CLUSTERS, n_components=2, random_state=0)
    inverse = KernelPCA(n_components=2, kernel="rbf", fit_inverse_transform=True, eigen_solver="arpack", random_state=0)
    yield fitted("kernel-components-inverse", inverse, data.CLUSTERS)
    yield fitted("kernel-components-precomputed", KernelPCA(2, kernel="precomputed"), data.GRAM)
    yield from sweep(TruncatedSVD, "algorithm", ["arpack", "randomized"], _SPARSE_ONLY, n_components=2, random_state=0)
    yield from sweep(FastICA, "fun", ["logcosh", "exp", "cube"], data.CLUSTERS, n_components=2, random_state=0)
    yield from sweep(FactorAnalysis, "rotation", [None, "varimax", "quartimax"], data.CLUSTERS, n_components=2)
    yield fitted(
        "boltzmann", BernoulliRBM(n_components=3, n_iter=2, random_state=np.random.RandomState(1)), data.POSITIVE
    )
    for kind in (CCA, PLSCanonical, PLSRegression, PLSSVD):
        yield fitted(f"{kind.__name__}-two", kind(n_components=2, scale=False), data.MULTIOUTPUT)


def _dictionaries() -> Iterator[Case]:
    small: dict[str, Any] = {"n_components": 2, "random_state": 0, "max_iter": 5}
    yield from sweep(NMF, "solver", ["cd", "mu"], data.POSITIVE, **small)
    yield from sweep(NMF, "beta_loss", ["kullback-leibler", "itakura-saito"], data.POSITIVE, solver="mu", **small)
    yield from sweep(NMF, "init", ["random", "nndsvd", "nndsvda", "nndsvdar"], data.POSITIVE, **small)
    yield fitted("factors-sparse", NMF(**small), _SPARSE_ONLY)
    yield fitted("factors-batches", MiniBatchNMF(batch_size=20, forget_factor=0.5, **small), data.POSITIVE)
    yield from sweep(LatentDirichletAllocation, "learning_method", ["batch", "online"], data.COUNTS, **small)
    yield fitted("topics-sparse", LatentDirichletAllocation(doc_topic_prior=0.3, **small), _SPARSE_ONLY)
    yield from sweep(SparsePCA, "method", ["lars", "cd"], data.CLUSTERS, **small)
    yield fitted("sparse-components-batches", MiniBatchSparsePCA(batch_size=20, **small), data.CLUSTERS)
    algorithms = ["lasso_lars", "lasso_cd", "lars", "omp", "threshold"]
    yield from sweep(DictionaryLearning, "transform_algorithm", algorithms, data.CLUSTERS, split_sign=True, **small)
    yield fitted("dictionary-batches", MiniBatchDictionaryLearning(batch_size=20, **small), data.CLUSTERS)


def _clusters() -> Iterator[Case]:
    small: dict[str, Any] = {"n_clusters": 3, "random_state": 0}
    yield from sweep(KMeans, "algorithm", ["lloyd", "elkan"], data.CLUSTERS, n_init=1, **small)
    yield fitted("means-given-centres", KMeans(3, init=data.CLUSTERS.X[:3], n_init=1), data.CLUSTERS)
    yield fitted("means-sparse", KMeans(init="random", n_init=2, **small), _SPARSE_ONLY)
    yield fitted("means-float32", KMeans(n_init=1, **small), data.FLOAT32)
    yield _batched("means-partial-fit", MiniBatchKMeans(batch_size=20, n_init=1, **small))
    yield from sweep(
        BisectingKMeans, "bisecting_strategy", ["biggest_inertia", "largest_cluster"], data.CLUSTERS, **small
    )
    yield fitted("bisecting-sparse", BisectingKMeans(**small), _SPARSE_ONLY)
    yield fitted("density-noise", DBSCAN(eps=1.5, min_samples=3, metric="cosine"), data.CLUSTERS)
    yield fitted("density-precomputed", DBSCAN(eps=1.0, metric="precomputed"), data.DISTANCES)
    yield fitted("hierarchical-density", HDBSCAN(min_cluster_size=4, store_centers="both", copy=True), data.CLUSTERS)
    yield from sweep(OPTICS, "cluster_method", ["xi", "dbscan"], data.CLUSTERS, min_samples=4)
    yield fitted("mean-shift-bins", MeanShift(bandwidth=2.0, bin_seeding=True, cluster_all=False), data.CLUSTERS)
    yield fitted(
        "spectral-neighbours",
        SpectralClustering(affinity="nearest_neighbors", assign_labels="discretize", **small),
        data.CLUSTERS,
    )


def _hierarchies() -> Iterator[Case]:
    linkages = ["ward", "complete", "average", "single"]
    yield from sweep(AgglomerativeClustering, "linkage", linkages, data.CLUSTERS, n_clusters=3, compute_distances=True)
    threshold = AgglomerativeClustering(n_clusters=None, distance_threshold=3.0)
    yield fitted("agglomerative-threshold", threshold, data.CLUSTERS)
    folder = {"memory": "cache-dir"}
    yield fitted("agglomerative-memory", AgglomerativeClustering(3), data.CLUSTERS, after=folder)
    yield fitted(
        "agglomerative-metric", AgglomerativeClustering(3, metric="manhattan", linkage="average"), data.CLUSTERS
    )
    yield fitted("features-median", FeatureAgglomeration(2, pooling_func=np.median), data.CLUSTERS)
    yield fitted("features-memory", FeatureAgglomeration(2), data.CLUSTERS, after=folder)
    yield fitted("birch-leaves", Birch(threshold=0.3, branching_factor=4, n_clusters=3), data.CLUSTERS)
    yield fitted("birch-no-final", Birch(threshold=0.5, n_clusters=None, compute_labels=False), data.CLUSTERS)
    yield fitted("birch-final-estimator", Birch(threshold=0.4, n_clusters=AgglomerativeClustering(2)), data.CLUSTERS)
    yield fitted("birch-sparse", Birch(threshold=0.4, branching_factor=5), _SPARSE_ONLY)
    yield _batched("birch-partial-fit", Birch(threshold=0.2, branching_factor=3))


def _densities() -> Iterator[Case]:
    covariances = ["full", "tied", "diag", "spherical"]
    yield from sweep(GaussianMixture, "covariance_type", covariances, data.CLUSTERS, n_components=2, random_state=0)
    yield from sweep(
        BayesianGaussianMixture,
        "covariance_type",
        covariances,
        data.CLUSTERS,
        n_components=2,
        random_state=0,
        max_iter=20,
    )
    process = BayesianGaussianMixture(
        weight_concentration_prior_type="dirichlet_distribution", n_init=2, random_state=0
    )
    yield fitted("mixture-distribution", process, data.CLUSTERS)
    given = GaussianMixture(
        2, means_init=data.CLUSTERS.X[:2], weights_init=[0.5, 0.5], init_params="k-means++", random_state=0
    )
    yield fitted("mixture-given", given, data.CLUSTERS)
    yield fitted("mixture-warm", GaussianMixture(2, warm_start=True, random_state=0, max_iter=2), data.CLUSTERS)
    yield fitted(
        "covariance-no-precision", EmpiricalCovariance(store_precision=False, assume_centered=True), data.CLUSTERS
    )
    yield fitted("covariance-shrunk", ShrunkCovariance(shrinkage=0.4), data.CLUSTERS)
    yield fitted("covariance-robust", MinCovDet(support_fraction=0.8, random_state=0), data.CLUSTERS)
    yield fitted("covariance-envelope", EllipticEnvelope(contamination=0.2, random_state=0), data.CLUSTERS)
    yield fitted("covariance-graphical", GraphicalLassoCV(alphas=[0.1, 0.5], cv=2), data.CLUSTERS)


def _projections() -> Iterator[Case]:
    yield fitted(
        "projection-gaussian",
        GaussianRandomProjection(3, random_state=1, compute_inverse_components=True),
        data.CLUSTERS,
    )
    yield fitted("projection-sparse", SparseRandomProjection(3, density=0.5, random_state=1), data.CLUSTERS)
    dense = SparseRandomProjection(
        3, dense_output=True, compute_inverse_components=True, random_state=np.random.RandomState(4)
    )
    yield fitted("projection-dense-output", dense, _SPARSE_ONLY)
    small: dict[str, Any] = {"n_components": 5, "random_state": 0}
    yield from sweep(Nystroem, "kernel", ["rbf", "poly", "laplacian", "cosine"], data.CLUSTERS, **small)
    yield fitted("approximation-kernel-function", Nystroem(kernel=braycurtis, **small), data.CLUSTERS)
    yield fitted("approximation-kernel-object", Nystroem(kernel=RBF(2.0), **small), data.CLUSTERS)
    yield fitted("approximation-fourier", RBFSampler(gamma="scale", **small), data.FLOAT32)
    yield fitted("approximation-sketch", PolynomialCountSketch(degree=3, coef0=1, **small), data.CLUSTERS)
    yield fitted("approximation-chi2", AdditiveChi2Sampler(sample_steps=3), data.POSITIVE)


def _manifolds() -> Iterator[Case]:
    yield fitted("isomap-radius", Isomap(n_neighbors=None, radius=6.0, neighbors_algorithm="kd_tree"), data.CLUSTERS)
    yield fitted("isomap-dijkstra", Isomap(path_method="D", metric="manhattan"), data.CLUSTERS)
    methods = ["standard", "modified", "hessian", "ltsa"]
    yield from sweep(
        LocallyLinearEmbedding, "method", methods, data.CLUSTERS, n_neighbors=12, random_state=0, eigen_solver="dense"
    )
    yield from sweep(SpectralEmbedding, "affinity", ["rbf", "nearest_neighbors"], data.CLUSTERS, random_state=0)
    yield fitted(
        "neighbour-embedding",
        TSNE(init="random", method="exact", max_iter=250, perplexity=5.0, random_state=0),
        data.CLUSTERS,
    )
    yield from sweep(LabelPropagation, "kernel", ["rbf", "knn"], _PARTLY_LABELLED, n_neighbors=4)
    yield from sweep(LabelSpreading, "kernel", ["rbf", "knn"], _PARTLY_LABELLED, n_neighbors=4)
    yield fitted("label-spreading-function", LabelSpreading(kernel=rbf_kernel), _PARTLY_LABELLED)


def _batched(name: str, estimator: Any) -> Case:
    """Give the case of a model that has seen its data in three parts."""

    def build() -> Any:
        model = copy.deepcopy(estimator)
        for part in np.array_split(data.CLUSTERS.X, 3):
            model.partial_fit(part)
        return model

    return Case(name=name, build=build, inputs=data.CLUSTERS.inputs)
