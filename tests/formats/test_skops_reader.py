"""Whole skops files: references, limits, members, places in messages, and how a file is told from others."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

import hermetic
from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.skops_reader import is_skops, read_skops
from hermetic.limits import Limits
from tests.formats.skops_files import (
    array,
    call,
    dictionary,
    members_of,
    node,
    npy,
    objects,
    plain,
    read,
    said,
    skops_file,
    text_of,
    the_list,
    the_tuple,
    type_of,
    zipped,
)

RIDGE = "sklearn.linear_model._ridge:Ridge"
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def small_model():
    state = {
        "alpha": plain(0.5),
        "coef_": array("coef.npy"),
        "name": plain("r\u00e9"),
        "steps": the_list(plain(1), plain(2)),
    }
    return node(RIDGE, "ObjectNode", content=dictionary(state))


@pytest.mark.parametrize("compression", METHODS)
@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_a_model_is_read_in_every_protocol_and_compression(protocol, compression):
    data = skops_file(small_model(), protocol, compression, coef_npy=npy([1.0, 2.0]))

    content = read_skops(data)

    state = {"alpha": 0.5, "coef_": ("array", "<f8", [1.0, 2.0]), "name": "ré", "steps": [1, 2]}
    assert said(content.root) == ("new", RIDGE, (), "state", state)
    assert (content.protocol, content.version, content.unused) == (protocol, "0.16.0", ())
    assert content.content_bytes == sum(
        len(member) for member in members_of(small_model(), 2, c_npy=npy([1.0, 2.0])).values()
    )


def test_a_file_may_lie_in_any_memory_and_is_not_needed_afterwards():
    data = bytearray(
        skops_file(
            the_list(array("a.npy"), node("builtins:bytes", "BytesNode", file="b.bin")), a_npy=npy([7]), b_bin=b"x"
        )
    )

    found, kept = read_skops(memoryview(data)).root
    data[:] = bytes(len(data))

    assert found.tolist() == [7] and kept == b"x"


def test_what_stands_in_several_places_is_one_object_and_read_once():
    shared = node(RIDGE, "ObjectNode", content=dictionary({"coef_": array("a.npy")}))

    first, second, [third] = read(the_list(shared, shared, the_tuple(shared)), a_npy=npy([1]))

    assert first is second is third


def test_lists_dicts_and_arrays_keep_being_shared():
    parts = [
        the_list(plain(1)),
        dictionary({"a": plain(1)}),
        array("a.npy"),
        objects((1,), plain(None)),
        the_tuple(plain(1)),
    ]

    found = read(the_list(*parts, *parts), a_npy=npy([1]))

    assert all(found[number] is found[number + 5] for number in range(5))


def test_a_reference_is_never_expanded():
    """Forty levels, each of which holds the one below twice: written out it would have a trillion lists."""
    inner = the_list(plain(0))
    for _ in range(40):
        again = {**inner, "content": []}
        inner = the_list(inner, again)

    found = read(inner)

    depth = 0
    while isinstance(found[0], list):
        assert found[0] is found[1]
        found, depth = found[0], depth + 1
    assert depth == 40


def test_the_second_of_two_nodes_with_one_identity_is_a_reference_whatever_it_holds():
    first = the_list(plain(1), __id__=7)
    second = the_list(plain(2), __id__=7)

    found = read(the_list(first, second))

    assert found == [[1], [1]] and found[0] is found[1]


def test_nodes_without_an_identity_are_never_shared():
    found = read(the_list(the_list(__id__=None), the_list(__id__=None), __id__=None))

    assert found == [[], []] and found[0] is not found[1]


@pytest.mark.parametrize(
    "second",
    [
        the_tuple(__id__=7),
        node("a:B", "ListNode", content=[], __id__=7),
        node("builtins:list", "SetNode", content=[], __id__=7),
    ],
)
def test_two_nodes_of_different_classes_with_one_identity_are_refused(second):
    with pytest.raises(FormatError, match="two nodes of different classes have the __id__ 7"):
        read(the_list(the_list(__id__=7), second))


def test_a_cached_node_is_a_reference():
    cached = {"__class__": None, "__module__": None, "__loader__": "CachedNode", "__id__": 7}

    found = read(the_list(the_list(plain(1), __id__=7), cached))

    assert found == [[1], [1]] and found[0] is found[1]


def test_a_cached_node_of_something_unknown_is_refused():
    cached = {"__class__": None, "__module__": None, "__loader__": "CachedNode", "__id__": 7}

    with pytest.raises(FormatError, match="'CachedNode'"):
        read(the_list(cached))


def test_cycles_through_lists_dicts_and_states_are_kept():
    def again(kind):
        return {**kind, "content": None}

    sequence = the_list(__id__=1)
    sequence["content"] = [again(sequence)]
    mapping = dictionary({"self": dictionary({}, __id__=2)}, __id__=2)
    thing = node(RIDGE, "ObjectNode", __id__=3, content=dictionary({"me": node(RIDGE, "ObjectNode", __id__=3)}))

    first, second, third = read(the_list(sequence, mapping, thing))

    assert first[0] is first and second["self"] is second and third.state["me"] is third


@pytest.mark.parametrize(
    "root",
    [
        the_tuple(the_list(the_tuple(__id__=7)), __id__=7),
        node("builtins:set", "SetNode", content=[node("builtins:set", "SetNode", content=[], __id__=7)], __id__=7),
        objects((1,), {**objects((1,)), "__id__": 7}, __id__=7),
        node(
            "a:B",
            "ConstructorFromReduceNode",
            content=the_tuple(node("a:B", "ConstructorFromReduceNode", __id__=7)),
            __id__=7,
        ),
        {**call("a:B", {**call("a:B"), "__id__": 7}), "__id__": 7},
        the_tuple({"__class__": None, "__module__": None, "__loader__": "CachedNode", "__id__": 7}, __id__=7),
    ],
    ids=["tuple", "set", "array", "constructor", "call", "cached"],
)
def test_a_cycle_through_what_is_made_last_is_refused(root):
    with pytest.raises(FormatError, match="refers to the one with __id__ 7 around it, which is not made yet"):
        read(root)


@pytest.mark.parametrize("identity", ["7", 7.0, True, [7], {}, -1, 2**64])
def test_an_identity_that_is_no_number_is_refused(identity):
    with pytest.raises(FormatError, match="not an __id__"):
        read(the_list(the_list(__id__=identity)))


@pytest.mark.parametrize("found", [1, "a", None, [], True])
def test_what_is_no_node_is_refused(found):
    with pytest.raises(FormatError, match=r"expected a node, found") as refused:
        read(dictionary({"steps": {**the_list(), "content": [plain(1), found]}}))
    assert refused.value.where == "<bytes>, member 'schema.json', $.steps[1]"


@pytest.mark.parametrize(
    "loader", ["PickleNode", "Node", "", "ReduceNode", None, 1, ["ListNode"], "SystemNode", "listnode"]
)
def test_an_unknown_loader_is_refused_by_its_name_and_place(loader):
    with pytest.raises(FormatError, match="no release of skops has a loader") as refused:
        read(the_list(plain(1), {**the_list(), "__loader__": loader}))
    assert refused.value.where == "<bytes>, member 'schema.json', $[1]" and refused.value.next_step
    assert repr(str(loader)) in refused.value.found


@pytest.mark.parametrize(
    "root",
    [
        {**the_list(), "more": 1},
        {**the_list(), "file": "a.npy"},
        {key: part for key, part in the_list().items() if key != "content"},
        {key: part for key, part in plain(1).items() if key != "is_json"},
        {key: part for key, part in plain(1).items() if key != "__class__"},
        {**type_of("a:b"), "content": 1},
        {**plain(1), "attrs": 1},
        {**plain(1), "protocol": 2},
    ],
)
def test_a_node_with_other_keys_is_refused(root):
    with pytest.raises(FormatError, match="must have the keys"):
        read(the_list(root))


def test_messages_say_where_in_the_model_something_stands():
    wrong = node("builtins:str", "JsonNode", content="[]", is_json=True)
    model = node(RIDGE, "ObjectNode", content=dictionary({"steps": the_list(the_tuple(plain("a"), wrong))}))

    with pytest.raises(FormatError) as refused:
        read_skops(skops_file(the_list(plain(1), model)), where="model.skops")

    assert refused.value.where == "model.skops, member 'schema.json', $[1].steps[0][1]"
    assert str(refused.value).startswith("expected one plain value as JSON, found '[]'")


def test_places_deep_in_a_file_are_cut_in_the_middle():
    inner = the_list(type_of("a:b"))
    for number in range(150):
        inner = dictionary({f"key {number:03d} " + "x" * 1000: inner})

    found = read(inner)
    while isinstance(found, dict):
        [found] = found.values()

    assert found[0].path.startswith("$.key 149") and found[0].path.endswith("[0]") and len(found[0].path) <= 300


def test_objects_and_names_know_their_place():
    model = node(RIDGE, "ObjectNode", content=dictionary({"steps": the_list(the_tuple(plain("a"), type_of("a:b")))}))

    found = read(the_list(model))

    assert (found[0].path, found[0].state["steps"][0][1].path) == ("$[0]", "$[0].steps[0][1]")


def nested(levels, key=""):
    inner = the_list()
    for _ in range(levels - 1):
        inner = dictionary({key: inner}) if key else the_list(inner)
    return inner


@pytest.mark.parametrize("key", ["", ".", "a"])
def test_depth_is_counted_in_containers(key):
    limits = Limits(depth=20)

    assert read_skops(skops_file(nested(20, key)), limits).root is not None
    with pytest.raises(LimitExceeded) as refused:
        read_skops(skops_file(nested(21, key)), limits)
    assert (refused.value.limit, refused.value.allowed, refused.value.asked) == ("depth", 20, 21)


def test_an_object_and_its_state_are_one_container():
    inner = the_list()
    for _ in range(19):
        inner = node(RIDGE, "ObjectNode", content=dictionary({"estimator": inner}))

    assert read_skops(skops_file(inner), Limits(depth=20)).root.location == RIDGE
    with pytest.raises(LimitExceeded):
        read_skops(skops_file(the_list(inner)), Limits(depth=20))


def test_honest_depth_needs_no_deep_stack_of_python():
    assert read_skops(skops_file(nested(200))).root is not None


def test_limits_count_before_anything_is_made():
    data = skops_file(small_model(), coef_npy=npy(np.zeros(1000)), compression=zipfile.ZIP_DEFLATED)

    for limits in (Limits(graph_bytes=100), Limits(nodes=1), Limits(expanded_bytes=100, expansion=1)):
        with pytest.raises(LimitExceeded):
            read_skops(data, limits)


def test_a_member_belongs_to_one_node():
    root = the_list(array("a.npy"), array("a.npy"))

    with pytest.raises(FormatError, match=r"the member 'a\.npy' belongs to another node already") as refused:
        read(root, a_npy=npy([1]))
    assert refused.value.where.endswith("$[1]")


@pytest.mark.parametrize("name", ["schema.json", "b.npy", "../a.npy", 1, None, ["a.npy"]])
def test_a_member_that_is_not_there_or_no_name_is_refused(name):
    with pytest.raises(FormatError, match=r"no member|not the name|belongs to another") as refused:
        read(the_list(array(name)), a_npy=npy([1]))
    assert refused.value.where.endswith("$[0]")


def test_a_damaged_member_is_named_with_the_node_that_needs_it():
    data = skops_file(the_list(array("a.npy")), a_npy=npy([1.5]))
    broken = data.replace(np.float64(1.5).tobytes(), bytes(8), 1)

    with pytest.raises(FormatError, match="CRC-32") as refused:
        read_skops(broken)
    assert refused.value.where == "<bytes>, member 'a.npy', $[0]"


def test_members_that_nothing_reads_are_listed():
    """skops leaves some itself: one bytes object in two places is written twice, and only the first is read."""
    value = node("builtins:bytes", "BytesNode", file="a.bin")

    content = read_skops(skops_file(the_list(value, {**value, "file": "b.bin"}), a_bin=b"x", b_bin=b"x"))

    assert content.root == [b"x", b"x"] and content.unused == ("b.bin",)


def test_a_file_without_a_schema_is_refused():
    with pytest.raises(FormatError, match=r"there is no member 'schema\.json'"):
        read_skops(zipped({"a.npy": npy([1])}))


@pytest.mark.parametrize("compression", METHODS)
def test_a_skops_file_is_known_by_its_content(compression):
    assert is_skops(skops_file(small_model(), compression=compression, coef_npy=npy([1.0])))
    assert is_skops(memoryview(skops_file(call("sklearn.tree._tree:Tree", plain(1)))))


def test_other_files_are_no_skops_files():
    file = io.BytesIO()
    hermetic.dump({"a": 1}, file)
    others = [b"", b"PK", b"\x80\x04N.", b"PK\3\4" + bytes(100), file.getvalue(), zipped({"a.json": text_of(plain(1))})]

    assert not any(map(is_skops, [*others, zipped({"schema.json": b"{}"}), skops_file(plain(1))[:-5]]))


def test_a_damaged_skops_file_is_still_one_so_that_the_message_is_the_right_one():
    data = bytearray(skops_file(plain(1)))
    data[14] ^= 1

    assert is_skops(bytes(data))
    with pytest.raises(FormatError, match="contradicts the directory"):
        read_skops(bytes(data))


def test_detection_inflates_no_more_than_it_looks_at():
    bomb = skops_file({**plain(1), "x": " " * 50_000_000}, compression=zipfile.ZIP_DEFLATED)

    tracemalloc.start()
    assert is_skops(bomb)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 1_000_000
