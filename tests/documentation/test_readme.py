"""The first page says nothing that does not run: its code, its commands, its extras, its exit statuses."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.main import COMMANDS
from hermetic.cli.main import hermetic as hermetic_command
from tests.structure.source_files import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BLOCKS = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
EXTRAS = PROJECT["optional-dependencies"]


def blocks(language: str) -> list[str]:
    return [re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, kind, text in BLOCKS if kind == language]


def test_the_python_of_the_page_runs_in_the_order_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    X = [[float(row)] for row in range(12)]
    y = [1.0 + 2.0 * row for row in range(12)]
    model = LinearRegression().fit(X, y)
    names: dict[str, object] = {"model": model, "X": X, "y": y}
    for text in blocks("python"):
        exec(compile(text, "README.md", "exec"), names)
    assert names["model"].coef_.tobytes() == model.coef_.tobytes()
    assert names["model"] is not model
    assert len(blocks("python")) >= 2


def test_the_commands_of_the_page_are_understood():
    lines = [line for language in ("sh", "") for text in blocks(language) for line in text.splitlines()]
    commands = [line.split() for line in lines if line.startswith("hermetic ")]
    assert commands
    for _, name, *_ in commands:
        if name != "--help":
            assert name in COMMANDS
        assert CliRunner().invoke(hermetic_command, [name, "--help"][: 1 + (name != "--help")]).exit_code == 0


def test_the_exit_statuses_of_the_page_are_those_of_the_code():
    [line] = [line for line in README.splitlines() if line.startswith("Exit status:")]
    assert {int(number) for number in re.findall(r"\b(\d)\b", line)} == {int(code) for code in ExitCode}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lists_exactly_the_documented_targets():
    done = subprocess.run(["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^ +make ([a-z-]+) ", done.stdout, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert listed == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", "\n".join(blocks("sh")))) <= listed


def test_every_extra_that_is_named_anywhere_exists():
    texts = [README, *(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))]
    named = re.findall(r"(?:hermetic|\.)\[([a-z, ]+)\]['\"`]", "\n".join(texts))
    assert named
    assert {extra.strip() for group in named for extra in group.split(",")} <= EXTRAS.keys()


def test_the_extra_of_all_extras_names_no_missing_one():
    [everything] = [text for text in EXTRAS["dev"] if text.startswith("hermetic[")]
    assert set(everything.removeprefix("hermetic[").removesuffix("]").split(",")) <= EXTRAS.keys()


def test_a_missing_compression_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch):
    for name in ("backports", "compression"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(hermetic.HermeticError) as refused:
        hermetic.dumps([1], "zstd")
    assert 'pip install "hermetic[zstd]"' in str(refused.value)
