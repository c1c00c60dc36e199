"""The modules that a model and its script are made of, and which of them are the user's own.

A module is its user's own when its file stands below the folder of the project and was not put there by an installer.
Found from what is imported already, and from the text of the own ones; nothing is imported here.
"""

from __future__ import annotations

import ast
import io
import os
import sys
import sysconfig
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from hermetic.capture import capture
from hermetic.errors import CannotSave

__all__ = ["imports_of", "is_below", "is_installed", "module_file", "modules_of", "own_modules", "read_text"]

_PACKAGES = frozenset({"site-packages", "dist-packages"})


def modules_of(model: object) -> frozenset[str]:
    """Give the names of the modules that the types and functions within a model come from.

    Parameters
    ----------
    model : object
        Fitted or not.

    Returns
    -------
    frozenset of str
        Dotted names of modules that are imported.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> {name.partition(".")[0] for name in modules_of(StandardScaler())}
    {'sklearn'}
    """
    kinds = (kind for kind in type(model).__mro__ if kind is not object)
    found = {str(kind.__module__) for kind in kinds}
    try:
        names = [each.name for each in capture(model).names]
    except CannotSave:  # saving says so in its own words
        return frozenset(found)
    return frozenset({*(filter(None, map(_module_of, names))), str(type(model).__module__)})


def _module_of(name: str) -> str:
    """Give the module of a dotted name: the longest one that is imported."""
    place = name.partition(":")[0]
    while place and place not in sys.modules:
        place = place.rpartition(".")[0]
    return place


def own_modules(names: Iterable[str], texts: Iterable[str], project: str) -> tuple[dict[str, str], list[str]]:
    """Give the own modules among some, and all own modules that those import.

    Parameters
    ----------
    names : iterable of str
        Dotted names of modules.
    texts : iterable of str
        Source texts whose imports count too: of the script, of cells.
    project : str
        The folder below which modules are own.

    Returns
    -------
    paths : dict of str to str
        Of source files by the names of their modules, sorted.
    outside : list of str
        Names of modules that were not installed either, but stand elsewhere.

    Examples
    --------
    >>> own_modules(["sklearn.svm", "json"], ["import os"], "/somewhere")
    ({}, [])
    """
    waiting = [*names, *(name for text in texts for name in imports_of(text, ""))]
    found: dict[str, str] = {}
    outside: list[str] = []
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = module_file(name)
        if not path or is_installed(path):
            continue
        if not is_below(path, project):
            outside.append(name)
            continue
        found[name] = path
        package = name if os.path.basename(path) == "__init__.py" else name.rpartition(".")[0]
        # A package runs before what stands in it.
        waiting.extend([name.rpartition(".")[0], *imports_of(read_text(path) or "", package)])
    return {name: found[name] for name in sorted(found)}, sorted(outside)


def module_file(name: str) -> str:
    """Give the path of the source of a module that is imported; "" where there is none.

    Examples
    --------
    >>> import os
    >>> os.path.basename(module_file("json.decoder")), module_file("sys")
    ('decoder.py', '')
    """
    module = sys.modules.get(name)
    path = getattr(module, "__file__", None)
    if type(path) is not str or not path.endswith(".py") or name.partition(".")[0] in ("__main__", "hermetic"):
        return ""
    return path


def is_below(path: str, folder: str) -> bool:
    """Tell whether a file stands in a folder, or in one of that.

    Examples
    --------
    >>> is_below("/projects/own/train.py", "/projects"), is_below("/projects", "/projects")
    (True, False)
    """
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def is_installed(path: str) -> bool:
    """Tell whether a file came with Python or was put where it is by an installer.

    Examples
    --------
    >>> import json, sklearn
    >>> is_installed(json.__file__), is_installed(sklearn.__file__), is_installed("/projects/train.py")
    (True, True, False)
    """
    real = os.path.realpath(path)
    if not _PACKAGES.isdisjoint(real.split(os.sep)):
        return True
    places = sysconfig.get_paths()
    folders = [places[key] for key in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")]
    return any(is_below(real, folder) for folder in folders)


def read_text(path: str) -> str | None:
    """Give the text of a Python file as Python reads it; None when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return _decoded(file.read())
    except (OSError, SyntaxError, UnicodeError):
        return None


def _decoded(data: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding).replace("\r\n", "\n")


def imports_of(text: str, package: str) -> frozenset[str]:
    r"""Give the names of all modules that a source text imports, wherever in it.

    Parameters
    ----------
    text : str
        Python, or cells of a notebook: lines for IPython itself count as comments.
    package : str
        What the text stands in, for relative imports.

    Returns
    -------
    frozenset of str
        Dotted names; of ``from a import b`` both ``a`` and ``a.b``, which may be a module.

    Examples
    --------
    >>> sorted(imports_of("import a.b\nfrom . import c", "own"))
    ['a', 'a.b', 'own', 'own.c']
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong escape in somebody's text was told when it ran
            tree: Any = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(name for node in ast.walk(tree) for name in _imported(node, package))


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = alias.name.split(".")
            yield from (".".join(parts[: number + 1]) for number in range(len(parts)))
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".") if package else []
        base = parts[: len(parts) - node.level + 1] if node.level else []
        start = ".".join([*base, *([node.module] if node.module else [])])
        if start and node.level <= len(parts):
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names)
