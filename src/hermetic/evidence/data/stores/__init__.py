"""Where snapshots are kept: by the SHA-256 of their bytes, in a folder or in a bucket."""

__all__: list[str] = []
