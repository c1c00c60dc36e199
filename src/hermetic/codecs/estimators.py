"""scikit-learn's plain objects: estimators and helpers whose whole state is their ``__dict__``.

A plain class is one word in the table below. Its name in files is its public one, ``sklearn.svm.SVC``: the module
without private parts, which outlives moves between private modules. Classes with native state have codecs of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, plain_state
from hermetic.codecs.field_checks import COUNTS, check_counts
from hermetic.codecs.node_widths import IS_NARROW, native_counts, stored_counts
from hermetic.codecs.shadowing import first_shadowing
from hermetic.codecs.texts import text_of
from hermetic.graph import Packed

__all__ = [
    "CountingCodec",
    "EstimatorCodec",
    "IsotonicRegressionCodec",
    "OneVsRestCodec",
    "RuledCodec",
    "public_name",
    "public_names",
]

_ALWAYS_SEALED = frozenset({*COUNTS, "_n_threads", "n_threads"})
_CACHE = "a later fit keeps a cache in that folder and reads what is there; predicting does not"
_PLAIN = {
    "sklearn.calibration": ("CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling"),
    "sklearn.cluster._affinity_propagation": "AffinityPropagation",
    "sklearn.cluster._bicluster": "SpectralBiclustering SpectralCoclustering",
    "sklearn.cluster._dbscan": "DBSCAN",
    "sklearn.cluster._mean_shift": "MeanShift",
    "sklearn.cluster._optics": "OPTICS",
    "sklearn.cluster._spectral": "SpectralClustering",
    "sklearn.compose._target": "TransformedTargetRegressor",
    "sklearn.cross_decomposition._pls": "CCA PLSCanonical PLSRegression PLSSVD",
    "sklearn.decomposition._fastica": "FastICA",
    "sklearn.decomposition._kernel_pca": "KernelPCA",
    "sklearn.decomposition._pca": "PCA",
    "sklearn.decomposition._sparse_pca": "MiniBatchSparsePCA SparsePCA",
    "sklearn.decomposition._truncated_svd": "TruncatedSVD",
    "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
    "sklearn.ensemble._bagging": "BaggingRegressor",
    "sklearn.ensemble._gb": "VerboseReporter",
    "sklearn.ensemble._stacking": "StackingClassifier StackingRegressor",
    "sklearn.ensemble._voting": "VotingClassifier VotingRegressor",
    "sklearn.ensemble._weight_boosting": "AdaBoostClassifier AdaBoostRegressor",
    "sklearn.feature_extraction.image": "PatchExtractor",
    "sklearn.feature_extraction.text": "TfidfTransformer",
    "sklearn.feature_selection._from_model": "SelectFromModel",
    "sklearn.feature_selection._rfe": "RFE RFECV",
    "sklearn.feature_selection._sequential": "SequentialFeatureSelector",
    "sklearn.feature_selection._univariate_selection": (
        "GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest SelectPercentile"
    ),
    "sklearn.feature_selection._variance_threshold": "VarianceThreshold",
    "sklearn.frozen._frozen": "FrozenEstimator",
    "sklearn.gaussian_process._gpc": "GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels": (
        "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation GenericKernelMixin Hyperparameter "
        "Matern NormalizedKernelMixin PairwiseKernel Product RBF RationalQuadratic StationaryKernelMixin Sum "
        "WhiteKernel"
    ),
    "sklearn.impute._base": "MissingIndicator SimpleImputer",
    "sklearn.impute._iterative": "IterativeImputer",
    "sklearn.impute._knn": "KNNImputer",
    "sklearn.kernel_approximation": "Nystroem RBFSampler SkewedChi2Sampler",
    "sklearn.kernel_ridge": "KernelRidge",
    "sklearn.linear_model._base": "LinearRegression",
    "sklearn.linear_model._bayes": "ARDRegression BayesianRidge",
    "sklearn.linear_model._coordinate_descent": (
        "ElasticNet ElasticNetCV Lasso LassoCV MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso "
        "MultiTaskLassoCV"
    ),
    "sklearn.linear_model._huber": "HuberRegressor",
    "sklearn.linear_model._least_angle": "Lars LarsCV LassoLars LassoLarsCV LassoLarsIC",
    "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
    "sklearn.linear_model._omp": "OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV",
    "sklearn.linear_model._quantile": "QuantileRegressor",
    "sklearn.linear_model._ransac": "RANSACRegressor",
    "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier RidgeClassifierCV _RidgeGCV",
    "sklearn.linear_model._theil_sen": "TheilSenRegressor",
    "sklearn.linear_model._glm.glm": "GammaRegressor PoissonRegressor TweedieRegressor",
    "sklearn.manifold._classical_mds": "ClassicalMDS",
    "sklearn.manifold._isomap": "Isomap",
    "sklearn.manifold._locally_linear": "LocallyLinearEmbedding",
    "sklearn.manifold._mds": "MDS",
    "sklearn.manifold._spectral_embedding": "SpectralEmbedding",
    "sklearn.manifold._t_sne": "TSNE",
    "sklearn.model_selection._classification_threshold": ("FixedThresholdClassifier TunedThresholdClassifierCV"),
    "sklearn.model_selection._search": "GridSearchCV ParameterGrid ParameterSampler RandomizedSearchCV",
    "sklearn.model_selection._search_successive_halving": "HalvingGridSearchCV HalvingRandomSearchCV",
    "sklearn.model_selection._split": (
        "BaseShuffleSplit GroupKFold GroupShuffleSplit GroupsConsumerMixin KFold LeaveOneGroupOut LeaveOneOut "
        "LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ShuffleSplit "
        "StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit _CVIterableWrapper"
    ),
    "sklearn.multiclass": "OneVsOneClassifier OutputCodeClassifier _ConstantPredictor",
    "sklearn.multioutput": "MultiOutputClassifier MultiOutputRegressor",
    "sklearn.naive_bayes": "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB",
    "sklearn.neighbors._kde": "KernelDensity",
    "sklearn.neighbors._nca": "NeighborhoodComponentsAnalysis",
    "sklearn.neighbors._nearest_centroid": "NearestCentroid",
    "sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor",
    "sklearn.neural_network._rbm": "BernoulliRBM",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
    "sklearn.pipeline": "FeatureUnion Pipeline",
    "sklearn.preprocessing._data": (
        "Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer QuantileTransformer "
        "RobustScaler StandardScaler"
    ),
    "sklearn.preprocessing._discretization": "KBinsDiscretizer",
    "sklearn.preprocessing._encoders": "OrdinalEncoder",
    "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
    "sklearn.semi_supervised._label_propagation": "LabelPropagation LabelSpreading",
    "sklearn.semi_supervised._self_training": "SelfTrainingClassifier",
    "sklearn.svm._classes": "LinearSVC LinearSVR",
    "sklearn.utils._metadata_requests": "MetadataRequest MetadataRouter MethodMapping MethodMetadataRequest",
}


def public_name(module: str, name: str) -> str:
    """Give the name that files hold for a class: its path up to the first private module.

    Parameters
    ----------
    module : str
        Where the class is defined.
    name : str
        Its name.

    Returns
    -------
    str
        The neutral name.

    Examples
    --------
    >>> public_name("sklearn.svm._classes", "SVC")
    'sklearn.svm.SVC'
    """
    return ".".join([*takewhile(lambda part: not part.startswith("_"), module.split(".")), name])


def public_names(module: str, names: str) -> dict[str, str]:
    """Give the table of classes for some classes of one module.

    Parameters
    ----------
    module : str
        Where the classes are defined.
    names : str
        Their names, with spaces between.

    Returns
    -------
    dict of str to str
        Neutral name to location, as in `Codec.classes`.

    Examples
    --------
    >>> public_names("sklearn.svm._classes", "SVC")
    {'sklearn.svm.SVC': 'sklearn.svm._classes:SVC'}
    """
    return {public_name(module, name): f"{module}:{name}" for name in names.split()}


class EstimatorCodec(Codec):
    """Plain estimators and helpers.

    Fields: the instance's ``__dict__``, in its order. Validation: no field is a dunder name or hides a method, property
    or class attribute (unless it is a parameter of the constructor): native and library code would find the file's
    value in place of its own. Such an instance is refused at dump already.

    Attributes
    ----------
    own_fields : frozenset of str
        Names of class attributes that the codec itself keeps and checks.
    """

    classes: ClassVar = {
        public_name(module, name): f"{module}:{name}" for module, names in _PLAIN.items() for name in names.split()
    }
    aliases: ClassVar = {
        "sklearn.impute:MissingIndicator": "sklearn.impute.MissingIndicator",
        "sklearn.impute:SimpleImputer": "sklearn.impute.SimpleImputer",
        "sklearn.lda:LDA": "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
        "sklearn.qda:QDA": "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
    }
    is_linkable = True
    is_value = True
    own_fields: ClassVar[frozenset[str]] = frozenset()
    sealed_fields = _ALWAYS_SEALED

    def __init_subclass__(cls) -> None:
        """Seal what all estimators check, besides what the subclass checks; former places belong to one codec."""
        super().__init_subclass__()
        cls.aliases = vars(cls).get("aliases", {})
        cls.sealed_fields = cls.sealed_fields | _ALWAYS_SEALED

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, if it hides nothing of the class."""
        fields = super().capture(name, instances)
        if hiding := first_shadowing(type(instances[0]), fields, self.own_fields):
            raise self.refuse(
                instances[0],
                f"its own attribute {hiding!r} hides what the class defines",
                "Give the attribute another name, or define a subclass in a module that can be imported.",
            )
        return fields

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state without the version of scikit-learn, which belongs to the file."""
        fields = plain_state(made)
        fields.pop("_sklearn_version", None)
        return fields

    def notes(self, name: str, view: FieldView) -> list[tuple[int, str, str]]:
        """Name the folders that a later fit would use as a cache."""
        if "memory" not in view.node.fields or type(view.node.fields["memory"]) is Packed:
            return []
        texts = enumerate(map(text_of, view.values("memory")))
        return [(row, "memory", f"memory={text!r}: {_CACHE}") for row, text in texts if text is not None]

    def validate(self, name: str, view: FieldView) -> None:
        """Check that no field hides a name of the class, and that no number starts or makes more than machines hold."""
        if hiding := first_shadowing(self.resolve(name), view.node.fields, self.own_fields):
            raise view.refuse(f"no {name} may have an attribute {hiding!r} of its own", field=hiding)
        check_counts(view)


class CountingCodec(EstimatorCodec):
    """Estimators with a field of numbers that numpy counts: 64 bits in files, as wide as a pointer in memory."""

    counted: ClassVar[dict[str, str]] = {}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state, those numbers in 64 bits."""
        fields, counted = super().adopt(name, made), self.counted.get(name)
        return fields if counted not in fields else fields | {counted: stored_counts(fields[counted])}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, those numbers in 64 bits."""
        fields, counted = super().capture(name, instances), self.counted.get(name)
        if IS_NARROW and counted in fields:
            fields[counted] = list(map(stored_counts, fields[counted]))
        return fields

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects, those numbers as this machine counts."""
        if IS_NARROW and (counted := self.counted.get(name)) in fields:
            fields[counted] = list(map(native_counts, fields[counted]))
        return super().restore(name, fields, rows)


