"""Fitted models of newer releases, in older ones that can ask them but could not fit them in the same way.

They are derived from the installed release's own class and answer through it. What that class lacks is kept: parameters
that only a fit reads, and the numbering of categories of histogram boosting, which has been its own since scikit-learn
1.4 (source: sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py, ``_preprocess_X``). Loaded where the release
is back, they are the library's own models again.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn import ensemble, preprocessing, tree

from hermetic.legacy.former import FormerPredictor

__all__ = [
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "KBinsDiscretizer",
    "RandomForestClassifier",
    "RandomForestRegressor",
]


class _Kept(FormerPredictor):
    """A fitted model of a newer release.

    Attributes
    ----------
    installed : type
        The class of the installed release that answers.
    later : dict of str to object
        Parameters that it may lack, and their defaults.
    """

    former: ClassVar[str] = "a newer release of scikit-learn"
    installed: ClassVar[Any]
    later: ClassVar[dict[str, Any]] = {}

    def __init__(self, **parameters: Any) -> None:
        lacking = self.later.keys() - set(self.installed._get_param_names())
        own = {name: parameters.pop(name, self.later[name]) for name in sorted(lacking)}
        self.installed.__init__(self, **parameters)
        for name, value in own.items():
            setattr(self, name, value)

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted({*cls.installed._get_param_names(), *cls.later})


class _KeptBoosting(_Kept):
    later: ClassVar[dict[str, Any]] = {"max_features": 1.0}

    def _validate_data(self, X: Any, *arguments: Any, **checks: Any) -> Any:
        # Until scikit-learn 1.3 the input passes here alone on its way to the trees.
        preprocessor = vars(self).get("_preprocessor")
        if preprocessor is not None:
            return preprocessor.transform(X)
        return super()._validate_data(X, *arguments, **checks)


class HistGradientBoostingClassifier(_KeptBoosting, ensemble.HistGradientBoostingClassifier):  # type: ignore[misc]  # untyped library
    """Histogram boosting that numbers its categories itself, or draws features, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.HistGradientBoostingClassifier`, and `max_features`.

    Examples
    --------
    >>> from hermetic.legacy import HistGradientBoostingClassifier
    >>> HistGradientBoostingClassifier(max_features=0.5).get_params()["max_features"]
    0.5
    """

    successor: ClassVar[str] = "sklearn.ensemble.HistGradientBoostingClassifier"
    installed: ClassVar[Any] = ensemble.HistGradientBoostingClassifier


class HistGradientBoostingRegressor(_KeptBoosting, ensemble.HistGradientBoostingRegressor):  # type: ignore[misc]  # untyped library
    """The same for numbers.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.HistGradientBoostingRegressor`, and `max_features`.

    Examples
    --------
    >>> from hermetic.legacy import HistGradientBoostingRegressor
    >>> HistGradientBoostingRegressor().get_params()["max_features"]
    1.0
    """

    successor: ClassVar[str] = "sklearn.ensemble.HistGradientBoostingRegressor"
    installed: ClassVar[Any] = ensemble.HistGradientBoostingRegressor


class KBinsDiscretizer(_Kept, preprocessing.KBinsDiscretizer):  # type: ignore[misc]  # untyped library
    """Bins by quantiles of a kind that scikit-learn 1.6 or older cannot find.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.preprocessing.KBinsDiscretizer`, and `quantile_method`.

    Examples
    --------
    >>> from hermetic.legacy import KBinsDiscretizer
    >>> KBinsDiscretizer(quantile_method="averaged_inverted_cdf").quantile_method
    'averaged_inverted_cdf'
    """

    successor: ClassVar[str] = "sklearn.preprocessing.KBinsDiscretizer"
    installed: ClassVar[Any] = preprocessing.KBinsDiscretizer
    later: ClassVar[dict[str, Any]] = {"quantile_method": "warn"}


class _KeptTrees(_Kept):
    # Their leaves keep to the constraints; nothing but a fit looks at the parameter.
    later: ClassVar[dict[str, Any]] = {"monotonic_cst": None}


class DecisionTreeClassifier(_KeptTrees, tree.DecisionTreeClassifier):  # type: ignore[misc]  # untyped library
    """A tree with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.tree.DecisionTreeClassifier`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import DecisionTreeClassifier
    >>> DecisionTreeClassifier(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.tree.DecisionTreeClassifier"
    installed: ClassVar[Any] = tree.DecisionTreeClassifier


class DecisionTreeRegressor(_KeptTrees, tree.DecisionTreeRegressor):  # type: ignore[misc]  # untyped library
    """A tree for numbers with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.tree.DecisionTreeRegressor`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import DecisionTreeRegressor
    >>> DecisionTreeRegressor(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.tree.DecisionTreeRegressor"
    installed: ClassVar[Any] = tree.DecisionTreeRegressor


class ExtraTreeClassifier(_KeptTrees, tree.ExtraTreeClassifier):  # type: ignore[misc]  # untyped library
    """A randomized tree with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.tree.ExtraTreeClassifier`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import ExtraTreeClassifier
    >>> ExtraTreeClassifier(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.tree.ExtraTreeClassifier"
    installed: ClassVar[Any] = tree.ExtraTreeClassifier


class ExtraTreeRegressor(_KeptTrees, tree.ExtraTreeRegressor):  # type: ignore[misc]  # untyped library
    """A randomized tree for numbers with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.tree.ExtraTreeRegressor`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import ExtraTreeRegressor
    >>> ExtraTreeRegressor(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.tree.ExtraTreeRegressor"
    installed: ClassVar[Any] = tree.ExtraTreeRegressor


class ExtraTreesClassifier(_KeptTrees, ensemble.ExtraTreesClassifier):  # type: ignore[misc]  # untyped library
    """Randomized trees with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.ExtraTreesClassifier`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import ExtraTreesClassifier
    >>> ExtraTreesClassifier(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.ensemble.ExtraTreesClassifier"
    installed: ClassVar[Any] = ensemble.ExtraTreesClassifier


class ExtraTreesRegressor(_KeptTrees, ensemble.ExtraTreesRegressor):  # type: ignore[misc]  # untyped library
    """Randomized trees for numbers with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.ExtraTreesRegressor`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import ExtraTreesRegressor
    >>> ExtraTreesRegressor(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.ensemble.ExtraTreesRegressor"
    installed: ClassVar[Any] = ensemble.ExtraTreesRegressor


class RandomForestClassifier(_KeptTrees, ensemble.RandomForestClassifier):  # type: ignore[misc]  # untyped library
    """A forest with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.RandomForestClassifier`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import RandomForestClassifier
    >>> RandomForestClassifier(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.ensemble.RandomForestClassifier"
    installed: ClassVar[Any] = ensemble.RandomForestClassifier


class RandomForestRegressor(_KeptTrees, ensemble.RandomForestRegressor):  # type: ignore[misc]  # untyped library
    """A forest for numbers with monotonic constraints, in scikit-learn 1.3 or older.

    Parameters
    ----------
    **parameters : object
        As in `sklearn.ensemble.RandomForestRegressor`, and `monotonic_cst`.

    Examples
    --------
    >>> from hermetic.legacy import RandomForestRegressor
    >>> RandomForestRegressor(monotonic_cst=[1]).monotonic_cst
    [1]
    """

    successor: ClassVar[str] = "sklearn.ensemble.RandomForestRegressor"
    installed: ClassVar[Any] = ensemble.RandomForestRegressor
