"""scikit-learn's losses: the Python ones of its estimators, the native ones that SGD holds, links and intervals.

A loss is its kind and the parameters of its constructor; what else it holds is what the installed library's
constructor makes, and is compared with the original when it is saved.

Fields
------
Python losses: ``constant_hessian`` (bool: fitted without sample weights), and by kind ``power`` (finite float),
``quantile`` (float, 0 to 1), ``delta`` (float, 0 or more), ``n_classes`` (int, 2 or more).
Native losses: ``parameter``, where the kind has one (finite float).
``Huber``, ``Log`` and ``SquaredLoss`` of SGD are those of scikit-learn before 1.6.
Links: none. Intervals: ``low``, ``high``, ``low_inclusive``, ``high_inclusive``.

Source: sklearn/_loss/loss.py, sklearn/_loss/link.py, sklearn/_loss/_loss.pyx.tp, sklearn/linear_model/_sgd_fast.pyx.tp.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, plain_state, resolve_class
from hermetic.codecs.related import plain_number

__all__ = ["LinkCodec", "LossCodec", "NativeLossCodec"]

_NAMES = "sklearn.loss"
_NATIVE = (
    "AbsoluteError",
    "ExponentialLoss",
    "HalfBinomialLoss",
    "HalfGammaLoss",
    "HalfMultinomialLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
)
_PARAMETER = {
    "CyHalfTweedieLoss": "power",
    "CyHalfTweedieLossIdentity": "power",
    "CyHuberLoss": "delta",
    "CyPinballLoss": "quantile",
}
_SGD = {
    "EpsilonInsensitive": "epsilon",
    "Hinge": "threshold",
    "Huber": "c",
    "Log": None,
    "ModifiedHuber": None,
    "SquaredEpsilonInsensitive": "epsilon",
    "SquaredHinge": "threshold",
    "SquaredLoss": None,
}
_PYTHON: dict[str, tuple[str, ...]] = {
    "AbsoluteError": (),
    "ExponentialLoss": (),
    "HalfBinomialLoss": (),
    "HalfGammaLoss": (),
    "HalfMultinomialLoss": ("n_classes",),
    "HalfPoissonLoss": (),
    "HalfSquaredError": (),
    "HalfTweedieLoss": ("power",),
    "HalfTweedieLossIdentity": ("power",),
    "HuberLoss": ("quantile", "delta"),
    "PinballLoss": ("quantile",),
}
_RANGES: dict[str, tuple[float, float]] = {
    "c": (-math.inf, math.inf),
    "delta": (0.0, math.inf),
    "epsilon": (-math.inf, math.inf),
    "power": (-math.inf, math.inf),
    "quantile": (0.0, 1.0),
    "threshold": (-math.inf, math.inf),
}
_OPEN_QUANTILE = (math.nextafter(0.0, 1.0), math.nextafter(1.0, 0.0))
_MAX_CLASSES = 1 << 31
_UNPICKLE = "__pyx_unpickle_"


class NativeLossCodec(Codec):
    """Native losses that stand alone, as in a fitted `SGDClassifier`."""

    row_bytes = 1 << 10
    classes: ClassVar = {
        **{f"{_NAMES}.Cy{name}": f"sklearn._loss._loss:Cy{name}" for name in _NATIVE},
        **{f"{_NAMES}.{name}": f"sklearn._loss._loss:{name}" for name in _PARAMETER},
        **{f"{_NAMES}.{name}": f"sklearn.linear_model._sgd_fast:{name}" for name in _SGD},
    }
    # What Cython calls the module in scikit-learn 1.5 to 1.8; nothing can be imported from there.
    aliases: ClassVar = {
        **{f"_loss:Cy{name}": f"{_NAMES}.Cy{name}" for name in _NATIVE},
        **{f"_loss:{name}": f"{_NAMES}.{name}" for name in _PARAMETER},
    }
    makers: ClassVar = {
        **{f"sklearn._loss._loss:Cy{name}": f"{_NAMES}.Cy{name}" for name in _NATIVE},
        **{f"sklearn._loss._loss:{name}": f"{_NAMES}.{name}" for name in _PARAMETER},
        **{f"sklearn._loss._loss:{_UNPICKLE}Cy{name}": f"{_NAMES}.Cy{name}" for name in _NATIVE},
        **{f"sklearn._loss._loss:{_UNPICKLE}{name}": f"{_NAMES}.{name}" for name in _PARAMETER},
        **{f"sklearn.linear_model._sgd_fast:{name}": f"{_NAMES}.{name}" for name in _SGD},
    }

    def resolve(self, name: str) -> Any:
        """Give the installed class; a module of the name in `aliases` would be somebody else's."""
        return resolve_class((self.classes[name],), name)

    def group(self, instance: Any) -> Hashable:
        """Let all losses of one kind share a table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the argument of the constructor, or what the functions of Cython had in its place."""
        arguments = _arguments_of(made)
        wanted = 0 if _native_parameter(name) is None else 1
        if len(arguments) != wanted:
            raise not_adopted(made, f"it has {len(arguments)} parameters, expected {wanted}")
        return {"parameter": arguments[0]} if wanted else {}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the one argument of the constructor, which some kinds show in their reduction only."""
        if _native_parameter(name) is None:
            return {}
        return {"parameter": [loss.__reduce__()[1][0] for loss in instances]}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the parameter is a number in its range."""
        parameter = _native_parameter(name)
        if set(view.node.fields) != ({"parameter"} if parameter else set()):
            raise view.refuse(f"{name} has the fields {sorted(view.node.fields)}")
        if parameter:
            _check_number(view, "parameter", *_RANGES[parameter])

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the losses with the installed library's constructor."""
        kind = self.resolve(name)
        return [kind(value) for value in fields["parameter"]] if fields else [kind() for _ in range(rows)]


