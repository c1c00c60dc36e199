"""A lock is read as it was written, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hermetic.deploy.environments.lock import lock_digest, pylock_text, requirements_text
from hermetic.deploy.environments.lock_reader import read_lock
from hermetic.errors import UsageError
from tests.deploy.environments.test_lock import LOCK
from tests.hostile_strings import HOSTILE_STRINGS


def test_a_pylock_is_read_as_it_was_written(tmp_path: Path):
    (tmp_path / "pylock.toml").write_text(pylock_text(LOCK))
    assert read_lock(tmp_path / "pylock.toml") == LOCK


def test_requirements_are_read_without_where_the_wheels_are(tmp_path: Path):
    (tmp_path / "requirements.txt").write_text(requirements_text(LOCK))
    found = read_lock(tmp_path / "requirements.txt")
    assert found.wheels == tuple(replace(wheel, file="", url="") for wheel in LOCK.wheels)
    assert lock_digest(found) == lock_digest(LOCK)


def test_the_system_is_that_of_the_caller(tmp_path: Path):
    (tmp_path / "lock.txt").write_text(requirements_text(LOCK))
    assert read_lock(tmp_path / "lock.txt", system="Linux", machine="x86_64").target.system == "Linux"


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
@pytest.mark.parametrize("old", ["own-thing", "1.0+cpu", "a" * 64, "3.11"], ids=["name", "version", "digest", "python"])
@pytest.mark.parametrize("name", ["lock.txt", "pylock.toml"])
def test_hostile_text_is_refused_or_a_harmless_word(which: str, old: str, name: str, tmp_path: Path):
    text = pylock_text(LOCK) if name.endswith("toml") else requirements_text(LOCK)
    (tmp_path / name).write_text(text.replace(old, HOSTILE_STRINGS[which]), encoding="utf-8")
    with pytest.raises(UsageError, match="this is no lock of hermetic"):
        read_lock(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Python 3.11",
        "own-thing==1.0\n",
        f"# Python 3.11\n-r other.txt\na==1 --hash=sha256:{'a' * 64}\n",
        "# Python 3.11\na==1\n",
        f"# Python 2.7\na==1 --hash=sha256:{'a' * 64}\n",
        f"# Python 3.11\na==1 --hash=sha256:{'a' * 64}\na==1 --hash=sha256:{'a' * 64}\n",
        f"# Python 3.11\na==1 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}\n",
    ],
    ids=["empty", "no end", "no head", "an option", "no hash", "old Python", "twice", "two hashes"],
)
def test_other_requirements_are_refused(text: str, tmp_path: Path):
    (tmp_path / "requirements.txt").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_lock(tmp_path / "requirements.txt")
    assert "hermetic env FILE --lock PATH" in caught.value.next_step


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('lock-version = "1.0"', 'lock-version = "2.0"'),
        ("wheels = [", "sdists = ["),
        ("requires-python", "requires-snake"),
        ("[[packages]]", "[packages]"),
        ("https://", "git+ssh://"),
        (".whl", ".tar.gz"),
    ],
    ids=["version", "no wheels", "no Python", "no list", "version control", "source"],
)
def test_other_pylocks_are_refused(old: str, new: str, tmp_path: Path):
    text = pylock_text(LOCK)
    assert old in text
    (tmp_path / "pylock.toml").write_text(text.replace(old, new))
    with pytest.raises(UsageError, match="this is no lock of hermetic"):
        read_lock(tmp_path / "pylock.toml")


def test_what_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "lock.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="this is no lock of hermetic"):
        read_lock(tmp_path / "lock.txt")
