"""Records without msgspec: classes whose annotations are their fields.

Source: msgspec 0.19, ``msgspec.Struct``. Left out is what nobody here uses: inheritance of fields, renaming, weak
references. A field whose default is a list or dictionary gets a new one each time, as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform

__all__ = ["Layout", "Meta", "Struct"]


@dataclass(frozen=True, kw_only=True)
class Meta:
    """Bounds of a field, for ``Annotated``.

    Attributes
    ----------
    ge, lt : int, optional
        A number is at least, and below.
    min_length, max_length : int, optional
        Length of a text in characters.
    """

    ge: int | None = None
    lt: int | None = None
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a class of records is in JSON, and which fields it takes by position.

    Attributes
    ----------
    defaults : dict of str to object
        Of the fields that may be left out.
    tag, tag_field : str, optional
        The text that tells records of this class from others, and its key.
    is_frozen, is_keyword_only, omits_defaults, forbids_unknown, is_array : bool
        As the arguments of msgspec.
    """

    defaults: dict[str, Any]
    tag: str | None = None
    tag_field: str | None = None
    is_frozen: bool = False
    is_keyword_only: bool = False
    omits_defaults: bool = False
    forbids_unknown: bool = False
    is_array: bool = False


@dataclass_transform()
class _StructType(type):
    """Makes a slot of each annotation, and keeps the options of the class."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        tag: str | None = None,
        tag_field: str | None = None,
        frozen: bool = False,
        kw_only: bool = False,
        omit_defaults: bool = False,
        forbid_unknown_fields: bool = False,
        array_like: bool = False,
        gc: bool = True,  # the garbage collector decides here
    ) -> _StructType:
        if not bases:
            return super().__new__(cls, name, bases, {**namespace, "__slots__": ()})
        annotations = namespace.get("__annotations__", {})
        fields = tuple(field for field, kind in annotations.items() if not _is_of_the_class(kind))
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        namespace["__slots__"] = namespace["__struct_fields__"] = fields
        namespace["__match_args__"] = () if kw_only else fields
        namespace["__struct_layout__"] = Layout(
            defaults=defaults,
            tag=tag,
            tag_field=tag_field,
            is_frozen=frozen,
            is_keyword_only=kw_only,
            omits_defaults=omit_defaults,
            forbids_unknown=forbid_unknown_fields,
            is_array=array_like,
        )
        if not frozen:
            namespace["__hash__"] = None
        return super().__new__(cls, name, bases, namespace)


def _is_of_the_class(annotation: Any) -> bool:
    return str(annotation).removeprefix("typing.").startswith("ClassVar")


class Struct(metaclass=_StructType):
    """A record: its fields by position or name, defaults, equality by value.

    Examples
    --------
    >>> from hermetic.structs.records import Struct
    >>> class Point(Struct, frozen=True):
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1) == Point(x=1, y=0)
    (Point(x=1, y=0), True)
    """

    __struct_fields__: ClassVar[tuple[str, ...]]
    __struct_layout__: ClassVar[Layout]

    def __init__(self, *values: Any, **named: Any) -> None:
        fields, layout = self.__struct_fields__, self.__struct_layout__
        if len(values) > (0 if layout.is_keyword_only else len(fields)):
            raise TypeError(f"{type(self).__name__}() takes no {len(values)} values by position")
        given = dict(zip(fields, values, strict=False))
        if twice := given.keys() & named.keys():
            raise TypeError(f"{type(self).__name__}() got {sorted(twice)} twice")
        given |= named
        for field in fields:
            if field in given:
                object.__setattr__(self, field, given.pop(field))
            elif field in layout.defaults:
                object.__setattr__(self, field, _fresh(layout.defaults[field]))
            else:
                raise TypeError(f"{type(self).__name__}() lacks the field {field!r}")
        if given:
            raise TypeError(f"{type(self).__name__}() has no field {sorted(given)[0]!r}")

    def __setattr__(self, field: str, value: Any) -> None:
        if self.__struct_layout__.is_frozen:
            raise AttributeError(f"immutable type: {type(self).__name__!r}")
        object.__setattr__(self, field, value)

    def __delattr__(self, field: str) -> None:
        if self.__struct_layout__.is_frozen:
            raise AttributeError(f"immutable type: {type(self).__name__!r}")
        object.__delattr__(self, field)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self.__struct_fields__)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, field) for field in self.__struct_fields__)))

    def __repr__(self) -> str:
        values = ", ".join(f"{field}={getattr(self, field)!r}" for field in self.__struct_fields__)
        return f"{type(self).__name__}({values})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {field: getattr(self, field) for field in self.__struct_fields__})


def _fresh(default: Any) -> Any:
    return default.copy() if type(default) in (list, dict) else default


def _rebuild(kind: type[Struct], values: dict[str, Any]) -> Struct:
    return kind(**values)
