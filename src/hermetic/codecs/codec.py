"""The interface of a codec: what it takes to keep one family of types.

A codec works on *columns*: `capture` turns n objects into fields of n values each, `restore` turns such fields back
into n objects. It never descends into its fields: the walk in `hermetic.capture` and the loop in `hermetic.restore` do
that, so no codec can recurse, and a family of one codec serves one object and ten thousand alike.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Hashable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar

from hermetic.codecs.field_view import FieldView
from hermetic.collisions import are_colliding
from hermetic.errors import CannotSave, InvalidState, UnsupportedVersion
from hermetic.legacy_objects import MISSING, LegacyObject

if TYPE_CHECKING:
    from hermetic.codecs.history import History

__all__ = [
    "STRAY_ERRORS",
    "Codec",
    "FieldView",
    "LegacyObject",
    "SameRows",
    "class_path",
    "not_adopted",
    "pairs_of",
    "plain_state",
    "resolve_class",
    "states_of",
]

STRAY_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What Python, numpy and the libraries raise about a state that they do not take; not what says that the machine, the
installation or the user is the cause."""


class Codec:
    """Base of all codecs; the defaults suit a plain object whose state is its ``__dict__``.

    Attributes
    ----------
    classes : mapping of str to str
        The neutral name that files hold for each type, and where the installed library defines it,
        as ``package.module:Name``.
    aliases : mapping of str to str
        Further places, in other releases, and the neutral name of what stands there.
    makers : mapping of str to str
        Functions that older formats call to make an object, as ``package.module:name``, and the neutral name of what
        they make; ``""`` where their first argument is the class.
    parts : frozenset of str
        What stands in the codec's objects in other formats and is not made again: calls as ``package.module:name``, and
        modules whose plain objects may stand there. Nobody is asked to trust what is not used.
    constants : mapping of str to str
        Where the one object of a class stands, which older formats name, and the neutral name of that class.
    layout : int
        Version of the fields; raised when their meaning changes.
    weak_fields : frozenset of str
        Fields that are followed only when everything else stands (long chains).
    borrowed_fields : frozenset of str
        Fields whose big arrays `restore` copies into native memory at once, so that they need no copy before.
    checked_fields : frozenset of str
        Fields whose arrays `validate` may read, so that they must be private memory even when the file is mapped.
    sealed_fields : frozenset of str
        Fields that `validate` relies on: no link may set them, or an item of what they contain, later.
    copy_factor : int
        How many bytes `restore` takes for one byte of the arrays that the fields refer to, where it copies the fields
        into each object: what many objects share in a file, each of them then has. 0 where it does not.
    row_bytes : int
        Memory that one object takes beyond itself, its dictionary and its arrays: native memory, helpers that its
        constructor makes.
    adopts_last : bool
        Whether `adopt` looks at what other codecs have adopted, which a file may hold behind the object.
    is_linkable : bool
        Whether `link` may set a field later: cycles through instances.
    has_finish : bool
        Whether `finish` completes the objects, after everything that their fields refer to.
    is_value : bool
        Whether the classes themselves may stand in a model as values without anyone's trust. Whoever gets a class as a
        value may call it with anything, so its constructor must do no more than keep or copy what it is given.
    """

    classes: ClassVar[Mapping[str, str]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}
    makers: ClassVar[Mapping[str, str]] = {}
    parts: ClassVar[frozenset[str]] = frozenset()
    constants: ClassVar[Mapping[str, str]] = {}
    layout: ClassVar[int] = 1
    weak_fields: ClassVar[frozenset[str]] = frozenset()
    borrowed_fields: ClassVar[frozenset[str]] = frozenset()
    checked_fields: ClassVar[frozenset[str]] = frozenset()
    sealed_fields: ClassVar[frozenset[str]] = frozenset()
    copy_factor: ClassVar[int] = 0
    row_bytes: ClassVar[int] = 0
    adopts_last: ClassVar[bool] = False
    is_linkable: ClassVar[bool] = False
    has_finish: ClassVar[bool] = False
    is_value: ClassVar[bool] = False

    def group(self, instance: Any) -> Hashable:
        """Give what two objects of one type must have in common to stand in one table."""
        return tuple(vars(instance))

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the fields of some objects of one group, each with one value for each object."""
        states = [vars(instance) for instance in instances]
        return {field: [state[field] for state in states] for field in states[0]}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the fields of one object of a legacy file, as `capture` gives those of a live one.

        What a codec does not understand it refuses: nothing of the file may be lost. Later gates check the values.
        """
        return plain_state(made)

    def group_adopted(self, made: LegacyObject) -> Hashable:
        """Give what two adopted objects of one type must have in common to stand in one table, as `group` does."""
        return tuple(made.fields)

    def capabilities(self, name: str, view: FieldView) -> list[tuple[str, int, str, str]]:
        """Give what loading or using the objects reaches outside the model: capability, row, field, meaning in words.

        Called before arrays and packed columns are read.
        """
        return []

    def patterns(self, name: str, view: FieldView) -> list[tuple[int, str, str | bytes | None, int]]:
        """Give the regular expressions that using the objects runs: row, field, pattern (None: not to be seen), flags.

        Called before arrays and packed columns are read.
        """
        return []

    def notes(self, name: str, view: FieldView) -> list[tuple[int, str, str]]:
        """Give what people should know of the objects though it needs no grant: row, field, meaning in words.

        Called before arrays and packed columns are read.
        """
        return []

    def fields_read(self, name: str, view: FieldView) -> Set[str]:
        """Give those of `checked_fields` whose items `validate` reads in this very table.

        Called before arrays and packed columns are read; what is left out may be mapped, and change while it is used.
        """
        return self.checked_fields

    def history(self, name: str) -> History | None:
        """Give what other releases of the library have in place of the fields, or None when nobody has measured it."""
        from hermetic.codecs.histories import history_of  # only files of another release need it

        return history_of(name)

    def validate(self, name: str, view: FieldView) -> None:
        """Raise `InvalidState` where the fields break a rule that native code relies on."""

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects from their fields."""
        kind = self.resolve(name)
        # Not the class's own __new__: that of a deprecated class warns.
        new = object.__new__
        made = []
        for state in states_of(fields, rows):
            instance = new(kind)
            instance.__dict__ = state
            made.append(instance)
        return made

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Complete the objects when everything that their fields refer to stands; most need nothing."""

    def check_importable(self, kind: type) -> str:
        """Give a class's name when it can be found again; known classes always can."""
        return class_path(kind)

    def resolve(self, name: str) -> Any:
        """Give the installed class for a neutral name."""
        found = _BY_NAME.get(name)
        if found is None:
            others = [place for place, other in self.aliases.items() if other == name] if self.aliases else ()
            found = _BY_NAME[name] = resolve_class((self.classes[name], *others), name)
        return found

    def link(self, instance: Any, field: str, value: Any) -> None:
        """Set one field when all objects stand; `hermetic.validate` has refused fields that no link may set."""
        instance.__dict__[field] = value

    def refuse(self, instance: Any, reason: str, next_step: str) -> CannotSave:
        """Make the error for an object that cannot be kept; the walk adds its path."""
        return CannotSave(f"{class_path(type(instance))}: {reason}", next_step=next_step)


