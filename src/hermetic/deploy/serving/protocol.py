"""The Open Inference Protocol, version 2: requests for inference as what the model takes, and answers as tensors.

References
----------
https://github.com/kserve/open-inference-protocol, ``inference_rest.md``; KServe and Triton for ``binary_tensor_data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hermetic.deploy.serving.models import ServedModel
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.rows import input_of_columns, known_method
from hermetic.deploy.serving.tensors import (
    DATATYPES,
    binary_of,
    datatype_of,
    json_of,
    values_of_binary,
    values_of_json,
)

__all__ = ["InferRequest", "infer_response", "input_of_tensors", "read_infer_request"]

_MOST_TENSORS = 100_000
_MOST_DIMENSIONS = 8


@dataclass(frozen=True, kw_only=True)
class InferRequest:
    """A request for inference, its tensors as arrays.

    Attributes
    ----------
    id : str or None
        Given back as it came.
    tensors : dict of str to array
        In the order of the request.
    methods : list of (str, bool)
        What is asked, and whether as bytes; empty for the default.
    is_binary : bool
        Whether all answers are asked as bytes.
    """

    id: str | None
    tensors: dict[str, Any]
    methods: list[tuple[str, bool]]
    is_binary: bool


def read_infer_request(document: Any, binary: memoryview) -> InferRequest:
    """Read a request.

    Parameters
    ----------
    document : object
        From JSON.
    binary : memoryview
        What follows the JSON: the tensors of the binary extension, one behind the other.

    Raises
    ------
    Problem
        When it breaks the protocol: with the field.

    Examples
    --------
    >>> tensor = {"name": "input", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}
    >>> read_infer_request({"inputs": [tensor]}, memoryview(b"")).tensors
    {'input': array([[1., 2.]])}
    """
    if not isinstance(document, dict):
        raise Problem(400, 'expected an object with "inputs"')
    identity = document.get("id")
    if identity is not None and not isinstance(identity, str):
        raise Problem(400, "expected a text", "id")
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or not inputs or len(inputs) > _MOST_TENSORS:
        raise Problem(400, "expected a list of tensors", "inputs")
    tensors: dict[str, Any] = {}
    for number, tensor in enumerate(inputs):
        field = f"inputs[{number}]"
        name, values, binary = _read_tensor(tensor, binary, field)
        if name in tensors:
            raise Problem(400, "two tensors have this name", f"{field}.name")
        tensors[name] = values
    if len(binary):
        raise Problem(400, f"{len(binary)} bytes follow the last tensor", "inputs")
    is_binary = _parameters(document, "parameters").get("binary_data_output") is True
    return InferRequest(
        id=identity, tensors=tensors, methods=_requested(document.get("outputs"), is_binary), is_binary=is_binary
    )


def _read_tensor(tensor: Any, binary: memoryview, field: str) -> tuple[str, Any, memoryview]:
    if not isinstance(tensor, dict):
        raise Problem(400, "expected an object", field)
    name, datatype, shape = (tensor.get(key) for key in ("name", "datatype", "shape"))
    if not isinstance(name, str):
        raise Problem(400, "expected a text", f"{field}.name")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise Problem(400, f"expected one of {', '.join(DATATYPES)}", f"{field}.datatype")
    if (
        not isinstance(shape, list)
        or not 1 <= len(shape) <= _MOST_DIMENSIONS
        or not all(type(size) is int and 0 <= size < 1 << 40 for size in shape)
    ):
        raise Problem(400, f"expected a list of 1 to {_MOST_DIMENSIONS} sizes", f"{field}.shape")
    size = _parameters(tensor, f"{field}.parameters").get("binary_data_size")
    if size is None:
        if "data" not in tensor:
            raise Problem(400, "is missing", f"{field}.data")
        return name, values_of_json(tensor["data"], datatype, shape, f"{field}.data"), binary
    if type(size) is not int or not 0 <= size <= len(binary):
        words = f"expected a number of bytes, at most {len(binary)} are there"
        raise Problem(400, words, f"{field}.parameters.binary_data_size")
    if "data" in tensor:
        raise Problem(400, "is there twice: as JSON and as bytes", f"{field}.data")
    return name, values_of_binary(binary[:size], datatype, shape, field), binary[size:]


def _parameters(holder: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    parameters = holder.get("parameters", {})
    if not isinstance(parameters, dict):
        raise Problem(400, "expected an object", field)
    return parameters


def _requested(outputs: Any, is_binary: bool) -> list[tuple[str, bool]]:
    if outputs is None:
        return []
    if not isinstance(outputs, list) or len(outputs) > _MOST_TENSORS:
        raise Problem(400, "expected a list", "outputs")
    asked = []
    for number, output in enumerate(outputs):
        field = f"outputs[{number}]"
        if not isinstance(output, dict) or not isinstance(output.get("name"), str):
            raise Problem(400, "expected a text", f"{field}.name")
        own = _parameters(output, f"{field}.parameters").get("binary_data", is_binary)
        asked.append((output["name"], own is True))
    return asked


def input_of_tensors(tensors: Mapping[str, Any], served: ServedModel) -> Any:
    """Make what the model takes of tensors: one for each feature by its name, or one of two dimensions for all.

    Parameters
    ----------
    tensors : mapping of str to array
        By name.
    served : ServedModel
        The model.

    Raises
    ------
    Problem
        When a tensor is missing, superfluous or of a wrong shape.
    """
    form = served.features.form
    if form == "records":
        raise Problem(400, "this model takes objects: ask it at /predict", "inputs")
    if form == "texts":
        return _texts(tensors)
    names = served.description.feature_names
    [first] = list(tensors)[:1]
    if len(tensors) == 1 and (first not in names or (tensors[first].ndim == 2 and tensors[first].shape[1] > 1)):
        return _matrix(tensors[first], served)
    columns = {}
    for feature in served.description.features or ():
        if feature.name in tensors:
            columns[feature.name] = _column(tensors[feature.name], list(tensors).index(feature.name))
        elif feature.is_required:
            raise Problem(400, f"no tensor is called {feature.name}", "inputs")
    unknown = [name for name in tensors if name not in columns]
    if unknown:
        number = list(tensors).index(unknown[0])
        raise Problem(400, "is no feature of this model", f"inputs[{number}].name")
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1:
        raise Problem(400, f"tensors have different numbers of rows: {', '.join(map(str, sorted(sizes)))}", "inputs")
    _refuse_none(sizes.pop())
    for feature in served.description.features or ():
        if feature.name not in columns:
            columns[feature.name] = [None] * len(next(iter(columns.values())))
    return input_of_columns({name: columns[name] for name in names}, served)


def _refuse_none(n_rows: int) -> None:
    if not n_rows:
        raise Problem(400, "expected at least one row", "inputs[0].shape")


def _texts(tensors: Mapping[str, Any]) -> list[str]:
    if len(tensors) != 1:
        raise Problem(400, "this model takes one tensor of texts", "inputs")
    [values] = tensors.values()
    column = _column(values, 0)
    _refuse_none(len(column))
    if not isinstance(column, list) or not all(type(text) is str for text in column):
        raise Problem(400, "expected BYTES, each a text", "inputs[0].datatype")
    return column


def _column(values: Any, number: int) -> Any:
    """Give one feature: a list of texts, or an array of one dimension."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise Problem(400, f"expected [rows] or [rows, 1], found {list(values.shape)}", f"inputs[{number}].shape")
    return values.tolist() if values.dtype.kind == "O" else values


