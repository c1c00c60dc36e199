"""Records of the stand-in behave as those of msgspec, for each way in which the package makes one."""

from __future__ import annotations

import copy
import pickle
from typing import Any, ClassVar

import pytest

from hermetic.structs import stand_in

msgspec = pytest.importorskip("msgspec")


def records(library: Any) -> dict[str, Any]:
    """Give one class for each set of options, made with a library."""

    class Plain(library.Struct):
        first: int
        second: Any = None
        count: ClassVar[int] = 7

    class Fixed(library.Struct, frozen=True):
        value: Any

    class Named(library.Struct, kw_only=True, frozen=True):
        name: str
        length: int = 0

    class Mutable(library.Struct, gc=False):
        items: list[int] = []  # noqa: RUF012 - each record gets its own
        places: dict[str, int] = {}  # noqa: RUF012 - each record gets its own

    class Tagged(library.Struct, tag="tagged", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
        rows: int = 1
        order: str = "C"
        lengths: Any = None

    class Row(library.Struct, array_like=True, frozen=True):
        node: int
        slot: Any

    return {kind.__name__: kind for kind in (Plain, Fixed, Named, Mutable, Tagged, Row)}


BOTH = {"stand-in": records(stand_in), "msgspec": records(msgspec)}
MADE: dict[str, Any] = {
    "Plain by position": lambda own: own["Plain"](1, "b"),
    "Plain by name": lambda own: own["Plain"](second=2.5, first=-1),
    "Plain by default": lambda own: own["Plain"](1),
    "Fixed": lambda own: own["Fixed"]([1]),
    "Named": lambda own: own["Named"](name="a"),
    "Mutable": lambda own: own["Mutable"](),
    "Tagged by default": lambda own: own["Tagged"](),
    "Tagged": lambda own: own["Tagged"](2, "F", []),
    "Row": lambda own: own["Row"](3, "field"),
    "one in the other": lambda own: own["Plain"](1, own["Tagged"](rows=5)),
}
NOT_MADE: dict[str, Any] = {
    "too many": lambda own: own["Fixed"](1, 2),
    "too few": lambda own: own["Plain"](),
    "by position": lambda own: own["Named"]("a"),
    "unknown": lambda own: own["Fixed"](value=1, other=2),
    "twice": lambda own: own["Fixed"](1, value=1),
    "a text": lambda own: own["Fixed"](**{"not a name": 1}),
}


@pytest.mark.parametrize("case", MADE)
def test_a_record_has_the_same_fields_words_and_text(case: str) -> None:
    own, other = (MADE[case](BOTH[library]) for library in ("stand-in", "msgspec"))
    assert repr(own) == repr(other)
    assert own == MADE[case](BOTH["stand-in"])
    assert own != other
    assert stand_in.json.encode(own) == msgspec.json.encode(other)
    assert own.__struct_fields__ == other.__struct_fields__
    assert repr(copy.deepcopy(own)) == repr(copy.copy(own)) == repr(other)


@pytest.mark.parametrize("case", NOT_MADE)
@pytest.mark.parametrize("library", BOTH)
def test_what_is_no_record_is_refused(case: str, library: str) -> None:
    with pytest.raises(TypeError):
        NOT_MADE[case](BOTH[library])


@pytest.mark.parametrize("library", BOTH)
def test_a_frozen_record_is_never_changed_and_can_be_a_key_and_others_cannot(library: str) -> None:
    fixed, plain = BOTH[library]["Fixed"](1), BOTH[library]["Plain"](1)
    with pytest.raises(AttributeError):
        fixed.value = 2
    with pytest.raises(AttributeError):
        del fixed.value
    assert hash(fixed) == hash(BOTH[library]["Fixed"](1))
    plain.first = 2
    assert plain.first == 2
    with pytest.raises(TypeError):
        hash(plain)
    with pytest.raises(AttributeError):
        plain.other = 1
    del plain.second
    with pytest.raises(AttributeError):
        _ = plain.second


@pytest.mark.parametrize("library", BOTH)
def test_each_record_has_a_list_and_a_dictionary_of_its_own(library: str) -> None:
    first, second = (BOTH[library]["Mutable"]() for _ in range(2))
    first.items.append(1)
    first.places["a"] = 1
    assert (second.items, second.places) == ([], {})


@pytest.mark.parametrize("library", BOTH)
def test_what_belongs_to_the_class_is_no_field(library: str) -> None:
    assert BOTH[library]["Plain"].count == BOTH[library]["Plain"](1).count == 7
    assert BOTH[library]["Plain"].__struct_fields__ == ("first", "second")


@pytest.mark.parametrize("library", BOTH)
def test_records_are_taken_apart_by_position_in_patterns(library: str) -> None:
    plain = BOTH[library]["Plain"]
    match plain(4, "x"):
        case plain(number, text):
            assert (number, text) == (4, "x")
        case _:
            raise AssertionError("no match")


class Kept(stand_in.Struct, frozen=True):
    """A record that pickle can find."""

    value: Any


def test_a_frozen_record_may_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept([1]))) == Kept([1])
