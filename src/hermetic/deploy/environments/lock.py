"""A lock: which wheels make an environment, each by name, version and SHA-256; as text for pip, uv and people.

Its digest is that of the requirements file with hashes, which holds names, versions and hashes alone, in one canonical
form: who approves it approves exactly these bytes of code, wherever they are fetched from. The pylock.toml (PEP 751)
says the same, and where the user's own index has the wheels.

References
----------
https://packaging.python.org/en/latest/specifications/pylock-toml/.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from hermetic.deploy.environments.pins import Target, is_name, is_version
from hermetic.errors import UsageError

__all__ = ["Lock", "LockedWheel", "lock_digest", "lock_lines", "pylock_text", "requirements_text", "wheel_of"]

_WHEEL = re.compile(r"[A-Za-z0-9_.+!]+-[A-Za-z0-9_.+!]+(?:-[0-9][A-Za-z0-9_.]*)?(?:-[A-Za-z0-9_.]+){3}\.whl\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_ADDRESS = re.compile(r"(?:https?|file)://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")


@dataclass(frozen=True, kw_only=True, order=True)
class LockedWheel:
    """One wheel.

    Attributes
    ----------
    name, version : str
        Of the distribution: normalized, canonical.
    sha256 : str
        Hexadecimal digest of the wheel.
    file : str
        What the wheel is called.
    url : str
        Where the user's own index has it, without credentials; "" where that cannot be told.
    """

    name: str
    version: str
    sha256: str
    file: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The wheels of an environment.

    Attributes
    ----------
    target : Target
        What it is for.
    wheels : tuple of LockedWheel
        By name, each distribution once.
    """

    target: Target
    wheels: tuple[LockedWheel, ...]

    def __post_init__(self) -> None:
        """Refuse a distribution twice, and any other order than by name."""
        names = [wheel.name for wheel in self.wheels]
        if names != sorted(set(names)):
            raise UsageError(f"a lock has each distribution once, by name; got {', '.join(names)}"[:500])


def wheel_of(*, name: str, version: str, sha256: str, url: str) -> LockedWheel:
    """Make a locked wheel of what an installer says, and refuse what is not in the form of one.

    Parameters
    ----------
    name, version, sha256 : str
        Of the wheel.
    url : str
        Where the installer has found it.

    Raises
    ------
    UsageError
        When one of them is something else.

    Examples
    --------
    >>> wheel = wheel_of(name="a", version="1", sha256="0" * 64, url="https://ann:key@host/a-1-py3-none-any.whl")
    >>> wheel.file, wheel.url
    ('a-1-py3-none-any.whl', 'https://host/a-1-py3-none-any.whl')
    """
    clean = _without_credentials(url)
    file = unquote(clean.partition("#")[0].rpartition("/")[2])
    forms = (is_name(name), is_version(version), bool(_DIGEST.match(sha256)), bool(_WHEEL.match(file)))
    if not all(forms) or not _ADDRESS.match(clean):
        raise UsageError(
            f"the index offers no wheel with a SHA-256 for {name!r} {version!r}: {file!r}, {sha256!r}"[:500],
            next_step="Only wheels are installed, and only by their SHA-256. Ask whoever keeps the index.",
        )
    return LockedWheel(name=name, version=version, sha256=sha256, file=file, url=clean)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def requirements_text(lock: Lock) -> str:
    """Give a lock as a requirements file with hashes, for ``pip install --require-hashes --no-deps -r``.

    Examples
    --------
    >>> from hermetic.deploy.environments.pins import Target
    >>> wheel = LockedWheel(name="a", version="1", sha256="0" * 64, file="a-1-py3-none-any.whl")
    >>> print(requirements_text(Lock(target=Target(python="3.12"), wheels=(wheel,)))[:-54])
    # Python 3.12
    a==1 --hash=sha256:0000000000
    """
    lines = [f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in lock.wheels]
    return f"# Python {lock.target.python}\n" + "".join(lines)


def lock_digest(lock: Lock) -> str:
    """Give the digest that approves a lock: hexadecimal SHA-256 of `requirements_text`."""
    return hashlib.sha256(requirements_text(lock).encode()).hexdigest()


def lock_lines(lock: Lock) -> list[str]:
    """Give a lock in words, a line for each distribution."""
    width = max((len(wheel.name) for wheel in lock.wheels), default=0)
    return [
        f"{wheel.name:<{width}}  {wheel.version:<12}  sha256:{wheel.sha256[:16]}  {wheel.file}" for wheel in lock.wheels
    ]


def pylock_text(lock: Lock) -> str:
    """Give a lock as pylock.toml.

    Parameters
    ----------
    lock : Lock
        Its wheels say where they are.

    Raises
    ------
    UsageError
        When one does not.
    """
    major, minor = lock.target.python.split(".")
    lines = [
        'lock-version = "1.0"',
        f'requires-python = ">={lock.target.python},<{major}.{int(minor) + 1}"',
        'created-by = "hermetic"',
    ]
    for wheel in lock.wheels:
        if not wheel.url:
            raise UsageError(f"it is not known where the wheel of {wheel.name} is", next_step="Make the lock again.")
        hashes = f'hashes = {{ sha256 = "{wheel.sha256}" }}'
        lines += ["", "[[packages]]", f'name = "{wheel.name}"', f'version = "{wheel.version}"']
        lines.append(f'wheels = [{{ name = "{wheel.file}", url = "{wheel.url}", {hashes} }}]')
    lines += ["", "[tool.hermetic]", f'digest = "{lock_digest(lock)}"', ""]
    return "\n".join(lines)
