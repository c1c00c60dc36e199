"""A newcomer's commands are all explained, and the page that names them stays short."""

from __future__ import annotations

import os
import re

import pytest

from tests.structure.source_files import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_says_what_it_does(target: str):
    assert re.search(rf"^{target}:.*## \S", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_the_documentation_exists(page: str):
    named = set(re.findall(r"\bmake ([a-z-]+) +#", (ROOT / page).read_text(encoding="utf-8")))
    assert named <= set(TARGETS)
    assert "test" in named


def test_the_first_page_has_less_than_150_lines():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
def test_the_whole_check_can_be_run():
    assert os.access(ROOT / ".ci/run", os.X_OK)
