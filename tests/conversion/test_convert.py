"""convert writes files of other formats as files of ours: one or a folder, without running anything in them."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

import hermetic
from hermetic import ConversionReport, convert
from hermetic.conversion.folders import pairs_below
from tests.formats.skops_files import dictionary, node, plain, skops_file, zipped
from tests.zoo import user_module as user

X = np.arange(60.0).reshape(20, 3) % 7
y = np.arange(20) % 2


class Harmful:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("echo harm > harm.txt",)


@pytest.fixture(scope="module")
def model() -> Any:
    return make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)).fit(X, y)


def write(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value))
    return path


@pytest.mark.parametrize(
    ("name", "form"),
    [("plain", "pickle"), ("joblib", "joblib"), ("zlib", "joblib, zlib"), ("gzip", "pickle, gzip")],
)
def test_a_model_in_each_form_gives_the_same_answers_after_conversion(name: str, form: str, model: Any, tmp_path: Path):
    source, target = tmp_path / "model.of.no.suffix", tmp_path / "model.hermetic"
    if name == "plain":
        write(source, model)
    elif name == "gzip":
        source.write_bytes(gzip.compress(pickle.dumps(model)))
    else:
        joblib.dump(model, source, compress=3 if name == "zlib" else 0)

    report = convert(source, target)

    [file] = report.files
    assert report.ok
    assert (file.status, file.format, file.needs, file.capabilities) == ("converted", form, (), ())
    assert file.source_bytes == source.stat().st_size
    assert file.target_bytes == target.stat().st_size
    assert file.written_by["scikit-learn"].count(".") >= 1
    np.testing.assert_array_equal(hermetic.load(target).predict_proba(X), model.predict_proba(X))


def write_skops(path: Path) -> Path:
    state = {
        "norm": plain("l1"),
        "copy": plain(True),
        "n_features_in_": plain(3),
        "_sklearn_version": plain(sklearn.__version__),
    }
    normalizer = node("sklearn.preprocessing._data:Normalizer", "ObjectNode", content=dictionary(state))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(skops_file(normalizer))
    return path


def test_a_skops_file_gives_the_same_answers_after_conversion(tmp_path: Path):
    target = tmp_path / "model.hermetic"
    report = convert(write_skops(tmp_path / "model.zip"), target, check=True)
    [file] = report.files
    assert (report.ok, file.status, file.format, file.check) == (True, "converted", "skops", "same")
    assert file.written_by["scikit-learn"] == sklearn.__version__
    np.testing.assert_array_equal(hermetic.load(target).transform(X), Normalizer("l1").transform(X))


def test_skops_files_of_a_folder_are_converted_and_other_archives_left_alone(tmp_path: Path):
    write_skops(tmp_path / "source" / "a.skops")
    write(tmp_path / "source" / "b.pkl", [1])
    (tmp_path / "source" / "c.zip").write_bytes(zipped({"notes.txt": b"nothing"}))
    report = convert(tmp_path / "source", tmp_path / "target", jobs=1)
    found = {Path(file.source).name: (file.status, file.format) for file in report.files}
    assert found == {"a.skops": ("converted", "skops"), "b.pkl": ("converted", "pickle"), "c.zip": ("skipped", "")}


def test_a_skops_file_with_something_behind_it_is_a_failure_that_says_so(tmp_path: Path):
    source = write_skops(tmp_path / "model.skops")
    source.write_bytes(source.read_bytes() * 2)
    [file] = convert(source, tmp_path / "model.hermetic").files
    assert file.status == "failed" and "follow the end of the skops file" in file.problem


def test_what_convert_writes_is_what_dump_would_have_written_but_for_the_versions(model: Any, tmp_path: Path):
    target = tmp_path / "model.hermetic"
    convert(write(tmp_path / "model.pkl", model), target)
    assert hermetic.dumps(hermetic.load(target)) == hermetic.dumps(model)


def test_containers_of_models_and_notes_are_kept(model: Any, tmp_path: Path):
    value = {"model": model, "columns": ["a", "b", "c"], "scores": (0.5, np.float64(0.25)), "parts": [model, None]}
    target = tmp_path / "target.hermetic"
    assert convert(write(tmp_path / "source.pkl", value), target).ok
    loaded = hermetic.load(target)
    assert loaded["columns"] == value["columns"]
    assert loaded["scores"] == value["scores"]
    assert loaded["parts"][0] is loaded["model"]


def test_a_file_can_be_written_into_a_folder_and_compressed(model: Any, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    report = convert(write(tmp_path / "model.pkl", model), tmp_path / "folder", compress=True)
    target = tmp_path / "folder" / "model.hermetic"
    assert report.files[0].target == str(target)
    assert report.files[0].target_bytes < report.files[0].source_bytes
    np.testing.assert_array_equal(hermetic.load(target).predict(X), model.predict(X))


def test_nothing_harmful_runs_and_what_it_would_call_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    report = convert(write(tmp_path / "harm.pkl", [Harmful()]), tmp_path / "harm.hermetic")
    assert not report.ok
    assert report.files[0].status == "failed"
    assert "system" in report.files[0].problem
    assert not (tmp_path / "harm.txt").exists()
    assert not (tmp_path / "harm.hermetic").exists()


def test_unknown_names_are_listed_and_the_file_needs_them_when_it_is_loaded(tmp_path: Path):
    target = tmp_path / "user.hermetic"
    report = convert(write(tmp_path / "user.pkl", user.UserScaler(2.0)), target)
    assert report.ok
    assert report.files[0].needs == ("tests.zoo.user_module.UserScaler",)
    with pytest.raises(hermetic.UntrustedType):
        hermetic.load(target)
    assert hermetic.load(target, trusted=report.files[0].needs).factor == 2.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing is there"),
        (b"x,y\n1,2\n", "not a hermetic container"),
        (pickle.dumps([1])[:-1], "a frame has 6 bytes, but 5 are left"),
        (pickle.dumps([1], protocol=2)[:-1], "cut off"),
        (pickle.dumps([1]) + b"more", "4 bytes follow"),
        (gzip.compress(pickle.dumps([1]), mtime=0)[:-9], "cut off"),
    ],
    ids=["empty", "text", "cut off in a frame", "cut off", "more behind it", "compressed and cut off"],
)
def test_what_cannot_be_read_fails_with_the_reason_and_writes_nothing(content: bytes, words: str, tmp_path: Path):
    (tmp_path / "source").write_bytes(content)
    report = convert(tmp_path / "source", tmp_path / "target")
    assert not report.ok
    assert report.files[0].status == "failed"
    assert words in report.files[0].problem
    assert not (tmp_path / "target").exists()


def test_a_missing_source_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        convert(tmp_path / "missing", tmp_path / "target")


def test_files_that_exist_are_replaced_only_when_asked(model: Any, tmp_path: Path):
    source = write(tmp_path / "model.pkl", model)
    target = tmp_path / "model.hermetic"
    target.write_bytes(b"precious")
    with pytest.raises(hermetic.UsageError, match="exist already"):
        convert(source, target)
    assert target.read_bytes() == b"precious"
    assert convert(source, target, overwrite=True).ok
    assert target.read_bytes() != b"precious"


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True])
def test_a_number_of_jobs_is_a_positive_integer(jobs: Any, tmp_path: Path):
    with pytest.raises(hermetic.UsageError, match="jobs"):
        convert(write(tmp_path / "a.pkl", 1), tmp_path / "b", jobs=jobs)


def _folder(tmp_path: Path, model: Any) -> Path:
    folder = tmp_path / "source"
    write(folder / "a.pkl", model)
    write(folder / "deep" / "er" / "b.model", {"b": 1})
    write(folder / "same.pkl", [1])
    write(folder / "same.joblib", [2])
    (folder / "notes.txt").write_text("no model\n")
    (folder / "broken.pkl").write_bytes(b"\x80\x04N")
    hermetic.dump([3], folder / "ours.hermetic")
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_is_converted_with_every_file_at_its_place(jobs: int, model: Any, tmp_path: Path):
    folder, target = _folder(tmp_path, model), tmp_path / "target"
    seen: list[tuple[int, int, str]] = []

    report = convert(folder, target, jobs=jobs, progress=lambda done, of, file: seen.append((done, of, file.status)))

    statuses = {os.path.relpath(file.source, folder).replace(os.sep, "/"): file.status for file in report.files}
    assert statuses == {
        "a.pkl": "converted",
        "broken.pkl": "failed",
        "deep/er/b.model": "converted",
        "notes.txt": "skipped",
        "ours.hermetic": "skipped",
        "same.joblib": "converted",
        "same.pkl": "converted",
    }
    assert [(done, of) for done, of, _ in seen] == [(number, 7) for number in range(1, 8)]
    written = sorted(str(path.relative_to(target)).replace(os.sep, "/") for path in target.rglob("*.hermetic"))
    assert written == ["a.hermetic", "deep/er/b.hermetic", "same.joblib.hermetic", "same.pkl.hermetic"]
    assert hermetic.load(target / "same.pkl.hermetic") == [1]
    assert not report.ok


def test_a_target_within_the_source_is_refused(tmp_path: Path):
    write(tmp_path / "a.pkl", 1)
    with pytest.raises(hermetic.UsageError, match="lies in the source"):
        convert(tmp_path, tmp_path / "converted")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_in_a_folder_are_not_followed(tmp_path: Path):
    secret = write(tmp_path / "outside" / "secret.pkl", "secret")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "link.pkl").symlink_to(secret)
    assert pairs_below(str(tmp_path / "source"), str(tmp_path / "target")) == []


def test_a_check_compares_state_and_predictions(model: Any, tmp_path: Path):
    report = convert(write(tmp_path / "model.pkl", [model]), tmp_path / "model.hermetic", check=True)
    assert report.files[0].check == "same"
    assert "are the same" in str(report)


def test_a_check_of_what_needs_trust_says_so(tmp_path: Path):
    report = convert(write(tmp_path / "user.pkl", user.UserScaler(2.0)), tmp_path / "user.hermetic", check=True)
    assert not report.ok
    assert "could not be loaded" in report.files[0].check


def test_the_report_is_plain_data_and_harmless_text(tmp_path: Path):
    report = convert(write(tmp_path / "a.pkl", [1]), tmp_path / "a.hermetic")
    data = json.loads(report.to_json())
    assert data["ok"] is True
    assert data["files"][0]["status"] == "converted"
    assert str(report).startswith(f"{tmp_path / 'a.pkl'}: converted to ")
    hostile = report.files[0].__class__(source="\x1b[2J", target="t", status="failed", problem="\u202e", written_by={})
    assert str(ConversionReport(files=(hostile,))).isprintable()


def test_scikit_learn_is_not_imported_and_no_process_is_started(model: Any, tmp_path: Path):
    source = write(tmp_path / "model.pkl", model)
    code = f"""
import sys
events = []
harmful = ("subprocess", "os.system", "os.exec", "os.posix_spawn", "os.fork")
sys.addaudithook(lambda event, arguments: events.append(event) if event.startswith(harmful) else None)
import hermetic
report = hermetic.convert({str(source)!r}, {str(tmp_path / "target")!r})
assert report.ok, report
imported = {{name.partition(".")[0] for name in sys.modules}}
assert not imported & {{"sklearn", "scipy", "joblib"}}, imported
assert not events, events
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_model_of_an_old_joblib_stream_is_read_where_it_stands(model: Any):
    stream = io.BytesIO()
    pickle.dump({"first": 1}, stream)
    joblib.dump(model, stream)
    stream.seek(0)
    assert hermetic.load(stream) == {"first": 1}
    np.testing.assert_array_equal(hermetic.load(stream).predict(X), model.predict(X))
    with pytest.raises(EOFError):
        hermetic.load(stream)
