"""Reports in a real browser: light, dark, narrow, printed; hostile ones run and load nothing."""

from __future__ import annotations

import http.server
import os
import shutil
import struct
import subprocess
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import hermetic
from tests.reporting.test_hostile_pages import spoiled, spoiled_model
from tests.reporting.test_pages import ALL, MODEL

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine"),
    pytest.mark.slow,
]
HOSTILE = "</style></title><script>document.title='sprung'</script><img src=x onerror=\"document.title='sprung'\">"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    hermetic.dump(MODEL, folder / "model.hermetic", evidence=ALL)
    hermetic.report(folder / "model.hermetic", folder / "report.html")
    hermetic.dump(spoiled_model(HOSTILE), folder / "hostile.hermetic", evidence=spoiled(HOSTILE))
    hermetic.report(folder / "hostile.hermetic", folder / "hostile.html")
    return folder


def browse(folder: Path, *arguments: str) -> str:
    """Start the browser with a profile of its own; give what it prints."""
    command = [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    command += [f"--user-data-dir={folder / 'profile'}", "--disable-background-networking", *arguments]
    environment = {**os.environ, "HOME": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, timeout=120, check=True
    ).stdout.decode()


def first_pixel(path: Path) -> tuple[int, ...]:
    """Give the colour of the upper left corner of a PNG, which no filter changes."""
    data = path.read_bytes()
    packed, position = b"", 8
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        if data[position + 4 : position + 8] == b"IDAT":
            packed += data[position + 8 : position + 8 + length]
        position += 12 + length
    return tuple(zlib.decompressobj().decompress(packed, 4)[1:4])


@pytest.mark.parametrize(
    ("scheme", "paper"), [("1", (0xFF, 0xFF, 0xFF)), ("0", (0x12, 0x17, 0x1C))], ids=["light", "dark"]
)
def test_the_page_follows_the_scheme_of_the_screen(scheme: str, paper: tuple[int, ...], folder: Path):
    picture = folder / f"{scheme}.png"
    browse(
        folder,
        f"--screenshot={picture}",
        "--window-size=1000,1400",
        f"--blink-settings=preferredColorScheme={scheme}",
        (folder / "report.html").as_uri(),
    )
    assert first_pixel(picture) == paper
    assert picture.stat().st_size > 40_000  # it is not blank


@pytest.mark.parametrize("name", ["report", "hostile"])
@pytest.mark.parametrize("width", [360, 1000])
def test_the_page_is_never_wider_than_its_window(width: int, name: str, folder: Path):
    (folder / "frame.html").write_text(
        f'''<!doctype html><iframe id="f" src="{name}.html" style="border:0;width:{width}px;height:900px"></iframe>
        <script>onload = () => {{ const d = document.getElementById("f").contentDocument;
        document.title = d.documentElement.scrollWidth + " " + d.querySelectorAll("section").length }}</script>'''
    )
    page = browse(folder, "--allow-file-access-from-files", "--dump-dom", (folder / "frame.html").as_uri())
    assert f"<title>{width} 11</title>" in page


def test_the_page_is_printed_whole(folder: Path):
    browse(folder, f"--print-to-pdf={folder / 'report.pdf'}", (folder / "report.html").as_uri())
    data = (folder / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") >= 3


@pytest.fixture
def asked(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the folder, and note what is asked for."""
    paths: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *arguments: object) -> None:
            paths.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", paths
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_nothing_runs_and_nothing_is_loaded(name: str, folder: Path, asked: tuple[str, list[str]]):
    address, paths = asked
    page = browse(folder, "--dump-dom", "--virtual-time-budget=2000", f"{address}/{name}.html")
    assert set(paths) <= {f"/{name}.html", "/favicon.ico"}
    assert f"<title>{'model' if name == 'report' else 'hostile'}.hermetic: model report</title>" in page
    assert "<script" not in page and "<img" not in page
