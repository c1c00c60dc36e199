"""`python -m hermetic` is the command `hermetic`."""

from __future__ import annotations

from hermetic.cli.main import hermetic

__all__: list[str] = []

if __name__ == "__main__":
    hermetic(prog_name="hermetic")