def plain_state(made: LegacyObject) -> dict[str, Any]:
    """Give the state of a legacy object that has nothing but a ``__dict__``.

    Parameters
    ----------
    made : LegacyObject
        As its file makes it.

    Returns
    -------
    dict of str to object
        A copy.

    Raises
    ------
    InvalidState
        When there is more to the object.

    Examples
    --------
    >>> made = LegacyObject("sklearn.svm._classes:SVC")
    >>> made.state = {"C": 1.0}
    >>> plain_state(made)
    {'C': 1.0}
    """
    if made.arguments or made.keywords or made.items or made.pairs:
        raise not_adopted(made, "it has arguments or items, which objects of its class do not have")
    state = {} if made.state is MISSING or made.state is None else made.state
    if type(state) is not dict or not all(type(field) is str for field in state):
        raise not_adopted(made, "its state is no dictionary of attributes")
    return dict(state)


def pairs_of(made: LegacyObject) -> dict[Any, Any]:
    """Give what was put into a legacy object by key, as a dictionary.

    Parameters
    ----------
    made : LegacyObject
        Its reader has seen to it that the keys can be hashed.

    Returns
    -------
    dict
        A new one.

    Raises
    ------
    InvalidState
        When the keys would make a dictionary slow.

    Examples
    --------
    >>> made = LegacyObject("sklearn.utils._bunch:Bunch")
    >>> made.pairs += ["data", 1.0]
    >>> pairs_of(made)
    {'data': 1.0}
    """
    keys = made.pairs[::2]
    if are_colliding([], keys):
        raise not_adopted(made, "too many of its keys have the same hash")
    return dict(zip(keys, made.pairs[1::2], strict=True))


