"""Every model of the zoo from every release of scikit-learn to every other: ``make versions``.

Each release has an environment of its own in the folder that HERMETIC_RELEASES names (``.releases`` without it); those
that are missing are made with uv. The installed release needs none. What is written and read stays there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import sklearn

from tests.releases.forgiving import zoo_of_this_release
from tests.releases.read_old import read_old_models
from tests.releases.recipes import write_recipes

__all__ = ["environments", "measure_old", "read", "summary", "write"]

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("HERMETIC_RELEASES", ROOT / ".releases")).absolute()
INSTALLED = ".".join(sklearn.__version__.split(".")[:2])
PINS = {
    "1.2": ("scikit-learn==1.2.2", "numpy==1.24.4", "scipy==1.10.1", "pandas==2.0.3"),
    "1.3": ("scikit-learn==1.3.2", "numpy==1.26.4", "scipy==1.11.4", "pandas==2.1.4"),
    "1.4": ("scikit-learn==1.4.2", "numpy==1.26.4", "scipy==1.13.1", "pandas==2.2.3"),
    "1.5": ("scikit-learn==1.5.2", "numpy==2.0.2", "scipy==1.14.1", "pandas==2.3.3"),
    "1.6": ("scikit-learn==1.6.1", "numpy==2.1.3", "scipy==1.15.3", "pandas==2.3.3"),
    "1.7": ("scikit-learn==1.7.2", "numpy==2.2.6", "scipy==1.16.3", "pandas==2.3.3"),
    "1.8": ("scikit-learn==1.8.0", "numpy==2.3.5", "scipy==1.17.1", "pandas==2.3.3"),
    "1.9": ("scikit-learn==1.9.1", "numpy==2.4.6", "scipy==1.17.1", "pandas==2.3.3"),
}
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
TOOLS = ("click", "hypothesis", "isal", "msgspec", "pytest>=8", "rich")
GOOD = ("equal", "close", "refused")


def environments() -> dict[str, Path]:
    """Give the Python of each release that there is one for, the oldest first.

    Examples
    --------
    >>> environments()[INSTALLED] == Path(sys.executable)
    True
    """
    found = {release: FOLDER / f"sk{release}" / "bin" / "python" for release in PINS}
    found[INSTALLED] = Path(sys.executable)
    return {release: python for release, python in found.items() if python.exists()}


def make_environment(release: str) -> None:
    """Make the environment of one release."""
    uv = shutil.which("uv", path=os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)]))
    if uv is None:
        raise SystemExit("make versions needs uv: pip install uv")
    folder = FOLDER / f"sk{release}"
    subprocess.run([uv, "venv", "--quiet", "--python", "3.11", str(folder)], check=True)
    target = ["--python", str(folder / "bin" / "python"), "--only-binary", ":all:"]
    subprocess.run([uv, "pip", "install", "--quiet", *target, *PINS[release], *TOOLS], check=True)


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


def measure_old(release: str, *parts: str) -> str:
    """Make the pickles of a release before 1.2, load them in the installed one; give the counts, or why there are none.

    Pickles that are there already are not made again.
    """
    python = FOLDER / f"sk{release}" / "bin" / "python"
    problem = "" if python.exists() else make_old_environment(release)
    if problem:
        return f"skipped: {problem}"
    models = FOLDER / "models" / release
    models.mkdir(parents=True, exist_ok=True)
    recipes = models / "recipes.json"
    recipes.write_text(write_recipes(zoo_of_this_release()), encoding="utf-8")
    if not (models / "index.json").exists():
        script = Path(__file__).with_name("write_old.py")
        subprocess.run([str(python), str(script), str(recipes), str(models)], check=True, capture_output=True)
    listed = {recipe["name"]: recipe for recipe in json.loads(recipes.read_text(encoding="utf-8"))}
    found = read_old_models(models, listed, list(parts))
    lines = [f"  {verdict} {name}: {words}" for name, (verdict, words) in found.items() if verdict not in GOOD]
    return "\n".join([summary(found), *lines])


def write(release: str, *parts: str) -> Path:
    """Write the models of one release, those whose name contains one of `parts` or all; give their folder."""
    models = FOLDER / "models" / release
    _run(release, "tests.releases.write", str(models), *parts)
    return models


def read(release: str, models: Path, *parts: str) -> dict[str, list[str]]:
    """Read models with one release; give how each has ended, and why."""
    report = FOLDER / f"{models.name}-{release}.json"
    _run(release, "tests.releases.read", str(models), str(report), *parts)
    found: dict[str, list[str]] = json.loads(report.read_text())
    return found


def _run(release: str, module: str, *arguments: str) -> None:
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    command = [str(environments()[release]), "-W", "ignore", "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **paths}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{module} failed with scikit-learn {release}:\n{done.stderr[-3000:]}")


def summary(found: dict[str, list[str]]) -> str:
    """Give the counts of one pair in one line.

    Examples
    --------
    >>> summary({"a": ["equal", ""], "b": ["refused", "why"]})
    '1 of 2; 1 refused'
    """
    counts = Counter(verdict for verdict, _ in found.values())
    loaded = counts.pop("equal", 0) + counts.pop("close", 0)
    others = [f"{count} {verdict}" for verdict, count in sorted(counts.items())]
    return "; ".join([f"{loaded} of {len(found)}", *others])


def main(parts: list[str]) -> int:
    """Run everything, print the matrix and whatever is not as it should be; give the exit code."""
    for release in PINS:
        if release not in environments():
            make_environment(release)
    folders = {release: write(release, *parts) for release in environments()}
    is_wrong = False
    for source, models in folders.items():
        for target in environments():
            found = read(target, models, *parts)
            print(f"{source} -> {target}: {summary(found)}", flush=True)
            for name, (verdict, words) in found.items():
                if verdict not in GOOD:
                    is_wrong = True
                    print(f"  {verdict} {name}: {words}")
    for release in OLD_PINS:
        print(f"{release} -> {INSTALLED}: {measure_old(release, *parts)}", flush=True)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
