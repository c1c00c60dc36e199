"""Findings of a demonstration that went well, for tests to change, and the page that shows them."""

from __future__ import annotations

import io
from dataclasses import replace

from hermetic.cli import demo
from hermetic.cli.terminal import open_console
from hermetic.demonstration.attacks import Attack
from hermetic.demonstration.evidence import Step
from hermetic.demonstration.run import Demonstration, Measurement

__all__ = ["GOOD", "OURS", "page_of"]

OURS = Measurement(
    example="wine",
    title="table",
    peer="hermetic",
    size_bytes=12_345,
    dump_seconds=0.001,
    load_seconds=0.002,
    same_predictions=True,
    refusal="",
    runs_code=False,
)
GOOD = Demonstration(
    directory="a folder",
    measurements=(OURS, replace(OURS, peer="pickle", runs_code=True)),
    inspection="\n".join(f"line {number}" for number in range(40)),
    hostile_pickle=Attack(path="x", pickle_ran_code=True, hermetic_ran_code=False, refusal="a pickle\n  at x"),
    damaged_file=Attack(path="y", pickle_ran_code=False, hermetic_ran_code=False, refusal="member 3 is damaged"),
    evidence=(Step(what="record", words="a file", ok=True), Step(what="rebuild", words="same range", ok=True)),
)


def page_of(findings: Demonstration) -> str:
    """Give what the command shows of them."""
    stream = io.StringIO()
    demo._show(findings, open_console(stream))
    return stream.getvalue()