def _native_parameter(name: str) -> str | None:
    kind = name.rpartition(".")[2]
    return _PARAMETER.get(kind) or _SGD.get(kind)


def _arguments_of(made: LegacyObject) -> tuple[Any, ...]:
    """Give the arguments of a native loss; before scikit-learn 1.6 a function of Cython had them as its state."""
    if not made.location.rpartition(":")[2].startswith(_UNPICKLE):
        return made.arguments
    state = made.arguments[2] if len(made.arguments) == 3 and made.arguments[2] is not None else made.state
    return tuple(state) if type(state) in (tuple, list) else ()


class LossCodec(Codec):
    """Python losses, with their native loss, link and intervals."""

    row_bytes = 2 << 10
    classes: ClassVar = {f"{_NAMES}.{name}": f"sklearn._loss.loss:{name}" for name in _PYTHON}

    def group(self, instance: Any) -> Hashable:
        """Let all losses of one kind share a table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parameters; the rest of the state is what the constructor makes of them."""
        state = plain_state(made)
        native = state.get("closs")
        given = _arguments_of(native) if type(native) is LegacyObject else ()
        fields = {parameter: state[parameter] if parameter in state else given[0] for parameter in _parameters(name)}
        return fields | {"constant_hessian": bool(state.get("constant_hessian", False))}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the parameters, after comparing all that the constructor makes of them with the original."""
        fields: dict[str, list[Any]] = {
            parameter: [_PARAMETER_OF[parameter](loss) for loss in instances] for parameter in _parameters(name)
        }
        fields["constant_hessian"] = [loss.constant_hessian for loss in instances]
        for loss, twin in zip(instances, self.restore(name, fields, len(instances)), strict=True):
            for attribute in vars(loss).keys() | vars(twin).keys():
                if _form(vars(loss).get(attribute)) != _form(vars(twin).get(attribute)):
                    raise self.refuse(
                        loss,
                        f"its attribute {attribute} is not what its constructor makes",
                        "Use the library's own loss, or fit the model again.",
                    )
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check that each parameter has its type and range."""
        expected = {*_parameters(name), "constant_hessian"}
        if set(view.node.fields) != expected:
            raise view.refuse(f"{name} has the fields {sorted(view.node.fields)}, expected {sorted(expected)}")
        if not all(type(value) is bool for value in view.values("constant_hessian")):
            raise view.refuse("constant_hessian must be true or false", field="constant_hessian")
        for parameter in _parameters(name):
            if parameter != "n_classes":
                # The library's own check of a quantile leaves the ends out; those of native losses do not.
                ends = _OPEN_QUANTILE if parameter == "quantile" else _RANGES[parameter]
                _check_number(view, parameter, *ends)
            elif not all(
                type(number) is int and 2 <= number < _MAX_CLASSES
                for number in map(plain_number, view.values(parameter))
            ):
                raise view.refuse("n_classes must be an integer of 2 or more", field=parameter)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the losses with the installed library's constructor."""
        kind = self.resolve(name)
        parameters = _parameters(name)
        made = []
        for row in range(rows):
            loss = kind(None, *(fields[parameter][row] for parameter in parameters))
            # The constructor asks for sample weights only to know whether there are any.
            loss.constant_hessian = fields["constant_hessian"][row]
            made.append(loss)
        return made


_PARAMETER_OF: dict[str, Callable[[Any], Any]] = {
    "delta": lambda loss: loss.closs.delta,
    "n_classes": lambda loss: loss.n_classes,
    "power": lambda loss: loss.closs.power,
    "quantile": lambda loss: loss.quantile if "quantile" in vars(loss) else loss.closs.quantile,
}


def _parameters(name: str) -> tuple[str, ...]:
    return _PYTHON[name.rpartition(".")[2]]


def _form(value: Any) -> Any:
    """Give what two equal parts of a loss have in common; native losses and links have no equality of their own."""
    kind = type(value)
    if hasattr(kind, "gradient_hessian"):
        return kind, value.__reduce__()[1] if value.__reduce__()[0] is kind else ()
    return (kind, repr(vars(value))) if hasattr(value, "__dict__") else (kind, value)


def _check_number(view: FieldView, field: str, low: float, high: float) -> None:
    for row, value in enumerate(map(plain_number, view.values(field))):
        if type(value) not in (int, float) or not low <= value <= high or math.isinf(value):
            raise view.refuse(f"{field} must be a number from {low} to {high}, got {value!r}", row=row, field=field)


class LinkCodec(Codec):
    """Link functions and the intervals they map between, where they stand alone."""

    classes: ClassVar = {
        f"{_NAMES}.{name}": f"sklearn._loss.link:{name}"
        for name in ("HalfLogitLink", "IdentityLink", "Interval", "LogLink", "LogitLink", "MultinomialLogit")
    }
