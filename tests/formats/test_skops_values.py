"""Plain values and built-in containers of skops files: each kind of node, and what is refused of it."""

import math
import re

import numpy as np
import pytest

from hermetic.errors import FormatError
from hermetic.legacy_objects import LegacyName
from tests.formats.skops_files import dictionary, node, plain, read, said, the_list, the_tuple, type_of

ATOMS = [
    None,
    True,
    False,
    0,
    -1,
    2**200,
    1.5,
    -0.0,
    5e-324,
    1e308,
    "",
    "l2",
    'a"b\\c\n',
    "é\U0001f600",
    "\ud800",
    "12",
]
BUILT_IN = "builtins:"


@pytest.mark.parametrize("value", ATOMS, ids=repr)
def test_a_json_node_is_its_value(value):
    found = read(plain(value))

    assert (type(found), repr(found)) == (type(value), repr(value))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_floats_that_json_does_not_know_are_read_as_python_writes_them(text):
    found = read(node("builtins:str", "JsonNode", content=text, is_json=True))

    assert repr(found) == repr(float(text)) and not math.isfinite(found)


@pytest.mark.parametrize(
    "text", ["", "[]", "[1]", '{"a": 1}', " 1", "01", "1,2", "nul", "'a'", '"a', '"a\nb"', "1" * 5000]
)
def test_a_json_node_that_is_no_plain_value_is_refused(text):
    with pytest.raises(FormatError, match=r"plain value|not JSON"):
        read(node("builtins:str", "JsonNode", content=text, is_json=True))


@pytest.mark.parametrize(
    ("location", "fields", "message"),
    [
        ("builtins:int", {"content": "1", "is_json": True}, "a JsonNode is a builtins:str"),
        ("builtins:str", {"content": "1", "is_json": 1}, "is_json of a JsonNode must be true"),
        ("builtins:str", {"content": 1, "is_json": True}, "content of a JsonNode must be a str, found int"),
        ("builtins:str", {"content": None, "is_json": True}, "must be a str, found NoneType"),
    ],
)
def test_a_json_node_with_other_fields_is_refused(location, fields, message):
    with pytest.raises(FormatError, match=message):
        read(node(location, "JsonNode", **fields))


def test_lists_and_tuples_keep_their_order_and_nesting():
    root = the_list(plain(1), the_tuple(plain(2), the_list()), the_tuple())

    assert read(root) == [1, (2, []), ()]


def test_subclasses_of_list_and_tuple_are_new_objects():
    root = the_tuple(
        the_list(plain(1), location="package:Steps"), the_tuple(plain(2), plain(3), location="package:Pair")
    )

    assert said(read(root)) == (("new", "package:Steps", (), "items", [1]), ("new", "package:Pair", (2, 3)))


def test_sets_of_plain_values_are_sets():
    items = [plain(1), plain("a"), plain(None), plain(2.5), plain(True)]

    assert read(node("builtins:set", "SetNode", content=items[:-1])) == {1, "a", None, 2.5}


def test_a_set_of_what_can_be_hashed_safely_is_one_and_that_of_a_class_is_a_call():
    items = [the_tuple(plain(1), plain(2)), type_of("package:Kind"), node("a:B", "ObjectNode")]

    found, tags = read(
        the_list(node("builtins:set", "SetNode", content=items), node("package:Tags", "SetNode", content=[]))
    )

    assert sorted(map(str, map(said, found))) == ["('name', 'package:Kind')", "('new', 'a:B', ())", "(1, 2)"]
    assert said(tags) == ("call", "package:Tags", ([],))


@pytest.mark.parametrize("member", [the_list(), the_tuple(the_list()), dictionary({})], ids=["list", "tuple", "dict"])
def test_a_set_of_what_has_no_hash_is_refused(member):
    with pytest.raises(FormatError, match="is a key of a dictionary or a member of a set") as refused:
        read(the_list(node("builtins:set", "SetNode", content=[member])))
    assert refused.value.where == "<bytes>, member 'schema.json', $[0]"


def test_members_and_keys_that_share_a_hash_are_refused():
    numbers = [number * (2**61 - 1) for number in range(1, 40)]

    with pytest.raises(FormatError, match="keys of one dictionary or set have the same hash"):
        read(node("builtins:set", "SetNode", content=list(map(plain, numbers))))
    with pytest.raises(FormatError, match="keys of a dictionary share their hashes"):
        read(dictionary({str(number): plain(0) for number in numbers}, *["builtins:int"] * len(numbers)))


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("a", "builtins:str", "a"),
        ("1", "builtins:str", "1"),
        ("1", "builtins:int", 1),
        ("-12345678901234567890", "builtins:int", -12345678901234567890),
        ("1", "numpy:int64", 1),
        ("1", "numpy:uint8", 1),
        ("1", "numpy:longlong", 1),
        ("1.5", "builtins:float", 1.5),
        ("1e-07", "numpy:float64", 1e-07),
        ("-Infinity", "builtins:float", -math.inf),
        ("true", "builtins:bool", True),
        ("false", "builtins:bool", False),
        ("false", "numpy:bool_", False),
        ("true", "numpy:bool", True),
        ("null", "builtins:NoneType", None),
        ("a", "numpy:str_", "a"),
    ],
)
def test_keys_get_their_type_back(text, kind, key):
    [found] = read(dictionary({text: plain(0)}, kind))

    assert type(found) is type(key) and found == key


