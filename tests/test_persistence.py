"""dump and load as people call them: paths, streams, sockets, several models in one file, and joblib's call forms."""

from __future__ import annotations

import gc
import io
import os
import pathlib
import socket
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic import dump, dumps, load, loads


@pytest.fixture(scope="module")
def X() -> Any:
    return load_iris().data


@pytest.fixture(scope="module")
def model(X: Any) -> Any:
    return make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, load_iris().target)


def _same(model: Any, loaded: Any, X: Any) -> bool:
    return bool((model.predict_proba(X) == loaded.predict_proba(X)).all())


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_path_of_either_kind_is_written_and_given_back_as_joblib_does(
    kind: Any, model: Any, X: Any, tmp_path: Any
) -> None:
    path = kind(tmp_path / "model.hermetic")

    assert dump(model, path) == [str(path)]
    assert _same(model, load(path), X)


def test_the_call_forms_of_joblib_work(model: Any, X: Any, tmp_path: Any) -> None:
    path = tmp_path / "model.joblib"

    for arguments in [
        (),
        (0,),
        (3,),
        (True,),
        (("zlib", 3),),
        (("gzip", 3),),
        (("bz2", 3),),
        ("xz",),
        ("lzma",),
        ("zlib",),
    ]:
        dump(model, path, *arguments)
        assert _same(model, load(path), X), arguments
    dump(model, path, compress=("lz4", 3))
    dump(model, path, 3, 4)
    dump(model, path, protocol=5)
    with open(path, "wb") as file:
        dump(model, file)
    with open(path, "rb") as file:
        assert _same(model, load(file), X)
    assert _same(model, load(path, mmap_mode="r"), X)


def test_several_models_follow_each_other_in_one_stream(model: Any, X: Any, tmp_path: Any) -> None:
    path = tmp_path / "several"
    with open(path, "wb") as file:
        file.write(b"a heading of nine")
        for number in range(3):
            assert dump({"number": number, "model": model}, file) == []
        file.write(b"the end")

    for buffering in (-1, 0):
        with open(path, "rb", buffering=buffering) as file:
            file.seek(17)
            loaded = [load(file) for _ in range(3)]
            assert file.read() == b"the end"
        assert [entry["number"] for entry in loaded] == [0, 1, 2]
        assert _same(model, loaded[2]["model"], X)


def _load_until_the_end(file: Any) -> list[Any]:
    loaded = []
    while True:
        try:
            loaded.append(load(file))
        except EOFError as error:
            assert type(error) is hermetic.EndOfStream
            assert isinstance(error, hermetic.FormatError)
            return loaded


@pytest.mark.parametrize("n_models", [0, 1, 3])
@pytest.mark.parametrize("size", [1, 300_000], ids=["small", "big"])
def test_a_loop_over_a_stream_ends_with_an_end_of_file(n_models: int, size: int, tmp_path: Any) -> None:
    path = tmp_path / "several"
    with open(path, "wb") as file:
        for _ in range(n_models):
            dump(np.ones(size), file)

    with open(path, "rb") as buffered, open(path, "rb", buffering=0) as raw:
        streams = [buffered, raw, io.BytesIO(path.read_bytes())]
        assert [len(_load_until_the_end(stream)) for stream in streams] == [n_models] * 3
        assert buffered.tell() == path.stat().st_size


def test_an_empty_file_is_at_its_end(tmp_path: Any) -> None:
    (tmp_path / "empty").touch()

    for attempt in (lambda: load(tmp_path / "empty"), lambda: loads(b"")):
        with pytest.raises(hermetic.EndOfStream, match="nothing is there: 0 bytes"):
            attempt()


@pytest.mark.parametrize("length", [1, 30, 60, 100, -1])
def test_a_model_that_is_cut_off_is_no_end(length: int) -> None:
    data = dumps([1.5])[:length]

    for attempt in (lambda: load(io.BytesIO(data)), lambda: loads(data)):
        with pytest.raises(hermetic.FormatError) as caught:
            attempt()
        assert not isinstance(caught.value, EOFError)


def test_a_stream_that_cannot_seek_is_written_and_read(model: Any, X: Any) -> None:
    reading, writing = os.pipe()
    thread = threading.Thread(target=_write_two, args=(writing, model))
    thread.start()
    with open(reading, "rb") as file:
        first, second = load(file), load(file)
    thread.join()

    assert _same(model, first, X)
    assert second == {"second": True}


def _write_two(descriptor: int, model: Any) -> None:
    with open(descriptor, "wb") as file:
        dump(model, file)
        dump({"second": True}, file)


def test_a_socket_carries_models_both_ways(model: Any, X: Any) -> None:
    left, right = socket.socketpair()
    with left, right, left.makefile("wb") as sending, right.makefile("rb") as receiving:
        thread = threading.Thread(target=lambda: (dump(model, sending), dump([1], sending), sending.flush()))
        thread.start()
        assert _same(model, load(receiving), X)
        assert load(receiving) == [1]
        thread.join()


