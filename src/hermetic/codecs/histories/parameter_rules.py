"""The kinds of rules in the table of parameters: added, removed, renamed, said in other words.

A rule works on the parameters of one object by name, as plain values, so that it serves fitted models and models that
are to be made anew. What stands in the table: `parameter_map.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hermetic.codecs.related import plain_number

__all__ = ["Parameters", "Rule", "Unsaid", "added", "is_value", "joined", "removed", "reworded"]

Parameters = dict[str, Any]
"""Parameters of one object by name; those that it does not have are missing."""


class Unsaid(Exception):
    """The other release has no word for the value of a parameter.

    Parameters
    ----------
    parameter : str
        Its name.
    value : object
        Its value.
    release : str
        The first release that can say it.
    """

    def __init__(self, parameter: str, value: object, release: str) -> None:
        words = repr(value) if type(value) in (bool, int, float, str, type(None)) else "..."
        super().__init__(f"{parameter}={words} is new in scikit-learn {release}"[:200])
        self.parameter = parameter


class Rule(NamedTuple):
    """What one release has changed in parameters of some classes.

    Attributes
    ----------
    release : str
        The first release with the newer form.
    classes : str
        Names of classes with their module, without ``sklearn.``, with blanks between them.
    fields : tuple of str
        All parameters that the rule reads or sets.
    up, down : callable
        Change the parameters of one object in place; `down` raises `Unsaid`.
    """

    release: str
    classes: str
    fields: tuple[str, ...]
    up: Callable[[Parameters], None]
    down: Callable[[Parameters], None]


def is_value(value: object, expected: object) -> bool:
    """Tell whether a value is a certain one: 1, 1.0 and True are three values, numpy's 1.0 is 1.0.

    Parameters
    ----------
    value : object
        A value of a parameter.
    expected : object
        None, a boolean, a number or a text.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_value(True, 1), is_value({"numpy": ["<f8", 1.0]}, 1.0)
    (False, True)
    """
    plain = plain_number(value)
    return type(plain) is type(expected) and bool(plain == expected)


def added(release: str, classes: str, *, unused: Callable[[Parameters], bool] | None = None, **values: Any) -> Rule:
    """Give the rule for new parameters.

    Parameters
    ----------
    release, classes
        As in `Rule`.
    unused : callable, optional
        Tells for parameters of an object whether it never looks at the new ones, whatever they say.
    **values : object
        Name, and the value that does what the class did before.

    Returns
    -------
    Rule
        The rule.

    Examples
    --------
    >>> added("1.8", "preprocessing.MaxAbsScaler", clip=False).fields
    ('clip',)
    """

    def add(parameters: Parameters) -> None:
        for name, value in values.items():
            parameters.setdefault(name, value)

    def drop(parameters: Parameters) -> None:
        is_unused = unused is not None and unused(parameters)
        for name, value in values.items():
            own = parameters.pop(name, value)
            if not is_unused and not is_value(own, value):
                raise Unsaid(name, own, release)

    return Rule(release, classes, tuple(values), add, drop)


def removed(release: str, classes: str, **values: Any) -> Rule:
    """Give the rule for parameters that are gone and that no fitted model depends on.

    Parameters
    ----------
    release, classes
        As in `Rule`.
    **values : object
        Name, and the value for an object that goes back.

    Returns
    -------
    Rule
        The rule.
    """

    def drop(parameters: Parameters) -> None:
        for name in values:
            parameters.pop(name, None)

    def restore(parameters: Parameters) -> None:
        for name, value in values.items():
            parameters.setdefault(name, value)

    return Rule(release, classes, tuple(values), drop, restore)


def reworded(
    release: str, classes: str, name: str, up: Mapping[Any, Any], down: Mapping[Any, Any] | None = None
) -> Rule:
    """Give the rule for values that are said in another way.

    Parameters
    ----------
    release, classes
        As in `Rule`.
    name : str
        The parameter.
    up, down : mapping
        What becomes of a value going up, and going back; values that are not there stay.

    Returns
    -------
    Rule
        The rule.
    """
    return Rule(release, classes, (name,), _replacing(name, up), _replacing(name, down or {}))


def _replacing(name: str, words: Mapping[Any, Any]) -> Callable[[Parameters], None]:
    def replace(parameters: Parameters) -> None:
        if name in parameters:
            parameters[name] = next(
                (new for old, new in words.items() if is_value(parameters[name], old)), parameters[name]
            )

    return replace


def joined(releases: tuple[str | None, str], classes: str, old: str, new: str, default: Any = None) -> tuple[Rule, ...]:
    """Give the rules for a parameter that got another name, and had both for a while.

    Parameters
    ----------
    releases : tuple of str or None
        The first release with the new name (None: before all that models go back to), and the first without the old.
    classes
        As in `Rule`.
    old, new : str
        The names. Whatever is said under the older one counts, unless it says that it is not used.
    default : object
        What it is where neither says anything.

    Returns
    -------
    tuple of Rule
        One or two rules.
    """
    first, last = releases

    def join(parameters: Parameters) -> None:
        if old in parameters or new in parameters:
            former, own = parameters.pop(old, None), parameters.get(new)
            parameters[new] = (default if own is None else own) if former in ("deprecated", None) else former

    def begin(parameters: Parameters) -> None:
        if old in parameters and new not in parameters:
            parameters[new] = parameters[old]
            parameters[old] = "deprecated"
        elif new in parameters:
            parameters.setdefault(old, "deprecated")

    def end(parameters: Parameters) -> None:
        if new in parameters or old in parameters:
            join(parameters)
            parameters[old] = parameters.pop(new)

    def both(parameters: Parameters) -> None:
        parameters.setdefault(old, "deprecated")

    rules = (Rule(last, classes, (old, new), join, both),)
    return rules if first is None else (Rule(first, classes, (old, new), begin, end), *rules)
