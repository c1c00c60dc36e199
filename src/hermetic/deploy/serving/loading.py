"""Loading the models of a server: through every gate, recorded answers computed again, each described for clients."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from hermetic.deploy.features import Feature, Features, features_of
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.models import METHODS, DescribedFeature, Description, Output, ServedModel
from hermetic.deploy.serving.outputs import arrays_of
from hermetic.deploy.serving.settings import Loading, ServedFile, file_identity
from hermetic.deploy.serving.tensors import datatype_of
from hermetic.deploy.steps import first_step
from hermetic.errors import (
    CapabilityRefused,
    FileError,
    HermeticError,
    RejectedFile,
    SignatureRefused,
    UntrustedType,
    UsageError,
)
from hermetic.formats.container_reader import open_container
from hermetic.formats.open_source import open_source
from hermetic.lazy import numpy as np
from hermetic.limits import DEFAULT_LIMITS
from hermetic.load_report import LoadReport
from hermetic.persistence import load
from hermetic.recorded.answers import take_rows
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.members import find_golden, read_golden
from hermetic.recorded.one_thread import one_thread
from hermetic.signing.files import sha256_of_file

__all__ = ["failure_frame", "load_models"]

_REFUSALS = (UntrustedType, CapabilityRefused, RejectedFile, SignatureRefused)
_DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "text": "BYTES"}
_MADE_UP = {"number": 0.5, "integer": 1, "boolean": True, "text": "some words", "unknown": 0.5}
_VERSION_DIGITS = 12
_MOST_CATEGORIES = 50
_MOST_CLASSES = 1_000
_TRIES = 5


def load_models(loading: Loading) -> dict[str, ServedModel]:
    """Load and describe every model.

    Parameters
    ----------
    loading : Loading
        The files, and what they may.

    Returns
    -------
    dict of str to ServedModel
        By name.

    Raises
    ------
    FileError
        When a file is damaged, refused, or answers something else than was recorded.
    UsageError
        When a file holds nothing that can be asked.
    OSError
        When a file cannot be read.
    """
    return {file.name: _load(file, loading) for file in loading.files}


def _load(file: ServedFile, loading: Loading) -> ServedModel:
    for _ in range(_TRIES):
        before = file_identity(file.path)
        # The digest takes as long as the load of a big file: one waits for memory, the other for the processor.
        with ThreadPoolExecutor(1) as other:
            digest = other.submit(sha256_of_file, file.path)
            model, report = load(
                file.path,
                trusted=loading.trusted,
                capabilities=loading.capabilities,
                approvals=loading.approvals,
                signed_by=loading.signed_by or None,
                check="always",
                report=True,
            )
            golden = _golden(file.path)
        # Somebody may replace the file meanwhile: then digest, model and rows are of different files.
        if file_identity(file.path) == before:
            return _served(file, digest.result(), model, report, golden)
    raise UsageError("the file changes while it is read", where=file.path, next_step="Write it beside, and rename it.")


def failure_frame(error: Exception) -> Frame:
    """Give what the front is told when models could not be loaded."""
    if not isinstance(error, (HermeticError, OSError)):
        traceback.print_exception(error)  # code of a trusted class, say: the operator needs to know where
        return Frame({"error": f"{type(error).__name__} while a model was loaded: {error}"[:500], "refused": False})
    return Frame({"error": str(error), "refused": isinstance(error, _REFUSALS)})


def _golden(path: str) -> GoldenRows | None:
    source = open_source(path, DEFAULT_LIMITS)
    try:
        container = open_container(source, DEFAULT_LIMITS)
        return read_golden(container, DEFAULT_LIMITS) if find_golden(container) else None
    except FileError:
        return None  # a file of another format: load has accepted it, and it has no such rows
    finally:
        source.close()


def _served(file: ServedFile, digest: str, model: Any, report: LoadReport, golden: GoldenRows | None) -> ServedModel:
    methods = [method for method in METHODS if _has(model, method)]
    if not methods:
        raise UsageError(
            f"a {type(model).__name__} cannot be asked anything", where=file.path, next_step="Serve a fitted model."
        )
    features = features_of(model)
    rows: Any = None if golden is None else golden.rows
    features = _with_categories(features, model)
    template = rows.iloc[:0] if hasattr(rows, "iloc") else getattr(rows, "dtype", None)
    has_names = features.form == "frame" and features.names is not None
    described = _described(features, template)
    example = _example(golden, described, features, has_names)
    outputs = _outputs(model, methods, golden, _dummy(features, has_names))
    description = Description(
        name=file.name,
        version=digest[:_VERSION_DIGITS],
        digest=digest,
        length_bytes=os.path.getsize(file.path),
        type=type(model).__name__,
        form=features.form,
        has_names=has_names,
        features=described,
        methods=methods,
        outputs=outputs,
        classes=_classes(model),
        verdict=report.golden.verdict,
        verdict_words=_verdict(report),
        written_by=report.written_by,
        installed=report.installed,
        example=example,
    )
    return ServedModel(
        model=model,
        features=features,
        template=template,
        categorical=_categorical(model),
        description=description,
    )


def _has(model: Any, method: str) -> bool:
    try:
        return callable(getattr(model, method, None))
    except (TypeError, ValueError, NotImplementedError):  # a property that asks a part which is not there
        return False


def _verdict(report: LoadReport) -> str:
    golden = report.golden
    if golden.verdict == "passed":
        return f"answers as recorded: {', '.join(golden.methods)} of {golden.n_rows} rows"
    return "no recorded answers to compare with"


def _categorical(model: Any) -> tuple[bool, ...]:
    """Tell which features gradient boosting takes as pandas' categories, from the model that sees the input first."""
    step = first_step(model)[0]
    if getattr(step, "categorical_features", None) != "from_dtype":
        return ()
    found = getattr(step, "is_categorical_", None)
    return () if found is None else tuple(map(bool, found))


