"""Immutable values of the standard library that a few numbers or one text describe.

=====================================  ==========================================================
type                                   fields
=====================================  ==========================================================
Decimal, IPv4Address, IPv6Address      ``text``, as ``str`` gives it
pure and concrete paths                ``text``, as ``str`` gives it
Fraction                               ``numerator``, ``denominator``: coprime, the second positive
UUID                                   ``text``; ``is_safe`` where it is known (0 or -1)
range, slice                           ``start``, ``stop``, ``step``
=====================================  ==========================================================

A path that is bound to one system is loaded on another as the pure path of its own system: a ``PosixPath`` becomes a
``PurePosixPath`` on Windows, because no file can be opened there under that name, and a ``WindowsPath`` becomes a
``PureWindowsPath`` elsewhere.
"""

from __future__ import annotations

import decimal
import fractions
import ipaddress
import operator
import os
import pathlib
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, plain_state
from hermetic.codecs.records import RecordCodec, refuse_value

__all__ = ["FractionCodec", "IntervalCodec", "TextCodec", "UUIDCodec"]

_IS_WINDOWS = os.name == "nt"
_MAKERS: dict[str, Callable[[str], Any]] = {
    "decimal.Decimal": decimal.Decimal,
    "ipaddress.IPv4Address": ipaddress.IPv4Address,
    "ipaddress.IPv6Address": ipaddress.IPv6Address,
    "pathlib.PosixPath": pathlib.PurePosixPath if _IS_WINDOWS else pathlib.Path,
    "pathlib.PurePosixPath": pathlib.PurePosixPath,
    "pathlib.PureWindowsPath": pathlib.PureWindowsPath,
    "pathlib.WindowsPath": pathlib.Path if _IS_WINDOWS else pathlib.PureWindowsPath,
}
_PATHS = ("PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath")

_FRACTION = re.compile(r"-?[0-9]{1,10000}(?:/[0-9]{1,10000})?\Z")


class TextCodec(RecordCodec):
    """Types that their own text describes; only the text that ``str`` gives back is taken."""

    classes: ClassVar = {name: name.replace(".", ":") for name in _MAKERS}
    aliases: ClassVar = {f"pathlib._local:{name}": f"pathlib.{name}" for name in _PATHS}
    is_value = True
    required = frozenset({"text"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the text: an argument of numbers, the parts of a path."""
        parts = made.arguments
        if name.startswith("ipaddress.") and len(parts) == 1 and type(parts[0]) is int:
            return {"text": str(self.resolve(name)(parts[0]))}
        is_named = bool(parts) or name.startswith("pathlib.")  # the current folder has no parts
        if not is_named or not all(type(part) is str for part in parts):
            raise not_adopted(made, "it is not made of texts")
        if name == "decimal.Decimal":
            return {"text": str(decimal.Decimal(*parts))}
        return {"text": str(_MAKERS[name](*parts))}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the text."""
        return {"text": str(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Read the text."""
        text = state["text"]
        if type(text) is not str:
            raise refuse_value(f"{name} is described by a text, got {text!r}")
        made = _MAKERS[name](text)
        if str(made) != text:
            raise refuse_value(f"{text!r} is not how {name} is written; that would be {str(made)!r}")
        return made


class FractionCodec(RecordCodec):
    """`fractions.Fraction`."""

    classes: ClassVar = {"fractions.Fraction": "fractions:Fraction"}
    is_value = True
    required = frozenset({"numerator", "denominator"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give both numbers: a text of both, before Python 3.12."""
        parts = made.arguments
        if len(parts) == 1 and type(parts[0]) is str and _FRACTION.match(parts[0]):
            parts = tuple(map(int, parts[0].split("/")))
        if not 1 <= len(parts) <= 2 or not all(type(part) is int for part in parts):
            raise not_adopted(made, "it is not made of two integers")
        return self.describe(fractions.Fraction(*parts))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give both numbers as plain integers."""
        return {"numerator": operator.index(instance.numerator), "denominator": operator.index(instance.denominator)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the fraction, in lowest terms only."""
        numerator, denominator = state["numerator"], state["denominator"]
        if type(numerator) is not int or type(denominator) is not int:
            raise refuse_value(f"a fraction of {numerator!r} and {denominator!r}")
        made = fractions.Fraction(numerator, denominator)
        if made.denominator != denominator:
            raise refuse_value(f"{numerator}/{denominator} is not in lowest terms")
        return made


class UUIDCodec(RecordCodec):
    """`uuid.UUID`."""

    classes: ClassVar = {"uuid.UUID": "uuid:UUID"}
    is_value = True
    required = frozenset({"text"})
    optional = frozenset({"is_safe"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the text of the number that is its state."""
        state = plain_state(made)
        number = state.get("int")
        if type(number) is not int or not 0 <= number < 1 << 128:
            raise not_adopted(made, "its number has not 128 bits")
        fields: dict[str, Any] = {"text": str(uuid.UUID(int=number))}
        is_safe = state.get("is_safe")
        return fields if is_safe is None else fields | {"is_safe": is_safe}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the text, and whether it was made safely where that is known."""
        if instance.is_safe is uuid.SafeUUID.unknown:
            return {"text": str(instance)}
        return {"text": str(instance), "is_safe": instance.is_safe.value}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Read the text."""
        is_safe = uuid.SafeUUID(state.get("is_safe"))
        made = uuid.UUID(state["text"], is_safe=is_safe)
        if str(made) != state["text"]:
            raise refuse_value(f"not a UUID: {state['text']!r}")
        return made


class IntervalCodec(RecordCodec):
    """`range` and `slice`."""

    classes: ClassVar = {"builtins.range": "builtins:range", "builtins.slice": "builtins:slice"}
    required = frozenset({"start", "stop", "step"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the three ends, which are the arguments; a range in old files has fewer."""
        arguments = made.arguments
        if name == "builtins.range" and 1 <= len(arguments) < 3:
            arguments = (0, *arguments, 1) if len(arguments) == 1 else (*arguments, 1)
        if len(arguments) != 3:
            raise not_adopted(made, "it has not three ends")
        return dict(zip(("start", "stop", "step"), arguments, strict=True))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the three ends."""
        return {"start": instance.start, "stop": instance.stop, "step": instance.step}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make it; a range takes integers only, which its constructor checks."""
        return self.resolve(name)(state["start"], state["stop"], state["step"])
