"""Callables of the standard library that are objects: partial functions, item getters, regular expressions.

===================  ===========================================================================================
type                 fields
===================  ===========================================================================================
functools.partial    ``function``, by name, so the policy has judged it; ``arguments``, a tuple; ``keywords``, a
                     dictionary; ``attributes``. Over a function of the tables the arguments are plain data: no
                     callables, no arrays by position, no ``out``
operator.itemgetter  ``items``: a tuple of integers and texts
re.Pattern           ``pattern``, text or bytes; ``flags``: the effective ones, without ``re.DEBUG``, which would print
===================  ===========================================================================================

``operator.attrgetter`` and ``operator.methodcaller`` are not here: they reach any attribute and call any method of what
they are given, by names that only the file knows.
"""

from __future__ import annotations

import base64
import functools
import operator
import re
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.arguments import is_known_function, refuse_callables
from hermetic.codecs.codec import FieldView, LegacyObject, not_adopted
from hermetic.codecs.field_checks import integer_of
from hermetic.codecs.functions import is_named
from hermetic.codecs.records import RecordCodec, is_mapping, list_of, refuse_value
from hermetic.codecs.texts import text_of
from hermetic.graph import Packed
from hermetic.legacy_objects import LegacyName

__all__ = ["ItemGetterCodec", "PartialCodec", "PatternCodec"]

_MEMORY = frozenset({"numpy.ndarray", "numpy.void"})  # the bytes that somebody else has left there
_FLAGS = int(re.ASCII | re.IGNORECASE | re.LOCALE | re.MULTILINE | re.DOTALL | re.UNICODE | re.VERBOSE)


class PartialCodec(RecordCodec):
    """`functools.partial` over a function or class that has a name."""

    classes: ClassVar = {"functools.partial": "functools:partial"}
    required = frozenset({"function", "arguments", "keywords"})
    optional = frozenset({"attributes"})
    sealed_fields = frozenset({"arguments", "keywords"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give function and arguments out of the state."""
        state = made.state
        if type(state) is not tuple or len(state) != 4 or type(state[0]) is not LegacyName:
            raise not_adopted(made, "it is not made over a function by name")
        fields = {"function": state[0], "arguments": state[1], "keywords": state[2] or {}}
        return fields | {"attributes": state[3]} if state[3] else fields

    def group(self, instance: Any) -> Hashable:
        """Keep those with attributes apart."""
        return bool(vars(instance))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give function and arguments."""
        if not is_named(instance.func):
            raise self.refuse(
                instance,
                f"it is made over a {type(instance.func).__name__}, which has no name",
                "Make it over a function that can be imported.",
            )
        attributes = dict(vars(instance))
        state = {"function": instance.func, "arguments": instance.args, "keywords": dict(instance.keywords)}
        return {**state, "attributes": attributes} if attributes else state

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the function is named, and the kinds of the arguments."""
        super().validate(name, view)
        for row in range(view.rows):
            function, arguments, keywords = (view.value(field, row) for field in ("function", "arguments", "keywords"))
            if type(function) is not dict or "name" not in function:
                raise view.refuse("a partial function needs a function by name", row=row, field="function")
            if view.graph.names[function["name"]].name in _MEMORY:
                raise view.refuse("a partial function over raw memory", row=row, field="function")
            is_tuple = type(arguments) is dict and "tuple" in arguments
            if not is_tuple and list_of(view, arguments, "tuple") is None:
                raise view.refuse("arguments must be a tuple", row=row, field="arguments")
            if not is_mapping(view, keywords):
                raise view.refuse("keywords must be a dictionary", row=row, field="keywords")
            if is_known_function(view, function):
                refuse_callables(view, arguments, row, "arguments", allows_arrays=False)
                refuse_callables(view, keywords, row, "keywords")

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make it; nothing is called."""
        if not all(type(key) is str for key in state["keywords"]):
            raise refuse_value("keywords must have text keys")
        made = functools.partial(state["function"], *state["arguments"], **state["keywords"])
        vars(made).update(state.get("attributes") or {})
        return made


class ItemGetterCodec(RecordCodec):
    """`operator.itemgetter` with integers and texts."""

    classes: ClassVar = {"operator.itemgetter": "operator:itemgetter"}
    required = frozenset({"items"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the items, which are the arguments."""
        return {"items": made.arguments}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the items."""
        items = instance.__reduce__()[1]
        if not all(type(item) in (int, str) for item in items):
            raise self.refuse(
                instance, f"it gets {items!r}, which are not integers or texts", "Write it as a named function (def)."
            )
        return {"items": items}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make it."""
        items = state["items"]
        if type(items) is not tuple or not items or not all(type(item) in (int, str) for item in items):
            raise refuse_value(f"an item getter takes integers and texts, got {items!r}")
        return operator.itemgetter(*items)


class PatternCodec(RecordCodec):
    """`re.Pattern`."""

    row_bytes = 8 << 10
    classes: ClassVar = {"re.Pattern": "re:Pattern"}
    required = frozenset({"pattern", "flags"})
    makers: ClassVar = {"re:_compile": "re.Pattern"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give pattern and flags, which are the arguments."""
        if len(made.arguments) != 2 or type(made.arguments[1]) is not int:
            raise not_adopted(made, "it is not made of a pattern and flags")
        return {"pattern": made.arguments[0], "flags": made.arguments[1] & _FLAGS}

    def group(self, instance: Any) -> Hashable:
        """Keep other patterns apart, so that the policy sees each."""
        return instance.pattern, instance.flags

    def patterns(self, name: str, view: FieldView) -> list[tuple[int, str, str | bytes | None, int]]:
        """Give the patterns; those that cannot be seen yet, or are none, without their text."""
        columns = [view.node.fields.get(field) for field in ("pattern", "flags")]
        if any(type(column) is Packed for column in columns):
            return [(0, "pattern", None, 0)]
        rows = zip(map(_raw, view.values("pattern")), view.values("flags"), strict=True)
        found = [(row, "pattern", pattern, integer_of(flags) or 0) for row, (pattern, flags) in enumerate(rows)]
        return [each for each in found if each[2] is not None]  # others are no patterns, and are refused later

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give pattern and flags."""
        if type(instance.pattern) not in (str, bytes):
            raise self.refuse(instance, "its pattern is neither text nor bytes", "Compile it from a plain str.")
        return {"pattern": instance.pattern, "flags": instance.flags & _FLAGS}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Compile it."""
        pattern, flags = state["pattern"], state["flags"]
        if type(pattern) not in (str, bytes) or type(flags) is not int or flags & ~_FLAGS:
            raise refuse_value(f"not a regular expression: {str(pattern)[:80]!r} with flags {flags!r}")
        try:
            made = re.compile(pattern, flags)
        except (re.error, OverflowError) as error:
            raise refuse_value(f"not a regular expression: {str(pattern)[:80]!r} ({error})") from error
        if made.flags != flags:
            raise refuse_value(f"the flags {flags} are not those of {str(pattern)[:80]!r}")
        return made


def _raw(value: Any) -> str | bytes | None:
    """Give the pattern that a value of a graph stands for, text or bytes."""
    if type(value) is dict and type(value.get("bytes")) is str:
        return base64.b64decode(value["bytes"])
    return text_of(value)
