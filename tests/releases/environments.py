"""Environments with one release of scikit-learn each, and the numpy, scipy and pandas of its time; made with uv.

They stand in the folder that HERMETIC_RELEASES names (``.releases`` without it). The installed release needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import sklearn

__all__ = ["FIRST", "FOLDER", "INSTALLED", "PINS", "environments", "make_environment", "run_in"]

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("HERMETIC_RELEASES", ROOT / ".releases")).absolute()
INSTALLED = ".".join(sklearn.__version__.split(".")[:2])
PINS = {
    "1.2": ("scikit-learn==1.2.2", "numpy==1.24.4", "scipy==1.10.1", "pandas==2.0.3", "pyarrow==15.0.2"),
    "1.3": ("scikit-learn==1.3.2", "numpy==1.26.4", "scipy==1.11.4", "pandas==2.1.4", "pyarrow==15.0.2"),
    "1.4": ("scikit-learn==1.4.2", "numpy==1.26.4", "scipy==1.13.1", "pandas==2.2.3", "pyarrow==17.0.0"),
    "1.5": ("scikit-learn==1.5.2", "numpy==2.0.2", "scipy==1.14.1", "pandas==2.3.3", "pyarrow==17.0.0"),
    "1.6": ("scikit-learn==1.6.1", "numpy==2.1.3", "scipy==1.15.3", "pandas==2.3.3", "pyarrow==19.0.1"),
    "1.7": ("scikit-learn==1.7.2", "numpy==2.2.6", "scipy==1.16.3", "pandas==2.3.3", "pyarrow==21.0.0"),
    "1.8": ("scikit-learn==1.8.0", "numpy==2.3.5", "scipy==1.17.1", "pandas==2.3.3", "pyarrow==22.0.0"),
    "1.9": ("scikit-learn==1.9.1", "numpy==2.4.6", "scipy==1.17.1", "pandas==2.3.3", "pyarrow==22.0.0"),
}
"""The last patch release of each."""
FIRST = {release: (f"scikit-learn=={release}.0", *pins[1:]) for release, pins in PINS.items()}
"""The first one."""
_TOOLS = ("click", "hypothesis", "isal", "lz4", "msgspec", "packaging", "pytest>=8", "rich")


def environments(kind: str = "sk") -> dict[str, Path]:
    """Give the Python of each release that there is one for, the oldest first.

    Parameters
    ----------
    kind : {"sk", "first-sk"}
        Which patch releases: the last ones, or the first ones.

    Returns
    -------
    dict of str to Path
        By release.

    Examples
    --------
    >>> environments()[INSTALLED] == Path(sys.executable)
    True
    """
    found = {release: FOLDER / f"{kind}{release}" / "bin" / "python" for release in PINS}
    if kind == "sk":
        found[INSTALLED] = Path(sys.executable)
    return {release: python for release, python in found.items() if python.exists()}


def make_environment(release: str, pins: tuple[str, ...], kind: str = "sk") -> None:
    """Make the environment of one release.

    Parameters
    ----------
    release : str
        Such as ``1.2``.
    pins : tuple of str
        What it is to hold besides the tools of the tests.
    kind : {"sk", "first-sk"}
        As in `environments`.
    """
    uv = shutil.which("uv", path=os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)]))
    if uv is None:
        raise SystemExit("make test-releases needs uv: pip install uv")
    folder = FOLDER / f"{kind}{release}"
    subprocess.run([uv, "venv", "--quiet", "--python", "3.11", str(folder)], check=True)
    target = ["--python", str(folder / "bin" / "python"), "--only-binary", ":all:"]
    subprocess.run([uv, "pip", "install", "--quiet", *target, *pins, *_TOOLS], check=True)


def run_in(python: Path, module: str, *arguments: str, settings: Mapping[str, str] | None = None) -> str:
    """Run a module of the tests in an environment; give what it prints.

    Parameters
    ----------
    python : Path
        Of the environment.
    module : str
        Such as ``tests.releases.write``.
    *arguments : str
        For the module.
    settings : mapping of str to str, optional
        Further variables of its environment.

    Returns
    -------
    str
        The output.
    """
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [str(python), "-W", "ignore", "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **paths, **(settings or {})},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed in {python}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout
