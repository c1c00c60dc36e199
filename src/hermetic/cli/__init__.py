"""The command line: one file for each command, and the frame around them in `main.py`."""

from __future__ import annotations

__all__: list[str] = []
