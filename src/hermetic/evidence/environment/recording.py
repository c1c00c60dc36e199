"""Recording the environment that a model was made in: from what is installed, without network and without a process."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Collection
from importlib import import_module
from typing import Any

from hermetic.evidence.environment.distributions import installed_distributions, needed_by
from hermetic.evidence.source.modules import imports_of, is_installed, module_file, modules_of, read_text
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord

__all__ = ["native_libraries", "processor_name", "record_environment"]

_ALWAYS = frozenset({"sklearn", "numpy", "scipy", "joblib", "threadpoolctl"})
_PROCESSOR = re.compile(r"(?m)^(?:model name|Model|cpu model|Processor|Hardware)\s*:\s*(.+)$")
_FOLDER_OF_LIBRARIES = re.compile(r"[/\\]([A-Za-z0-9_]+)(?:\.libs|[/\\]\.dylibs)[/\\]")


def record_environment(model: object, *, fed: Collection[object] = ()) -> EnvironmentRecord:
    """Record the environment that a model was made in.

    Parameters
    ----------
    model : object
        What its types and functions come from is marked as needed, with all that that requires.
    fed : collection of object
        What the model is given: whoever is given frames needs the library of these frames.

    Returns
    -------
    EnvironmentRecord
        With every installed distribution. No name of a user, a machine or a folder is in it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from hermetic.evidence.environment.recording import record_environment
    >>> record = record_environment(SVC())
    >>> [one.name for one in record.distributions if one.is_needed and one.name.startswith("scikit")]
    ['scikit-learn']
    """
    installed = installed_distributions()
    needed = needed_by(_top_level_modules(model) | _libraries_of(fed), installed)
    distributions = [
        DistributionRecord(
            name=_text(one.name),
            version=_text(one.version),
            content=one.content,
            origin=one.origin,
            archive=one.archive,
            tags=[_text(tag) for tag in one.tags],
            is_needed=one.name in needed,
        )
        for one in installed
    ]
    system, release, machine = _machine()
    return EnvironmentRecord(
        layout=1,
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=_text("-".join(filter(None, (system, release, machine)))),
        machine=_text(machine),
        processor=_text(processor_name()),
        libraries=native_libraries(),
        distributions=distributions,
    )


def _text(text: str) -> str:
    """Give text that a file can hold: an undecodable byte in the metadata of a package is no reason to fail."""
    return text.encode("utf-8", "backslashreplace").decode()


def _top_level_modules(model: object) -> frozenset[str]:
    """Give the names of packages that a model's types come from, and that own modules of the user import."""
    found = set(_ALWAYS)
    waiting, seen = list(modules_of(model)), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found.add(name.partition(".")[0])
        path = module_file(name)
        if path and not is_installed(path):
            package = name if os.path.basename(path) == "__init__.py" else name.rpartition(".")[0]
            waiting.extend(imports_of(read_text(path) or "", package))
    return frozenset(found)


def _libraries_of(fed: Collection[object]) -> frozenset[str]:
    return frozenset(type(each).__module__.partition(".")[0] for each in fed)


def _machine() -> tuple[str, str, str]:
    """Give system, release and machine; not by `platform.platform`, which starts a process to learn the processor."""
    if hasattr(os, "uname"):
        names = os.uname()
        return names.sysname, names.release, names.machine
    return platform.system(), platform.release(), platform.machine()


def processor_name() -> str:
    """Give the name of the processor where the system tells it without a process; "" else.

    Examples
    --------
    >>> isinstance(processor_name(), str)
    True
    """
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            found = _PROCESSOR.search(file.read(100_000))
        return found[1].strip()[:200] if found else ""
    except OSError:
        return os.environ.get("PROCESSOR_IDENTIFIER", "")[:200] if sys.platform == "win32" else ""


def native_libraries() -> dict[str, str]:
    """Give the native libraries that numbers depend on, as far as they are loaded.

    Returns
    -------
    dict of str to str
        ``openblas of numpy`` and so on, with version, build and number of threads; empty without threadpoolctl.

    Examples
    --------
    >>> import sklearn
    >>> all(isinstance(words, str) for words in native_libraries().values())
    True
    """
    try:
        found: list[dict[str, Any]] = import_module("threadpoolctl").threadpool_info()
    except (ImportError, OSError, RuntimeError):
        return {}
    libraries = {}
    for one in found:
        owner = _FOLDER_OF_LIBRARIES.search(str(one.get("filepath", "")))
        name = f"{one.get('internal_api', 'unknown')}{f' of {owner[1]}' if owner else ''}"
        words = [one.get("version") or "unknown version", one.get("architecture"), one.get("threading_layer")]
        threads = f"{one.get('num_threads')} threads"
        libraries[_text(name)] = _text(", ".join(str(word) for word in (*words, threads) if word))
    return {name: libraries[name] for name in sorted(libraries)}
