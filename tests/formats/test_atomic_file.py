"""Writing a file leaves the old or the new one whole, whatever happens."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading

import pytest

from hermetic.formats import atomic_file
from hermetic.formats.atomic_file import atomic_writer

OLD, NEW = b"old content", b"new content " * 1000
needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
needs_user = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")


@pytest.fixture
def path(tmp_path):
    target = tmp_path / "model.hermetic"
    target.write_bytes(OLD)
    return target


def write(path, content=NEW):
    with atomic_writer(path) as file:
        file.write(content)


def run(program, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], env=environment, **options)


def test_a_new_file_is_made(tmp_path):
    write(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == NEW
    assert os.listdir(tmp_path) == ["new"]


def test_an_old_file_is_replaced(path):
    write(path)
    assert path.read_bytes() == NEW
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("kind", [str, os.fspath, os.fsencode])
def test_every_kind_of_path_is_taken(path, kind):
    write(kind(path))
    assert path.read_bytes() == NEW


def test_a_name_without_a_folder_is_in_the_current_one(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    write(path.name)
    assert path.read_bytes() == NEW


def test_the_old_file_stands_until_the_end(path):
    with atomic_writer(path) as file:
        file.write(NEW)
        file.flush()
        assert path.read_bytes() == OLD
    assert path.read_bytes() == NEW


def test_the_file_can_seek(path):
    with atomic_writer(path) as file:
        file.write(b"0123456789")
        file.seek(3)
        file.write(b"x")
        assert file.tell() == 4
    assert path.read_bytes() == b"012x456789"


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_any_exception_leaves_the_old_file_and_nothing_else(path, error):
    with pytest.raises(error), atomic_writer(path) as file:
        file.write(NEW)
        raise error
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_the_end_leaves_the_old_file_and_nothing_else(path, monkeypatch, step):
    def fail(*_arguments):
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(atomic_file.os, step, fail)
    with pytest.raises(OSError, match="the disk is broken"):
        write(path)
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == [path.name]


def test_a_target_that_is_held_open_elsewhere_leaves_nothing_behind(path, monkeypatch):
    def refuse(*_arguments):  # as Windows does
        raise PermissionError(errno.EACCES, "used by another process")

    monkeypatch.setattr(atomic_file.os, "replace", refuse)
    with pytest.raises(PermissionError):
        write(path)
    assert os.listdir(path.parent) == [path.name]


def test_the_content_is_on_the_disk_before_it_takes_the_name(path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(atomic_file.os, "fsync", lambda descriptor: steps.append("fsync") or fsync(descriptor))
    monkeypatch.setattr(atomic_file.os, "replace", lambda *names: steps.append("replace") or replace(*names))
    write(path)
    assert steps == ["fsync", "replace", "fsync"][: 3 if os.name == "posix" else 2]


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from hermetic.formats.atomic_file import atomic_writer
try:
    with atomic_writer(sys.argv[1]) as file:
        for _ in range(int(sys.argv[2])):
            file.write(b"x" * 1000)
except OSError as error:
    print(type(error).__name__, error.errno)
"""


@needs_posix
@pytest.mark.parametrize("n_chunks", [101, 10_000])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(path, n_chunks):
    done = run(FULL_DISK, path, n_chunks, stdout=subprocess.PIPE, text=True)
    assert done.communicate(timeout=60)[0].split() == ["OSError", str(errno.EFBIG)]
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == [path.name]


REWRITE_FOR_EVER = """
import sys
from hermetic.formats.atomic_file import atomic_writer
number = 0
while True:
    number += 1
    with atomic_writer(sys.argv[1]) as file:
        for _ in range(50):
            file.write(bytes([number % 256]) * 10_000)
    if number == 1:
        print("ready", flush=True)
"""


