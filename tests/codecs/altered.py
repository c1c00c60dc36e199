"""Hostile states that are made before saving: an object whose attributes were changed or taken away."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import hermetic
from hermetic.errors import InvalidState

__all__ = ["GONE", "altered", "refuse_altered", "refuse_saved"]

GONE = object()
"""In the place of a value: the attribute is taken away."""


def altered(value: Any, **attributes: Any) -> Any:
    """Give a copy of an object with other attributes; a function gets the old value."""
    changed = copy.deepcopy(value)
    for name, new in attributes.items():
        if new is GONE:
            delattr(changed, name)
        else:
            setattr(changed, name, new(getattr(changed, name)) if callable(new) else new)
    return changed


def refuse_saved(value: Any, words: str) -> None:
    """Assert that what is saved without complaint is refused when it is loaded, with these words."""
    data = hermetic.dumps(value)
    with pytest.raises(InvalidState, match=words):
        hermetic.loads(data)


def refuse_altered(value: Any, words: str, **attributes: Any) -> None:
    """Assert that a copy with other attributes is refused, with these words."""
    refuse_saved(altered(value, **attributes), words)
