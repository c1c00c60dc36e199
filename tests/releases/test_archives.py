"""What each release has once written is read for ever: forty models of every release, in archives that never change."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.releases.archive import MODELS, unpack, write_archive
from tests.releases.read import read_models
from tests.releases.write import write_models

ARCHIVES = sorted((Path(__file__).parents[1] / "archives").glob("scikit-learn-*.zip"))


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_every_archived_model_answers_as_in_the_release_that_wrote_it(archive: Path, tmp_path: Path):
    found = read_models(unpack(archive, tmp_path), [])
    assert set(found) == set(MODELS)
    assert {name: words for name, (verdict, words) in found.items() if verdict not in ("equal", "close")} == {}


def test_there_is_an_archive_of_every_release():
    assert [path.stem for path in ARCHIVES] == [f"scikit-learn-1.{minor}" for minor in range(2, 10)]
    for path in ARCHIVES:
        with zipfile.ZipFile(path) as archive:
            written = json.loads(archive.read("index.json"))
        assert path.stem.endswith(".".join(written["scikit-learn"].split(".")[:2]))
        assert len(written["models"]) == len(MODELS) == 40


def test_an_archive_gives_back_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.releases.archive.MODELS", ("Ridge-fitted",))
    write_models(tmp_path / "written", ["Ridge-fitted", "Lasso-fitted"])
    write_archive(tmp_path / "written", tmp_path / "own.zip")
    folder = unpack(tmp_path / "own.zip", tmp_path / "again")
    assert {path.name for path in folder.iterdir()} == {"index.json", "Ridge-fitted.hermetic", "Ridge-fitted.answers"}
    assert read_models(folder, [])["Ridge-fitted"][0] == "equal"


def test_an_archive_is_never_made_again(tmp_path: Path):
    target = tmp_path / "own.zip"
    target.write_bytes(b"")
    (tmp_path / "index.json").write_text(json.dumps({"models": dict.fromkeys(MODELS, "written")}))
    with pytest.raises(FileExistsError):
        write_archive(tmp_path, target)
