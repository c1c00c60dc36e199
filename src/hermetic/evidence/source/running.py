"""What is running: the script, or the cells of a notebook that ran; never what they have printed."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from typing import Any, Literal

from hermetic.errors import UsageError
from hermetic.evidence.source.modules import is_installed, read_text

__all__ = ["Text", "named_file", "running_text"]

_LINE_OF_IPYTHON = re.compile(r"(?m)^(\s*)([%!?].*)$")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A source text.

    Attributes
    ----------
    path : str
        Where it stands; "" for cells.
    name : str
        What it is called where it has no path.
    role : str
        ``script``, ``notebook`` or ``module``.
    text : str
        As Python reads it.
    """

    path: str
    name: str
    role: Literal["script", "notebook", "module"]
    text: str

    @property
    def python(self) -> str:
        """The text, with lines for IPython itself as comments."""
        return _LINE_OF_IPYTHON.sub(r"\1pass  # \2", self.text) if self.role == "notebook" else self.text


def running_text() -> tuple[Text | None, str]:
    """Give the script or the cells that are running.

    Returns
    -------
    text : Text or None
        None where there is no source to be had.
    note : str
        Why not; "" else.
    """
    cells = _cells()
    if cells is not None:
        name, ran = cells
        text = _joined(ran)
        return (Text(path="", name=name, role="notebook", text=text), "") if ran else (None, "no cell has run yet")
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    if type(path) is not str:
        return None, "no script: the model was made in an interactive session or by python -c"
    if is_installed(path) or _is_of_hermetic(main):
        return None, f"no script of the user's: the program that ran is {os.path.basename(path)}, which was installed"
    text_or_none = read_text(path)
    if text_or_none is None:
        return None, f"the script {os.path.basename(path)} cannot be read any more"
    return Text(path=os.path.abspath(path), name="", role="script", text=text_or_none), ""


def _is_of_hermetic(main: Any) -> bool:
    name = getattr(getattr(main, "__spec__", None), "name", None) or ""
    return str(name).partition(".")[0] == "hermetic"


def _cells() -> tuple[str, list[str]] | None:
    """Give the name of the notebook and the cells that ran, in their order; None outside of IPython."""
    module = sys.modules.get("IPython")
    shell: Any = module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None
    space = getattr(shell, "user_ns", None)
    if not isinstance(space, dict) or not isinstance(space.get("In"), list):
        return None
    # Some editors tell where the notebook stands; the kernel itself does not know.
    path = space.get("__vsc_ipynb_file__")
    name = os.path.basename(path) if isinstance(path, str) and path else "notebook"
    return name, [cell for cell in map(str, space["In"]) if cell.strip()]


def _joined(cells: list[str]) -> str:
    parts = (f"# In [{number}]\n{cell.rstrip()}\n" for number, cell in enumerate(cells, 1))
    # A surrogate of half a character is no text that a file can hold.
    return "\n".join(parts).encode("utf-8", "replace").decode()


def named_file(path: str) -> Text:
    """Read a source file that the caller names.

    Parameters
    ----------
    path : str
        Of a file of Python, or of a notebook, whose cells are taken without their outputs.

    Returns
    -------
    Text
        A notebook, or a script.

    Raises
    ------
    UsageError
        When it is neither.
    OSError
        When there is none.
    """
    if path.endswith(".ipynb"):
        with open(path, encoding="utf-8") as file:
            text = _joined(_cells_of_notebook(file.read(), path))
        return Text(path=os.path.abspath(path), name="", role="notebook", text=text)
    if not path.endswith(".py"):
        raise UsageError(
            f"source can be files of Python (.py) and notebooks (.ipynb), not {os.path.basename(path)!r}",
            next_step="Settings and data are no source: give the data to record(model, X, y).",
        )
    os.stat(path)
    found = read_text(path)
    if found is None:
        raise UsageError(f"{os.path.basename(path)!r} is no text that Python can read", where=path)
    return Text(path=os.path.abspath(path), name="", role="script", text=found)


def _cells_of_notebook(text: str, path: str) -> list[str]:
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = [cell["source"] for cell in cells]
        return [source if isinstance(source, str) else "".join(source) for source in sources if source]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{os.path.basename(path)!r} is no notebook: {error!r}"[:300], where=path) from error
