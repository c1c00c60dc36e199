"""Secrets in source text: passwords, keys and tokens that must not travel in a file.

A table of the forms that services give their keys, and of assignments to names like ``password``. A line that looks
like a secret stops the recording: whoever knows better says so. What is shown of it is where it is, never what it is.

References
----------
The forms of keys are those that their issuers document for secret scanning (GitHub's list of partner patterns).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

__all__ = ["Secret", "find_secrets"]

_LEAST_BITS = 3.0
# What each begins with or holds, so that most lines are passed over by looking for that; then the form itself.
_FORMS = (
    ("a private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    ("a key of AWS", "A", r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),
    ("a token of GitHub", "gh", r"\bgh[pousr]_[A-Za-z0-9]{36}"),
    ("a token of GitHub", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22}"),
    ("a token of GitLab", "gl", r"\bgl(?:pat|ptt|dt|rt|ft)-[A-Za-z0-9_-]{20}"),
    ("a token of Slack", "xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{10}"),
    ("an address of Slack", "hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20}"),
    ("a key of Google", "AIza", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("a token of Google", "ya29.", r"\bya29\.[A-Za-z0-9_-]{20}"),
    ("a key of Stripe", "k_", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}"),
    ("a token of PyPI", "pypi-", r"\bpypi-[A-Za-z0-9_-]{50}"),
    ("a token of npm", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a token of Hugging Face", "hf_", r"\bhf_[A-Za-z0-9]{30}"),
    ("a key of OpenAI or Anthropic", "sk-", r"\bsk-(?:ant-|proj-)?(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{20}"),
    ("a key of SendGrid", "SG.", r"\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16}"),
    ("a key of an Azure storage account", "AccountKey=", r"\bAccountKey=[A-Za-z0-9+/]{40}"),
    ("a signed address of Azure", "sig=", r"[?&]sig=[A-Za-z0-9%+/]{30}"),
    ("a JSON web token", "eyJ", r"\beyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{8}"),
    ("an address with a password", "://", r"://[^\s:/@'\"{}$<>]{0,100}:[^\s:/@'\"{}$<>]{3,100}@"),
    ("a token in a header", "earer ", r"\b[Bb]earer\s{1,5}[A-Za-z0-9+/_.~-]{20}"),
    ("a token in a header", "asic ", r"\b[Bb]asic\s{1,5}[A-Za-z0-9+/]{20}"),
)
_COMPILED = tuple((what, part, re.compile(form)) for what, part, form in _FORMS)
_SECRET_NAMES = re.compile(
    r"(?i)password|passwd|passphrase|pwd|secret|token(?!_pattern)|api_?key|access_?key|credential|private_?key|auth_?key"
)
# What stands between such a name and its value: the rest of the name, a bracket, a type, a sign.
_ASSIGNED = re.compile(
    r"(?i)[a-z0-9_]{0,30}[\"']?\]?\s{0,5}(?::\s{0,5}str\s{0,5})?[=:,]\s{0,5}[rbf]{0,2}[\"'](?P<value>[^\"'\s]{6,300})[\"']"
)
_PLACEHOLDER = re.compile(
    r"(?i)^(?:<.*>|\{.*\}|\$.*|%.*%|\*+|x+|\.+|your.*|my.*|none|null|true|false|change.?me.*|example.*|placeholder.*"
    r"|dummy.*|redacted.*|todo.*|test.*|secret|password|token|token_pattern|[a-z]+(?:[_ .-][a-z]+)*)$"
)


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A place that looks like a secret; its content is not kept.

    Attributes
    ----------
    line : int
        Its number, from 1.
    what : str
        What it looks like.
    """

    line: int
    what: str


def find_secrets(text: str) -> list[Secret]:
    r"""Find what looks like a secret in a source text.

    Parameters
    ----------
    text : str
        Of a script, of a cell, of a diff.

    Returns
    -------
    list of Secret
        At most one for each line.

    Examples
    --------
    >>> from hermetic.evidence.source.secrets import find_secrets
    >>> find_secrets("import os\npassword = 'Tr0ub4dor&3'")
    [Secret(line=2, what='a value for a name like password')]
    >>> find_secrets("password = os.environ['PASSWORD']")
    []
    """
    return [
        Secret(line=number, what=what) for number, line in enumerate(text.splitlines(), 1) if (what := _secret_in(line))
    ]


def _secret_in(line: str) -> str:
    """Say what a line looks like; "" for none."""
    for what, part, form in _COMPILED:
        if part in line and form.search(line):
            return what
    for name in _SECRET_NAMES.finditer(line):
        assigned = _ASSIGNED.match(line, name.end())
        if assigned and _looks_secret(assigned["value"]):
            return "a value for a name like password"
    return ""


def _looks_secret(value: str) -> bool:
    """Tell whether a value may be secret: no word, no placeholder, and not the same few characters again and again."""
    if _PLACEHOLDER.match(value):
        return False
    counts = Counter(value)
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    return bits >= min(_LEAST_BITS, math.log2(len(value)) * 0.8)
