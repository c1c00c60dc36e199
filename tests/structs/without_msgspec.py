"""The modules of the package once more in this process, made of the stand-in for msgspec."""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from unittest import mock

__all__ = ["module_without_msgspec"]


@functools.cache
def _modules() -> dict[str, ModuleType]:
    kept = {
        name: module for name, module in sys.modules.items() if name != "msgspec" and not name.startswith("msgspec.")
    }
    # Errors stay the same, so that those of both can be compared.
    for name in [name for name in kept if name.startswith("hermetic") and name not in ("hermetic", "hermetic.errors")]:
        del kept[name]
    with mock.patch.dict(sys.modules, {**kept, "msgspec": None}, clear=True):  # type: ignore[dict-item]
        for name in ("formats.graph_json", "formats.manifest", "structs.stand_in"):
            importlib.import_module(f"hermetic.{name}")
        return {name: module for name, module in sys.modules.items() if name.startswith("hermetic.")}


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in ("hermetic", "msgspec")


def module_without_msgspec(name: str) -> ModuleType:
    """Give a module of the package as it is where there is no msgspec.

    Parameters
    ----------
    name : str
        Below ``hermetic``.

    Examples
    --------
    >>> module_without_msgspec("structs").msgspec.__name__
    'hermetic.structs.stand_in'
    """
    return _modules()[f"hermetic.{name}"]
