"""Every model of the zoo from every architecture to every other: ``make test-architectures``.

Words behind the module's name select models whose name contains one of them. Where this machine cannot run other
architectures nothing is run, and the reason is printed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from tests.architectures.roots import ARCHITECTURES, FOLDER, INSIDE, make_root, run_inside, why_not

__all__ = ["exchange", "faults", "summary"]

GOOD = ("equal", "close")
QUESTIONS = ("own", "again", "legacy")
KNOWN = (
    # Words are other columns in the other byte order, which our files say and pickles do not.
    ("hash", "refused", "gives words other columns"),
    ("hash", "unsaved", "gives words other columns"),
    ("hash", "WRONG", "transform: "),
    # numpy of 32 bits does not count labels of 64.
    ("voting", "unusable", "Cannot cast array data"),
)
"""Parts of names, verdicts and words of what does not carry over; each stands in docs/compatibility.md."""

Found = dict[str, dict[str, list[str]]]


def exchange(source: str, target: str, parts: list[str]) -> Found:
    """Read on one architecture what another has written.

    Parameters
    ----------
    source, target : str
        Names in Debian; the models of the source are written.
    parts : list of str
        Only models whose name contains one of them; all when it is empty.

    Returns
    -------
    dict
        As `tests.architectures.read.read_models` gives.
    """
    report = f"{source}-{target}.json"
    arguments = [f"{INSIDE}/{source}", f"{INSIDE}/{report}", *parts]
    run_inside(ARCHITECTURES[target], "tests.architectures.read", *arguments)
    found: Found = json.loads((FOLDER / "exchange" / report).read_text())
    return found


def faults(name: str, verdicts: dict[str, list[str]]) -> list[str]:
    """Name the questions about one model that are not answered as they should be.

    Examples
    --------
    >>> faults("Ridge-fitted", {"own": ["equal", ""], "again": ["unsaved", "why"], "legacy": ["close", ""]})
    ['again']
    """
    return [
        question
        for question, (verdict, words) in verdicts.items()
        if verdict not in GOOD and not _is_known(name, question, verdict, words)
    ]


def _is_known(name: str, question: str, verdict: str, words: str) -> bool:
    if verdict == "WRONG" and question != "legacy":
        return False
    return any(part in name.lower() and verdict == known and said in words for part, known, said in KNOWN)


def summary(found: Found, question: str) -> str:
    """Give the counts of one question in a few words.

    Examples
    --------
    >>> summary({"a": {"own": ["equal", ""]}, "b": {"own": ["close", ""]}}, "own")
    'own: 1 close, 1 equal'
    """
    counts = Counter(verdicts[question][0] for verdicts in found.values() if question in verdicts)
    if not counts:
        return ""
    return f"{question}: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))


def main(parts: list[str]) -> int:
    """Run everything, print the matrix and whatever is not as it should be; give the exit code."""
    if reason := why_not():
        print(f"Skipped: {reason}.")
        return 0
    for architecture in ARCHITECTURES.values():
        make_root(architecture)
    for name, architecture in ARCHITECTURES.items():
        written = run_inside(architecture, "tests.architectures.write", f"{INSIDE}/{name}", *parts)
        print(f"{name}: {written}", end="", flush=True)
    is_wrong = False
    for source in ARCHITECTURES:
        for target in ARCHITECTURES:
            found = exchange(source, target, parts)
            counted = "; ".join(filter(None, (summary(found, question) for question in QUESTIONS)))
            print(f"{source} -> {target}: {counted}", flush=True)
            for name, verdicts in found.items():
                for question in faults(name, verdicts):
                    is_wrong = True
                    print(f"  {verdicts[question][0]} {name} ({question}): {verdicts[question][1]}")
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
