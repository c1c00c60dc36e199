"""The promise about memory: what loading any file takes is at most 64 MB and 3 times the file, or it is refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hermetic
from hermetic.errors import LimitExceeded
from tests.hostile_files import AMPLIFIED, WRITTEN_OUT

CASES = AMPLIFIED | WRITTEN_OUT
ON_LINUX = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel tells this on Linux")

# Each file has a process of its own, forked from one in which every library is loaded.
LOAD_EACH = """
import json, os, resource, sys, time
import sklearn.linear_model, hermetic
hermetic.loads(hermetic.dumps({"a": sklearn.linear_model.LinearRegression().fit([[0.0]], [1.0])}))
def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
for line in sys.stdin:
    path = json.loads(line)
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_AS, (status("VmSize") + (2 << 30),) * 2)
        open("/proc/self/clear_refs", "w").write("5")
        before, start = status("VmRSS"), time.process_time()
        try:
            hermetic.load(path)
            found = "loaded"
        except hermetic.LimitExceeded as error:
            found = error.limit
        seconds = time.process_time() - start
        print(json.dumps([found, status("VmHWM") - before, seconds]), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def loader() -> Iterator[Callable[[Path], tuple[str, int, float]]]:
    """Loads a file in a process of its own; gives what happened, the memory it took and the time."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", LOAD_EACH]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        source, sink = process.stdin, process.stdout
        assert source is not None
        assert sink is not None

        def outcome_of(path: Path) -> tuple[str, int, float]:
            source.write(json.dumps(str(path)) + "\n")
            source.flush()
            found, n_bytes, seconds = json.loads(sink.readline())
            return found, n_bytes, seconds

        yield outcome_of
        source.close()


@ON_LINUX
@pytest.mark.parametrize("case", CASES)
def test_no_file_takes_more_memory_or_time_than_promised(
    case: str, tmp_path: Path, loader: Callable[[Path], tuple[str, int, float]]
):
    path = tmp_path / "hostile.hermetic"
    path.write_bytes(CASES[case]())
    length = path.stat().st_size

    found, n_bytes, seconds = loader(path)
    path.unlink()

    assert found in ("loaded", "memory_bytes", "visits")
    assert n_bytes <= (64 << 20) + 3 * length
    assert seconds <= 2 + length / 10e6


@pytest.mark.parametrize("case", AMPLIFIED)
def test_what_a_short_file_says_a_million_times_is_refused(case: str):
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(AMPLIFIED[case]())
    assert refused.value.limit in ("memory_bytes", "visits")
    assert f"hermetic.Limits({refused.value.limit}={refused.value.asked})" in refused.value.next_step


@pytest.mark.parametrize("case", [case for case in AMPLIFIED if "tuple of tuples" not in case])
def test_inspecting_obeys_the_same_limits(case: str):
    with pytest.raises(LimitExceeded):
        hermetic.inspect(io.BytesIO(AMPLIFIED[case]()))


@pytest.mark.parametrize("make", [AMPLIFIED["a list of one value"], AMPLIFIED["a table of empty tuples"]])
def test_the_proposed_budget_is_enough(make: Callable[[], bytes]):
    data = make()
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(data, limits=hermetic.Limits(memory_bytes=1 << 20))
    assert refused.value.asked < 1 << 33
    hermetic.inspect(io.BytesIO(data), limits=hermetic.Limits(memory_bytes=refused.value.asked))
