"""A lock is names, versions and hashes in one canonical form, and a pylock.toml that others read."""

from __future__ import annotations

import hashlib
import tomllib

import pytest

from hermetic.deploy.environments.lock import (
    Lock,
    LockedWheel,
    lock_digest,
    lock_lines,
    pylock_text,
    requirements_text,
    wheel_of,
)
from hermetic.deploy.environments.pins import Target
from hermetic.errors import UsageError
from tests.hostile_strings import HOSTILE_STRINGS

GOOD = {
    "name": "own-thing",
    "version": "1.0+cpu",
    "sha256": "a" * 64,
    "url": "https://host.org/files/own_thing-1.0+cpu-cp311-cp311-manylinux_2_17_x86_64.whl",
}
PLAIN = {"name": "b", "version": "2", "sha256": "b" * 64, "url": "http://127.0.0.1:80/b-2-py3-none-any.whl"}
LOCK = Lock(target=Target(python="3.11"), wheels=(wheel_of(**PLAIN), wheel_of(**GOOD)))


def test_requirements_hold_names_versions_and_hashes_alone():
    assert requirements_text(LOCK) == (
        f"# Python 3.11\nb==2 --hash=sha256:{'b' * 64}\nown-thing==1.0+cpu --hash=sha256:{'a' * 64}\n"
    )


def test_the_digest_is_that_of_the_requirements():
    assert lock_digest(LOCK) == hashlib.sha256(requirements_text(LOCK).encode()).hexdigest()


def test_where_a_wheel_is_does_not_count_and_everything_else_does():
    elsewhere = wheel_of(**{**PLAIN, "url": "https://elsewhere.org/b-2-py3-none-any.whl"})
    assert lock_digest(Lock(target=LOCK.target, wheels=(elsewhere, LOCK.wheels[1]))) == lock_digest(LOCK)
    others = [
        Lock(target=Target(python="3.12"), wheels=LOCK.wheels),
        Lock(target=LOCK.target, wheels=LOCK.wheels[:1]),
        Lock(target=LOCK.target, wheels=(wheel_of(**{**PLAIN, "version": "3"}), LOCK.wheels[1])),
        Lock(target=LOCK.target, wheels=(wheel_of(**{**PLAIN, "sha256": "c" * 64}), LOCK.wheels[1])),
    ]
    assert len({lock_digest(lock) for lock in (LOCK, *others)}) == 5


def test_each_distribution_stands_once_and_by_name():
    with pytest.raises(UsageError, match="each distribution once"):
        Lock(target=LOCK.target, wheels=LOCK.wheels[::-1])
    with pytest.raises(UsageError, match="each distribution once"):
        Lock(target=LOCK.target, wheels=(LOCK.wheels[0], LOCK.wheels[0]))


def test_a_lock_is_shown_by_name_version_and_file():
    assert lock_lines(LOCK)[0].split() == ["b", "2", f"sha256:{'b' * 16}", "b-2-py3-none-any.whl"]


def test_pylock_says_where_the_wheels_are():
    read = tomllib.loads(pylock_text(LOCK))
    assert (read["lock-version"], read["created-by"], read["requires-python"]) == ("1.0", "hermetic", ">=3.11,<3.12")
    assert read["packages"][1] == {
        "name": "own-thing",
        "version": "1.0+cpu",
        "wheels": [{"name": LOCK.wheels[1].file, "url": GOOD["url"], "hashes": {"sha256": "a" * 64}}],
    }
    assert read["tool"]["hermetic"]["digest"] == lock_digest(LOCK)


def test_pylock_is_read_by_packaging():
    pylock = pytest.importorskip("packaging.pylock", reason="packaging 25 and older know no pylock")
    read = pylock.Pylock.from_dict(tomllib.loads(pylock_text(LOCK)))
    read.validate()
    assert [str(package.name) for package in read.packages] == ["b", "own-thing"]


def test_pylock_needs_to_know_where_wheels_are():
    wheel = LockedWheel(name="a", version="1", sha256="a" * 64, file="a-1-py3-none-any.whl")
    with pytest.raises(UsageError, match="not known where the wheel of a is"):
        pylock_text(Lock(target=LOCK.target, wheels=(wheel,)))


ADDRESSES = {
    "credentials": "https://ann:secret@host.org/b-2-py3-none-any.whl",
    "a fragment": "https://host.org/b-2-py3-none-any.whl#sha256=00",
    "a query": "https://host.org/b-2-py3-none-any.whl?token=secret",
}


@pytest.mark.parametrize("which", ADDRESSES)
def test_addresses_are_kept_without_what_is_secret(which: str):
    assert wheel_of(**{**PLAIN, "url": ADDRESSES[which]}).url == "https://host.org/b-2-py3-none-any.whl"


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("which", [which for which in HOSTILE_STRINGS if which != "an address alone"])
def test_what_is_no_wheel_is_refused(field: str, which: str):
    with pytest.raises(UsageError, match="no wheel with a SHA-256"):
        wheel_of(**{**GOOD, field: HOSTILE_STRINGS[which]} if field != "name" else {**GOOD, "name": f"-{which}"})


NO_WHEELS = [
    "https://host.org/b-2.tar.gz",
    "https://host.org/b-2-py3-none-any.whl.exe",
    "https://host.org/..%2Fb-2-py3-none-any.whl",
    'https://host.org/"/b-2-py3-none-any.whl',
    "https://host.org/\n/b-2-py3-none-any.whl ",
    "git+https://host.org/b-2-py3-none-any.whl",
    "https://host.org/\\/b-2-py3-none-any.whl",
    "ftp://host.org/b-2-py3-none-any.whl",
]


@pytest.mark.parametrize("number", range(len(NO_WHEELS)))
def test_other_addresses_are_refused(number: int):
    with pytest.raises(UsageError):
        wheel_of(**{**PLAIN, "url": NO_WHEELS[number]})
