"""Signing a file, and checking who has signed some bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hermetic.errors import SignatureRefused, UsageError
from hermetic.formats.atomic_file import atomic_writer
from hermetic.formats.sources import BufferSource
from hermetic.signing.envelope import (
    MOST_BYTES,
    Envelope,
    bundle_text,
    read_bundle,
    read_statement,
    signed_bytes,
    statement_of,
)
from hermetic.signing.keys import PublicKey, read_public_key, sign_with

__all__ = ["SUFFIX", "PublicKeys", "Signed", "check_signature", "sha256_of_file", "sign_file", "signed_source"]

SUFFIX = ".sig"
"""What the name of a signature ends with: ``model.hermetic.sig`` stands beside ``model.hermetic``."""

PublicKeys = str | bytes | os.PathLike[str] | Collection[str | bytes | os.PathLike[str]]
"""Paths or texts of public keys, or only one."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature that was checked.

    Attributes
    ----------
    name : str
        What the file was called when it was signed.
    sha256 : str
        Hexadecimal digest of its bytes.
    key : str
        Fingerprint of the key: hexadecimal SHA-256 of its text.
    """

    name: str
    sha256: str
    key: str


def sign_file(
    file: str | os.PathLike[str], key: str | os.PathLike[str], *, password: str | None = None
) -> tuple[str, Signed]:
    """Sign a file; the signature is written beside it.

    Parameters
    ----------
    file : path
        Any file.
    key : path
        The private key.
    password : str or None
        That of the key.

    Returns
    -------
    path : str
        Of the signature: that of the file, and ``.sig``.
    signed : Signed
        What was signed, and by whom.

    Raises
    ------
    UsageError
        When the key cannot be read.
    OSError
        When a file cannot.
    """
    name = os.path.basename(os.fspath(file))
    digest = sha256_of_file(file)
    payload = statement_of(name, digest)
    signature, public = sign_with(key, signed_bytes(payload), password)
    path = os.fspath(file) + SUFFIX
    with atomic_writer(path) as target:
        text = bundle_text(Envelope(payload=payload, signatures=(signature,), key_hint=public.fingerprint))
        target.write(text.encode())
    return path, Signed(name=name, sha256=digest, key=public.fingerprint)


def check_signature(sha256: str, signature: bytes, keys: Sequence[PublicKey], where: str) -> Signed:
    """Check that one of some keys has signed bytes of a digest.

    Parameters
    ----------
    sha256 : str
        Hexadecimal digest of the very bytes that will be used.
    signature : bytes
        The text of the signature.
    keys : sequence of PublicKey
        Those that the caller trusts.
    where : str
        What the signature is called in errors.

    Raises
    ------
    FormatError
        When the signature cannot be read.
    SignatureRefused
        When none of the keys has signed, or something else was signed.
    """
    envelope = read_bundle(signature, where)
    content = signed_bytes(envelope.payload)
    signer = next(
        (key for key in keys if any(len(own) == 64 and key.verifies(own, content) for own in envelope.signatures)), None
    )
    if signer is None:
        trusted = ", ".join(key.fingerprint[:16] for key in keys) or "none"
        raise SignatureRefused(
            f"not signed by a key that you trust: it claims the key {envelope.key_hint[:16] or 'unknown'}, "
            f"you trust {trusted}",
            where=where,
            next_step="Ask whoever gave you the file which key signs it, by another way than the file came.",
        )
    statement = read_statement(envelope.payload, where)
    if statement.sha256 != sha256:
        raise SignatureRefused(
            f"the signature is of other bytes: SHA-256 {statement.sha256[:16]}..., the file has {sha256[:16]}...",
            where=where,
            next_step="The file was changed after it was signed, or the signature belongs to another file.",
        )
    return Signed(name=statement.name, sha256=sha256, key=signer.fingerprint)


def signed_source(file: object, signed_by: PublicKeys) -> BufferSource:
    """Read a file whose signature stands beside it, once: the bytes that were checked are those that are given.

    Parameters
    ----------
    file : path
        ``model.hermetic``; its signature is ``model.hermetic.sig``.
    signed_by : PublicKeys
        Those that the caller trusts.

    Raises
    ------
    UsageError
        When no key is named, or the file is no path.
    SignatureRefused
        When there is no signature of one of the keys.
    """
    if not isinstance(file, (str, os.PathLike)):
        raise UsageError(
            f"signed_by needs a path, beside which the signature stands, got a {type(file).__name__}",
            next_step="Write the file and its signature to a folder, and load the path.",
        )
    names = [signed_by] if isinstance(signed_by, (str, bytes, os.PathLike)) else list(signed_by)
    if not names:
        raise UsageError("signed_by names no key", next_step="Name a public key, or leave signed_by out.")
    keys = [read_public_key(name) for name in names]
    path = os.fsdecode(file)
    with open(path, "rb") as opened:
        data = opened.read()
    try:
        with open(path + SUFFIX, "rb") as opened:
            signature = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise SignatureRefused(
            "the file has no signature",
            where=path,
            next_step=f"It should stand beside it as {os.path.basename(path)}{SUFFIX}; `hermetic sign` writes it.",
        ) from None
    check_signature(hashlib.sha256(data).hexdigest(), signature, keys, path + SUFFIX)
    return BufferSource(data, path)


def sha256_of_file(file: str | os.PathLike[str]) -> str:
    """Give the hexadecimal SHA-256 of a file."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
