"""Classes that are not ours: what they say about themselves is honoured, once their exact name is trusted."""

from __future__ import annotations

import collections
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import BaggingRegressor

import hermetic
from hermetic.errors import UntrustedType, UsageError
from tests.codecs import user_classes as user
from tests.codecs.hostile import dumps_elsewhere
from tests.zoo.compare_state import assert_same_state

MODULE = "tests.codecs.user_classes"


def _with(instance: Any, **attributes: Any) -> Any:
    for name, value in attributes.items():
        setattr(instance, name, value)
    return instance


def _cached() -> Any:
    cached = user.Cached(3)
    assert cached.square == 9
    return cached


KEPT: dict[str, tuple[Callable[[], Any], str]] = {
    "plain": (lambda: user.Plain(b=1, a=[2, np.arange(3)]), "Plain"),
    "empty": (lambda: user.Plain(), "Plain"),
    "two of one class with other attributes": (lambda: [user.Plain(a=1), user.Plain(b=2)], "Plain"),
    "many of one class": (lambda: [user.Plain(number=number) for number in range(40)], "Plain"),
    "one class in another": (lambda: user.Holder(inner=user.Plain(a=1)), "Holder Plain"),
    "hidden default": (lambda: [user.Defaulted(5), user.Defaulted()], "Defaulted"),
    "slots": (lambda: user.Slotted([1]), "Slotted"),
    "slots and dict": (lambda: _with(user.SlottedWithDict(1), note="x"), "SlottedWithDict"),
    "slots that refuse to be set": (lambda: user.FrozenSlots(7), "FrozenSlots"),
    "cached property": (_cached, "Cached"),
    "own state that is no dictionary": (lambda: user.Hidden([1, 2, 3]), "Hidden"),
    "keyword arguments": (lambda: user.Keywords(name="n"), "Keywords"),
    "subclass of int": (lambda: [user.Bounded(3), user.Bounded(4, limit=99)], "Bounded"),
    "subclass of str": (lambda: _with(user.Text("æ"), note=1), "Text"),
    "subclass of float": (lambda: [user.Measured(0.5), user.Measured(math.inf)], "Measured"),
    "class called again": (lambda: user.Calling("a", [1]), "Calling"),
    "enum": (lambda: [user.Colour.RED, user.Colour.GREEN, user.Colour.CRIMSON], "Colour"),
    "enum as key": (lambda: {user.Count.TWO: 1, user.Mode.FAST: 2}, "Count Mode"),
    "combination of flags": (lambda: [user.Permissions.READ, user.Permissions(3), user.Permissions(0)], "Permissions"),
    "dataclass": (lambda: user.Record("n", [1]), "Record"),
    "frozen dataclass with slots": (lambda: {user.FrozenWithSlots("n", (1,)): 1}, "FrozenWithSlots"),
    "named tuple": (lambda: [user.Named(1), user.Named([2], "x")], "Named"),
    "generic": (lambda: user.Generic(1), "Generic"),
    "subclass of set": (lambda: _with(user.Members(f"word {n}" for n in range(20)), note=1), "Members"),
    "subclass of frozenset": (lambda: user.Answers("abc"), "Answers"),
    "subclass of OrderedDict": (lambda: _with(user.OrderedUser(b=1, a=2), note=1), "OrderedUser"),
    "subclass of defaultdict": (lambda: user.UserDefaults(list, a=[1]), "UserDefaults"),
    "subclass of deque": (lambda: _with(user.UserQueue([1, 2], 3), note=1), "UserQueue"),
    "subclass of ndarray": (lambda: _with(np.arange(6.0).reshape(2, 3).view(user.Wrapped), unit="m"), "Wrapped"),
    "subclass of ndarray, Fortran": (lambda: np.asfortranarray(np.eye(3)).view(user.Wrapped), "Wrapped"),
    "subclass of ndarray, objects": (lambda: np.array([1, "a", None], dtype=object).view(user.Wrapped), "Wrapped"),
    "estimator": (lambda: user.UserEstimator(2.0).fit([[1.0], [3.0]]), "UserEstimator"),
    "class with a metaclass": (lambda: [user.Thing(1), user.Thing], "Thing"),
    "nested class": (lambda: user.Outer.Inner.Innermost(1), ":Outer.Inner.Innermost"),
    "decorated function": (lambda: [user.decorated], "decorated"),
}


def _names(words: str) -> list[str]:
    return [f"{MODULE}{'' if word.startswith(':') else '.'}{word}" for word in words.split()]


def _back(value: Any, trusted: list[str]) -> Any:
    saved = hermetic.dumps(value)
    restored = hermetic.loads(saved, trusted=trusted)
    assert hermetic.dumps(restored) == saved
    return restored


@pytest.mark.parametrize("name", KEPT)
def test_an_object_comes_back_as_it_was(name: str):
    build, words = KEPT[name]
    value = build()

    restored = _back(value, _names(words))

    assert_same_state(value, restored)


@pytest.mark.parametrize("name", KEPT)
def test_no_name_can_be_left_out_of_what_is_trusted(name: str):
    build, words = KEPT[name]
    saved, names = hermetic.dumps(build()), _names(words)

    for left_out in names:
        with pytest.raises(UntrustedType) as caught:
            hermetic.loads(saved, trusted=[other for other in names if other != left_out])
        assert left_out in [found for found, _, _ in caught.value.names]


