"""A folder for each architecture with Debian's Python and scikit-learn in it, and running modules of ours there.

Packages are downloaded by apt for the foreign architecture and unpacked; none of their scripts runs, which Python does
not need. A foreign Python runs under the static qemu, called by name: the machine's own table of binary formats stays
as it is. What is made stays in the folder that HERMETIC_ARCHITECTURES names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ARCHITECTURES", "FOLDER", "INSIDE", "Architecture", "make_root", "run_inside", "why_not"]

SOURCES = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("HERMETIC_ARCHITECTURES", Path.home() / ".cache" / "hermetic-architectures")).absolute()
INSIDE = "/exchange"
"""Where ``FOLDER / "exchange"`` stands in every root."""

RELEASE = "bookworm"
MIRROR = os.environ.get("HERMETIC_DEBIAN_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = ("base-files", "libblas3", "liblapack3", "python3-click", "python3-joblib", "python3-pandas", "python3-rich")
PINS = {"sklearn": "1.2.1", "numpy": "1.24.2", "scipy": "1.10.1", "pandas": "1.5.3"}
"""What Debian 12 has; the predictions are compared between equal releases."""

PURE_WHEELS = (
    *("hypothesis==6.140.0", "sortedcontainers==2.4.0", "attrs==25.3.0"),
    *("pytest==8.4.2", "pluggy==1.6.0", "iniconfig==2.1.0", "packaging==25.0"),
)
COMPILED_WHEELS = ("isal==1.7.2", "msgspec==0.19.0")
LINKED_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
TOOLS = ("apt-get", "chroot", "dpkg-deb", "mount", "tar", "unshare")


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What Debian, the linker, the wheels and qemu call an architecture.

    Attributes
    ----------
    name : str
        In Debian.
    triplet : str
        Of its folder of libraries.
    wheels : str
        Platform of the wheels of isal and msgspec; empty where there are none.
    emulator : str
        What runs its programs; empty where this machine does.
    """

    name: str
    triplet: str
    wheels: str = ""
    emulator: str = ""

    @property
    def root(self) -> Path:
        """Where it stands."""
        return FOLDER / self.name / "root"


ARCHITECTURES = {
    one.name: one
    for one in (
        Architecture(name="amd64", triplet="x86_64-linux-gnu", wheels="manylinux2014_x86_64"),
        Architecture(name="i386", triplet="i386-linux-gnu"),
        Architecture(
            name="arm64",
            triplet="aarch64-linux-gnu",
            wheels="manylinux2014_aarch64",
            emulator="qemu-aarch64-static",
        ),
        Architecture(name="s390x", triplet="s390x-linux-gnu", emulator="qemu-s390x-static"),
    )
}


def why_not() -> str:
    """Say why models cannot be exchanged on this machine; nothing when they can.

    Examples
    --------
    >>> isinstance(why_not(), str)
    True
    """
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        return f"programs of amd64 and i386 run on Linux on x86-64, this is {sys.platform}"
    if os.geteuid():
        return "only root may change the root folder of a process"
    emulators = [one.emulator for one in ARCHITECTURES.values() if one.emulator]
    missing = [tool for tool in (*TOOLS, *emulators) if shutil.which(tool) is None]
    if missing:
        return f"there is no {', '.join(missing)} (Debian: apt install apt dpkg util-linux qemu-user-static)"
    if not Path(KEYRING).exists():
        return f"there is no {KEYRING} (Debian: apt install debian-archive-keyring)"
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True)
    return f"mounting is forbidden: {done.stderr.strip()}" if done.returncode else ""


