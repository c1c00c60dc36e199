"""What the stand-in for msgspec raises; the names are those of msgspec."""

from __future__ import annotations

__all__ = ["DecodeError", "MsgspecError", "ValidationError"]


class MsgspecError(Exception):
    """Base of both."""


class DecodeError(MsgspecError):
    """The text is not JSON."""


class ValidationError(DecodeError):
    """The text is JSON, but not of the type that was asked for."""