def test_one_error_lists_every_unknown_name_its_role_and_where_it_sits():
    value = {"a": user.Plain(inner=user.Holder()), "b": [user.decorated], "c": user.ByFunction("x")}

    with pytest.raises(UntrustedType) as caught:
        hermetic.loads(hermetic.dumps(value))

    found = {name.removeprefix(f"{MODULE}."): (role, path) for name, role, path in caught.value.names}
    assert {name: role for name, (role, _) in found.items()} == {
        "Plain": "constructed",
        "Holder": "constructed",
        "decorated": "referenced",
        "ByFunction": "constructed",
        "make_by_function": "called",
    }
    assert all(path.startswith("$") for _, path in found.values())
    assert f'"call:{MODULE}.make_by_function"' in str(caught.value)


def test_classes_may_be_given_themselves():
    assert _back(user.Plain(a=1), [user.Plain]).a == 1
    assert _back(user.Outer.Inner.Innermost(1), [user.Outer.Inner.Innermost]).value == 1


@pytest.mark.parametrize("trusted", ["a.b", True, ["a.*"], ["a.b:"], ["call:"], [""], ["a b"]])
def test_trust_is_a_collection_of_exact_names(trusted: Any):
    with pytest.raises(UsageError):
        hermetic.loads(hermetic.dumps(user.Plain()), trusted=trusted)


def test_a_function_that_makes_the_object_needs_trust_in_the_role_called():
    saved = hermetic.dumps(_with(user.ByFunction("x"), extra=[1]))
    class_name, function = f"{MODULE}.ByFunction", f"{MODULE}.make_by_function"

    with pytest.raises(UntrustedType) as caught:
        hermetic.loads(saved, trusted=[class_name, function])
    assert [role for _, role, _ in caught.value.names] == ["called"]

    restored = hermetic.loads(saved, trusted=[class_name, f"call:{function}"])
    assert (restored.name, restored.extra) == ("x", [1])
    assert hermetic.dumps(restored) == saved


def test_trust_to_call_is_no_trust_to_refer():
    with pytest.raises(UntrustedType):
        hermetic.loads(hermetic.dumps([user.decorated]), trusted=[f"call:{MODULE}.decorated"])


def test_copyreg_is_asked_before_the_object():
    trusted = [f"{MODULE}.ByRegistry", f"call:{MODULE}.make_registered"]

    assert _back(user.ByRegistry([1, 2]), trusted).value == [1, 2]


def test_a_parent_and_its_children_know_each_other_again():
    parent = user.Tree("parent")
    user.Tree("grandchild", user.Tree("first", parent))
    user.Tree("second", parent)

    restored = _back(parent, [f"{MODULE}.Tree"])

    assert [child.name for child in restored.children] == ["first", "second"]
    assert all(child.parent is restored for child in restored.children)
    assert restored.children[0].children[0].parent is restored.children[0]


def test_an_object_may_hold_itself():
    plain = user.Plain(a=1)
    plain.me, plain.box = plain, {"list": [plain]}

    restored = _back(plain, [f"{MODULE}.Plain"])

    assert restored.me is restored
    assert restored.box["list"][0] is restored


def test_a_cycle_through_setstate_closes():
    left, right = user.Graph("left"), user.Graph("right")
    left.neighbours.append(right)
    right.neighbours.append(left)

    restored = _back(left, [f"{MODULE}.Graph"])

    assert restored.neighbours[0].neighbours[0] is restored
    assert restored.neighbours[0].name == "right"


def test_a_cycle_elsewhere_does_not_keep_keys_from_being_complete():
    ring = user.Tree("ring")
    user.Tree("child", ring)
    key = user.FrozenWithSlots("key", (1,))

    restored = _back([ring, {key: 1}], [f"{MODULE}.Tree", f"{MODULE}.FrozenWithSlots"])

    assert restored[1] == {key: 1}


def test_containers_of_the_standard_library_inside_a_cycle_are_filled():
    plain = user.Plain()
    plain.ordered = collections.OrderedDict(me=plain)
    plain.queue = collections.deque([plain])

    restored = _back(plain, [f"{MODULE}.Plain"])

    assert restored.ordered["me"] is restored
    assert restored.queue[0] is restored


def test_one_object_in_two_places_stays_one():
    shared = user.Calling("shared", [1])

    first, second = _back([shared, shared], [f"{MODULE}.Calling"])

    assert first is second


def test_a_user_estimator_inside_an_ensemble_comes_back():
    model = BaggingRegressor(user.UserEstimator(child=user.Record("n", [])), n_estimators=2)

    restored = _back(model, [f"{MODULE}.UserEstimator", f"{MODULE}.Record"])

    assert restored.estimator.child == user.Record("n", [])


def test_bytes_do_not_depend_on_the_hash_seed():
    code = (
        "from tests.codecs import user_classes as user\n"
        "value = [user.Members(f'word {n}' for n in range(50)), user.Answers('hello'), user.Plain(a={'x', 'y', 'z'})]"
    )
    here: dict[str, Any] = {}
    exec(code, here)

    assert dumps_elsewhere(code) == hermetic.dumps(here["value"])


def test_no_state_is_no_state():
    restored = _back(user.NoState(), [f"{MODULE}.NoState"])

    assert not hasattr(restored, "temporary")
