"""Write one approval into a TOML file of people, everything else in which stays as it is, byte for byte.

The table of the file's digest is replaced where it stands, or appended. What comes out is parsed again and compared,
so that a form that this does not understand ends in an error with the text to paste, never in a damaged file.
"""

from __future__ import annotations

import os
import re
import tomllib
from typing import Any

from hermetic.approvals import Approval, prefix_of
from hermetic.errors import UsageError
from hermetic.formats.atomic_file import atomic_writer

__all__ = ["approval_text", "toml_text", "write_approval"]

_ROLES = ("constructed", "referenced", "called")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_approval(path: str | os.PathLike[str], digest: str, approval: Approval, *, file: str = "") -> None:
    """Put an approval into a file, in place of an older one of the same digest.

    Parameters
    ----------
    path : str or PathLike
        The TOML file; made when it is missing.
    digest : str
        ``sha256:`` and 64 hexadecimal digits.
    approval : Approval
        What was decided.
    file : str
        The name of the model, a note for people.

    Raises
    ------
    OSError
        When the file cannot be read or written.
    UsageError
        When it is no TOML, or holds its approvals in a form that cannot be edited safely.
    """
    new = approval_text(path, digest, approval, file=file)
    try:
        with open(path, "rb") as existing:
            data = existing.read()
    except FileNotFoundError:
        data = b""
    try:
        old = data.decode("utf-8")
        before = tomllib.loads(_with_line_feeds(old))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"not a TOML file: {error}", where=os.fspath(path)) from error
    changed = _replaced(old, _header(path, digest), new.replace("\n", "\r\n") if "\r\n" in old else new)
    if not _is_as_meant(before, changed, path, digest, tomllib.loads(new)):
        raise UsageError(
            "the approvals of this file have a form that cannot be edited safely",
            where=os.fspath(path),
            next_step=f"Put this into it by hand:\n{new}",
        )
    with atomic_writer(path) as target:
        target.write(changed.encode("utf-8"))


def approval_text(path: str | os.PathLike[str], digest: str, approval: Approval, *, file: str = "") -> str:
    """Give the table of one approval, as it stands in a file.

    Parameters
    ----------
    path, digest, approval, file
        As in `write_approval`.

    Returns
    -------
    str
        TOML, ends with a line feed.

    Examples
    --------
    >>> print(approval_text("hermetic.toml", "sha256:00", Approval(capabilities=frozenset({"regex"}))), end="")
    [approvals."sha256:00"]
    capabilities = ["regex"]
    """
    lines = [_header(path, digest)]
    if file:
        lines.append(f"file = {toml_text(file)}")
    if approval.is_rejected:
        lines.append("rejected = true")
    for role in _ROLES:
        lines += _list(role, sorted(name for own, name in approval.names if own == role))
    lines += _list("capabilities", sorted(approval.capabilities))
    return "\n".join(lines) + "\n"


def _header(path: str | os.PathLike[str], digest: str) -> str:
    return f'[{".".join([*prefix_of(path), "approvals"])}."{digest}"]'


def _list(key: str, texts: list[str]) -> list[str]:
    if len(texts) < 2:
        return [f"{key} = [{toml_text(texts[0])}]"] if texts else []
    return [f"{key} = [", *(f"    {toml_text(text)}," for text in texts), "]"]


def toml_text(text: str) -> str:
    r"""Give a text as TOML, on one line, in printable characters.

    Parameters
    ----------
    text : str
        Any text, however hostile.

    Returns
    -------
    str
        With its quotes; lone surrogates, which TOML cannot hold, become question marks.

    Examples
    --------
    >>> print(toml_text('a"]\nb\x1b\udce9'))
    "a\"]\nb\u001B?"
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if 0xD800 <= code < 0xE000:
        return "?"
    if character.isprintable():
        return character
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n")


def _replaced(text: str, header: str, new: str) -> str:
    """Put a table in the place of that with the same header, up to the next table, or at the end."""
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if line.strip() == header), None)
    if start is None:
        if not text:
            return new
        ending = "\r\n" if "\r\n" in text else "\n"
        return text + ("" if text.endswith("\n") else ending) + ("" if text.endswith(ending * 2) else ending) + new
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    # Blank lines and comments before the next table belong to that one.
    while end > start + 1 and re.match(r"\s*(?:#.*)?$", lines[end - 1]):
        end -= 1
    return "".join([*lines[:start], new, *lines[end:]])


def _is_as_meant(
    before: dict[str, Any], changed: str, path: str | os.PathLike[str], digest: str, meant: dict[str, Any]
) -> bool:
    """Tell whether a changed text holds what it held before, but for one approval, which is the one that is meant."""
    try:
        after = tomllib.loads(_with_line_feeds(changed))
    except tomllib.TOMLDecodeError:
        return False
    keys = [*prefix_of(path), "approvals"]
    if _inner(after, keys).pop(digest, None) != _inner(meant, keys)[digest]:
        return False
    _inner(before, keys).pop(digest, None)
    return bool(_pruned(before) == _pruned(after))


def _inner(table: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """Give a table within tables; an empty one where there is none."""
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, dict) else {}
    return table


def _pruned(table: Any) -> Any:
    """Give a table without the empty tables that stand only around an approval."""
    if not isinstance(table, dict):
        return table
    kept = {key: _pruned(value) for key, value in table.items()}
    return {key: value for key, value in kept.items() if value != {}}
