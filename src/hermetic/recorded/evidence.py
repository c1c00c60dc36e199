"""Everything that may be recorded of a model, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hermetic.recorded.data import DataRecord
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.lineage import LineageRecord
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.scores import ScoresRecord
from hermetic.recorded.source import SourceRecord

__all__ = ["Evidence"]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What `hermetic.record` has found out about a model, for `hermetic.dump`.

    Attributes
    ----------
    golden : GoldenRows, optional
        Inputs and answers.
    data : DataRecord, optional
        What identifies the data, and where they are.
    source : SourceRecord, optional
        The Python source that made the model.
    environment : EnvironmentRecord, optional
        Python, machine and installed distributions.
    scores : ScoresRecord, optional
        Cross-validation.
    lineage : LineageRecord, optional
        The files that the model was made from.
    recipe : Recipe, optional
        The unfitted estimator, splitter and scorers.
    snapshot : mapping of str to bytes
        By the name of each embedded part of the data, its Parquet file.

    Examples
    --------
    >>> import numpy, hermetic
    >>> from sklearn.linear_model import LinearRegression
    >>> X = numpy.arange(10.0).reshape(5, 2)
    >>> evidence = hermetic.record(LinearRegression().fit(X, X[:, 0]), X)
    >>> evidence.golden.origin, evidence.golden.methods
    ('synthetic', ('predict',))
    """

    golden: GoldenRows | None = None
    data: DataRecord | None = None
    source: SourceRecord | None = None
    environment: EnvironmentRecord | None = None
    scores: ScoresRecord | None = None
    lineage: LineageRecord | None = None
    recipe: Recipe | None = None
    snapshot: Mapping[str, bytes] = field(default_factory=dict, repr=False)
