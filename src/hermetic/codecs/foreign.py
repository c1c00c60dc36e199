"""Instances of classes that are not ours to know: kept by the object protocol, loaded only when trusted by exact name.

Fields, each present where the class's protocol asks for it (see the documentation of ``object.__reduce_ex__``):

=============  =======================================================================================
``arguments``  tuple for ``__new__``, or for the class itself when ``form`` is ``call``
``keywords``   dictionary of keyword arguments for ``__new__``
``form``       ``new`` (``cls.__new__``) or ``call`` (``cls(*arguments)``, when ``__reduce__`` says so)
``state``      what ``__setstate__`` takes, or the ``__dict__``
``slots``      dictionary of the values of ``__slots__``
``items``      list of what is appended (subclasses of list)
``pairs``      dictionary of what is set by key (subclasses of dict)
=============  =======================================================================================
"""

from __future__ import annotations

import copyreg
from collections.abc import Hashable, Sequence
from typing import Any

from hermetic.codecs.codec import Codec, class_path
from hermetic.codecs.functions import find_foreign, main_edit, name_of_function
from hermetic.errors import CannotSave, InvalidState

__all__ = ["FOREIGN", "ForeignCodec"]

_KINDS_THAT_LIVE = (
    "generator coroutine async_generator module frame code traceback lock RLock method builtin_function_or_method "
    "method-wrapper wrapper_descriptor socket TextIOWrapper BufferedReader BufferedWriter FileIO memoryview mappingproxy"
).split()


class ForeignCodec(Codec):
    """Any class outside the registry; see the module docstring for the fields."""

    is_linkable = True

    def group(self, instance: Any) -> Hashable:
        """Keep each object apart: two of one class may reduce to different fields."""
        state = getattr(instance, "__dict__", None)
        return tuple(state) if type(state) is dict else id(instance)

    def check_importable(self, kind: type) -> str:
        """Give the class's name, or refuse one that could not be found again."""
        name = class_path(kind)
        if kind.__module__ == "__main__":
            raise CannotSave(
                f"the class {kind.__qualname__} is defined in __main__, the running script",
                next_step=main_edit(kind.__qualname__),
            )
        if "<locals>" in kind.__qualname__:
            raise CannotSave(
                f"the class {name} is defined inside a function",
                next_step="Move it to the top level of a module that can be imported.",
            )
        try:
            found = find_foreign(name)
        except (ImportError, AttributeError, KeyError):
            found = None
        if found is not kind:
            raise CannotSave(
                f"importing {name} does not give the class of this object",
                next_step="Make the class importable under its own name.",
            )
        return name

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the parts of each object's reduction."""
        kind = type(instances[0])
        if kind.__name__ in _KINDS_THAT_LIVE:
            raise CannotSave(
                f"a {kind.__name__} lives in this process only and cannot be kept",
                next_step="Remove the attribute before saving, or define __getstate__ on the class that holds it.",
            )
        self.check_importable(kind)
        rows = [self._reduce(instance) for instance in instances]
        return {field: [row.get(field) for row in rows] for field in dict.fromkeys(key for row in rows for key in row)}

    def _reduce(self, instance: Any) -> dict[str, Any]:
        kind = type(instance)
        try:
            reduced = instance.__reduce_ex__(4)
        except Exception as error:
            raise CannotSave(
                f"{class_path(kind)} cannot be reduced: {error}",
                next_step="Define __getstate__ and __setstate__ on the class.",
            ) from error
        if type(reduced) is str or not 2 <= len(reduced) <= 6 or (len(reduced) == 6 and reduced[5] is not None):
            raise CannotSave(
                f"{class_path(kind)}.__reduce_ex__ gives a form that has no place in a file",
                next_step="Let it give (class, arguments, state).",
            )
        call, arguments, state, items, pairs, _ = (*reduced, None, None, None, None)[:6]
        fields = self._constructor(kind, call, arguments)
        if state is not None:
            if not hasattr(kind, "__setstate__") and type(state) is tuple and len(state) == 2:
                state, slots = state
                if slots:
                    fields["slots"] = slots
            if state is not None:
                fields["state"] = state
        if items is not None and (listed := list(items)):
            fields["items"] = listed
        if pairs is not None and (paired := dict(pairs)):
            fields["pairs"] = paired
        return fields

    def _constructor(self, kind: type, call: Any, arguments: Any) -> dict[str, Any]:
        if call is getattr(copyreg, "__newobj__", None) and arguments[0] is kind:
            return {"arguments": arguments[1:]} if len(arguments) > 1 else {}
        if call is getattr(copyreg, "__newobj_ex__", None) and arguments[0] is kind:
            return {"arguments": arguments[1], "keywords": arguments[2]}
        if call is kind:
            return {"form": "call", "arguments": arguments}
        raise CannotSave(
            f"{class_path(kind)}.__reduce_ex__ calls {name_of_function(call)}, which would have to be trusted to run",
            next_step="Let __reduce__ give (class, arguments), or define __getstate__ and __setstate__.",
        )

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects; only reached for a class that the caller trusts by name."""
        kind = import_trusted(name)
        if not isinstance(kind, type):
            raise InvalidState(f"{name} is constructed in the file, but it is not a class")
        made = []
        for row in range(rows):
            made.append(self._construct(kind, {field: column[row] for field, column in fields.items()}))
        return made

    def _construct(self, kind: type, fields: dict[str, Any]) -> Any:
        arguments = fields.get("arguments") or ()
        try:
            if fields.get("form") == "call":
                return kind(*arguments)
            return kind.__new__(kind, *arguments, **(fields.get("keywords") or {}))
        except Exception as error:
            raise InvalidState(f"{class_path(kind)} does not take the arguments of the file: {error}") from error

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Give the objects their state, when everything that the state refers to stands."""
        for row, instance in enumerate(instances):
            parts = {field: column[row] for field, column in fields.items()}
            for item in parts.get("items") or ():
                instance.append(item)
            for key, value in (parts.get("pairs") or {}).items():
                instance[key] = value
            for slot, value in (parts.get("slots") or {}).items():
                setattr(instance, slot, value)
            state = parts.get("state")
            if state is None:
                continue
            if hasattr(instance, "__setstate__"):
                instance.__setstate__(state)
            else:
                instance.__dict__.update(state)


def import_trusted(name: str) -> Any:
    """Import what a name stands for that the caller trusts.

    Parameters
    ----------
    name : str
        A name that the policy has approved.

    Returns
    -------
    object
        The class or function.

    Raises
    ------
    InvalidState
        When it cannot be found here.
    """
    try:
        return find_foreign(name)
    except (ImportError, AttributeError, KeyError) as error:
        raise InvalidState(
            f"the model needs {name}, which cannot be imported here ({error})",
            next_step="Install the package that defines it, or put its folder on the Python path.",
        ) from error


FOREIGN = ForeignCodec()
"""The one codec for all foreign classes."""
