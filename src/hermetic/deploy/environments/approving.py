"""Whether somebody has agreed to install what a file names: by the digest of that very list."""

from __future__ import annotations

import re
from collections.abc import Collection

from hermetic.deploy.environments.lock import Lock, lock_digest, lock_lines
from hermetic.errors import LockNotApproved, UsageError

__all__ = ["check_approval"]


def check_approval(lock: Lock, approved: Collection[str], *, command: str, where: str = "") -> None:
    """Refuse a lock that was not approved.

    Parameters
    ----------
    lock : Lock
        What would be installed.
    approved : collection of str
        Hexadecimal SHA-256 of each list that somebody has looked at.
    command : str
        What to type once the list was looked at, without the option.
    where : str
        The file that names these distributions.

    Raises
    ------
    LockNotApproved
        When it is another list, or none: with the list and the digest.
    UsageError
        When one of them is no digest.

    Examples
    --------
    >>> from hermetic.deploy.environments.lock import Lock, lock_digest
    >>> from hermetic.deploy.environments.pins import Target
    >>> lock = Lock(target=Target(python="3.12"), wheels=())
    >>> check_approval(lock, [lock_digest(lock)], command="hermetic env FILE --create DIR")
    """
    digest = lock_digest(lock)
    for each in approved:
        if not re.fullmatch("[0-9a-fA-F]{64}", each):
            raise UsageError(f"--approve-lock takes a SHA-256 of 64 hexadecimal digits, got {each[:100]!r}")
    if digest not in {each.lower() for each in approved}:
        said = "What was approved is another list. " if approved else ""
        raise LockNotApproved(
            digest,
            lock_lines(lock),
            where=where,
            next_step=f"{said}Installing them runs their code. Look at each name, and where you trust them all: "
            f"{command} --approve-lock {digest}",
        )
