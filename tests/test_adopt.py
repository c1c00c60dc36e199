"""What a legacy file is made of gets neutral names and fields, and nothing of it is imported or called."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.svm import SVC

from hermetic.adopt import adopt
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import FileError, InvalidState, LimitExceeded
from hermetic.foreign_files import read_legacy
from hermetic.legacy_objects import MADE, LegacyName, LegacyObject
from hermetic.limits import Limits
from tests.legacy_pickles import Made, Named, adopted, adopted_fields, new, problem_of


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("sklearn.svm._classes:SVC", "sklearn.svm.SVC"),
        ("sklearn.svm.classes:SVC", "sklearn.svm.SVC"),
        ("sklearn.linear_model.logistic:LogisticRegression", "sklearn.linear_model.LogisticRegression"),
        ("sklearn.metrics.classification:accuracy_score", "sklearn.metrics.accuracy_score"),
        ("numpy.core.umath:log1p", "numpy.log1p"),
        ("numpy:float64", "numpy.float64"),
        ("builtins:len", "builtins.len"),
        ("os:system", "os.system"),
        ("a.module:Outer.Inner", "a.module:Outer.Inner"),
        ("no_such_module_at_all:anything", "no_such_module_at_all.anything"),
    ],
)
def test_a_name_gets_its_neutral_spelling(location: str, expected: str) -> None:
    name = LegacyName(location)
    adopt([], [name])
    assert (name.name, name.role) == (expected, "referenced")
    assert "no_such_module_at_all" not in sys.modules


def test_a_place_that_only_spells_like_one_of_ours_is_unknown() -> None:
    name, made = LegacyName("sklearn.svm:SVC"), LegacyObject("sklearn.svm:SVC")
    adopt([made], [name])
    assert (name.name, made.name) == ("sklearn.svm:SVC", "sklearn.svm:SVC")
    assert codec_of_name(made.name) is None


def test_a_name_of_the_one_object_of_a_class_is_that_object() -> None:
    name = LegacyName("pandas:NA")
    adopt([], [name])
    assert (name.name, name.role, name.fields, name.problem) == ("pandas.NA", MADE, {}, None)


def _stamped(*versions: str | None, location: str = "sklearn.svm._classes:SVC") -> list[LegacyObject]:
    objects = [LegacyObject(location, path=number) for number in range(len(versions))]
    for made, version in zip(objects, versions, strict=True):
        made.state = {"_sklearn_version": version}
    return objects


def test_the_version_that_the_state_names_is_that_of_the_file() -> None:
    assert adopt(_stamped("0.24.2.post1", None, "0.24.2.post1"), []) == {"scikit-learn": "0.24.2.post1"}


@pytest.mark.parametrize("versions", [("1.9.1", "1.5.2"), ("1.9.1", "1.9.0"), ("", "1.9.1"), ("x" * 50, "1.9.1")])
def test_a_file_that_names_several_releases_is_refused(versions: tuple[str, str]) -> None:
    with pytest.raises(InvalidState, match="parts of the file name 2 releases of scikit-learn") as caught:
        adopt(_stamped(versions[0], *versions), [])
    first, second = (version[:20] for version in versions)
    assert f"{first} (SVC, byte 0), {second} (SVC, byte 2)" in str(caught.value)
    assert caught.value.where == "byte 2"


def test_in_other_classes_the_attribute_is_their_own() -> None:
    objects = _stamped("1.2.0", "1.9.1", location="a.module:Wrapper") + _stamped("1.9.1")
    assert adopt(objects, []) == {"scikit-learn": "1.9.1"}


def test_models_of_older_files_that_were_saved_again_name_one_release() -> None:
    stamp = sklearn.__version__.encode()
    text = b"X" + len(stamp).to_bytes(4, "little") + stamp
    old = pickle.dumps(SVC(), 2).replace(text, b"X\x05\0\0\x001.9.0")
    assert b"1.9.0" in old
    with pytest.warns(InconsistentVersionWarning):
        again = pickle.dumps({"one": pickle.loads(old), "other": SVC()})
    assert read_legacy(again).written_by == {"scikit-learn": sklearn.__version__}


@pytest.mark.parametrize("state", [{}, {"_sklearn_version": 3}, [], None])
def test_estimators_without_a_version_were_written_before_there_were_versions(state: Any) -> None:
    made = LegacyObject("sklearn.svm._classes:SVC")
    made.state = state
    assert adopt([made], []) == {"scikit-learn": "0.17"}


def test_an_estimator_has_its_attributes_without_the_version() -> None:
    made = new("sklearn.svm.classes:SVC", {"C": 1.0, "_sklearn_version": "0.20.3"})
    assert adopted(made).name == "sklearn.svm.SVC"
    assert adopted_fields(made) == {"C": 1.0}


@pytest.mark.parametrize(
    "made",
    [
        Made("sklearn.svm._classes:SVC", (1,), {}, is_new=True),
        new("sklearn.svm._classes:SVC", [1, 2]),
        new("sklearn.svm._classes:SVC", {1: 2}),
        Made("sklearn.svm._classes:SVC", (), {}, is_new=True, items=[1]),
        Made("sklearn.svm._classes:SVC", (), {}, is_new=True, pairs=["a", 1]),
    ],
    ids=["arguments", "list", "numbers", "items", "pairs"],
)
def test_an_estimator_with_more_than_attributes_is_refused(made: Made) -> None:
    assert "sklearn.svm._classes.SVC cannot be read" in problem_of(made)


def test_what_a_codec_stumbles_over_is_reported_with_its_place() -> None:
    made = adopted(
        Made("sklearn.tree._tree:Tree", (1, 2, 3), {"nodes": 1, "values": 2, "node_count": 3, "max_depth": 4})
    )
    assert made.fields == {}
    assert "is not as its library writes it: TypeError" in str(made.problem)
    assert "byte 7" in str(made.problem)


def test_a_call_that_nobody_knows_stays_a_call() -> None:
    made = adopted(Made("os:mkdir", ("folder",)))
    assert made.name == "hermetic.Call"
    assert (made.fields["call"].name, made.fields["call"].role) == ("os.mkdir", "called")


def test_a_call_that_could_do_anything_is_a_problem_whoever_trusts_it() -> None:
    made = adopted(Made("os:system", ("true",)))
    assert "os.system" in str(made.problem)
    assert made.fields == {}


def test_an_instance_of_a_class_that_nobody_knows_stays_foreign() -> None:
    made = adopted(new("a.module:Thing", {"x": 1}))
    assert (made.name, made.fields) == ("a.module.Thing", {"state": {"x": 1}})


@pytest.mark.parametrize("given", [(), ("x",), (3, 4)])
def test_a_maker_without_a_class_is_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(FileError, match="called without a class"):
        adopted(Made("sklearn.neighbors._kd_tree:newObj", given))


def test_a_maker_of_one_class_does_not_make_another() -> None:
    assert problem_of(Made("numpy.random._pickle:__bit_generator_ctor", (Named("sklearn.svm._classes:SVC"),), {}))


def _many(n_objects: int, array: Any) -> list[LegacyObject]:
    objects = []
    for _ in range(n_objects):
        made = LegacyObject("pandas.arrays:IntegerArray", path="byte 3")
        made.state = {"_data": array, "_mask": np.ones(len(array), dtype=bool)}
        objects.append(made)
    return objects


def test_an_array_that_many_objects_copy_is_no_way_to_take_memory() -> None:
    limits = Limits(memory_bytes=1_000_000)
    with pytest.raises(LimitExceeded, match="byte 3"):
        adopt(_many(1000, np.ones(1000)), [], limits=limits)


def test_a_longer_file_may_make_more() -> None:
    objects = _many(100, np.ones(1000))
    adopt(objects, [], limits=Limits(memory_bytes=1), length_bytes=800_000)
    assert all(made.problem is None for made in objects)


def test_an_array_that_many_objects_refer_to_counts_once() -> None:
    array = np.ones(1000)
    objects = []
    for _ in range(1000):
        made = LegacyObject("sklearn.svm._classes:SVC")
        made.state = {"class_weight": array}
        objects.append(made)
    adopt(objects, [], limits=Limits(memory_bytes=10_000))
    assert all(made.fields["class_weight"] is array for made in objects)
