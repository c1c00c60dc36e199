"""The recipe for a file of our own: gates in order, and notes for who wants a report."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.errors import ForeignFormat
from hermetic.foreign_files import read_legacy
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.own_files import Wishes, restore_container, restore_opened
from hermetic.stages import Journal
from tests.zoo import user_module

X = np.arange(12.0).reshape(6, 2)
MODEL = LinearRegression().fit(X, X[:, 0])


def opened(value: Any) -> Any:
    return open_container(BufferSource(hermetic.dumps(value)))


def test_a_container_becomes_a_model():
    assert np.array_equal(restore_container(opened(MODEL), Wishes()).coef_, MODEL.coef_)


def test_wishes_are_by_default_those_of_load():
    wishes = Wishes()
    assert (wishes.mmap_mode, tuple(wishes.trusted), wishes.check, wishes.report) == (None, (), "auto", False)


def test_files_of_every_format_are_restored():
    for source in (opened({"a": 1}), read_legacy(pickle.dumps({"a": 1}))):
        assert restore_opened(source, Wishes()) == {"a": 1}


@pytest.mark.parametrize("source", [opened, lambda value: read_legacy(pickle.dumps(value))], ids=["own", "pickle"])
def test_a_journal_notes_code_of_the_user(source: Any):
    journal = Journal()
    name = f"{user_module.__name__}.UserScaler"
    restore_opened(source(user_module.UserScaler()), Wishes(trusted=[name]), journal)
    assert [own.name for own in journal.foreign] == [name]
    assert journal.is_known
    assert not journal.migrations


@pytest.mark.parametrize("source", [opened, lambda value: read_legacy(pickle.dumps(value))], ids=["own", "pickle"])
def test_a_journal_of_a_model_of_the_library_is_empty(source: Any):
    journal = Journal()
    restore_opened(source(MODEL), Wishes(), journal)
    assert (journal.foreign, journal.migrations, journal.is_known) == ([], [], True)


def test_trust_is_asked_for_as_ever():
    with pytest.raises(hermetic.UntrustedType):
        restore_container(opened(user_module.UserScaler()), Wishes())


def test_what_is_no_container_is_none():
    with pytest.raises(ForeignFormat):
        open_container(BufferSource(pickle.dumps(MODEL)))
