"""The defaults of scikit-learn's estimators, read from the source that is installed here, without importing it.

Importing scikit-learn takes longer than everything else that a report does, and a report loads nothing.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path

from hermetic.codecs.registry import codec_of_name
from hermetic.inspection.text import value_text

__all__ = ["defaults_of", "installed_release"]

_MOST_BASES = 4


@cache
def installed_release() -> str:
    """Give the version of scikit-learn that is installed here, or an empty text."""
    try:
        return importlib.metadata.version("scikit-learn")
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def defaults_of(type_name: str) -> dict[str, str]:
    """Give the defaults of a type's parameters.

    Parameters
    ----------
    type_name : str
        As files have it: ``sklearn.svm.SVC``.

    Returns
    -------
    dict of str to str
        As `hermetic.inspection` writes values; without those that are no literals. Empty for types that are not
        scikit-learn's own, or not known, and where scikit-learn is not installed.

    Examples
    --------
    >>> defaults_of("sklearn.svm.SVC")["C"], defaults_of("os.path.join")
    ('1.0', {})
    """
    parts = type_name.split(".")
    if parts[0] != "sklearn" or len(parts) < 3 or codec_of_name(type_name) is None or not _are_names(parts):
        return {}
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        return {}
    module = Path(found.origin).parent.joinpath(*parts[1:-1])
    try:
        return _defaults_in(module, parts[-1])
    except (OSError, SyntaxError, ValueError):
        return {}


def _are_names(parts: list[str]) -> bool:
    return all(part.isidentifier() and part.isascii() for part in parts)


def _defaults_in(module: Path, name: str) -> dict[str, str]:
    """Find a class where it is defined: in the module itself, or where a package has it from."""
    path = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
    tree = _parsed(path)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    if name in classes:
        return _defaults_of_class(classes, name)
    for node in ast.walk(tree):  # experimental estimators are imported for type checkers alone
        if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
            relative = (node.module or "").removeprefix("sklearn.").split(".")
            folder = path.parent if node.level == 1 else _root_of(path)
            return _defaults_in(folder.joinpath(*relative), name) if _are_names(relative) else {}
    return {}


def _root_of(path: Path) -> Path:
    while path.name != "sklearn" and path.parent != path:
        path = path.parent
    return path


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _defaults_of_class(classes: dict[str, ast.ClassDef], name: str) -> dict[str, str]:
    for _ in range(_MOST_BASES):
        if name not in classes:
            break
        for node in classes[name].body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return dict(_defaults_of_function(node))
        bases = [base.id for base in classes[name].bases if isinstance(base, ast.Name) and base.id in classes]
        name = bases[-1] if bases else ""
    return {}


def _defaults_of_function(function: ast.FunctionDef) -> list[tuple[str, str]]:
    given = function.args
    pairs = list(zip(reversed(given.args), reversed(given.defaults), strict=False))
    pairs += [(own, value) for own, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value is not None]
    texts = [(own.arg, _text(value)) for own, value in pairs]
    return [(name, text) for name, text in texts if text]


def _text(value: ast.expr) -> str:
    if ast.unparse(value) == "np.nan":
        return "nan"
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return ""
    return value_text({"tuple": list(found)} if type(found) is tuple else found, [])
