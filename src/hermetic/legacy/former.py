"""What all predictors of former releases have in common: they predict, and are not fitted again."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from sklearn.base import BaseEstimator
from sklearn.utils import validation

from hermetic.errors import UsageError

__all__ = ["FormerPredictor"]


class FormerPredictor(BaseEstimator):  # type: ignore[misc]  # untyped library
    """A fitted model of a former release; made by loading one, never by fitting.

    Attributes
    ----------
    successor : str
        What the installed release has in its place.
    former : str
        Whose predictions they are.
    """

    successor: ClassVar[str] = ""
    former: ClassVar[str] = "a former release of scikit-learn"

    def fit(self, X: Any, y: Any = None, **parameters: Any) -> NoReturn:
        """Refuse: the algorithm that fits it belongs to a former release.

        Parameters
        ----------
        X, y, **parameters : object
            Not looked at.

        Raises
        ------
        UsageError
            Always, with what to fit instead.
        """
        name = type(self).__name__
        raise UsageError(
            f"hermetic.legacy.{name} predicts as {self.former} did, and cannot be fitted",
            next_step=f"Fit a new {self.successor} instead.",
        )

    def _rows(self, X: Any, **checks: Any) -> Any:
        """Give the input as an array, with the features that the model was fitted on."""
        validate = getattr(validation, "validate_data", None)
        if validate is None:
            return self._validate_data(X, reset=False, **checks)
        return validate(self, X, reset=False, **checks)