def _with_categories(features: Features, model: Any) -> Features:
    """Add the categories that gradient boosting has seen itself."""
    marks, found = _categorical(model), _own_categories(first_step(model)[0])
    if features.columns is None or len(marks) != len(features.columns) or sum(marks) != len(found):
        return features
    values = iter(found)
    columns = [
        replace(feature, kind="category", categories=next(values)) if is_categorical else feature
        for feature, is_categorical in zip(features.columns, marks, strict=True)
    ]
    return replace(features, columns=tuple(columns))


def _own_categories(step: Any) -> list[tuple[Any, ...]]:
    transformers = getattr(getattr(step, "_preprocessor", None), "transformers_", ())
    encoders = [own for name, own, _ in transformers if name == "encoder" and hasattr(own, "categories_")]
    return (
        [tuple(value for value in own.tolist() if value == value) for own in encoders[0].categories_]
        if encoders
        else []
    )


def _described(features: Features, template: Any) -> list[DescribedFeature] | None:
    if features.columns is None:
        return None
    dtypes = template.dtypes.tolist() if hasattr(template, "dtypes") else []
    if len(dtypes) != len(features.columns):
        dtypes = [None] * len(features.columns)
    pairs = enumerate(zip(features.columns, dtypes, strict=True))
    return [_described_one(place, feature, dtype) for place, (feature, dtype) in pairs]


