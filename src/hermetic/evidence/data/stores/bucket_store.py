"""A store in a bucket of a cloud, or behind any address that obstore knows."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.stores.contents import bucket_of
from hermetic.evidence.data.stores.keys import path_of_key

__all__ = ["BucketStore"]


class BucketStore:
    """A place in a bucket that keeps snapshots.

    Parameters
    ----------
    uri : str
        ``s3://bucket/prefix``, ``gs://``, ``az://``; credentials are those of the environment.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.bucket: Any = bucket_of(uri)

    def __str__(self) -> str:
        """Give the address."""
        return self.uri

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """Give a local file to write a snapshot into, which is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="hermetic-") as folder:
            yield Path(folder, "snapshot.parquet")

    def keep(self, path: Path, key: str) -> None:
        """Put a file of the workplace under its key; one that is there already stays.

        Raises
        ------
        DataUnavailable
            When the bucket cannot be reached.
        """
        name = path_of_key(key)
        try:
            if not self.bucket.has(name):
                self.bucket.put(name, path)
        # obstore raises its own classes, OSErrors, and those of the cloud it talks to.
        except Exception as error:
            raise DataUnavailable(
                f"a snapshot cannot be put into the store: {type(error).__name__}: {str(error)[:300]}",
                where=self.uri,
                next_step="Check the address and your access to it, or name a folder as the store.",
            ) from error

    def read(self, key: str) -> bytes:
        """Give the bytes of a snapshot; nobody has compared them with their key.

        Raises
        ------
        OSError
            When it is not there, or cannot be read.
        """
        try:
            return bytes(self.bucket.get(path_of_key(key)).bytes())
        except FileNotFoundError:
            raise
        except Exception as error:  # as above
            raise OSError(f"{type(error).__name__}: {str(error)[:300]}") from error