def test_a_key_that_was_no_number_stays_none():
    [found] = read(dictionary({"NaN": plain(0)}, "builtins:float"))

    assert math.isnan(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.0", "builtins:int"),
        (" 1", "builtins:int"),
        ("1_0", "builtins:int"),
        ("\u0661", "builtins:int"),
        ("1" * 5000, "builtins:int"),
        ("x", "builtins:float"),
        ("nan", "builtins:float"),
        ("True", "builtins:bool"),
        ("1", "builtins:bool"),
        ("None", "builtins:NoneType"),
        ("(1, 2)", "builtins:tuple"),
        ("1", "package:Key"),
        ("1", "numpy:datetime64"),
        ("1", "os:system"),
    ],
)
def test_keys_of_other_types_or_spellings_are_refused_and_nothing_is_called(text, kind):
    with pytest.raises(FormatError, match="is no plain value of type " + re.escape(kind)):
        read(dictionary({text: plain(0)}, kind))


def test_types_of_keys_that_are_no_types_are_refused():
    types = the_list(plain("builtins:str"))

    with pytest.raises(FormatError, match="of type unknown"):
        read(node("builtins:dict", "DictNode", content={"a": plain(1)}, key_types=types))
    with pytest.raises(FormatError, match="types of its 1 keys are not a list of as many"):
        read(node("builtins:dict", "DictNode", content={"a": plain(1)}, key_types=the_list()))
    with pytest.raises(FormatError, match="types of its 0 keys are not a list of as many"):
        read(node("builtins:dict", "DictNode", content={}, key_types=plain(None)))


def test_equal_keys_are_refused():
    with pytest.raises(FormatError, match="two keys of a dictionary are equal"):
        read(dictionary({"1": plain(0), "1.0": plain(0)}, "builtins:int", "builtins:float"))


def test_subclasses_of_dict_are_made_as_pickle_makes_them():
    content = {"b": plain(1), "a": plain(2)}
    locations = [
        "collections:OrderedDict",
        "collections:defaultdict",
        "collections:Counter",
        "sklearn.utils._bunch:Bunch",
    ]

    found = read(the_list(*(dictionary(content, location=location) for location in locations)))

    assert said(found) == [
        ("call", "collections:OrderedDict", (), "pairs", ["b", 1, "a", 2]),
        ("call", "collections:defaultdict", (), "pairs", ["b", 1, "a", 2]),
        ("call", "collections:Counter", ({"b": 1, "a": 2},)),
        ("new", "sklearn.utils._bunch:Bunch", (), "pairs", ["b", 1, "a", 2]),
    ]


def test_a_defaultdict_keeps_its_factory():
    main, number = dictionary({"1": plain("a")}, "builtins:int"), type_of("builtins:int")
    with_factory = node("collections:defaultdict", "DefaultDictNode", content={"main": main, "default_factory": number})
    without = {"main": dictionary({}), "default_factory": plain(None)}

    found = read(the_list(with_factory, node("collections:defaultdict", "DefaultDictNode", content=without)))

    assert said(found) == [
        ("call", "collections:defaultdict", (("name", "builtins:int"),), "pairs", [1, "a"]),
        ("call", "collections:defaultdict", ()),
    ]


def test_the_dictionary_of_scikit_learn_1_1_with_deprecated_keys_has_a_state():
    location = "sklearn.covariance._graph_lasso:_DictWithDeprecatedKeys"
    parts = {"main": dictionary({"a": plain(1)}), "_deprecated_key_to_new_key": dictionary({"b": plain("a")})}

    found = read(node(location, "_DictWithDeprecatedKeysNode", content=parts))

    state = {"_deprecated_key_to_new_key": {"b": "a"}}
    assert said(found) == ("new", location, (), "state", state, "pairs", ["a", 1])


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (
            node("collections:defaultdict", "DefaultDictNode", content={"main": plain(1)}),
            "has the parts main, default_fac",
        ),
        (
            node("x:defaultdict", "DefaultDictNode", content={"main": plain(1), "default_factory": plain(1)}),
            "a DefaultDictNode is a collections:defaultdict, but the file says x:defaultdict",
        ),
        (
            node(
                "collections:defaultdict", "DefaultDictNode", content={"main": plain(1), "default_factory": plain(None)}
            ),
            "the main part must be a dictionary",
        ),
        (node("builtins:list", "ListNode", content={}), "content of a ListNode must be a list, found dict"),
        (node("builtins:tuple", "TupleNode", content="ab"), "content of a TupleNode must be a list, found str"),
        (node("builtins:dict", "DictNode", content=[], key_types=the_list()), "must be a dict, found list"),
    ],
)
def test_containers_of_another_make_are_refused(root, message):
    with pytest.raises(FormatError, match=message):
        read(root)


