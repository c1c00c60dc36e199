"""A file with approvals for some bytes, as `hermetic approve` would write it."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["approvals_for"]


def approvals_for(folder: Path, content: bytes, entry: str) -> Path:
    path = folder / "hermetic.toml"
    path.write_text(f'[approvals."sha256:{hashlib.sha256(content).hexdigest()}"]\n{entry}\n')
    return path
