"""The native and other parts of scikit-learn in legacy files: forms of its releases since 0.20, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn._loss._loss import CyHalfBinomialLoss, CyHuberLoss, CyPinballLoss
from sklearn._loss.loss import HalfBinomialLoss, HuberLoss, PinballLoss
from sklearn.cluster import Birch, BisectingKMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import IterativeImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import DistanceMetric, get_scorer, make_scorer, mean_squared_error
from sklearn.neighbors import BallTree, KDTree
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from hermetic.errors import FileError
from tests.legacy_pickles import (
    Made,
    Named,
    adopted,
    adopted_fields,
    assert_like_live,
    load_legacy,
    new,
    problem_of,
    written,
)

X, y = load_iris(return_X_y=True)
X, y = X[::5], y[::5]
TREE = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y).tree_
MODELS = {
    "tree": TREE,
    "kd-tree": KDTree(X, leaf_size=5),
    "ball-tree": BallTree(X, leaf_size=5, metric="manhattan"),
    "metric-euclidean": DistanceMetric.get_metric("euclidean"),
    "metric-minkowski": DistanceMetric.get_metric("minkowski", p=3, w=np.ones(4)),
    "metric-seuclidean": DistanceMetric.get_metric("seuclidean", V=np.ones(4)),
    "metric-mahalanobis": DistanceMetric.get_metric("mahalanobis", V=np.eye(4)),
    "loss-binomial": HalfBinomialLoss(),
    "loss-huber": HuberLoss(quantile=0.8, delta=1.5),
    "loss-pinball": PinballLoss(quantile=0.25),
    "native-binomial": CyHalfBinomialLoss(),
    "native-huber": CyHuberLoss(1.5),
    "native-pinball": CyPinballLoss(0.25),
    "boosting": HistGradientBoostingClassifier(max_iter=2).fit(X, y),
    "birch": Birch(n_clusters=3).fit(X),
    "bisecting": BisectingKMeans(n_clusters=3, random_state=0).fit(X),
    "function": FunctionTransformer(np.log1p),
    "function-none": FunctionTransformer(),
    "scorer": make_scorer(mean_squared_error, greater_is_better=False),
    "scorer-probabilities": get_scorer("roc_auc_ovr"),
    "labels": MultiLabelBinarizer().fit([("a", "b"), ("c",)]),
    "one-hot": OneHotEncoder().fit([["a", 1], ["b", 2]]),
    "isotonic": IsotonicRegression().fit(X[:, 0], y),
    "imputer": IterativeImputer(max_iter=2, random_state=0).fit(np.where(X > 5, np.nan, X)),
    "vectorizer": TfidfVectorizer().fit(["one two", "two three"]),
    "bunch": Bunch(data=X, target=y),
}


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_a_model_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(MODELS[name], protocol)


STATE = TREE.__getstate__()
CLASSES = np.array([3])


def _tree(arguments: Any = (4, CLASSES, 1), **changes: Any) -> Made:
    return Made("sklearn.tree._tree:Tree", arguments, {**STATE, **changes})


def test_a_tree_of_an_old_place_is_a_tree() -> None:
    made = Made("sklearn.tree._tree:Tree", (4, CLASSES, 1), STATE)
    fields = adopted_fields(made)
    assert fields["n_classes"] == (3,)
    assert (load_legacy(written(made)).predict(X.astype(np.float32)) == TREE.predict(X.astype(np.float32))).all()


NODES = STATE["nodes"].copy()
NODES["left_child"][0] = 1 << 40
CYCLE = STATE["nodes"].copy()
CYCLE["right_child"][0] = 0
METRIC = "sklearn.metrics._dist_metrics:newObj"
EUCLIDEAN = Named("sklearn.metrics._dist_metrics:EuclideanDistance64")
PINBALL = "sklearn._loss._loss:__pyx_unpickle_CyPinballLoss"


@pytest.mark.parametrize(
    ("made", "parameter"),
    [
        (Made("sklearn._loss._loss:CyPinballLoss", (0.25,)), 0.25),
        (Made(PINBALL, (Named("sklearn._loss._loss:CyPinballLoss"), 1, (0.25,))), 0.25),
        (Made(PINBALL, (Named("_loss:CyPinballLoss"), 1, None), (0.25,)), 0.25),
        (Made("_loss:__pyx_unpickle_CyPinballLoss", (Named("_loss:CyPinballLoss"), 1, (0.25,))), 0.25),
    ],
    ids=["1.7", "1.5", "1.5-state", "1.2"],
)
def test_native_losses_of_all_releases_have_their_parameter(made: Made, parameter: float) -> None:
    assert adopted_fields(made) == {"parameter": parameter}


@pytest.mark.parametrize("module", ["sklearn.metrics._dist_metrics", "sklearn.neighbors._dist_metrics"])
def test_a_metric_of_either_place_is_a_metric(module: str) -> None:
    made = Made(f"{module}:newObj", (Named(f"{module}:EuclideanDistance"),), (2.0, np.zeros(1), np.zeros((1, 1))))
    assert adopted(made).problem is None


HOSTILE = {
    "a tree of two arguments": _tree((4, CLASSES)),
    "a tree without a state": Made("sklearn.tree._tree:Tree", (4, CLASSES, 1)),
    "a tree of more states": _tree(extra=1),
    "a tree of texts": _tree(("4", "3", 1)),
    "a tree of other outputs": _tree((4, CLASSES, 2)),
    "a tree of other nodes": _tree(node_count=1 << 40),
    "a tree whose nodes are a list": _tree(nodes=[1, 2, 3], node_count=3),
    "a tree whose nodes lead away": _tree(nodes=NODES),
    "a tree whose nodes lead back": _tree(nodes=CYCLE),
    "a tree of too few values": _tree(values=STATE["values"][:1]),
    "a tree of other features": _tree((1, CLASSES, 1)),
    "a tree of negative features": _tree((-4, CLASSES, 1)),
    "a tree of a huge depth": _tree(max_depth=1 << 40),
    "a tree that is a call": _tree(nodes=Made("os:system", ("true",))),
    "a metric without a state": Made(METRIC, (EUCLIDEAN,)),
    "a metric of two": Made(METRIC, (EUCLIDEAN,), (2.0, np.zeros(1))),
    "a metric of texts": Made(METRIC, (Named("sklearn.metrics._dist_metrics:SEuclideanDistance"),), ("a", "b", "c")),
    "a metric that is no class": Made(METRIC, ("a",), (2.0, np.zeros(1), np.zeros(1))),
    "a metric of another class": Made(METRIC, (Named("os:system"),), (2.0, np.zeros(1), np.zeros(1))),
    "a kd-tree without a state": Made("sklearn.neighbors._kd_tree:newObj", (Named("sklearn.neighbors:KDTree"),)),
    "a kd-tree of a short state": Made(
        "sklearn.neighbors._kd_tree:newObj", (Named("sklearn.neighbors._kd_tree:KDTree"),), (1, 2)
    ),
    "a kd-tree of twelve numbers": Made(
        "sklearn.neighbors._kd_tree:newObj", (Named("sklearn.neighbors._kd_tree:KDTree"),), tuple(range(12))
    ),
    "a loss without a parameter": Made("sklearn._loss._loss:CyPinballLoss", ()),
    "a loss with too many": Made("sklearn._loss._loss:CyPinballLoss", (0.1, 0.2)),
    "a loss with a parameter it has not": Made("sklearn._loss._loss:CyHalfBinomialLoss", (0.1,)),
    "a loss with a text": Made("sklearn._loss._loss:CyPinballLoss", ("a",)),
    "a loss with a parameter out of range": Made("sklearn._loss._loss:CyPinballLoss", (7.0,)),
    "a loss of Cython with a list": Made(PINBALL, (Named("sklearn._loss._loss:CyPinballLoss"), 1, [0.1, 0.2])),
    "a loss without its native part": new("sklearn._loss.loss:PinballLoss", {}),
    "a predictor without nodes": new("sklearn.ensemble._hist_gradient_boosting.predictor:TreePredictor", {}),
    "a predictor of numbers": new(
        "sklearn.ensemble._hist_gradient_boosting.predictor:TreePredictor",
        {"nodes": np.zeros(3), "binned_left_cat_bitsets": np.zeros(0), "raw_left_cat_bitsets": np.zeros(0)},
    ),
    "a birch node of nothing": new("sklearn.cluster._birch:_CFNode", {}),
    "a birch node of a number": new("sklearn.cluster._birch:_CFNode", {"centroids_": 3}),
    "a scorer of two meanings": new(
        "sklearn.metrics._scorer:_Scorer",
        {"_score_func": Named("os:system"), "_sign": 1, "_kwargs": {}, "_response_method": "predict"},
    ),
    "a step of an imputer of two parts": Made("sklearn.impute._iterative:_ImputerTriplet", (1, 2), is_new=True),
    "a bunch of halves": Made("sklearn.utils._bunch:Bunch", (), is_new=True, pairs=[[1], 2]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_scikit_learn_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        load_legacy(written(HOSTILE[name]))


@pytest.mark.parametrize(
    "name", ["a tree of two arguments", "a tree of other outputs", "a metric of two", "a loss with too many"]
)
def test_a_codec_says_what_is_wrong(name: str) -> None:
    assert "cannot be read" in problem_of(HOSTILE[name])
