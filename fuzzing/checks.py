"""Which checks there are: every statement of the reader, the gates and the codecs that refuses a file.

``python -m fuzzing.checks FOLDER`` lists those for which a corpus has no file. ``--without FOLDER`` takes the checks
away one by one, in a copy of the source, and tells who notices: the file that the corpus keeps for it, or, where there
is none, the tests of its module. ``--only PART`` takes only checks whose name has that part.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hermetic
from fuzzing.replay import INDEX, read_index, replay
from fuzzing.statements import Statement, statements_of

__all__ = ["Check", "list_checks", "main", "who_notices"]

_SOURCE = Path(hermetic.__file__).parent
_PROJECT = Path(__file__).parent.parent
_GATES = ("normalize.py", "policy.py", "migrate.py", "validate.py", "restore.py")
_READING = (
    *("array_rows.py", "collisions.py", "columns.py", "dtypes.py", "limits.py", "weights.py"),
    *(f"formats/{name}.py" for name in ("container_head", "container_reader", "graph_json", "manifest")),
    *(f"formats/{name}.py" for name in ("graph_reader", "members", "npy_dtype", "npy_header", "pools", "zip_layout")),
)
_CODECS = ("codecs", "codecs/pandas")
_SAVING = frozenset({"group", "capture", "check_importable", "encode_scalar", "describe_dtype"})
# What the caller does, what cannot be saved, and what is caught on the way.
_OTHER_ERRORS = (
    *("CannotSave(", "UsageError(", "self.refuse(", "codec.refuse(", "AssertionError(", "AttributeError("),
    *("KeyError(", "TypeError(", "_TooMuchError(", "_hides("),
)
# Where the tests of a module do not have its name.
_TESTED_WITH = {"codec": ("restore",), "restore": ("restore", "foreign", "policy"), "sparse_rules": ("sparse", "scipy")}
_TIMEOUT_SECONDS = 300
_FILE_SECONDS = 60
_MOST_BYTES = 8 << 30


@dataclass(frozen=True, kw_only=True)
class Check:
    """One statement that refuses: its file, line numbers, and its name as in the index of a corpus."""

    path: Path
    first: int
    last: int
    name: str


def list_checks() -> list[Check]:
    """Give every check of the reader, the gates and the codecs; what refuses at dump is none."""
    codecs = (path for folder in _CODECS for path in sorted((_SOURCE / folder).glob("*.py")))
    files = [*(_SOURCE / name for name in (*_READING, *_GATES)), *codecs]
    return [
        Check(path=path, first=own.first, last=own.last, name=own.name)
        for path in files
        for own in statements_of(path)
        if own.function not in _SAVING and (_refuses_a_file(own) or (path.stem == "sparse_rules" and _tells(own)))
    ]


def _refuses_a_file(statement: Statement) -> bool:
    """Tell whether a statement refuses what a file says, and not what a caller does or what cannot be saved."""
    text = statement.text.removeprefix("raise ")
    return statement.is_raise and "(" in text and not text.startswith(_OTHER_ERRORS)


def _tells(statement: Statement) -> bool:
    """Tell whether a statement gives back the words of a refusal, as the rules of sparse matrices do."""
    nodes = ast.walk(ast.parse(statement.text.replace("return ", "", 1), mode="eval"))
    return any(isinstance(node, ast.Constant) and type(node.value) is str and " " in node.value for node in nodes)


def who_notices(checks: Sequence[Check], folder: Path) -> Iterator[tuple[Check, str]]:
    """Take each check away in a copy of the source, and tell who misses it.

    Parameters
    ----------
    checks : sequence of Check
        Some of `list_checks`.
    folder : Path
        A corpus.

    Yields
    ------
    check : Check
        The one that was taken away.
    words : str
        What notices; "" where nothing does.
    """
    entries = {entry["check"]: entry for entry in read_index(folder)}
    for _ in replay(folder):
        pass  # so that all libraries are there when a process is forked
    with tempfile.TemporaryDirectory() as copy, tempfile.TemporaryDirectory() as corpus:
        root = Path(copy) / "hermetic"
        shutil.copytree(_SOURCE, root, ignore=shutil.ignore_patterns("__pycache__"))
        for check in checks:
            entry = entries.get(check.name)
            target = root / check.path.relative_to(_SOURCE)
            whole = target.read_text(encoding="utf-8")
            lines = whole.splitlines()
            indent = " " * (len(lines[check.first - 1]) - len(lines[check.first - 1].lstrip()))
            lines[check.first - 1 : check.last] = [f"{indent}pass", *[""] * (check.last - check.first)]
            target.write_text("\n".join(lines) + "\n", encoding="utf-8")
            words = _file_notices(Path(copy), folder, entry, Path(corpus)) if entry else ""
            yield check, words or _tests_notice(Path(copy), check)
            target.write_text(whole, encoding="utf-8")


def _file_notices(copy: Path, folder: Path, entry: Mapping[str, Any], corpus: Path) -> str:
    """Replay the one file that a check is kept for, in a fork that imports the copy and has all else already."""
    shutil.copy(folder / entry["file"], corpus / entry["file"])
    (corpus / INDEX).write_text(json.dumps([entry]), encoding="utf-8")
    told = corpus / "told"
    identifier = os.fork()
    if not identifier:
        _replay_with(copy, corpus, told)
    _, status = os.waitpid(identifier, 0)
    (corpus / entry["file"]).unlink()
    if os.WIFSIGNALED(status):
        return f"its file ends the process, or hangs: {signal.Signals(os.WTERMSIG(status)).name}"
    if not status:
        return ""
    words = told.read_text(encoding="utf-8")
    return "its file is accepted" if "refused by nothing" in words else "its file is refused by another check"


def _replay_with(copy: Path, corpus: Path, told: Path) -> None:
    """Replay a corpus by another copy of the source, in a process that ends here."""
    status = 2
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_FILE_SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        for name in [name for name in sys.modules if name.partition(".")[0] in ("fuzzing", "hermetic")]:
            del sys.modules[name]
        sys.path.insert(0, str(copy))
        sys.dont_write_bytecode = True
        with told.open("w", encoding="utf-8") as words, contextlib.redirect_stdout(words):
            status = importlib.import_module("fuzzing.replay").main([str(corpus)])
    finally:
        os._exit(status)


def _tests_notice(copy: Path, check: Check) -> str:
    """Run the tests of a module: those in files of its name, or else of the first word of it."""
    # A folder of codecs has a folder of tests, whose files are named by what they show.
    stem = "pandas/" if check.path.parent.name == "pandas" else check.path.stem
    for name in _TESTED_WITH.get(stem, (stem, stem.partition("_")[0], stem.partition("_")[0][:-1])):
        files = sorted(
            map(str, (_PROJECT / "tests").rglob(f"{name}test_*.py" if name.endswith("/") else f"test_{name}*.py"))
        )
        if not files:
            continue
        done = _run(copy, "pytest", "-x", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={copy}", *files)
        if done is None or done.returncode:
            failed = next((line for line in done.stdout.splitlines() if line.startswith("FAILED")), "") if done else ""
            return f"a test fails: {failed[:160]}" if failed else "the tests of its module cannot run"
    return ""


def _run(copy: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", module, *arguments]
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """List the checks that a corpus does not cover, or that nobody misses; 1 when there are any."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing.checks", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", action="store_true", help="take each check away and tell who notices")
    parser.add_argument("--only", default="", metavar="PART", help="only checks whose name has this part")
    options = parser.parse_args(arguments)
    checks = [check for check in list_checks() if options.only in check.name]
    if options.without:
        missed = 0
        for check, words in who_notices(checks, options.folder):
            missed += not words
            print(f"{words or 'UNNOTICED'}: {check.name} (line {check.first})", flush=True)
    else:
        covered = {entry["check"] for entry in read_index(options.folder)}
        without_file = [check for check in checks if check.name not in covered]
        for check in without_file:
            print(f"{check.name} (line {check.first})")
        missed = len(without_file)
    print(f"{len(checks) - missed} of {len(checks)} checks", file=sys.stderr)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
