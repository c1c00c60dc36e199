"""What a model binds to a function of the tables is data: nothing that would be called or written to."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.decomposition import KernelPCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import make_scorer
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch

import hermetic
from hermetic.capture import capture
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Instances, Link, Packed, Same
from tests.codecs.hostile import bring_back, through_the_gates
from tests.taken_apart import TakenApart, changed

ARRAY = np.zeros(3)


def transformer(function: Any, **arguments: Any) -> FunctionTransformer:
    return FunctionTransformer(function, kw_args=arguments)


HONEST = {
    "numbers": lambda: partial(np.clip, a_min=0, a_max=1),
    "numbers by position": lambda: partial(np.power, 2),
    "a list by position": lambda: partial(sorted, [3, 1], {"a": 1}),
    "a dtype": lambda: partial(np.asarray, dtype=np.float32),
    "an array by name": lambda: partial(np.clip, a_min=np.zeros(2), a_max=None),
    "a generator": lambda: partial(np.round, np.random.RandomState(0)),
    "texts": lambda: transformer(np.quantile, q=0.5, method="nearest"),
    "arrays by name": lambda: transformer(np.clip, a_min=np.zeros(2), a_max=np.ones(2)),
    "a table by name": lambda: transformer(pd.DataFrame, columns=pd.Index(["a", "b"])),
    "an ordered dictionary": lambda: FunctionTransformer(np.clip, kw_args=OrderedDict(a_min=0, a_max=1)),
    "a bunch": lambda: FunctionTransformer(np.clip, kw_args=Bunch(a_min=0, a_max=1)),
    "many numbers": lambda: partial(np.clip, a_min=list(range(100)), a_max=[5] * 100),
    "of the inverse": lambda: FunctionTransformer(np.log1p, np.expm1, inv_kw_args={"dtype": "float64"}),
    "no arguments": lambda: FunctionTransformer(np.log1p),
    "a class with arguments": lambda: partial(pd.Timestamp, year=2020, month=1, day=1),
    "a shape": lambda: partial(np.reshape, shape=(2, 3)),
}


@pytest.mark.parametrize("name", HONEST)
def test_data_may_be_bound(name: str):
    bring_back(HONEST[name]())


HOSTILE = {
    "a function by name": (lambda: partial(sorted, key=len), "builtins.len is bound"),
    "a function by position": (lambda: partial(max, len), "builtins.len is bound"),
    "a function in a tuple": (lambda: partial(np.mean, axis=(0, len)), "builtins.len is bound"),
    "a function in a list": (lambda: partial(np.mean, axis=[0, [len]]), "builtins.len is bound"),
    "a function in a dictionary": (lambda: partial(np.mean, axis={"a": len}), "builtins.len is bound"),
    "an estimator class": (lambda: partial(np.mean, axis=FunctionTransformer), "FunctionTransformer is bound"),
    "a partial": (lambda: partial(sorted, key=partial(int, base=2)), "functools.partial is bound"),
    "a getter": (lambda: partial(sorted, key=itemgetter(1)), "operator.itemgetter is bound"),
    "an array by position": (lambda: partial(np.add, ARRAY), "by position"),
    "an array in a list by position": (lambda: partial(np.add, [ARRAY]), "by position"),
    "a table by position": (lambda: partial(np.add, pd.Series([1.0])), "by position"),
    "an array of objects by position": (lambda: partial(np.add, np.array([None, []], dtype=object)), "by position"),
    "an output": (lambda: partial(np.add, out=ARRAY), "'out'"),
    "an output that is none yet": (lambda: partial(np.add, out=None), "'out'"),
    "an output of a transformer": (lambda: transformer(np.log1p, out=ARRAY), "'out'"),
    "a function for a transformer": (lambda: transformer(sorted, key=len), "builtins.len is bound"),
    "an output of the inverse": (lambda: FunctionTransformer(None, np.exp, inv_kw_args={"out": ARRAY}), "'out'"),
    "an output in an ordered dictionary": (
        lambda: FunctionTransformer(np.exp, kw_args=OrderedDict(out=ARRAY)),
        "'out'",
    ),
    "an output in a default dictionary": (
        lambda: FunctionTransformer(np.exp, kw_args=defaultdict(int, out=ARRAY)),
        "'out'",
    ),
    "an output for a partial": (lambda: FunctionTransformer(partial(np.exp), kw_args={"out": ARRAY}), "'out'"),
    "raw memory": (lambda: partial(np.ndarray, (10,)), "raw memory"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_be_called_or_written_to_is_refused(name: str):
    build, words = HOSTILE[name]
    with pytest.raises(InvalidState, match=words):
        hermetic.loads(hermetic.dumps(build()))


def test_a_trusted_function_gets_whatever_it_was_given():
    data = hermetic.dumps(partial(np.apply_along_axis, len, out=ARRAY))
    made = hermetic.loads(data, trusted=["numpy.apply_along_axis"])
    assert made.args == (len,)


def _with_keys(keys: Any) -> Any:
    graph = capture(partial(np.add, where=1))
    graph.nodes[0].keys = keys
    return graph


@pytest.mark.parametrize(
    "keys",
    [[{"text": "b3V0"}], [{"numpy": ["<U3", "bwAAAHUAAAB0AAAA"]}], Same("out"), Packed("text", ["out"])],
    ids=str,
)
def test_an_output_is_told_in_each_form_of_a_name(keys: Any):
    with pytest.raises(InvalidState, match=r"'out'|text keys"):
        through_the_gates(_with_keys(keys))


def test_a_link_cannot_bring_an_argument_later():
    graph = capture({"partial": partial(np.add, where=[1]), "array": [ARRAY]})
    number = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Instances))
    keywords = graph.nodes[number].fields["keywords"][0]
    target = next(number for number, node in enumerate(graph.nodes) if type(node).__name__ == "Sequences")
    graph.links = [Link(node=keywords, row=0, slot=0, target_node=target, target_row=0)]
    with pytest.raises(InvalidState, match="cycle passes"):
        through_the_gates(graph)


def test_arguments_that_share_a_list_are_looked_at_once():
    shared: list[Any] = [1]
    for _ in range(20):
        shared = [shared, shared]
    bring_back(partial(np.mean, axis=shared))
    for _ in range(40):
        shared = [shared, shared]
    with pytest.raises(hermetic.InvalidState, match="shared so often"):
        bring_back(partial(np.mean, axis=shared))


def test_native_code_of_k_means_is_no_function_for_a_model():
    from sklearn.cluster._kmeans import _kmeans_single_lloyd

    data = hermetic.dumps(transformer(_kmeans_single_lloyd, sample_weight=np.ones(1)))
    with pytest.raises(hermetic.UntrustedType, match="_kmeans_single_lloyd"):
        hermetic.loads(data)


def test_a_bisecting_clustering_gets_its_function_from_the_library():
    from sklearn.cluster import BisectingKMeans
    from sklearn.cluster._kmeans import _kmeans_single_elkan, _kmeans_single_lloyd

    X = np.arange(40.0).reshape(20, 2)
    for algorithm, function in (("lloyd", _kmeans_single_lloyd), ("elkan", _kmeans_single_elkan)):
        model = BisectingKMeans(3, algorithm=algorithm, random_state=0).fit(X)
        assert bring_back(model)._kmeans_single is function

    def rename(parts: TakenApart) -> None:
        node = next(node for node in parts.graph["nodes"] if "_kmeans_single" in node.get("fields", {}))
        assert node["fields"]["_kmeans_single"] == "elkan"
        node["fields"]["_kmeans_single"] = "other"

    with pytest.raises(InvalidState, match="no division is fitted by 'other'"):
        hermetic.loads(changed(model, rename))


def _neighbours() -> KNeighborsClassifier:
    return KNeighborsClassifier(1, algorithm="brute").fit(scipy.sparse.csr_matrix(np.eye(5)), [0, 1, 0, 1, 0])


SHARED_OUTPUTS: dict[str, Callable[[Any], Any]] = {
    "scorer": lambda array: make_scorer(np.add, out=array),
    "scorer with a tuple": lambda array: make_scorer(np.add, out=(array,)),
    "scorer with a mask": lambda array: make_scorer(np.add, out={"data": [array]}),
    "metric": lambda array: NearestNeighbors(metric=np.add, metric_params={"out": array}),
    "kernel": lambda array: KernelPCA(kernel=np.add, kernel_params={"out": array}),
    "dictionary": lambda array: [np.log1p, {"out": array}],
}


@pytest.mark.parametrize("name", SHARED_OUTPUTS)
def test_an_output_that_something_else_relies_on_is_refused(name: str):
    """np.add(y, predictions, out=indices) would write to a sparse matrix after its check."""
    model = _neighbours()
    data = hermetic.dumps([model, SHARED_OUTPUTS[name](model._fit_X.indices)])
    with pytest.raises(InvalidState, match="may write to, as 'out'"):
        hermetic.loads(data)


def test_an_output_in_a_container_that_is_shared_is_refused():
    shared = (np.zeros(3), [])
    with pytest.raises(InvalidState, match="may write to"):
        hermetic.loads(hermetic.dumps([make_scorer(np.add, out=shared), shared]))


HONEST_OUTPUTS: dict[str, Callable[[], Any]] = {
    "an array of its own": lambda: make_scorer(np.add, out=np.zeros(3)),
    "a shared array without such a function": lambda: (lambda array: [{"out": array}, array])(np.zeros(3)),
    "a shared array under another name": lambda: (lambda array: [np.add, {"in": array}, array])(np.zeros(3)),
    "a word": lambda: [np.add, {"out": 5, "in": 6}, CountVectorizer().fit(["out in out"])],
    "many words": lambda: [np.add, {f"word{n}": n for n in range(50)}],
}


@pytest.mark.parametrize("name", HONEST_OUTPUTS)
def test_an_output_that_nothing_else_relies_on_is_honest(name: str):
    bring_back(HONEST_OUTPUTS[name]())


def test_a_link_counts_as_holding():
    array, holder = np.zeros(3), []
    holder.append(holder)
    graph = capture([np.add, {"out": array}, holder])
    arrays = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Arrays))
    graph.links[0] = Link(**{**_fields(graph.links[0]), "target_node": arrays, "target_row": 0})
    with pytest.raises(InvalidState, match="may write to"):
        through_the_gates(graph)


def _fields(link: Link) -> dict[str, Any]:
    return {name: getattr(link, name) for name in ("node", "row", "slot", "target_node", "target_row")}
