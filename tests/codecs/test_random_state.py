"""Random generators go on exactly where they stood, and no state makes native code read beyond its arrays."""

from __future__ import annotations

import numpy as np
import pytest

import hermetic
from hermetic.errors import CannotSave
from tests.codecs.hostile import bring_back, dumps_elsewhere, refuse

KINDS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


def _used(kind: str, seed: int = 7) -> np.random.Generator:
    generator = np.random.Generator(getattr(np.random, kind)(seed))
    generator.integers(0, 9, size=3, dtype=np.int32)  # leaves half of a 64-bit word behind
    return generator


@pytest.mark.parametrize("kind", KINDS)
def test_a_generator_goes_on_where_it_stood(kind: str):
    generator = _used(kind)
    restored = bring_back(generator)
    assert (
        restored.integers(0, 99, size=5, dtype=np.int32).tolist()
        == generator.integers(0, 99, size=5, dtype=np.int32).tolist()
    )
    assert restored.normal(size=700).tobytes() == generator.normal(size=700).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_random_state_around_any_bit_generator_goes_on(kind: str):
    state = np.random.RandomState(getattr(np.random, kind)(3))
    state.normal()
    restored = bring_back(state)
    assert restored.normal(size=3).tobytes() == state.normal(size=3).tobytes()


def test_a_normal_number_that_waits_is_kept():
    state = np.random.RandomState(5)
    state.normal()
    restored = bring_back(state)
    assert restored.get_state(legacy=False)["has_gauss"] == 1
    assert restored.normal() == state.normal()


def test_generators_that_share_a_bit_generator_keep_sharing_it():
    shared = np.random.PCG64(1)
    first, second = bring_back([np.random.Generator(shared), np.random.Generator(shared)])
    assert first is not second
    assert first.bit_generator is second.bit_generator


def test_numpys_global_state_comes_back_as_an_equal_object():
    restored = bring_back(np.random.mtrand._rand)
    assert restored is not np.random.mtrand._rand
    before, after = np.random.get_state(legacy=False), restored.get_state(legacy=False)
    assert before["state"]["key"].tolist() == after["state"]["key"].tolist()
    assert before["state"]["pos"] == after["state"]["pos"]


def test_many_generators_stand_in_one_table():
    states = [np.random.RandomState(seed) for seed in range(30)]
    restored = bring_back(states)
    assert [state.randint(1000) for state in restored] == [state.randint(1000) for state in states]
    assert len(hermetic.dumps(states)) < 30 * 2600 + 4000


@pytest.mark.parametrize(
    "entropy", [0, 7, 2**90, [1, 2, 2**40], (3, 4), np.arange(4, dtype=np.uint32), np.int64(5)], ids=repr
)
def test_a_seed_sequence_gives_the_same_words(entropy: object):
    sequence = np.random.SeedSequence(entropy, spawn_key=(1, 2**40), pool_size=6)
    assert bring_back(sequence).generate_state(8).tolist() == sequence.generate_state(8).tolist()


def test_a_seed_sequence_goes_on_spawning():
    sequence = np.random.SeedSequence(4)
    sequence.spawn(3)
    restored = bring_back(sequence)
    assert restored.spawn(1)[0].spawn_key == (3,)


def test_a_restored_generator_spawns_the_same_children():
    generator = np.random.default_rng(3)
    restored = bring_back(generator)
    assert restored.spawn(1)[0].random() == generator.spawn(1)[0].random()


def test_a_seed_sequence_that_takes_long_to_make_is_refused_at_dump():
    with pytest.raises(CannotSave, match="too large"):
        hermetic.dumps(np.random.SeedSequence(1 << 200_000))


LONGEST = {
    "words": np.ones(4096, dtype=np.uint32),
    "small numbers in wide words": np.ones(4096, dtype=np.int64),
    "wide numbers": np.full(2048, 1 << 32, dtype=np.uint64),
    "a tuple": (1,) * 4096,
    "a tuple of wide numbers": (1 << 32,) * 2048,
    "one number": (1 << (32 * 4096)) - 1,
}


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_seed_that_is_saved_loads_and_the_next_one_is_refused_at_once(name: str):
    entropy = LONGEST[name]
    longer = entropy << 1 if isinstance(entropy, int) else np.append(entropy, np.ones(1, dtype=np.uint8))
    if isinstance(entropy, tuple):
        longer = (*entropy, 1)

    assert np.array_equal(bring_back(np.random.SeedSequence(entropy)).pool, np.random.SeedSequence(entropy).pool)
    with pytest.raises(CannotSave, match="too large"):
        hermetic.dumps(np.random.SeedSequence(longer))


