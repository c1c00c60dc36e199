r"""What may reach a person's terminal: the one function for text that comes from a file, and the console that shows it.

A file can name a class ``\x1b[2J`` (clears the screen), ``\u202egnp.exe`` (reads backwards) or ``[link=...]`` (becomes
a link in rich). Nothing is dropped, because a reader must see that something was there: such characters are spelled
out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from hermetic.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["open_console", "plain", "plain_lines"]

_EXTRAS = ("dask", "evidence", "predict", "ray", "serve", "signing", "stores", "zstd")
# rich takes "[" for the start of a tag only before one of these characters. The extras of this package stay as they
# are, so that a command that installs one can be pasted: none of these words is a style, a link or an action of rich.
_TAG_START = re.compile(rf"\[(?=[a-z#/@])(?!(?<=\bhermetic\[)(?:{'|'.join(_EXTRAS)})\])")


def plain(text: str) -> str:
    r"""Return text from a file as one harmless line.

    Control characters, escape codes, line breaks, bidirectional controls, lone surrogates and invisible characters are
    spelled out as escapes. A bracket that rich could read as markup is followed by a space: an ordinary bracket. Only
    ``hermetic[serve]`` and the other extras of this package stay as they are.

    Parameters
    ----------
    text : str
        Any text, however hostile.

    Returns
    -------
    str
        The same text when it is harmless; it can be printed, and be part of a rich string.

    Examples
    --------
    >>> from hermetic.cli.terminal import plain
    >>> plain("sklearn.svm.SVC at $.steps[1]")
    'sklearn.svm.SVC at $.steps[1]'
    >>> print(plain("\x1b[2J and [red]"))
    \x1b[2J and [ red]
    """
    return _TAG_START.sub("[ ", printable(text))


def plain_lines(text: str) -> str:
    r"""Return a message of several lines with each line made harmless.

    For messages that hermetic itself has laid out on lines; text from a file goes through `plain`, which gives one.

    Parameters
    ----------
    text : str
        Any text; only its line feeds are kept.

    Returns
    -------
    str
        As many lines as `text` has.

    Examples
    --------
    >>> from hermetic.cli.terminal import plain_lines
    >>> print(plain_lines("the file is empty\n  at a\rb.hermetic"))
    the file is empty
      at a\rb.hermetic
    """
    return "\n".join(map(plain, text.split("\n")))


def open_console(stream: TextIO | None = None) -> Console:
    """Return a rich console that takes no string for markup, emoji names or things to highlight.

    Parameters
    ----------
    stream : text file, optional
        Where it writes; standard output when left out.

    Returns
    -------
    rich.console.Console
        Without colours when the stream is no terminal or ``NO_COLOR`` is set.

    Examples
    --------
    >>> from hermetic.cli.terminal import open_console
    >>> open_console().print("[red] stays :smile:")
    [red] stays :smile:
    """
    from rich.console import Console  # rich costs 40 ms, and `hermetic --help` does without

    return Console(file=stream, markup=False, emoji=False, highlight=False, soft_wrap=True)
