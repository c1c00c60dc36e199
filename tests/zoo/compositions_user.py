"""Models and values that hold a user's own classes and functions: each case names what must be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.zoo import data
from tests.zoo import user_module as user
from tests.zoo.case import Case, fitted

__all__ = ["compositions_user"]

_MODULE = "tests.zoo.user_module"


def compositions_user() -> list[Case]:
    """Give the cases with foreign classes, tagged ``user``; `Case.trusted` is exactly what each needs.

    Examples
    --------
    >>> all(case.trusted for case in compositions_user())
    True
    """
    return [*_models(), *_values()]


def _trusted(*names: str) -> dict[str, Any]:
    return {
        "trusted": tuple(f"{_MODULE}{'' if ':' in name else '.'}{name}" for name in names),
        "tags": frozenset({"user"}),
    }


def _models() -> Iterator[Case]:
    scaler, classifier = user.UserScaler(2.0), user.UserClassifier()
    yield fitted("user-scaler", scaler, data.CLUSTERS, **_trusted("UserScaler"))
    yield fitted("user-classifier", classifier, data.STRING_LABELS, **_trusted("UserClassifier", "WithSlots"))
    pipeline = make_pipeline(scaler, LogisticRegression())
    yield fitted("user-pipeline", pipeline, data.BINARY, **_trusted("UserScaler"))
    both = make_pipeline(make_union(scaler, StandardScaler()), classifier)
    yield fitted("user-union", both, data.BINARY, **_trusted("UserScaler", "UserClassifier", "WithSlots"))
    bag = BaggingClassifier(classifier, n_estimators=2, random_state=0)
    yield fitted("user-bagging", bag, data.BINARY, **_trusted("UserClassifier", "WithSlots"))
    vote = VotingClassifier([("user", classifier), ("line", LogisticRegression())])
    yield fitted("user-voting", vote, data.BINARY, **_trusted("UserClassifier", "WithSlots"))
    columns = ColumnTransformer([("scale", scaler, ["age", "visits"])])
    yield fitted("user-columns", columns, data.FRAME, **_trusted("UserScaler"))
    function = FunctionTransformer(user.double)
    yield fitted("user-function", function, data.CLUSTERS, **_trusted("double"))
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, scoring=make_scorer(user.negative_error), cv=2)
    yield fitted("user-scorer", search, data.REGRESSION, **_trusted("negative_error"))
    direct = GridSearchCV(make_pipeline(scaler, Ridge()), {"userscaler__factor": [1.0, 2.0]}, cv=2)
    yield fitted("user-search", direct, data.REGRESSION, **_trusted("UserScaler"))
    configured = user.UserClassifier(settings=user.Settings(names=["a"], limit=0.25))
    yield fitted("user-settings", configured, data.BINARY, **_trusted("UserClassifier", "WithSlots", "Settings"))


def _values() -> Iterator[Case]:
    numbers = np.arange(4.0)
    builders: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
        "slots": (lambda: user.WithSlots([1, numbers], name="a"), ("WithSlots",)),
        "slots-and-dict": (lambda: user.WithSlotsAndDict(numbers, name="a", note={"b": 1}), ("WithSlotsAndDict",)),
        "custom-state": (lambda: user.WithCustomState([1, 2, 3]), ("WithCustomState",)),
        "reduce": (lambda: user.WithReduce("a", numbers), ("WithReduce",)),
        "reduce-shared": (_two_references_to_a_reduced_object, ("WithReduce",)),
        "enum": (lambda: [user.Colour.RED, user.Colour.GREEN], ("Colour",)),
        "int-enum": (lambda: {"level": user.Level.HIGH, "plain": 2}, ("Level",)),
        "old-named-tuple": (lambda: user.Pair([1], numbers), ("Pair",)),
        "named-tuple": (lambda: (user.Point(1.0), user.Point(2.0, 3.0)), ("Point",)),
        "dataclass": (lambda: user.Settings(names=["x", "y"]), ("Settings",)),
        "frozen-dataclass": (lambda: user.Frozen(name="a", values=(1, 2)), ("Frozen",)),
        "dict-subclass": (_user_dict, ("UserDict",)),
        "list-subclass": (_user_list, ("UserList",)),
        "array-subclass": (lambda: user.UserArray([[1.0, 2.0]], unit="m"), ("UserArray",)),
        "properties": (lambda: user.WithProperties(2.5), ("WithProperties",)),
        "nested-class": (lambda: user.Outer([1]), ("Outer", ":Outer.Inner")),
        "class-as-value": (lambda: {"kind": user.UserScaler}, ("UserScaler",)),
        "nested-class-as-value": (lambda: [user.Outer.Inner], (":Outer.Inner",)),
        "function-as-value": (lambda: {"function": user.double}, ("double",)),
        "cycle": (_cycle, ("WithProperties",)),
    }
    for name, (build, names) in builders.items():
        yield Case(name=f"user-{name}", build=build, **_trusted(*names))


def _two_references_to_a_reduced_object() -> Any:
    reduced = user.WithReduce("shared", [1, 2])
    return {"first": reduced, "second": reduced}


def _user_dict() -> user.UserDict:
    mapping = user.UserDict(b=1, a=[2])
    mapping.note = "on the instance"
    return mapping


def _user_list() -> user.UserList:
    values = user.UserList([3, 1, 2])
    values.order = "as given"  # type: ignore[attr-defined]  # that a list subclass takes attributes is the point
    return values


def _cycle() -> Any:
    parent, child = user.WithProperties(1.0), user.WithProperties(2.0)
    parent.child = child  # type: ignore[attr-defined]  # foreign attributes are what instances carry
    child.parent = parent  # type: ignore[attr-defined]  # the cycle
    return parent
