"""Build contexts for containers: a model, exactly the wheels of an approved lock, and a Containerfile that proves both.

What is written depends on the file, the lock and the options alone: no clock, no names of this machine.
"""

from __future__ import annotations

__all__: list[str] = []
