"""Two files that must not load: a pickle that runs code, and a model with one byte changed.

The code in the hostile pickle is harmless: it creates an empty file beside it.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hermetic.errors import HermeticError
from hermetic.persistence import load

__all__ = ["Attack", "open_damaged_file", "open_hostile_pickle"]

_TIMEOUT_SECONDS = 60
_LOAD_PICKLE = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What happened when a bad file was opened.

    Attributes
    ----------
    path : str
        The bad file.
    pickle_ran_code : bool
        Whether `pickle.load` ran what the file says; False where pickle was not asked.
    hermetic_ran_code : bool
        Whether `hermetic.load` did.
    refusal : str
        The message with which `hermetic.load` refused; empty when it did not.
    """

    path: str
    pickle_ran_code: bool
    hermetic_ran_code: bool
    refusal: str


class _Payload:
    """An object whose pickle says: call ``open(marker, "w")``."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.marker), "w")


def open_hostile_pickle(directory: Path) -> Attack:
    """Return what pickle and hermetic do with a pickle that calls a function.

    Parameters
    ----------
    directory : Path
        Where the pickle ``hostile.pkl`` is written, and where its code creates ``hostile-code-ran``.

    Returns
    -------
    Attack
        Pickle is asked in a process of its own, hermetic in this one.
    """
    path, marker = directory / "hostile.pkl", directory / "hostile-code-ran"
    path.write_bytes(pickle.dumps(_Payload(marker)))
    marker.unlink(missing_ok=True)
    # The exit status does not matter: only whether the marker is there.
    command = [sys.executable, "-c", _LOAD_PICKLE, str(path)]
    subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT_SECONDS)
    pickle_ran_code = marker.exists()
    marker.unlink(missing_ok=True)
    refusal = _refusal_of(path)
    return Attack(path=str(path), pickle_ran_code=pickle_ran_code, hermetic_ran_code=marker.exists(), refusal=refusal)


def open_damaged_file(good: Path) -> Attack:
    """Return what hermetic does with a copy of a model in which one bit is flipped.

    Parameters
    ----------
    good : Path
        A file that hermetic wrote; ``damaged.hermetic`` is written beside it.

    Returns
    -------
    Attack
        Its `refusal` names the damage.
    """
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    path = good.with_name("damaged.hermetic")
    path.write_bytes(content)
    return Attack(path=str(path), pickle_ran_code=False, hermetic_ran_code=False, refusal=_refusal_of(path))


def _refusal_of(path: Path) -> str:
    try:
        load(path)
    except HermeticError as error:
        return str(error)
    return ""
