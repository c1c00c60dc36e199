"""A build context is written as a whole or not at all, and the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.deploy.containers import context
from hermetic.deploy.containers.containerfile import EPOCH, Image
from hermetic.deploy.containers.context import check_folder, image_of, target_in_container, write_context
from hermetic.deploy.containers.facts import ModelFacts, read_facts
from hermetic.deploy.environments.lock import lock_digest
from hermetic.deploy.environments.lock_reader import read_lock
from hermetic.errors import FileError, UsageError
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.lineage import LineageRecord, Parent
from hermetic.signing.files import sha256_of_file
from tests.deploy.environments.test_lock import LOCK
from tests.hostile_strings import HOSTILE_STRINGS

BASE = "localhost/python:3.11"


def save(path: Path, *digests: str) -> ModelFacts:
    parents = [Parent(digest=digest, how="rebuilt", written_by={}) for digest in digests]
    evidence = Evidence(lineage=LineageRecord(layout=1, parents=parents)) if parents else None
    hermetic.dump(LinearRegression(fit_intercept=False), path, evidence=evidence)
    return read_facts(path)


def image(facts: ModelFacts, **others: bool) -> Image:
    return image_of(facts, LOCK, base=BASE, is_serving=others.get("is_serving", True))


def bytes_of(folder: Path) -> dict[str, tuple[bytes, int, float]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        found[path.relative_to(folder).as_posix()] = (data, path.stat().st_mode, path.stat().st_mtime)
    return found


def test_a_context_has_everything_that_is_built_of(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    files = write_context(facts, LOCK, image(facts), tmp_path / "made")
    names = {name for name in files if not name.startswith("packages/")}
    assert names == {
        *(".dockerignore", "Containerfile", "README.md", "bom.json", "pylock.toml", "requirements.txt"),
        "model/churn.hermetic",
    }
    assert files["model/churn.hermetic"] == facts.sha256
    assert "packages/hermetic/deploy/serving/server.py" in files
    assert not [name for name in files if name.endswith(".pyc")]
    assert list(files) == sorted(files)
    assert all(sha256_of_file(tmp_path / "made" / name) == digest for name, digest in files.items())
    assert read_lock(tmp_path / "made" / "requirements.txt").wheels[0].sha256 == LOCK.wheels[0].sha256


def test_what_is_copied_is_not_ignored_and_all_else_is(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    write_context(facts, LOCK, image(facts), tmp_path / "made")
    ignored = (tmp_path / "made" / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY ([a-z][^/ ]*)", (tmp_path / "made" / "Containerfile").read_text(), re.M)
    assert ignored[0] == "*"
    assert {f"!{name}" for name in copied} | {"!Containerfile"} == {line for line in ignored if line.startswith("!")}


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
def test_the_same_input_gives_the_same_bytes_times_and_modes(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    write_context(facts, LOCK, image(facts), tmp_path / "one")
    old = os.umask(0o077)
    try:
        write_context(facts, LOCK, image(facts), tmp_path / "deep" / "two")
    finally:
        os.umask(old)
    one = bytes_of(tmp_path / "one")
    assert one == bytes_of(tmp_path / "deep" / "two")
    assert {entry[2] for entry in one.values()} == {EPOCH}
    assert (tmp_path / "deep" / "two").stat().st_mode & 0o777 == 0o755


def test_nothing_of_this_machine_stands_in_it(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    write_context(facts, LOCK, image(facts), tmp_path / "made")
    for path in (tmp_path / "made").iterdir():
        if path.is_file():
            assert str(tmp_path) not in path.read_text(), path.name


def test_labels_tell_the_model_and_what_it_was_made_from(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic", "a" * 64, 'x"\nRUN touch sprung', "b" * 64)
    labels = image(facts).labels
    assert labels["hermetic.model.sha256"] == sha256_of_file(tmp_path / "churn.hermetic")
    assert labels["hermetic.model.type"] == "sklearn.linear_model.LinearRegression"
    assert labels["hermetic.lock.sha256"] == lock_digest(LOCK)
    assert (labels["hermetic.model.parent.1"], labels["hermetic.model.parent.2"]) == ("a" * 64, "b" * 64)
    assert "hermetic.model.parent.3" not in labels


def test_a_lock_that_does_not_say_where_wheels_are_gives_no_pylock(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    lock = replace(LOCK, wheels=tuple(replace(wheel, url="") for wheel in LOCK.wheels))
    assert "pylock.toml" not in write_context(facts, lock, image(facts), tmp_path / "made")


@pytest.mark.parametrize("kind", ["file", "full folder", "link"])
def test_what_is_there_already_is_kept(kind: str, tmp_path: Path):
    place = tmp_path / "made"
    if kind == "file":
        place.write_text("own")
    elif kind == "link":
        (tmp_path / "other").mkdir()
        place.symlink_to(tmp_path / "other")
    else:
        place.mkdir()
        (place / "own").write_text("own")
    with pytest.raises(UsageError, match="something already"):
        check_folder(place)


def test_an_empty_folder_is_filled(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    (tmp_path / "made").mkdir()
    assert write_context(facts, LOCK, image(facts), tmp_path / "made")
    assert (tmp_path / "made" / "Containerfile").is_file()


def test_a_file_that_changes_meanwhile_leaves_nothing_behind(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    hermetic.dump(LinearRegression(), tmp_path / "churn.hermetic")
    with pytest.raises(UsageError, match="has changed since"):
        write_context(facts, LOCK, image(facts), tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["churn.hermetic"]


def test_the_page_says_how_to_build_and_start(tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic")
    write_context(facts, LOCK, image(facts), tmp_path / "one")
    write_context(facts, LOCK, image(facts, is_serving=False), tmp_path / "two")
    served, alone = ((tmp_path / name / "README.md").read_text() for name in ("one", "two"))
    assert f"docker build -f Containerfile -t churn:{facts.sha256[:12]} ." in served
    assert "-p 8080:8080" in served
    assert "-p 8080:8080" not in alone


@pytest.mark.parametrize(
    ("name", "expected"), [("a b", "a_b"), ("1+2", "1_2"), ("-x", "x"), ("é", "none"), ("$(id)", "id_")]
)
def test_any_name_of_a_file_is_one_that_addresses_can_have(name: str, expected: str, tmp_path: Path):
    assert save(tmp_path / f"{name}.hermetic").name == expected


def test_facts_are_read_without_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    facts = save(tmp_path / "churn.hermetic")
    assert facts.parameters["fit_intercept"] == "False"
    assert not facts.has_golden
    assert facts.parents == []
    (tmp_path / "broken.hermetic").write_bytes(b"nothing")
    with pytest.raises(FileError):
        read_facts(tmp_path / "broken.hermetic")


@pytest.mark.parametrize("which", [which for which in HOSTILE_STRINGS if which not in ("empty", "surrogate", "long")])
def test_hostile_lineage_reaches_neither_labels_nor_bill(which: str, tmp_path: Path):
    facts = save(tmp_path / "churn.hermetic", HOSTILE_STRINGS[which])
    assert facts.parents == []
    write_context(facts, LOCK, image(facts), tmp_path / "made")
    model = json.loads((tmp_path / "made" / "bom.json").read_text())["components"][0]
    assert "pedigree" not in model


@pytest.mark.parametrize(("here", "expected"), [("arm64", "aarch64"), ("AMD64", "x86_64"), ("riscv64", "riscv64")])
def test_wheels_are_for_linux_on_a_machine_like_this_one(here: str, expected: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "machine", lambda: here)
    target = context.target_in_container("3.12")
    assert (target.python, target.system, target.machine) == ("3.12", "Linux", expected)
    assert target_in_container is context.target_in_container
