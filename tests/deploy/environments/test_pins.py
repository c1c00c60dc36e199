"""Only names and versions in a form that can be nothing else are asked for; all else is refused with its reason."""

from __future__ import annotations

import platform
import sys
from typing import Any

import pytest

from hermetic.deploy.environments.pins import Target, is_name, is_version, pins_of, target_here, target_of
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from tests.hostile_strings import HOSTILE_STRINGS


def distribution(name: str = "numpy", version: str = "2.4.6", **others: Any) -> DistributionRecord:
    fields = {"content": "a" * 64, "origin": "index", "archive": "", "tags": ["py3-none-any"], "is_needed": True}
    return DistributionRecord(name=name, version=version, **{**fields, **others})


def environment(*distributions: DistributionRecord, **others: Any) -> EnvironmentRecord:
    fields = {
        "python": "3.12.4",
        "implementation": "CPython",
        "platform": "Linux-6.1-x86_64",
        "machine": "x86_64",
        "processor": "",
        "libraries": {},
    }
    return EnvironmentRecord(layout=1, distributions=list(distributions), **{**fields, **others})


NAMES = ["numpy", "scikit-learn", "a", "0x10c-asm", "markdown-it-py", "py4j"]
VERSIONS = ["2.4.6", "1.0rc1", "1!2.0", "2024.1", "2.13.0+cpu", "1.0.post1", "1.0.dev20260101", "0"]


@pytest.mark.parametrize("name", NAMES)
def test_ordinary_names_are_names(name: str):
    assert is_name(name)


@pytest.mark.parametrize("version", VERSIONS)
def test_ordinary_versions_are_versions(version: str):
    assert is_version(version)


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_is_neither_name_nor_version(which: str):
    text = HOSTILE_STRINGS[which]
    assert is_name(text) <= text.isalnum()
    assert not is_version(text)
    for end in ("\n", " ", "\0", ";", "\u0661"):
        assert not is_name(f"numpy{end}")
        assert not is_version(f"1.0{end}")


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
@pytest.mark.parametrize("field", ["name", "version"])
def test_hostile_names_and_versions_are_refused_and_shown_harmlessly(which: str, field: str):
    text = HOSTILE_STRINGS[which]
    pins = pins_of(environment(distribution(**{field: text})))
    assert pins.wanted == ()
    (refused,) = pins.refused
    assert refused.reason.startswith("this is no ")
    assert (refused.name + refused.version).isprintable()
    assert len(refused.name + refused.version) < 2_000


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_digests_and_tags_are_left_out(which: str):
    text = HOSTILE_STRINGS[which]
    (pin,) = pins_of(environment(distribution(content=text, archive=text, tags=[text, "py3-none-any"]))).wanted
    assert (pin.content, pin.archive) == ("", "")
    assert "py3-none-any" in pin.tags
    assert all(len(tag) <= 100 for tag in pin.tags)
    assert not any(character in tag for tag in pin.tags for character in "\n\r\0\x1b /;$`<>\"'")


def test_only_what_is_needed_is_wanted_unless_all_is():
    record = environment(distribution("b"), distribution("a", is_needed=False))
    assert [pin.name for pin in pins_of(record).wanted] == ["b"]
    assert [pin.name for pin in pins_of(record, with_all=True).wanted] == ["a", "b"]


def test_hermetic_itself_is_never_asked_for():
    assert pins_of(environment(distribution("hermetic")), with_all=True).wanted == ()


@pytest.mark.parametrize("origin", ["folder", "editable folder", "version control"])
def test_what_did_not_come_from_an_index_is_refused(origin: str):
    (refused,) = pins_of(environment(distribution(origin=origin))).refused
    assert origin in refused.reason


def test_an_archive_is_asked_for_by_name_and_its_digest_kept():
    (pin,) = pins_of(environment(distribution(origin="archive", archive="b" * 64))).wanted
    assert pin.archive == "b" * 64


def test_a_name_twice_is_refused():
    pins = pins_of(environment(distribution(version="1"), distribution(version="2")))
    assert [pin.version for pin in pins.wanted] == ["1"]
    assert pins.refused[0].reason == "it is named twice"


def test_an_endless_list_is_refused_from_some_length_on():
    pins = pins_of(environment(*(distribution(f"a{number}") for number in range(2_100))))
    assert (len(pins.wanted), len(pins.refused)) == (2_000, 100)


def test_the_target_is_the_recorded_python_on_this_machine():
    assert target_of(environment()) == (Target(python="3.12"), "")
    assert target_here() == Target(python=f"{sys.version_info[0]}.{sys.version_info[1]}")


MACHINES = {
    "mac": ("Darwin-23-arm64", "arm64", Target(python="3.12", system="Darwin", machine="aarch64")),
    "windows": ("Windows-10-AMD64", "AMD64", Target(python="3.12", system="Windows", machine="x86_64")),
}


@pytest.mark.parametrize("which", MACHINES)
def test_the_recorded_machine_is_a_target_too(which: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    told, machine, expected = MACHINES[which]
    target, _ = target_of(environment(platform=told, machine=machine), is_here=False)
    assert target == expected
    assert str(target).startswith("Python 3.12 on ")
    assert target_of(environment(), is_here=False)[0] == Target(python="3.12")


@pytest.mark.parametrize("field", ["python", "implementation", "platform", "machine"])
@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_no_target_is_made_of_hostile_text(field: str, which: str):
    target, reason = target_of(environment(**{field: HOSTILE_STRINGS[which]}), is_here=False)
    assert target is None
    assert reason.isprintable()
    assert len(reason) < 1_500


@pytest.mark.parametrize("python", ["2.7.18", "4.0", "3", "3.12.4.1", "3.123", "3.\u0661"])
def test_other_pythons_are_no_target(python: str):
    assert target_of(environment(python=python))[0] is None
