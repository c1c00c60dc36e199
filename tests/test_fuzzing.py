"""The fuzzer's own parts: mutants are the same in every process, seeds stay as they are, totals add up."""

from __future__ import annotations

import random

import numpy as np
import pytest

import hermetic
from fuzzing import mutants
from fuzzing.change_files import changed_file
from fuzzing.draft import Draft, listed, moved, packed, private_arrays
from fuzzing.gates import load_mutant
from fuzzing.mutants import GENTLE, make_mutant
from fuzzing.refusals import place_of_refusal
from fuzzing.report import describe, recipe
from fuzzing.seeds import load_seed, read_graph, seed_names
from fuzzing.server import Batch, Finding, Result
from fuzzing.smaller import Smaller
from fuzzing.tally import Tally
from fuzzing.trial import try_mutant
from fuzzing.valgrind import errors_in
from hermetic.graph import Arrays, Instances, Mappings, Packed, Rows, Same, Sequences
from hermetic.graph_walk import references_of


@pytest.fixture(scope="module")
def seed():
    return load_seed("KMeans-fitted")


# seeds


def test_every_class_and_configuration_of_the_zoo_is_a_seed():
    names = seed_names()
    assert len(names) > 800
    assert {"KMeans-fitted", "svc-sparse", "tree-two-outputs"} <= set(names)


def test_patterns_choose_seeds():
    assert seed_names("KMeans-fit*, svc-sparse") == ["KMeans-fitted", "svc-sparse"]
    assert seed_names("svc-sparse*, !*-linear") == ["svc-sparse"]


def test_a_seed_is_read_from_its_own_file(seed):
    model = hermetic.loads(seed.data)
    assert hermetic.dumps(model) == seed.data
    assert sorted(seed.graph.arrays) == [n for n, node in enumerate(seed.graph.nodes) if isinstance(node, Arrays)]


# mutants


def test_a_number_gives_the_same_mutant_and_leaves_the_seed_as_it_is(seed):
    before = repr(seed.graph)
    first = [make_mutant(seed, number).words for number in range(60)]
    again = [make_mutant(load_seed("KMeans-fitted"), number).words for number in range(60)]
    assert first == again
    assert repr(seed.graph) == before
    assert len(set(first)) > 50


def test_one_step_of_a_mutant_is_the_same_without_the_others(seed):
    whole = make_mutant(seed, 3)
    assert len(whole.words) > 1
    assert make_mutant(seed, 3, steps=[0]).words == whole.words[:1]


def test_gentle_mutants_have_fewer_changes(seed):
    gentle = [len(make_mutant(seed, number * GENTLE).words) for number in range(30)]
    others = [len(make_mutant(seed, number * GENTLE + 1).words) for number in range(30)]
    assert max(gentle) <= 3
    assert np.mean(gentle) < np.mean(others)


def test_mutants_reach_both_sides_of_the_gates(seed):
    kinds = {try_mutant(seed, number, load_mutant, lambda stage: None).kind for number in range(0, 150)}
    assert {"accepted", "normalize", "validate"} <= kinds


def test_using_a_mutant_leaves_the_arrays_of_its_seed_alone(seed):
    before = [array.tobytes() for arrays in seed.graph.arrays.values() for array in arrays]
    for number in range(0, 300, GENTLE):
        try_mutant(seed, number, load_mutant, lambda stage: None)
    assert [array.tobytes() for arrays in seed.graph.arrays.values() for array in arrays] == before


def test_a_changed_file_is_another_file_and_mostly_passes_the_container(seed):
    refused_by = []
    for number in range(60):
        data, words = changed_file(seed.data, seed.written_by, random.Random(number))
        assert words
        try:
            hermetic.loads(data)
        except hermetic.FileError as error:
            refused_by.append(place_of_refusal(error)[0])
    assert len(set(refused_by)) > 2
    assert refused_by.count("container") < 40


# drafts


def _graph():
    return read_graph(hermetic.dumps([np.arange(3.0), {"a": [1, 2]}, np.arange(3)]))[0]


def test_a_draft_copies_what_it_changes():
    graph = _graph()
    draft = Draft(graph)
    number = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Mappings))
    draft.own(number).length = 7
    assert graph.nodes[number].length == 1


def test_what_nothing_refers_to_any_longer_stands_beside_the_model():
    draft = Draft(_graph())
    root = draft.graph.root
    last = draft.own(root[0])
    last.columns = [[None, None, None]]
    finished = draft.finish()
    assert finished.nodes[-1].columns[0][0] == root
    used = {target for node in finished.nodes for _, target, _ in references_of(node)}
    assert used == set(range(len(finished.nodes) - 1))


def test_arrays_of_another_shape_are_described_anew():
    draft = Draft(_graph())
    number = next(iter(draft.graph.arrays))
    assert draft.replace_arrays(number, [np.ones((2, 3), dtype=np.float32, order="F")])
    node = draft.graph.nodes[number]
    assert (node.shape, node.dtype, node.order) == ([2, 3], "<f4", "F")


def test_rows_of_different_lengths_are_described_by_their_lengths():
    draft = Draft(_graph())
    number = next(iter(draft.graph.arrays))
    assert draft.replace_arrays(number, [np.ones((2, 3)), np.ones((1, 3))])
    node = draft.graph.nodes[number]
    assert (node.shape, node.lengths, node.rows) == ([3], [2, 1], 2)
    assert not draft.replace_arrays(number, [np.ones((2, 3)), np.ones((1, 2))])


