"""Effects that an ordinary model cannot have are named before load and refused; ordinary values need no grant."""

from __future__ import annotations

import base64
import io
import re
import time
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, FeatureAgglomeration
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.capture import capture
from hermetic.errors import CapabilityRefused, InvalidState, UntrustedType, UsageError
from hermetic.graph import Graph, Instances, Link, Name, Packed, Sequences
from hermetic.policy import CAPABILITIES, approve, asked_capabilities, notes_of
from hermetic.stages import NeutralGraph
from tests.codecs.hostile import through_the_gates
from tests.taken_apart import TakenApart, changed
from tests.zoo.compare import assert_same_state

SLOW = r"(a+)+b"
TEXT_VECTORIZERS = [CountVectorizer, TfidfVectorizer, HashingVectorizer]

ORDINARY = {
    "all processors": RandomForestClassifier(n_jobs=-1),
    "many processes": RandomForestClassifier(n_jobs=256),
    "a cache in a folder": Pipeline([("scale", StandardScaler())], memory="cache"),
    "a cache of clusters": AgglomerativeClustering(memory="/var/cache/model"),
    "a token pattern": CountVectorizer(token_pattern=r"\b[a-z]+(?:-[a-z]+)*\b"),
    "a pattern for columns": make_column_selector(pattern=r"^(?:num|cat)_\w+$"),
    "a compiled pattern": re.compile(r"[^\s]+", re.IGNORECASE),
    "many iterations": LogisticRegression(max_iter=10**6),
    "open files": CountVectorizer(input="file"),
    "a name of numpy": CountVectorizer(input=np.str_("content")),
    "an analyzer of characters": CountVectorizer(analyzer="char", token_pattern=None),
    "hashed features": FeatureHasher(),
    "dictionaries": DictVectorizer(),
    "hashed texts": HashingVectorizer(token_pattern=r"\S+"),
    "many patterns": make_union(*(CountVectorizer(token_pattern=rf"\b\w{{{n},}}\b") for n in range(2, 40))),
    "many ways to read": [CountVectorizer(input="file" if n % 3 else "content") for n in range(40)],
    "many selectors": ColumnTransformer(
        [(f"step{n}", "passthrough", make_column_selector(pattern=f"^{n}_")) for n in range(40)]
    ),
    "many compiled patterns": [re.compile(f"a{n}+") for n in range(40)],
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_value_needs_no_grant_and_comes_back_unchanged(name: str):
    model = ORDINARY[name]
    data = hermetic.dumps(model)
    loaded = hermetic.loads(data)
    assert_same_state(model, loaded)
    assert hermetic.dumps(loaded) == data
    assert hermetic.scan(io.BytesIO(data)).capabilities == ()


ASKING: dict[str, tuple[Any, str, str, str]] = {
    "counts of files": (CountVectorizer(input="filename"), "reads-files", "$.input", 'input="filename": transform'),
    "weights of files": (TfidfVectorizer(input="filename"), "reads-files", "$.input", 'input="filename": transform'),
    "hashes of files": (HashingVectorizer(input="filename"), "reads-files", "$.input", 'input="filename": transform'),
    "a name of numpy": (CountVectorizer(input=np.str_("filename")), "reads-files", "$.input", 'input="filename"'),
    "an array of one name": (CountVectorizer(input=np.array("filename")), "reads-files", "$.input", "no plain text"),
    "slow words": (CountVectorizer(token_pattern=SLOW), "regex", "$.token_pattern", "token_pattern='(a+)+b'"),
    "slow hashed words": (HashingVectorizer(token_pattern=SLOW), "regex", "$.token_pattern", "may never end"),
    "slow words of numpy": (TfidfVectorizer(token_pattern=np.str_(SLOW)), "regex", "$.token_pattern", "(a+)+b"),
    "slow columns": (make_column_selector(pattern=SLOW), "regex", "$.pattern", "pattern='(a+)+b'"),
    "a slow compiled pattern": ([re.compile(SLOW)], "regex", "$[...].pattern", "pattern='(a+)+b'"),
    "slow bytes": ([re.compile(rb"(a+)+b")], "regex", "$[...].pattern", "pattern=b'(a+)+b'"),
    "slow without case": ([re.compile("(?:Kx?|k)+", re.IGNORECASE)], "regex", "$[...].pattern", "many ways"),
    "a pattern too long": (CountVectorizer(token_pattern="a" * 5_000), "regex", "$.token_pattern", "5,000 characters"),
}


@pytest.mark.parametrize("name", ASKING)
def test_an_effect_is_refused_with_parameter_value_path_and_consequence_until_it_is_granted(name: str):
    model, capability, path, words = ASKING[name]
    data = hermetic.dumps(model)

    with pytest.raises(CapabilityRefused) as refused:
        hermetic.loads(data)

    [(asked, place, meaning)] = refused.value.capabilities
    assert (asked, place) == (capability, path)
    assert words in meaning
    assert f'capabilities={{"{capability}"}}' in refused.value.next_step
    assert_same_state(model, hermetic.loads(data, capabilities={capability}))


def test_each_effect_among_many_is_named_with_its_row():
    data = hermetic.dumps([CountVectorizer(input="filename", max_df=n + 1) for n in range(3)] + [CountVectorizer()])
    with pytest.raises(CapabilityRefused) as refused:
        hermetic.loads(data)
    assert [path.rpartition("]")[0][-1] for _, path, _ in refused.value.capabilities] == ["0", "1", "2"]


def test_one_error_lists_the_effects_of_all_kinds_and_what_to_grant():
    data = hermetic.dumps(make_pipeline(CountVectorizer(input="filename", token_pattern=SLOW), LogisticRegression()))
    with pytest.raises(CapabilityRefused) as refused:
        hermetic.loads(data)
    assert [name for name, _, _ in refused.value.capabilities] == ["reads-files", "regex"]
    assert 'capabilities={"reads-files", "regex"}' in refused.value.next_step
    with pytest.raises(CapabilityRefused):
        hermetic.loads(data, capabilities={"reads-files"})
    assert hermetic.loads(data, capabilities=["reads-files", "regex"])[0].token_pattern == SLOW


def _field(name: str, value: Any) -> Any:
    def change(parts: TakenApart) -> None:
        node = next(node for node in parts.graph["nodes"] if name in node.get("fields", {}))
        node["fields"][name] = value

    return change


SPELLINGS = [{"text": base64.b64encode(b"filename").decode()}, {"float": "nan"}, 5, None, {"tuple": ["filename"]}]


@pytest.mark.parametrize("value", SPELLINGS, ids=str)
@pytest.mark.parametrize("kind", TEXT_VECTORIZERS)
def test_no_spelling_of_a_file_name_gets_by(kind: Any, value: Any):
    data = changed(kind(), _field("input", value))
    with pytest.raises(CapabilityRefused, match="reads-files"):
        hermetic.loads(data)


@pytest.mark.parametrize("kind", TEXT_VECTORIZERS)
def test_a_slow_pattern_in_another_spelling_is_seen(kind: Any):
    data = changed(kind(), _field("token_pattern", {"text": base64.b64encode(SLOW.encode()).decode()}))
    with pytest.raises(CapabilityRefused, match="regex"):
        hermetic.loads(data)


def _tables(kind: Any, field: str, column: Any) -> Graph:
    graph = capture([kind(), kind()])
    node = next(node for node in graph.nodes if isinstance(node, Instances))
    node.fields[field] = column
    return graph


HIDDEN = [(CountVectorizer, "input", "reads-files"), (CountVectorizer, "token_pattern", "regex")]
HIDDEN += [(HashingVectorizer, "input", "reads-files"), (make_column_selector, "pattern", "regex")]


@pytest.mark.parametrize(("kind", "field", "capability"), HIDDEN)
def test_what_stands_in_a_pool_cannot_be_told_and_needs_the_grant(kind: Any, field: str, capability: str):
    graph = _tables(kind, field, Packed("text", None, [0, 4, "\n"]))
    assert {name for name, _, _ in asked_capabilities(graph)} == {capability}


def test_a_compiled_pattern_in_a_pool_cannot_be_told():
    graph = capture([re.compile("a"), re.compile("a")])
    node = next(node for node in graph.nodes if isinstance(node, Instances))
    node.fields["flags"] = Packed("int", None, [0, 0])
    [(name, _, meaning)] = asked_capabilities(graph)
    assert name == "regex"
    assert "before it is read" in meaning


def test_more_patterns_than_can_be_judged_need_the_grant():
    few = capture([re.compile(f"a{n % 199}") for n in range(400)])
    many = capture([re.compile(f"a{n}") for n in range(200)])
    assert asked_capabilities(few) == []
    assert [name for name, _, _ in asked_capabilities(many)] == ["regex"]


@pytest.mark.parametrize("options", [{}, {"token_pattern": r"[^\s]+"}], ids=str)
def test_one_pattern_of_many_vectorizers_is_one(options: dict[str, Any]):
    assert asked_capabilities(capture([CountVectorizer(max_df=n + 1, **options) for n in range(500)])) == []


@pytest.mark.parametrize(("kind", "field"), [(CountVectorizer, "input"), (make_column_selector, "pattern")])
def test_a_link_cannot_change_a_parameter_that_was_judged(kind: Any, field: str):
    graph = capture([[], kind()])
    number = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Instances))
    graph.links = [Link(node=number, row=0, slot=field, target_node=0, target_row=0)]
    with pytest.raises(InvalidState, match="cycle passes"):
        through_the_gates(graph)


