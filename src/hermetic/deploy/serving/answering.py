"""Answering one request with a model: bytes in, a status and bytes out. It runs in a worker and knows no HTTP."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from hermetic.deploy.serving.inputs import first_missing
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.models import ServedModel
from hermetic.deploy.serving.outputs import arrays_of, json_rows_of
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.protocol import infer_response, input_of_tensors, methods_asked, read_infer_request
from hermetic.deploy.serving.rows import input_of_rows, known_method, method_and_rows
from hermetic.recorded.answers import n_rows_of, take_rows
from hermetic.structs import msgspec

__all__ = ["answer_frame"]

_JSON = "application/json"
_BINARY = "application/octet-stream"
_LIBRARIES = ("sklearn", "numpy", "pandas", "scipy")
_REFUSING = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def answer_frame(models: Mapping[str, ServedModel], frame: Frame, most_rows: int) -> Frame:
    """Answer one request.

    Parameters
    ----------
    models : mapping of str to ServedModel
        By name.
    frame : Frame
        Its head has ``do`` (``infer`` or ``predict``), ``model``, ``version`` where one is asked for, and
        ``json_bytes`` where bytes follow the JSON.
    most_rows : int
        Of one request.

    Returns
    -------
    Frame
        Its head has ``status``, ``type``, ``headers`` and ``rows``.
    """
    try:
        served = models[frame.head["model"]]
        version = frame.head.get("version", "")
        if version and version != served.description.version:
            raise Problem(404, f"this model is served in version {served.description.version} only", "version")
        answer = _infer if frame.head["do"] == "infer" else _predict
        return answer(served, frame, most_rows)
    except Problem as problem:
        return _problem(problem)
    except MemoryError:
        return _problem(Problem(413, "the request needs more memory than there is: send fewer rows"))
    except Exception:
        # What went wrong is for the log; the client learns that it was not its fault.
        print(traceback.format_exc().encode("ascii", "backslashreplace").decode(), file=sys.stderr, flush=True)
        return _problem(Problem(500, "the model could not answer; the log of the server says why"))


def _problem(problem: Problem) -> Frame:
    return Frame({"status": problem.status, "type": _JSON, "headers": problem.headers(), "rows": 0}, problem.body())


def _predict(served: ServedModel, frame: Frame, most_rows: int) -> Frame:
    method, rows = method_and_rows(_read_json(frame.body))
    method = known_method(method, served)
    _check_count(len(rows), most_rows, "rows")
    [answer] = _ask(served, [method], input_of_rows(rows, served))
    description = served.description
    content = {
        "model": description.name,
        "version": description.version,
        "method": method,
        "predictions": json_rows_of(arrays_of(method, answer)),
    }
    if method in ("predict_proba", "predict_log_proba") and description.classes:
        content["classes"] = description.classes
    return Frame({"status": 200, "type": _JSON, "headers": {}, "rows": len(rows)}, _encode(content))


def _infer(served: ServedModel, frame: Frame, most_rows: int) -> Frame:
    data = memoryview(frame.body)
    length = frame.head.get("json_bytes", -1)
    if length > len(data):
        raise Problem(400, f"names {length} bytes, the body has {len(data)}", "inference-header-content-length")
    document, binary = (data, data[:0]) if length < 0 else (data[:length], data[length:])
    request = read_infer_request(_read_json(document), binary)
    for number, values in enumerate(request.tensors.values()):
        _check_count(len(values), most_rows, f"inputs[{number}].shape")
    asked = methods_asked(request, served)
    rows = input_of_tensors(request.tensors, served)
    methods = list(dict.fromkeys(name.partition(".")[0] for name, _ in asked))
    found = dict(zip(methods, _ask(served, methods, rows), strict=True))
    outputs: dict[str, tuple[Any, bool]] = {}
    for name, is_binary in asked:
        arrays = arrays_of(name.partition(".")[0], found[name.partition(".")[0]])
        chosen = arrays if name in served.description.methods else {name: arrays[name]}
        outputs |= {own: (values, is_binary) for own, values in chosen.items()}
    content, parts = infer_response(request, served, outputs)
    text = _encode(content)
    head = {"status": 200, "type": _JSON, "headers": {}, "rows": n_rows_of(rows)}
    if parts:
        head |= {"type": _BINARY, "headers": {"inference-header-content-length": str(len(text))}}
    return Frame(head, b"".join([text, *parts]))


def _read_json(data: Any) -> Any:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, f"the body is no JSON: {error}"[:200]) from None
    except RecursionError:
        raise Problem(400, "the body is nested too deeply") from None


def _check_count(n_rows: int, most_rows: int, field: str) -> None:
    if n_rows > most_rows:
        raise Problem(413, f"{n_rows} rows, at most {most_rows} are allowed in one request", field)


def _ask(served: ServedModel, methods: list[str], rows: Any) -> list[Any]:
    answers = []
    for method in methods:
        # Some models write into what they are given.
        given = deepcopy(rows) if len(methods) > 1 else rows
        try:
            answers.append(getattr(served.model, method)(given))
        except _REFUSING as error:
            raise _refusal(served, method, rows, error) from error
    return answers


def _refusal(served: ServedModel, method: str, rows: Any, error: Exception) -> Problem:
    """Say which row the model does not take."""
    place = first_missing(rows)
    unknown = _unknown_category(served, rows)
    if unknown:
        return Problem(422, "is none of the categories that this model knows", unknown)
    number = _first_refused(served, method, rows)
    reason = _own_words(error)
    if place and any(word in str(error) for word in ("NaN", "infinity")):
        return Problem(422, "is missing or not finite, which this model does not take", place)
    if not reason:
        print(traceback.format_exc().encode("ascii", "backslashreplace").decode(), file=sys.stderr, flush=True)
    return Problem(422, f"the model does not take this row{reason}", f"rows[{number}]")


def _unknown_category(served: ServedModel, rows: Any) -> str:
    """Find the first value of a feature that takes only known categories and does not know it."""
    for place, feature in enumerate(served.features.columns or ()):
        if not feature.refuses_unknown:
            continue
        is_frame = hasattr(rows, "iloc")
        values = (rows.iloc[:, place] if is_frame else rows[:, place]).tolist()
        known = {"missing" if _is_missing(value) else (value,) for value in feature.categories}
        for number, value in enumerate(values):
            if ("missing" if _is_missing(value) else (value,)) not in known:
                return f"rows[{number}].{feature.name}" if is_frame else f"rows[{number}][{place}]"
    return ""


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def _own_words(error: Exception) -> str:
    """Give what a library says about the data; what code of somebody's own says stays inside."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = str(trace.tb_frame.f_globals.get("__name__", "")) if trace is not None else ""
    words = " ".join(str(error).split())
    if module.split(".")[0] not in _LIBRARIES or any(sign in words for sign in ("/", "\\", "0x")):
        return ""
    return f": {words}"[:300]


def _first_refused(served: ServedModel, method: str, rows: Any) -> int:
    """Find a row that is refused by halving: at most as many questions as the number of rows has bits."""
    low, high = 0, n_rows_of(rows)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            getattr(served.model, method)(take_rows(rows, list(range(low, middle)), high))
        except _REFUSING:
            high = middle
        else:
            low = middle
    return low
