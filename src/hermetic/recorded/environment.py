"""The environment that a model was made in: Python, machine, and every installed distribution."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["DistributionRecord", "EnvironmentRecord"]


class DistributionRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One installed distribution.

    Attributes
    ----------
    name, version : str
        Normalized name; version as it says itself.
    content : str
        Hexadecimal SHA-256 of the list of its files and their hashes; empty where there is none.
    origin : str
        ``index``, or where else it came from, so that its version does not say what it is.
    archive : str
        Hexadecimal SHA-256 of the wheel or archive itself, where the installer has left it; empty else.
    tags : list of str
        The interpreters and platforms that its wheel is for.
    is_needed : bool
        Whether the model needs it, directly or through another one.
    """

    name: str
    version: str
    content: str
    origin: str
    archive: str
    tags: list[str]
    is_needed: bool


class EnvironmentRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The environment that a model was made in.

    Attributes
    ----------
    layout : int
        1.
    python, implementation : str
        ``3.12.4``, ``CPython``.
    platform, machine, processor : str
        ``Linux-6.1-x86_64``, ``x86_64``, and the name of the processor where the system tells it.
    libraries : dict of str to str
        Native libraries that numbers depend on, as BLAS and OpenMP, and their versions and threads.
    distributions : list of DistributionRecord
        By name.
    """

    layout: Literal[1]
    python: str
    implementation: str
    platform: str
    machine: str
    processor: str
    libraries: dict[str, str]
    distributions: list[DistributionRecord]
