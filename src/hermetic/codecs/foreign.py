"""Instances of classes that are not ours to know: kept by the object protocol, loaded only when trusted by exact name.

Fields, each present where the class's protocol asks for it (see the documentation of ``object.__reduce_ex__``):

==============  ==========================================================================================
``arguments``   tuple for ``__new__``, for the class itself when ``form`` is ``call``, or for ``call``
``keywords``    dictionary of keyword arguments for ``__new__``
``form``        nothing for ``cls.__new__``; ``call`` for ``cls(*arguments)``; ``member``, ``members`` or ``array``
``call``        a function by name, in the role ``called``, that makes the object: it needs trust of its own
``member``      name of a member of an Enum; or ``value``, for a combination of flags
``members``     frozenset of the members (subclasses of set and frozenset)
``array``       the plain array; ``extra``: tuple of what a subclass of ndarray adds to its state
``state``       what ``__setstate__`` takes, or the ``__dict__``
``slots``       dictionary of the values of ``__slots__``
``items``       list of what is appended (subclasses of list)
``pairs``       dictionary of what is set by key (subclasses of dict)
==============  ==========================================================================================

What such objects reduce to is decided in `hermetic.codecs.reductions`.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Hashable, Sequence
from inspect import getattr_static
from typing import Any

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, class_path, pairs_of
from hermetic.codecs.functions import find_foreign
from hermetic.codecs.reductions import check_importable, is_protected, reduce_instance, refuse_what_lives
from hermetic.errors import FileError, InvalidState
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import array_of_state
from hermetic.legacy_objects import MISSING

__all__ = ["FOREIGN", "ForeignCodec", "import_trusted"]

_NATIVE_PARSERS = {
    "catboost.core.CatBoost": "CatBoost",
    "catboost.core.CatBoostClassifier": "CatBoost",
    "catboost.core.CatBoostRanker": "CatBoost",
    "catboost.core.CatBoostRegressor": "CatBoost",
    "lightgbm.basic.Booster": "LightGBM",
    "sentencepiece.SentencePieceProcessor": "SentencePiece",
    "tokenizers.Tokenizer": "Tokenizers",
    "xgboost.core.Booster": "XGBoost",
}
"""Classes whose ``__setstate__`` hands bytes of the file to a parser of compiled code, and whose it is."""
_FORMS = (None, "call", "member", "members", "array")
_ARGUMENTS = frozenset({"arguments", "keywords", "form", "call", "member", "value", "members", "array", "extra"})
_FIELDS = _ARGUMENTS | {"state", "slots", "items", "pairs"}


class ForeignCodec(Codec):
    """Any class outside the registry; see the module docstring for the fields."""

    row_bytes = 1 << 10
    copy_factor = 1
    # A link would change a field that is read only when the object is made; cycles pass through the state's own
    # dictionaries and lists instead.
    is_linkable = False
    has_finish = True

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parts of the object's reduction as the file has them; which protocol the class has is seen later."""
        fields: dict[str, Any] = {}
        state: Any = None if made.state is MISSING else made.state
        if made.is_array:
            fields = {"form": "array", "array": array_of_state(state[:5])}
            return fields | {"extra": tuple(state[5:])} if len(state) > 5 else fields
        if made.arguments:
            fields["arguments"] = made.arguments
        if made.keywords:
            fields["keywords"] = made.keywords
        if state is not None:
            fields["state"] = state
        if made.items:
            fields["items"] = made.items
        if made.pairs:
            fields["pairs"] = pairs_of(made)
        return fields

    def group(self, instance: Any) -> Hashable:
        """Let all objects of one class share a table, so that it does not depend on what their state leaves out."""
        return None

    def capabilities(self, name: str, view: FieldView) -> list[tuple[str, int, str, str]]:
        """Name the classes whose state is parsed by compiled code: trusting the class says nothing about the bytes."""
        library = _NATIVE_PARSERS.get(name)
        if library is None:
            return []
        meaning = f"loading gives its bytes to the model parser of {library}, which hostile bytes may harm"
        return [("native-parser", 0, "state", meaning)]

    def check_importable(self, kind: type) -> str:
        """Give the class's name, or refuse one that could not be found again."""
        return check_importable(kind)

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the parts of each object's reduction."""
        kind = type(instances[0])
        refuse_what_lives(instances[0])
        check_importable(kind)
        rows = [reduce_instance(instance) for instance in instances]
        return {field: [row.get(field) for row in rows] for field in dict.fromkeys(key for row in rows for key in row)}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the fields are ours, and that what is called was approved in that very role."""
        unknown = view.node.fields.keys() - _FIELDS
        if unknown:
            raise view.refuse(f"{name} has fields that no protocol asks for: {sorted(unknown)}")
        for row, form in enumerate(view.values("form")):
            if form not in _FORMS:
                raise view.refuse(f"no object is made by {form!r}"[:200], row=row, field="form")
        for row, call in enumerate(view.values("call")):
            if call is None:
                continue
            number = call.get("name") if type(call) is dict else None
            if number is None or view.graph.names[number].role != "called":
                raise view.refuse("what is called must be named in the role called", row=row, field="call")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects; only reached for a class that the caller trusts by name."""
        kind = import_trusted(name)
        if not isinstance(kind, type):
            raise InvalidState(f"{name} is constructed in the file, but it is not a class")
        return [_construct(kind, {field: column[row] for field, column in fields.items()}) for row in range(rows)]

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Give the objects their state, when everything that the state refers to stands."""
        for row, instance in enumerate(instances):
            parts = {field: column[row] for field, column in fields.items()}
            try:
                _fill(instance, parts)
            except (FileError, MemoryError):
                raise
            except Exception as error:
                raise InvalidState(
                    f"{class_path(type(instance))} does not take the state of the file: {type(error).__name__}: {error}"
                ) from error


def _construct(kind: type, parts: dict[str, Any]) -> Any:
    arguments, form = parts.get("arguments") or (), parts.get("form")
    try:
        if parts.get("call") is not None:
            return parts["call"](*arguments)
        if form == "call":
            return kind(*arguments)
        if form == "members":
            return kind(list(parts["members"]))
        if form == "member":
            return _member(kind, parts)
        if form == "array":
            return _empty_array(kind)
        if issubclass(kind, tuple) and parts.get("items"):
            # As protocols 0 and 1 of pickle have it, whatever the class itself takes.
            return tuple.__new__(kind, parts["items"])
        return kind.__new__(kind, *arguments, **(parts.get("keywords") or {}))
    except (FileError, MemoryError):
        raise
    except Exception as error:
        raise InvalidState(
            f"{class_path(kind)} does not take the arguments of the file: {type(error).__name__}: {error}"
        ) from error


def _member(kind: Any, parts: dict[str, Any]) -> Any:
    if not issubclass(kind, enum.Enum):
        raise InvalidState(f"{class_path(kind)} has no members by name")
    name = parts.get("member")
    return kind(parts["value"]) if name is None else kind[name]


def _empty_array(kind: type) -> Any:
    """Make an array of a subclass that waits for ``__setstate__``, as numpy's own reduction does."""
    if not issubclass(kind, np.ndarray):
        raise InvalidState(f"{class_path(kind)} is no kind of array")
    reconstruct: Any = np.empty(0).__reduce__()[0]
    return reconstruct(kind, (0,), b"b")


