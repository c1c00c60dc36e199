"""Scorers, function transformers, bunches and imputer steps: each rule of their validators, broken and kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.impute._iterative import _ImputerTriplet
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, fbeta_score, get_scorer, make_scorer
from sklearn.metrics._scorer import _CurveScorer, _MultimetricScorer, _PassthroughScorer
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch
from sklearn.utils.validation import check_array

from hermetic.capture import capture
from hermetic.errors import CannotSave, InvalidState, UntrustedType
from hermetic.graph import Graph, Instances, Link, Name, Sequences
from tests.codecs.hostile import all_in_use, bring_back, change, through_the_gates

METRICS = "sklearn.metrics."
TRANSFORMER = "sklearn.preprocessing.FunctionTransformer"
BUNCH = "sklearn.utils.Bunch"
TRIPLET = "sklearn.impute._ImputerTriplet"

SCORERS: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "_Scorer": (lambda: make_scorer(fbeta_score, beta=2), {"score_func", "sign", "kwargs", "response_method"}),
    "_CurveScorer": (
        lambda: _CurveScorer.from_scorer(get_scorer("balanced_accuracy"), "predict_proba", 7),
        {"score_func", "sign", "kwargs", "response_method", "thresholds"},
    ),
    "_MultimetricScorer": (
        lambda: _MultimetricScorer(scorers={"a": get_scorer("accuracy")}),
        {"scorers", "raise_exc"},
    ),
    "_PassthroughScorer": (lambda: _PassthroughScorer(LogisticRegression()), {"estimator"}),
}


def _table(graph: Graph, name: str) -> Instances:
    return next(node for node in graph.nodes if isinstance(node, Instances) and graph.names[node.type].name == name)


def _refuse(value: Any, name: str, field: str, new: Any, words: str) -> None:
    with pytest.raises(InvalidState, match=words):
        through_the_gates(all_in_use(change(value, name, field, new)))


@pytest.mark.parametrize("kind", SCORERS)
def test_a_scorer_holds_the_arguments_of_its_constructor_under_their_names(kind: str):
    build, fields = SCORERS[kind]

    graph = capture(build())

    found = set(_table(graph, METRICS + kind).fields)
    assert found - {"_metadata_request"} == fields


@pytest.mark.parametrize("kind", SCORERS)
def test_a_scorer_has_the_same_attributes_again(kind: str):
    before = SCORERS[kind][0]()

    after = bring_back(before)

    assert type(after) is type(before)
    assert vars(after).keys() == vars(before).keys()
    assert repr(after) == repr(before)


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in SCORERS for field in sorted(SCORERS[kind][1])])
def test_a_scorer_that_lacks_a_part_is_refused_by_its_name(kind: str, field: str):
    graph = all_in_use(capture(SCORERS[kind][0]()))
    del _table(graph, METRICS + kind).fields[field]

    with pytest.raises(InvalidState, match=f"lacks {field}"):
        through_the_gates(graph)


@pytest.mark.parametrize("sign", [1, -1, {"numpy": ["<i8", -1]}, {"numpy": ["<f8", 1.0]}], ids=str)
def test_a_sign_of_either_kind_is_taken(sign: Any):
    made = through_the_gates(change(SCORERS["_Scorer"][0](), METRICS + "_Scorer", "sign", sign))

    assert made._sign == (sign["numpy"][1] if type(sign) is dict else sign)


SIGNS = [0, 2, -2, 0.5, "1", None, {"float": "nan"}, {"float": "inf"}, {"numpy": ["<i8", 2]}, {"tuple": [1]}, [0]]


@pytest.mark.parametrize("kind", ["_Scorer", "_CurveScorer"])
@pytest.mark.parametrize("sign", SIGNS, ids=str)
def test_a_sign_of_no_kind_is_refused(kind: str, sign: Any):
    _refuse(SCORERS[kind][0](), METRICS + kind, "sign", lambda old: sign, "sign of a scorer must be 1 or -1")


def test_the_signs_of_all_scorers_of_a_table_are_checked():
    scorers = [make_scorer(fbeta_score, beta=number, greater_is_better=number > 2) for number in range(1, 5)]
    assert [scorer._sign for scorer in bring_back(scorers)] == [-1, -1, 1, 1]

    _refuse(scorers, METRICS + "_Scorer", "sign", [1, 1, 1, 0], "1 or -1")


def test_a_scorer_over_a_foreign_function_needs_trust_in_that_function():
    graph = capture(make_scorer(balanced_accuracy_score))
    number = next(number for number, name in enumerate(graph.names) if name.role == "referenced")
    graph.names[number] = Name("os.system", "referenced")

    with pytest.raises(UntrustedType, match=r"os\.system"):
        through_the_gates(graph)


def _linked_sign() -> Graph:
    graph = all_in_use(capture(get_scorer("accuracy")))
    number = graph.nodes.index(_table(graph, METRICS + "_Scorer"))
    graph.links.append(Link(number, 0, "sign", number, 0))
    return graph


AROUND: dict[str, tuple[Callable[[], Graph], str]] = {
    "under its private name": (
        lambda: change(get_scorer("accuracy"), METRICS + "_Scorer", "_sign", 5),
        "no field '_sign'",
    ),
    "by a link": (_linked_sign, "a cycle passes through 'sign'"),
    "with another method": (
        lambda: change(get_scorer("accuracy"), METRICS + "_Scorer", "_score", 5),
        "attribute '_score' of its own",
    ),
}


@pytest.mark.parametrize("way", AROUND)
def test_nothing_gets_around_the_rules_of_a_scorer(way: str):
    build, words = AROUND[way]

    with pytest.raises(InvalidState, match=words):
        through_the_gates(build())


def test_a_scorer_keeps_a_note_and_a_cycle_through_it():
    scorer = make_scorer(fbeta_score, beta=2)
    scorer.note = [scorer]

    restored = bring_back(scorer)

    assert restored.note[0] is restored


@pytest.mark.parametrize("attribute", ["sign", "score_func", "_score"])
def test_a_scorer_with_an_attribute_that_would_not_load_is_not_saved(attribute: str):
    scorer = make_scorer(fbeta_score, beta=2)
    vars(scorer)[attribute] = 1

    with pytest.raises(CannotSave, match=f"its own attribute '{attribute}'"):
        capture(scorer)


OWN_CHECKS: dict[str, tuple[Any, bool]] = {
    "as the library makes it": (partial(check_array, dtype=[np.float64], ensure_all_finite=False), False),
    "with other dtypes": (partial(check_array, dtype=[np.float32], ensure_all_finite=False), True),
    "with one dtype": (partial(check_array, dtype=np.float64, ensure_all_finite=False), True),
    "with finite numbers only": (partial(check_array, dtype=[np.float64], ensure_all_finite=True), True),
    "with another keyword": (partial(check_array, dtype=[np.float64], copy=False), True),
    "with a third keyword": (partial(check_array, dtype=[np.float64], ensure_all_finite=False, copy=True), True),
    "with the dtype alone": (partial(check_array, dtype=[np.float64]), True),
    "with an argument": (partial(check_array, [[1.0]], dtype=[np.float64], ensure_all_finite=False), True),
    "of another function": (partial(np.asarray, dtype=[np.float64], ensure_all_finite=False), True),
    "the function itself": (check_array, True),
    "nothing": (None, True),
}


@pytest.mark.parametrize("name", OWN_CHECKS)
def test_only_the_library_s_own_partial_is_told_by_one_word(name: str):
    function, is_stored = OWN_CHECKS[name]

    graph = capture(FunctionTransformer(function))

    assert ("func" in _table(graph, TRANSFORMER).fields) is is_stored
    assert _table(graph, TRANSFORMER).fields.get("checks_numbers") is (None if is_stored else True)


def test_a_partial_with_an_attribute_is_not_the_library_s_own():
    function = partial(check_array, dtype=[np.float64], ensure_all_finite=False)
    function.note = "mine"

    restored = bring_back(FunctionTransformer(function))

    assert restored.func.note == "mine"


def test_the_library_s_own_partial_is_made_anew_for_each():
    ours = partial(check_array, dtype=[np.float64], ensure_all_finite=False)

    first, second, third = bring_back(
        [FunctionTransformer(ours), FunctionTransformer(np.log1p), FunctionTransformer(ours)]
    )

    assert (first.func.func, first.func.args, first.func.keywords) == (ours.func, ours.args, ours.keywords)
    assert third.func is not first.func
    assert second.func is np.log1p
    assert np.isnan(first.fit_transform([[1.0], [np.nan]])[1, 0])


def test_a_transformer_of_no_function_may_be_told_to_check_numbers():
    graph = change(FunctionTransformer(), TRANSFORMER, "checks_numbers", True)
    del _table(graph, TRANSFORMER).fields["func"]

    assert through_the_gates(graph).func.func is check_array


@pytest.mark.parametrize("word", [False, None, 1, "True", {"tuple": []}, {"numpy": ["|b1", True]}], ids=str)
def test_the_one_word_is_true(word: Any):
    graph = change(FunctionTransformer(), TRANSFORMER, "checks_numbers", word)
    del _table(graph, TRANSFORMER).fields["func"]

    with pytest.raises(InvalidState, match="has one function"):
        through_the_gates(graph)


def test_a_transformer_has_no_two_functions():
    _refuse(FunctionTransformer(np.log1p), TRANSFORMER, "checks_numbers", True, "has one function")


@pytest.mark.parametrize("field", ["transform", "fit", "__class__", "__sklearn_is_fitted__"])
def test_a_transformer_may_not_bring_its_own_methods(field: str):
    _refuse(FunctionTransformer(), TRANSFORMER, field, 1, field)


def _deprecated(**items: Any) -> Bunch:
    bunch = Bunch(**items)
    bunch._set_deprecated(1, new_key="a", deprecated_key="old", warning_message="gone soon")
    return bunch


def test_a_bunch_still_warns_of_its_old_keys():
    restored = bring_back([_deprecated(a=1), Bunch(b=2)])

    with pytest.warns(FutureWarning, match="gone soon"):
        assert restored[0]["old"] == 1
    assert restored[1] == {"b": 2}


@pytest.mark.parametrize("field", ["items", "warnings"])
@pytest.mark.parametrize("new", [None, 1, "a", {"tuple": []}], ids=str)
def test_a_bunch_is_made_of_dictionaries(field: str, new: Any):
    _refuse(_deprecated(a=1), BUNCH, field, new, f"{field} of a Bunch must be a dictionary")


def test_a_bunch_is_not_made_of_a_list():
    graph = capture(Bunch(a=[1]))
    inner = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Sequences))
    _table(graph, BUNCH).fields["items"] = [inner]

    with pytest.raises(InvalidState, match="must be a dictionary"):
        through_the_gates(all_in_use(graph))


def test_the_second_bunch_is_named_with_its_place():
    graph = capture([Bunch(a=1), Bunch(a=2)])
    _table(graph, BUNCH).fields["items"] = [[0, 0], 5]

    with pytest.raises(InvalidState, match="must be a dictionary") as caught:
        through_the_gates(graph)

    assert caught.value.where.endswith("[1].items")


def test_a_bunch_has_no_third_field():
    _refuse(Bunch(a=1), BUNCH, "surprise", lambda old: [0], "surprise")


@pytest.mark.parametrize("field", ["feat_idx", "neighbor_feat_idx", "estimator"])
def test_a_step_of_an_imputer_has_all_three_parts(field: str):
    step = _ImputerTriplet(1, np.arange(2), LogisticRegression())
    assert bring_back(step)._fields == step._fields
    graph = all_in_use(capture(step))
    del _table(graph, TRIPLET).fields[field]

    with pytest.raises(InvalidState, match="has the fields"):
        through_the_gates(graph)


def test_a_step_of_an_imputer_has_no_fourth_part():
    _refuse(_ImputerTriplet(1, None, None), TRIPLET, "surprise", 1, "surprise")
