"""The columns of the answers about a file without rows."""

from __future__ import annotations

from typing import Any

import pyarrow

from hermetic.deploy.batch.asking import ask_model
from hermetic.deploy.batch.columns import wish_of
from hermetic.deploy.batch.survey import Survey
from hermetic.deploy.features import Feature, Features
from hermetic.errors import HermeticError

__all__ = ["answer_columns_of_no_rows"]


def answer_columns_of_no_rows(model: Any, method: str, survey: Survey, features: Features) -> list[pyarrow.Field]:
    """Ask the model about a row that nobody has, to know what its answers are called; none where it refuses that.

    scikit-learn answers about no rows with an error.
    """
    by_name = {feature.name: feature for feature in features.columns or ()}
    ordered = list(features.columns or ())
    arrays = []
    for place, name in enumerate(survey.layout.columns):
        feature = by_name.get(name) or (ordered[place] if place < len(ordered) else Feature(name=name))
        arrays.append(_made_up(feature, survey.reader.schema.field(name).type))
    row = pyarrow.RecordBatch.from_arrays(arrays, names=list(survey.layout.columns))
    try:
        return list(ask_model(model, method, survey.layout, row, 0).schema)
    except HermeticError:
        return []


def _made_up(feature: Feature, type_: pyarrow.DataType) -> pyarrow.Array:
    real = [own for own in feature.categories if own is not None and own == own]
    if real:
        return pyarrow.array(real[:1])
    is_text = wish_of(feature) == "text" or pyarrow.types.is_string(type_) or pyarrow.types.is_large_string(type_)
    return pyarrow.array(["text"] if is_text else [0.0])