class RuledCodec(CountingCodec):
    """Plain estimators whose fitted numbers decide what is allocated, looped over or followed when the model is used.

    Fields: the ``__dict__``. What must hold is written as tables in `hermetic.codecs.rules`, which is imported for the
    first such estimator only: most models hold none.
    """

    counted: ClassVar = {"sklearn.cluster.FeatureAgglomeration": "labels_"}
    classes: ClassVar = {
        **public_names("sklearn.cluster._agglomerative", "AgglomerativeClustering FeatureAgglomeration"),
        **public_names("sklearn.covariance._elliptic_envelope", "EllipticEnvelope"),
        **public_names("sklearn.covariance._empirical_covariance", "EmpiricalCovariance"),
        **public_names("sklearn.covariance._graph_lasso", "GraphicalLasso GraphicalLassoCV"),
        **public_names("sklearn.covariance._robust_covariance", "MinCovDet"),
        **public_names("sklearn.covariance._shrunk_covariance", "LedoitWolf OAS ShrunkCovariance"),
        **public_names(
            "sklearn.decomposition._dict_learning", "DictionaryLearning MiniBatchDictionaryLearning SparseCoder"
        ),
        **public_names("sklearn.decomposition._factor_analysis", "FactorAnalysis"),
        **public_names("sklearn.decomposition._incremental_pca", "IncrementalPCA"),
        **public_names("sklearn.decomposition._lda", "LatentDirichletAllocation"),
        **public_names("sklearn.decomposition._nmf", "MiniBatchNMF NMF"),
        **public_names("sklearn.dummy", "DummyClassifier DummyRegressor"),
        **public_names("sklearn.ensemble._bagging", "BaggingClassifier"),
        **public_names("sklearn.gaussian_process._gpr", "GaussianProcessRegressor"),
        **public_names("sklearn.kernel_approximation", "AdditiveChi2Sampler PolynomialCountSketch"),
        **public_names("sklearn.mixture._bayesian_mixture", "BayesianGaussianMixture"),
        **public_names("sklearn.mixture._gaussian_mixture", "GaussianMixture"),
        **public_names("sklearn.multioutput", "ClassifierChain RegressorChain"),
        **public_names("sklearn.preprocessing._polynomial", "PolynomialFeatures SplineTransformer"),
        **public_names("sklearn.preprocessing._target_encoder", "TargetEncoder"),
        **public_names("sklearn.random_projection", "GaussianRandomProjection SparseRandomProjection"),
    }
    aliases: ClassVar = {
        "sklearn.covariance._graph_lasso:GraphLasso": "sklearn.covariance.GraphicalLasso",
        "sklearn.covariance._graph_lasso:GraphLassoCV": "sklearn.covariance.GraphicalLassoCV",
        "sklearn.preprocessing._data:PolynomialFeatures": "sklearn.preprocessing.PolynomialFeatures",
    }
    checked_fields = frozenset(
        {
            *("children_", "components_", "covariances_", "exp_dirichlet_component_", "labels_", "mean_", "order_"),
            "singular_values_",
        }
    )
    sealed_fields = frozenset(
        {
            *checked_fields,
            *("_max_degree", "_min_degree", "_n_components", "_n_out_full", "_transform_max_iter", "bitHash_"),
            *("bsplines_", "categories_", "classes_", "constant_", "covariance_", "covariance_type", "degree"),
            *("dictionary", "n_components_", "noise_variance_"),
            *("encodings_", "include_bias", "indexHash_", "interaction_only", "location_", "max_doc_update_iter"),
            *("max_iter", "mean_change_tol", "means_", "n_classes_", "n_components", "n_features_out_", "n_leaves_"),
            *("n_output_features_", "n_outputs_", "n_targets", "precision_", "sample_steps", "target_type_", "tol"),
            *("transform_max_iter", "weights_"),
        }
    )

    def validate(self, name: str, view: FieldView) -> None:
        """Apply the rules of this type."""
        super().validate(name, view)
        from hermetic.codecs.rules import check_rules  # most models hold no such estimator, and need no tables

        check_rules(name, view)