@needs_posix
def test_a_process_that_is_killed_leaves_a_whole_file(path):
    generator = random.Random(0)
    for _ in range(8):
        process = run(REWRITE_FOR_EVER, path, stdout=subprocess.PIPE)
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(generator.uniform(0.0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        content = path.read_bytes()
        assert len(content) == 500_000
        assert content == content[:1] * 500_000
    left = [name for name in os.listdir(path.parent) if name != path.name]
    assert all(name.startswith(f".{path.name}.") and name.endswith(".tmp") for name in left)


INTERRUPTED = """
import os, signal, sys
from hermetic.formats.atomic_file import atomic_writer
with atomic_writer(sys.argv[1]) as file:
    file.write(b"x" * 100_000)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent may have had it ignored
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        file.write(b"x")
"""


@needs_posix
def test_control_c_leaves_the_old_file_and_nothing_else(path):
    process = run(INTERRUPTED, path, stderr=subprocess.DEVNULL)
    assert process.wait(timeout=60) != 0
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == [path.name]


@needs_posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_gets_the_permissions_that_open_gives(tmp_path, umask):
    before = os.umask(umask)
    try:
        write(tmp_path / "new")
        (tmp_path / "other").write_bytes(b"")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o666, 0o755])
def test_the_permissions_of_the_old_file_are_kept(path, mode):
    path.chmod(mode)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@needs_posix
def test_a_secret_file_is_never_readable_by_others_while_it_is_written(path):
    path.chmod(0o600)
    with atomic_writer(path) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600


@needs_user
def test_a_file_that_may_not_be_written_is_refused(path):
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        write(path)
    assert path.read_bytes() == OLD


def test_a_file_that_the_system_says_may_not_be_written_is_refused(path, monkeypatch):
    monkeypatch.setattr(atomic_file.os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"model\.hermetic"):
        write(path)
    assert os.listdir(path.parent) == [path.name]


def test_a_folder_and_a_missing_folder_give_the_usual_errors(tmp_path):
    with pytest.raises(IsADirectoryError):
        write(tmp_path)
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "missing" / "model")


@needs_posix
def test_a_symbolic_link_stays_and_its_target_is_replaced(path, tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "link"
    link.symlink_to("../model.hermetic")
    write(link)
    assert link.is_symlink()
    assert path.read_bytes() == NEW
    assert os.listdir(tmp_path / "folder") == ["link"]


@needs_posix
def test_a_link_to_nothing_makes_its_target(tmp_path):
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == NEW


@needs_posix
def test_a_ring_of_links_gives_the_usual_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write(tmp_path / "a")


@needs_posix
def test_a_device_is_written_directly():
    write("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@needs_posix
def test_a_pipe_is_written_directly(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with atomic_writer(tmp_path / "pipe") as file:
        assert not file.seekable()
        file.write(NEW)
    reader.join()
    assert received == [NEW]
    assert os.listdir(tmp_path) == ["pipe"]


@needs_posix
@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_standard_output_is_written_directly_also_when_it_is_a_file(tmp_path):
    program = (
        "from hermetic.formats.atomic_file import atomic_writer\n"
        "with atomic_writer('/dev/stdout') as file: file.write(b'new')"
    )
    with open(tmp_path / "output", "wb") as output:
        assert run(program, stdout=output).wait(timeout=60) == 0
        assert os.fstat(output.fileno()).st_ino == (tmp_path / "output").stat().st_ino
    assert (tmp_path / "output").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["output"]
    piped = run(program, stdout=subprocess.PIPE)
    assert piped.communicate(timeout=60)[0] == b"new"


def test_the_longest_names_can_be_written(tmp_path):
    for name in ("x" * 255, "é" * 127):
        try:
            (tmp_path / name).write_bytes(OLD)
        except OSError:
            pytest.skip("this file system has shorter names")
        write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == NEW


@needs_posix
def test_a_name_that_is_not_text_can_be_written(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff\xfe")
    try:
        write(path)
    except OSError as error:
        pytest.skip(f"this file system wants text: {error}")
    with open(path, "rb") as file:
        assert file.read() == NEW


def test_a_folder_that_cannot_be_synchronised_is_no_error(path, monkeypatch):
    fsync, calls = os.fsync, []

    def refuse_folders(descriptor):
        calls.append(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not for folders")
        fsync(descriptor)

    monkeypatch.setattr(atomic_file.os, "fsync", refuse_folders)
    write(path)
    assert path.read_bytes() == NEW
    assert calls


def test_many_threads_may_write_one_file(path):
    threads = [threading.Thread(target=write, args=(path, bytes([number]) * 100_000)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = path.read_bytes()
    assert content == content[:1] * 100_000
    assert os.listdir(path.parent) == [path.name]