def test_bytes_stand_in_members_of_their_own():
    kinds = [("builtins:bytes", "a.bin"), ("numpy:bytes_", "b.bin"), ("package:Token", "c.bin")]
    nodes = [node(location, "BytesNode", file=file) for location, file in kinds]

    found = read(the_list(*nodes), a_bin=b"\0a", b_bin=b"bc", c_bin=b"d")

    assert said(found) == [b"\0a", b"bc", ("new", "package:Token", (b"d",))]
    assert type(found[1]) is np.bytes_ and found[1].dtype == "S2"


def test_a_bytearray_is_one_and_a_subclass_a_new_object():
    kinds = [("builtins:bytearray", "a.bin"), ("builtins:bytearray", "b.bin"), ("package:Buffer", "c.bin")]
    nodes = [node(location, "BytearrayNode", file=file) for location, file in kinds]

    found = read(the_list(*nodes), a_bin=b"xy", b_bin=b"", c_bin=b"z")

    assert said(found) == [bytearray(b"xy"), bytearray(), ("new", "package:Buffer", (b"z",))]
    assert type(found[0]) is type(found[1]) is bytearray


def test_a_slice_is_a_call():
    root = node("builtins:slice", "SliceNode", content={"start": None, "stop": 3, "step": 2})

    assert said(read(root)) == ("call", "builtins:slice", (None, 3, 2))


@pytest.mark.parametrize(
    "content", [{"start": 1, "stop": 2}, {"start": [], "stop": 2, "step": 3}, {"start": 1, "stop": {}, "step": 3}, []]
)
def test_a_slice_of_other_parts_is_refused(content):
    with pytest.raises(FormatError, match=r"slice|SliceNode"):
        read(node("builtins:slice", "SliceNode", content=content))


def test_types_and_functions_are_names_and_one_name_is_one_object():
    function = node("sklearn.feature_selection._univariate_selection:f_classif", "FunctionNode")
    root = the_list(function, type_of("builtins:int"), type_of("builtins:int"), node("numpy:log", "FunctionNode"))

    found = read(root)

    assert all(type(part) is LegacyName for part in found) and found[1] is found[2]
    assert [part.location for part in found[:2]] == [
        "sklearn.feature_selection._univariate_selection:f_classif",
        "builtins:int",
    ]
    assert found[0].path == "$[0]"


def test_the_type_of_none_is_a_name_though_no_module_has_it():
    assert said(read(type_of("builtins:NoneType"))) == ("name", "builtins:NoneType")


def test_functions_of_protocol_0_stand_in_their_content():
    content = {"module_path": "scipy.special._ufuncs", "function": "expit"}
    root = node("numpy:ufunc", "FunctionNode", content=content)

    assert said(read(root, protocol=0)) == ("name", "scipy.special._ufuncs:expit")


@pytest.mark.parametrize(
    ("root", "protocol", "message"),
    [
        (node("os:system", "FunctionNode", content={"module_path": "os", "function": "a"}), 1, "protocol 0 only"),
        (node("numpy:ufunc", "FunctionNode"), 0, "must have a content"),
        (node("numpy:ufunc", "FunctionNode", content={"module_path": "os"}), 0, "has the parts module_path, function"),
        (
            node("numpy:ufunc", "FunctionNode", content={"module_path": 1, "function": "a"}),
            0,
            "not a module and a name",
        ),
    ],
)
def test_a_function_that_could_be_read_in_two_ways_is_refused(root, protocol, message):
    with pytest.raises(FormatError, match=message):
        read(root, protocol)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("", "a"),
        ("a", ""),
        ("a:b", "c"),
        ("a", "b:c"),
        ("a" * 1000, "b"),
        (None, "a"),
        ("a", None),
        ("a", 1),
        ([], "a"),
    ],
)
def test_what_is_no_name_is_refused(module, name):
    root = {**type_of("a:b"), "__module__": module, "__class__": name}

    with pytest.raises(FormatError, match="not a module and a name in it"):
        read(root)
