"""What is another one here than where a model was made: Python, machine, native libraries, distributions."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

from hermetic.evidence.checks import Check
from hermetic.evidence.environment.distributions import Distribution, installed_distributions
from hermetic.evidence.environment.recording import native_libraries, processor_name
from hermetic.inspection.text import printable
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord

__all__ = ["Drift", "check_environment", "drift"]

_BLAS = ("openblas", "mkl", "blis", "flexiblas", "accelerate")
_MINOR = re.compile(r"(?:\d+!)?\d+(?:\.\d+)?(?![\d])")
_MOST_LINES = 30
_ABSENT = "not installed"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One thing that is another one here.

    Attributes
    ----------
    name : str
        ``python``, ``machine``, ``processor``, of a native library, or of a distribution.
    recorded, installed : str
        What it was where the model was made, which is text of a file, and what it is here.
    matters : bool
        Whether answers may be others for it: the model needs it, and more than its last number is another one.
    """

    name: str
    recorded: str
    installed: str
    matters: bool


def drift(record: EnvironmentRecord) -> list[Drift]:
    """Compare a recorded environment with the one that this runs in.

    Parameters
    ----------
    record : EnvironmentRecord
        From a file.

    Returns
    -------
    list of Drift
        What matters first. What is installed here beyond the record is no difference.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from hermetic.evidence.environment.drift import drift
    >>> from hermetic.evidence.environment.recording import record_environment
    >>> drift(record_environment(SVC()))
    []
    """
    found = [*_machine(record), *_libraries(record.libraries, native_libraries())]
    here = {one.name: one for one in installed_distributions()}
    for recorded in record.distributions:
        difference = _distribution(recorded, here.get(recorded.name))
        if difference is not None:
            found.append(difference)
    return sorted(found, key=lambda one: not one.matters)


def _machine(record: EnvironmentRecord) -> list[Drift]:
    here, version = platform.python_implementation(), platform.python_version()
    processor = processor_name()
    # A kernel of another release computes the same: only the system counts.
    system, own_system = record.platform.partition("-")[0], platform.system()
    pairs = [
        ("python", record.python, version, _minor(record.python) != _minor(version)),
        ("implementation", record.implementation, here, True),
        ("system", system, own_system, False),
        ("machine", record.machine, platform.machine(), True),
        ("processor", record.processor, processor or record.processor, False),
    ]
    return [Drift(name=name, recorded=old, installed=new, matters=more) for name, old, new, more in pairs if old != new]


def _minor(version: str) -> str:
    """Give the first two numbers of a version, or all of it where it has none."""
    found = _MINOR.match(version)
    return found[0] if found else version


def _libraries(recorded: dict[str, str], here: dict[str, str]) -> list[Drift]:
    found = []
    others = [f"{name} {_version(here[name])}" for name in here if name not in recorded and name.startswith(_BLAS)]
    for name, words in recorded.items():
        is_blas = name.startswith(_BLAS)
        if name in here:
            old, new = _build(words), _build(here[name])
            matters = is_blas and _version(words) != _version(here[name])
            if old != new:
                found.append(Drift(name=name, recorded=old, installed=new, matters=matters))
        elif is_blas:
            # Without another one it may only not be loaded yet.
            installed = ", ".join(others) or "not loaded"
            found.append(Drift(name=name, recorded=_version(words), installed=installed, matters=bool(others)))
    return found


def _version(words: str) -> str:
    return words.partition(",")[0]


def _build(words: str) -> str:
    """Leave out the number of threads, which whoever runs it chooses."""
    return re.sub(r", \d+ threads\Z", "", words)


def _distribution(recorded: DistributionRecord, here: Distribution | None) -> Drift | None:
    old = recorded.version
    if here is None:
        return Drift(name=recorded.name, recorded=old, installed=_ABSENT, matters=recorded.is_needed)
    new, matters = here.version, recorded.is_needed
    if old != new:
        return Drift(name=recorded.name, recorded=old, installed=new, matters=matters and _minor(old) != _minor(new))
    if recorded.origin != here.origin:
        old, new = f"{old} from {recorded.origin}", f"{new} from {here.origin}"
    elif not recorded.content or not here.content or recorded.content == here.content:
        return None
    elif recorded.tags != list(here.tags):
        old, new, matters = f"{old}, built for {_tags(recorded.tags)}", f"{new}, built for {_tags(here.tags)}", False
    else:
        old, new = f"{old}, files {recorded.content[:12]}", f"{new}, other files {here.content[:12]}"
    return Drift(name=recorded.name, recorded=old, installed=new, matters=matters)


def _tags(tags: list[str] | tuple[str, ...]) -> str:
    return tags[0] if tags else "no wheel"


def check_environment(record: EnvironmentRecord) -> Check:
    """Compare a recorded environment with the one that this runs in, in words.

    Parameters
    ----------
    record : EnvironmentRecord
        From a file.

    Returns
    -------
    Check
        Passed where nothing that matters is another one, else noted with a table; no text of the file in it breaks a
        line.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from hermetic.evidence.environment.recording import record_environment
    >>> check_environment(record_environment(SVC())).verdict
    'passed'
    """
    found = drift(record)
    needed = {one.name for one in record.distributions if one.is_needed}
    n_matter = sum(one.matters for one in found)
    # What the model does not need is only counted.
    shown = [one for one in found if one.matters or one.name in needed or one.name not in _names(record)]
    n_others = len(found) - len(shown)
    rest = f"; {n_others} of the distributions that the model does not need are others" if n_others else ""
    if not n_matter:
        words = f"Python, native libraries and the {len(needed)} distributions that the model needs are as recorded"
        if shown:
            words = f"nothing that matters is another one than where the model was made{rest}\n{_table(shown)}"
        else:
            words += rest
        return Check(name="environment", verdict="passed", words=words)
    plural = "things that matter are others" if n_matter > 1 else "thing that matters is another one"
    words = f"{n_matter} {plural} than where the model was made{rest}\n{_table(shown)}"
    return Check(name="environment", verdict="noted", words=words)


def _names(record: EnvironmentRecord) -> frozenset[str]:
    return frozenset(one.name for one in record.distributions)


def _table(found: list[Drift]) -> str:
    rows = [("which", "name", "recorded", "here")]  # each line begins with a word: whoever shows them may strip them
    rows.extend(
        ("matters" if one.matters else "minor", _spelled(one.name), _spelled(one.recorded), _spelled(one.installed))
        for one in found[:_MOST_LINES]
    )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3])) for row in rows
    ]
    if len(found) > _MOST_LINES:
        lines.append(f"and {len(found) - _MOST_LINES} more")
    return "\n".join(lines)


def _spelled(text: str) -> str:
    text = printable(text)
    return text if len(text) <= 80 else f"{text[:77]}..."
