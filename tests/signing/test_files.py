"""A signature is of the very bytes, by a key that the caller names; everything else is refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hermetic.errors import FormatError, SignatureRefused, UsageError
from hermetic.signing.files import check_signature, sha256_of_file, sign_file
from hermetic.signing.keys import PublicKey, make_key_pair, read_public_key

CONTENT = b"the bytes of a model"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.hermetic"
    path.write_bytes(CONTENT)
    return path


def _key(folder: Path, name: str = "release", password: str | None = None) -> tuple[Path, PublicKey]:
    private, public = make_key_pair(password)
    (folder / f"{name}.key").write_bytes(private)
    (folder / f"{name}.pub").write_bytes(public.pem)
    return folder / f"{name}.key", public


def test_what_a_key_has_signed_its_other_half_confirms(model: Path, tmp_path: Path):
    key, public = _key(tmp_path)
    path, signed = sign_file(model, key)
    assert path == f"{model}.sig"
    assert (signed.name, signed.sha256, signed.key) == ("model.hermetic", DIGEST, public.fingerprint)
    again = check_signature(DIGEST, Path(path).read_bytes(), [public], "model.hermetic.sig")
    assert again == signed


def test_one_of_several_trusted_keys_is_enough(model: Path, tmp_path: Path):
    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    others = [_key(tmp_path, f"other{number}")[1] for number in range(3)]
    assert check_signature(DIGEST, Path(path).read_bytes(), [*others, public], "x").key == public.fingerprint


def test_a_key_that_is_not_trusted_is_refused_by_name(model: Path, tmp_path: Path):
    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    _, other = _key(tmp_path, "other")
    with pytest.raises(SignatureRefused, match="not signed by a key that you trust") as refused:
        check_signature(DIGEST, Path(path).read_bytes(), [other], "model.hermetic.sig")
    assert public.fingerprint[:16] in str(refused.value)
    assert other.fingerprint[:16] in str(refused.value)
    with pytest.raises(SignatureRefused, match="you trust none"):
        check_signature(DIGEST, Path(path).read_bytes(), [], "model.hermetic.sig")


def test_other_bytes_than_those_signed_are_refused(model: Path, tmp_path: Path):
    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    with pytest.raises(SignatureRefused, match="the signature is of other bytes"):
        check_signature(hashlib.sha256(CONTENT + b"!").hexdigest(), Path(path).read_bytes(), [public], "x")


def test_an_encrypted_key_wants_its_password(model: Path, tmp_path: Path):
    key, public = _key(tmp_path, password="correct horse")
    with pytest.raises(UsageError, match="encrypted, and no password"):
        sign_file(model, key)
    with pytest.raises(UsageError, match="password is wrong"):
        sign_file(model, key, password="battery staple")
    path, _ = sign_file(model, key, password="correct horse")
    assert check_signature(DIGEST, Path(path).read_bytes(), [public], "x").sha256 == DIGEST
    plain, _ = _key(tmp_path, "plain")
    with pytest.raises(UsageError, match="is not encrypted"):
        sign_file(model, plain, password="x")


def test_the_statement_is_that_of_the_documented_form(model: Path, tmp_path: Path):
    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    bundle = json.loads(Path(path).read_text())
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert bundle["verificationMaterial"]["publicKey"]["hint"] == hashlib.sha256(public.pem).hexdigest()
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicate"]["resources"] == [{"name": "model.hermetic", "algorithm": "sha256", "digest": DIGEST}]
    # The digest of the whole is that of the digests of its files, one after the other.
    whole = hashlib.sha256(bytes.fromhex(DIGEST)).hexdigest()
    assert statement["subject"] == [{"name": "model.hermetic", "digest": {"sha256": whole}}]


def test_the_library_cryptography_agrees_with_the_bytes_that_are_signed(model: Path, tmp_path: Path):
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    envelope = json.loads(Path(path).read_text())["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    encoded = b" ".join([b"DSSEv1", b"28", b"application/vnd.in-toto+json", str(len(payload)).encode(), payload])
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    load_pem_public_key(public.pem).verify(signature, encoded)


Change = Callable[[dict[str, Any]], Any]


def _payload(change: Callable[[dict[str, Any]], Any]) -> Change:
    def apply(bundle: dict[str, Any]) -> None:
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        change(statement)
        bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()

    return apply


FORGED: dict[str, tuple[Change, type[Exception], str]] = {
    "another digest in the statement": (
        _payload(lambda own: own["predicate"]["resources"][0].update(digest="0" * 64)),
        SignatureRefused,
        "not signed",
    ),
    "another name in the statement": (
        _payload(lambda own: own["predicate"]["resources"][0].update(name="other")),
        SignatureRefused,
        "not signed",
    ),
    "another signature": (
        lambda own: own["dsseEnvelope"]["signatures"][0].update(sig=base64.b64encode(bytes(64)).decode()),
        SignatureRefused,
        "not signed",
    ),
    "a short signature": (
        lambda own: own["dsseEnvelope"]["signatures"][0].update(sig=""),
        SignatureRefused,
        "not signed",
    ),
    "no signatures": (lambda own: own["dsseEnvelope"].update(signatures=[]), SignatureRefused, "not signed"),
    "signatures that are no objects": (
        lambda own: own["dsseEnvelope"].update(signatures=["x"]),
        FormatError,
        "no objects",
    ),
    "another kind of bundle": (lambda own: own.update(mediaType="x"), FormatError, "its 'mediaType' is 'x'"),
    "another kind of payload": (
        lambda own: own["dsseEnvelope"].update(payloadType="text/plain"),
        FormatError,
        "its 'payloadType'",
    ),
    "no envelope": (lambda own: own.pop("dsseEnvelope"), FormatError, "no 'dsseEnvelope'"),
    "an envelope of another type": (lambda own: own.update(dsseEnvelope=[]), FormatError, "no 'dsseEnvelope'"),
    "no base64": (lambda own: own["dsseEnvelope"].update(payload="\u00e9%"), FormatError, "no base64"),
}


@pytest.mark.parametrize("which", FORGED)
def test_a_forged_bundle_is_refused(which: str, model: Path, tmp_path: Path):
    change, error, words = FORGED[which]
    key, public = _key(tmp_path)
    path, _ = sign_file(model, key)
    bundle = json.loads(Path(path).read_text())
    change(bundle)
    with pytest.raises(error, match=words):
        check_signature(DIGEST, json.dumps(bundle).encode(), [public], "model.hermetic.sig")


NO_BUNDLES = {
    "nothing": b"",
    "no JSON": b"\xff\xfe",
    "a list": b"[]",
    "a key that stands twice": b'{"mediaType": "x", "mediaType": "x"}',
    "deep nesting": b"[" * 100_000,
    "too much": b" " * (1 << 20) + b"{}",
}


@pytest.mark.parametrize("which", NO_BUNDLES)
def test_what_is_no_bundle_is_refused(which: str, tmp_path: Path):
    _, public = _key(tmp_path)
    with pytest.raises(FormatError, match="no signature that hermetic can read") as refused:
        check_signature(DIGEST, NO_BUNDLES[which], [public], "model.hermetic.sig")
    assert "model.hermetic.sig" in str(refused.value)


SIGNED_BUT_STRANGE: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "of several files": (lambda own: own["predicate"]["resources"].append({}), "about 2 files"),
    "of no file": (lambda own: own["predicate"].update(resources=[]), "about 0 files"),
    "with another hash": (lambda own: own["predicate"]["resources"][0].update(algorithm="md5"), "no.* SHA-256"),
    "with capital digits": (lambda own: own["predicate"]["resources"][0].update(digest="A" * 64), "no.* SHA-256"),
    "of another type": (lambda own: own.update(_type="x"), "its '_type' is 'x'"),
    "of another predicate": (lambda own: own.update(predicateType="x"), "its 'predicateType' is 'x'"),
}


@pytest.mark.parametrize("which", SIGNED_BUT_STRANGE)
def test_a_statement_that_is_signed_but_strange_is_refused(which: str, tmp_path: Path):
    from hermetic.signing.envelope import Envelope, bundle_text, signed_bytes, statement_of
    from hermetic.signing.keys import sign_with

    change, words = SIGNED_BUT_STRANGE[which]
    key, public = _key(tmp_path)
    statement = json.loads(statement_of("model.hermetic", DIGEST))
    change(statement)
    payload = json.dumps(statement).encode()
    signature, _ = sign_with(key, signed_bytes(payload))
    bundle = bundle_text(Envelope(payload=payload, signatures=(signature,), key_hint=""))
    with pytest.raises(FormatError, match=words):
        check_signature(DIGEST, bundle.encode(), [public], "x")


def test_a_public_key_is_read_from_a_file_or_from_its_text(tmp_path: Path):
    _, public = _key(tmp_path)
    forms = [tmp_path / "release.pub", str(tmp_path / "release.pub"), public.pem, public.pem.decode()]
    assert {read_public_key(form).fingerprint for form in forms} == {public.fingerprint}


def test_a_private_key_in_the_place_of_a_public_one_is_refused_with_a_warning(tmp_path: Path):
    key, _ = _key(tmp_path)
    with pytest.raises(UsageError, match="this is a private key") as refused:
        read_public_key(key)
    assert "keep this one secret" in str(refused.value)


def test_keys_of_other_kinds_are_refused(tmp_path: Path, model: Path):
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(UsageError, match="no Ed25519 key"):
        read_public_key(public)
    (tmp_path / "ec.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UsageError, match="no Ed25519 key"):
        sign_file(model, tmp_path / "ec.key")
    for text in (b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(UsageError, match="no public key in PEM form"):
            read_public_key(text)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    with pytest.raises(UsageError, match="need the library cryptography") as refused:
        make_key_pair()
    assert "hermetic[signing]" in str(refused.value)


def test_a_large_file_is_read_in_pieces(tmp_path: Path):
    data = bytes(range(256)) * 20_000
    (tmp_path / "large").write_bytes(data)
    assert sha256_of_file(tmp_path / "large") == hashlib.sha256(data).hexdigest()
