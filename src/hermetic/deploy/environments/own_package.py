"""Hermetic itself in an environment that it makes: a copy of the package that is running, and what that requires.

It is copied, not fetched: nobody's index is asked for a distribution of its name, and what is proved inside is proved
by the code that was asked.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hermetic.deploy.environments.pins import Pin, is_name, is_version

__all__ = ["SERVING", "copy_package", "own_pins", "package_digest"]

SERVING = ("httptools", "starlette", "uvicorn")
"""What `hermetic serve` requires beside: the extra of that name."""
_REQUIRED = ("click", "isal", "msgspec", "rich")
_FOLDER = Path(__file__).resolve().parents[2]


def own_pins(extras: Sequence[str] = ()) -> tuple[Pin, ...]:
    """Give what hermetic requires beside scikit-learn, as it is installed here.

    Parameters
    ----------
    extras : sequence of str
        Names of further distributions, which some of its commands use.

    Returns
    -------
    tuple of Pin
        By name.

    Examples
    --------
    >>> "click" in {pin.name for pin in own_pins()}
    True
    """
    found: dict[str, str] = {}
    waiting = [*_REQUIRED, *extras]
    while waiting:
        name = waiting.pop()
        try:
            metadata = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # there are stand-ins for what has no wheels here
        if name in found or not is_name(name) or not is_version(metadata.version):
            continue
        found[name] = metadata.version
        for requirement in metadata.requires or []:
            text, _, marker = requirement.partition(";")
            parts = re.match(r"[A-Za-z0-9._-]+", text)
            if parts and "extra" not in marker:
                waiting.append(re.sub(r"[-_.]+", "-", parts[0]).lower())
    return tuple(Pin(name=name, version=found[name]) for name in sorted(found))


@cache
def package_digest() -> str:
    """Give the hexadecimal SHA-256 of the package that is running."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.rglob("*.py")):
        digest.update(f"{path.relative_to(_FOLDER).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy_package(packages: str | os.PathLike[str]) -> None:
    """Copy the package that is running into an environment.

    Parameters
    ----------
    packages : path
        Its ``site-packages``.
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(_FOLDER, Path(packages) / "hermetic", ignore=ignored)