def make_root(architecture: Architecture) -> None:
    """Make the root of an architecture, unless it stands; needs Debian's mirror and an index of Python packages."""
    stamp = FOLDER / architecture.name / "made"
    if stamp.exists():
        return
    folder = stamp.parent
    shutil.rmtree(architecture.root, ignore_errors=True)
    _download(architecture, folder / "apt")
    _unpack(architecture, sorted((folder / "apt" / "cache" / "archives").glob("*.deb")))
    _add_wheels(architecture, folder / "wheels")
    expected = "".join(f"{name} {version}\n" for name, version in PINS.items())
    script = "import importlib\nfor name in {names}: print(name, importlib.import_module(name).__version__)"
    found = _run(architecture, ["-c", script.format(names=list(PINS))])
    if found != expected:
        raise SystemExit(f"Debian's {RELEASE} for {architecture.name} has\n{found}expected:\n{expected}")
    stamp.touch()


def _download(architecture: Architecture, apt: Path) -> None:
    for part in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    (apt / "etc" / "sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {RELEASE} main\n")
    options = {
        "APT::Architecture": architecture.name,
        "APT::Architectures::": architecture.name,
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Dir::Cache": apt / "cache",
        "Dir::Etc": apt / "etc",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
    }
    command = ["apt-get", "-qq", "-y", *(f"-o{name}={value}" for name, value in options.items())]
    _call([*command, "update"])
    _call([*command, "--download-only", "install", "python3-sklearn", *PACKAGES])


def _unpack(architecture: Architecture, packages: list[Path]) -> None:
    root = architecture.root
    for name in LINKED_FOLDERS:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "exchange", "hermetic", "proc", "site"):
        (root / name).mkdir()
    for package in packages:
        unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)
        _call(["tar", "--extract", "--keep-directory-symlink", "--directory", str(root)], stdin=unpacked.stdout)
        if unpacked.wait():
            raise SystemExit(f"{package} cannot be unpacked")
    libraries = root / "usr" / "lib" / architecture.triplet
    for name in ("blas", "lapack"):
        # What the scripts of the packages would have linked.
        (libraries / f"lib{name}.so.3").symlink_to(f"{name}/lib{name}.so.3")
    if architecture.emulator:
        shutil.copy(str(shutil.which(architecture.emulator)), root / "usr" / "bin" / "emulator")


def _add_wheels(architecture: Architecture, wheels: Path) -> None:
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(wheels)]
    _call([*download, *PURE_WHEELS])
    if architecture.wheels:
        _call([*download, "--python-version", "3.11", "--platform", architecture.wheels, *COMPILED_WHEELS])
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(architecture.root / "site")


def run_inside(architecture: Architecture, module: str, *arguments: str) -> str:
    """Run a module of ours with the Python of an architecture; give what it prints.

    Parameters
    ----------
    architecture : Architecture
        Its root stands.
    module : str
        Dotted name.
    *arguments : str
        For it; files of ``FOLDER / "exchange"`` are below `INSIDE`.
    """
    return _run(architecture, ["-m", module, *arguments])


# The mounts belong to this process alone and vanish with it.
_MOUNT_AND_RUN = """
set -e
mount --bind "$1" "$3/hermetic"
mount --bind "$2" "$3/exchange"
mount --rbind /dev "$3/dev"
mount -t proc proc "$3/proc"
root="$3"
shift 3
exec chroot "$root" "$@"
"""


def _run(architecture: Architecture, arguments: list[str]) -> str:
    (FOLDER / "exchange").mkdir(parents=True, exist_ok=True)
    python = ["/usr/bin/emulator"] if architecture.emulator else []
    settings = {
        "HOME": "/tmp",
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": "/hermetic/src:/hermetic:/site",
        "PYTHONPYCACHEPREFIX": "/pycache",
    }
    command = [
        *("unshare", "--mount", "sh", "-c", _MOUNT_AND_RUN, "sh"),
        *(str(SOURCES), str(FOLDER / "exchange"), str(architecture.root)),
        *(*python, "/usr/bin/python3.11", "-W", "ignore", *arguments),
    ]
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{arguments} failed on {architecture.name}:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def _call(command: list[str], **options: object) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:300]}\n{done.stderr[-2000:]}")
