"""Objects that are made by a class or a call, as skops keeps them: what each kind of node stands for.

===============================  ===================================================================================
``ObjectNode``                   a new object with its state. Objects for which pickle calls a function that skops
                                 leaves out (trees of neighbours, metrics, bit generators) are that call,
                                 and those of which there is one are that one, or its name;
                                 values of the standard library whose content skops has
                                 not kept are refused
``ConstructorFromReduceNode``    a call; ``frozenset`` a plain one
``TreeNode``, ``LossNode``,      a call of the class with its arguments, and its state
``SGDNode``,
``QuantileForestNode``
``PartialNode``                  a call of ``functools:partial`` with the function, and its four-fold state
``MethodNode``                   a call of ``builtins:getattr``; a method of a class is a name
``OperatorFuncNode``             a call of ``attrgetter``, ``itemgetter`` or ``methodcaller``
===============================  ===================================================================================

Where that is not what a pickle has: of a ``ZoneInfo`` skops keeps the key, and it is a call of the class, where pickle
calls ``ZoneInfo._unpickle``; scikit-learn pickles ``CyHalfMultinomialLoss`` by a function of Cython with a checksum,
which skops drops, and it is a call of the class like all other losses; keywords of a ``methodcaller`` are lost, as
skops loses them.

Source: skops/io/_general.py, _sklearn.py, _quantile_forest.py.
"""

from __future__ import annotations

from typing import Any

from hermetic.formats.skops_nodes import (
    STATE,
    Kind,
    Node,
    NodeReader,
    Steps,
    branch,
    field_of,
    location_of,
    parts_of,
    require_class,
)
from hermetic.formats.skops_values import as_set
from hermetic.legacy_objects import MISSING, LegacyName, LegacyObject

__all__ = ["OBJECT_KINDS"]

# KDTree.__reduce__ and DistanceMetric.__reduce__ call this, in the module of the class, with the class.
_MADE_BY_A_FUNCTION = frozenset(
    {
        "sklearn.metrics._dist_metrics",
        "sklearn.neighbors._ball_tree",
        "sklearn.neighbors._dist_metrics",
        "sklearn.neighbors._kd_tree",
    }
)
# What old releases of skops, and the newest for some types, lose: to make one anew would be an empty one, or a crash.
_EMPTY_WITHOUT_STATE = frozenset({"builtins", "collections", "datetime", "decimal", "fractions", "operator"})
# Of each of these types there is one object.
_CONSTANTS = {"builtins:NotImplementedType": NotImplemented, "builtins:ellipsis": Ellipsis}
_SINGLETONS = {"pandas._libs.missing:NAType": "pandas._libs.missing:NA"}
_BIT_GENERATOR_MODULES = frozenset({"_mt19937", "_pcg64", "_philox", "_sfc64"})


def _read_object(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    if location in _CONSTANTS:
        return _CONSTANTS[location]
    if location in _SINGLETONS:
        return reader.name(_SINGLETONS[location])
    module = location.partition(":")[0]
    package, _, last = module.rpartition(".")
    if module in _MADE_BY_A_FUNCTION:
        product = reader.call(f"{module}:newObj", reader.name(location))
    elif package == "numpy.random" and last in _BIT_GENERATOR_MODULES:
        product = reader.call("numpy.random._pickle:__bit_generator_ctor", reader.name(location))
    elif location == "types:SimpleNamespace" or module == "sklearn._loss._loss":
        product = reader.call(location)
    else:
        product = reader.new(location)
    reader.know(product)
    if node.get("content") is not None:
        state = yield STATE, node["content"]
        if state is not None:
            product.state = state
    if product.state is MISSING and module in _EMPTY_WITHOUT_STATE and location != "builtins:object":
        raise reader.refuse(f"the file does not hold what this {location} was: skops has kept its class only")
    return product


def _read_constructed(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    arguments = yield "arguments", node["content"]
    if type(arguments) is not tuple:
        raise reader.refuse("the arguments of a call must be a tuple")
    if location == "builtins:frozenset" and len(arguments) == 1 and type(arguments[0]) is list:
        reader.own(arguments[0])
        return as_set(location, arguments[0], reader)
    return _call_with(location, arguments, reader)


def _call_with(location: str, arguments: tuple[Any, ...], reader: NodeReader) -> LegacyObject:
    """Make a call whose arguments are the very tuple: several nodes may refer to a long one."""
    product = reader.call(location)
    product.arguments = arguments
    return product


def _read_reduced(node: Node, reader: NodeReader) -> Steps:
    """Read `Tree`, `QuantileForest` and the native losses: the class called with its arguments, then given a state."""
    reduced = field_of(node, "__reduce__", dict, reader)
    if list(reduced) != ["args"]:
        raise reader.refuse(f"__reduce__ of a {node['__loader__']} has args and nothing else")
    arguments = yield "arguments", reduced["args"]
    # Until 0.13 skops wrote the None of a loss without arguments as they are.
    if arguments is not None and type(arguments) is not tuple:
        raise reader.refuse("the arguments of a call must be a tuple")
    product = _call_with(location_of(node, reader), arguments or (), reader)
    reader.know(product)
    state = yield STATE, node["content"]
    if not (state is None or (type(state) in (dict, tuple) and not state)):
        product.state = state
    return product


def _read_partial(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "functools:partial")
    names = ("func", "args", "kwds", "namespace")
    state = []
    for name, child in zip(names, parts_of(node, reader, *names), strict=True):
        state.append((yield name, child))
    if type(state[1]) is not tuple or type(state[2]) is not dict or type(state[3]) not in (dict, type(None)):
        raise reader.refuse("a partial has a tuple of arguments, and dictionaries of keywords and attributes")
    product = reader.call("functools:partial", state[0])
    product.state = tuple(state)
    return product


def _read_method(node: Node, reader: NodeReader) -> Steps:
    function, owner = parts_of(node, reader, "func", "obj")
    if type(function) is not str:
        raise reader.refuse("the name of a method must be text")
    found = yield "owner", owner
    if type(found) is LegacyName and function.isidentifier():
        return reader.name(f"{found.location}.{function}")
    return reader.call("builtins:getattr", found, function)


def _read_operator(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "operator:attrgetter", "operator:itemgetter", "operator:methodcaller")
    arguments = yield "arguments", node["attrs"]
    if type(arguments) is not tuple:
        raise reader.refuse("the arguments of a call must be a tuple")
    return _call_with(location_of(node, reader), arguments, reader)


OBJECT_KINDS: dict[str, Kind] = {
    "ConstructorFromReduceNode": branch(_read_constructed, "content"),
    "LossNode": branch(_read_reduced, "__reduce__", "content"),
    "MethodNode": branch(_read_method, "content"),
    "ObjectNode": branch(_read_object, optional=("content",)),
    "OperatorFuncNode": branch(_read_operator, "attrs"),
    "PartialNode": branch(_read_partial, "content"),
    "QuantileForestNode": branch(_read_reduced, "__reduce__", "content"),
    "SGDNode": branch(_read_reduced, "__reduce__", "content"),
    "TreeNode": branch(_read_reduced, "__reduce__", "content"),
}
"""The kinds of this file by the name of their loader."""
