"""The tables of known functions hold what they claim; any other function is kept by name, or refused with a remedy."""

from __future__ import annotations

import functools
import inspect
import math
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

import hermetic
from hermetic.capture import capture
from hermetic.codecs.functions import (
    KNOWN_FUNCTIONS,
    KNOWN_VALUE_TYPES,
    find_foreign,
    is_named,
    main_edit,
    name_of_function,
    resolve_function,
)
from hermetic.errors import CannotSave, InvalidState, UnsupportedVersion, UntrustedType
from hermetic.graph import Name
from tests.codecs import user_classes as user
from tests.codecs.hostile import bring_back, through_the_gates

HERE = __name__
# The release that has what the installed one has no more, or not yet; a name that stands in no release has no place.
FROM_OTHER_RELEASES: dict[str, str] = {
    "sklearn.metrics._scorer._passthrough_scorer": "1.2",
    "sklearn.model_selection._search_successive_halving._refit_callable": "0.24",
}
# numpy and scipy have these under two names; a file holds the second.
TWO_NAMES = {
    "numpy.abs": "numpy.absolute",
    "numpy.mod": "numpy.remainder",
    "numpy.round_": "numpy.round",
    "numpy.true_divide": "numpy.divide",
    "scipy.special.digamma": "scipy.special.psi",
}


def _installed(names: frozenset[str]) -> list[str]:
    return sorted(names - FROM_OTHER_RELEASES.keys())


def test_every_known_function_is_installed_and_callable_or_its_release_is_written_down():
    missing = []
    for name in _installed(KNOWN_FUNCTIONS):
        try:
            assert callable(resolve_function(name)), name
        except UnsupportedVersion:
            missing.append(name)

    assert missing == []


def test_what_is_said_to_be_of_another_release_is_not_installed():
    for name in FROM_OTHER_RELEASES:
        with pytest.raises(UnsupportedVersion):
            resolve_function(name)


def test_every_known_value_type_is_a_class():
    others = [name for name in _installed(KNOWN_VALUE_TYPES) if not isinstance(resolve_function(name), type)]

    assert others == []


def test_a_name_is_either_a_function_or_a_value_type_but_for_the_few_that_convert():
    assert {"builtins.float", "builtins.int", "builtins.str"} == KNOWN_FUNCTIONS & KNOWN_VALUE_TYPES


def test_every_known_function_is_saved_under_one_name():
    for name in _installed(KNOWN_FUNCTIONS):
        assert name_of_function(resolve_function(name)) == TWO_NAMES.get(name, name)


def test_every_known_function_and_type_comes_back_as_itself_without_trust():
    things = [resolve_function(name) for name in _installed(KNOWN_FUNCTIONS | KNOWN_VALUE_TYPES)]

    restored = bring_back(things)

    assert all(before is after for before, after in zip(things, restored, strict=True))


DANGEROUS = [
    "__import__",
    "compile",
    "eval",
    "exec",
    "getattr",
    "setattr",
    "delattr",
    "open",
    "input",
    "vars",
    "globals",
]
CALLS_WHAT_IT_IS_GIVEN = [
    "map",
    "filter",
    "reduce",
    "apply_along_axis",
    "apply_over_axes",
    "fromfunction",
    "frompyfunc",
    "vectorize",
]
READS_FILES = [
    "load",
    "loads",
    "loadtxt",
    "genfromtxt",
    "fromfile",
    "memmap",
    "save",
    "savez",
    "tofile",
    "fetch_openml",
]
CALLS_METHODS = ["format", "format_map", "attrgetter", "methodcaller", "make_scorer", "getitem", "partial"]


@pytest.mark.parametrize("last", [*DANGEROUS, *CALLS_WHAT_IT_IS_GIVEN, *READS_FILES, *CALLS_METHODS])
def test_no_function_that_does_more_than_compute_is_known(last: str):
    assert not [name for name in KNOWN_FUNCTIONS | KNOWN_VALUE_TYPES if name.rpartition(".")[2] == last]


def test_a_known_name_that_the_installed_libraries_lack_asks_for_another_version():
    with pytest.raises(UnsupportedVersion, match=r"numpy\.no_such_function") as caught:
        resolve_function("numpy.no_such_function")

    assert "Install" in caught.value.next_step


# Their other arguments are plain data: tests/codecs/test_arguments.py.
MAY_BE_GIVEN_A_FUNCTION = {
    "builtins.max": "key",
    "builtins.min": "key",
    "builtins.sorted": "key",
    "sklearn.metrics.silhouette_score": "metric",
}
FUNCTION_PARAMETERS = {"callback", "converter", "func", "func1d", "function", "key", "kernel", "metric", "score_func"}
DOES_MORE = re.compile(r"\b(?:open|exec|eval|compile|__import__|Popen|system|urlopen|pickle|memmap|getattr)\(")


