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

__all__ = ["environments", "read", "summary", "write"]

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
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
