"""The state of the git repository that some source stands in: commit, remote without credentials, dirty, difference.

git is started with nothing that a repository or the surroundings could make it run or ask: no hooks, no file system
monitor, no pager, no external difference, no prompt, no variables of other git commands, and not for long.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from urllib.parse import urlsplit

from hermetic.evidence.source.secrets import find_secrets
from hermetic.recorded.source import Repository

__all__ = ["find_project", "read_repository", "remote_without_credentials"]

_SECONDS = 10
_SETTINGS = (
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.pager=cat"),
    *("-c", "submodule.recurse=false", "-c", "core.quotePath=false"),
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_HOST_AND_PATH = re.compile(r"(?:(?P<user>[^@/:\s]+)@)?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]+):(?P<path>[^\s:][^\s]*)\Z")
_SCHEMES = frozenset({"http", "https", "ssh", "git"})
# Files with the surroundings of a program are never part of the difference.
_LEFT_OUT = (":(exclude,glob)**/.env", ":(exclude,glob)**/.env.*")


def find_project(folder: str) -> str:
    """Give the top folder of the repository that a folder stands in; "" without git or repository."""
    return (_git(folder, "rev-parse", "--show-toplevel") or "").strip("\r\n")


def read_repository(
    project: str, files: Sequence[str], *, with_difference: bool = False
) -> tuple[Repository | None, list[str]]:
    """Read the state of a repository.

    Parameters
    ----------
    project : str
        Its top folder.
    files : sequence of str
        Paths of the files that are recorded: one that the commit does not hold makes it dirty.
    with_difference : bool, default=False
        Whether to keep how files differ from the commit.

    Returns
    -------
    repository : Repository or None
        None where there is no commit.
    notes : list of str
        What is missing, and why.
    """
    commit = (_git(project, "rev-parse", "--verify", "HEAD") or "").strip()
    if not _COMMIT.match(commit):
        return None, ["the repository has no commit yet, or git does not tell it"]
    notes = []
    remote = _remote(project)
    if not remote:
        notes.append("the repository has no remote that others can reach")
    status = _git(project, "status", "--porcelain", "-z", "--untracked-files=no")
    unknown = _git(project, "ls-files", "--others", "-z", "--", *files) if files else ""
    if status is None:
        notes.append("git did not tell within its time whether files differ from the commit")
    if unknown:
        n_unknown = unknown.count("\0")
        notes.append(f"{n_unknown} of the recorded files {'is' if n_unknown == 1 else 'are'} not in the commit")
    is_dirty = bool(status or unknown or status is None)
    difference = None
    if with_difference and is_dirty:
        arguments = ("--no-ext-diff", "--no-textconv", "--no-color", "HEAD", "--", ".", *_LEFT_OUT)
        difference = _git(project, "diff", *arguments)
        if difference is None:
            notes.append("git did not give the difference within its time")
    return Repository(commit=commit, remote=remote, is_dirty=is_dirty, diff=difference), notes


def _remote(project: str) -> str:
    names = (_git(project, "remote") or "").split()
    if not names:
        return ""
    name = "origin" if "origin" in names else names[0]
    # Not `git remote get-url`: rules for other addresses may put credentials in.
    return remote_without_credentials((_git(project, "config", "--get", f"remote.{name}.url") or "").strip())


def remote_without_credentials(address: str) -> str:
    """Give the address of a repository without user, password and query; "" for a folder of this machine.

    Examples
    --------
    >>> remote_without_credentials("https://ann:secret@host.org/team/model.git?token=1")
    'https://host.org/team/model.git'
    >>> remote_without_credentials("git@host.org:team/model.git")
    'git@host.org:team/model.git'
    >>> remote_without_credentials("/home/ann/model")
    ''
    """
    if not address.isprintable() or len(address) > 2_000:
        return ""
    if "://" in address:
        clean = _clean_url(address)
    else:
        found = _HOST_AND_PATH.match(address)
        if not found or len(found["host"]) < 2:  # a drive, as C:\models
            return ""
        clean = f"{'git@' if found['user'] == 'git' else ''}{found['host']}:{found['path'].partition('?')[0]}"
    return "" if find_secrets(clean) else clean


def _clean_url(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = "git@" if parts.scheme == "ssh" and parts.username == "git" else ""
    return f"{parts.scheme}://{user}{host}{port}{parts.path}"


def _git(folder: str, *arguments: str) -> str | None:
    """Give what a command of git says; None when it is not there, says no, or takes too long."""
    surroundings = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
    surroundings |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "--no-pager", *_SETTINGS, "-C", folder, *arguments],  # noqa: S607 - the user's own git
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=surroundings,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