def _source(function: Any) -> str:
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        return ""


def test_no_known_function_has_a_parameter_for_a_function_but_for_the_few_that_are_guarded():
    for name in _installed(KNOWN_FUNCTIONS):
        try:
            parameters = inspect.signature(resolve_function(name)).parameters
        except ValueError:
            continue
        assert not FUNCTION_PARAMETERS & parameters.keys() - {MAY_BE_GIVEN_A_FUNCTION.get(name)}, name


def test_no_known_function_opens_files_runs_text_or_finds_attributes_by_name():
    looked_at = [name for name in _installed(KNOWN_FUNCTIONS) if _source(resolve_function(name))]
    assert len(looked_at) > 100
    found = {name: DOES_MORE.findall(_source(resolve_function(name))) for name in looked_at}
    # scipy looks the name of a distance up in a table of its own; numpy asks whether an array has a method.
    assert {name for name, words in found.items() if set(words) - {"getattr("}} == set()


def test_every_function_of_numpy_with_several_loops_is_a_ufunc_that_is_known():
    ufuncs = {name for name, thing in vars(np).items() if isinstance(thing, np.ufunc)}
    newer = {"bitwise_count", "isnan", "matvec", "vecdot", "vecmat", "pow", "acos", "acosh", "asin", "asinh", "atan"}
    newer |= {"atan2", "atanh", "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift", "bitwise_not", "conj"}
    assert {name for name in ufuncs if f"numpy.{name}" not in KNOWN_FUNCTIONS} <= newer


def helper(X: Any) -> Any:
    """Stand at the top level of a module."""
    return X


@functools.wraps(helper)
def impostor(X: Any) -> Any:
    """Claim to be another function."""
    return 2 * X


def _undecorated(function: Callable[..., Any]) -> Callable[..., Any]:
    def inner(*arguments: Any) -> Any:
        return function(*arguments)

    return inner


@_undecorated
def badly_decorated(X: Any) -> Any:
    """Bear the name of what the decorator made."""
    return X


class Holder:
    """Has one function of each kind."""

    def plain(self) -> None:
        """Be an ordinary method."""

    @staticmethod
    def static() -> None:
        """Be a function that hangs on a class."""

    @classmethod
    def of_class(cls) -> None:
        """Be a method of the class."""

    def __call__(self) -> None:
        """Make the instances callable."""

    class Inner:
        """A class in a class."""

        def deep(self) -> None:
            """Be a method two classes deep."""


def _closure() -> Callable[[Any], Any]:
    offset = 1

    def shifted(X: Any) -> Any:
        return X + offset

    return shifted


def _in_main() -> Any:
    function = types.FunctionType(helper.__code__, {"__name__": "__main__"}, "clean")
    function.__qualname__ = "clean"
    return function


def _claiming(module: str | None, name: str) -> Any:
    function = types.FunctionType(helper.__code__, {}, name)
    function.__module__, function.__qualname__ = module, name
    return function


REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "lambda": (lambda: lambda X: X, "a lambda has no name", r"named function \(def\)"),
    "lambda in a class": (lambda: type("A", (), {"f": lambda self: 1}).f, "lambda", "named function"),
    "closure": (_closure, r"_closure\.<locals>\.shifted is defined inside another function", "top level of a module"),
    "decorator without wraps": (lambda: badly_decorated, "inside another function", "top level of a module"),
    "decorator with wraps over another": (lambda: impostor, f"{HERE}.helper does not give this", "top level"),
    "function of the running script": (_in_main, "clean is defined in __main__", "from my_models import clean"),
    "function without a module": (lambda: _claiming(None, "clean"), "does not give this function", "top level"),
    "function of a module that is not there": (lambda: _claiming("no_such", "clean"), "no_such.clean", "top level"),
    "function that claims to be numpy's": (lambda: _claiming("numpy", "log1p"), "numpy.log1p does not give", "top"),
    "function that claims a module's depth": (lambda: _claiming("os", "path.join"), "os:path.join does not", "top"),
    "bound method of a builtin": (lambda: {}.get, "dict.get is a method of a dict", "the object and the method's name"),
    "bound method of an array": (lambda: np.zeros(1).sum, "method of a ndarray", "the object and the method's name"),
    "class method of a builtin": (lambda: dict.fromkeys, "does not give this builtin_function", "top level"),
    "static method": (lambda: Holder.static, "does not give this function", "top level"),
    "ufunc of one's own": (lambda: np.frompyfunc(helper, 1, 1), "is not one of numpy's", "top level"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_function_without_a_name_of_its_own_is_refused_with_a_remedy(name: str):
    build, words, remedy = REFUSED[name]

    with pytest.raises(CannotSave, match=words) as caught:
        hermetic.dumps(types.SimpleNamespace(function=build()))

    assert caught.value.where == "$.function"
    assert re.search(remedy, caught.value.next_step)


METHODS: dict[str, Callable[[], Any]] = {
    "method of an instance": lambda: Holder().plain,
    "method of a class": lambda: Holder.of_class,
    "special method of an instance": lambda: Holder().__call__,
    "special method of a builtin": lambda: [].__len__,
    "special method of a class": lambda: int.__add__,
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_not_taken_for_a_function(name: str):
    method = METHODS[name]()

    assert not is_named(method)
    with pytest.raises(CannotSave):
        hermetic.dumps([method])


FOREIGN: dict[str, tuple[Any, str]] = {
    "function": (helper, f"{HERE}.helper"),
    "decorated function that wraps": (user.decorated, "tests.codecs.user_classes.decorated"),
    "function on a class": (Holder.plain, f"{HERE}:Holder.plain"),
    "function in a class in a class": (Holder.Inner.deep, f"{HERE}:Holder.Inner.deep"),
    "class": (Holder, f"{HERE}.Holder"),
    "class in a class": (Holder.Inner, f"{HERE}:Holder.Inner"),
    "function of the standard library": (math.perm, "math.perm"),
    "function of numpy that does more": (np.apply_along_axis, "numpy.apply_along_axis"),
    "builtin that does more": (eval, "builtins.eval"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_function_needs_trust_in_its_exact_name(name: str):
    function, path = FOREIGN[name]
    saved = hermetic.dumps([function])

    with pytest.raises(UntrustedType) as caught:
        hermetic.loads(saved)

    assert path in str(caught.value)
    assert hermetic.loads(saved, trusted=[path])[0] is function


@pytest.mark.parametrize("wrong", ["", "x", ".", "_", "2"])
def test_trust_in_a_name_that_only_begins_alike_is_none(wrong: str):
    saved = hermetic.dumps([helper])

    with pytest.raises(hermetic.errors.HermeticError):
        hermetic.loads(saved, trusted=[f"{HERE}.help{wrong}"])


def test_a_function_of_ours_that_has_a_known_name_is_still_foreign():
    ours = _claiming(HERE, "accuracy_score")

    with pytest.raises(CannotSave, match="does not give this function"):
        name_of_function(ours)
    assert globals()["accuracy_score"] is accuracy_score
    assert name_of_function(accuracy_score) == "sklearn.metrics.accuracy_score"


def test_the_edit_for_a_nested_name_imports_its_outer_part():
    assert "from my_models import Outer`" in main_edit("Outer.Inner.method")
    assert main_edit("Outer.Inner.method").startswith("Move Outer.Inner.method to a file")


NAMED = [int, Holder, helper, len, str.lower, np.log1p, np.mean, np.ndarray.sum, "".join, np.frompyfunc(helper, 1, 1)]
NAMELESS = ["int", None, 5, functools.partial(int), Holder(), [].__len__, int.__add__, property(), np.vectorize(helper)]


def test_what_is_held_by_name_is_told_from_what_is_held_as_an_object():
    assert [thing for thing in NAMED if not is_named(thing)] == []
    assert [thing for thing in NAMELESS if is_named(thing)] == []


NOT_FOUND = ["os:path.join", "os:path", "nothing", "no_such_module.a", "math.nothing", "math:sqrt.__call__"]
NOT_FOUND += [f"{HERE}:Holder.nothing", f"{HERE}:Holder.plain.__globals__", f"{HERE}.Holder.plain", ".", ":", "", "a:"]


@pytest.mark.parametrize("name", NOT_FOUND)
def test_a_trusted_name_is_sought_through_classes_only(name: str):
    with pytest.raises((ImportError, AttributeError, KeyError, ValueError)):
        find_foreign(name)


@pytest.mark.parametrize("name", ["math.nothing", "no_such_module.a", "os:path.join", f"{HERE}:Holder.plain.x"])
def test_a_trusted_name_that_is_not_there_says_what_to_install(name: str):
    graph = capture([helper])
    graph.names[0] = Name(name, "referenced")

    with pytest.raises(UntrustedType):
        through_the_gates(graph)
    with pytest.raises(InvalidState, match="cannot be imported here") as caught:
        hermetic.loads(_renamed(name), trusted=[name])
    assert "Install the package" in caught.value.next_step


def _renamed(name: str) -> bytes:
    """Dump a function under a name of the same file that will not be there on load."""
    module, _, qualified = name.partition(":") if ":" in name else name.rpartition(".")
    stand_in = types.FunctionType(helper.__code__, {}, "stand_in")
    stand_in.__module__, stand_in.__qualname__ = module, qualified
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hermetic.codecs.functions.find_foreign", lambda found: stand_in)
        return hermetic.dumps([stand_in])
