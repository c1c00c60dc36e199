"""The columns of a file are put to the features of a model, or one message says why they cannot be."""

from __future__ import annotations

import pyarrow
import pytest

from hermetic.deploy.batch.columns import check_types, choose_columns, wish_of
from hermetic.deploy.features import Feature, Features
from hermetic.errors import UsageError

NAMED = Features(form="frame", columns=(Feature(name="age", kind="number"), Feature(name="city", kind="text")))
UNNAMED = Features(form="array", columns=(Feature(name=None), Feature(name=None)))
TEXTS = Features(form="texts", columns=(Feature(name=None, kind="text"),))
UNKNOWN = Features(form="array", columns=None)


def schema(**types: pyarrow.DataType) -> pyarrow.Schema:
    return pyarrow.schema(list(types.items()))


WIDE = schema(city=pyarrow.string(), id=pyarrow.int64(), age=pyarrow.float64())


def names(features: Features, own: pyarrow.Schema, chosen: tuple[str, ...] = (), keep: tuple[str, ...] = ()):
    return [name for name, _ in choose_columns("rows.csv", own, features, chosen, keep)]


def test_columns_are_found_by_name_in_the_order_of_the_model():
    assert names(NAMED, WIDE) == ["age", "city"]


def test_a_column_that_the_model_drops_is_not_asked_for():
    dropped = Features(form="frame", columns=(*(NAMED.columns or ()), Feature(name="old", is_required=False)))
    assert names(dropped, WIDE) == ["age", "city"]


@pytest.mark.parametrize(
    ("features", "chosen", "keep", "expected"),
    [
        (UNNAMED, (), ("id",), ["city", "age"]),
        (UNNAMED, ("age", "id"), (), ["age", "id"]),
        (UNNAMED, ("age", "id"), ("id",), ["age", "id"]),
        (UNKNOWN, (), (), ["city", "id", "age"]),
        (UNKNOWN, (), ("city",), ["id", "age"]),
        (TEXTS, (), (), ["city"]),
        (TEXTS, ("city",), (), ["city"]),
    ],
)
def test_a_model_without_names_takes_all_columns_but_the_kept_ones_or_those_that_are_named(
    features: Features, chosen: tuple[str, ...], keep: tuple[str, ...], expected: list[str]
):
    assert names(features, WIDE, chosen, keep) == expected


def test_all_columns_are_taken_when_their_number_is_right_though_some_are_kept_too():
    assert names(UNNAMED, schema(a=pyarrow.int64(), b=pyarrow.int64()), keep=("a",)) == ["a", "b"]


def test_a_missing_column_is_named_with_the_one_that_may_be_meant():
    with pytest.raises(UsageError, match="1 column is missing that the model takes: 'age'") as caught:
        names(NAMED, schema(city=pyarrow.string(), Age=pyarrow.int64(), id=pyarrow.int64()))
    assert caught.value.where == "rows.csv"
    assert caught.value.next_step == "Is 'Age' meant? The file also has 'Age', 'id'."


def test_many_missing_columns_are_counted_and_some_are_named():
    many = Features(form="frame", columns=tuple(Feature(name=f"x{place}") for place in range(30)))
    with pytest.raises(UsageError, match=r"30 columns are missing that the model takes: 'x0', .*'x9' and 20 more"):
        names(many, WIDE)


def test_a_column_to_keep_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="1 column is missing that is to be kept: 'key'"):
        names(NAMED, WIDE, keep=("key",))


def test_a_column_that_is_there_twice_is_refused_only_where_it_is_needed():
    twice = pyarrow.schema([("age", pyarrow.int64()), ("age", pyarrow.int64()), ("city", pyarrow.string())])
    with pytest.raises(UsageError, match="the column 'age' is there 2 times"):
        names(NAMED, twice)
    others = pyarrow.schema([*WIDE, ("id", pyarrow.int64())])
    assert names(NAMED, others) == ["age", "city"]


def test_names_for_a_model_that_has_its_own_are_refused():
    with pytest.raises(UsageError, match="knows its columns by name"):
        names(NAMED, WIDE, ("age", "city"))


