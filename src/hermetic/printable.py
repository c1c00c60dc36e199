r"""Text from a file as people may see it: characters that are not printable, or drawn as nothing, are spelled out.

A file can name a class ``\x1b[2J`` (clears the screen) or ``\u202egnp.exe`` (reads backwards). Nothing is dropped,
because a reader must see that something was there. What else a place gives a meaning, as markup, is for that place to
escape.
"""

from __future__ import annotations

__all__ = ["printable"]

# Printable according to Unicode, yet drawn as nothing: names that differ only in these look the same.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def printable(text: str) -> str:
    r"""Spell out every character that is not printable, line breaks too, and what is drawn as nothing.

    Examples
    --------
    >>> print(printable("a\x1b[2J\u202eb"))
    a\x1b[2J\u202eb
    """
    if text.isprintable() and (text.isascii() or _INVISIBLE.isdisjoint(text)):
        return text
    return "".join(map(_spelled_out, text))


def _spelled_out(character: str) -> str:
    if character.isprintable() and character not in _INVISIBLE:
        return character
    return ascii(character)[1:-1]
