"""What releases from 0.23 to 1.2 have changed in the types that most old files hold.

Only pickles are that old: hermetic itself runs with scikit-learn 1.2 and later. The sources are those of scikit-learn
0.23.2, 0.24.2, 1.0.2, 1.1.3 and 1.2.2, named at each change.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, Step, upward
from hermetic.codecs.related import related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]


def _dropping(*fields: str) -> Step:
    return lambda edit: edit.drop(*fields)


def _filling(**parameters: bool) -> Step:
    def fill(edit: TableEdit) -> None:
        for field, value in parameters.items():
            edit.fill(field, value)

    return fill


def _name_width(edit: TableEdit) -> None:
    # tree/_classes.py, ensemble/_forest.py, _gb.py: the number of features had a name of its own.
    if edit.has("n_features_") and not edit.has("n_features_in_"):
        edit.copy("n_features_in_", "n_features_")


def _renaming(**names: str) -> Step:
    def rename(edit: TableEdit) -> None:
        for old, new in names.items():
            if edit.has(old):
                edit.rename(old, new)

    return rename


def _wording(field: str, **words: object) -> Step:
    return lambda edit: edit.replace(field, words)


def _forget_placeholder(edit: TableEdit) -> None:
    # metrics/_dist_metrics.pyx: a distance without weights held one zero, which 1.1 would read as weights.
    if edit.has("w"):
        weights = edit.arrays("w")
        edit.put(
            "w",
            [
                None if own is not None and np.array_equal(own, [0.0]) else value
                for own, value in zip(weights, edit.values("w"), strict=True)
            ],
        )


def _allow_any_sign(edit: TableEdit) -> None:
    # linear_model/_base.py, _coordinate_descent.py and _ridge.py: coefficients of any sign.
    if not edit.has("positive"):
        edit.fill("positive", False)


def _sample_more(edit: TableEdit) -> None:
    # decomposition/_pca.py, _truncated_svd.py: what the constructor asks for now was fixed.
    edit.fill("n_oversamples", 10)
    edit.fill("power_iteration_normalizer", "auto")


def _repeat_parameters(edit: TableEdit) -> None:
    # feature_extraction/text.py: these stood in the transformer within only.
    for field in ("norm", "use_idf", "smooth_idf", "sublinear_tf"):
        if not edit.has(field):
            edit.put(field, [_parameter_within(edit, row, field) for row in range(edit.rows)])


def _parameter_within(edit: TableEdit, row: int, field: str) -> Value:
    found = related(edit, edit.value("_tfidf", row))
    if found is None or field not in found[1].node.fields:
        raise edit.refuse(f"the weights of words do not say {field}", row=row, field="_tfidf")
    return found[1].value(field, found[2])


_CRITERIA = {"mse": "squared_error", "mae": "absolute_error"}
_LOSSES = {"deviance": "log_loss", "ls": "squared_error", "lad": "absolute_error"}
_LINEAR = "sklearn.linear_model."
_ENSEMBLE = "sklearn.ensemble."
_TREE = "sklearn.tree."
_CLASSIFYING_TREES = f"{_TREE}DecisionTreeClassifier {_TREE}ExtraTreeClassifier"
_REGRESSION_TREES = f"{_TREE}DecisionTreeRegressor {_TREE}ExtraTreeRegressor"
_CLASSIFYING_FORESTS = f"{_ENSEMBLE}ExtraTreesClassifier {_ENSEMBLE}RandomForestClassifier"
_REGRESSION_FORESTS = f"{_ENSEMBLE}ExtraTreesRegressor {_ENSEMBLE}RandomForestRegressor"
_BOOSTING = f"{_ENSEMBLE}GradientBoostingClassifier {_ENSEMBLE}GradientBoostingRegressor"
_NAMED = (
    f"{_ENSEMBLE}AdaBoostClassifier {_ENSEMBLE}AdaBoostRegressor {_ENSEMBLE}BaggingClassifier "
    f"{_ENSEMBLE}BaggingRegressor"
)

CHANGES: dict[str, tuple[Change, ...]] = {
    f"{_CLASSIFYING_TREES} {_REGRESSION_TREES} {_CLASSIFYING_FORESTS} {_REGRESSION_FORESTS} {_BOOSTING}": (
        upward("0.24", _name_width),
        upward("1.0", _dropping("min_impurity_split", "n_features_")),
        upward("1.2", _wording("criterion", **_CRITERIA)),
    ),
    f"{_CLASSIFYING_TREES} {_CLASSIFYING_FORESTS}": (upward("1.3", _wording("max_features", auto="sqrt")),),
    _REGRESSION_TREES: (upward("1.3", _wording("max_features", auto=None)),),
    _REGRESSION_FORESTS: (upward("1.3", _wording("max_features", auto=1.0)),),
    f"{_CLASSIFYING_FORESTS} {_REGRESSION_FORESTS} {_NAMED}": (
        upward("1.2", _renaming(base_estimator="estimator", base_estimator_="estimator_")),
        upward("1.2", _dropping("n_features_")),
    ),
    _BOOSTING: (
        upward("1.1", _renaming(loss_="_loss")),
        upward("1.3", _wording("loss", **_LOSSES)),
    ),
    f"{_LINEAR}ElasticNet {_LINEAR}Lasso {_LINEAR}LinearRegression {_LINEAR}Ridge": (
        upward("1.0", _allow_any_sign),
        upward("1.2", _dropping("normalize")),
    ),
    f"{_LINEAR}SGDClassifier": (
        upward("1.3", _wording("loss", log="log_loss", squared_loss="squared_error")),
        upward("1.0", _dropping("average_coef_", "average_intercept_", "standard_coef_", "standard_intercept_")),
    ),
    "sklearn.preprocessing.MinMaxScaler": (upward("0.24", _filling(clip=False)),),
    "sklearn.preprocessing.RobustScaler": (upward("0.24", _filling(unit_variance=False)),),
    "sklearn.naive_bayes.GaussianNB": (upward("1.0", _renaming(sigma_="var_")),),
    "sklearn.naive_bayes.BernoulliNB sklearn.naive_bayes.MultinomialNB": (
        upward("1.2", lambda edit: edit.fill("force_alpha", False)),
    ),
    "sklearn.decomposition.PCA sklearn.decomposition.TruncatedSVD": (upward("1.1", _sample_more),),
    "sklearn.feature_extraction.text.TfidfVectorizer": (upward("1.1", _repeat_parameters),),
    "sklearn.metrics.MinkowskiDistance64": (upward("1.1", _forget_placeholder),),
}
