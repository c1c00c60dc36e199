"""Building an image from a context with the program that is installed; the lock was approved before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from hermetic.deploy.containers.containerfile import EPOCH
from hermetic.errors import UsageError

__all__ = ["BUILDERS", "build_image", "find_builder", "image_tag"]

BUILDERS = ("docker", "podman", "buildah")
_STDERR = 2


def image_tag(name: str, sha256: str) -> str:
    """Give what an image is called: the model's name, and the beginning of the digest of its file.

    Examples
    --------
    >>> image_tag("Churn_v2", "ab12" * 16)
    'churn-v2:ab12ab12ab12'
    """
    return f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'model'}:{sha256[:12]}"


def find_builder(name: str) -> str:
    """Give the path of a program that builds images.

    Raises
    ------
    UsageError
        When it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        others = [other for other in BUILDERS if shutil.which(other)]
        instead = f"Installed is {', '.join(others)}." if others else "Install it, or build the folder elsewhere."
        raise UsageError(f"{name} is not installed", next_step=instead)
    return found


def build_image(builder: str, folder: str | os.PathLike[str], tag: str) -> bool:
    """Build an image, and show what the program says.

    Parameters
    ----------
    builder : str
        Path of docker, podman or buildah.
    folder : path
        The build context.
    tag : str
        What the image is called.

    Returns
    -------
    bool
        Whether it was built, and the model answered as recorded in it.
    """
    place = os.path.abspath(folder)
    name = os.path.splitext(os.path.basename(builder))[0]
    # The format of OCI has no health checks.
    own = (
        ("--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}")
        if name == "docker"
        else ("--format", "docker", "--timestamp", f"{EPOCH}")
    )
    command = [builder, "build", "--file", os.path.join(place, "Containerfile"), *own, "--tag", tag, place]
    # Output is for people: what hermetic prints stays JSON where JSON was asked for.
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=_STDERR, check=False).returncode == 0
