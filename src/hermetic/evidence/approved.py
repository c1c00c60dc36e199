"""What is approved for one file counts for its evidence too, and what is hashed is what is read."""

from __future__ import annotations

import os

from hermetic.approvals import digest_of, read_approval
from hermetic.errors import RejectedFile
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.sources import BufferSource
from hermetic.own_files import Wishes

__all__ = ["apply_approvals"]


def apply_approvals(container: Container, wishes: Wishes) -> tuple[Container, Wishes]:
    """Add what somebody has agreed to for a file to what the caller trusts and allows.

    Parameters
    ----------
    container : Container
        A model's file.
    wishes : Wishes
        ``approvals`` names the file with approvals; None adds nothing.

    Returns
    -------
    Container
        The same file, in memory where approvals were asked for: it cannot change between the hash and the reading.
    Wishes
        With the approved names and capabilities, and without ``approvals``.

    Raises
    ------
    OSError
        When the file with approvals cannot be read.
    RejectedFile
        When somebody has decided that the file must not be loaded.
    UsageError
        When the approvals are not as `hermetic approve` writes them.

    Examples
    --------
    >>> from hermetic.persistence import dumps
    >>> container = open_container(BufferSource(dumps([1, 2])))
    >>> apply_approvals(container, Wishes())[1].approved
    ()
    """
    if wishes.approvals is None:
        return container, wishes
    source = container.source
    if not isinstance(source, BufferSource):
        source = BufferSource(source.read(0, container.length_bytes), source.where)
        container = open_container(source, wishes.limits)
    approval = read_approval(wishes.approvals, digest_of(source, container.length_bytes))
    if approval is None:
        return container, wishes._replace(approvals=None)
    if approval.is_rejected:
        raise RejectedFile(f"{os.fspath(wishes.approvals)} says that this file is rejected", where=source.where)
    granted = frozenset(wishes.capabilities) | approval.capabilities
    return container, wishes._replace(approved=approval.names, capabilities=granted, approvals=None)
