"""A scan of archives misses no payload, whatever hides it, opens all, and reports what should not be there."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic import Limits
from hermetic.scanning import ScanReport, scan
from hermetic.scanning.harmful_names import RULES
from tests.corpus_archives import EVIL, GOOD, HARMLESS, HOSTILE, OBJECTS, VALUES, npy_of
from tests.corpus_pickles import PAYLOAD, PickleFile, in_wrapper
from tests.handmade_archives import Entry, tar_of, zip_of, zip_of_python

ROOT = Path(__file__).resolve().parents[2]


def scanned(data: bytes, **options: Any) -> ScanReport:
    return scan(io.BytesIO(data), **options)


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_every_file_of_the_corpus_has_its_verdict(file: PickleFile):
    report = scanned(file.data)
    assert report.verdict == file.verdict, str(report)
    assert {file.rule} <= {found.rule for found in report.findings} | {""}, str(report)
    assert {found.rule for found in report.findings} <= RULES.keys()
    if file.is_malformed:
        assert {"malformed", "unreadable"} & set(report.verdicts)


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_a_path_gives_the_same_as_a_stream(file: PickleFile, tmp_path: Path):
    path = tmp_path / "model.hermetic"  # the suffix chooses nothing
    path.write_bytes(file.data)
    assert scan(path).verdict == file.verdict


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_one_archive_more_around_it_hides_nothing(file: PickleFile):
    report = scanned(zip_of(Entry(name="outer", content=file.data)))
    assert report.verdict == file.verdict, str(report)
    assert all(found.path.startswith("outer") for found in report.findings)


def test_the_path_of_a_finding_leads_through_all_containers():
    nested = in_wrapper(PAYLOAD, dtype="O8") + b"."
    report = scanned(zip_of_python({"model.tar.gz": tar_of({"a/m.pkl": nested}, "w:gz")}))
    [found] = report.findings
    assert found.path == f"model.tar.gz!a/m.pkl!nested@{nested.index(PAYLOAD)}"
    assert found.offset == nested.index(PAYLOAD) + PAYLOAD.index(b"R")
    assert found.text == "os.system('true')"


def test_the_pickle_of_an_npy_file_says_where_it_begins():
    data = npy_of(OBJECTS, PAYLOAD)
    [found] = scanned(data).findings
    assert found.path == f"nested@{len(data) - len(PAYLOAD)}"
    assert data[found.offset : found.offset + 1] == b"R"


def test_an_archive_has_a_report_for_each_file():
    report = scanned(zip_of_python({"a.pkl": VALUES, "b.pkl": PAYLOAD, "notes.txt": b"text"}))
    assert [(file.file, file.verdict) for file in report.files] == [
        ("<stream>!a.pkl", "clean"),
        ("<stream>!b.pkl", "dangerous"),
        ("<stream>!notes.txt", "no model"),
    ]
    assert json.loads(report.to_json())["files"][1]["findings"][0]["rule"] == "run-command"
    assert report.sha256


def test_an_archive_without_any_model_is_no_answer_to_who_asked_for_it():
    data = zip_of_python({"a.csv": b"a,b", "b.txt": b"text"})
    report = scanned(data)
    assert (report.verdict, report.ok) == ("unreadable", False)
    assert "nothing in it holds a model" in report.problem
    inner = scanned(zip_of_python({"a.zip": data, "m.pkl": VALUES}))
    assert [file.verdict for file in inner.files] == ["no model", "clean"]


def test_sizes_are_summed_before_anything_is_inflated(monkeypatch: pytest.MonkeyPatch):
    data = zip_of_python({f"{n}": bytes(400_000) for n in range(3)})
    monkeypatch.setattr("hermetic.scanning.archives.read_form", pytest.fail)
    report = scanned(data, limits=Limits(expanded_bytes=300_000, expansion=1))
    assert report.verdict == "resource"
    assert "1,200,000 bytes" in report.problem


def test_a_bomb_hides_no_payload_beside_it():
    data = zip_of_python({"bomb": bytes(4_000_000), "model.pkl": PAYLOAD})
    report = scanned(data, limits=Limits(expanded_bytes=1 << 20, expansion=1))
    assert report.verdicts == ("dangerous", "resource")


def test_a_bomb_that_lies_about_its_length_ends_at_the_limit():
    bomb = Entry(name="bomb", content=bytes(4_000_000), method=8, content_length=10)
    report = scanned(zip_of(bomb, EVIL), limits=Limits(expanded_bytes=1 << 20, expansion=1))
    assert report.verdicts[:2] == ("dangerous", "resource")


@pytest.mark.parametrize("wrap", [gzip.compress, lambda data: zip_of_python({"a": data})], ids=["gzip", "zip"])
def test_archives_inside_each_other_share_one_budget(wrap: Any):
    data = zip_of(*(Entry(name=f"{n}", content=wrap(bytes(300_000))) for n in range(4)))
    report = scanned(data, limits=Limits(expanded_bytes=1 << 20, expansion=1))
    assert report.verdict == "resource"
    assert {found.rule for found in report.findings} == {"limit"}
    assert scanned(data, limits=Limits(expanded_bytes=2 << 20, expansion=1)).verdict == "unreadable"


def test_more_members_than_the_limit_are_not_listed():
    for data in (zip_of_python({f"{n}": b"" for n in range(30)}), tar_of({f"{n}": b"" for n in range(30)})):
        report = scanned(data, limits=Limits(members=20))
        assert report.verdict == "resource"
        assert len(report.files) == 20
        assert "the limit members" in report.problem


def test_a_large_archive_of_findings_gives_a_short_report():
    report = scanned(zip_of_python({f"{n}.pkl": PAYLOAD for n in range(300)}))
    assert len(report.findings) == 100
    assert len(report.files) == 300


def test_the_way_through_long_names_stays_short():
    report = scanned(zip_of_python({"n" * 60_000: PAYLOAD}))
    assert len(report.findings[0].path) < 300
    assert len(report.files[0].file) < 400


def test_hostile_names_of_members_are_shown_harmless():
    report = scanned(zip_of_python({"\x1b[2J\u202e.pkl": PAYLOAD}))
    assert "\x1b" not in str(report)
    assert "\u202e" not in str(report)
    assert report.to_json().isascii()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_whatever_byte_of_an_archive_is_changed_a_scan_ends_in_a_verdict(method: int):
    data = zip_of_python({"a": PAYLOAD}, method)
    for position in range(len(data)):
        for bit in (0, 3, 7):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            assert not scanned(bytes(changed)).ok, position


def test_no_change_of_a_header_hides_a_payload_that_python_still_reads():
    data = zip_of(EVIL)
    n_read = 0
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            try:
                with zipfile.ZipFile(io.BytesIO(bytes(changed))) as archive:
                    contents = [archive.read(name) for name in archive.namelist()]
            except Exception:  # whatever Python says, it does not read it
                continue
            if PAYLOAD in contents:
                n_read += 1
                assert scanned(bytes(changed)).verdict == "dangerous", position
    assert n_read > 100


def test_no_truncation_of_an_archive_is_clean():
    for data in (zip_of(GOOD), tar_of({"a": VALUES})[:2048]):
        for length in range(0, len(data) - 1, 3):
            report = scanned(data[:length])
            assert not report.ok or data[:length].rstrip(b"\0") == data.rstrip(b"\0"), length


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 1023])
def test_a_tar_archive_that_is_cut_off_is_not_clean(length: int):
    assert not scanned(tar_of({"a": VALUES * 20})[:length]).ok


def test_a_model_of_ours_that_is_damaged_stays_unreadable():
    data = bytearray(hermetic.dumps(np.arange(1000.0)))
    for position in range(0, len(data), 7):
        data[position] ^= 0x10
        report = scanned(bytes(data))
        data[position] ^= 0x10
        assert report.verdict in ("unreadable", "resource"), (position, str(report))


def test_a_payload_in_what_looks_like_a_model_of_ours_is_found():
    data = hermetic.dumps([1]) + zip_of(EVIL)
    path_report = scanned(gzip.compress(data))
    assert path_report.verdict == "dangerous"


def test_a_payload_behind_a_model_of_ours_is_found_in_a_file(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    path.write_bytes(hermetic.dumps([1]) + zip_of(EVIL))
    assert scan(path).verdict == "dangerous"


def test_models_inside_an_archive_are_judged_as_outside():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    report = scanned(zip_of_python({"good": hermetic.dumps(model), "asks": hermetic.dumps([print])}))
    assert [(file.verdict, file.format) for file in report.files] == [("clean", "hermetic"), ("refused", "hermetic")]
    assert report.verdict == "refused"


def test_what_python_wrote_is_read_alike():
    members = {"a/b.pkl": VALUES, "ü.txt": b"text" * 999, "empty": b"", "c.bin": bytes(range(256)) * 40}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        report = scanned(zip_of_python(members, method))
        assert [file.file for file in report.files] == [f"<stream>!{name}" for name in members]
        assert report.ok, str(report)


def test_a_zip64_archive_of_python_is_clean():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a.pkl", "w", force_zip64=True) as member:
        member.write(VALUES)
    report = scanned(file.getvalue())
    assert report.ok, str(report)


_AUDIT = """
import io, sys
from hermetic.scanning import scan
from tests.corpus_archives import HARMLESS, HOSTILE
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
print(len(files))
"""


def test_a_scan_of_archives_imports_opens_and_runs_nothing():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(HOSTILE) + len(HARMLESS)


def test_numpy_and_scikit_learn_are_not_imported_for_an_archive(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(zip_of_python({"a.npy": npy_of(OBJECTS, PAYLOAD), "m": hermetic.dumps([1])}))
    script = (
        "import sys, hermetic\n"
        f"report = hermetic.scan({str(tmp_path)!r})\n"
        "print(report.verdict, sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(hermetic.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("dangerous")
    for module in ("numpy", "sklearn", "joblib", "zipfile", "tarfile", "pickle"):
        assert f"'{module}'" not in done.stdout


def test_members_that_share_their_bytes_are_not_judged_without_end():
    shared = Entry(name="shared", content=bytes(200_000))
    entries = [shared, *(Entry(name=f"{n}", content=b"", offset=0, stored=b"") for n in range(400))]
    data = zip_of(*entries)
    large = data.replace(shared.central(0)[10:28], shared.central(0)[10:28])
    report = scanned(_all_of_one_length(large, 200_000), limits=Limits(expansion=8))
    assert report.verdict == "resource"
    assert any("the limit expansion" in found.text for found in report.findings)


def _all_of_one_length(data: bytes, length: int) -> bytes:
    """Let every record of the directory claim so many bytes of the first member."""
    edited = bytearray(data)
    place = edited.find(b"PK\1\2")
    while place >= 0:
        edited[place + 20 : place + 28] = length.to_bytes(4, "little") * 2
        place = edited.find(b"PK\1\2", place + 4)
    return bytes(edited)


def test_archives_that_hold_themselves_twice_at_every_level_are_not_judged_without_end():
    content = bytes(20_000)
    for _ in range(8):
        content = zip_of(Entry(name="a", content=content), Entry(name="b", content=content, offset=0))
    report = scanned(content, limits=Limits(expansion=4))
    assert report.verdict == "resource"


def test_eight_levels_of_stored_archives_cost_no_more_than_they_may():
    content = VALUES
    for _ in range(8):
        content = zip_of(Entry(name="a", content=content))
    assert scanned(content).ok


def test_an_unreferenced_empty_member_hides_nothing_behind_it():
    empty = Entry(name="empty", is_in_directory=False)
    data = zip_of(*[empty] * 20, Entry(name="evil", content=PAYLOAD, is_in_directory=False), GOOD)
    report = scanned(data)
    assert report.verdict == "dangerous"
    assert report.findings[0].path == "evil"
