"""Since which release before 1.2 the state of each type is known; only pickles are that old.

Made from measurements, as `measured.py`: `tests/releases/write_old.py` has fitted models of every class in each release
from the one named here on, and `tests/releases/read_old.py` has compared all their answers.
"""

from __future__ import annotations

__all__ = ["SINCE"]

SINCE: dict[str, dict[str, str]] = {
    "0.17": {
        "sklearn.calibration": "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration",
        "sklearn.cluster": (
            "AffinityPropagation AgglomerativeClustering Birch DBSCAN FeatureAgglomeration KMeans MeanShift "
            "MiniBatchKMeans SpectralClustering _CFNode _CFSubcluster"
        ),
        "sklearn.covariance": (
            "EllipticEnvelope EmpiricalCovariance GraphicalLasso GraphicalLassoCV LedoitWolf MinCovDet OAS "
            "ShrunkCovariance"
        ),
        "sklearn.cross_decomposition": "CCA PLSCanonical PLSRegression PLSSVD",
        "sklearn.cross_validation": "KFold LeaveOneOut ShuffleSplit StratifiedKFold StratifiedShuffleSplit",
        "sklearn.decomposition": (
            "DictionaryLearning FactorAnalysis FastICA IncrementalPCA KernelPCA LatentDirichletAllocation "
            "MiniBatchDictionaryLearning MiniBatchSparsePCA NMF PCA ProjectedGradientNMF RandomizedPCA SparsePCA "
            "TruncatedSVD"
        ),
        "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
        "sklearn.dummy": "DummyClassifier DummyRegressor",
        "sklearn.ensemble": (
            "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor ExtraTreesClassifier "
            "ExtraTreesRegressor GradientBoostingClassifier GradientBoostingRegressor RandomForestClassifier "
            "RandomForestRegressor RandomTreesEmbedding VotingClassifier"
        ),
        "sklearn.ensemble.initial": (
            "LogOddsEstimator MeanEstimator PriorProbabilityEstimator QuantileEstimator ScaledLogOddsEstimator "
            "ZeroEstimator"
        ),
        "sklearn.ensemble.losses": (
            "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError "
            "MultinomialDeviance QuantileLossFunction"
        ),
        "sklearn.externals": "Memory",
        "sklearn.feature_extraction": "DictVectorizer FeatureHasher",
        "sklearn.feature_extraction.image": "PatchExtractor",
        "sklearn.feature_extraction.text": "CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer",
        "sklearn.feature_selection": (
            "RFE RFECV SelectFdr SelectFpr SelectFromModel SelectFwe SelectKBest SelectPercentile VarianceThreshold"
        ),
        "sklearn.gaussian_process": "GaussianProcess",
        "sklearn.grid_search": "GridSearchCV RandomizedSearchCV _CVScoreTuple",
        "sklearn.isotonic": "IsotonicRegression",
        "sklearn.kernel_approximation": "AdditiveChi2Sampler Nystroem RBFSampler SkewedChi2Sampler",
        "sklearn.kernel_ridge": "KernelRidge",
        "sklearn.linear_model": (
            "ARDRegression BayesianRidge DistributionBoundary ElasticNet ElasticNetCV InverseGaussianDistribution "
            "Lars LarsCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC LinearRegression LogisticRegression "
            "LogisticRegressionCV LogitLink MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso "
            "MultiTaskLassoCV NormalDistribution OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV "
            "PassiveAggressiveClassifier PassiveAggressiveRegressor Perceptron RANSACRegressor RandomizedLasso "
            "RandomizedLogisticRegression Ridge RidgeCV RidgeClassifier RidgeClassifierCV SGDClassifier "
            "SGDRegressor TheilSenRegressor"
        ),
        "sklearn.loss": (
            "EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge SquaredLoss"
        ),
        "sklearn.manifold": "Isomap LocallyLinearEmbedding MDS SpectralEmbedding TSNE",
        "sklearn.metrics": (
            "BrayCurtisDistance64 CanberraDistance64 ChebyshevDistance64 DiceDistance64 EuclideanDistance64 "
            "HammingDistance64 HaversineDistance64 JaccardDistance64 MahalanobisDistance64 ManhattanDistance64 "
            "MinkowskiDistance64 PyFuncDistance64 RogersTanimotoDistance64 RussellRaoDistance64 "
            "SEuclideanDistance64 SokalSneathDistance64 WMinkowskiDistance64 _ProbaScorer _ThresholdScorer"
        ),
        "sklearn.mixture": "DPGMM GMM VBGMM",
        "sklearn.multiclass": "OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier _ConstantPredictor",
        "sklearn.naive_bayes": "BernoulliNB GaussianNB MultinomialNB",
        "sklearn.neighbors": (
            "BallTree KDTree KNeighborsClassifier KNeighborsRegressor KernelDensity LSHForest NearestCentroid "
            "NearestNeighbors"
        ),
        "sklearn.neural_network": "BernoulliRBM",
        "sklearn.pipeline": "FeatureUnion Pipeline",
        "sklearn.preprocessing": (
            "Binarizer CategoricalEncoder FunctionTransformer Imputer KernelCenterer LabelBinarizer LabelEncoder "
            "MaxAbsScaler MinMaxScaler MultiLabelBinarizer Normalizer OneHotEncoder PolynomialFeatures "
            "RobustScaler StandardScaler"
        ),
        "sklearn.random_projection": "GaussianRandomProjection SparseRandomProjection",
        "sklearn.semi_supervised": "LabelPropagation LabelSpreading",
        "sklearn.svm": "LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR",
        "sklearn.tree": ("DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor Tree"),
    },
    "0.18": {
        "sklearn.ensemble": "IsolationForest",
        "sklearn.feature_selection": "GenericUnivariateSelect",
        "sklearn.gaussian_process": (
            "GaussianProcessClassifier GaussianProcessRegressor _BinaryGaussianProcessClassifierLaplace"
        ),
        "sklearn.gaussian_process.kernels": (
            "ConstantKernel DotProduct ExpSineSquared Exponentiation Matern PairwiseKernel Product RBF "
            "RationalQuadratic Sum WhiteKernel"
        ),
        "sklearn.linear_model": "HuberRegressor",
        "sklearn.metrics": "_PredictScorer",
        "sklearn.mixture": "BayesianGaussianMixture GaussianMixture",
        "sklearn.model_selection": (
            "GridSearchCV KFold LeaveOneOut PredefinedSplit RandomizedSearchCV ShuffleSplit StratifiedKFold "
            "TimeSeriesSplit"
        ),
        "sklearn.multioutput": "MultiOutputClassifier MultiOutputRegressor",
        "sklearn.neural_network": "AdamOptimizer MLPClassifier MLPRegressor SGDOptimizer",
    },
    "0.19": {
        "sklearn.cluster": "SpectralBiclustering SpectralCoclustering",
        "sklearn.model_selection": "RepeatedKFold",
        "sklearn.multioutput": "ClassifierChain",
        "sklearn.neighbors": "LocalOutlierFactor",
        "sklearn.utils": "DeprecationDict",
    },
    "0.20": {
        "sklearn.compose": "ColumnTransformer TransformedTargetRegressor",
        "sklearn.decomposition": "SparseCoder",
        "sklearn.impute": "MissingIndicator SimpleImputer",
        "sklearn.multioutput": "RegressorChain",
        "sklearn.naive_bayes": "ComplementNB",
        "sklearn.preprocessing": "KBinsDiscretizer OrdinalEncoder PowerTransformer",
        "sklearn.utils": "Bunch",
    },
    "0.21": {
        "sklearn.cluster": "OPTICS",
        "sklearn.ensemble": "VotingRegressor",
        "sklearn.neighbors": "NeighborhoodComponentsAnalysis",
        "sklearn.preprocessing": "QuantileTransformer",
    },
    "0.22": {
        "sklearn.compose": "make_column_selector",
        "sklearn.ensemble": "StackingClassifier StackingRegressor",
        "sklearn.impute": "KNNImputer",
        "sklearn.naive_bayes": "CategoricalNB",
        "sklearn.neighbors": "KNeighborsTransformer",
    },
    "0.23": {
        "sklearn.impute": "IterativeImputer _ImputerTriplet",
        "sklearn.linear_model": (
            "GammaDistribution GammaRegressor IdentityLink LogLink PoissonDistribution PoissonRegressor "
            "TweedieDistribution TweedieRegressor"
        ),
    },
    "0.24": {
        "sklearn.ensemble": ("HistGradientBoostingClassifier HistGradientBoostingRegressor TreePredictor _BinMapper"),
        "sklearn.ensemble.losses": (
            "BinaryCrossEntropy CategoricalCrossEntropy LeastAbsoluteDeviation LeastSquares Poisson"
        ),
        "sklearn.feature_selection": "SequentialFeatureSelector",
        "sklearn.kernel_approximation": "PolynomialCountSketch",
        "sklearn.model_selection": "_CVIterableWrapper",
        "sklearn.semi_supervised": "SelfTrainingClassifier",
    },
    "1.0": {
        "sklearn.covariance": "_DictWithDeprecatedKeys",
        "sklearn.linear_model": "QuantileRegressor SGDOneClassSVM",
        "sklearn.model_selection": "HalvingGridSearchCV HalvingRandomSearchCV",
    },
    "1.1": {
        "sklearn.cluster": "BisectingKMeans _BisectingTree",
        "sklearn.decomposition": "MiniBatchNMF",
        "sklearn.loss": (
            "AbsoluteError HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss HalfSquaredError "
            "HalfTweedieLoss HalfTweedieLossIdentity PinballLoss"
        ),
    },
}