def test_references_move_when_nodes_are_put_before_them():
    node = Instances(0, {"a": [1], "b": 2.0})
    assert moved(node, lambda number: number + 5).fields == {"a": [6], "b": 2.0}
    table = Sequences("list", 2, [Rows(1, {0: [2]}), Same([3]), [[4, 1], None]], 2)
    assert moved(table, lambda number: number * 10).columns == [Rows(10, {0: [20]}), Same([30]), [[40, 1], None]]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (Same([3]), [[3], [3]]),
        (Rows(4, {0: None}), [None, [4, 0]]),
        (Packed("float", [0.5, float("nan")]), [0.5, {"float": "nan"}]),
        (Packed("int", [1, 1 << 60]), [1, {"int": hex(1 << 60)}]),
        (Packed("numpy", np.array([1, 2], dtype="i2")), [{"numpy": ["<i2", 1]}, {"numpy": ["<i2", 2]}]),
    ],
)
def test_every_form_of_column_can_be_said_value_by_value(column, values):
    assert listed(column, 2) == values


def test_a_column_is_packed_as_a_reader_would_give_it():
    column = packed(list(range(300)))
    assert (column.kind, column.items.dtype) == ("int", np.dtype("i2"))
    assert packed([1, "a"]) == [1, "a"]


def test_private_arrays_keep_their_values_and_layout():
    base = np.arange(12.0).reshape(3, 4)[:, :3]
    graph = read_graph(hermetic.dumps([base, np.asfortranarray(base)]))[0]
    before = dict(graph.arrays)
    private_arrays(graph)
    for number, [array] in graph.arrays.items():
        assert not np.shares_memory(array, before[number][0])
        assert array.strides == before[number][0].strides
        assert np.array_equal(array, base)


# totals


def _result(kinds, findings=()):
    seed = load_seed("Ridge-fitted")
    return Result(
        batch=Batch(seed=seed, numbers=range(5)), kinds=kinds, lines={"a.py:f:1": [2, 0]}, findings=list(findings)
    )


def test_totals_tell_gates_from_the_container():
    tally = Tally()
    tally.add_counts(_result({"accepted": 2, "accepted, not saved": 1, "validate": 3, "policy": 1, "container": 4}))
    name = "Ridge-fitted"
    assert (tally.accepted(name), tally.refused(name), tally.tried(name)) == (3, 4, 11)
    assert tally.lines == {"a.py:f:1": 2}
    assert not tally.is_enough(name)


def test_a_defect_counts_once_for_each_seed():
    tally = Tally()
    findings = [Finding(seed="Ridge-fitted", number=number, what="SIGSEGV while used") for number in (1, 2)]
    [new] = tally.add_counts(_result({}, findings))
    tally.add_finding(Smaller(finding=new, steps=(1,), words=("a change",)))
    assert tally.add_counts(_result({}, findings)) == []
    assert len(tally.findings) == 1
    assert "--steps 1" in describe(tally.findings[0])


def test_totals_go_on_where_the_file_ends(tmp_path):
    path = tmp_path / "totals.json"
    tally = Tally.read(path)
    assert tally.take_numbers("a", 3, 1) == range(3)
    tally.write(path)
    assert Tally.read(path).take_numbers("a", 2, GENTLE) == range(10, 30, 10)


def test_a_recipe_is_a_command():
    assert recipe("svc-sparse", 7, (0, 2)) == "python -m fuzzing --seed-name 'svc-sparse' --number 7 --steps 0,2"


# valgrind

LOG = """
==7== Invalid read of size 8
==7==    at 0x4023C6C: strncmp (strcmp-sse2.S:160)
==7==
=== svc-sparse 10
==7== Invalid read of size 8
==7==    at 0x4023C6C: strncmp (strcmp-sse2.S:160)
==7==    by 0x4004BEE: is_dst (dl-load.c:216)
==7==
==7== Invalid write of size 4
==7==    at 0x5C6C: svm_predict (svm.cpp:16)
==7==    by 0x6BEE: predict (libsvm.c:2)
==7==  Address 0x5b1f211 is 1 bytes after a block of size 8 alloc'd
=== svc-sparse 10 accepted
""".splitlines()


def test_an_error_that_valgrind_tells_belongs_to_the_mutant_before_it():
    found = [("svc-sparse 10", "Invalid write of size 4: svm_predict (svm.cpp:16) < predict (libsvm.c:2)")]
    assert list(errors_in(LOG)) == found


# changes


@pytest.mark.parametrize("change", [*dict.fromkeys(mutants._CHANGES), *dict.fromkeys(mutants._BREAKING)])
def test_each_change_says_what_it_did_and_leaves_the_seed_as_it_is(change):
    said = []
    for name in ("columns-text", "forest-class-outputs"):
        seed = load_seed(name)
        before = repr(seed.graph)
        for number in range(60):
            draft = Draft(seed.graph)
            said.append(change(draft, random.Random(number)))
            if change in mutants._CHANGES:
                draft.finish()
        assert repr(seed.graph) == before
    assert sum(map(bool, said)) >= 3


def test_a_gate_refuses_what_is_broken(seed):
    kinds = {try_mutant(seed, number, load_mutant, lambda stage: None).kind for number in range(1, 200, 10)}
    assert "normalize" in kinds
