"""Who refused a file: the gate and the very line. It imports nothing heavy, so that a corpus is replayed at once."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from fuzzing.statements import place_in_package
from hermetic.errors import FileError

__all__ = ["GATES", "place_of_refusal"]

GATES = ("container", "reader", "normalize", "policy", "migrate", "validate", "restore")
"""Who can refuse a mutant; the first two are not gates: they refuse a file before its graph is looked at."""

_GATE_OF_FILE = {
    "formats/graph_json.py": "reader",
    "formats/graph_reader.py": "reader",
    "normalize.py": "normalize",
    "policy.py": "policy",
    "migrate.py": "migrate",
    "validate.py": "validate",
    "restore.py": "restore",
}


def place_of_refusal(error: BaseException) -> tuple[str, str]:
    """Give which gate an error comes from, and the line of the check that raised it.

    Returns
    -------
    gate : str
        One of `GATES`.
    line : str
        ``codecs/file.py:function:line``.
    """
    gate, line = "container", ""
    for file, function, number in _places(error):
        # The outermost one: validators call into files of other gates as well.
        if gate == "container":
            gate = _GATE_OF_FILE.get(file, gate)
        line = f"{file}:{function}:{number}"
    # A gate may raise the error of a check anew, with its place.
    while isinstance(error.__cause__, FileError):
        error = error.__cause__
        for file, function, number in _places(error):
            line = f"{file}:{function}:{number}"
    return gate, line


def _places(error: BaseException) -> Iterator[tuple[str, str, int]]:
    """Give file, function and line of each of our own frames, the outermost first."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/hermetic/" in code.co_filename:
            yield place_in_package(code.co_filename), code.co_name, trace.tb_lineno
        trace = trace.tb_next
