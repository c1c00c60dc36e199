"""What every loaded model is asked, and the digest of its answers.

Inputs are small and made apart from the training data, and this file imports no builder: a fresh process that has
loaded a model can compare its answers without the rest of scikit-learn. No model is built here (`models.py`).
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from threadpoolctl import threadpool_limits

__all__ = ["QUESTIONS", "Question", "customers", "digest_answers", "find_question"]

Answers = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Question:
    """An input, and how a model is asked about it.

    Attributes
    ----------
    inputs : callable
        Makes the input.
    answer : callable
        ``answer(model, X)``: a tuple of arrays, dense or sparse, compared bit for bit.
    """

    inputs: Callable[[], Any]
    answer: Callable[[Any, Any], Answers]


def find_question(address: str) -> Question:
    """Return the question at ``module:name of a model``; a model that grows is asked the same at every size."""
    home, _, name = address.partition(":")
    questions: Mapping[str, Question] = importlib.import_module(home).QUESTIONS
    return questions[name if name in questions else name.rpartition("_")[0]]


def digest_answers(question: Question, fitted: Any) -> str:
    """Return the SHA-256 of everything that `fitted` answers, with its type, shapes and dtypes.

    One thread: the order in which threads add their parts would change the last bits.
    """
    digest = hashlib.sha256(type(fitted).__qualname__.encode())
    with threadpool_limits(limits=1):
        answers = question.answer(fitted, question.inputs())
    for answer in answers:
        parts = (answer.data, answer.indices, answer.indptr) if scipy.sparse.issparse(answer) else (np.asarray(answer),)
        digest.update(repr(answer.shape).encode())
        for part in parts:
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            digest.update(
                repr(part.tolist()).encode() if part.dtype.hasobject else np.ascontiguousarray(part).tobytes()
            )
    return digest.hexdigest()


def predict(model: Any, X: Any) -> Answers:
    return (model.predict(X),)


def predict_probabilities(model: Any, X: Any) -> Answers:
    return model.predict(X), model.predict_proba(X)


def transform(model: Any, X: Any) -> Answers:
    return (model.transform(X),)


def normal_rows(n_features: int, n_samples: int = 100) -> Callable[[], Any]:
    """Make the maker of a standard normal matrix, shape (n_samples, n_features)."""
    return lambda: np.random.default_rng(7).standard_normal((n_samples, n_features))


def some_documents() -> list[str]:
    return [" ".join(f"w{number * 31 % 1_000_003:06d}" for number in range(start, start + 300)) for start in range(50)]


def some_categories() -> Any:
    return np.array([[f"category-{number:06d}"] for number in range(0, 300_000, 997)], dtype=object)


def customers(n_samples: int, seed: int) -> Any:
    """Make a table of customers: three numbers, one of them with gaps, and two categories."""
    import pandas  # optional: without it this one model is left out

    generator = np.random.default_rng(seed)
    age = generator.normal(45, 15, n_samples)
    age[::17] = np.nan
    return pandas.DataFrame(
        {
            "age": age,
            "income": generator.lognormal(10, 1, n_samples),
            "visits": generator.poisson(3, n_samples).astype("float64"),
            "city": np.array([f"city-{number}" for number in generator.integers(0, 20_000, n_samples)], dtype=object),
            "plan": np.array(["basic", "plus", "pro"], dtype=object)[generator.integers(0, 3, n_samples)],
        }
    )


def some_customers() -> Any:
    return customers(200, seed=1)


def predict_each(models: Any, X: Any) -> Answers:
    return tuple(model.predict_proba(X) for model in models)


def predict_with_spread(model: Any, X: Any) -> Answers:
    return tuple(model.predict(X, return_std=True))


def decide(model: Any, X: Any) -> Answers:
    return model.predict(X), model.decision_function(X)


def neighbours(model: Any, X: Any) -> Answers:
    return model.predict(X), *model.kneighbors(X)


def search_results(model: Any, X: Any) -> Answers:
    return model.predict_proba(X), model.cv_results_["mean_test_score"], model.cv_results_["rank_test_score"]


QUESTIONS: Mapping[str, Question] = {
    "logreg_tiny": Question(inputs=normal_rows(4), answer=predict_probabilities),
    "rf500_50k": Question(inputs=normal_rows(20), answer=predict_probabilities),
    "forest500_depth6": Question(inputs=normal_rows(20), answer=predict_probabilities),
    "extratrees300_reg": Question(inputs=normal_rows(20), answer=predict),
    "gb500": Question(inputs=normal_rows(20), answer=predict_probabilities),
    "hgb500_5class": Question(inputs=normal_rows(20), answer=predict_probabilities),
    "isolation_forest_500": Question(inputs=normal_rows(20), answer=decide),
    "knn_kdtree_200k": Question(inputs=normal_rows(50, 10), answer=neighbours),
    "svc_5k_sv": Question(inputs=normal_rows(40), answer=decide),
    "gp_3k": Question(inputs=normal_rows(10), answer=predict_with_spread),
    "mlp_1024x2": Question(inputs=normal_rows(100), answer=predict_probabilities),
    "pca_2000": Question(inputs=normal_rows(2_000), answer=transform),
    "tfidf_500k_vocab": Question(inputs=some_documents, answer=transform),
    "onehot_200k_categories": Question(inputs=some_categories, answer=transform),
    "columntransformer_df": Question(inputs=some_customers, answer=predict_probabilities),
    "gridsearch_cv_results": Question(inputs=normal_rows(4), answer=search_results),
    "stacking": Question(inputs=normal_rows(20), answer=predict_probabilities),
    "many_small_pipelines": Question(inputs=normal_rows(4), answer=predict_each),
    "scaling_forest": Question(inputs=normal_rows(10), answer=predict_probabilities),
    "scaling_pipelines": Question(inputs=normal_rows(4, 5), answer=predict_each),
}