def test_bytes_and_path_hold_the_same(model: Any, tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    stream = io.BytesIO()
    dump(model, path)
    dump(model, stream)

    assert path.read_bytes() == stream.getvalue() == dumps(model)


def test_two_processes_with_other_hash_seeds_write_the_same_bytes(tmp_path: Any) -> None:
    script = (
        "import sys, hermetic; from sklearn.svm import SVC; from sklearn.datasets import load_iris;"
        "X, y = load_iris(return_X_y=True);"
        "hermetic.dump({'model': SVC().fit(X, y), 'names': {'b', 'a', 'c', 1, (2, 'x'), None}}, sys.argv[1])"
    )
    files = []
    for seed in ("1", "2"):
        path = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", script, str(path)], check=True, env=environment, timeout=120)
        files.append(path.read_bytes())

    assert files[0] == files[1]


def test_a_mapped_model_can_learn_on_and_leaves_the_file_as_it_was(tmp_path: Any) -> None:
    X = np.random.default_rng(0).normal(size=(50, 2000))
    y = np.arange(50) % 2
    model = SGDClassifier(random_state=0).fit(X, y)
    path = tmp_path / "model.hermetic"
    dump(model, path)
    before = path.read_bytes()

    loaded = load(path, mmap_mode="c")
    assert not loaded.coef_.flags.owndata
    loaded.partial_fit(X, y)

    assert path.read_bytes() == before
    assert (loaded.coef_ != model.coef_).any()


def test_a_model_mapped_for_reading_cannot_be_written_to(tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    dump({"weights": np.zeros(10_000)}, path)

    loaded = load(path, mmap_mode="r")

    with pytest.raises(ValueError, match="read-only"):
        loaded["weights"][0] = 1


def test_a_loaded_array_shares_memory_with_no_other(tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    dump([np.zeros(10), np.zeros(10), np.ones((300, 300)), *[np.zeros(4) for _ in range(40)]], path)

    loaded = load(path)

    assert all(array.base is None or array.base.nbytes == array.nbytes for array in loaded)
    assert not any(np.shares_memory(a, b) for a in loaded for b in loaded if a is not b)
    assert all(array.flags.writeable for array in loaded)


@pytest.mark.parametrize("mode", ["r+", "w+", "w", 1, True])
def test_other_mapping_modes_are_refused_and_c_is_named(mode: Any, tmp_path: Any) -> None:
    dump([1], tmp_path / "a")

    with pytest.raises(hermetic.UsageError, match="'c'"):
        load(tmp_path / "a", mmap_mode=mode)


def test_a_compressed_file_cannot_be_mapped(tmp_path: Any) -> None:
    dump(np.zeros(10_000), tmp_path / "a", compress=True)

    with pytest.raises(hermetic.UsageError, match="compressed"):
        load(tmp_path / "a", mmap_mode="c")


def test_many_threads_may_load_at_once(model: Any, X: Any, tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    dump(model, path)
    loaded: list[Any] = []

    def work() -> None:
        loaded.extend(load(path) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(loaded) == 160
    assert all(_same(model, each, X) for each in loaded)
    assert gc.isenabled()


@pytest.mark.parametrize("file", [None, 5, ["a"], io.StringIO()])
def test_what_is_no_file_is_a_usage_error(file: Any) -> None:
    with pytest.raises((hermetic.UsageError, TypeError)):
        load(file)
    with pytest.raises((hermetic.UsageError, TypeError)):
        dump([1], file)


@pytest.mark.parametrize("trusted", ["module.Name", True, ["module.*"], ["a b"], ["os.system()"]])
def test_trust_is_given_by_exact_names_only(trusted: Any) -> None:
    with pytest.raises((hermetic.UsageError, TypeError)):
        loads(dumps([1]), trusted=trusted)


def test_a_file_of_another_minor_release_is_refused_plainly(monkeypatch: Any) -> None:
    import sklearn

    data = dumps(StandardScaler())
    monkeypatch.setattr(sklearn, "__version__", "1.1.3")

    with pytest.raises(hermetic.UnsupportedVersion, match=r"1\.1\.3"):
        loads(data)


def test_a_failed_dump_leaves_the_old_file_whole(tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    dump({"version": 1}, path)

    with pytest.raises(hermetic.CannotSave):
        dump({"version": 2, "bad": lambda: 0}, path)

    assert load(path) == {"version": 1}
    assert os.listdir(tmp_path) == ["model.hermetic"]


def test_a_vectorizer_that_opens_files_needs_the_capability() -> None:
    data = dumps({"text": CountVectorizer(input="filename")})

    with pytest.raises(hermetic.CapabilityRefused, match="reads-files") as refused:
        loads(data)

    assert refused.value.capabilities[0][0] == "reads-files"
    assert loads(data, capabilities={"reads-files"})["text"].input == "filename"
    assert loads(dumps(CountVectorizer(input="file"))).input == "file"


@pytest.mark.parametrize("capabilities", ["reads-files", {"everything"}])
def test_a_capability_that_does_not_exist_is_a_usage_error(capabilities: Any) -> None:
    with pytest.raises(hermetic.UsageError, match="reads-files"):
        loads(dumps([1]), capabilities=capabilities)