def _matrix(values: Any, served: ServedModel) -> Any:
    width = served.features.count
    if values.ndim != 2 or (width is not None and values.shape[1] != width):
        expected = "columns" if width is None else str(width)
        raise Problem(400, f"expected [rows, {expected}], found {list(values.shape)}", "inputs[0].shape")
    _refuse_none(len(values))
    if not served.description.has_names:
        dtype = served.template
        is_cast = dtype is not None and dtype.kind == "f" and values.dtype.kind in "iuf"
        return values.astype(dtype) if is_cast else values
    columns = {name: _column(values[:, place], 0) for place, name in enumerate(served.description.feature_names)}
    return input_of_columns(columns, served)


def methods_asked(request: InferRequest, served: ServedModel) -> list[tuple[str, bool]]:
    """Give what is asked and can be answered, each with whether as bytes.

    Raises
    ------
    Problem
        When an output has no such name.
    """
    asked = request.methods or [(served.description.methods[0], request.is_binary)]
    known = {output.name: output.name.partition(".")[0] for output in served.description.outputs}
    for number, (name, _) in enumerate(asked):
        if name not in known and name not in served.description.methods:
            raise Problem(400, f"expected one of {', '.join(known)}", f"outputs[{number}].name")
        known_method(name.partition(".")[0], served)
    return asked


def infer_response(
    request: InferRequest, served: ServedModel, outputs: Mapping[str, tuple[Any, bool]]
) -> tuple[dict[str, Any], list[bytes]]:
    """Give a response: what is written as JSON, and the bytes that follow it.

    Parameters
    ----------
    request : InferRequest
        What was asked.
    served : ServedModel
        The model.
    outputs : mapping of str to (array, bool)
        Each answer, and whether it is written as bytes.

    Returns
    -------
    document : dict
        For JSON.
    binary : list of bytes
        In the order of the outputs.
    """
    tensors = []
    binary = []
    for name, (values, is_binary) in outputs.items():
        tensor: dict[str, Any] = {"name": name, "datatype": datatype_of(values), "shape": list(values.shape)}
        if is_binary:
            binary.append(binary_of(values))
            tensor["parameters"] = {"binary_data_size": len(binary[-1])}
        else:
            tensor["data"] = json_of(values)
        tensors.append(tensor)
    document: dict[str, Any] = {
        "model_name": served.description.name,
        "model_version": served.description.version,
        "outputs": tensors,
    }
    if request.id is not None:
        document["id"] = request.id
    return document, binary
