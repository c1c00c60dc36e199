"""scipy's frozen distributions, which randomized searches draw parameters from; and the results of its optimizers.

A frozen distribution holds compiled text, vectorized functions and methods. It is stored as the name of the
distribution, from the closed list below, and its parameters; the installed scipy freezes its own distribution anew.

Source: scipy/stats/_distn_infrastructure.py, ``rv_frozen``; scipy/optimize/_optimize.py, ``OptimizeResult``.
"""

from __future__ import annotations

import importlib
from collections.abc import Hashable, Sequence
from types import NoneType
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, class_path, not_adopted, pairs_of, plain_state
from hermetic.codecs.field_checks import is_plain_number, require_fields, type_name
from hermetic.codecs.records import is_mapping, list_of
from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.lazy import numpy as np

__all__ = ["FrozenDistributionCodec", "OptimizeResultCodec"]

_NAMES = (
    "alpha anglit arcsine argus bernoulli beta betabinom betanbinom betaprime binom boltzmann bradford burr "
    "burr12 cauchy chi chi2 cosine crystalball dgamma dlaplace dpareto_lognorm dweibull erlang expon "
    "exponnorm exponpow exponweib f fatiguelife fisk foldcauchy foldnorm gamma gausshyper genexpon genextreme "
    "gengamma genhalflogistic genhyperbolic geninvgauss genlogistic gennorm genpareto geom gibrat gilbrat "
    "gompertz gumbel_l gumbel_r halfcauchy halfgennorm halflogistic halfnorm hypergeom hypsecant invgamma "
    "invgauss invweibull irwinhall jf_skew_t johnsonsb johnsonsu kappa3 kappa4 ksone kstwo kstwobign landau "
    "laplace laplace_asymmetric levy levy_l levy_stable loggamma logistic loglaplace lognorm logser "
    "loguniform lomax maxwell mielke moyal nakagami nbinom ncf nchypergeom_fisher nchypergeom_wallenius nct "
    "ncx2 nhypergeom norm norminvgauss pareto pearson3 planck poisson poisson_binom powerlaw powerlognorm "
    "powernorm randint rayleigh rdist recipinvgauss reciprocal rel_breitwigner rice semicircular skellam "
    "skewcauchy skewnorm studentized_range t trapezoid trapz triang truncexpon truncnorm truncpareto "
    "truncweibull_min tukeylambda uniform vonmises vonmises_line wald weibull_max weibull_min wrapcauchy "
    "yulesimon zipf zipfian"
)
_DISTRIBUTIONS = frozenset(_NAMES.split())
_RANDOM = frozenset({"numpy.random.RandomState", "numpy.random.Generator"})
_INFRASTRUCTURE = "scipy.stats._distn_infrastructure"
_NAME = "scipy.stats.frozen_distribution"
_MODULES = ("scipy.stats._continuous_distns", "scipy.stats._discrete_distns")
_NEXT_STEP = "Use one of scipy.stats' own distributions, or store a list of values."
# The deepest that numpy makes an array of, so no distribution takes deeper lists.
_MAX_DIMENSIONS = 64


