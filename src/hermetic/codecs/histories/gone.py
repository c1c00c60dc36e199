"""What has become of classes that are gone since 0.18 to 0.22: searches, folds, imputers, first models of boosting.

The sources are those of scikit-learn 0.17.1 to 0.20.4 beside the releases without them: sklearn/grid_search.py,
cross_validation.py, preprocessing/imputation.py, decomposition/pca.py, ensemble/gradient_boosting.py,
covariance/graph_lasso_.py.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.history import Change, upward
from hermetic.codecs.related import items_of, plain_number, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Sequences, Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_INITIAL = "sklearn.ensemble.initial."
_ZERO = f"{_INITIAL}ZeroEstimator"
_WARNING = ("sklearn.covariance._DictWithDeprecatedKeys", "sklearn.utils.DeprecationDict")
_MEMORY = "sklearn.externals.Memory"
_CLASSIFIER = "sklearn.dummy.DummyClassifier"
_REGRESSOR = "sklearn.dummy.DummyRegressor"


def _vanish(edit: TableEdit) -> None:
    """Leave an empty list where an object was that nothing refers to any longer."""
    rows = edit.rows
    lengths: Any = 0 if rows == 1 else [0] * rows
    edit.graph.nodes[edit.index] = Sequences(type="list", lengths=lengths, columns=[[]], rows=rows)


def _forget_memory(edit: TableEdit) -> None:
    # 0.19: a folder is said as text, and no folder as None.
    if edit.has("memory"):
        values = []
        for value in edit.values("memory"):
            found = related(edit, value)
            is_folder = found is not None and found[0] == _MEMORY
            values.append(found[1].value("location", found[2]) if found is not None and is_folder else value)
        edit.put("memory", values)


def _search_anew(edit: TableEdit) -> None:
    # grid_search.py: results were a list of tuples; who asks for cv_results_ is told that there are none.
    edit.drop("grid_scores_")
    edit.fill("return_train_score", True)
    if edit.has("best_estimator_"):
        edit.fill("multimetric_", False)
    edit.become(f"sklearn.model_selection.{edit.name.rpartition('.')[2]}")


def _fold_anew(edit: TableEdit) -> None:
    # cross_validation.py: folds knew the data, or how many samples there are.
    renamed = {"n_folds": "n_splits", "n_iter": "n_splits"}
    for old, new in renamed.items():
        edit.rename(old, new)
    kept = {
        "KFold": ("n_splits", "shuffle", "random_state"),
        "StratifiedKFold": ("n_splits", "shuffle", "random_state"),
        "LeaveOneOut": (),
        "ShuffleSplit": ("n_splits", "test_size", "train_size", "random_state"),
        "StratifiedShuffleSplit": ("n_splits", "test_size", "train_size", "random_state"),
    }
    name = edit.name.rpartition(".")[2]
    edit.drop(*(edit.node.fields.keys() - set(kept[name])))
    if name.endswith("ShuffleSplit"):
        edit.fill("_default_test_size", 0.1)
    edit.become(f"sklearn.model_selection.{name}")


def _impute_simply(edit: TableEdit) -> None:
    # preprocessing/imputation.py: rows could be imputed as well, with numbers of their own.
    for row, axis in enumerate(edit.values("axis")):
        if plain_number(axis) != 0:
            raise edit.no_way("Imputer(axis=1) is gone since scikit-learn 0.22", row=row, field="axis")
    edit.drop("axis")
    edit.replace("missing_values", {"NaN": {"float": "nan"}, "nan": {"float": "nan"}})
    edit.fill("fill_value", None)
    edit.fill("add_indicator", False)
    if edit.has("statistics_"):
        edit.fill("indicator_", None)
        for row, value in enumerate(edit.values("statistics_")):
            if edit.array(value) is None:
                raise edit.no_way("the imputer has no statistics of columns", row=row, field="statistics_")
    edit.become("sklearn.impute.SimpleImputer")


def _reduce_randomly(edit: TableEdit) -> None:
    # decomposition/pca.py, RandomizedPCA: components of whitening were scaled when fitted.
    if edit.has("components_", "explained_variance_"):

        def unscale(row: int) -> Any:
            components = edit.array(edit.value("components_", row))
            variances = edit.array(edit.value("explained_variance_", row))
            if components is None or variances is None or len(components) != len(variances):
                raise edit.refuse("the components do not fit their variances", row=row, field="components_")
            return components * np.sqrt(variances)[:, np.newaxis] if edit.value("whiten", row) else components.copy()

        edit.put_arrays("components_", unscale, "components_")
        edit.put("n_components_", [len(array) for array in edit.arrays("components_")])
    edit.fill("svd_solver", "randomized")
    edit.fill("tol", 0.0)
    edit.become("sklearn.decomposition.PCA")


def _start_with_odds(scale: float) -> Any:
    def become(edit: TableEdit) -> None:
        # Fitted: the logarithm of the odds of the second class, times `scale`.
        if not edit.has("prior"):
            _start_unfitted(edit, _CLASSIFIER, "prior")
            return
        chances = [1.0 / (1.0 + np.exp(-float(plain_number(own)) / scale)) for own in edit.values("prior")]
        _guess(edit, [np.array([1.0 - chance, chance]) for chance in chances])

    return become


def _start_with_shares(edit: TableEdit) -> None:
    if not edit.has("priors"):
        _start_unfitted(edit, _CLASSIFIER, "prior")
        return
    shares = [edit.array(value) for value in edit.values("priors")]
    if any(own is None or own.ndim != 1 for own in shares):
        raise edit.refuse("there are no shares of classes", field="priors")
    _guess(edit, shares)


def _guess(edit: TableEdit, shares: list[Any]) -> None:
    edit.drop(*edit.node.fields)
    edit.put("class_prior_", [edit.new_array(own.astype(np.float64)) for own in shares])
    edit.put("classes_", [edit.new_array(np.arange(len(own))) for own in shares])
    edit.put("n_classes_", [len(own) for own in shares])
    for field, value in (("strategy", "prior"), ("_strategy", "prior"), ("random_state", None), ("constant", None)):
        edit.fill(field, value)
    edit.fill("n_outputs_", 1)
    edit.fill("sparse_output_", False)
    edit.become(_CLASSIFIER)


def _start_unfitted(edit: TableEdit, name: str, strategy: str) -> None:
    edit.drop(*edit.node.fields)
    for field, value in (("strategy", strategy), ("random_state", None), ("constant", None)):
        edit.fill(field, value)
    edit.become(name)


def _start_with_number(field: str, strategy: str) -> Any:
    def become(edit: TableEdit) -> None:
        numbers = [plain_number(value) for value in edit.values(field)]
        quantiles = [plain_number(value) for value in edit.values("alpha")]
        edit.drop(*edit.node.fields)
        if all(type(number) in (int, float) for number in numbers):
            edit.put("constant_", [edit.new_array(np.array([[float(number)]])) for number in numbers])
            edit.fill("n_outputs_", 1)
        edit.fill("strategy", strategy)
        edit.fill("constant", None)
        edit.put("quantile", quantiles if strategy == "quantile" else [None] * edit.rows)
        edit.become(_REGRESSOR)

    return become


def _start_as_before(edit: TableEdit) -> None:
    # ensemble/gradient_boosting.py of 0.20: what init_ predicts was the start; since 0.21 a loss takes its logarithms.
    if not edit.has("init_", "estimators_"):
        return
    starts = edit.values("init_")
    for row, value in enumerate(starts):
        found = related(edit, value)
        name = found[0] if found is not None else ""
        if name == _ZERO:
            starts[row] = "zero"
        elif name not in (_CLASSIFIER, _REGRESSOR):
            raise edit.no_way("boosting starts from a model given as init= in another way since scikit-learn 0.21")
    edit.put("init_", starts)
    edit.rename("n_features", "n_features_")


def _start_from_shares(edit: TableEdit) -> None:
    """Put into the trees of the first stage the difference between shares of classes and their logarithms."""
    if not edit.has("init_", "estimators_", "learning_rate"):
        return
    for row, value in enumerate(edit.values("init_")):
        found = related(edit, value)
        if found is None:
            continue
        shares = found[1].array(found[1].value("class_prior_", found[2]))
        if shares is None or len(shares) < 3:
            continue
        smallest = np.finfo(np.float32).eps
        if np.min(shares) < smallest:
            raise edit.no_way("a class of the initial model has next to no samples", row=row, field="init_")
        shifts = (shares - np.log(shares)) / float(plain_number(edit.value("learning_rate", row)))
        stages = items_of(edit, edit.value("estimators_", row)) or []
        if len(stages) < len(shares):
            raise edit.refuse("boosting has fewer trees than classes", row=row, field="estimators_")
        for tree_value, shift in zip(stages[: len(shares)], shifts, strict=True):
            _raise_leaves(edit, tree_value, shift)


def _raise_leaves(edit: TableEdit, value: Value, shift: Any) -> None:
    regressor = related(edit, value)
    tree = related(edit, regressor[1].value("tree_", regressor[2])) if regressor is not None else None
    values = tree[1].array(tree[1].value("values", tree[2])) if tree is not None else None
    if tree is None or values is None:
        raise edit.refuse("a stage of boosting has no tree", field="estimators_")
    edit.set_array(tree[1].value("values", tree[2]), values + shift)


def _start_in_one_row(edit: TableEdit) -> None:
    # _hist_gradient_boosting/gradient_boosting.py of 1.0: one number, or one below the other; a loss of its own.
    if not edit.has("_baseline_prediction"):
        return
    edit.rename("loss_", "_loss")
    starts, losses = [], []
    for row, value in enumerate(edit.values("_baseline_prediction")):
        array, number = edit.array(value), plain_number(value)
        start = np.asarray(number if array is None else array, dtype=np.float64).reshape(1, -1)
        starts.append(edit.new_array(start))
        found = related(edit, edit.value("_loss", row))
        kind = _HISTOGRAM_LOSSES.get(found[0].rpartition(".")[2]) if found is not None else None
        if kind is None:
            raise edit.no_way("the loss is not known", row=row, field="_loss")
        more = {"n_classes": start.shape[1]} if kind == "HalfMultinomialLoss" else {}
        losses.append(edit.new_object(f"sklearn.loss.{kind}", {"constant_hessian": False, **more}))
    edit.put("_baseline_prediction", starts)
    edit.put("_loss", losses)


def _refusing(release: str, instead: str) -> Change:
    def refuse(edit: TableEdit) -> None:
        raise edit.no_way(f"{edit.name} is gone since scikit-learn {release}: {instead}")

    return upward(release, refuse)


def _become_dictionary(edit: TableEdit) -> None:
    # covariance/_graph_lasso.py of 1.1, utils/deprecation.py of 0.20: dictionaries that warned of former keys.
    if not edit.has("cv_results_"):
        return
    values = []
    for value in edit.values("cv_results_"):
        found = related(edit, value)
        is_former = found is not None and found[0] in _WARNING
        values.append(found[1].value("items", found[2]) if found is not None and is_former else value)
    edit.put("cv_results_", values)


_HISTOGRAM_LOSSES = {
    "BinaryCrossEntropy": "HalfBinomialLoss",
    "CategoricalCrossEntropy": "HalfMultinomialLoss",
    "LeastAbsoluteDeviation": "AbsoluteError",
    "LeastSquares": "HalfSquaredError",
    "Poisson": "HalfPoissonLoss",
}
_OTHERS = "nothing computes what it did"

CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.mixture.DPGMM sklearn.mixture.GMM sklearn.mixture.VBGMM": (
        _refusing("0.20", "GaussianMixture and BayesianGaussianMixture give other numbers"),
    ),
    "sklearn.ensemble.HistGradientBoostingClassifier sklearn.ensemble.HistGradientBoostingRegressor": (
        upward("1.1", _start_in_one_row),
    ),
    " ".join(f"sklearn.ensemble.losses.{name}" for name in _HISTOGRAM_LOSSES): (upward("1.2", _vanish),),
    "sklearn.metrics.WMinkowskiDistance64": (
        _refusing("1.2", "metric='minkowski' with weights w**p measures the same, but for the last digits"),
    ),
    "sklearn.neighbors.LSHForest": (_refusing("0.21", _OTHERS),),
    "sklearn.gaussian_process.GaussianProcess": (
        _refusing("0.20", "GaussianProcessRegressor has other kernels and parameters"),
    ),
    "sklearn.decomposition.ProjectedGradientNMF": (_refusing("0.19", "NMF has other solvers"),),
    "sklearn.preprocessing.CategoricalEncoder": (_refusing("0.20", "no release had it"),),
    "sklearn.linear_model.RandomizedLasso sklearn.linear_model.RandomizedLogisticRegression": (
        _refusing("0.21", _OTHERS),
    ),
    "sklearn.cluster.AgglomerativeClustering sklearn.cluster.FeatureAgglomeration sklearn.pipeline.Pipeline": (
        upward("0.19", _forget_memory),
    ),
    _MEMORY: (upward("0.20", _vanish),),
    "sklearn.grid_search.GridSearchCV sklearn.grid_search.RandomizedSearchCV": (upward("0.20", _search_anew),),
    "sklearn.grid_search._CVScoreTuple": (upward("0.20", _vanish),),
    " ".join(
        f"sklearn.cross_validation.{name}"
        for name in ("KFold", "LeaveOneOut", "ShuffleSplit", "StratifiedKFold", "StratifiedShuffleSplit")
    ): (upward("0.20", _fold_anew),),
    "sklearn.preprocessing.Imputer": (upward("0.22", _impute_simply),),
    "sklearn.decomposition.RandomizedPCA": (upward("0.20", _reduce_randomly),),
    f"{_INITIAL}LogOddsEstimator": (upward("0.21", _start_with_odds(1.0)),),
    f"{_INITIAL}ScaledLogOddsEstimator": (upward("0.21", _start_with_odds(0.5)),),
    f"{_INITIAL}PriorProbabilityEstimator": (upward("0.21", _start_with_shares),),
    f"{_INITIAL}MeanEstimator": (upward("0.21", _start_with_number("mean", "mean")),),
    f"{_INITIAL}QuantileEstimator": (upward("0.21", _start_with_number("quantile", "quantile")),),
    _ZERO: (upward("0.22", _vanish),),
    "sklearn.ensemble.GradientBoostingClassifier sklearn.ensemble.GradientBoostingRegressor": (
        upward("0.21", _start_as_before),
    ),
    "sklearn.ensemble.GradientBoostingClassifier": (upward("0.21", _start_from_shares),),
    "sklearn.covariance.GraphicalLassoCV": (upward("1.2", _become_dictionary),),
    "sklearn.covariance._DictWithDeprecatedKeys": (upward("1.2", _vanish),),
    "sklearn.model_selection.GridSearchCV sklearn.model_selection.RandomizedSearchCV": (
        upward("0.21", _become_dictionary),
    ),
    "sklearn.utils.DeprecationDict": (upward("0.22", _vanish),),
    " ".join(
        f"sklearn.linear_model.{name}"
        for name in (
            *("DistributionBoundary", "GammaDistribution", "InverseGaussianDistribution", "NormalDistribution"),
            *("PoissonDistribution", "TweedieDistribution", "IdentityLink", "LogLink", "LogitLink"),
        )
    ): (upward("1.2", _vanish),),
}
