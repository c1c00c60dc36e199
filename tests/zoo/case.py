"""What one case of the zoo is, and the short ways to write many of them. It holds no model and no data."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.zoo.data import Training
from tests.zoo.seeded import seeded

__all__ = ["Case", "fit_a_copy", "fitted", "sweep", "value"]

Expected = str  # "kept" or "refused-at-dump"
Check = Callable[[Any, Any], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model or value, how to make it, and what must hold after a round trip.

    Attributes
    ----------
    name : str
        Unique and stable; serves as the pytest id.
    build : callable without arguments
        Makes the object; call `make` instead, which fixes the global seed.
    inputs : mapping of str to object
        ``"X"`` is fed to every method; the name of a method as key overrides it for that method (None: skip it).
        Empty when the object has no outputs to compare.
    tags : frozenset of str
        Among ``estimator``, ``unfitted``, ``configuration``, ``composition``, ``plain``, ``text``, ``pandas``,
        ``sparse``, ``user``, ``slow`` (more than 0.3 s).
    trusted : tuple of str
        Exact dotted names of the foreign classes and functions that a load must be told to trust.
    capabilities : tuple of str
        Names of the capabilities that a load must grant.
    expected : {"kept", "refused-at-dump"}
        Whether hermetic keeps the object or refuses to write it.
    tolerance : float, default=0.0
        Relative bound for floating outputs; not 0.0 only where a comment beside the case says why.
    check : callable, optional
        Asserts what the two comparers cannot see; called with the object before and after a round trip.

    Examples
    --------
    >>> from tests.zoo.case import Case
    >>> Case(name="empty-list", build=list).make()
    []
    """

    name: str
    build: Callable[[], Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    trusted: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    expected: Expected = "kept"
    tolerance: float = 0.0
    check: Check | None = None

    def __post_init__(self) -> None:
        """Refuse a misspelt expectation: it would silently skip a test."""
        if self.expected not in ("kept", "refused-at-dump"):
            raise ValueError(f"Case.expected must be 'kept' or 'refused-at-dump', got {self.expected!r}")

    def make(self) -> Any:
        """Build the object anew; equal each time, because numpy's global generator is seeded and then put back."""
        # Tiny data do not converge, and some cases use deprecated classes on purpose: such warnings say nothing here.
        with seeded(0):
            return self.build()


def fitted(
    name: str,
    estimator: Any,
    training: Training,
    *,
    after: Mapping[str, Any] | None = None,
    tags: Iterable[str] = (),
    **options: Any,
) -> Case:
    """Give the case of `estimator` fitted on `training`; a copy is fitted, so that a case can be made many times.

    Parameters
    ----------
    name : str
        Name of the case.
    estimator : estimator
        Unfitted.
    training : Training
        What it is fitted on and asked about.
    after : mapping of str to object, optional
        Parameters set after fitting, for values that would reach outside during a fit (``memory="cache-dir"``).
    tags : iterable of str
        Further tags.
    **options : object
        Further fields of `Case`.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from tests.zoo.data import REGRESSION
    >>> fitted("ridge", Ridge(), REGRESSION).make()
    Ridge()
    """

    inputs = {**training.inputs, **options.pop("inputs", {})}
    build = functools.partial(fit_a_copy, estimator, training, after)
    return Case(name=name, build=build, inputs=inputs, tags=frozenset(tags) | training.tags, **options)


def fit_a_copy(estimator: Any, training: Training, after: Mapping[str, Any] | None = None) -> Any:
    """Give a fitted copy of an estimator; what `fitted` cases build, so that others may see what they are made of.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from tests.zoo.data import REGRESSION
    >>> fit_a_copy(Ridge(), REGRESSION, {"alpha": 2.0})
    Ridge(alpha=2.0)
    """
    model = copy.deepcopy(estimator)
    arguments = (training.X,) if training.y is None else (training.X, training.y)
    model.fit(*arguments)
    return model.set_params(**after) if after else model


def sweep(
    kind: type[Any], parameter: str, values: Iterable[Any], training: Training, /, *, inputs: Any = None, **common: Any
) -> Iterator[Case]:
    """Give one fitted case for each value of one parameter, named ``Kind-parameter=value``.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from tests.zoo.data import REGRESSION
    >>> [case.name for case in sweep(Ridge, "solver", ["svd", "lsqr"], REGRESSION)]
    ['Ridge-solver=svd', 'Ridge-solver=lsqr']
    """
    for setting in values:
        label = setting if isinstance(setting, str) else getattr(setting, "__name__", repr(setting))
        estimator = kind(**{parameter: setting}, **common)
        yield fitted(f"{kind.__name__}-{parameter}={label}", estimator, training, inputs=inputs or {})


def value(name: str, build: Callable[..., Any], *arguments: Any, **options: Any) -> Case:
    """Give the case of the plain value ``build(*arguments)``, which has no outputs.

    Examples
    --------
    >>> value("one", lambda: 1).make()
    1
    """
    return Case(
        name=name,
        build=functools.partial(build, *arguments),
        tags=frozenset(options.pop("tags", ())) | {"plain"},
        **options,
    )
