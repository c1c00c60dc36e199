"""Real clusters of several processes on this machine: they write what one process writes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import hermetic
from hermetic.deploy.batch import predict_files
from hermetic.errors import UsageError

FRAME = pandas.DataFrame(
    {"key": range(2_000), "size": np.random.default_rng(0).normal(size=2_000), "city": ["Bonn", "Oslo"] * 1_000}
)
SOURCE = str(Path(hermetic.__file__).parents[1])

DASK = pytest.mark.skipif(find_spec("distributed") is None, reason="Dask is not installed")
RAY = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    columns = ColumnTransformer([("size", StandardScaler(), ["size"]), ("city", OneHotEncoder(), ["city"])])
    model = make_pipeline(columns, LogisticRegression()).fit(FRAME, np.where(FRAME["size"] > 0, "yes", "no"))
    hermetic.dump(model, "model.hermetic")
    FRAME.to_parquet("rows.parquet")


@pytest.fixture(scope="module")
def dask_address() -> Iterator[str]:
    """Gives the address of a scheduler with two workers, each a process."""
    distributed = pytest.importorskip("distributed")
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", SOURCE)
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, env=environment
        )
        with cluster:
            yield cluster.scheduler_address


@pytest.fixture(scope="module")
def ray_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Gives the address of a cluster that runs beside this process."""
    pytest.importorskip("ray")
    program = Path(sys.executable).with_name("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "PYTHONPATH": SOURCE, "RAY_USAGE_STATS_ENABLED": "0"}
    place = ["--node-ip-address", "127.0.0.1", "--port", port]
    options = ["--num-cpus", "2", "--include-dashboard", "false", "--disable-usage-stats"]
    try:
        command = [program, "start", "--head", *place, *options]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:  # it waits for its own helpers for some seconds only, which a busy machine needs longer for
            pytest.skip(f"Ray does not start here: {done.stderr.strip().splitlines()[-1:]}")
        yield f"127.0.0.1:{port}"
    finally:
        # `ray stop` would stop every cluster of this machine; the port tells ours.
        _end_processes_that_name(port)


def _end_processes_that_name(text: str) -> None:
    psutil = pytest.importorskip("psutil")
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "ray" in line and text in line and process.pid != os.getpid():
            process.kill()


def check_equal_to_one_process(on: str, address: str | None) -> None:
    wishes: dict[str, Any] = {"keep": ["key"], "method": "proba", "batch_rows": 150}
    predict_files("model.hermetic", "rows.parquet", "local.parquet", **wishes)
    predict_files("model.hermetic", "rows.parquet", "cluster.parquet", on=on, cluster=address, **wishes)
    assert Path("local.parquet").read_bytes() == Path("cluster.parquet").read_bytes()


def check_refused_row_is_named(on: str, address: str) -> None:
    FRAME.assign(size=np.where(FRAME["key"] == 1_700, np.inf, FRAME["size"])).to_parquet("rows.parquet")
    with pytest.raises(UsageError, match="infinity") as caught:
        predict_files("model.hermetic", "rows.parquet", "cluster.csv", on=on, cluster=address, batch_rows=150)
    assert caught.value.where == "rows.parquet, row 1701"


@DASK
@pytest.mark.usefixtures("_files")
def test_a_dask_cluster_writes_what_one_process_writes(dask_address: str):
    check_equal_to_one_process("dask", dask_address)


@DASK
@pytest.mark.usefixtures("_files")
def test_a_row_that_is_refused_on_a_dask_cluster_is_named(dask_address: str):
    check_refused_row_is_named("dask", dask_address)


@DASK
@pytest.mark.usefixtures("_files")
def test_the_model_is_loaded_once_by_each_worker_of_a_dask_cluster(dask_address: str):
    import distributed

    from hermetic.deploy.batch.asking import _loaded

    def counted(dask_worker: Any = None) -> int:
        return _loaded.cache_info().misses

    with distributed.Client(dask_address, set_as_default=False) as client:
        before = client.run(counted)
        hermetic.dump(LogisticRegression().fit(FRAME[["size"]], FRAME["city"]), "other.hermetic")
        predict_files("other.hermetic", "rows.parquet", "o.csv", on="dask", cluster=dask_address, batch_rows=50)
        after = client.run(counted)
    assert {after[worker] - before[worker] for worker in after} == {1}


@DASK
@pytest.mark.usefixtures("_files")
def test_the_address_of_a_dask_cluster_comes_from_its_configuration(dask_address: str):
    import dask

    with dask.config.set({"scheduler-address": dask_address}):
        check_equal_to_one_process("dask", None)


@DASK
@pytest.mark.usefixtures("_files")
def test_a_dask_cluster_that_nobody_names_is_refused():
    with pytest.raises(UsageError, match="no Dask cluster is named"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", on="dask")


@RAY
@pytest.mark.usefixtures("_files")
def test_a_ray_cluster_writes_what_one_process_writes(ray_address: str):
    check_equal_to_one_process("ray", ray_address)


@RAY
@pytest.mark.usefixtures("_files")
def test_a_row_that_is_refused_on_a_ray_cluster_is_named(ray_address: str):
    check_refused_row_is_named("ray", ray_address)


@RAY
@pytest.mark.usefixtures("_files")
def test_a_ray_cluster_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="no Ray cluster answers"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", on="ray", cluster="127.0.0.1:1")


@pytest.mark.parametrize("name", ["dask", "ray"])
@pytest.mark.usefixtures("_files")
def test_a_library_that_is_not_installed_is_named_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=f"{name} is not installed") as caught:
        predict_files("model.hermetic", "rows.parquet", "out.csv", on=name)
    assert caught.value.next_step == f"pip install 'hermetic[{name}]'"
