"""Nothing is opened but what stands below what the caller allows, however an address is spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermetic.evidence.data.permission import is_allowed, local_path

ALLOWED = ["s3://bucket/data", "gs://all/"]
INSIDE = ["s3://bucket/data", "s3://bucket/data/a.parquet", "s3://bucket/data/2020-01/a b.parquet", "gs://all/x"]
OUTSIDE = [
    "s3://bucket/database/a.parquet",
    "s3://bucket/data/../secret",
    "s3://bucket/data/..",
    "s3://bucket/data/%2e%2e/secret",
    "s3://bucket/data/a?versionId=1",
    "s3://bucket/data/a#b",
    "s3://user:word@bucket/data/a",
    "s3://bucket",
    "s3://other/data/a",
    "S3://bucket/data/a",
    "gs://bucket/data/a",
    "https://bucket/data/a",
    "s3://bucket/data//a",
    "s3://bucket/data\\a",
    "s3://bucket/data/a\nb",
    "",
    "/etc/passwd",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("uri", INSIDE)
def test_what_is_below_an_allowed_beginning_is_allowed(uri: str):
    assert is_allowed(uri, ALLOWED)


@pytest.mark.parametrize("uri", OUTSIDE)
def test_what_is_not_below_one_is_not(uri: str):
    assert not is_allowed(uri, ALLOWED)
    assert not is_allowed(uri, [])


def test_an_empty_beginning_allows_nothing_elsewhere():
    assert not is_allowed("s3://bucket/a", ["", "s3://"])


@pytest.mark.parametrize("spelled", ["{}/data", "file://{}/data", "{}/data/", "{}/other/../data"])
def test_a_folder_allows_the_files_in_it(tmp_path: Path, spelled: str):
    folder = spelled.format(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "other").mkdir()
    assert is_allowed(f"{tmp_path}/data/a.parquet", [folder])
    assert is_allowed(f"file://{tmp_path}/data/a.parquet", [folder])
    assert not is_allowed(f"{tmp_path}/data/../secret", [folder])
    assert not is_allowed(f"{tmp_path}/database", [folder])


def test_a_link_leads_where_it_leads(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "data" / "link").symlink_to(tmp_path / "secret")
    assert not is_allowed(f"{tmp_path}/data/link", [f"{tmp_path}/data"])
    assert is_allowed(f"{tmp_path}/data/link", [str(tmp_path)])


def test_a_file_on_another_host_is_nothing():
    assert local_path("file://server/share") is None
    assert local_path("s3://bucket/a") is None
    assert not is_allowed("file://server/share/a", ["/"])
