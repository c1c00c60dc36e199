"""The report of a prediction: sums, and JSON of any path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hermetic.deploy.batch.report import PredictedFile, PredictionReport


def report(*sizes: int, **changes: Any) -> PredictionReport:
    files = tuple(
        PredictedFile(source=f"{n}.csv", target=f"out/{n}.csv", n_rows=size, n_rows_before=0, columns=("prediction",))
        for n, size in enumerate(sizes)
    )
    content = {"model": "m.hermetic", "sha256": "0" * 64, "method": "predict", "batch_rows": 10, "seconds": 0.5}
    return PredictionReport(**{**content, "files": files, **changes})


@pytest.mark.parametrize(("sizes", "n_rows"), [((), 0), ((0,), 0), ((3, 0, 4), 7)], ids=str)
def test_the_rows_of_all_files_are_added_up(sizes: tuple[int, ...], n_rows: int):
    assert report(*sizes).n_rows == n_rows
    assert json.loads(report(*sizes).to_json())["n_rows"] == n_rows


def test_json_says_everything():
    content = json.loads(report(3).to_json())
    assert content["ok"] is True
    assert content["files"] == [
        {"source": "0.csv", "target": "out/0.csv", "n_rows": 3, "n_rows_before": 0, "columns": ["prediction"]}
    ]
    assert {"model", "sha256", "method", "batch_rows", "seconds"} < set(content)


@pytest.mark.parametrize("path", ["a\udcff.hermetic", "\x1b[2J", 'a"b', "a\u202eb", "a\nb"], ids=ascii)
def test_a_path_of_any_characters_is_one_line_of_ascii(path: str):
    text = report(model=path).to_json()
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["model"] == path
