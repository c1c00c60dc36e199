"""The bytes at an address: a local file, or an object in a bucket through obstore."""

from __future__ import annotations

from typing import Any

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.permission import local_path

__all__ = ["SCHEMES", "bucket_of", "read_address"]

SCHEMES = ("s3", "gs", "az")
_INSTALL = "Install what reads it: pip install 'hermetic[stores]'."


def read_address(uri: str, version: str = "") -> bytes:
    """Give the bytes at an address that somebody has allowed.

    Parameters
    ----------
    uri : str
        A path, ``file://``, ``s3://``, ``gs://`` or ``az://``.
    version : str
        Of an object in a bucket that keeps versions; the newest where it is empty.

    Raises
    ------
    DataUnavailable
        When it cannot be reached, or is not there.
    """
    path = local_path(uri)
    if path is not None:
        try:
            return path.read_bytes()
        except OSError as error:
            raise _unreachable(uri, error) from error
    beginning, _, name = uri.rpartition("/")
    bucket = bucket_of(beginning)
    try:
        found = bucket.get(name, options={"version": version}) if version else bucket.get(name)
        return bytes(found.bytes())
    # obstore raises its own classes, OSErrors, and those of the cloud it talks to.
    except Exception as error:
        raise _unreachable(uri, error) from error


def _unreachable(uri: str, error: Exception) -> DataUnavailable:
    return DataUnavailable(
        f"data cannot be read: {type(error).__name__}: {str(error)[:300]}",
        where=uri,
        next_step="Check the address and your access to it, or hand the data over.",
    )


def bucket_of(uri: str) -> Any:
    """Give the store of obstore at an address; credentials are those of the environment.

    Raises
    ------
    DataUnavailable
        When obstore is not installed, or does not know such an address.
    """
    if uri.partition("://")[0] not in SCHEMES:
        raise DataUnavailable(
            f"addresses of {uri.partition('://')[0]} are not read",
            where=uri,
            next_step=f"Known are paths, file:// and {', '.join(f'{own}://' for own in SCHEMES)}; hand others over.",
        )
    try:
        from obstore.store import from_url
    except ModuleNotFoundError as error:
        raise DataUnavailable("reading from a bucket takes obstore", where=uri, next_step=_INSTALL) from error
    try:
        return _Bucket(from_url(uri))
    except Exception as error:  # as above
        raise _unreachable(uri, error) from error


class _Bucket:
    """The three things that are done with a bucket."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def get(self, name: str, options: Any = None) -> Any:
        return self.store.get(name, options=options)

    def put(self, name: str, content: Any) -> None:
        self.store.put(name, content)

    def has(self, name: str) -> bool:
        try:
            self.store.head(name)
        except FileNotFoundError:
            return False
        return True
