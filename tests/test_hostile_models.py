"""Hundreds of hostile relatives of each model: no file crashes, hangs or ends the process that loads and uses it.

Each family is tried in a process of its own, so that a crash is seen as the signal it is. ``HERMETIC_MUTATIONS=2000``
tries more changes of each model than the default run does; the numbers are seeds, so each failure can be seen again:
``python -m tests.mutations.trial NAME NUMBER NUMBER+1``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from hermetic.capture import capture
from tests.mutations.change import changed
from tests.mutations.families import CASES, FAMILIES

N_CHANGES = int(os.environ.get("HERMETIC_MUTATIONS", "10"))
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_hostile_model_harms_the_process_that_loads_and_uses_it(family: str):
    command = [sys.executable, "-m", "tests.mutations.trial", *FAMILIES[family].split(), "0", str(N_CHANGES)]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    *trials, last = done.stdout.splitlines()
    assert done.returncode == 0, f"exit status {done.returncode} after {last}\n{done.stderr[-2000:]}"
    counts = json.loads(last)
    assert counts["wrong"] == [], "load raised something else than FileError"
    assert len(trials) == counts["unwritable"] + counts["refused"] + counts["loaded"]
    # The changes reach both sides of the gates; otherwise they would test nothing.
    assert counts["refused"] > 0
    assert counts["loaded"] > 0


def test_every_family_names_cases_of_the_zoo():
    assert CASES.keys() == {name for names in FAMILIES.values() for name in names.split()}


def test_a_seed_gives_the_same_change_and_leaves_the_model_alone():
    graph = capture(CASES["KMeans-fitted"].make())
    before = repr(graph)

    texts = {changed(graph, "seed 1")[1] for _ in range(3)}

    assert len(texts) == 1
    assert repr(graph) == before
