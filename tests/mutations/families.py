"""The models that are attacked, by family: each family hands other native code its arrays. They come from the zoo."""

from __future__ import annotations

from tests.zoo.case import Case
from tests.zoo.every_case import all_cases

__all__ = ["CASES", "FAMILIES"]

FAMILIES = {
    "trees": (
        "DecisionTreeClassifier-fitted tree-two-outputs tree-missing forest-class-outputs forest-sparse "
        "RandomForestRegressor-fitted isolation-contamination embedding-dense"
    ),
    "boosting": (
        "GradientBoostingClassifier-fitted boosting-multiclass boosting-init-estimator histogram-categories "
        "histogram-early-stop HistGradientBoostingRegressor-fitted adaptive-trees"
    ),
    "neighbours": (
        "KNeighborsClassifier-algorithm=kd_tree NearestNeighbors-algorithm=ball_tree neighbours-sparse "
        "neighbours-mahalanobis-ball_tree radius-outlier-label KernelDensity-kernel=gaussian imputer-neighbours"
    ),
    "support vectors": (
        "SVC-fitted svc-sparse svc-probability svc-precomputed nu-svr OneClassSVM-fitted linear-svc-sparse"
    ),
    "clusters": (
        "KMeans-fitted bisecting-sparse birch-leaves hierarchical-density OPTICS-fitted AgglomerativeClustering-fitted "
        "means-partial-fit"
    ),
    "features": (
        "TfidfVectorizer-fitted hashed-features DictVectorizer-fitted one-hot-infrequent ordinal-missing "
        "target-encoder-multiclass spline-quantile-sparse QuantileTransformer-fitted bins-onehot-quantile "
        "OneHotEncoder-drop=first label-sets-classes "
        "StandardScaler-fitted columns-text"
    ),
    "densities": (
        "GaussianMixture-fitted GaussianProcessRegressor-fitted gaussian-process-periodic IsotonicRegression-fitted "
        "LatentDirichletAllocation-fitted NMF-fitted CategoricalNB-fitted DictionaryLearning-fitted"
    ),
    "linear": (
        "logistic-sparsified SGDClassifier-fitted sgd-averaged MLPClassifier-fitted elastic-net-cv "
        "LabelPropagation-fitted threshold-tuned stacking KernelPCA-fitted label-binarizer-sparse "
        "sgd-partial-fit SGDRegressor-fitted"
    ),
}
"""Names of cases of the zoo."""

_WANTED = frozenset(name for names in FAMILIES.values() for name in names.split())
CASES: dict[str, Case] = {case.name: case for case in all_cases() if case.name in _WANTED}
