"""The law of the edited graph: one edit gives an error about the file, or something that can be saved again.

Everything around the graph is right, checksums and headers too; so what stops the edit is a gate, not the container.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hermetic
from hermetic.errors import CannotSave, FileError
from hermetic.limits import Limits
from tests.laws.edits import HONEST, REPLACEMENTS, edited, places_in
from tests.taken_apart import take_apart

PARTS = {name: take_apart(make()) for name, make in HONEST.items()}
PLACES = {name: places_in(parts.graph) for name, parts in PARTS.items()}
SMALL = Limits(values=100_000, nodes=1000)


def _put_together(name: str, graph: object) -> bytes | None:
    parts = PARTS[name]
    try:
        return type(parts)(graph=graph, members=parts.members).put_together()
    except (OverflowError, ValueError):
        return None  # An edit that no JSON can hold.


@pytest.mark.parametrize("name", HONEST)
@settings(max_examples=120, deadline=2000)
@given(data=st.data())
def test_one_edit_is_refused_as_a_fault_of_the_file_or_gives_something_whole(name: str, data: st.DataObject):
    place = data.draw(st.sampled_from(PLACES[name]))
    action = data.draw(st.sampled_from(["replace", "replace", "replace", "drop", "repeat", "swap"]))
    file = _put_together(name, edited(PARTS[name].graph, place, action, data.draw(st.sampled_from(REPLACEMENTS))))
    if file is None:
        return
    try:
        loaded = hermetic.loads(file, limits=SMALL)
    except FileError as error:
        assert error.found
        return
    try:
        hermetic.dumps(loaded)
    except CannotSave:
        return


@pytest.mark.parametrize("name", HONEST)
def test_the_parts_without_an_edit_are_the_file_again(name: str):
    file = _put_together(name, PARTS[name].graph)
    assert file is not None
    assert take_apart(hermetic.loads(file)).graph == PARTS[name].graph
