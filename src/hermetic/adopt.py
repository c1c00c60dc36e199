"""adopt: the objects of a legacy file get neutral names and fields; the first gate for what is not our own format.

Each codec says what its objects look like in a pickle. A call that no codec knows stays a call, an instance of a class
that none knows stays foreign: the policy names them all. Nothing is imported or called here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hermetic.codecs.calls import CALL, CALLS
from hermetic.codecs.codec import STRAY_ERRORS, Codec
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.legacy_calls import CALLED, DATA_CLASSES, REFERENCED
from hermetic.codecs.legacy_modules import REMOVED_CLASSES, current_module
from hermetic.codecs.registry import codec_of_name, constant_at, known_at, maker_at
from hermetic.codecs.unstamped import LAST_UNSTAMPED, is_stamped_since, release_of_parts
from hermetic.errors import FileError, InvalidState, LimitExceeded
from hermetic.legacy_objects import MADE, LegacyName, LegacyObject, dotted_name
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["adopt", "is_known"]

_VERSION = "_sklearn_version"
_LIBRARY = "sklearn."
_KNOWN = KNOWN_FUNCTIONS | KNOWN_VALUE_TYPES | CALLED.keys() | DATA_CLASSES | REFERENCED | REMOVED_CLASSES
_SMALL = frozenset({bool, int, float, str, type(None), LegacyName, LegacyObject})
_MOST_COPIES = 16
_ITEM_BYTES = 8


def adopt(
    objects: Sequence[LegacyObject],
    names: Iterable[LegacyName],
    *,
    limits: Limits = DEFAULT_LIMITS,
    length_bytes: int = 0,
) -> dict[str, str]:
    """Ask the codecs what each object of a legacy file is.

    Parameters
    ----------
    objects : sequence of LegacyObject
        All of the file; each gets its neutral name and fields.
    names : iterable of LegacyName
        All of the file; each gets its neutral name.
    limits : Limits, optional
        ``memory_bytes`` bounds what the codecs make of content that many objects share.
    length_bytes : int, default=0
        Of the file, decompressed.

    Returns
    -------
    dict of str to str
        The versions of the libraries that the state names, as in a manifest.

    Raises
    ------
    InvalidState
        When it names several releases of scikit-learn.
    LimitExceeded
        When what the codecs make takes too much.

    Notes
    -----
    What a codec does not understand gets its `problem`: only what the model still refers to in the end needs fields, as
    codecs leave out what they make anew.

    Examples
    --------
    >>> from hermetic.legacy_objects import LegacyObject
    >>> made = LegacyObject("sklearn.svm.classes:SVC")
    >>> made.state = {"C": 1.0, "_sklearn_version": "0.20.3"}
    >>> adopt([made], []), made.name, made.fields
    ({'scikit-learn': '0.20.3'}, 'sklearn.svm.SVC', {'C': 1.0})
    """
    for name in names:
        constant = constant_at(name.location)
        name.name, name.role = (constant, MADE) if constant else (_name_of(name.location), name.role)
    stamps: dict[str, LegacyObject] = {}
    last: list[tuple[LegacyObject, Codec]] = []
    codecs: dict[tuple[str, bool], tuple[str, Codec]] = {}
    memory = _Memory(limits, length_bytes)
    for made in objects:
        is_stamped = type(made.state) is dict and _VERSION in made.state and made.location.startswith(_LIBRARY)
        if is_stamped and type(version := made.state[_VERSION]) is str:
            stamps.setdefault(version, made)
        made.name, codec = codecs.get((made.location, made.is_new)) or _codec_of(made)
        if made.is_new or not made.arguments or type(made.arguments[0]) is not LegacyName:  # it may be named by that
            codecs[made.location, made.is_new] = made.name, codec
        if codec.adopts_last:
            last.append((made, codec))
        else:
            _adopt_one(made, codec)
            memory.count(made)
    for made, codec in last:
        _adopt_one(made, codec)
        memory.count(made)
    if not stamps and any(is_stamped_since(name, codec) for name, codec in codecs.values()):
        return {"scikit-learn": LAST_UNSTAMPED}
    return _written_by(stamps) if stamps else release_of_parts(objects)


def is_known(name: LegacyName) -> bool:
    """Tell whether some table knows a name, in whatever role: only then importing it has no effect of its own.

    Examples
    --------
    >>> from hermetic.legacy_objects import LegacyName
    >>> is_known(LegacyName("sklearn.svm.classes:SVC")), is_known(LegacyName("antigravity:fly"))
    (True, False)
    """
    for place in _places(name.location):
        spellings = {place, dotted_name(place)}
        if known_at(place) is not None or maker_at(place) is not None or not spellings.isdisjoint(_KNOWN):
            return True
    return False


def _written_by(stamps: dict[str, LegacyObject]) -> dict[str, str]:
    """Give the one release that has written the state.

    `BaseEstimator.__getstate__` puts the release that is running into each state, whatever the object was unpickled
    from, and only for classes of scikit-learn itself: in other classes an attribute of that name is their own.
    """
    if len(stamps) > 1:
        found = list(stamps.items())[:5]
        shown = ", ".join(
            f"{version[:20]} ({made.location.partition(':')[2][:60]}, {made.path})" for version, made in found
        )
        raise InvalidState(
            f"parts of the file name {len(stamps)} releases of scikit-learn, but one writes all of a file: {shown}",
            where=found[1][1].path,
            next_step="The file was put together from others, or changed. Ask its producer for a fresh copy.",
        )
    return {"scikit-learn": next(iter(stamps))} if stamps else {}


class _Memory:
    """What the codecs have made so far: one array of the file may stand in a million objects, each with a copy."""

    def __init__(self, limits: Limits, length_bytes: int) -> None:
        self._allowed = limits.memory_bytes + _MOST_COPIES * length_bytes
        self._taken = 0
        self._seen: set[int] = set()

    def count(self, made: LegacyObject) -> None:
        """Count the arrays and lists of one object, each once."""
        for value in made.fields.values():
            if type(value) in _SMALL:
                continue
            is_list = type(value) is list
            size_bytes = len(value) * _ITEM_BYTES if is_list else getattr(value, "nbytes", 0)
            if type(size_bytes) is not int or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            self._taken += size_bytes
            if self._taken > self._allowed:
                raise LimitExceeded("memory_bytes", allowed=self._allowed, asked=self._taken, where=made.path)


def _adopt_one(made: LegacyObject, codec: Codec) -> None:
    try:
        made.fields = codec.adopt(made.name, made)
    except FileError as error:
        error.where = error.where or made.path
        made.problem = error
    except STRAY_ERRORS as error:
        found = f"a {made.location} is not as its library writes it: {type(error).__name__}: {error}"
        made.problem = InvalidState(found[:500], where=made.path)


def _codec_of(made: LegacyObject) -> tuple[str, Codec]:
    places = _places(made.location)
    if not made.is_new:
        for place in places:
            found = maker_at(place)
            if found is not None and found[0]:
                return found
            if found is not None:
                name = _class_given(made)
                return name, codec_of_name(name) or found[1]
    for place in places:
        known = known_at(place)
        if known is not None:
            return known
    if made.is_new:
        return _foreign_name(made.location), FOREIGN
    return CALL, CALLS


def _class_given(made: LegacyObject) -> str:
    """Give the neutral name of the class that a function is to make an object of: its first argument."""
    given = made.arguments[0] if made.arguments else None
    if type(given) is not LegacyName:
        raise InvalidState(f"{made.location} is called without a class", where=made.path)
    return _name_of(given.location)


def _name_of(location: str) -> str:
    """Give the neutral name of what may stand as a value; for what nobody knows its own dotted name."""
    places = _places(location)
    for place in places:
        known = known_at(place)
        if known is not None:
            return known[0]
        for spelling in (dotted_name(place), place):
            if spelling in KNOWN_FUNCTIONS or spelling in KNOWN_VALUE_TYPES:
                return spelling
    return _foreign_name(places[-1])


def _foreign_name(location: str) -> str:
    """Give the dotted name of a place that no table knows; its parts apart where ours for another place is the same."""
    name = dotted_name(location)
    return name if codec_of_name(name) is None else location


def _places(location: str) -> list[str]:
    module, _, name = location.partition(":")
    return [f"{place}:{name}" for place in current_module(module)]