def _described_one(place: int, feature: Feature, dtype: Any) -> DescribedFeature:
    categories = list(feature.categories) or list(getattr(dtype, "categories", ()))
    kind = feature.kind
    if categories:
        kind = "category"
    elif kind in ("unknown", "number") and dtype is not None:
        kinds = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "O": kind}
        kind = kinds.get(getattr(dtype, "kind", "O"), kind)
    plain = [_plain(value) for value in categories[:_MOST_CATEGORIES]]
    datatype = _DATATYPES.get(kind, "FP64")
    if kind == "category":
        datatype = "BYTES" if any(isinstance(value, str) for value in plain) else "FP64"
    elif kind == "unknown" and dtype is not None and str(dtype) in ("object", "str", "string"):
        datatype = "BYTES"
    return DescribedFeature(
        name=feature.name if feature.name is not None else f"x{place}",
        kind=kind,
        datatype=datatype,
        is_required=feature.is_required,
        categories=plain,
        refuses_unknown=feature.refuses_unknown and len(categories) <= _MOST_CATEGORIES,
    )


def _plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return None
    return value if isinstance(value, (str, bool, int)) or (type(value) is float) else str(value)


def _classes(model: Any) -> list[Any]:
    try:
        classes: Any = getattr(model, "classes_", None)
    except (AttributeError, TypeError, NotImplementedError):  # a property that asks a part which is not there
        return []
    if not hasattr(classes, "tolist") or classes.ndim != 1 or len(classes) > _MOST_CLASSES:
        return []
    return [_plain(value) for value in classes.tolist()]


def _example(
    golden: GoldenRows | None, described: list[DescribedFeature] | None, features: Features, has_names: bool
) -> list[Any]:
    """Give a row to try: a synthetic one of the file, or a made-up one. Real rows are somebody's data."""
    if golden is not None and golden.origin == "synthetic" and golden.n_rows:
        row = take_rows(golden.rows, [0], golden.n_rows)
        if hasattr(row, "iloc"):
            values = [_plain(row.iloc[0, place]) for place in range(row.shape[1])]
            return [dict(zip(map(str, row.columns), values, strict=True))] if has_names else [values]
        if isinstance(row, list):
            return [row[0]] if features.form == "texts" else []
        if isinstance(row, np.ndarray) and row.ndim == 2 and not has_names:
            return [[_plain(value) for value in row[0].tolist()]]
    if features.form == "texts":
        return ["some words"]
    if features.form == "records":
        return [{"name": 1}]
    values = [_made_up(feature) for feature in described or ()]
    names = [feature.name for feature in described or ()]
    return [dict(zip(names, values, strict=True))] if has_names else [values]


def _made_up(feature: DescribedFeature) -> Any:
    return feature.categories[0] if feature.categories else _MADE_UP.get(feature.kind, 0.5)


def _dummy(features: Features, has_names: bool) -> Any:
    """Give one made-up row that the model may take, or None."""
    if features.form == "texts":
        return ["some words"]
    if features.form == "records" or features.columns is None:
        return None
    values = [own.categories[0] if own.categories else _MADE_UP.get(own.kind, 0.5) for own in features.columns]
    if has_names:
        import pandas as pd

        return pd.DataFrame([values], columns=list(features.names or ()))
    is_plain = not any(isinstance(value, str) for value in values)
    return np.array([values], dtype=None if is_plain else object)


def _outputs(model: Any, methods: list[str], golden: GoldenRows | None, dummy: Any) -> list[Output]:
    """Describe what each method answers: by recorded answers, else by asking about one row, which also warms up."""
    outputs = []
    recorded: Mapping[str, Any] = {} if golden is None else golden.answers
    row = take_rows(golden.rows, [0], golden.n_rows) if golden is not None and golden.n_rows else dummy
    for method in methods:
        answer = recorded.get(method)
        if answer is None and row is not None:
            answer = _asked(model, method, row)
        if answer is None:
            outputs.append(Output(name=method, datatype="FP64", shape=[-1]))
            continue
        outputs += [
            Output(name=name, datatype=datatype_of(array), shape=[-1, *array.shape[1:]])
            for name, array in arrays_of(method, answer).items()
        ]
    return outputs


def _asked(model: Any, method: str, row: Any) -> Any:
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return getattr(model, method)(row)
        except Exception:  # a made-up row may be none that the model takes
            return None
