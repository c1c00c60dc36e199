"""A bar over the folds of a cross-validation, where somebody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["fold_progress"]


@contextmanager
def fold_progress(wish: bool | None, what: str = "cross-validating") -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many of how many folds are done.

    Parameters
    ----------
    wish : bool or None
        Whether a bar is shown; None shows it on a terminal.
    what : str
        Stands before the bar.

    Yields
    ------
    callable
        Takes the number that is done and the number of all.

    Examples
    --------
    >>> with fold_progress(False) as tick:
    ...     tick(1, 5)
    """
    if not (sys.stderr.isatty() if wish is None else wish):
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
