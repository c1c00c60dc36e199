"""Every model of the zoo from every release of scikit-learn to every other: ``python -m tests.releases.matrix``.

With ``--other`` the models are others, on other data, and written by the first patch release of each
(`tests.releases.other_zoo`); with ``--suite`` the tests of this project are run in three old releases. Environments
that are missing are made (`tests.releases.environments`). What is written and read stays in their folder.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from tests.releases.environments import FIRST, FOLDER, INSTALLED, PINS, environments, make_environment, run_in
from tests.releases.old_releases import OLD_PINS, measure_old
from tests.releases.tables import sentence_of, table_of

__all__ = ["INSTALLED", "environments", "measure_old", "read", "summary", "write"]

GOOD = ("equal", "close", "refused")
_OTHER = {"HERMETIC_ZOO": "other"}
_SUITE = ("1.2", "1.4", "1.6")
# Both raise where the older release takes no such rows at all: nothing in the state tells that there were any.
RAISING = ("Input X contains NaN", "A sparse matrix was passed, but dense data is required")


def write(release: str, *parts: str) -> Path:
    """Write the models of one release, those whose name contains one of `parts` or all; give their folder."""
    models = FOLDER / "models" / release
    run_in(environments()[release], "tests.releases.write", str(models), *parts)
    return models


def read(release: str, models: Path, *parts: str, settings: dict[str, str] | None = None) -> dict[str, list[str]]:
    """Read models with one release; give how each has ended, and why."""
    report = FOLDER / f"{models.parent.name}-{models.name}-{release}.json"
    run_in(environments()[release], "tests.releases.read", str(models), str(report), *parts, settings=settings)
    found: dict[str, list[str]] = json.loads(report.read_text())
    return found


def is_good(verdict: str, words: str) -> bool:
    """Tell whether a model ended as it should: with equal answers, or with a reason.

    Examples
    --------
    >>> is_good("refused", "why"), is_good("WRONG", "predict"), is_good("unusable", "predict raises")
    (True, False, False)
    """
    return verdict in GOOD or (verdict == "unusable" and any(part in words for part in RAISING))


def summary(found: dict[str, list[str]]) -> str:
    """Give the counts of one pair in one line.

    Examples
    --------
    >>> summary({"a": ["equal", ""], "b": ["refused", "why"]})
    '1 of 2; 1 refused'
    """
    counts = Counter(verdict for verdict, _ in found.values())
    loaded = counts.pop("equal", 0) + counts.pop("close", 0)
    others = [f"{count} {verdict}" for verdict, count in sorted(counts.items())]
    return "; ".join([f"{loaded} of {len(found)}", *others])


def _run_matrix(folders: dict[str, Path], parts: list[str], settings: dict[str, str] | None = None) -> int:
    """Load all models in all releases, print the matrix and whatever is not as it should be; give the exit code."""
    is_wrong = False
    reports = {}
    for source, models in folders.items():
        for target in environments():
            reports[source, target] = found = read(target, models, *parts, settings=settings)
            print(f"{source} -> {target}: {summary(found)}", flush=True)
            for name, (verdict, words) in found.items():
                if not is_good(verdict, words):
                    is_wrong = True
                    print(f"  {verdict} {name}: {words}")
    others = {pair: report for pair, report in reports.items() if pair[0] != pair[1]}
    print(table_of(others), sentence_of(others), sep="\n\n")
    return int(is_wrong)


def _run_old(parts: list[str]) -> int:
    """Load the pickles of the releases that hermetic does not run with; give the exit code."""
    is_wrong = False
    for release in OLD_PINS:
        found = measure_old(release, *parts)
        if isinstance(found, str):
            print(f"{release} -> {INSTALLED}: skipped, {found}", flush=True)
            continue
        print(f"{release} -> {INSTALLED}: {summary(found)}", flush=True)
        for name, (verdict, words) in found.items():
            if verdict == "WRONG":
                is_wrong = True
                print(f"  {verdict} {name}: {words}")
    return int(is_wrong)


def _write_others(parts: list[str]) -> dict[str, Path]:
    for release in FIRST.keys() - environments("first-sk").keys():
        make_environment(release, FIRST[release], "first-sk")
    folders = {release: FOLDER / "others" / release for release in FIRST}
    for release, python in environments("first-sk").items():
        run_in(python, "tests.releases.write", str(folders[release]), *parts, settings=_OTHER)
    return folders


def main(arguments: list[str]) -> int:
    """Do what the arguments say, the rest of which are parts of names of models; give the exit code."""
    parts = [argument for argument in arguments if not argument.startswith("--")]
    for release in PINS.keys() - environments().keys():
        make_environment(release, PINS[release])
    if "--suite" in arguments:
        for release in _SUITE:
            options = ("-q", "-p", "tests.releases.older_release", "-m", "not slow and not matrix")
            print(f"{release}: {run_in(environments()[release], 'pytest', *options).splitlines()[-1]}", flush=True)
        return 0
    if "--other" in arguments:
        return _run_matrix(_write_others(parts), parts, _OTHER)
    is_wrong = _run_matrix({release: write(release, *parts) for release in environments()}, parts)
    return is_wrong | _run_old(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
