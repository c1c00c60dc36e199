"""Records and their JSON: `msgspec` where it is installed, else a stand-in of the standard library.

msgspec has no wheels for some machines (s390x, i386). There `hermetic.structs.stand_in` takes its place: slower,
equally strict, and tested equal. Whoever needs records or JSON takes the name ``msgspec`` from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["msgspec"]

if TYPE_CHECKING:
    import msgspec
else:
    try:
        import msgspec
    except ImportError:
        from hermetic.structs import stand_in as msgspec
