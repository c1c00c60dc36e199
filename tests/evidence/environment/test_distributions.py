"""What is installed is told by name, version and the very files, whoever installed it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from hermetic.evidence.environment.distributions import (
    Distribution,
    content_digest,
    installed_distributions,
    needed_by,
)

METADATA = """Metadata-Version: 2.1
Name: Own_Package.core
Version: 1.2
Requires-Dist: numpy>=1.2
Requires-Dist: Some.Other ; python_version < "3"
Requires-Dist: pytest ; extra == 'test'

Name: not a field
"""


def _line(path: str, content: bytes = b"") -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


FILES = [
    _line("own/__init__.py", b"1"),
    _line('"own/data,with comma.txt"'),
    _line("single.py", b"2"),
    _line("native.cpython-311-x86_64-linux-gnu.so", b"3"),
    _line("own_package_core-1.2.dist-info/METADATA", METADATA.encode()),
]
OF_INSTALLERS = [
    _line("../../../bin/own", b"#!/somewhere/python"),
    _line("own_package_core-1.2.dist-info/INSTALLER", b"pip"),
    _line("own_package_core-1.2.dist-info/direct_url.json", b"{}"),
    "own/__pycache__/__init__.cpython-311.pyc,,",
    "own_package_core-1.2.dist-info/RECORD,,",
]


def install(folder: Path, *, record: list[str], direct_url: object = None) -> Distribution:
    info = folder / "own_package_core-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "RECORD").write_text("\n".join(record))
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\nTag: py2-none-any\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(direct_url if isinstance(direct_url, str) else json.dumps(direct_url))
    (found,) = installed_distributions([str(folder)])
    return found


def test_a_distribution_tells_what_it_is(tmp_path: Path):
    found = install(tmp_path, record=[FILES[0], *FILES[2:], *OF_INSTALLERS])
    assert (found.name, found.version, found.origin) == ("own-package-core", "1.2", "index")
    assert found.tags == ("py2-none-any", "py3-none-any")
    assert found.requires == ("numpy", "some-other")
    assert found.modules == ("native", "own", "single")


def test_what_installers_write_does_not_matter(tmp_path: Path):
    found = install(tmp_path, record=[*reversed(FILES), *OF_INSTALLERS])
    assert found.content == content_digest("\n".join(FILES))
    assert len(found.content) == 64


@pytest.mark.parametrize("place", range(len(FILES)))
def test_every_file_of_the_wheel_matters(place: int):
    less = FILES[:place] + FILES[place + 1 :]
    changed = [*less, FILES[place].replace("sha256=", "sha256=A")]
    assert len({content_digest("\n".join(own)) for own in (FILES, less, changed)}) == 3


def test_without_hashes_there_is_no_digest():
    assert content_digest("") == content_digest("a.py,,\nb.py") == ""


ORIGINS = {
    "version control": {"url": "https://host/repository", "vcs_info": {"vcs": "git"}},
    "folder": {"url": "file:///somewhere", "dir_info": {}},
    "editable folder": {"url": "file:///somewhere", "dir_info": {"editable": True}},
    "archive": {"url": "https://host/own.whl", "archive_info": {}},
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_where_it_came_from_is_told_without_the_address(origin: str, tmp_path: Path):
    found = install(tmp_path, record=FILES, direct_url=ORIGINS[origin])
    assert found.origin == origin
    assert (found.content == "") == (origin == "editable folder")
    assert "host" not in repr(found)
    assert "somewhere" not in repr(found)


def test_a_damaged_direct_url_counts_as_an_archive(tmp_path: Path):
    assert install(tmp_path, record=FILES, direct_url="{").origin == "archive"


ARCHIVES = [
    ({"hashes": {"sha256": "a" * 64}}, "a" * 64),
    ({"hash": "sha256=" + "b" * 64}, "b" * 64),
    ({"hash": "md5=" + "b" * 32}, ""),
    ({"hashes": {"sha256": "../../etc"}}, ""),
    ({}, ""),
]


@pytest.mark.parametrize(("told", "expected"), ARCHIVES)
def test_the_digest_of_an_archive_is_kept_where_the_installer_left_it(told: object, expected: str, tmp_path: Path):
    direct_url = {"url": "https://host/own.whl", "archive_info": told}
    assert install(tmp_path, record=FILES, direct_url=direct_url).archive == expected


def test_an_editable_folder_lets_import_what_it_is_called(tmp_path: Path):
    found = install(tmp_path, record=["__editable__.own.pth,sha256=x,1"], direct_url=ORIGINS["editable folder"])
    assert found.modules == ("own_package_core",)


@pytest.mark.parametrize("line", [",sha256=x,1", "\0,sha256=x,1", '"' + "a" * 200_000 + '",sha256=x,1'])
def test_a_strange_list_of_files_is_no_error(line: str, tmp_path: Path):
    assert install(tmp_path, record=[line]).version == "1.2"


def test_what_has_no_name_is_passed_over(tmp_path: Path):
    (tmp_path / "broken-1.dist-info").mkdir()
    (tmp_path / "broken-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\n")
    assert installed_distributions([str(tmp_path)]) == ()


def test_the_first_folder_wins_as_in_an_import(tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    install(first, record=FILES)
    install(second, record=FILES[:1])
    (found,) = installed_distributions([str(first), str(second)])
    assert found.content == content_digest("\n".join(FILES))


def test_the_closure_holds_what_is_required_and_installed():
    def one(name: str, *requires: str) -> Distribution:
        return Distribution(
            name=name, version="1", content="", origin="index", archive="", tags=(), requires=requires, modules=(name,)
        )

    installed = [one("model", "library", "absent"), one("library", "base"), one("base", "library"), one("other")]
    assert needed_by({"model"}, installed) == {"model", "library", "base"}
    assert needed_by({"nothing"}, installed) == frozenset()


def test_this_environment_is_told_whole():
    found = {one.name: one for one in installed_distributions()}
    import numpy
    import sklearn

    assert (found["numpy"].version, found["scikit-learn"].version) == (numpy.__version__, sklearn.__version__)
    assert len(found["numpy"].content) == 64
    needed = needed_by({"sklearn"}, found.values())
    assert {"scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl"} <= needed
    assert "pytest" not in needed
