"""Heavy libraries that are imported when first used, not when hermetic is.

`import hermetic`, `inspect` and `scan` must import neither numpy nor scikit-learn; modules that need numpy only inside
functions take it from here and read as if they had imported it.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["numpy"]


class _LazyModule(ModuleType):
    """A module that imports itself at the first use of a name, and keeps the names it has given."""

    def __getattr__(self, name: str) -> Any:
        module = self.__dict__.get("_imported")
        if module is None:
            module = self.__dict__["_imported"] = importlib.import_module(self.__name__)
        value = self.__dict__[name] = getattr(module, name)
        return value


if TYPE_CHECKING:
    import numpy
else:
    numpy = _LazyModule("numpy")