@pytest.mark.parametrize(
    ("features", "own", "words"),
    [
        (UNNAMED, WIDE, r"takes 2 column\(s\) by number, not by name, and the file has 3: 'city', 'id', 'age'"),
        (
            TEXTS,
            schema(a=pyarrow.string(), b=pyarrow.string()),
            r"takes 1 column\(s\) of texts, and the file has 2: 'a', 'b'",
        ),
    ],
)
def test_another_number_of_columns_is_refused_with_the_way_to_name_them(
    features: Features, own: pyarrow.Schema, words: str
):
    with pytest.raises(UsageError, match=words) as caught:
        names(features, own)
    assert "--column NAME" in caught.value.next_step


def test_a_model_of_dictionaries_is_refused():
    with pytest.raises(UsageError, match="takes dictionaries"):
        names(Features(form="records", columns=None), WIDE)


@pytest.mark.parametrize(
    ("feature", "wish"),
    [
        (Feature(name="a", kind="number"), "number"),
        (Feature(name="a", kind="integer"), "number"),
        (Feature(name="a", kind="text"), "text"),
        (Feature(name="a", kind="boolean"), "any"),
        (Feature(name="a", kind="unknown"), "any"),
        (Feature(name="a", kind="category", categories=("x", None)), "text"),
        (Feature(name="a", kind="category", categories=("x", float("nan"))), "text"),
        (Feature(name="a", kind="category", categories=(1, 2.5)), "number"),
        (Feature(name="a", kind="category", categories=(True, False)), "any"),
        (Feature(name="a", kind="category", categories=("x", 1)), "any"),
        (Feature(name="a", kind="category", categories=(None,)), "any"),
    ],
)
def test_a_column_of_text_is_read_as_what_the_model_takes(feature: Feature, wish: str):
    assert wish_of(feature) == wish


NUMBER = Feature(name="a", kind="number")
TEXT_CATEGORY = Feature(name="a", kind="category", categories=("x", "y", "z", "w"))
NUMBER_CATEGORY = Feature(name="a", kind="category", categories=(1, 2))


@pytest.mark.parametrize(
    ("feature", "type"),
    [
        (NUMBER, pyarrow.int8()),
        (NUMBER, pyarrow.float16()),
        (NUMBER, pyarrow.bool_()),
        (NUMBER, pyarrow.decimal128(9, 2)),
        (NUMBER, pyarrow.null()),
        (NUMBER, pyarrow.dictionary(pyarrow.int8(), pyarrow.int64())),
        (TEXT_CATEGORY, pyarrow.large_string()),
        (TEXT_CATEGORY, pyarrow.string_view()),
        (TEXT_CATEGORY, pyarrow.dictionary(pyarrow.int8(), pyarrow.string())),
        (NUMBER_CATEGORY, pyarrow.uint64()),
        (Feature(name="a"), pyarrow.list_(pyarrow.int8())),
        (Feature(name="a", kind="boolean"), pyarrow.bool_()),
    ],
)
def test_a_type_that_can_be_what_the_model_takes_is_accepted(feature: Feature, type: pyarrow.DataType):
    check_types("rows.parquet", schema(a=type), [("a", feature)])


@pytest.mark.parametrize(
    ("feature", "type", "words"),
    [
        (NUMBER, pyarrow.string(), "'a' holds values of the type string, the model takes numbers"),
        (NUMBER, pyarrow.timestamp("s"), r"the type timestamp\[s\], the model takes numbers"),
        (NUMBER, pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), "the type string, the model takes numbers"),
        (TEXT_CATEGORY, pyarrow.int64(), r"the model takes one of the 4 values 'x', 'y', 'z' \.\.\."),
        (NUMBER_CATEGORY, pyarrow.string(), "the model takes one of the 2 values 1, 2"),
        (Feature(name="a", kind="text"), pyarrow.binary(), "the model takes texts"),
        (Feature(name="a", kind="boolean"), pyarrow.int8(), "the model takes truth values"),
        (Feature(name="a", kind="integer"), pyarrow.string(), "the model takes whole numbers"),
    ],
)
def test_a_type_that_cannot_is_refused_with_the_column(feature: Feature, type: pyarrow.DataType, words: str):
    with pytest.raises(UsageError, match=words) as caught:
        check_types("rows.parquet", schema(a=type), [("a", feature)])
    assert caught.value.where == "rows.parquet"
