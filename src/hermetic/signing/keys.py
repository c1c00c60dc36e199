"""Ed25519 keys: made, written, read. The one file that imports the library cryptography."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from hermetic.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["PublicKey", "make_key_pair", "read_public_key", "sign_with"]

_MOST_BYTES = 16_384
_PEM = "-----BEGIN "
_MAKE_ONE = "hermetic keygen makes one."


class PublicKey:
    """A key that signatures are checked with.

    Attributes
    ----------
    pem : bytes
        The key as text (SubjectPublicKeyInfo).
    fingerprint : str
        Hexadecimal SHA-256 of `pem`, by which bundles name it.
    """

    def __init__(self, key: Ed25519PublicKey) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._key = key
        self.pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = hashlib.sha256(self.pem).hexdigest()

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Tell whether the holder of this key has made a signature of some bytes."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def make_key_pair(password: str | None = None) -> tuple[bytes, PublicKey]:
    """Make a new key.

    Parameters
    ----------
    password : str or None
        Encrypts the private key.

    Returns
    -------
    private : bytes
        The private key as text (PKCS #8). Whoever has it can sign.
    public : PublicKey
        For those who check.

    Raises
    ------
    UsageError
        When the library cryptography is not installed.
    """
    _require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), PublicKey(key.public_key())


def sign_with(path: str | os.PathLike[str], content: bytes, password: str | None = None) -> tuple[bytes, PublicKey]:
    """Sign bytes with the private key in a file.

    Returns
    -------
    signature : bytes
        64 bytes.
    public : PublicKey
        The other half of the key.

    Raises
    ------
    UsageError
        When the file holds no Ed25519 key, or the password is missing or wrong.
    """
    _require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _read(path)
    try:
        key = load_pem_private_key(data, password.encode() if password else None)
    except TypeError:
        words = "is encrypted, and no password was given" if password is None else "is not encrypted"
        raise UsageError(f"the private key {words}", where=os.fspath(path)) from None
    except ValueError:
        words = (
            "the password is wrong, or it is damaged" if b"ENCRYPTED" in data else "this is no private key in PEM form"
        )
        raise UsageError(words, where=os.fspath(path), next_step="hermetic keygen makes a key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("the private key is no Ed25519 key", where=os.fspath(path), next_step=_MAKE_ONE)
    return key.sign(content), PublicKey(key.public_key())


def read_public_key(key: str | bytes | os.PathLike[str]) -> PublicKey:
    """Read a public key.

    Parameters
    ----------
    key : path, or str or bytes that begin with ``-----BEGIN``
        The file of the key, or its text.

    Raises
    ------
    UsageError
        When it is no public Ed25519 key in PEM form.
    """
    _require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    where = "the text of the key"
    if isinstance(key, bytes):
        data = key
    elif isinstance(key, str) and key.lstrip().startswith(_PEM):
        data = key.encode()
    else:
        data, where = _read(key), os.fspath(key)
    if b"PRIVATE KEY" in data:
        raise UsageError(
            "this is a private key, with which files are signed, not checked",
            where=where,
            next_step="Name the public key, which hermetic keygen has written beside it (.pub); keep this one secret.",
        )
    try:
        found = load_pem_public_key(data)
    except ValueError:
        raise UsageError("this is no public key in PEM form", where=where, next_step=_MAKE_ONE) from None
    if not isinstance(found, Ed25519PublicKey):
        raise UsageError("the public key is no Ed25519 key", where=where, next_step=_MAKE_ONE)
    return PublicKey(found)


def _read(path: str | os.PathLike[str]) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MOST_BYTES)


def _require_cryptography() -> None:
    try:
        import cryptography  # noqa: F401 - whether it is there
    except ImportError:
        raise UsageError(
            "signatures need the library cryptography", next_step="Install it: pip install 'hermetic[signing]'."
        ) from None
