"""Two laws of the byte layer: a hostile manifest costs an error of ours, and no module of it needs numpy.

Here everything around the manifest is correct, CRC-32s and headers too: what a clever attacker would send.
"""

import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import FileError
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.container_reader import open_container
from hermetic.formats.manifest import lay_out_head
from hermetic.formats.open_source import read_stream
from hermetic.formats.sources import BufferSource
from hermetic.formats.zip_layout import ZipMember, find_name_problem, lay_out_zip

MODULES = [
    *("atomic_file", "checksum", "compression", "container_head", "container_reader", "container_writer"),
    *("manifest", "npy_header", "open_source", "sources", "zip_layout"),
]

BODIES = {"a": b"first", "b.npy": b"second", "c/d.gz": zlib.compress(b"third"), "graph.json": b"{}"}

lengths = st.integers(-(2**70), 2**70) | st.integers(0, 40) | st.floats() | st.none() | st.text(max_size=3)
names = st.sampled_from([*BODIES, "mimetype", "../x", "A", "a/b", ""]) | st.text(max_size=4)
members = st.dictionaries(
    st.sampled_from(["name", "length", "crc32", "content_length", "offset"]),
    lengths | names | st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    max_size=5,
)
honest_members = st.sampled_from(sorted(BODIES)).map(
    lambda name: {"name": name, "length": len(BODIES[name]), "crc32": f"{zlib.crc32(BODIES[name]):08x}"}
)


def render(manifest: object, listed: list[dict[str, object]]) -> bytes:
    """Put a manifest into a container that is correct in every respect that the manifest leaves possible."""
    encoded = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    zipped = lay_out_head(encoded)
    bodies = [CONTAINER_BEGINNING[-30:], encoded]
    for one in listed:
        body = BODIES.get(str(one.get("name")), b"")
        name = str(one.get("name"))
        if name.isascii():
            aligned = 64 if name.endswith(".npy") else 1
            zipped.append(ZipMember(name=name, length=len(body), crc32=zlib.crc32(body), alignment=aligned))
            bodies.append(body)
    layout = lay_out_zip(zipped)
    pieces = [placed.header + body for placed, body in zip(layout.members, bodies, strict=True)]
    return b"".join([*pieces, *layout.directory, layout.end])


def manifest_of(listed, **changes):
    return {"format": "hermetic", "container_version": 1, "written_by": {}, "members": listed, **changes}


def read_everything(data):
    container = open_container(BufferSource(data))
    for name in container.members:
        container.check(name)
        container.read(name)
    return container


@settings(max_examples=300)
@given(st.lists(honest_members | members, max_size=4))
def test_a_hostile_list_of_members_gives_an_error_of_ours_or_exactly_what_zipfile_reads(listed):
    data = render(manifest_of(listed), listed)
    try:
        container = read_everything(data)
    except FileError:
        return
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist()[2:] == list(container.members)
        for name, member in container.members.items():
            assert member.content_length is not None or archive.read(name) == container.read(name)


@settings(max_examples=200)
@given(
    st.sampled_from(["format", "container_version", "written_by", "members", "more"]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_any_value_in_any_field_of_the_manifest_gives_an_error_of_ours_or_is_read(field, value):
    data = render(manifest_of([], **{field: value}), [])
    try:
        assert read_everything(data).members == {}
    except FileError as error:
        assert error.found


@given(st.lists(honest_members, max_size=4, unique_by=lambda one: one["name"]))
def test_what_is_honest_is_read(listed):
    names_taken = [one["name"] for one in listed]
    if find_name_problem(names_taken):
        return
    container = read_everything(render(manifest_of(listed), listed))
    assert {name: container.read(name) for name in container.members} == {name: BODIES[name] for name in names_taken}


@pytest.mark.parametrize("length", [2**20, 2**31, 2**32, 2**40, 2**52])
def test_a_promised_length_reserves_no_memory(length):
    listed = [{"name": "a", "length": length, "crc32": "00000000"}]
    data = render(manifest_of(listed), [])
    tracemalloc.start()
    try:
        with pytest.raises(FileError):
            open_container(BufferSource(data))
        with pytest.raises(FileError):
            read_stream(BytesIO(data))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("module", MODULES)
def test_no_module_of_the_byte_layer_needs_numpy_or_scikit_learn(module):
    program = (
        "import sys\n"
        "for heavy in ('numpy', 'sklearn', 'scipy', 'pandas'): sys.modules[heavy] = None\n"
        f"import hermetic.formats.{module}\n"
        "assert not {'bz2', 'lzma', 'backports.zstd'} & set(sys.modules), 'imported before it is used'\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=60)