def not_adopted(made: LegacyObject, reason: str) -> InvalidState:
    """Make the error for a legacy object that its codec does not understand.

    Examples
    --------
    >>> not_adopted(LegacyObject("sklearn.tree._tree:Tree", path="byte 9"), "it has no nodes").found
    'a sklearn.tree._tree.Tree cannot be read: it has no nodes'
    """
    return InvalidState(f"a {made.location.replace(':', '.')} cannot be read: {reason}", where=made.path)


class SameRows(list[Any]):
    """A column for `Codec.restore` in which every row holds the very same value.

    Parameters
    ----------
    value : object
        The value.
    rows : int
        How often it stands in the list.
    """

    def __init__(self, value: Any, rows: int) -> None:
        super().__init__([value] * rows)
        self.value = value


def states_of(fields: dict[str, list[Any]], rows: int) -> list[dict[str, Any]]:
    """Turn columns into one fresh dictionary for each row, in the order of the fields.

    Parameters
    ----------
    fields : dict of str to list
        Columns of equal length.
    rows : int
        That length.

    Returns
    -------
    list of dict
        One for each row.

    Examples
    --------
    >>> states_of({"C": SameRows(1.0, 2), "tol": [0.1, 0.2]}, 2)
    [{'C': 1.0, 'tol': 0.1}, {'C': 1.0, 'tol': 0.2}]
    """
    if rows == 1:
        return [{field: values[0] for field, values in fields.items()}]
    # Most fields of an ensemble's members are the same in all: copying a dictionary costs a fifth of filling one.
    template = {field: values.value if type(values) is SameRows else None for field, values in fields.items()}
    states = [template.copy() for _ in range(rows)]
    for field, values in fields.items():
        if type(values) is not SameRows:
            for state, value in zip(states, values, strict=True):
                state[field] = value
    return states


def class_path(kind: type) -> str:
    """Give a class's dotted name, with a colon where a nested class begins.

    Parameters
    ----------
    kind : type
        Any class.

    Returns
    -------
    str
        ``package.module.Name`` or ``package.module:Outer.Inner``.

    Examples
    --------
    >>> from decimal import Decimal
    >>> class_path(Decimal)
    'decimal.Decimal'
    """
    separator = ":" if "." in kind.__qualname__ else "."
    return f"{kind.__module__}{separator}{kind.__qualname__}"


_BY_NAME: dict[str, Any] = {}
_RESOLVED: dict[tuple[str, ...], Any] = {}


def resolve_class(locations: tuple[str, ...], name: str) -> Any:
    """Import a class (or function) from the first place that has it; places stand in our own tables, never in a file.

    Parameters
    ----------
    locations : tuple of str
        ``package.module:Name``, the newest first.
    name : str
        The neutral name, for the message.

    Returns
    -------
    type
        The class.

    Raises
    ------
    UnsupportedVersion
        When the installed libraries do not have it.

    Examples
    --------
    >>> resolve_class(("decimal:Decimal",), "decimal.Decimal")
    <class 'decimal.Decimal'>
    """
    found = _RESOLVED.get(locations)
    if found is not None:
        return found
    problem: Exception | None = None
    for location in locations:
        module_name, _, attribute = location.partition(":")
        try:
            found = sys.modules.get(module_name) or importlib.import_module(module_name)
            for part in attribute.split(".") if "." in attribute else (attribute,):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            problem = problem or error
            continue
        _RESOLVED[locations] = found
        return found
    raise UnsupportedVersion(
        f"the model needs {name}, which the installed libraries do not have ({problem})",
        next_step="Install the library, or a version of it that has this type, and load again.",
    ) from problem
