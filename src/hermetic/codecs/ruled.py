"""Plain estimators whose fitted numbers decide what is allocated, looped over or followed when the model is used.

Fields: the ``__dict__``. What must hold is written as tables in `hermetic.codecs.rules`, which is imported for the
first such estimator only: most models hold none.
"""

from __future__ import annotations

from typing import ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names

__all__ = ["RuledCodec"]


class RuledCodec(EstimatorCodec):
    """Estimators with rules of their own; see the module docstring."""

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
    }
    checked_fields = frozenset(
        {"children_", "components_", "covariances_", "exp_dirichlet_component_", "labels_", "order_"}
    )
    sealed_fields = frozenset(
        {
            *checked_fields,
            *("_max_degree", "_min_degree", "_n_components", "_n_out_full", "_transform_max_iter", "bitHash_"),
            *("bsplines_", "categories_", "classes_", "constant_", "covariance_", "covariance_type", "degree"),
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