def test_a_pattern_too_deep_to_judge_needs_the_grant_and_then_is_none():
    data = changed(re.compile("a"), _field("pattern", "(" * 1500 + ")" * 1500))
    with pytest.raises(CapabilityRefused, match="too intricate"):
        hermetic.loads(data)
    with pytest.raises(InvalidState, match=r"cannot be made|regular"):
        hermetic.loads(data, capabilities={"regex"})


def _foreign(name: str) -> NeutralGraph:
    return NeutralGraph(graph=Graph(names=[Name(name, "constructed")], nodes=[Instances(0, {"state": None})], root=[0]))


PARSERS = ["xgboost.core.Booster", "lightgbm.basic.Booster", "catboost.core.CatBoostClassifier", "tokenizers.Tokenizer"]


@pytest.mark.parametrize("name", PARSERS)
def test_bytes_for_the_parser_of_another_library_need_a_grant_beside_the_trust_in_its_class(name: str):
    with pytest.raises(UntrustedType) as untrusted:
        approve(_foreign(name))
    assert [capability for capability, _, _ in untrusted.value.capabilities] == ["native-parser"]
    assert f'trusted=["{name}"], capabilities={{"native-parser"}}' in untrusted.value.next_step
    with pytest.raises(CapabilityRefused, match="model parser of"):
        approve(_foreign(name), trusted=[name])
    assert approve(_foreign(name), trusted=[name], capabilities={"native-parser"})


