"""What `hermetic demo` does, as data; `hermetic.cli.demo` shows it.

Real models are saved, loaded in fresh processes and compared; hostile and damaged files are opened; peers are timed.
"""

from __future__ import annotations

__all__: list[str] = []
