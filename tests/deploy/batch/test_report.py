"""The report of predictions counts rows, and is JSON that others read."""

from __future__ import annotations

import json

import pytest

from hermetic.deploy.batch.report import PredictedFile, PredictionReport


def _file(name: str, n_rows: int, n_rows_before: int = 0) -> PredictedFile:
    return PredictedFile(
        source=name, target=f"{name}.out", n_rows=n_rows, n_rows_before=n_rows_before, columns=("prediction",)
    )


def _report(*files: PredictedFile) -> PredictionReport:
    return PredictionReport(
        model="model.hermetic", sha256="ab" * 32, method="predict", batch_rows=100, seconds=0.5, files=files
    )


@pytest.mark.parametrize(("counts", "total"), [([], 0), ([0], 0), ([5, 0, 7], 12), ([2**40, 1], 2**40 + 1)])
def test_the_rows_of_all_files_are_counted(counts: list[int], total: int):
    assert _report(*(_file("rows.csv", count) for count in counts)).n_rows == total


def test_rows_of_an_earlier_run_are_rows():
    assert _report(_file("rows.csv", 10, n_rows_before=7)).n_rows == 10


@pytest.mark.parametrize("name", ["rows.csv", "with spaces.csv", "grün.csv", 'quo"te.csv', "C:\\rows.csv", "a\nb.csv"])
def test_the_json_says_everything_of_a_file_of_any_name(name: str):
    found = json.loads(_report(_file(name, 3, 1)).to_json())
    assert found == {
        "ok": True,
        "n_rows": 3,
        "model": "model.hermetic",
        "sha256": "ab" * 32,
        "method": "predict",
        "batch_rows": 100,
        "seconds": 0.5,
        "files": [
            {"source": name, "target": f"{name}.out", "n_rows": 3, "n_rows_before": 1, "columns": ["prediction"]}
        ],
    }


def test_files_stand_in_the_order_in_which_they_were_read():
    found = json.loads(_report(_file("b", 1), _file("a", 2)).to_json())
    assert [(own["source"], own["n_rows"]) for own in found["files"]] == [("b", 1), ("a", 2)]
