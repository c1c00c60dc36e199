"""Calls that a legacy file asks for and that no codec knows: they stay calls, and need trust in the role ``called``.

Fields
------
call : the function or class, by name, in the role ``called``
arguments : tuple
state : what ``__setstate__`` or the ``__dict__`` takes; absent where the file gives none
items, pairs : lists of what is appended, and of keys and values in turn; absent where there are none

Nothing is called unless the caller names it: ``trusted=["call:package.function"]``. What can do anything with what a
file gives it is not called even then.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted
from hermetic.codecs.reductions import NEVER_CALLED
from hermetic.errors import FileError, InvalidState
from hermetic.legacy_objects import MISSING, LegacyName, dotted_name

__all__ = ["CALL", "CALLS", "CallCodec"]

CALL = "hermetic.Call"
"""The neutral name of the result of a call that only its caller knows."""
_FIELDS = frozenset({"call", "arguments", "state", "items", "pairs"})


class CallCodec(Codec):
    """Results of calls; see the module docstring."""

    row_bytes = 1 << 10
    copy_factor = 1
    has_finish = True
    classes: ClassVar = {CALL: "hermetic.codecs.calls:CallCodec"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the call as the file has it."""
        if made.keywords:
            raise not_adopted(made, "it is called with keywords")
        call = LegacyName(made.location, made.path)
        call.name, call.role = dotted_name(made.location), "called"
        if call.name in NEVER_CALLED:
            found = f"the file calls {call.name}, which could do anything: it is never called, whoever trusts it"
            raise InvalidState(found, where=made.path)
        fields: dict[str, Any] = {"call": call, "arguments": made.arguments}
        if made.state is not MISSING:
            fields["state"] = made.state
        for field in ("items", "pairs"):
            if found := getattr(made, field):
                fields[field] = list(found)
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check that what is called was approved in that very role, and is nothing that could do anything."""
        unknown = view.node.fields.keys() - _FIELDS
        if unknown or "call" not in view.node.fields or "arguments" not in view.node.fields:
            raise view.refuse(f"a call has the fields {sorted(view.node.fields)}")
        for row, call in enumerate(view.values("call")):
            number = call.get("name") if type(call) is dict else None
            if number is None or view.graph.names[number].role != "called":
                raise view.refuse("what is called must be named in the role called", row=row, field="call")
            if view.graph.names[number].name in NEVER_CALLED:
                raise view.refuse(f"{view.graph.names[number].name} is never called", row=row, field="call")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the calls; only reached for what the caller trusts by name, in this role."""
        made = []
        for call, arguments in zip(fields["call"], fields["arguments"], strict=True):
            if type(arguments) is not tuple:
                raise InvalidState("the arguments of a call must be a tuple")
            try:
                made.append(call(*arguments))
            except (FileError, MemoryError):
                raise
            except Exception as error:
                raise InvalidState(
                    f"{getattr(call, '__name__', call)} does not take the arguments of the file: "
                    f"{type(error).__name__}: {error}"
                ) from error
        return made

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Give the objects their state and items, as pickle would."""
        for row, instance in enumerate(instances):
            try:
                _fill(instance, {field: column[row] for field, column in fields.items()})
            except (FileError, MemoryError):
                raise
            except Exception as error:
                raise InvalidState(
                    f"a {type(instance).__name__} does not take the state of the file: {type(error).__name__}: {error}"
                ) from error


def _fill(instance: Any, parts: dict[str, Any]) -> None:
    for item in parts.get("items") or ():
        instance.append(item)
    pairs = parts.get("pairs") or []
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        instance[key] = value
    if "state" not in parts:
        return
    state = parts["state"]
    if hasattr(instance, "__setstate__"):
        instance.__setstate__(state)
    elif type(state) is dict:
        instance.__dict__.update(state)
    elif state is not None:
        raise InvalidState(f"a {type(instance).__name__} takes no state")


CALLS = CallCodec()
"""The one codec for all calls."""