class OneVsRestCodec(EstimatorCodec):
    """`sklearn.multiclass.OneVsRestClassifier`: each member gives one number for each row.

    Fields: the ``__dict__``. Source: sklearn/multiclass.py, ``OneVsRestClassifier.predict``, which takes positions in
    the answers for rows of a sparse matrix.
    """

    classes: ClassVar = public_names("sklearn.multiclass", "OneVsRestClassifier")
    sealed_fields = frozenset({"estimators_", "label_binarizer_"})
    has_finish = True

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Look at the members, or ask them, when they stand."""
        from hermetic.codecs.probes import check_members  # few models hold such a classifier

        for instance in instances:
            members = vars(instance).get("estimators_")
            if type(members) is list:
                check_members(members, vars(instance).get("n_features_in_"))


class IsotonicRegressionCodec(EstimatorCodec):
    """`sklearn.isotonic.IsotonicRegression`.

    Fields: the ``__dict__`` without ``f_``, an interpolation function that the class builds anew from ``X_thresholds_``
    and ``y_thresholds_``: two rows of floats of one length, at least one each. Source: sklearn/isotonic.py,
    ``__getstate__``.
    """

    copy_factor = 1
    classes: ClassVar = {"sklearn.isotonic.IsotonicRegression": "sklearn.isotonic:IsotonicRegression"}
    sealed_fields = frozenset({"X_thresholds_", "y_thresholds_"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state without the interpolation function."""
        fields = super().adopt(name, made)
        fields.pop("f_", None)
        return fields

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state without the interpolation function."""
        fields = super().capture(name, instances)
        fields.pop("f_", None)
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check the thresholds, from which a function is built at once."""
        super().validate(name, view)
        if "f_" in view.node.fields:
            raise view.refuse("f_ is made by the class", field="f_")
        if {"X_thresholds_", "y_thresholds_"}.isdisjoint(view.node.fields):
            return
        if "out_of_bounds" not in view.node.fields:
            raise view.refuse("the field out_of_bounds is missing")
        for row, (inputs, outputs) in enumerate(
            zip(view.arrays("X_thresholds_"), view.arrays("y_thresholds_"), strict=True)
        ):
            are_rows = all(
                own is not None and own.ndim == 1 and own.dtype.kind == "f" and len(own) for own in (inputs, outputs)
            )
            if not are_rows or len(inputs) != len(outputs):
                raise view.refuse("the thresholds are not two rows of floats", row=row, field="X_thresholds_")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects, with interpolation functions of the installed library."""
        made = super().restore(name, fields, rows)
        for instance in made:
            if "X_thresholds_" in vars(instance):
                instance._build_f(instance.X_thresholds_, instance.y_thresholds_)
        return made
