"""The one function for text that comes from a file, or from anywhere else, and goes into HTML.

Beside what HTML itself demands, characters that nobody sees or that turn the reading direction are spelled out, as on a
terminal: two names that differ shall look different.
"""

from __future__ import annotations

import html

from hermetic.inspection.text import printable

__all__ = ["html_text"]


def html_text(text: object) -> str:
    r"""Give text as content of an element or of a quoted attribute.

    Parameters
    ----------
    text : object
        Anything; its `str`.

    Returns
    -------
    str
        Without any character that HTML could take for more than text.

    Examples
    --------
    >>> html_text("<b onclick='x'>")
    '&lt;b onclick=&#x27;x&#x27;&gt;'
    >>> html_text("a\u202eb")
    'a\\u202eb'
    """
    return html.escape(printable(str(text)), quote=True)
