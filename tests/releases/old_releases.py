"""Releases that hermetic does not run with: their environments, and how their pickles fare in the installed one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.releases.environments import FOLDER
from tests.releases.forgiving import zoo_of_this_release
from tests.releases.read_old import read_old_models
from tests.releases.recipes import write_recipes

__all__ = ["OLD_PINS", "make_old_environment", "measure_old"]

OLD_PINS = {
    "0.17": ("2.7", "scikit-learn==0.17.1", "numpy==1.11.3", "scipy==0.17.1"),
    "0.18": ("3.6", "scikit-learn==0.18.2", "numpy==1.12.1", "scipy==0.19.1"),
    "0.19": ("3.6", "scikit-learn==0.19.2", "numpy==1.14.6", "scipy==1.1.0"),
    "0.20": ("3.6", "scikit-learn==0.20.4", "numpy==1.14.6", "scipy==1.1.0", "pandas==0.24.2"),
    "0.21": ("3.7", "scikit-learn==0.21.3", "numpy==1.17.5", "scipy==1.3.3", "pandas==0.25.3"),
    "0.22": ("3.8", "scikit-learn==0.22.2.post1", "numpy==1.18.5", "scipy==1.4.1", "pandas==1.0.5"),
    "0.23": ("3.8", "scikit-learn==0.23.2", "numpy==1.19.5", "scipy==1.5.4", "pandas==1.0.5"),
    "0.24": ("3.9", "scikit-learn==0.24.2", "numpy==1.22.4", "scipy==1.7.3", "pandas==1.3.5"),
    "1.0": ("3.9", "scikit-learn==1.0.2", "numpy==1.22.4", "scipy==1.7.3", "pandas==1.3.5"),
    "1.1": ("3.9", "scikit-learn==1.1.3", "numpy==1.23.5", "scipy==1.9.3", "pandas==1.5.3"),
}
"""Releases that hermetic does not run with: the Python that makes their pickles, and what it needs."""


def make_old_environment(release: str) -> str:
    """Make the environment of a release before 1.2 with its own Python and pip; give why there is none, or nothing."""
    python, *packages = OLD_PINS[release]
    folder = FOLDER / f"sk{release}"
    interpreter = shutil.which(f"python{python}")
    if interpreter is None:
        return f"no python{python} on this machine"
    module = "virtualenv" if python.startswith("2") else "venv"
    for command in (
        [interpreter, "-m", module, str(folder)],
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--only-binary=:all:", *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            return done.stderr.strip()[-200:]
    return ""


def measure_old(release: str, *parts: str) -> dict[str, list[str]] | str:
    """Make the pickles of a release before 1.2, load them in the installed one; give how each ended, or why none did.

    Pickles that are there already are not made again.
    """
    python = FOLDER / f"sk{release}" / "bin" / "python"
    problem = "" if python.exists() else make_old_environment(release)
    if problem:
        return problem
    models = FOLDER / "models" / release
    models.mkdir(parents=True, exist_ok=True)
    recipes = models / "recipes.json"
    recipes.write_text(write_recipes(zoo_of_this_release()), encoding="utf-8")
    if not (models / "index.json").exists():
        script = Path(__file__).with_name("write_old.py")
        subprocess.run([str(python), str(script), str(recipes), str(models)], check=True, capture_output=True)
    listed = {recipe["name"]: recipe for recipe in json.loads(recipes.read_text(encoding="utf-8"))}
    return read_old_models(models, listed, list(parts))
