"""Every hostile file of the corpus: a scan finds it, a load raises a documented error and runs nothing of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hermetic.scanning import scan
from tests.corpus_legacy.attack import Attack
from tests.corpus_legacy.make import CORPUS, EXECUTING, index, lay_out, main

ROOT = Path(__file__).resolve().parents[2]
# The bytes of an array that spell a payload are numbers for whoever reads the file as one of joblib.
HARMLESS_TO_LOAD = {"joblib array: in the bytes of an array, for pickle.load"}


def test_the_corpus_is_at_least_as_large_as_the_one_other_scanners_were_measured_on():
    names = Counter(map(str, CORPUS))
    assert [name for name, number in names.items() if number > 1] == []
    assert len(EXECUTING) >= 112
    assert all(item.note for item in CORPUS if not item.is_executing)
    assert len(index()) == len(CORPUS)


@pytest.mark.parametrize("item", CORPUS, ids=str)
def test_a_scan_finds_it(item: Attack, tmp_path: Path):
    report = scan(lay_out(item, tmp_path))
    assert report.verdict == item.verdict, str(report)
    assert not report.ok
    assert report.findings or report.problem


_LOADING = """
import sys
import tempfile
from pathlib import Path

import hermetic
from hermetic.errors import FileError
from tests.corpus_legacy.make import CORPUS, lay_out

hermetic.loads(hermetic.dumps([1]))
harmless = set(sys.argv[1:])
seen = []
item = None
OWN = ("hermetic", "numpy", "sklearn", "scipy", "pandas", "pyarrow", "joblib", "lz4", "isal", "backports")
STARTS = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "socket.", "ctypes.dlopen")
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.mknod", "shutil.", "pickle.find_class")


def note(event, arguments):
    if item is None:
        return
    if event.startswith(STARTS + CHANGES):
        seen.append((str(item), event, str(arguments)[:80]))
    elif event == "open" and (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+") or arguments[2] & 3):
        seen.append((str(item), event, str(arguments)[:80]))
    elif event == "import":
        root = arguments[0].partition(".")[0]
        if root not in OWN and root not in sys.stdlib_module_names:
            seen.append((str(item), event, arguments[0]))


sys.addaudithook(note)
loaded = []
for number, one in enumerate(CORPUS):
    path = lay_out(one, Path(f"{number}"))
    before = sorted(map(str, path.parent.rglob("*")))
    item = one
    try:
        hermetic.load(path)
        loaded.append(str(one))
    except FileError as error:
        error = str(error)
    finally:
        item = None
    assert sorted(map(str, path.parent.rglob("*"))) == before, one
assert not any(Path().glob("marker*"))
assert set(loaded) == harmless, loaded
assert not seen, seen
print(len(CORPUS))
"""


def test_a_load_raises_documented_errors_and_runs_nothing(tmp_path: Path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", _LOADING, *HARMLESS_TO_LOAD],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(CORPUS)


@pytest.mark.slow
def test_every_attack_is_alive():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus_legacy.live"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(EXECUTING)} of {len(EXECUTING)} attacks are alive" in done.stdout


def test_the_corpus_is_written_with_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path)]) == 0
    assert len(json.loads((tmp_path / "index.json").read_text())) == len(CORPUS)
    assert sum(1 for path in tmp_path.rglob("model") if path.is_file()) == len(CORPUS)
    assert f"{len(EXECUTING)} of them execute something" in capsys.readouterr().out
