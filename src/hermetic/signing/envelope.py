"""The text of a signature: an in-toto statement in a DSSE envelope in a Sigstore bundle, as OpenSSF does it for models.

The statement names the file and its SHA-256; the envelope holds the statement and the signature of it; the bundle says
which key it was. Up to the check of the signature every word of it is the file's own claim, and read as text only.

References
----------
https://github.com/in-toto/attestation/tree/main/spec/v1 (statement),
https://github.com/secure-systems-lab/dsse (envelope), https://docs.sigstore.dev/about/bundle (bundle),
https://github.com/ossf/model-signing-spec (predicate).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hermetic.errors import FormatError

__all__ = [
    "MOST_BYTES",
    "Envelope",
    "Statement",
    "bundle_text",
    "read_bundle",
    "read_statement",
    "signed_bytes",
    "statement_of",
]

_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://model_signing/signature/v1.0"
MOST_BYTES = 1 << 20
"""Longest bundle that is read."""

_DIGITS = frozenset("0123456789abcdef")
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What a bundle holds; nothing of it is checked but its form.

    Attributes
    ----------
    payload : bytes
        The statement.
    signatures : tuple of bytes
        Of the payload, by one key each.
    key_hint : str
        SHA-256 of the public key in PEM form, as the bundle claims; "" for none.
    """

    payload: bytes
    signatures: tuple[bytes, ...]
    key_hint: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What was signed.

    Attributes
    ----------
    name : str
        What the file was called.
    sha256 : str
        Hexadecimal digest of its bytes.
    """

    name: str
    sha256: str


def statement_of(name: str, sha256: str) -> bytes:
    """Give the statement about a file, as the bytes to be signed.

    Parameters
    ----------
    name : str
        Its base name.
    sha256 : str
        Hexadecimal digest of its bytes.
    """
    statement = {
        "_type": _STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": hashlib.sha256(bytes.fromhex(sha256)).hexdigest()}}],
        "predicateType": _PREDICATE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
            "resources": [{"name": name, "algorithm": "sha256", "digest": sha256}],
        },
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def signed_bytes(payload: bytes) -> bytes:
    """Give what a key signs of a payload: its type and its bytes, each behind its length (DSSE's PAE)."""
    return b"DSSEv1 %d %s %d %s" % (len(_PAYLOAD), _PAYLOAD.encode(), len(payload), payload)


def bundle_text(envelope: Envelope) -> str:
    """Give an envelope as the text of a bundle."""
    bundle = {
        "mediaType": _BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": envelope.key_hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": _PAYLOAD,
            "signatures": [{"sig": base64.b64encode(one).decode(), "keyid": ""} for one in envelope.signatures],
        },
    }
    return json.dumps(bundle, indent=1) + "\n"


def read_bundle(data: bytes, where: str) -> Envelope:
    """Read the text of a bundle.

    Raises
    ------
    FormatError
        When it is longer than 1 MB, no JSON, or no bundle of an in-toto statement.
    """
    bundle = _decode(data, where)
    envelope = _get(bundle, "dsseEnvelope", dict, where)
    _require(bundle, "mediaType", _BUNDLE, where)
    _require(envelope, "payloadType", _PAYLOAD, where)
    material = _get(bundle, "verificationMaterial", dict, where)
    claimed = material.get("publicKey")
    signatures = [_get(one, "sig", str, where) for one in _items(envelope, "signatures", where)]
    return Envelope(
        payload=_bytes(_get(envelope, "payload", str, where), where),
        signatures=tuple(_bytes(one, where) for one in signatures),
        key_hint=str(claimed.get("hint", "")) if isinstance(claimed, dict) else "",
    )


def read_statement(payload: bytes, where: str) -> Statement:
    """Read a statement whose signature has been checked.

    Raises
    ------
    FormatError
        When it is no statement about one file.
    """
    statement = _decode(payload, where)
    _require(statement, "_type", _STATEMENT, where)
    _require(statement, "predicateType", _PREDICATE, where)
    resources = _items(_get(statement, "predicate", dict, where), "resources", where)
    subjects = _items(statement, "subject", where)
    if len(resources) != 1 or len(subjects) != 1:
        raise _refuse(f"it is about {len(resources)} files, not one", where)
    digest = _get(resources[0], "digest", str, where)
    if resources[0].get("algorithm") != "sha256" or len(digest) != 64 or not _DIGITS.issuperset(digest):
        raise _refuse("it does not name a SHA-256", where)
    return Statement(name=_get(resources[0], "name", str, where), sha256=digest)


def _decode(data: bytes, where: str) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise _refuse(f"it has {len(data):,} bytes, at most {MOST_BYTES:,} are read", where)
    try:
        value = json.loads(data, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise _refuse(f"it is no JSON: {str(error)[:100]}", where) from None
    if not isinstance(value, dict):
        raise _refuse("it is no JSON object", where)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        # Two readers would take different ones.
        raise ValueError("a key stands twice")
    return dict(pairs)


def _get(holder: Any, key: str, kind: type[_T], where: str) -> _T:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise _refuse(f"it has no {key!r}", where)
    return value


def _require(holder: dict[str, Any], key: str, expected: str, where: str) -> None:
    found = _get(holder, key, str, where)
    if found != expected:
        raise _refuse(f"its {key!r} is {found[:100]!r}, not {expected!r}", where)


def _items(holder: Any, key: str, where: str) -> Sequence[dict[str, Any]]:
    items = _get(holder, key, list, where)
    if not all(isinstance(item, dict) for item in items):
        raise _refuse(f"its {key!r} are no objects", where)
    return items


def _bytes(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refuse("it holds what is no base64", where) from None


def _refuse(found: str, where: str) -> FormatError:
    return FormatError(
        f"no signature that hermetic can read: {found}",
        where=where,
        next_step="Ask whoever signed the file for the signature again.",
    )
