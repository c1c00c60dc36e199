"""The build context: every file of it, written as a whole or not at all, the same bytes for the same input."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path

from hermetic.deploy.containers.bill import bill_text
from hermetic.deploy.containers.building import image_tag
from hermetic.deploy.containers.containerfile import EPOCH, PORT, Image, containerfile_text
from hermetic.deploy.containers.facts import ModelFacts
from hermetic.deploy.environments.lock import Lock, lock_digest, pylock_text, requirements_text
from hermetic.deploy.environments.own_package import copy_package
from hermetic.deploy.environments.pins import Target
from hermetic.errors import UsageError
from hermetic.signing.files import sha256_of_file

__all__ = ["check_folder", "image_of", "target_in_container", "write_context"]

_MACHINES = {"AMD64": "x86_64", "arm64": "aarch64", "ARM64": "aarch64"}
_SHOWN = ("scikit-learn", "numpy")
_MOST_PARENTS = 20
_IGNORED = "*\n!Containerfile\n!requirements.txt\n!packages\n!model\n**/__pycache__\n"


def target_in_container(python: str) -> Target:
    """Give what wheels in a container are for: Linux, on a machine like this one, whatever system this is.

    Examples
    --------
    >>> target_in_container("3.12").system
    'Linux'
    """
    machine = platform.machine()
    return Target(python=python, system="Linux", machine=_MACHINES.get(machine, machine))


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder with something in it.

    Raises
    ------
    UsageError
        When it is there, and not empty.
    """
    place = Path(folder)
    if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
        raise UsageError(
            "there is something already", where=str(folder), next_step="Name a folder that does not exist."
        )


def image_of(facts: ModelFacts, lock: Lock, *, base: str, is_serving: bool) -> Image:
    """Give what the image of a model is made of, with its labels.

    Parameters
    ----------
    facts : ModelFacts
        Of the model.
    lock : Lock
        Of the wheels.
    base : str
        The image below.
    is_serving : bool
        Whether it serves.

    Returns
    -------
    Image
        For `containerfile_text`.
    """
    labels = {
        "hermetic.lock.sha256": lock_digest(lock),
        "hermetic.model.sha256": facts.sha256,
        "hermetic.model.type": facts.type,
        "hermetic.python": lock.target.python,
        "org.opencontainers.image.title": facts.name,
        "org.opencontainers.image.version": facts.sha256[:12],
    }
    labels |= {f"hermetic.{wheel.name}": wheel.version for wheel in lock.wheels if wheel.name in _SHOWN}
    parents = facts.parents[:_MOST_PARENTS]
    labels |= {f"hermetic.model.parent.{number}": digest for number, digest in enumerate(parents, 1)}
    return Image(base=base, python=lock.target.python, name=facts.name, labels=labels, is_serving=is_serving)


def write_context(facts: ModelFacts, lock: Lock, image: Image, folder: str | os.PathLike[str]) -> dict[str, str]:
    """Write a build context.

    Parameters
    ----------
    facts : ModelFacts
        Of the model; its file is copied.
    lock : Lock
        Approved.
    image : Image
        Of `image_of`.
    folder : path
        Must not exist, or be empty.

    Returns
    -------
    dict of str to str
        Hexadecimal SHA-256 of each file, by its path in the folder.

    Raises
    ------
    UsageError
        When there is something already, or the file has changed; nothing is left behind then.
    """
    check_folder(folder)
    place = Path(os.path.abspath(folder))
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name[:50]}.", dir=place.parent))
    try:
        _fill(beside, facts, lock, image)
        digests = _settle(beside)
        if place.exists():
            place.rmdir()
        beside.rename(place)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return digests


def _fill(place: Path, facts: ModelFacts, lock: Lock, image: Image) -> None:
    texts = {
        ".dockerignore": _IGNORED,
        "Containerfile": containerfile_text(image),
        "README.md": _readme(facts, lock, image),
        "bom.json": bill_text(facts, lock, image.base),
        "requirements.txt": requirements_text(lock),
    }
    if all(wheel.url for wheel in lock.wheels):
        texts["pylock.toml"] = pylock_text(lock)
    for name, text in texts.items():
        (place / name).write_bytes(text.encode())
    (place / "packages").mkdir()
    copy_package(place / "packages")
    (place / "model").mkdir()
    model = place / "model" / f"{facts.name}.hermetic"
    shutil.copyfile(facts.path, model)
    if sha256_of_file(model) != facts.sha256:
        raise UsageError("the file has changed since it was looked at", where=facts.path, next_step="Try again.")


def _settle(place: Path) -> dict[str, str]:
    """Give every file and folder the same time and mode, whoever has made them; builders keep both."""
    digests = {}
    for path in sorted(place.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))
        if path.is_file():
            digests[path.relative_to(place).as_posix()] = sha256_of_file(path)
    place.chmod(0o755)
    os.utime(place, (EPOCH, EPOCH))
    return dict(sorted(digests.items()))


def _readme(facts: ModelFacts, lock: Lock, image: Image) -> str:
    tag = image_tag(facts.name, facts.sha256)
    started = f"docker run --read-only --cap-drop ALL -p {PORT}:{PORT} {tag}"
    lines = [
        f"# {facts.name}",
        "",
        f"The model with SHA-256 {facts.sha256} as a container, made by hermetic.",
        "",
        "```sh",
        f"docker build -f Containerfile -t {tag} .",
        started if image.is_serving else f"docker run --read-only --cap-drop ALL {tag}",
        "```",
        "",
        f"- `requirements.txt`: the {len(lock.wheels)} wheels that are installed, by SHA-256. "
        f"Approved was the list {lock_digest(lock)}.",
        "- `model/`: the model. The build fails where it does not answer as recorded.",
        "- `packages/`: hermetic itself.",
        "- `bom.json`: the bill of materials, CycloneDX 1.6.",
        f"- The base is {image.base}. Pin it by its digest: a name may mean another image tomorrow.",
        "",
    ]
    return "\n".join(lines)