class FrozenDistributionCodec(Codec):
    """``scipy.stats.uniform(0, 1)`` and its like.

    Fields: ``distribution``, a name of the list; ``arguments``, a list, and ``keywords``, a dictionary of numbers;
    ``random_state``, a `RandomState` or `Generator`, or None for numpy's global one.
    """

    row_bytes = 192 << 10
    classes: ClassVar = {_NAME: f"{_INFRASTRUCTURE}:rv_frozen"}
    aliases: ClassVar = {
        f"{_INFRASTRUCTURE}:rv_continuous_frozen": _NAME,
        f"{_INFRASTRUCTURE}:rv_discrete_frozen": _NAME,
    }

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parameters, and the name out of the distribution's own state."""
        state = plain_state(made)
        inner = state.get("dist")
        if type(inner) is not LegacyObject or inner.location.partition(":")[0] not in _MODULES:
            raise not_adopted(made, "its distribution is none of scipy.stats itself")
        own = inner.state if type(inner.state) is dict else {}
        fields = {"distribution": own.get("name"), "arguments": list(state["args"]), "keywords": dict(state["kwds"])}
        return fields | {"random_state": own.get("_random_state")}

    def group(self, instance: Any) -> Hashable:
        """Keep each apart: they are few, and their arguments differ."""
        return id(instance)

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give name and parameters."""
        for instance in instances:
            own = _distribution(instance.dist.name) if instance.dist.name in _DISTRIBUTIONS else None
            if own is None or type(own) is not type(instance.dist) or _parameters(own) != _parameters(instance.dist):
                found = f"{instance.dist.name} is no distribution of scipy.stats itself"
                raise self.refuse(instance, found, _NEXT_STEP)
        states = [instance.dist._random_state for instance in instances]
        return {
            "distribution": [str(instance.dist.name) for instance in instances],
            "arguments": [self._numbers(instance, list(instance.args)) for instance in instances],
            "keywords": [
                {key: self._numbers(instance, value) for key, value in instance.kwds.items()} for instance in instances
            ],
            "random_state": [None if state is np.random.mtrand._rand else state for state in states],
        }

    def _numbers(self, instance: Any, value: Any, depth: int = 0) -> Any:
        """Give a parameter with lists of its own, or refuse what loading would refuse."""
        kind = type(value)
        if kind in (list, tuple) and depth < _MAX_DIMENSIONS:
            return kind(self._numbers(instance, item, depth + 1) for item in value)
        is_array = kind in (np.ndarray, np.memmap) or issubclass(kind, np.generic)
        if kind in (bool, int, float, complex, NoneType) or (is_array and value.dtype.kind in "biufc"):
            return value
        found = f"a parameter of {instance.dist.name} holds a {class_path(kind)}"
        raise self.refuse(instance, found, "Make it of numbers: lists, tuples and arrays of them are kept, too.")

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is nothing but a known name and numbers."""
        require_fields(view, frozenset({"distribution", "arguments", "keywords", "random_state"}))
        for row, distribution in enumerate(view.values("distribution")):
            if type(distribution) is not str or distribution not in _DISTRIBUTIONS:
                raise view.refuse(f"no distribution is called {distribution!r}"[:100], row=row, field="distribution")
        for field, is_fine, form in (("arguments", list_of, "list"), ("keywords", is_mapping, "dictionary")):
            for row, value in enumerate(view.values(field)):
                if not is_fine(view, value):
                    raise view.refuse(f"the {field} of a distribution must be a {form}", row=row, field=field)
                if not is_plain_number(view, value):
                    raise view.refuse("the parameters of a distribution must be numbers", row=row, field=field)
        for row, value in enumerate(view.values("random_state")):
            if value is not None and type_name(view, value) not in _RANDOM:
                raise view.refuse("random_state must be a RandomState or a Generator", row=row, field="random_state")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Freeze the distributions anew."""
        made = []
        columns = (fields[field] for field in ("distribution", "arguments", "keywords", "random_state"))
        for distribution, arguments, keywords, random_state in zip(*columns, strict=True):
            known = _distribution(distribution)
            if known is None:
                raise UnsupportedVersion(
                    f"the installed scipy has no distribution {distribution}",
                    next_step="Install the scipy that the model was made with.",
                )
            try:
                frozen = known(*arguments, **keywords)
            except (TypeError, ValueError, ArithmeticError) as error:
                raise InvalidState(f"{distribution} does not take these parameters: {error}") from error
            if random_state is not None:
                frozen.random_state = random_state
            made.append(frozen)
        return made


def _distribution(name: str) -> Any:
    """Give a distribution by a name of the list."""
    return getattr(importlib.import_module("scipy.stats"), name, None)


def _parameters(distribution: Any) -> str:
    """Give what a distribution was made with; as text, since NaN is among it."""
    parameters = distribution._updated_ctor_param()
    return repr(sorted((key, value) for key, value in parameters.items() if key != "seed"))


class OptimizeResultCodec(Codec):
    """`scipy.optimize.OptimizeResult`, a dictionary whose keys are attributes, too. Field: ``items``, a dictionary."""

    classes: ClassVar = {"scipy.optimize.OptimizeResult": "scipy.optimize._optimize:OptimizeResult"}
    aliases: ClassVar = {"scipy.optimize.optimize:OptimizeResult": "scipy.optimize.OptimizeResult"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the pairs as a plain dictionary."""
        return {"items": pairs_of(made)}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give plain dictionaries."""
        return {"items": [dict(instance) for instance in instances]}

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kind of the field."""
        require_fields(view, frozenset({"items"}))
        for row, value in enumerate(view.values("items")):
            if not is_mapping(view, value):
                raise view.refuse("items must be a dictionary", row=row, field="items")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the results."""
        return list(map(self.resolve(name), fields["items"]))
