"""Objects of skops files that a class or a call makes: each kind of node, and what is refused of it."""

import pytest

from hermetic.errors import FormatError
from hermetic.legacy_objects import MISSING
from tests.formats.skops_files import (
    array,
    call,
    dictionary,
    node,
    npy,
    plain,
    read,
    said,
    the_list,
    the_tuple,
    type_of,
)

RIDGE = "sklearn.linear_model._ridge:Ridge"
TREE = "sklearn.tree._tree:Tree"


def test_an_estimator_is_a_new_object_with_its_state():
    state = dictionary({"alpha": plain(1.0), "_sklearn_version": plain("1.9.1")})

    found = read(node(RIDGE, "ObjectNode", content=state))

    assert said(found) == ("new", RIDGE, (), "state", {"alpha": 1.0, "_sklearn_version": "1.9.1"})
    assert found.path == "$" and found.keywords == {}


@pytest.mark.parametrize("fields", [{}, {"content": plain(None)}, {"content": None}], ids=["none", "null", "absent"])
def test_an_object_without_a_state_has_none(fields):
    assert read(node("builtins:object", "ObjectNode", **fields)).state is MISSING


def test_a_state_may_be_anything_that_a_class_gives():
    pair = the_tuple(plain(None), dictionary({"slot": plain(1)}))

    found = read(the_list(node("a:B", "ObjectNode", content=pair), node("a:B", "ObjectNode", content=dictionary({}))))

    assert said(found) == [("new", "a:B", (), "state", (None, {"slot": 1})), ("new", "a:B", (), "state", {})]


@pytest.mark.parametrize(
    ("location", "function"),
    [
        ("sklearn.neighbors._kd_tree:KDTree", "sklearn.neighbors._kd_tree:newObj"),
        ("sklearn.neighbors._ball_tree:BallTree64", "sklearn.neighbors._ball_tree:newObj"),
        ("sklearn.metrics._dist_metrics:EuclideanDistance", "sklearn.metrics._dist_metrics:newObj"),
        ("sklearn.neighbors._dist_metrics:EuclideanDistance", "sklearn.neighbors._dist_metrics:newObj"),
        ("numpy.random._pcg64:PCG64", "numpy.random._pickle:__bit_generator_ctor"),
    ],
)
def test_objects_that_pickle_makes_by_a_function_are_made_by_it(location, function):
    found = read(node(location, "ObjectNode", content=the_tuple(plain(40))))

    assert said(found) == ("call", function, (("name", location),), "state", (40,))


def test_an_object_that_its_class_makes_from_arguments_is_a_call():
    arguments = the_tuple(node("builtins:bytes", "BytesNode", file="a.bin"))

    found = read(
        node("datetime:datetime", "ConstructorFromReduceNode", content=arguments), a_bin=b"\x07\xe4\1\1\0\0\0\0\0\0"
    )

    assert said(found) == ("call", "datetime:datetime", (b"\x07\xe4\1\1\0\0\0\0\0\0",))


def test_a_frozenset_is_one():
    contents = [the_tuple(the_list(plain(1), plain("a"))), the_tuple(the_list(the_tuple(plain(1))))]
    nodes = [node("builtins:frozenset", "ConstructorFromReduceNode", content=content) for content in contents]

    found = read(the_list(*nodes))

    assert found == [frozenset({1, "a"}), frozenset({(1,)})] and all(type(one) is frozenset for one in found)


def test_a_tree_is_a_call_with_its_state():
    arguments = (plain(4), array("n.npy"), plain(1))
    state = dictionary({"max_depth": plain(1), "node_count": plain(3)})

    found = read(call(TREE, *arguments, loader="TreeNode", content=state), n_npy=npy([2]))

    made = (4, ("array", "<i8", [2]), 1)
    assert said(found) == ("call", TREE, made, "state", {"max_depth": 1, "node_count": 3})


@pytest.mark.parametrize("loader", ["LossNode", "SGDNode", "QuantileForestNode", "TreeNode"])
@pytest.mark.parametrize("content", [dictionary({}), the_tuple(), plain(None)], ids=["dict", "tuple", "none"])
def test_an_empty_state_is_none(loader, content):
    found = read(call("sklearn.linear_model._sgd_fast:Hinge", plain(1.0), loader=loader, content=content))

    assert said(found) == ("call", "sklearn.linear_model._sgd_fast:Hinge", (1.0,))


def test_a_loss_of_skops_0_11_whose_arguments_are_none_has_none():
    root = node("sklearn._loss._loss:CyHalfMultinomialLoss", "LossNode", content=dictionary({}))
    root["__reduce__"] = {"args": plain(None)}

    assert said(read(root)) == ("call", "sklearn._loss._loss:CyHalfMultinomialLoss", ())


def test_a_partial_has_its_function_as_argument_and_all_as_state():
    content = {
        "func": node("numpy:log", "FunctionNode"),
        "args": the_tuple(plain(1)),
        "kwds": dictionary({"out": plain(None)}),
        "namespace": dictionary({"note": plain("a")}),
    }

    found = read(node("functools:partial", "PartialNode", content=content))

    log = ("name", "numpy:log")
    assert said(found) == ("call", "functools:partial", (log,), "state", (log, (1,), {"out": None}, {"note": "a"}))


