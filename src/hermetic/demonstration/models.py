"""Three models of different kinds, fitted to data that scikit-learn itself carries: nothing is downloaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

__all__ = ["EXAMPLES", "Example", "digest_of_predictions"]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One model of the demonstration.

    Attributes
    ----------
    name : str
        Stem of its files.
    title : str
        What it is, for people.
    read_samples : callable
        Gives the samples and their targets, the same ones in every process.
    make_model : callable
        Gives the model, not yet fitted.
    """

    name: str
    title: str
    read_samples: Callable[[], tuple[Any, Any]]
    make_model: Callable[[], Any]

    def fit(self) -> Any:
        """Return the model, fitted to all samples."""
        samples, targets = self.read_samples()
        return self.make_model().fit(samples, targets)


def _read_wine() -> tuple[Any, Any]:
    return datasets.load_wine(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn has no annotations


def _make_wine_model() -> Pipeline:
    columns = ColumnTransformer(
        [
            ("scaled", StandardScaler(), list(range(10))),
            ("binned", KBinsDiscretizer(n_bins=4, **_averaged_quantiles()), [10, 11, 12]),
        ]
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1_000))


def _averaged_quantiles() -> dict[str, str]:
    # Without it scikit-learn 1.7 and 1.8 warn of a default to come; older releases have no choice.
    has_choice = "quantile_method" in KBinsDiscretizer._get_param_names()
    return {"quantile_method": "averaged_inverted_cdf"} if has_choice else {}


def _read_sentences() -> tuple[Any, Any]:
    """Return the sentences that describe scikit-learn's data sets, and which data set each one describes."""
    sentences, targets = [], []
    for name in ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine"):
        description = getattr(datasets, f"load_{name}")().DESCR
        found = [sentence.strip() for sentence in re.split(r"[.:|]\s", description) if len(sentence.split()) > 3]
        sentences += found
        targets += [name] * len(found)
    return sentences, targets


def _make_text_model() -> Pipeline:
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=1_000))


def _read_digits() -> tuple[Any, Any]:
    return datasets.load_digits(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn has no annotations


def _make_forest() -> RandomForestClassifier:
    return RandomForestClassifier(n_estimators=300, random_state=0)


EXAMPLES = (
    Example(name="wine", title="table: columns, logistic", read_samples=_read_wine, make_model=_make_wine_model),
    Example(name="text", title="text: TF-IDF, logistic", read_samples=_read_sentences, make_model=_make_text_model),
    Example(name="digits", title="images: forest of 300", read_samples=_read_digits, make_model=_make_forest),
)


def digest_of_predictions(model: Any, samples: Any) -> str:
    """Return the SHA-256 of every bit that a classifier predicts for some samples.

    Parameters
    ----------
    model : classifier
        A fitted classifier with ``predict`` and ``predict_proba``.
    samples : array or list
        What it predicts for.

    Returns
    -------
    str
        64 hexadecimal digits; equal only when labels, probabilities, dtypes and shapes are.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from hermetic.demonstration.models import digest_of_predictions
    >>> model = DummyClassifier().fit([[0], [1]], [0, 1])
    >>> len(digest_of_predictions(model, [[0], [1]]))
    64
    """
    digest = hashlib.sha256()
    for array in (numpy.asarray(model.predict(samples)), numpy.asarray(model.predict_proba(samples))):
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        digest.update(numpy.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