def test_entropy_and_spawn_key_have_one_bound_together():
    assert bring_back(np.random.SeedSequence((1,) * 4000, spawn_key=(1,) * 96)).spawn_key == (1,) * 96
    with pytest.raises(CannotSave, match="too large"):
        hermetic.dumps(np.random.SeedSequence((1,) * 4000, spawn_key=(1,) * 97))


def test_a_seed_that_is_true_is_one():
    assert bring_back(np.random.SeedSequence(True)).pool.tolist() == np.random.SeedSequence(1).pool.tolist()


def test_a_spawn_key_of_rows_is_refused_at_dump():
    with pytest.raises(CannotSave, match="no row of integers"):
        hermetic.dumps(np.random.SeedSequence(1, spawn_key=((1, 2), 3)))


def test_another_process_writes_the_same_bytes():
    code = "import numpy\nvalue = [numpy.random.RandomState(3), numpy.random.default_rng(4)]"
    assert dumps_elsewhere(code) == hermetic.dumps([np.random.RandomState(3), np.random.default_rng(4)])


HOSTILE = [
    # With these positions set_state crashes the unprotected process.
    ("MT19937", "pos", 10**9),
    ("MT19937", "pos", 625),
    ("MT19937", "pos", -1),
    ("MT19937", "pos", True),
    ("Philox", "buffer_pos", -(10**6)),
    ("Philox", "buffer_pos", 5),
    # With this key normal() never ends.
    ("MT19937", "key", np.zeros(624, np.uint32)),
    ("MT19937", "key", np.r_[np.uint32(2**31 - 1), np.zeros(623, np.uint32)].astype(np.uint32)),
    ("MT19937", "key", np.ones(623, np.uint32)),
    ("MT19937", "key", np.ones(624, np.uint64)),
    ("MT19937", "key", np.ones(624, ">u4")),
    ("MT19937", "key", None),
    ("MT19937", "seed_seq", 1),
    ("MT19937", "surplus", 1),
    ("Philox", "counter", np.ones(5, np.uint64)),
    ("Philox", "key", np.ones((2, 1), np.uint64)),
    ("Philox", "buffer", np.ones(3, np.uint64)),
    ("Philox", "uinteger", 2**32),
    ("PCG64", "state", {"int": hex(2**128)}),
    ("PCG64", "state", -1),
    ("PCG64", "inc", 2),
    ("PCG64DXSM", "inc", 0),
    ("PCG64", "has_uint32", 2),
    ("PCG64", "has_uint32", 0.0),
    ("SFC64", "state", np.ones(3, np.uint64)),
]


@pytest.mark.parametrize(("kind", "field", "new"), HOSTILE, ids=lambda part: str(part)[:20])
def test_a_hostile_bit_generator_is_refused(kind: str, field: str, new: object):
    refuse(getattr(np.random, kind)(7), f"numpy.random.{kind}", field, new)


@pytest.mark.parametrize(
    ("field", "new"),
    [("has_gauss", 2), ("has_gauss", False), ("gauss", None), ("bit_generator", None), ("bit_generator", 3)],
)
def test_a_hostile_random_state_is_refused(field: str, new: object):
    refuse(np.random.RandomState(1), "numpy.random.RandomState", field, new)


def test_a_generator_without_bit_generator_is_refused():
    refuse(np.random.default_rng(1), "numpy.random.Generator", "bit_generator", None)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("entropy", -1),
        ("entropy", 0.5),
        ("entropy", "0x1"),
        ("entropy", {"int": hex(1 << 200_000)}),
        ("entropy", {"tuple": [1, -1]}),
        ("entropy", {"tuple": [1, "a"]}),
        ("entropy", {"tuple": [1] * 5000}),
        ("entropy", {"tuple": [{"int": hex(1 << 90)}] * 1366}),
        ("spawn_key", 1),
        ("spawn_key", {"tuple": [None]}),
        ("pool_size", 3),
        ("pool_size", 10**9),
        ("n_children_spawned", -1),
        ("n_children_spawned", 2**32),
    ],
    ids=lambda part: str(part)[:20],
)
def test_a_hostile_seed_sequence_is_refused(field: str, new: object):
    refuse(np.random.SeedSequence(7), "numpy.random.SeedSequence", field, new)
