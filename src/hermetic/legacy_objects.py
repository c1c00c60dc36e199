"""What legacy files are made of, before any codec has looked at it: objects as the file says they are made.

A reader of a legacy format gives plain Python values, arrays, and these two kinds for everything else. Nothing that a
file names is imported, called, hashed or compared. `hermetic.adopt` asks the codecs what each object is; from then on
it has a neutral name and fields, and `hermetic.capture` walks it like a live one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hermetic.errors import FileError

__all__ = ["MADE", "MISSING", "TEXT_DTYPE_MAKERS", "LegacyName", "LegacyObject", "dotted_name"]

MISSING: Any = object()
"""The state of an object that was given none: None is a state too."""


TEXT_DTYPE_MAKERS = frozenset(f"numpy.{core}._internal:_convert_to_stringdtype_kwargs" for core in ("_core", "core"))
"""The functions that numpy's pickles make a dtype of variable-width text with."""

MADE = "constructed"
"""The role of a name under which the one object of a class stands: it is that object."""


class LegacyName:
    """A class or function that stands in a file as a value. One file has one object for each name.

    Parameters
    ----------
    location : str
        ``module:name`` as scikit-learn and numpy spell it today, where the reader knows older spellings.
    path : str
        Where it was met first, for messages.

    Attributes
    ----------
    name : str
        The neutral name, as in `hermetic.graph.Name`, once the codecs were asked.
    role : str
        ``referenced``; ``called`` for what restoring an object would call; ``constructed`` for the one object of a
        class, such as ``pandas.NA``, which the name itself then stands for.
    fields : dict
        Empty: such an object has none.
    problem : None
        There is never one.

    Examples
    --------
    >>> LegacyName("sklearn.feature_selection._univariate_selection:f_classif")
    LegacyName('sklearn.feature_selection._univariate_selection:f_classif')
    """

    __slots__ = ("location", "name", "path", "role")

    fields: ClassVar[dict[str, Any]] = {}
    problem: ClassVar[None] = None

    def __init__(self, location: str, path: str = "") -> None:
        self.location = location
        self.path = path
        self.name = ""
        self.role = "referenced"

    def __repr__(self) -> str:
        return f"LegacyName({self.location!r})"


class LegacyObject:
    """An object that a legacy file makes: by which call, with which state, and what was put into it.

    Parameters
    ----------
    location : str
        What is called, ``module:name`` in today's spelling.
    is_new : bool
        Whether it is a class whose ``__new__`` makes the object (opcodes NEWOBJ, NEWOBJ_EX and what means the same); if
        not it is called, as ``__reduce__`` wishes.
    arguments : tuple
        By position.
    keywords : dict of str to object
        The others.
    path : str or int
        Where it stands in the file, for messages: a byte offset, or a member.

    Attributes
    ----------
    path : str
        The place, in words.
    state : object
        What ``__setstate__`` would get, or `MISSING`.
    items : list
        What would be appended to it.
    pairs : list
        Keys and values in turn that would be put into it.
    name : str
        The neutral name, when a codec has taken it; empty before.
    is_array : bool
        Whether numpy makes it, an array of a subclass, and its state is that of an array.
    fields : dict of str to object
        What the codec made of it.
    problem : FileError or None
        Why it could make nothing.

    Examples
    --------
    >>> LegacyObject("sklearn.tree._tree:Tree", is_new=False, arguments=(4, None, 1))
    LegacyObject('sklearn.tree._tree:Tree')
    """

    __slots__ = (
        "arguments",
        "fields",
        "is_array",
        "is_new",
        "items",
        "keywords",
        "location",
        "name",
        "pairs",
        "place",
        "problem",
        "state",
    )

    def __init__(
        self,
        location: str,
        *,
        is_new: bool = True,
        arguments: tuple[Any, ...] = (),
        keywords: dict[str, Any] | None = None,
        path: str | int = "",
    ) -> None:
        self.location = location
        self.is_new = is_new
        self.arguments = arguments
        self.keywords: dict[str, Any] = keywords or {}
        self.place = path
        self.state: Any = MISSING
        self.items: list[Any] = []
        self.pairs: list[Any] = []
        self.name = ""
        self.is_array = False
        self.fields: dict[str, Any] = {}
        self.problem: FileError | None = None

    @property
    def path(self) -> str:
        """Where it stands; there are thousands of objects, and hardly one is ever named in a message."""
        return f"byte {self.place}" if type(self.place) is int else str(self.place)

    def __repr__(self) -> str:
        return f"LegacyObject({self.location!r})"


def dotted_name(location: str) -> str:
    """Give a location as a name of the graph: a colon stays only where a nested class begins.

    Examples
    --------
    >>> dotted_name("package.module:Name"), dotted_name("package.module:Outer.Inner")
    ('package.module.Name', 'package.module:Outer.Inner')
    """
    module, _, name = location.partition(":")
    return location if "." in name else f"{module}.{name}"
