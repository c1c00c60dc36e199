"""Since which release the state of each type of scikit-learn is known: what was fitted, saved and compared in each.

Made from measurements (`tests/releases`): every type was saved by each release from the one named here to the newest,
loaded in the others, and all its answers compared; what differs in state or answers stands beside this file as a
change. A type that is not here is refused when another release wrote it.
"""

from __future__ import annotations

from hermetic.codecs.histories import measured_before_1_2

__all__ = ["since"]

_SINCE: dict[str, dict[str, str]] = {
    "1.2": {
        "sklearn.calibration": "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration",
        "sklearn.cluster": (
            "AffinityPropagation AgglomerativeClustering Birch BisectingKMeans DBSCAN FeatureAgglomeration "
            "HDBSCAN KMeans MeanShift MiniBatchKMeans OPTICS SpectralBiclustering SpectralClustering "
            "SpectralCoclustering _BisectingTree _CFNode _CFSubcluster"
        ),
        "sklearn.compose": "ColumnTransformer TransformedTargetRegressor _RemainderColsList make_column_selector",
        "sklearn.covariance": (
            "EllipticEnvelope EmpiricalCovariance GraphicalLasso GraphicalLassoCV LedoitWolf MinCovDet OAS "
            "ShrunkCovariance"
        ),
        "sklearn.cross_decomposition": "CCA PLSCanonical PLSRegression PLSSVD",
        "sklearn.decomposition": (
            "DictionaryLearning FactorAnalysis FastICA IncrementalPCA KernelPCA LatentDirichletAllocation "
            "MiniBatchDictionaryLearning MiniBatchNMF MiniBatchSparsePCA NMF PCA SparseCoder SparsePCA "
            "TruncatedSVD"
        ),
        "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
        "sklearn.dummy": "DummyClassifier DummyRegressor",
        "sklearn.ensemble": (
            "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor ExtraTreesClassifier "
            "ExtraTreesRegressor GradientBoostingClassifier GradientBoostingRegressor "
            "HistGradientBoostingClassifier HistGradientBoostingRegressor IsolationForest RandomForestClassifier "
            "RandomForestRegressor RandomTreesEmbedding StackingClassifier StackingRegressor TreePredictor "
            "VotingClassifier VotingRegressor _BinMapper"
        ),
        "sklearn.ensemble.losses": (
            "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError "
            "MultinomialDeviance QuantileLossFunction"
        ),
        "sklearn.feature_extraction": "DictVectorizer FeatureHasher",
        "sklearn.feature_extraction.image": "PatchExtractor",
        "sklearn.feature_extraction.text": "CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer",
        "sklearn.feature_selection": (
            "GenericUnivariateSelect RFE RFECV SelectFdr SelectFpr SelectFromModel SelectFwe SelectKBest "
            "SelectPercentile SequentialFeatureSelector VarianceThreshold"
        ),
        "sklearn.frozen": "FrozenEstimator",
        "sklearn.gaussian_process": (
            "GaussianProcessClassifier GaussianProcessRegressor _BinaryGaussianProcessClassifierLaplace"
        ),
        "sklearn.gaussian_process.kernels": (
            "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Matern PairwiseKernel Product "
            "RBF RationalQuadratic Sum WhiteKernel"
        ),
        "sklearn.impute": "IterativeImputer KNNImputer MissingIndicator SimpleImputer _ImputerTriplet",
        "sklearn.isotonic": "IsotonicRegression",
        "sklearn.kernel_approximation": (
            "AdditiveChi2Sampler Nystroem PolynomialCountSketch RBFSampler SkewedChi2Sampler"
        ),
        "sklearn.kernel_ridge": "KernelRidge",
        "sklearn.linear_model": (
            "ARDRegression BayesianRidge ElasticNet ElasticNetCV GammaRegressor HuberRegressor Lars LarsCV Lasso "
            "LassoCV LassoLars LassoLarsCV LassoLarsIC LinearRegression LogisticRegression LogisticRegressionCV "
            "MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV OrthogonalMatchingPursuit "
            "OrthogonalMatchingPursuitCV PassiveAggressiveClassifier PassiveAggressiveRegressor Perceptron "
            "PoissonRegressor QuantileRegressor RANSACRegressor Ridge RidgeCV RidgeClassifier RidgeClassifierCV "
            "SGDClassifier SGDOneClassSVM SGDRegressor TheilSenRegressor TweedieRegressor"
        ),
        "sklearn.loss": (
            "AbsoluteError CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss "
            "CyHalfMultinomialLoss CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss "
            "CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss EpsilonInsensitive ExponentialLoss "
            "HalfBinomialLoss HalfGammaLoss HalfLogitLink HalfMultinomialLoss HalfPoissonLoss HalfSquaredError "
            "HalfTweedieLoss HalfTweedieLossIdentity Hinge Huber HuberLoss IdentityLink Interval Log LogLink LogitLink "
            "ModifiedHuber MultinomialLogit PinballLoss SquaredEpsilonInsensitive SquaredHinge SquaredLoss"
        ),
        "sklearn.manifold": "Isomap LocallyLinearEmbedding MDS SpectralEmbedding TSNE",
        "sklearn.metrics": (
            "BrayCurtisDistance32 BrayCurtisDistance64 CanberraDistance32 CanberraDistance64 ChebyshevDistance32 "
            "ChebyshevDistance64 DiceDistance32 DiceDistance64 EuclideanDistance32 EuclideanDistance64 "
            "HammingDistance32 HammingDistance64 HaversineDistance32 HaversineDistance64 JaccardDistance32 "
            "JaccardDistance64 KulsinskiDistance32 KulsinskiDistance64 MahalanobisDistance32 "
            "MahalanobisDistance64 ManhattanDistance32 ManhattanDistance64 MatchingDistance32 MatchingDistance64 "
            "MinkowskiDistance32 MinkowskiDistance64 PyFuncDistance32 PyFuncDistance64 RogersTanimotoDistance32 "
            "RogersTanimotoDistance64 RussellRaoDistance32 RussellRaoDistance64 SEuclideanDistance32 "
            "SEuclideanDistance64 SokalMichenerDistance32 SokalMichenerDistance64 SokalSneathDistance32 "
            "SokalSneathDistance64 _CurveScorer _PassthroughScorer _PredictScorer "
            "_ProbaScorer _Scorer _ThresholdScorer"
        ),
        "sklearn.mixture": "BayesianGaussianMixture GaussianMixture",
        "sklearn.model_selection": (
            "FixedThresholdClassifier GridSearchCV GroupKFold GroupShuffleSplit HalvingGridSearchCV "
            "HalvingRandomSearchCV KFold LeaveOneGroupOut LeaveOneOut LeavePGroupsOut LeavePOut ParameterGrid "
            "ParameterSampler PredefinedSplit RandomizedSearchCV RepeatedKFold RepeatedStratifiedKFold "
            "ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit "
            "TunedThresholdClassifierCV _CVIterableWrapper"
        ),
        "sklearn.multiclass": "OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier _ConstantPredictor",
        "sklearn.multioutput": "ClassifierChain MultiOutputClassifier MultiOutputRegressor RegressorChain",
        "sklearn.naive_bayes": "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB",
        "sklearn.neighbors": (
            "BallTree BallTree32 BallTree64 KDTree KDTree32 KDTree64 KNeighborsClassifier KNeighborsRegressor "
            "KNeighborsTransformer KernelDensity LocalOutlierFactor NearestCentroid NearestNeighbors "
            "NeighborhoodComponentsAnalysis RadiusNeighborsClassifier RadiusNeighborsRegressor "
            "RadiusNeighborsTransformer"
        ),
        "sklearn.neural_network": "AdamOptimizer BernoulliRBM MLPClassifier MLPRegressor SGDOptimizer",
        "sklearn.pipeline": "FeatureUnion Pipeline",
        "sklearn.preprocessing": (
            "Binarizer FunctionTransformer KBinsDiscretizer KernelCenterer LabelBinarizer LabelEncoder "
            "MaxAbsScaler MinMaxScaler MultiLabelBinarizer Normalizer OneHotEncoder OrdinalEncoder "
            "PolynomialFeatures PowerTransformer QuantileTransformer RobustScaler SplineTransformer "
            "StandardScaler TargetEncoder"
        ),
        "sklearn.random_projection": "GaussianRandomProjection SparseRandomProjection",
        "sklearn.semi_supervised": "LabelPropagation LabelSpreading SelfTrainingClassifier",
        "sklearn.svm": "LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR",
        "sklearn.tree": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor Tree",
        "sklearn.utils": "Bunch MetadataRequest MethodMetadataRequest",
    },
    "1.8": {
        "sklearn.calibration": "_TemperatureScaling",
        "sklearn.manifold": "ClassicalMDS",
    },
}


def since() -> dict[str, str]:
    """Give the oldest release for each type.

    Returns
    -------
    dict of str to str
        Neutral name to release.

    Examples
    --------
    >>> since()["sklearn.cluster.OPTICS"]
    '0.21'
    """
    return {
        f"{module}.{name}": release
        for release, modules in (*_SINCE.items(), *measured_before_1_2.SINCE.items())
        for module, names in modules.items()
        for name in names.split()
    }
