"""What of a recorded environment can be asked of an index: names and versions in a form that can be nothing else.

Whatever else stands there (an address, a path, an option, a marker, a line break) is refused, with the reason.
"""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass

from hermetic.inspection.text import printable
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord

__all__ = ["Pin", "Pins", "Refused", "Target", "is_name", "is_version", "pins_of", "target_here", "target_of"]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
# PEP 440 in its canonical spelling.
_VERSION = re.compile(
    r"(?:[0-9]{1,6}!)?[0-9]{1,20}(?:\.[0-9]{1,20}){0,9}(?:(?:a|b|rc)[0-9]{1,9})?(?:\.post[0-9]{1,9})?(?:\.dev[0-9]{1,20})?"
    r"(?:\+[a-z0-9]{1,40}(?:\.[a-z0-9]{1,40}){0,9})?\Z",
    re.ASCII,
)
_PYTHON = re.compile(r"(3\.[0-9]{1,2})(?:\.[0-9]{1,2})?(?:(?:a|b|rc)[0-9]{1,2})?\+?\Z", re.ASCII)
_MOST_PINS = 2_000
# What files say, and what the installers call it.
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64", "ARM64": "aarch64"}
_SYSTEMS = ("Linux", "Darwin", "Windows")
OWN_NAME = "hermetic"


@dataclass(frozen=True, kw_only=True, order=True)
class Pin:
    """A distribution in one version.

    Attributes
    ----------
    name, version : str
        Normalized name, canonical version.
    content : str
        Hexadecimal SHA-256 of the list of its files where the model was made; "" where that is not known.
    archive : str
        That of the wheel itself; likewise.
    tags : tuple of str
        What that wheel was built for.
    """

    name: str
    version: str
    content: str = ""
    archive: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A distribution that no index can be asked for.

    Attributes
    ----------
    name, version : str
        As the file says, without anything that does not print.
    reason : str
        In words.
    """

    name: str
    version: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an environment is for.

    Attributes
    ----------
    python : str
        Two numbers: ``3.12``.
    system : str
        ``Linux``, ``Darwin`` or ``Windows``; "" for this one.
    machine : str
        ``x86_64`` or ``aarch64``; "" for this one.
    """

    python: str
    system: str = ""
    machine: str = ""

    def __str__(self) -> str:
        """Give it in words."""
        return f"Python {self.python}" + (f" on {self.system} {self.machine}" if self.system else "")


@dataclass(frozen=True, kw_only=True)
class Pins:
    """What can be asked of an index, and what cannot.

    Attributes
    ----------
    wanted : tuple of Pin
        By name.
    refused : tuple of Refused
        By name.
    """

    wanted: tuple[Pin, ...]
    refused: tuple[Refused, ...]


def is_name(text: str) -> bool:
    """Tell whether a text is a normalized name of a distribution, and nothing else.

    Examples
    --------
    >>> is_name("scikit-learn"), is_name("scikit-learn --index-url x"), is_name("../numpy")
    (True, False, False)
    """
    return len(text) <= 100 and bool(_NAME.match(text))


def is_version(text: str) -> bool:
    """Tell whether a text is one canonical version, and nothing else.

    Examples
    --------
    >>> is_version("2.4.0rc1"), is_version("1.*"), is_version("1.0 @ https://x")
    (True, False, False)
    """
    return len(text) <= 100 and bool(_VERSION.match(text))


def pins_of(record: EnvironmentRecord, *, with_all: bool = False) -> Pins:
    """Give what of a recorded environment can be asked of an index.

    Parameters
    ----------
    record : EnvironmentRecord
        From a file.
    with_all : bool, default=False
        Whether to take every distribution, not only those that the model needs.

    Returns
    -------
    Pins
        Without hermetic itself, which is installed as it is here.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from hermetic.evidence.environment.recording import record_environment
    >>> "scikit-learn" in {pin.name for pin in pins_of(record_environment(SVC())).wanted}
    True
    """
    wanted: dict[str, Pin] = {}
    refused = []
    chosen = [one for one in record.distributions if (one.is_needed or with_all) and one.name != OWN_NAME]
    for one in chosen:
        reason = _reason_against(one, wanted)
        if reason:
            name, version = printable(one.name[:100]), printable(one.version[:100])
            refused.append(Refused(name=name, version=version, reason=reason))
        else:
            tags = tuple(tag for tag in one.tags if re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", tag))
            content, archive = (text if _is_digest(text) else "" for text in (one.content, one.archive))
            wanted[one.name] = Pin(name=one.name, version=one.version, content=content, archive=archive, tags=tags)
    return Pins(wanted=tuple(wanted[name] for name in sorted(wanted)), refused=tuple(refused))


def _is_digest(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{64}", text))


def _reason_against(one: DistributionRecord, taken: dict[str, Pin]) -> str:
    if not is_name(one.name):
        return "this is no name of a distribution"
    if not is_version(one.version):
        return "this is no version that an index can be asked for"
    if one.name in taken:
        return "it is named twice"
    if len(taken) >= _MOST_PINS:
        return f"an environment has at most {_MOST_PINS:,} distributions"
    if one.origin in ("folder", "editable folder", "version control"):
        return f"it was installed from {one.origin}, not from an index: its version does not say what it was"
    return ""


def target_here(python: str | None = None) -> Target:
    """Give this machine as a target, with this Python or another one.

    Examples
    --------
    >>> target_here("3.12")
    Target(python='3.12', system='', machine='')
    """
    return Target(python=python or f"{sys.version_info[0]}.{sys.version_info[1]}")


def target_of(record: EnvironmentRecord, *, is_here: bool = True) -> tuple[Target | None, str]:
    """Give what a recorded environment was for.

    Parameters
    ----------
    record : EnvironmentRecord
        From a file.
    is_here : bool, default=True
        Whether to take the recorded Python alone, and this machine.

    Returns
    -------
    target : Target or None
        None where there can be none.
    reason : str
        Why not; "" else.
    """
    found = _PYTHON.match(record.python)
    if not found:
        return None, f"the recorded Python is no version: {printable(record.python[:100])!r}"
    if record.implementation != "CPython":
        return None, f"environments can be made of CPython only, recorded is {printable(record.implementation[:100])!r}"
    if is_here:
        return Target(python=found[1]), ""
    system = record.platform.partition("-")[0]
    if system not in _SYSTEMS or record.machine not in _MACHINES:
        shown = printable(f"{system} on {record.machine}"[:100])
        return None, f"wheels can be chosen for Linux, Darwin and Windows on x86_64 and aarch64; recorded is {shown!r}"
    machine = _MACHINES[record.machine]
    if (system, machine) == (platform.system(), _MACHINES.get(platform.machine(), "")):
        return Target(python=found[1]), ""
    return Target(python=found[1], system=system, machine=machine), ""