def _fill(instance: Any, parts: dict[str, Any]) -> None:
    if parts.get("form") == "array":
        instance.__setstate__(_array_state(parts))
    items = parts.get("items")
    if items and not isinstance(instance, tuple):
        if hasattr(instance, "extend"):
            instance.extend(items)
        else:
            for item in items:
                instance.append(item)
    for key, value in (parts.get("pairs") or {}).items():
        instance[key] = value
    kind = type(instance)
    for slot, value in (parts.get("slots") or {}).items():
        descriptor = getattr_static(kind, slot, None) if type(slot) is str else None
        if not isinstance(descriptor, types.MemberDescriptorType):
            raise InvalidState(f"{class_path(kind)} has no slot {slot!r}")
        # Not setattr: a frozen class refuses it, and another could do anything.
        descriptor.__set__(instance, value)
    state = parts.get("state")
    if state is None:
        return
    if type(state) is tuple and len(state) == 2 and not hasattr(instance, "__setstate__"):
        # As pickles have it: the __dict__, and the slots beside it.
        state, slots = state
        _fill(instance, {"slots": slots})
        if state is None:
            return
    if hasattr(instance, "__setstate__") and parts.get("form") != "array":
        if isinstance(instance, np.ndarray):
            # numpy's own believes whatever it is told about the memory of an array.
            raise InvalidState(f"an array of {class_path(kind)} is made from its items, not from a state")
        instance.__setstate__(state)
        return
    for key in state:
        if is_protected(kind, key):
            raise InvalidState(f"{class_path(kind)} may not have its own {key!r}: it would hide what the class defines")
    instance.__dict__.update(state)


def _array_state(parts: dict[str, Any]) -> tuple[Any, ...]:
    array = parts["array"]
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    order = "F" if is_fortran else "C"
    data = array.ravel(order=order).tolist() if array.dtype.hasobject else array.tobytes(order=order)
    return (1, array.shape, array.dtype, is_fortran, data, *(parts.get("extra") or ()))


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
    except (ImportError, AttributeError, KeyError, ValueError) as error:
        raise InvalidState(
            f"the model needs {name}, which cannot be imported here ({error})",
            next_step="Install the package that defines it, or put its folder on the Python path.",
        ) from error


FOREIGN = ForeignCodec()
"""The one codec for all foreign classes."""
