"""Which names an object's own state may not use: those by which its class, and Python, find something else.

A file that brings its own ``predict`` or ``_impl`` would have library code, or native code, find the file's value in
place of the library's.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable
from typing import Any

__all__ = ["first_shadowing"]


def first_shadowing(kind: type, names: Iterable[str], allowed: frozenset[str] = frozenset()) -> str:
    """Give the first name that hides something that a class defines; "" when there is none.

    Parameters
    ----------
    kind : type
        A class of a library.
    names : iterable of str
        Names of attributes in the state of an instance.
    allowed : frozenset of str
        Names that its codec looks after itself.

    Returns
    -------
    str
        A dunder name, or one of a method, property or default of the class that is no parameter of its constructor.

    Examples
    --------
    >>> from collections import Counter
    >>> first_shadowing(Counter, ["note", "update"]), first_shadowing(Counter, ["note"])
    ('update', '')
    """
    names = list(names)
    # Most models have nothing to find: each class is asked for all names at once.
    for base in kind.__mro__:
        if not base.__dict__.keys().isdisjoint(names):
            return _first_defined(kind, names, allowed) or _first_dunder(names)
    return _first_dunder(names)


def _first_defined(kind: type, names: Iterable[str], allowed: frozenset[str]) -> str:
    for name in names:
        is_defined = name not in allowed and any(name in vars(base) for base in kind.__mro__)
        if is_defined and name not in _parameters(kind):
            return name
    return ""


def _first_dunder(names: list[str]) -> str:
    # One look at all names: a line of them begins with two underscores, if any.
    if "\n__" not in "\n" + "\n".join(names):
        return ""
    return next((name for name in names if name.startswith("__")), "")


@functools.cache
def _parameters(kind: Any) -> frozenset[str]:
    """Give the parameters of the constructor: some have a default on the class, Lasso's ``positive`` for example."""
    return frozenset(inspect.signature(kind.__init__).parameters)
