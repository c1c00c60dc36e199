"""Heavy libraries that are imported when first used, not when hermetic is.

`import hermetic`, `inspect` and `scan` must import neither numpy nor scikit-learn; modules that need numpy only inside
functions take it from here and read as if they had imported it.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["numpy"]


class _LazyModule(ModuleType):
    """A module that imports itself at the first use of a name, and keeps the names it has given."""

    def __getattr__(self, name: str) -> Any:
        # Loading has imported it long ago, and asks for each name once: the import system needs ten times as long.
        module = sys.modules.get(self.__name__)
        if module is None or not hasattr(module, name):
            module = importlib.import_module(self.__name__)  # which waits for a thread that is importing it
        value = self.__dict__[name] = getattr(module, name)
        return value


if TYPE_CHECKING:
    import numpy
else:
    numpy = _LazyModule("numpy")
