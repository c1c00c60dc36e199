"""What a file tells about the data that its model was fitted on, to everybody who holds it.

Evidence says much of it on purpose. Some models say more: nearest neighbours keep every row that they were fitted on,
support vector machines some of them, vectorizers the words of the texts. Told from names of fields and types alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hermetic.graph import Graph, Instances, Same
from hermetic.inspection.evidence import count_text
from hermetic.inspection.golden import GoldenSummary
from hermetic.inspection.places import Places
from hermetic.inspection.text import short, size_text
from hermetic.recorded.data import DataRecord
from hermetic.recorded.source import SourceRecord

__all__ = ["revealed"]

_ROWS = "rows of the training data"
_KEPT_FIELDS = {
    "X_train_": _ROWS,
    "X_fit_": _ROWS,
    "_fit_X": _ROWS,
    "_raw_data": _ROWS,
    "X_": _ROWS,
    "support_vectors_": "some " + _ROWS,
    "y_train_": "targets of the training data",
    "_y": "targets of the training data",
    "oob_prediction_": "a prediction for each training row",
    "oob_decision_function_": "a prediction for each training row",
    "embedding_": "a place for each training row",
    "labels_": "a label for each training row",
    "transduction_": "a label for each training row",
    "label_distributions_": "a prediction for each training row",
    "negative_outlier_factor_": "a number for each training row",
    "vocabulary_": "words of the training texts",
    "categories_": "categories of the training data",
    "data_min_": "extremes of the training data",
    "data_max_": "extremes of the training data",
    "quantiles_": "quantiles of the training data",
}
_KEPT_TYPES = {"sklearn.neighbors.KDTree": _ROWS, "sklearn.neighbors.BallTree": _ROWS}
_MOST_FIELDS = 12


def revealed(
    graph: Graph, records: Mapping[str, Any], golden: GoldenSummary | None, snapshot_bytes: int
) -> Iterator[str]:
    """Say what a file tells about the training data.

    Parameters
    ----------
    graph : Graph
        The model.
    records : mapping of str to record
        From `hermetic.inspection.evidence.read_records`.
    golden : GoldenSummary or None
        From `hermetic.inspection.golden`.
    snapshot_bytes : int
        Length of the embedded data; 0 where there are none.

    Yields
    ------
    str
        What, the gravest first; text of the file may be part of it.
    """
    if snapshot_bytes:
        yield f"the training data themselves, embedded ({size_text(snapshot_bytes)})"
    if golden is not None and golden.origin == "real":
        yield f"{count_text(golden.n_rows, 'row')} of the data as they were, with what the model answers (golden rows)"
    yield from _kept_by_the_model(graph)
    if golden is not None and golden.origin == "synthetic":
        yield f"ranges and categories of the columns, in {count_text(golden.n_rows, 'synthetic row')} (golden rows)"
    data: DataRecord | None = records.get("data")
    if data is not None and data.parts:
        n_columns = sum(len(part.fingerprint.columns) for part in data.parts)
        yield (
            f"the number of rows, and name, type and missing values of {count_text(n_columns, 'column')}, "
            "which are told apart from others by their digests"
        )
        n_summaries = sum(len(part.summaries) for part in data.parts)
        if n_summaries:
            yield f"rounded quantiles, histograms or common values of {count_text(n_summaries, 'column')}"
        for part in data.parts:
            if part.place == "referenced":
                yield f"where {short(part.name)} is: {short(part.uri)}"
    if "scores" in records:
        yield "how well such a model does on each fold"
    source: SourceRecord | None = records.get("source")
    if source is not None:
        yield from _told_by_source(source)
    if "environment" in records:
        n_distributions = len(records["environment"].distributions)
        yield f"the machine's platform and processor, and {count_text(n_distributions, 'installed distribution')}"


def _kept_by_the_model(graph: Graph) -> Iterator[str]:
    """Find fields and types that keep data; the first place of each stands for all."""
    found: dict[tuple[str, str], tuple[int, str, int]] = {}
    for number, node in enumerate(graph.nodes):
        if not isinstance(node, Instances):
            continue
        if kept := _KEPT_TYPES.get(graph.names[node.type].name):
            first = found.get((kept, "data"), (number, "data", 0))
            found[kept, "data"] = (*first[:2], first[2] + node.rows)
        for field in _KEPT_FIELDS.keys() & node.fields.keys():
            value = node.fields[field]
            if value is None or value == Same(None):
                continue
            key = (_KEPT_FIELDS[field], field)
            first = found.get(key, (number, field, 0))
            found[key] = (*first[:2], first[2] + node.rows)
    if not found:
        return
    places = Places(graph)
    order = list(dict.fromkeys((*_KEPT_TYPES.values(), *_KEPT_FIELDS.values())))
    for (words, _), (number, field, n_rows) in sorted(
        found.items(), key=lambda own: (order.index(own[0][0]), own[0][1])
    )[:_MOST_FIELDS]:
        others = f" and {n_rows - 1:,} more" if n_rows > 1 else ""
        yield f"{words}, as the model keeps them ({places.path(number, 0)}.{field}{others})"


def _told_by_source(source: SourceRecord) -> Iterator[str]:
    n_texts = sum(file.text is not None for file in source.files)
    if n_texts:
        yield f"the source text of {count_text(n_texts, 'file')}"
    if source.repository is not None and source.repository.remote:
        yield f"the address of the repository: {short(source.repository.remote)}"
    if source.repository is not None and source.repository.diff:
        yield "changes that were not committed (diff)"