def test_trust_in_any_other_class_is_one_approval():
    assert approve(_foreign("package.Thing"), trusted=["package.Thing"])


@pytest.mark.parametrize(
    "capabilities",
    ["reads-files", {"everything"}, {"reads-files", "x"}, [5]],
    ids=["text", "unknown", "one unknown", "number"],
)
def test_only_capabilities_that_exist_can_be_granted(capabilities: Any):
    with pytest.raises(UsageError, match="not a set of capabilities"):
        hermetic.loads(hermetic.dumps(1), capabilities=capabilities)


@pytest.mark.parametrize("name", ["calls-code", "calls-code(package.function)"])
def test_what_a_model_calls_is_granted_by_its_name_alone(name: str):
    with pytest.raises(UsageError, match="by its name alone") as caught:
        hermetic.loads(hermetic.dumps(1), capabilities={name})
    assert "trusted=" in caught.value.next_step


def test_every_capability_says_what_it_means():
    assert {"native-parser", "reads-files", "reads-sibling-files", "regex"} == CAPABILITIES.keys()
    assert all(meaning and not meaning.endswith(".") for meaning in CAPABILITIES.values())


NOTED: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "pipeline": (ORDINARY["a cache in a folder"], [("$.memory", "memory='cache'")]),
    "nested": (
        make_pipeline(FeatureAgglomeration(memory="a"), LogisticRegression(), memory="b"),
        [("$.steps[...][1].memory", "memory='a'"), ("$.memory", "memory='b'")],
    ),
    "none": (make_pipeline(StandardScaler()), []),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_folder_for_a_cache_is_noted_and_nothing_more(name: str):
    model, expected = NOTED[name]
    notes = notes_of(capture(model))
    assert [(path, meaning.partition(":")[0]) for path, meaning in notes] == expected
    assert all("a later fit" in meaning for _, meaning in notes)
    data = io.BytesIO(hermetic.dumps(model))
    assert hermetic.inspect(data).notes == tuple(notes)
    data.seek(0)
    assert hermetic.scan(data).notes == tuple(notes)
    assert ("note: $" in str(hermetic.inspect(io.BytesIO(data.getvalue())))) == bool(expected)


def test_many_notes_are_cut():
    pipelines = [Pipeline([("scale", "passthrough")], memory=f"cache{n}") for n in range(15)]
    assert len(notes_of(capture([pipelines[n % 15] for n in range(150)]))) == 15
    shared = [Pipeline([("scale", "passthrough")], memory="cache", verbose=bool(n % 2)) for n in range(300)]
    assert len(notes_of(capture(shared))) == 100


def _many(kind: Any, n: int, **options: Any) -> Graph:
    """Give a graph of so many tables of one object each."""
    [node] = capture(kind(**options)).nodes
    names = capture(kind(**options)).names
    nodes: list[Any] = [Instances(node.type, node.fields) for _ in range(n)]
    items = [[number] for number in range(n)]
    return Graph(names=names, nodes=[*nodes, Sequences("list", n, [items])], root=[n])


@pytest.mark.parametrize("capability", ["reads-files", "regex"])
def test_a_file_that_asks_thousands_of_times_is_told_a_hundred_times_and_soon(capability: str):
    graph = _many(CountVectorizer, 20_000, input="filename", token_pattern=SLOW)
    start = time.perf_counter()
    found = asked_capabilities(graph)
    assert [name for name, _, _ in found].count(capability) == 100
    assert time.perf_counter() - start < 20.0


def test_a_file_that_names_thousands_of_things_is_refused_soon():
    n = 20_000
    graph = Graph(
        names=[Name(f"package.thing{number}", "constructed") for number in range(n)],
        nodes=[*(Instances(number, {}) for number in range(n)), Sequences("list", n, [[[i] for i in range(n)]])],
        root=[n],
    )
    start = time.perf_counter()
    with pytest.raises(UntrustedType) as refused:
        approve(NeutralGraph(graph=graph))
    assert time.perf_counter() - start < 20.0
    assert len(refused.value.names) == n
    assert {place for _, _, place in refused.value.names} == {"$[...]"}
