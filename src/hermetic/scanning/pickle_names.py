"""Which thing a pickle means by a name, and whether the tables know it; nothing is imported to find out."""

from __future__ import annotations

import _compat_pickle
from typing import NamedTuple

from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.legacy_calls import CALLED, DATA_CLASSES, REFERENCED
from hermetic.codecs.legacy_modules import REMOVED_CLASSES, current_module
from hermetic.codecs.registry import known_at, maker_at
from hermetic.formats.pickle_nodes import Global
from hermetic.scanning.harmful_names import rule_of_harm

__all__ = ["ResolvedName", "resolve_name"]

_KNOWN_REFERENCES = KNOWN_FUNCTIONS | KNOWN_VALUE_TYPES
_FIRST_PROTOCOL_OF_PYTHON_3 = 3


class ResolvedName(NamedTuple):
    """A name of a pickle, in its present spelling.

    Attributes
    ----------
    name : str
        What Python 3 would import, as ``package.module.name``.
    locations : tuple of str
        ``package.module:name`` in the spelling of the file, and where that stands in newer releases.
    rule : str
        The rule by which it is harmful; ``""`` where no table says so.
    """

    name: str
    locations: tuple[str, ...]
    rule: str

    @property
    def is_class(self) -> bool:
        """Whether its instances may be made."""
        return any(
            known_at(place) is not None or place in REMOVED_CLASSES or place in DATA_CLASSES for place in self.locations
        )

    @property
    def is_reference(self) -> bool:
        """Whether it may stand in a model as a value."""
        return any(map(_is_value, self.locations))

    @property
    def call(self) -> str | None:
        """The kinds of arguments with which it may be called; None where it may not."""
        listed = next((CALLED[place] for place in self.locations if place in CALLED), None)
        if listed is None and any(maker_at(place) is not None for place in self.locations):
            return "any*"  # a function that does nothing but to make objects of a known class again
        return listed


def _is_value(location: str) -> bool:
    known = known_at(location)
    return (
        location.replace(":", ".") in _KNOWN_REFERENCES
        or location in _KNOWN_REFERENCES
        or location in REFERENCED
        or (known is not None and known[1].is_value)
    )


def resolve_name(node: Global) -> ResolvedName:
    """Tell what a name of a pickle means.

    Parameters
    ----------
    node : Global
        From a stream; Python 3 translates what protocols 0 to 2 name in the way of Python 2.

    Returns
    -------
    ResolvedName
        The name, its places, and whether it is harmful under either spelling.

    Examples
    --------
    >>> from hermetic.formats.pickle_nodes import Global
    >>> resolve_name(Global(0, 0, "GLOBAL", "commands", "getoutput", 2)).name
    'subprocess.getoutput'
    >>> resolve_name(Global(0, 0, "GLOBAL", "sklearn.svm.classes", "SVC", 2)).is_class
    True
    """
    module, name = _translated(node)
    locations = tuple(f"{place}:{name}" for place in current_module(module))
    return ResolvedName(f"{module}.{name}", locations, rule_of_harm(module, name) or _rule_as_spelled(node))


def _rule_as_spelled(node: Global) -> str:
    # Python 2 opens such files too, and means what they spell.
    module = "builtins" if node.module == "__builtin__" else node.module
    return rule_of_harm(module, node.name)


def _translated(node: Global) -> tuple[str, str]:
    module, name = node.module, node.name
    if node.protocol >= _FIRST_PROTOCOL_OF_PYTHON_3:
        return module, name
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name
