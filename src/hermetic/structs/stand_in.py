"""The part of `msgspec` that this package uses, made of the standard library.

Every name means what it means in msgspec; https://jcristharif.com/msgspec/api.html has the reference.
"""

from __future__ import annotations

from hermetic.structs import json_text as json
from hermetic.structs.errors import DecodeError, MsgspecError, ValidationError
from hermetic.structs.records import Meta, Struct

__all__ = ["DecodeError", "Meta", "MsgspecError", "Struct", "ValidationError", "json"]
