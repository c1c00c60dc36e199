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
    own = _own_names(kind)
    return next((name for name in names if name not in allowed and (name in own or name.startswith("__"))), "")


@functools.cache
def _own_names(kind: Any) -> frozenset[str]:
    found = {name for base in kind.__mro__ for name in vars(base)}
    # Some classes have a default for what their constructor always sets: Lasso's path along an angle, `positive`.
    return frozenset(found - inspect.signature(kind.__init__).parameters.keys())
