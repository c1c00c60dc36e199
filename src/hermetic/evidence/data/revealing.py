"""What a record tells about the data to whoever has the model's file."""

from __future__ import annotations

from hermetic.recorded.data import DataPart, DataRecord

__all__ = ["reveals"]

_MOST_VALUES = 5


def reveals(record: DataRecord) -> list[str]:
    """Say in words what a record reveals.

    Parameters
    ----------
    record : DataRecord
        Of a model's file. Names of columns and values are of the file: show them as such.

    Returns
    -------
    list of str
        One sentence for each kind of thing.

    Examples
    --------
    >>> from hermetic.evidence.data.recording import record_data
    >>> for line in reveals(record_data({"y": ["no", "yes"] * 9}, None)[0]):
    ...     print(line)
    y: 18 rows, types of 1 column, numbers of missing values
    y: the values 'no', 'yes', each of at least five rows, and how often they occur
    digests, by which whoever has the same data recognises them
    """
    lines = [line for part in record.parts for line in _lines(part)]
    return [*lines, "digests, by which whoever has the same data recognises them"] if record.parts else []


def _lines(part: DataPart) -> list[str]:
    columns = part.fingerprint.columns
    names = "names and types" if any(column.name is not None for column in columns) else "types"
    many = "column" if len(columns) == 1 else "columns"
    lines = [
        f"{part.name}: {part.fingerprint.n_rows:,} rows, {names} of {len(columns):,} {many}, numbers of missing values"
    ]
    n_histograms = sum(bool(own.counts) for own in part.summaries)
    if n_histograms:
        many = "column" if n_histograms == 1 else "columns"
        lines.append(f"{part.name}: histograms and quantiles of {n_histograms:,} {many}")
    named = [own for own in part.summaries if own.values]
    if len(named) == 1:
        shown = ", ".join(repr(own.value) for own in named[0].values[:_MOST_VALUES])
        more = "" if len(named[0].values) <= _MOST_VALUES else " and more"
        lines.append(f"{part.name}: the values {shown}{more}, each of at least five rows, and how often they occur")
    elif named:
        lines.append(
            f"{part.name}: values of {len(named):,} columns, each of at least five rows, and how often they occur"
        )
    if part.place == "embedded":
        lines.append(f"{part.name}: the training data themselves (embedded, {part.n_bytes:,} bytes)")
    if part.place == "referenced":
        lines.append(f"{part.name}: where the data are: {part.uri}")
    return lines
