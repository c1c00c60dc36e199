"""The Containerfile: two stages, exec forms only, and the one function for text of a file in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hermetic.errors import UsageError

__all__ = ["EPOCH", "PORT", "Image", "check_base", "containerfile_text", "default_base", "safe_word"]

EPOCH = 315_532_800
"""Seconds of the first day that every archive can write, 1980-01-01: whatever has a time has this one."""
PORT = 8080
_LONGEST = 100
_PLACE = "/opt/hermetic"
_PYTHON = f"{_PLACE}/bin/python"
# -I takes nothing from the surroundings or the working directory, -B writes nothing.
_RUN_HERMETIC = (_PYTHON, "-I", "-B", "-m", "hermetic")
_BASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,250}(?:@sha256:[0-9a-f]{64})?\Z")
_IS_READY = (
    f"import http.client, sys; asked = http.client.HTTPConnection('127.0.0.1', {PORT}, timeout=4); "
    "asked.request('GET', '/v2/health/ready'); sys.exit(asked.getresponse().status != 200)"
)


@dataclass(frozen=True, kw_only=True)
class Image:
    """What a Containerfile is made of.

    Attributes
    ----------
    base : str
        The image below, from the user.
    python : str
        Two numbers.
    name : str
        Of the model.
    labels : mapping of str to str
        Names of this project, and texts that may be a file's.
    is_serving : bool
        Whether it serves the model.
    """

    base: str
    python: str
    name: str
    labels: Mapping[str, str]
    is_serving: bool = True


def safe_word(text: str) -> str:
    r"""Give a text of a file as one word that can mean nothing to whatever reads a Containerfile.

    Parameters
    ----------
    text : str
        Any text, however hostile.

    Returns
    -------
    str
        At most 100 of ``[A-Za-z0-9._+-]``, the first of them a letter or digit; an underscore for any other character.

    Examples
    --------
    >>> safe_word("2.4.0+cpu"), safe_word('1"\nRUN touch sprung'), safe_word("--flag"), safe_word("")
    ('2.4.0+cpu', '1__RUN_touch_sprung', 'flag', 'none')
    """
    return re.sub(r"[^A-Za-z0-9._+-]", "_", text[:_LONGEST]).lstrip("._+-") or "none"


def default_base(python: str) -> str:
    """Give the image that is taken where the user names none.

    Examples
    --------
    >>> default_base("3.12")
    'docker.io/library/python:3.12-slim'
    """
    return f"docker.io/library/python:{python}-slim"


def check_base(base: str) -> str:
    """Give the name of an image back when it is nothing else.

    Raises
    ------
    UsageError
        When it could be read as something else.

    Examples
    --------
    >>> check_base("registry.example:5000/python:3.12-slim")
    'registry.example:5000/python:3.12-slim'
    """
    if not _BASE.match(base):
        raise UsageError(
            f"--base takes the name of an image, got {base[:200]!r}",
            next_step=f"As in {default_base('3.12')}, or with @sha256: and its digest behind it.",
        )
    return base


def containerfile_text(image: Image) -> str:
    """Give the Containerfile of an image.

    Parameters
    ----------
    image : Image
        What it is made of.

    Returns
    -------
    str
        Its text; of the file only words as `safe_word` gives them.

    Examples
    --------
    >>> image = Image(base="python:3.12-slim", python="3.12", name="churn", labels={"hermetic.python": "3.12"})
    >>> print(containerfile_text(image).splitlines()[-1][:60])
    ENTRYPOINT ["/opt/hermetic/bin/python", "-I", "-B", "-m", "h
    """
    name = safe_word(image.name)
    return "\n".join([*_build_stage(image), "", *_last_stage(image, name), *_started(image, name), ""])


def _build_stage(image: Image) -> list[str]:
    major, minor = (int(number) for number in image.python.split("."))
    packages = f"{_PLACE}/lib/python{major}.{minor}/site-packages"
    is_right = f"import sys; sys.version_info[:2] == ({major}, {minor}) or sys.exit('the base has another Python')"
    pip = ("-m", "pip", "--disable-pip-version-check", "--python", _PYTHON, "install", "--no-cache-dir")
    strict = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", "/context/requirements.txt")
    compiled = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", f"{packages}/hermetic")
    return [
        f"FROM {check_base(image.base)} AS build",
        "# Your own index: --build-arg PIP_INDEX_URL=...; whatever it gives must have the hashes below.",
        "ARG PIP_INDEX_URL",
        # Compiled modules then hold digests instead of times.
        f"ENV SOURCE_DATE_EPOCH={EPOCH}",
        _run("python3", "-I", "-c", is_right),
        _run("python3", "-I", "-m", "venv", "--without-pip", _PLACE),
        "COPY requirements.txt /context/requirements.txt",
        _run("python3", *pip, *strict),
        f"COPY packages/hermetic {packages}/hermetic",
        _run(_PYTHON, "-I", *compiled),
    ]


def _last_stage(image: Image, name: str) -> list[str]:
    labels = [f'LABEL {key}="{safe_word(text)}"' for key, text in sorted(image.labels.items())]
    return [
        f"FROM {check_base(image.base)}",
        *labels,
        "ENV PYTHONDONTWRITEBYTECODE=1",
        f"COPY --from=build {_PLACE} {_PLACE}",
        f"COPY model/{name}.hermetic /model/{name}.hermetic",
        "USER 65532:65532",
        "# The build fails where the model does not answer as recorded.",
        _run(*_RUN_HERMETIC, "verify", f"/model/{name}.hermetic"),
    ]


def _started(image: Image, name: str) -> list[str]:
    if not image.is_serving:
        entry = f"ENTRYPOINT {json.dumps(_RUN_HERMETIC)}"
        return ["STOPSIGNAL SIGTERM", entry, f"CMD {json.dumps(['verify', f'/model/{name}.hermetic'])}"]
    healthy = json.dumps([_PYTHON, "-I", "-B", "-c", _IS_READY])
    serve = ("serve", f"/model/{name}.hermetic", "--host", "0.0.0.0", "--port", str(PORT))  # noqa: S104
    return [
        f"EXPOSE {PORT}",
        "STOPSIGNAL SIGTERM",
        f"HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD {healthy}",
        f"ENTRYPOINT {json.dumps([*_RUN_HERMETIC, *serve])}",
    ]


def _run(*command: str) -> str:
    return f"RUN {json.dumps(command)}"
