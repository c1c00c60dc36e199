"""CRC-32 and its combination: `isal`, zlib and the plain-Python twin give the same numbers."""

import os
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.formats import checksum
from hermetic.formats.checksum import crc32, crc32_combine

# The check value of the catalogue of parametrised CRC algorithms for CRC-32/ISO-HDLC.
CHECK_INPUT, CHECK_VALUE = b"123456789", 0xCBF43926


def test_the_published_check_value_is_computed():
    assert crc32(CHECK_INPUT) == CHECK_VALUE


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_every_kind_of_buffer_is_taken(kind):
    assert crc32(kind(CHECK_INPUT)) == CHECK_VALUE


def test_nothing_has_the_crc_zero_and_changes_no_crc():
    assert crc32(b"") == 0
    assert crc32(b"", CHECK_VALUE) == CHECK_VALUE


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_it_equals_zlib_from_every_start(data, start):
    assert crc32(data, start) == zlib.crc32(data, start)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_a_crc_continues_where_another_ended(data, cut):
    assert crc32(data[cut:], crc32(data[:cut])) == zlib.crc32(data)


@pytest.mark.parametrize("combine", [crc32_combine, checksum._combine_in_python])
@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_two_crcs_combine_to_the_crc_of_both_blocks(combine, first, second):
    assert combine(crc32(first), crc32(second), len(second)) == zlib.crc32(first + second)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**40))
def test_the_twin_in_python_equals_the_library(a, b, length):
    assert checksum._combine_in_python(a, b, length) == crc32_combine(a, b, length)


def test_blocks_of_zeros_of_any_size_combine():
    assert checksum._combine_in_python(CHECK_VALUE, zlib.crc32(bytes(100_000)), 100_000) == zlib.crc32(
        CHECK_INPUT + bytes(100_000)
    )


def test_without_isal_zlib_takes_its_place():
    program = (
        "import sys; sys.modules['isal'] = None\n"
        "import zlib\n"
        "from hermetic.formats import checksum\n"
        "assert checksum._crc32 is zlib.crc32\n"
        "first, second = checksum.crc32(b'12345'), checksum.crc32(b'6789')\n"
        "print(checksum.crc32(b'123456789'), checksum.crc32_combine(first, second, 4))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == [str(CHECK_VALUE)] * 2
