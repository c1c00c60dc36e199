"""Fitted attributes before 1.7."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import CCA, PLSCanonical, PLSRegression
from sklearn.decomposition import KernelPCA
from sklearn.experimental import enable_iterative_imputer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV, SGDClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.neighbors import NearestCentroid, NeighborhoodComponentsAnalysis
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVR

from hermetic import legacy
from hermetic.capture import capture
from hermetic.codecs.field_view import FieldView
from hermetic.codecs.related import items_of
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph, Instances, Mappings, Sequences
from hermetic.migrate import migrate
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate
from tests.codecs.older_models import GONE, array_in, brought_up, brought_up_after, fields_of, refusal_of
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION
from tests.zoo.seeded import seeded

ENABLED = enable_iterative_imputer
X, y = CLASSIFICATION.X, CLASSIFICATION.y
TEXTS = ["the cat sat", "the dog sat on the mat", "a mat for a cat"]
WEIGHTS = "sklearn.feature_extraction.text.TfidfTransformer"


@pytest.mark.parametrize("form", ["csr", "csc", "dia"])
def test_weights_of_words_on_a_diagonal_become_a_row(form: str):
    model = TfidfVectorizer().fit(TEXTS)
    weights = model.idf_
    pair = [model, getattr(scipy.sparse, f"{form}_matrix")(scipy.sparse.diags(weights))]
    graph = capture(pair)
    fields = fields_of(graph, WEIGHTS)
    del fields["idf_"]
    fields["_idf_diag"] = [
        next(
            index
            for index, node in enumerate(graph.nodes)
            if isinstance(node, Instances) and graph.names[node.type].name.endswith(f".{form}_matrix")
        )
    ]
    older = _moved_last(graph, WEIGHTS, "1.4.2")[0]
    assert np.array_equal(older.idf_, weights)
    assert np.array_equal(older.transform(TEXTS).toarray(), model.transform(TEXTS).toarray())


def _moved_last(graph: Graph, name: str, release: str) -> Any:
    """Bring up a graph in which a reference points forwards: another change of it puts the nodes in order."""
    migrated = migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": release})
    return restore(validate(migrated))


def test_weights_of_words_that_are_no_diagonal_are_refused():
    model = TfidfVectorizer().fit(TEXTS)
    graph = capture([model, scipy.sparse.csr_matrix(np.ones((3, 3)))])
    matrix = next(
        index
        for index, node in enumerate(graph.nodes)
        if isinstance(node, Instances) and graph.names[node.type].name.endswith("csr_matrix")
    )
    fields_of(graph, WEIGHTS)["_idf_diag"] = [matrix]
    with pytest.raises(UnsupportedVersion, match="no diagonal"):
        migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.4.2"})


@pytest.mark.parametrize("release", ["1.2.2", "1.3.2", "1.4.2"])
@pytest.mark.parametrize("kind", [PLSRegression, PLSCanonical, CCA])
def test_coefficients_of_partial_least_squares_take_over_the_spread(kind: type, release: str):
    with seeded(0):
        model = kind(n_components=1).fit(REGRESSION.X * [1.0, 10.0, 0.1, 5.0], REGRESSION.y)
    name = f"sklearn.cross_decomposition.{kind.__name__}"

    def alter(graph: Graph) -> None:
        fields = fields_of(graph, name)
        del fields["coef_"]
        fields["_coef_" if release == "1.2.2" else "coef_"] = array_in(graph, model.coef_ * model._x_std)
        if release == "1.2.2":
            del fields["_predict_1d"]

    older = brought_up_after(model, release, alter)
    assert np.allclose(older.predict(X).ravel(), model.predict(X).ravel(), rtol=1e-13)
    # 1.2 answered a table even for one target.
    assert older.predict(X).ndim == (2 if release == "1.2.2" else 1)


PCA = "sklearn.decomposition.KernelPCA"


def test_the_gamma_of_a_kernel_gets_its_name():
    model = KernelPCA(2, kernel="rbf").fit(X)
    older = brought_up(model, "1.2.2", {PCA: {"gamma_": GONE}})
    assert older.gamma_ == 1 / X.shape[1]
    assert np.array_equal(older.transform(X), model.transform(X))


def test_the_inverse_of_a_kernel_without_gamma_is_kept_by_a_predictor_of_ours():
    model = KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(X)
    kept = brought_up(model, "1.2.2", {PCA: {"gamma_": GONE}})
    assert type(kept) is legacy.KernelPCA
    assert np.array_equal(kept.transform(X), model.transform(X))
    with_gamma = KernelPCA(2, kernel="rbf", gamma=0.5, fit_inverse_transform=True).fit(X)
    assert brought_up(with_gamma, "1.2.2", {PCA: {"gamma_": GONE}}).gamma_ == 0.5


@pytest.mark.parametrize("is_kept", [True, False])
def test_columns_that_pass_through_are_given_an_identity(is_kept: bool):
    scaled = ("scaled", StandardScaler(), [0])
    model = ColumnTransformer([scaled, ("kept", "passthrough", [1, 2])]).fit(X)
    name = "sklearn.compose.ColumnTransformer"

    def alter(graph: Graph) -> None:
        fields = fields_of(graph, name)
        view = FieldView(graph, next(node for node in graph.nodes if isinstance(node, Instances)), 0, str)
        scaled_step, kept_step, *others = items_of(view, fields["transformers_"])
        word, identity, columns = items_of(view, kept_step)
        kept_step = _added(graph, Sequences(type="tuple", lengths=3, columns=[[word, "passthrough", columns]]))
        fields["transformers_"] = _added(
            graph, Sequences(type="list", lengths=3, columns=[[scaled_step, kept_step, *others]])
        )
        if is_kept:
            mapping = Mappings(length=1, keys=["kept"], columns=[[identity]])
            fields["_name_to_fitted_passthrough"] = _added(graph, mapping)

    older = brought_up_after(model, "1.3.2", alter)
    assert np.array_equal(older.transform(X), model.transform(X))
    assert "_name_to_fitted_passthrough" not in vars(older)
    if is_kept:
        assert older.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()


def _added(graph: Graph, node: Any) -> list[int]:
    graph.nodes.append(node)
    return [len(graph.nodes) - 1]


def test_a_text_for_output_names_was_no_pattern():
    model = ColumnTransformer([("scaled", StandardScaler(), [0])]).fit(X)
    name = "sklearn.compose.ColumnTransformer"
    older = brought_up(model, "1.5.2", {name: {"verbose_feature_names_out": "{feature_name}"}})
    assert older.verbose_feature_names_out is True


IMPUTER = "sklearn.impute.IterativeImputer"
HOLES = np.where(np.arange(20).reshape(10, 2) % 7 == 0, np.nan, np.arange(20.0).reshape(10, 2) ** 1.5)


def test_an_iterative_imputer_knows_its_empty_features():
    with seeded(0):
        model = IterativeImputer(max_iter=2).fit(HOLES)
    older = brought_up(model, "1.5.2", {IMPUTER: {"_is_empty_feature": GONE}})
    assert np.array_equal(older.transform(HOLES), model.transform(HOLES))


def test_an_iterative_imputer_that_keeps_empty_features_is_refused():
    with seeded(0):
        model = IterativeImputer(max_iter=2, keep_empty_features=True).fit(HOLES)
    assert "filled in another way" in refusal_of(model, "1.5.2", {IMPUTER: {"_is_empty_feature": GONE}})


def test_an_indicator_counts_its_features():
    model = SimpleImputer(add_indicator=True).fit(HOLES)
    older = brought_up(model, "1.2.2", {"sklearn.impute.MissingIndicator": {"n_features_in_": GONE}})
    assert older.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()


def test_classes_of_a_nearest_centroid_count_alike():
    model = NearestCentroid().fit(X, y)
    gone = {"class_prior_": GONE, "deviations_": GONE, "within_class_std_dev_": GONE, "priors": GONE}
    older = brought_up(model, "1.5.2", {"sklearn.neighbors.NearestCentroid": gone})
    assert np.array_equal(older.predict(X), model.predict(X))
    assert older.class_prior_.tolist() == [1 / 3] * 3


def test_components_count_themselves_again():
    model = NeighborhoodComponentsAnalysis(2, max_iter=2, random_state=0).fit(X, y)
    older = brought_up(model, "1.4.2", {"sklearn.neighbors.NeighborhoodComponentsAnalysis": {"_n_features_out": 4}})
    assert older.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()


def test_a_projection_names_its_outputs():
    model = GaussianRandomProjection(3, random_state=0).fit(X)
    name = "sklearn.random_projection.GaussianRandomProjection"
    older = brought_up(model, "1.2.2", {name: {"_n_features_out": GONE}})
    assert older.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()


def test_a_chain_hands_on_predictions():
    target = np.stack([BINARY.y, 1 - BINARY.y], axis=1)
    model = ClassifierChain(LogisticRegression()).fit(BINARY.X, target)
    gone = {"chain_method": GONE, "chain_method_": GONE}
    older = brought_up(model, "1.4.2", {"sklearn.multioutput.ClassifierChain": gone})
    assert older.chain_method_ == "predict"
    assert np.array_equal(older.predict(X), model.predict(X))


def test_an_ordinal_encoder_of_1_2_groups_nothing():
    model = OrdinalEncoder().fit([["a"], ["b"]])
    older = brought_up(model, "1.2.2", {"sklearn.preprocessing.OrdinalEncoder": {"_infrequent_enabled": GONE}})
    assert older.transform([["b"]]).tolist() == [[1.0]]


def test_self_training_names_its_estimator():
    with seeded(0):
        model = SelfTrainingClassifier(LogisticRegression()).fit(X, np.where(np.arange(60) % 3, y, -1))
    name = "sklearn.semi_supervised.SelfTrainingClassifier"
    own = fields_of(capture(model), name)
    older_fields = {
        "estimator": GONE,
        "estimator_": GONE,
        "base_estimator": own["estimator"],
        "base_estimator_": own["estimator_"],
    }
    older = brought_up(model, "1.5.2", {name: older_fields})
    assert np.array_equal(older.predict(X), model.predict(X))
    assert isinstance(older.estimator, LogisticRegression)


def test_sparse_regression_counts_its_vectors():
    model = SVR().fit(scipy.sparse.csr_matrix(X), REGRESSION.y)

    def alter(graph: Graph) -> None:
        fields_of(graph, "sklearn.svm.SVR")["_n_support"] = array_in(graph, np.array([7, -3], dtype=np.int32))

    older = brought_up_after(model, "1.4.2", alter)
    assert np.array_equal(older.predict(scipy.sparse.csr_matrix(X)), model.predict(scipy.sparse.csr_matrix(X)))
    assert older.n_support_.tolist() == [len(model.support_)]


def test_errors_of_ridge_regression_have_another_name():
    model = RidgeCV(store_cv_results=True).fit(X, REGRESSION.y)
    own = fields_of(capture(model), "sklearn.linear_model.RidgeCV")["cv_results_"]
    fields = {"cv_results_": GONE, "cv_values_": own, "store_cv_values": True, "store_cv_results": GONE}
    older = brought_up(model, "1.4.2", {"sklearn.linear_model.RidgeCV": fields})
    assert np.array_equal(older.cv_results_, model.cv_results_)


def test_the_loss_of_an_online_model_is_its_own_affair():
    model = SGDClassifier(max_iter=5, tol=None, random_state=0).fit(X, y)
    name = "sklearn.linear_model.SGDClassifier"
    own = fields_of(capture(model), name)["_loss_function_"]
    older = brought_up(model, "1.2.2", {name: {"_loss_function_": GONE, "loss_function_": own}})
    assert "loss_function_" not in vars(older)
    assert np.array_equal(older.predict(X), model.predict(X))
