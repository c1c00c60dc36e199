"""A scan of pickles misses no attack of the corpus, raises no false alarm, and imports, opens and runs nothing."""

from __future__ import annotations

import bz2
import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic import Limits
from hermetic.scanning import VERDICTS, ScanReport, scan
from hermetic.scanning.harmful_names import RULES
from tests.corpus_pickles import HARMLESS, HOSTILE, PAYLOAD, PickleFile, in_wrapper, text
from tests.zoo import user_module as user
from tests.zoo.case import Case
from tests.zoo.every_estimator import every_estimator

ROOT = Path(__file__).resolve().parents[2]


def scanned(data: bytes, **options: Any) -> ScanReport:
    return scan(io.BytesIO(data), **options)


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_every_file_of_the_corpus_has_its_verdict(file: PickleFile):
    report = scanned(file.data)
    assert report.verdict == file.verdict, str(report)
    assert {file.rule} <= {found.rule for found in report.findings} | {""}
    assert bool(report.problem) == (file.verdict == "malformed" or file.is_malformed)
    assert file.verdict in report.verdicts
    assert report.ok == (file.verdict == "clean")
    assert {found.rule for found in report.findings} <= RULES.keys()


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_a_path_gives_the_same_as_a_stream(file: PickleFile, tmp_path: Path):
    path = tmp_path / "model.hermetic"  # the suffix chooses nothing
    path.write_bytes(file.data)
    assert scan(path).verdict == file.verdict


def test_a_finding_says_what_would_run_and_where():
    report = scanned(b"I1\n0" + PAYLOAD)
    [found] = report.findings
    assert (found.rule, found.severity, found.offset, found.opcode) == ("run-command", "dangerous", 23, "REDUCE")
    assert found.text == "os.system('true')"
    assert "dangerous: os.system('true') (run-command, byte 23 REDUCE)" in str(report)
    assert json.loads(report.to_json())["findings"][0]["text"] == "os.system('true')"
    assert [(name.name, name.role, name.is_known) for name in report.names] == [("os.system", "called", False)]


def test_what_stands_in_a_nested_or_second_pickle_says_so():
    nested = next(file for file in HOSTILE if file.name == "joblib: in the pickle of an object array")
    assert scanned(nested.data).findings[0].path == f"nested@{nested.data.index(PAYLOAD)}"
    assert scanned(b"N." + PAYLOAD).findings[0].path == "pickle 2 of 2"


def test_hostile_text_is_shown_harmless():
    report = scanned(b"cos\nsystem\n(V\x1b[2J\ntR.")
    assert "\x1b" not in str(report)
    assert "\x1b" not in report.to_json()


def test_names_are_told_by_role():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    report = scanned(pickle.dumps([model, np.log1p, user.UserScaler(2.0)], 4))
    found = {(name.name, name.role): name.is_known for name in report.names}
    assert found["sklearn.linear_model._logistic.LogisticRegression", "constructed"]
    assert not found["tests.zoo.user_module.UserScaler", "constructed"]
    assert (report.verdict, report.format) == ("unknown", "pickle")
    assert report.unknown[0].name == "tests.zoo.user_module.UserScaler"


def test_a_bomb_costs_no_more_than_the_limit():
    data = bz2.compress(b"N" * 50_000_000)
    report = scanned(data, limits=Limits(expanded_bytes=1 << 20))
    assert report.verdict == "resource"
    assert "expanded_bytes" in report.problem


def test_more_nodes_than_the_limit_are_not_read():
    report = scanned(pickle.dumps([[number] for number in range(300)], 2), limits=Limits(nodes=100))
    assert report.verdict == "resource"
    assert "the limit nodes is 100" in report.problem


def test_an_endless_stream_is_read_no_further_than_the_limit():
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"\x80\x04" + b"N" * (size - 2)

    report = scan(Endless(), limits=Limits(expanded_bytes=1 << 20))
    assert (report.verdict, report.error) == ("resource", "LimitExceeded")


FITTED = [case for case in every_estimator() if "unfitted" not in case.tags and "slow" not in case.tags]


