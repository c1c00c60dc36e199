"""The accepted mutants under valgrind: reads and writes out of bounds that do no visible harm.

``python -m fuzzing.valgrind --seeds 'svc-*' --mutants 20`` starts valgrind, which starts this file again as the process
that tries them: no forks, one mutant after another, gentle ones only. Python takes its memory from malloc then, so that
valgrind sees every object. It is slow: about fifty times.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from joblib import parallel_config

from fuzzing.gates import load_mutant
from fuzzing.mutants import GENTLE
from fuzzing.seeds import load_seed, seed_names
from fuzzing.trial import try_mutant

__all__ = ["errors_in", "main", "try_here"]

_MARK = "=== "
_ERROR = re.compile(r"==\d+== ((?:Invalid (?:read|write|free)|Mismatched free|Process terminating).*)")
_PLACE = re.compile(r"==\d+==    (?:at|by) 0x[0-9A-F]+: (.*)")
_COMMAND = (
    *("valgrind", "--tool=memcheck", "--undef-value-errors=no", "--error-limit=no", "--num-callers=14"),
    *("--keep-debuginfo=yes", "--leak-check=no"),
)


def try_here(names: Iterable[str], n_mutants: int) -> None:
    """Try the first gentle mutants of some seeds in this process; each is told on standard error before."""
    with parallel_config(backend="sequential"), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            _tell(f"{_MARK}{name} fit")
            seed = load_seed(name)
            for number in range(0, n_mutants * GENTLE, GENTLE):
                _tell(f"{_MARK}{name} {number}")
                outcome = try_mutant(seed, number, load_mutant, lambda stage: None)
                _tell(f"{_MARK}{name} {number} {outcome.kind}")


def _tell(text: str) -> None:
    os.write(2, text.encode() + b"\n")


def errors_in(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the mutant and the text of each error of a log, the first places of its trace behind it.

    What comes before the first mark is the loader's and Python's own start.
    """
    mark, error, places = "", "", list[str]()
    for line in lines:
        if line.startswith(_MARK):
            mark = line.removeprefix(_MARK).strip()
        elif found := _ERROR.match(line):
            error, places = found[1], []
        elif error and (place := _PLACE.match(line)):
            places.append(place[1])
        elif error:
            # The dynamic loader reads names by words; it does so for every library that is imported late.
            if mark and not any("dl-" in place for place in places[:3]):
                yield mark, f"{error}: {' < '.join(places[:6])}"
            error = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run valgrind and tell its errors; 1 when there are any."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing.valgrind", description=__doc__)
    parser.add_argument("--seeds", default="*", metavar="PATTERN")
    parser.add_argument("--mutants", type=int, default=20)
    parser.add_argument("--here", action="store_true", help="without valgrind: what valgrind starts")
    options = parser.parse_args(arguments)
    if options.here:
        try_here(seed_names(options.seeds), options.mutants)
        return 0
    command = [*_COMMAND, sys.executable, "-m", "fuzzing.valgrind", "--here"]
    command += ["--seeds", options.seeds, "--mutants", str(options.mutants)]
    environment = {**os.environ, "PYTHONMALLOC": "malloc"}
    accepted, errors = 0, 0
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line)
            accepted += line.startswith(_MARK) and line.endswith(" accepted\n")
            if line.startswith(_MARK):
                for mark, error in errors_in([*lines, "\n"]):
                    errors += 1
                    print(f"{mark}: {error}", flush=True)
                lines = [line]
    print(f"{accepted} accepted and used, {errors} errors, exit status {process.returncode}", flush=True)
    return int(bool(errors or process.returncode))


if __name__ == "__main__":
    sys.exit(main())
