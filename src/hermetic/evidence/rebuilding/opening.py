"""A file that a model is made from again: read once, so that what is hashed is what is used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hermetic.approvals import digest_of
from hermetic.evidence.approved import apply_approvals
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import BufferSource
from hermetic.own_files import Wishes

if TYPE_CHECKING:
    from hermetic.signing.files import PublicKeys

__all__ = ["OpenedFile", "open_file"]


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A file in memory whose every checksum is right.

    Attributes
    ----------
    container : Container
        Its members.
    digest : str
        Hexadecimal SHA-256.
    wishes : Wishes
        What the caller trusts and allows, with what is approved for these very bytes.
    """

    container: Container
    digest: str
    wishes: Wishes


def open_file(file: str | os.PathLike[str], wishes: Wishes, signed_by: PublicKeys | None) -> OpenedFile:
    """Read a file.

    Parameters
    ----------
    file : path
        A hermetic file.
    wishes : Wishes
        What the caller trusts and allows.
    signed_by : PublicKeys, optional
        One of them must have signed it.

    Returns
    -------
    OpenedFile
        Nothing of it is interpreted yet but its structure.

    Raises
    ------
    FileError
        When it is no hermetic file, is damaged, is not signed, or was rejected.
    """
    if signed_by is not None:
        from hermetic.signing.files import signed_source  # cryptography only for who names a key

        source = signed_source(file, signed_by)
    else:
        opened = open_source(file, wishes.limits)
        try:
            length_bytes = open_container(opened, wishes.limits).length_bytes
            source = BufferSource(opened.read(0, length_bytes), opened.where)
        finally:
            opened.close()
    container = open_container(source, wishes.limits)
    for name in container.members:
        container.check(name)
    digest = digest_of(source, container.length_bytes).removeprefix("sha256:")
    container, wishes = apply_approvals(container, wishes)
    return OpenedFile(container=container, digest=digest, wishes=wishes)
