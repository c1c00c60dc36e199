"""The recipe "Add a type" of CONTRIBUTING.md works to the letter, in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hermetic

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPE = PAGE.partition("## Add a type")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```python\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)
PATHS = re.findall(r"^`([^`]+\.py)`:$", RECIPE, re.MULTILINE)
CODEC, ENTRY, TEST = BLOCKS


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives a checkout in which somebody has followed the recipe."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(Path(hermetic.__file__).parent, checkout / "src/hermetic", ignore=shutil.ignore_patterns("*.pyc"))
    for path, content in zip(PATHS, (CODEC, TEST), strict=True):
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_text(content, encoding="utf-8")
    registry = checkout / "src/hermetic/codecs/registry.py"
    statement, entry = ENTRY.split("\n\n")
    text = registry.read_text(encoding="utf-8")
    text = text.replace("\nfrom hermetic.codecs.codec import", f"\n{statement}\nfrom hermetic.codecs.codec import", 1)
    text = re.sub(r"(^CODECS: .* = \(\n)", rf"\1{entry}", text, count=1, flags=re.MULTILINE)
    registry.write_text(text, encoding="utf-8")
    return checkout


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def test_the_tests_of_the_recipe_pass_in_a_checkout_that_follows_it(followed: Path):
    done = run(followed, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", PATHS[1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_the_new_type_is_listed_as_supported(followed: Path):
    done = run(followed, "-m", "hermetic", "support", "NormalDist")
    assert done.returncode == 0
    assert "hermetic.codecs.normal_distributions.NormalDistributionCodec" in done.stdout


def test_the_registry_imports_the_library_of_no_codec(followed: Path):
    script = "import hermetic.codecs.registry, sys; print('statistics' in sys.modules, 'numpy' in sys.modules)"
    assert run(followed, "-c", script).stdout.split() == ["False", "False"]


def test_without_the_recipe_the_type_needs_trust(followed: Path, tmp_path: Path):
    file = tmp_path / "model.hermetic"
    script = f"import statistics, hermetic; hermetic.dump(statistics.NormalDist(), {str(file)!r})"
    assert run(followed, "-c", script).returncode == 0
    [name] = hermetic.inspect(file).names
    assert (name.name, name.is_known) == ("statistics.NormalDist", False)


def test_the_page_shows_three_blocks_for_three_steps():
    assert [path.rpartition("/")[0] for path in PATHS] == ["src/hermetic/codecs", "tests/codecs"]
    assert Path(PATHS[1]).name == f"test_{Path(PATHS[0]).name}"
    assert "\n\n" in ENTRY