@pytest.mark.parametrize("case", FITTED, ids=lambda case: case.name)
def test_every_fitted_estimator_is_clean_in_every_form(case: Case, tmp_path: Path):
    joblib = pytest.importorskip("joblib")
    model = case.make()
    forms = {f"protocol {protocol}": pickle.dumps(model, protocol) for protocol in range(6)}
    for number, compress in enumerate((0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1))):
        path = tmp_path / f"model{number}"
        joblib.dump(model, path, compress=compress)
        forms[f"joblib {compress}"] = path.read_bytes()
    for form, data in forms.items():
        report = scanned(data)
        assert report.verdict == "clean", (form, str(report))


def test_a_file_compressed_with_lz4_is_clean(tmp_path: Path):
    pytest.importorskip("lz4")
    joblib = pytest.importorskip("joblib")
    joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "model", compress=("lz4", 1))
    assert scan(tmp_path / "model").format == "joblib, lz4"
    assert scan(tmp_path / "model").ok


SMALL = {
    "protocol 0": pickle.dumps(CountVectorizer(), 0)[:400],
    "protocol 5": pickle.dumps({"a": [1, 2.5], "b": CountVectorizer()}, 5),
    "attack": PAYLOAD,
}


@pytest.mark.parametrize("name", SMALL)
def test_whatever_byte_is_changed_a_scan_ends_in_a_verdict(name: str):
    data = SMALL[name]
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            assert scanned(bytes(changed)).verdict in VERDICTS


@pytest.mark.parametrize("name", SMALL)
def test_no_truncation_is_clean(name: str):
    for length in range(len(SMALL[name])):
        assert not scanned(SMALL[name][:length]).ok


_AUDIT = """
import io, sys
from hermetic.scanning import scan
from tests.corpus_pickles import HARMLESS, HOSTILE
files = [*HOSTILE, *HARMLESS]
for file in files:
    scan(io.BytesIO(file.data))
seen = []
watched = ("import", "open", "exec", "compile", "os.", "subprocess.", "socket.", "pickle.", "ctypes.", "shutil.")
is_on = True
def note(event, arguments):
    if is_on and event.startswith(watched):
        seen.append((event, str(arguments)[:80]))
sys.addaudithook(note)
verdicts = [scan(io.BytesIO(file.data)).verdict for file in files]
is_on = False
assert verdicts == [file.verdict for file in files], verdicts
assert not seen, seen
assert not {"numpy", "sklearn", "joblib", "pickle"} & set(sys.modules) - {"pickle"}
print(len(files))
"""


def test_a_scan_imports_opens_and_runs_nothing():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(HOSTILE) + len(HARMLESS)


IN_ARRAY_BYTES = "joblib: in the bytes of the array, for pickle.load"
"""Harmless to whoever reads the file as joblib does, as load does."""


@pytest.mark.parametrize("file", [file for file in HOSTILE if file.name != IN_ARRAY_BYTES], ids=lambda file: file.name)
def test_load_refuses_what_is_hostile_with_a_documented_error(file: PickleFile):
    with pytest.raises(hermetic.FileError):
        hermetic.loads(file.data)


HARMLESS_BY_NAME = {file.name: file for file in HARMLESS}


@pytest.mark.parametrize("name", sorted(HARMLESS_BY_NAME.keys() - {"an old name", "two pickles"}))
def test_load_reads_what_is_harmless(name: str):
    hermetic.loads(HARMLESS_BY_NAME[name].data)


def test_load_reads_two_pickles_one_after_the_other():
    stream = io.BytesIO(HARMLESS_BY_NAME["two pickles"].data)
    hermetic.load(stream)
    hermetic.load(stream)
    with pytest.raises(EOFError):
        hermetic.load(stream)


def test_load_takes_a_file_without_a_release_for_one_of_before_0_18():
    _, report = hermetic.loads(HARMLESS_BY_NAME["an old name"].data, report=True)
    assert report.written_by == {"scikit-learn": "0.17"}


def test_a_report_stays_short_however_much_a_file_does():
    wide = b"(" + b"(" * 6 + (text("a" * 60) * 6 + b"t") * 6 + text("b" * 500)
    report = scanned(b"(" + (b"cos\nsystem\n" + wide + b"tR") * 2_000 + b"l.")
    assert report.verdict == "dangerous"
    assert len(report.findings) == 100
    assert max(len(found.text) for found in report.findings) <= 303


def test_letters_in_an_array_are_no_alarm():
    letters = b"(NNNcos\nsystem\n" + b"N" * 3_000_000
    report = scanned(in_wrapper(letters, dtype=f"S{len(letters)}") + b".")
    assert report.verdict == "clean"
