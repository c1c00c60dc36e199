"""Which checks there are: every statement of the gates and codecs that refuses a file.

``python -m fuzzing.checks FOLDER`` lists those for which a corpus has no file. ``--without FOLDER`` takes the checks
away one by one, in a copy of the source, and tells which of them the corpus does not miss.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import hermetic
from fuzzing.replay import read_index
from fuzzing.statements import raises_in

__all__ = ["Check", "list_checks", "main", "unnoticed"]

_SOURCE = Path(hermetic.__file__).parent
_GATES = ("normalize.py", "policy.py", "migrate.py", "validate.py", "restore.py")
_SAVING = frozenset({"group", "capture", "check_importable", "encode_scalar"})
_OTHER_ERRORS = (
    "CannotSave(",
    "UsageError(",
    "self.refuse(",
    "codec.refuse(",
    "AssertionError(",
    "AttributeError(",
    "KeyError(",
)
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Check:
    """One statement that refuses: its file, line numbers, and its name as in the index of a corpus."""

    path: Path
    first: int
    last: int
    name: str


def list_checks() -> list[Check]:
    """Give every check of the gates and the codecs; what refuses at dump is none."""
    files = [*(_SOURCE / name for name in _GATES), *sorted((_SOURCE / "codecs").glob("*.py"))]
    return [check for path in files for check in _checks_of(path)]


def _checks_of(path: Path) -> Iterator[Check]:
    names = raises_in(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and node.lineno in names and _refuses_a_file(node):
            name = names[node.lineno]
            if name.split(":")[1] not in _SAVING:
                yield Check(path=path, first=node.lineno, last=node.end_lineno or node.lineno, name=name)


def _refuses_a_file(node: ast.Raise) -> bool:
    """Tell whether a statement refuses what a file says, and not what a caller does or what cannot be saved."""
    text = ast.unparse(node.exc) if node.exc is not None else ""
    return "(" in text and not text.startswith(_OTHER_ERRORS)


def unnoticed(checks: Sequence[Check], folder: Path) -> Iterator[tuple[Check, bool]]:
    """Take each check away in a copy of the source, and tell whether the corpus is refused all the same."""
    with tempfile.TemporaryDirectory() as copy:
        root = Path(copy) / "hermetic"
        shutil.copytree(_SOURCE, root, ignore=shutil.ignore_patterns("__pycache__"))
        if not _is_all_refused(Path(copy), folder):
            raise SystemExit("the corpus is not refused by the checks as they are: python -m fuzzing.replay")
        for check in checks:
            target = root / check.path.relative_to(_SOURCE)
            whole = target.read_text(encoding="utf-8")
            lines = whole.splitlines()
            indent = " " * (len(lines[check.first - 1]) - len(lines[check.first - 1].lstrip()))
            lines[check.first - 1 : check.last] = [f"{indent}pass", *[""] * (check.last - check.first)]
            target.write_text("\n".join(lines) + "\n", encoding="utf-8")
            yield check, _is_all_refused(Path(copy), folder)
            target.write_text(whole, encoding="utf-8")


def _is_all_refused(copy: Path, folder: Path) -> bool:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "fuzzing.replay", str(folder)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """List the checks that a corpus does not cover; 1 when there are any."""
    *options, name = sys.argv[1:] if arguments is None else arguments
    folder = Path(name)
    checks = list_checks()
    covered = {entry["check"] for entry in read_index(folder)}
    if options == ["--without"]:
        missed = []
        for check, is_refused in unnoticed([check for check in checks if check.name in covered], folder):
            print("UNNOTICED" if is_refused else "noticed", check.name, flush=True)
            missed += [check] if is_refused else []
    else:
        missed = [check for check in checks if check.name not in covered]
        for check in missed:
            print(f"{check.name} (line {check.first})")
    n_asked = len(covered & {check.name for check in checks}) if options else len(checks)
    print(f"{n_asked - len(missed)} of {n_asked} checks", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
