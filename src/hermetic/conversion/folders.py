"""Which files of a folder are converted, and where each goes."""

from __future__ import annotations

import os
from collections import Counter

from hermetic.errors import UsageError

__all__ = ["pairs_below"]

_SUFFIX = ".hermetic"


def pairs_below(source: str, target: str) -> list[tuple[str, str]]:
    """List the regular files below a folder, each with the file that it becomes.

    Parameters
    ----------
    source, target : str
        Two folders; the second need not exist.

    Returns
    -------
    list of (str, str)
        In the order of the paths. ``a/model.pkl`` becomes ``a/model.hermetic``; where two would become the same file,
        both keep their suffix: ``a/model.pkl.hermetic``.

    Raises
    ------
    UsageError
        When one folder lies in the other: a second run would find the files of the first.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "model.pkl").write_bytes(b"N.")
    ...     [(_, written)] = pairs_below(folder, "converted")
    >>> os.path.basename(written)
    'model.hermetic'
    """
    inner, outer = os.path.realpath(target), os.path.realpath(source)
    if os.path.commonpath([inner, outer]) == outer:
        raise UsageError(f"the target {target} lies in the source {source}", next_step="Give a folder beside it.")
    found = []
    for parent, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.append(os.path.relpath(path, source))
    short = {path: os.path.splitext(path)[0] + _SUFFIX for path in found}
    uses = Counter(map(os.path.normcase, short.values()))
    return [
        (
            os.path.join(source, path),
            os.path.join(target, short[path] if uses[os.path.normcase(short[path])] == 1 else path + _SUFFIX),
        )
        for path in found
    ]
