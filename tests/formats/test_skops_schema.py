"""The text of ``schema.json``: bounded before it is parsed, and parsed in one way only."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.errors import FormatError, LimitExceeded, UnsupportedVersion
from hermetic.formats.skops_schema import read_json_scalar, read_schema
from hermetic.limits import DEFAULT_LIMITS, Limits
from tests.formats.skops_files import plain, text_of, the_list


def read(text, limits=DEFAULT_LIMITS):
    return read_schema(memoryview(text), limits, "schema.json")


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_protocol_and_version_stand_beside_the_root(protocol):
    schema = read(text_of({"a": 1}, protocol, "0.5.0"))

    assert (schema.root, schema.protocol, schema.version) == ({"a": 1}, protocol, "0.5.0")


@pytest.mark.parametrize("protocol", [None, True, -1, 1.0, "2", [], {}])
def test_another_protocol_is_refused(protocol):
    with pytest.raises(FormatError, match="are not what skops writes") as refused:
        read(text_of(plain(1), protocol))
    assert refused.value.where == "schema.json"


@pytest.mark.parametrize("protocol", [3, 10**100])
def test_a_later_protocol_asks_for_an_update(protocol):
    with pytest.raises(UnsupportedVersion, match=r"skops 0\.99 wrote this file with its protocol") as refused:
        read(text_of(plain(1), protocol, "0.99"))
    assert refused.value.next_step == "Update hermetic."


@pytest.mark.parametrize("version", [None, 1, [], "0" * 101])
def test_another_version_is_refused(version):
    with pytest.raises(FormatError, match="are not what skops writes"):
        read(text_of(plain(1), 2, version))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": nul}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"a": "\xff"}',
        b'{"a": "\n"}',
        b'{"a": "\\x"}',
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(FormatError, match="not JSON") as refused:
        read(text + b" " * 100)
    assert refused.value.where == "schema.json"


@pytest.mark.parametrize("text", [b"[1, 2, 3, 4, 5]  ", b'"a string"', b"1", b"null"])
def test_a_schema_that_is_no_object_is_refused(text):
    with pytest.raises(FormatError, match="expected a node of skops, found"):
        read(text + b" " * 20)


@pytest.mark.parametrize(
    "text",
    [
        '{"protocol": 1, "protocol": 2}',
        '{"a": {"content": 1, "b": 2, "content": 3}}',
        '{"a": 1, "\\u0061": 2, "padding": "................"}',
        '[{"os": 1, "os": 1}, "................................"]',
    ],
)
def test_a_key_that_stands_twice_is_refused(text):
    with pytest.raises(FormatError, match=r"the key '.+' stands twice"):
        read(text.encode())


def test_the_last_of_many_keys_is_found_to_stand_twice_at_once():
    keys = "".join(f'"k{number}": 1, ' for number in range(300_000))

    with pytest.raises(FormatError, match="the key 'k299999' stands twice"):
        read(f'{{{keys} "k299999": 1}}'.encode())


def test_a_text_that_is_too_long_is_refused_before_it_is_parsed():
    with pytest.raises(LimitExceeded) as refused:
        read(b"\xff" * 1001, Limits(graph_bytes=1000))
    assert (refused.value.limit, refused.value.asked) == ("graph_bytes", 1001)


@pytest.mark.parametrize("bracket", [b"[", b'{"a":', b'{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": [{"b": 1}, '])
@pytest.mark.parametrize("times", [300, 3_000, 200_000])
def test_a_deep_text_is_refused_before_it_is_parsed(bracket, times):
    with pytest.raises(LimitExceeded) as refused:
        read(b'{"padding": "' + b"." * 40 * times + b'", "a": ' + bracket * 3 * times)
    assert refused.value.limit == "depth"


def test_brackets_in_texts_do_not_count():
    deep = '"' * 3 + "[{" * 5000 + "\\" + '"[' * 3 + "\\\\" + "]"

    assert read(text_of({"a": deep, deep: "b"})).root == {"a": deep, deep: "b"}


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_read_as_the_standard_library_does(value):
    assert (
        read(
            text_of(
                {"value": value, "padding": "." * 16 * json.dumps(value).count("[") + "." * 16 * str(value).count("{")}
            )
        ).root["value"]
        == value
    )


def test_more_containers_than_nodes_of_skops_fit_are_refused():
    with pytest.raises(FormatError, match="no schema of skops"):
        read(b'{"a": [' + b"[]," * 1000 + b"1]}")
    with pytest.raises(LimitExceeded) as refused:
        read(text_of(the_list(*map(plain, range(100)))), Limits(nodes=50))
    assert refused.value.limit == "nodes"


def test_a_parser_that_runs_out_of_stack_is_a_limit(monkeypatch):
    def exhausted(*_, **__):
        raise RecursionError

    monkeypatch.setattr(json, "loads", exhausted)
    with pytest.raises(LimitExceeded) as refused:
        read(text_of(plain(1)))
    assert refused.value.limit == "depth"


@given(st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none())
def test_a_plain_value_is_read_as_it_was_written(value):
    found = read_json_scalar(json.dumps(value))

    assert found == value and type(found) is type(value)
    assert read_json_scalar(json.dumps(value, ensure_ascii=False)) == value


@given(st.text(alphabet='"\\abnu0123456789.-+eE[]{}, \t\n', max_size=12))
def test_a_plain_value_is_what_the_standard_library_reads_or_nothing(text):
    try:
        expected = json.loads(text)
    except ValueError:
        expected = []
    if isinstance(expected, (list, dict)) or text[:1].isspace():
        with pytest.raises(FormatError):
            read_json_scalar(text)
    else:
        assert repr(read_json_scalar(text)) == repr(expected)