def test_a_method_is_a_call_of_getattr_in_files_of_every_release():
    owner = node(RIDGE, "ObjectNode", content=dictionary({"alpha": plain(1.0)}))
    again = {**owner, "content": None}
    before = node("sklearn.linear_model._base:method", "MethodNode", content={"func": "predict", "obj": owner})
    since = node(RIDGE, "MethodNode", content={"func": "predict", "obj": again})

    found = read(the_list(before, since))

    made = ("call", "builtins:getattr", (("new", RIDGE, (), "state", {"alpha": 1.0}), "predict"))
    assert said(found) == [made, made] and found[0].arguments[0] is found[1].arguments[0]


@pytest.mark.parametrize("name", ["attrgetter", "itemgetter", "methodcaller"])
def test_functions_of_operator_are_calls(name):
    found = read(node(f"operator:{name}", "OperatorFuncNode", attrs=the_tuple(plain("a"), plain("b"))))

    assert said(found) == ("call", f"operator:{name}", ("a", "b"))


PARTIAL = {"func": plain(1), "args": the_tuple(), "kwds": dictionary({}), "namespace": plain(None)}


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (node("a:B", "ConstructorFromReduceNode", content=the_list()), "arguments of a call must be a tuple"),
        (node("a:B", "ConstructorFromReduceNode", content=plain(None)), "arguments of a call must be a tuple"),
        ({**call(TREE), "__reduce__": []}, "__reduce__ of a LossNode must be a dict, found list"),
        ({**call(TREE), "__reduce__": {}}, "__reduce__ of a LossNode has args and nothing else"),
        ({**call(TREE), "__reduce__": {"args": the_tuple(), "b": 1}}, "has args and nothing else"),
        ({**call(TREE), "__reduce__": {"args": the_list()}}, "arguments of a call must be a tuple"),
        (
            node("a:partial", "PartialNode", content=PARTIAL),
            "a PartialNode is a functools:partial, but the file says a:",
        ),
        (node("functools:partial", "PartialNode", content={**PARTIAL, "args": plain(1)}), "a partial has a tuple"),
        (node("functools:partial", "PartialNode", content={**PARTIAL, "kwds": the_list()}), "a partial has a tuple"),
        (node("functools:partial", "PartialNode", content={**PARTIAL, "namespace": plain(1)}), "a partial has a tuple"),
        (
            node("functools:partial", "PartialNode", content={"func": plain(1)}),
            "has the parts func, args, kwds, namesp",
        ),
        (node("a:B", "MethodNode", content={"func": 1, "obj": plain(1)}), "the name of a method must be text"),
        (node("a:B", "MethodNode", content={"func": "a"}), "a MethodNode has the parts func, obj"),
        (node("os:system", "OperatorFuncNode", attrs=the_tuple()), "but the file says os:system"),
        (
            node("operator:call", "OperatorFuncNode", attrs=the_tuple(type_of("os:system"))),
            "the file says operator:call",
        ),
        (node("operator:itemgetter", "OperatorFuncNode", attrs=the_list()), "arguments of a call must be a tuple"),
    ],
)
def test_objects_of_another_make_are_refused(root, message):
    with pytest.raises(FormatError, match=message):
        read(root)


@pytest.mark.parametrize(
    "location", ["builtins:bytes", "builtins:frozenset", "datetime:timedelta", "collections:deque"]
)
@pytest.mark.parametrize("fields", [{}, {"content": plain(None)}], ids=["absent", "null"])
def test_values_that_skops_has_lost_are_refused_and_not_taken_for_empty_ones(location, fields):
    with pytest.raises(FormatError, match=f"the file does not hold what this {location} was"):
        read(node(location, "ObjectNode", **fields))


@pytest.mark.parametrize(
    ("location", "constant"),
    [("builtins:ellipsis", Ellipsis), ("builtins:NotImplementedType", NotImplemented)],
)
def test_what_there_is_one_of_is_that_one(location, constant):
    assert read(node(location, "ObjectNode", content=plain(None))) is constant


def test_the_missing_value_of_pandas_is_a_name():
    root = node("pandas._libs.missing:NAType", "ObjectNode", content=plain(None))

    assert said(read(root)) == ("name", "pandas._libs.missing:NA")


def test_a_method_of_a_class_is_a_name():
    root = node("builtins:type", "MethodNode", content={"func": "from_records", "obj": type_of("package:Table")})

    assert said(read(root)) == ("name", "package:Table.from_records")


def test_losses_of_files_before_0_11_and_namespaces_are_calls():
    loss = node("sklearn._loss._loss:CyHalfPoissonLoss", "ObjectNode", content=plain(None))
    namespace = node("types:SimpleNamespace", "ObjectNode", content=dictionary({"a": plain(1)}))

    assert said(read(the_list(loss, namespace))) == [
        ("call", "sklearn._loss._loss:CyHalfPoissonLoss", ()),
        ("call", "types:SimpleNamespace", (), "state", {"a": 1}),
    ]
