"""The state of a repository is told without credentials, and nothing that a repository holds is run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hermetic.evidence.source import repository
from hermetic.evidence.source.repository import find_project, read_repository, remote_without_credentials

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("x = 1\n")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


@needs_git
def test_commit_and_remote_of_a_clean_repository(folder: Path):
    git(folder, "remote", "add", "origin", "https://ann:pa55word@host.org/team/model.git")
    found, notes = read_repository(str(folder), [str(folder / "train.py")], with_difference=True)
    assert found is not None
    assert (found.commit, found.remote) == (git(folder, "rev-parse", "HEAD"), "https://host.org/team/model.git")
    assert (found.is_dirty, found.diff, notes) == (False, None, [])


@needs_git
def test_a_changed_file_makes_it_dirty_and_the_difference_is_kept_by_wish(folder: Path):
    (folder / "train.py").write_text("x = 2\n")
    found, notes = read_repository(str(folder), [], with_difference=True)
    assert found is not None
    assert found.is_dirty
    assert "-x = 1\n+x = 2\n" in (found.diff or "")
    assert notes == ["the repository has no remote that others can reach"]
    unwished, _ = read_repository(str(folder), [])
    assert unwished is not None
    assert unwished.diff is None


@needs_git
def test_a_recorded_file_that_no_commit_holds_makes_it_dirty(folder: Path):
    (folder / "new.py").write_text("")
    (folder / "unrelated.txt").write_text("")
    assert not read_repository(str(folder), [str(folder / "train.py")])[0].is_dirty  # type: ignore[union-attr]
    found, notes = read_repository(str(folder), [str(folder / "new.py")])
    assert found is not None
    assert found.is_dirty
    assert "1 of the recorded files is not in the commit" in notes


@needs_git
def test_the_surroundings_of_a_program_are_no_part_of_the_difference(folder: Path):
    for name in (".env", ".env.local", "deep/.env"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("A=1\n")
        git(folder, "add", "-f", name)
    git(folder, "commit", "-qm", "second")
    for name in (".env", ".env.local", "deep/.env", "train.py"):
        (folder / name).write_text("A=hidden\n")
    found, _ = read_repository(str(folder), [], with_difference=True)
    assert found is not None
    assert (found.diff or "").count("hidden") == 1


@needs_git
def test_nothing_that_the_repository_configures_is_run(folder: Path, tmp_path: Path):
    trap = folder / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {folder / 'sprung'}\ncat\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "diff.own.textconv", "core.editor", "pager.status"):
        git(folder, "config", key, str(trap))
    (folder / ".gitattributes").write_text("*.py diff=own\n")
    hooks = folder / ".git" / "hooks"
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(trap, hooks / name)
    (folder / "train.py").write_text("x = 2\n")
    found, _ = read_repository(str(folder), [str(folder / "train.py")], with_difference=True)
    assert found is not None
    assert "+x = 2" in (found.diff or "")
    assert not (folder / "sprung").exists()


@needs_git
def test_variables_of_another_git_command_do_not_mislead(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    commit = git(folder, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    found, _ = read_repository(str(folder), [])
    assert found is not None
    assert found.commit == commit


@needs_git
def test_a_repository_without_a_commit_is_a_note(tmp_path: Path):
    git(tmp_path, "init", "-q")
    found, notes = read_repository(str(tmp_path), [])
    assert found is None
    assert "no commit" in notes[0]


@needs_git
def test_the_project_is_the_top_folder_of_the_repository(folder: Path):
    (folder / "deep").mkdir()
    assert Path(find_project(str(folder / "deep"))).resolve() == folder.resolve()


def test_without_git_there_is_no_project_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_project(str(tmp_path)) == ""
    assert read_repository(str(tmp_path), [])[0] is None


def test_a_git_that_takes_too_long_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def slow(*arguments: object, timeout: float, **others: object) -> None:
        raise subprocess.TimeoutExpired("git", timeout)

    monkeypatch.setattr(repository.subprocess, "run", slow)
    assert find_project(str(tmp_path)) == ""


TOKEN = "gh" + "p_" + "a1B2c3D4e5" * 4
REMOTES = {
    "https://host.org/team/model.git": "https://host.org/team/model.git",
    "https://ann@host.org/model": "https://host.org/model",
    f"https://{TOKEN}@host.org/model": "https://host.org/model",
    "https://ann:pa%40ss@host.org:8443/model?token=1#part": "https://host.org:8443/model",
    "ssh://git@host.org/model.git": "ssh://git@host.org/model.git",
    "ssh://ann:secret@host.org:22/model.git": "ssh://host.org:22/model.git",
    "git@host.org:team/model.git": "git@host.org:team/model.git",
    "ann@host.org:team/model.git": "host.org:team/model.git",
    "https://[::1]:80/model": "https://[::1]:80/model",
    f"https://host.org/{TOKEN}/model": "",
    "file:///home/ann/model": "",
    "/home/ann/model": "",
    "../model": "",
    "C:\\models\\own": "",
    "ext::sh -c touch% sprung": "",
    "https://host.org/a\nb": "",
    "https://host.org/\x1b[2J": "",
    "https://host.org:notaport/model": "",
    "https://[broken/model": "",
    "https://host.org/" + "a" * 3_000: "",
    "": "",
}


@pytest.mark.parametrize("number", range(len(REMOTES)))
def test_remotes_are_told_without_credentials_or_not_at_all(number: int):
    address, expected = list(REMOTES.items())[number]
    assert remote_without_credentials(address) == expected
