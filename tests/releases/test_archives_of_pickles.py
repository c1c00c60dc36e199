"""Pickles of old releases, made once by `write_old.py` and never again, load and answer as they did there.

One archive for each release: pickles of protocol 2, the arrays of their answers, and what they were asked about.
"""

from __future__ import annotations

import functools
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

import hermetic
from tests.releases import archived_before_0_22, archived_since_0_22
from tests.releases.answers import answers_of
from tests.releases.read import judge, trouble_of
from tests.releases.read_old import comparable, read_old_answers
from tests.releases.recipes import made_of
from tests.zoo.seeded import seeded

ARCHIVES = Path(__file__).parent / "archives"
CASES = {**archived_before_0_22.CASES, **archived_since_0_22.CASES}


@functools.cache
def _archive(release: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    with tarfile.open(ARCHIVES / f"{release}.tar.xz") as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    return members, json.loads(members["index.json"])


@pytest.mark.parametrize(("release", "name"), [(release, name) for release in CASES for name in CASES[release]])
def test_a_pickle_of_an_old_release_answers_as_it_did(release: str, name: str):
    archive, index = _archive(release)
    member = re.sub("[^A-Za-z0-9_=.,-]", "_", name)
    before = read_old_answers(index["models"][name]["answers"], io.BytesIO(archive[f"{member}.npz"]))
    inputs = {key: made_of(index["inputs"][number]) for key, number in index["models"][name]["inputs"].items()}
    with seeded(0):
        model = hermetic.loads(archive[f"{member}.pkl"])
        after = answers_of(model, inputs)
    verdict, words = judge(*comparable(before, after, model), name, inputs)
    assert verdict in ("equal", "close"), words
    assert not trouble_of(model)


@pytest.mark.parametrize("release", CASES)
def test_an_archive_holds_what_is_listed(release: str):
    _, index = _archive(release)
    assert sorted(index["models"]) == CASES[release]
