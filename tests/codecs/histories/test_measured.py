"""since: which types are known from which release on; every one of them is a type that a codec keeps."""

from __future__ import annotations

from hermetic.codecs.histories import ensembles, history_of, linear, measured, others, preprocessing
from hermetic.codecs.history import RELEASES
from hermetic.codecs.registry import CODECS

KEPT = {name for codec in CODECS for name in codec.classes}
TABLES = (ensembles.CHANGES, linear.CHANGES, others.CHANGES, preprocessing.CHANGES)


def test_every_measured_type_is_one_that_a_codec_keeps():
    assert measured.since().keys() <= KEPT


def test_every_type_that_has_changed_has_been_measured():
    changed = {name for table in TABLES for names in table for name in names.split()}
    assert changed <= measured.since().keys()


def test_every_release_is_a_known_one():
    assert set(measured.since().values()) <= set(RELEASES)
    for name in measured.since():
        assert {change.release for change in history_of(name).changes} <= set(RELEASES)


def test_no_change_is_older_than_what_is_known_of_its_type():
    for name, since in measured.since().items():
        assert all(RELEASES.index(change.release) > RELEASES.index(since) for change in history_of(name).changes), name


def test_changes_stand_in_the_order_of_their_releases():
    for name in measured.since():
        found = [RELEASES.index(change.release) for change in history_of(name).changes]
        assert found == sorted(found)


def test_nearly_every_estimator_is_known():
    unknown = {name for name in KEPT if name.startswith("sklearn.")} - measured.since().keys()
    # Abstract classes, mixins and helpers that no fitted model holds.
    assert {name.rpartition(".")[2] for name in unknown} <= {
        *("BaseShuffleSplit", "GenericKernelMixin", "GroupsConsumerMixin", "Hyperparameter", "MetadataRouter"),
        *("MethodMapping", "NormalizedKernelMixin", "StationaryKernelMixin", "VerboseReporter", "_MultimetricScorer"),
        "_RidgeGCV",
    }


def test_a_type_that_nobody_knows_has_no_history():
    assert history_of("sklearn.nothing.Nobody") is None
