"""The command line: ``python -m fuzzing --seconds 60``, or ``--seed-name NAME --number N`` to see one mutant again."""

from __future__ import annotations

import argparse
import functools
import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fuzzing.again import try_again
from fuzzing.child import BATCH
from fuzzing.corpus import Corpus, collect
from fuzzing.donors import donor_graphs
from fuzzing.gates import load_mutant, load_without_checks, switch_checks_off
from fuzzing.mutants import GENTLE
from fuzzing.report import describe, print_report
from fuzzing.seeds import load_seed, seed_names
from fuzzing.server import Batch, run
from fuzzing.smaller import make_smaller
from fuzzing.tally import Tally

__all__ = ["main"]

_MOST_BYTES = 6 << 30
_VISIT = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when something was found that must not be."""
    options = _parse(arguments)
    if sys.platform != "linux":
        sys.stderr.write("The fuzzer needs Linux: it forks, and bounds the memory of its children by /proc.\n")
        return 2
    load = load_without_checks if options.checks_off else load_mutant
    if options.checks_off:
        switch_checks_off()
    if options.seed_name:
        return try_again(options.seed_name, options.number, load, steps=options.steps, save=options.save)
    _limit_memory()
    console = Console(stderr=True)
    names = seed_names(options.seeds)
    random.Random(options.order).shuffle(names)
    tally = Tally.read(options.totals) if options.totals else Tally()
    corpus = Corpus(options.collect) if options.collect else None
    end = time.monotonic() + options.seconds
    with _show_progress(console) as bar:
        task = bar.add_task("fitting the donors", total=options.seconds)
        donor_graphs()

        def is_over() -> bool:
            return time.monotonic() > end or (options.stop and tally.has_seen_a_death())

        batches = _list_batches(names, tally, options.visit, options.mutants, GENTLE if options.gentle else 1)
        for result in run(batches, load, jobs=options.jobs, is_over=is_over):
            if corpus is not None:
                collect(corpus, result)
            for finding in tally.add_counts(result):
                smaller = make_smaller(result.batch.seed, finding, load)
                tally.add_finding(smaller)
                bar.print(describe(tally.findings[-1]), markup=False, highlight=False, soft_wrap=True)
            done = options.seconds - max(end - time.monotonic(), 0)
            bar.update(task, completed=done, description=result.batch.seed.name[:40], refresh=True)
            if options.totals:
                tally.write(options.totals)
    tried = sorted(name for name in names if tally.tried(name))
    if options.json:
        sys.stdout.write(json.dumps(asdict(tally), indent=1) + "\n")
    else:
        print_report(tally, tried, Console(width=120))
    return int(bool(tally.findings))


def _limit_memory() -> None:
    """Bound this process too: it makes mutants again, in order to describe them."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


def _list_batches(names: Sequence[str], tally: Tally, visit: int, most: int | None, stride: int) -> Iterator[Batch]:
    """Give batches for ever, or until each seed has had enough: some of one seed, then of the next, round by round."""
    seed_of = functools.lru_cache(maxsize=4)(load_seed)
    while True:
        is_done = True
        for name in names:
            if tally.tried(name) >= most if most is not None else tally.is_enough(name):
                continue
            is_done = False
            for _ in range(-(-visit // BATCH)):
                yield Batch(seed=seed_of(name), numbers=tally.take_numbers(name, min(visit, BATCH), stride))
        if is_done:
            return


def _show_progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
    # Without a thread that draws it: a process with threads should not fork.
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True, auto_refresh=False)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to run (default: 60)")
    parser.add_argument("--seeds", default="*", metavar="PATTERN", help="names of seeds: 'svc-*,KMeans-*'")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes at a time (default: 1)")
    parser.add_argument("--visit", type=_positive, default=_VISIT, help="mutants of a seed before the next one's turn")
    parser.add_argument("--mutants", type=_positive, help="end when each seed has had so many")
    parser.add_argument("--gentle", action="store_true", help="only the mutants with few changes, which are accepted")
    parser.add_argument("--order", type=int, default=0, help="another number gives the seeds in another order")
    parser.add_argument("--totals", type=Path, metavar="FILE", help="go on from this file, and keep the totals in it")
    parser.add_argument("--collect", type=Path, metavar="FOLDER", help="keep a file for each check that refuses one")
    parser.add_argument("--json", action="store_true", help="everything as JSON on standard output")
    parser.add_argument("--stop", action="store_true", help="end when the first process has died")
    parser.add_argument("--checks-off", action="store_true", help="the control: load without validators; must crash")
    parser.add_argument("--seed-name", metavar="NAME", help="try one mutant of this seed again, and tell everything")
    parser.add_argument("--number", type=int, default=0, help="which one")
    parser.add_argument("--steps", type=_numbers, metavar="0,2", help="only these of its changes")
    parser.add_argument("--save", type=Path, metavar="FILE", help="with --seed-name: write the mutant as a file")
    return parser.parse_args(arguments)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
