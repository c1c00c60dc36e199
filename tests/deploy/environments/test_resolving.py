"""Exact versions are looked up on the user's own index; what cannot be had is told with its reason and the nearest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hermetic.deploy.environments.installers import CannotResolve, Installer
from hermetic.deploy.environments.lock import LockedWheel
from hermetic.deploy.environments.pins import Pin, Target, target_here
from hermetic.deploy.environments.resolving import resolve_pins, resolve_typed
from hermetic.errors import UsageError
from tests.deploy.environments.local_index import LocalIndex
from tests.hostile_strings import HOSTILE_STRINGS

HERE = target_here()


def test_wheels_are_found_with_their_digests(index: LocalIndex, installer: Installer):
    digests = {"own-one": index.add("own-one", "1.0"), "own-two": index.add("own-two", "2.0", requires=["own-absent"])}
    index.add("own-one", "1.1")
    pins = [Pin(name="own-one", version="1.0"), Pin(name="own-two", version="2.0")]
    resolution = resolve_pins(pins, HERE, installer)
    assert {wheel.name: wheel.sha256 for wheel in resolution.lock.wheels} == digests
    assert (resolution.missing, resolution.notes) == ((), ())
    assert resolution.lock.wheels[0].url.startswith(index.url.removesuffix("simple"))


def test_both_installers_lock_the_same(index: LocalIndex, each_installer: Installer):
    sha256 = index.add("own-one", "1.0")
    (wheel,) = resolve_pins([Pin(name="own-one", version="1.0")], HERE, each_installer).lock.wheels
    url = f"{index.url.removesuffix('/simple')}/files/own_one-1.0-py3-none-any.whl"
    assert wheel == LockedWheel(name="own-one", version="1.0", sha256=sha256, file=url.rpartition("/")[2], url=url)


def test_a_version_that_is_not_there_is_told_with_the_nearest(index: LocalIndex, each_installer: Installer):
    for version in ("1.0", "1.4.1", "1.4.9", "1.5", "2.0"):
        index.add("own-one", version)
    index.add("own-two", "1.0")
    pins = [Pin(name="own-one", version="1.4.3"), Pin(name="own-two", version="1.0")]
    resolution = resolve_pins(pins, HERE, each_installer)
    assert [wheel.name for wheel in resolution.lock.wheels] == ["own-two"]
    (missing,) = resolution.missing
    assert (missing.name, missing.version, missing.nearest) == ("own-one", "1.4.3", "1.4.9")
    assert "not on the index" in missing.reason


NEAREST = [("1.6", "1.8"), ("2.7.1", "3.0"), ("9.0", "3.0"), ("1!0.5", "3.0")]


@pytest.mark.parametrize(("wanted", "nearest"), NEAREST)
def test_the_nearest_is_of_the_same_release_if_it_can_be(
    wanted: str, nearest: str, index: LocalIndex, installer: Installer
):
    for version in ("1.0", "1.8", "3.0"):
        index.add("own-one", version)
    (missing,) = resolve_pins([Pin(name="own-one", version=wanted)], HERE, installer).missing
    assert missing.nearest == nearest


def test_the_nearest_is_taken_by_wish_and_said(index: LocalIndex, installer: Installer):
    index.add("own-one", "1.4.9")
    pins = [Pin(name="own-one", version="1.4.3"), Pin(name="own-absent", version="1.0")]
    resolution = resolve_pins(pins, HERE, installer, takes_nearest=True)
    assert [wheel.version for wheel in resolution.lock.wheels] == ["1.4.9"]
    assert [one.name for one in resolution.missing] == ["own-absent"]
    assert resolution.notes[0].startswith("own-one 1.4.9 in place of 1.4.3: ")


def test_a_wheel_for_another_machine_cannot_be_had_here(index: LocalIndex, each_installer: Installer):
    index.add("own-one", "1.0", tag="py3-none-win_arm64")
    (missing,) = resolve_pins([Pin(name="own-one", version="1.0")], HERE, each_installer).missing
    assert missing.nearest == ""
    assert "wheel for Python" in missing.reason
    assert sys.platform != "win32"


def test_a_wheel_for_another_machine_can_be_locked_for_it(index: LocalIndex, each_installer: Installer):
    index.add("own-one", "1.0", tag="cp312-cp312-win_amd64")
    index.add("own-one", "1.0", tag="cp312-cp312-macosx_11_0_arm64")
    for system, machine, tag in (("Windows", "x86_64", "win_amd64"), ("Darwin", "aarch64", "macosx_11_0_arm64")):
        target = Target(python="3.12", system=system, machine=machine)
        (wheel,) = resolve_pins([Pin(name="own-one", version="1.0")], target, each_installer).lock.wheels
        assert wheel.file == f"own_one-1.0-cp312-cp312-{tag}.whl"


def test_source_distributions_do_not_count(index: LocalIndex, installer: Installer, tmp_path: Path):
    index.links["own-one"] = ['<a href="../../files/own_one-1.0.tar.gz">own_one-1.0.tar.gz</a>']
    index.add("own-one", "2.0")
    (missing,) = resolve_pins([Pin(name="own-one", version="1.0")], HERE, installer).missing
    assert missing.nearest == "2.0"


def test_a_yanked_version_is_there_for_who_asks_for_it_and_said(index: LocalIndex, each_installer: Installer):
    index.add("own-one", "1.0", yanked="broken")
    resolution = resolve_pins([Pin(name="own-one", version="1.0")], HERE, each_installer)
    assert resolution.missing == ()
    assert resolution.notes == ("own-one was yanked: its makers have taken this version back",)


def test_another_archive_than_was_installed_is_said(index: LocalIndex, installer: Installer):
    sha256 = index.add("own-one", "1.0")
    same = resolve_pins([Pin(name="own-one", version="1.0", archive=sha256)], HERE, installer)
    other = resolve_pins([Pin(name="own-one", version="1.0", archive="a" * 64)], HERE, installer)
    assert same.notes == ()
    assert "is not the archive that was installed" in other.notes[0]


def test_nothing_is_asked_for_nothing(installer: Installer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Installer, "resolve", None)
    assert resolve_pins([], HERE, installer).lock.wheels == ()


def test_settings_beside_a_file_do_not_count(
    index: LocalIndex, each_installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    index.add("own-one", "1.0")
    monkeypatch.delenv("UV_NO_CONFIG", raising=False)
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "uv.toml").write_text('index-url = "http://127.0.0.1:9/evil"\n')
    (trap / "pyproject.toml").write_text('[tool.uv]\nindex-url = "http://127.0.0.1:9/evil"\n')
    (trap / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/evil\n")
    monkeypatch.chdir(trap)
    assert resolve_pins([Pin(name="own-one", version="1.0")], HERE, each_installer).missing == ()


class Answering(Installer):
    """An installer that answers what it was told to."""

    def resolve(
        self, requirements: Sequence[str], target: Target, *, with_dependencies: bool
    ) -> tuple[list[LockedWheel], list[str]]:
        raise CannotResolve(self.command[0])


SAYINGS = {
    "error: Failed to fetch: `http://x/simple/`\n  Caused by: error sending request": "the index did not answer",
    "error: the request failed: 401 Unauthorized": "the index did not answer",
    "because own-one==1.0 has no usable wheels": "no wheel for Python",
    "\x1b[31mno such thing\x1b[0m": "not on the index",
    "": "not on the index",
}


@pytest.mark.parametrize("number", range(len(SAYINGS)))
def test_reasons_are_told_in_words(number: int):
    said, expected = list(SAYINGS.items())[number]
    answering = Answering(name="uv", command=(said,))
    (missing,) = resolve_pins([Pin(name="own-one", version="1.0")], HERE, answering).missing
    assert missing.reason.startswith(expected)
    assert missing.reason.isprintable()


def test_what_nobody_asked_for_is_refused(monkeypatch: pytest.MonkeyPatch, installer: Installer):
    wheel = LockedWheel(name="evil", version="1.0", sha256="a" * 64, file="evil-1.0-py3-none-any.whl")
    monkeypatch.setattr(Installer, "resolve", lambda *arguments, **others: ([wheel], []))
    with pytest.raises(UsageError, match="nobody asked for"):
        resolve_pins([Pin(name="own-one", version="1.0")], HERE, installer)


def test_what_is_typed_comes_with_what_it_requires(index: LocalIndex, each_installer: Installer):
    index.add("own-one", "1.0", requires=["own-two>=2"])
    for version in ("1.0", "2.0", "3.0"):
        index.add("own-two", version)
    index.add("own-three", "1.0")
    resolution = resolve_typed(["own-one==1.0", "own-two<3"], HERE, each_installer, own=["own-three"])
    found = {wheel.name: wheel.version for wheel in resolution.lock.wheels}
    assert found == {"own-one": "1.0", "own-two": "2.0", "own-three": "1.0"}


def test_what_is_typed_and_cannot_be_had_is_an_error(index: LocalIndex, installer: Installer):
    index.add("own-one", "1.0")
    with pytest.raises(UsageError, match=r"own-one==2\.0 cannot be had for Python") as caught:
        resolve_typed(["own-one==2.0"], HERE, installer)
    assert str(caught.value).replace("\n", "").isprintable()


TYPED = ["scikit-learn==1.9.1", "numpy<2", "pandas >=2, <3", "numpy", "a[b]==1", "torch==2.0+cpu", "x~=1.0", "y!=1.*"]


@pytest.mark.parametrize("requirement", TYPED)
def test_ordinary_requirements_may_be_typed(requirement: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Installer, "resolve", lambda *arguments, **others: ([], []))
    assert resolve_typed([requirement], HERE, Installer(name="uv", command=("uv",))).missing == ()


@pytest.mark.parametrize("which", [which for which in HOSTILE_STRINGS if which not in ("long", "an extra")])
def test_other_requirements_may_not(which: str):
    with pytest.raises(UsageError, match="this is no requirement"):
        resolve_typed([HOSTILE_STRINGS[which]], HERE, Installer(name="uv", command=("uv",)))
