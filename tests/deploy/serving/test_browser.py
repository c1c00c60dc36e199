"""The pages in a real browser without a window: the forms ask, the policy holds, nothing comes from elsewhere.

The browser is told by its own tool for such things (``--dump-dom``) and by a page of the test that clicks, so that
nothing has to be installed but the browser.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.serving.running_server import LONGEST_SECONDS, Running, running, wait_until
from tests.deploy.serving.served_models import save

pytest.importorskip("uvicorn", reason="needs hermetic[serve]")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs chromium"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc"),
]
NAMES = ["array", "frame", "objects", "texts"]


class Tab:
    """One page of a browser, steered over its debugging protocol (a web socket with JSON)."""

    def __init__(self, address: str) -> None:
        host, _, path = address.removeprefix("ws://").partition("/")
        name, _, port = host.partition(":")
        self._socket = socket.create_connection((name, int(port)), timeout=LONGEST_SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        while self._file.readline() != b"\r\n":
            pass
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, **parameters: Any) -> Any:
        """Have the browser do something; give what it answers."""
        self._number += 1
        self._send(json.dumps({"id": self._number, "method": method, "params": parameters}).encode())
        while (answer := json.loads(self._receive())).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _send(self, data: bytes) -> None:
        mask = bytes(4)  # a mask of zeros is a mask
        length = struct.pack("!BBH", 0x81, 0x80 | 126, len(data))
        self._socket.sendall(length + mask + data)

    def _receive(self) -> bytes:
        data = b""
        while True:
            first, length = self._file.read(2)
            if length == 126:
                [length] = struct.unpack("!H", self._file.read(2))
            elif length == 127:
                [length] = struct.unpack("!Q", self._file.read(8))
            data += self._file.read(length)
            if first & 0x80:
                return data

    def evaluate(self, expression: str) -> Any:
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)
        wait_until(
            lambda: self.evaluate("document.readyState") == "complete" and self.evaluate("location.href") == address
        )

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("served")
    with running(*(save(name, folder) for name in NAMES), "--workers", 1) as own:
        own.ready_port()
        yield own


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start the browser; give the port at which it is steered."""
    assert BROWSER is not None
    profile = tmp_path_factory.mktemp("profile")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    options = ["--disable-background-networking", "--disable-extensions", "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [*command, *options, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        file = profile / "DevToolsActivePort"
        wait_until(lambda: file.exists() and file.read_text().count("\n"), "the start of the browser")
        yield int(file.read_text().split()[0])
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def tab(browser: int) -> Iterator[Tab]:
    connection = http.client.HTTPConnection("127.0.0.1", browser, timeout=LONGEST_SECONDS)
    connection.request("PUT", "/json/new?about:blank")
    found = json.loads(connection.getresponse().read())
    connection.close()
    tab = Tab(found["webSocketDebuggerUrl"])
    for name in ("Page", "Runtime", "Network", "Log"):
        tab.call(f"{name}.enable")
    yield tab
    tab.close()


def press(tab: Tab, form: str) -> str:
    """Press the button of a form; give what it shows then."""
    tab.evaluate(f"document.querySelector({json.dumps(form)}).querySelector('button').click()")
    shown = f"document.querySelector({json.dumps(form)}).querySelector('output').textContent"
    return wait_until(lambda: (text := tab.evaluate(shown)) not in ("", "…") and text, "an answer")


def form_of(name: str) -> str:
    return f"form[data-address='/models/{name}/predict']"


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_a_model_asks_about_its_example_and_shows_the_answer(name: str, server: Running, tab: Tab):
    tab.open(f"http://127.0.0.1:{server.ready_port()}/")
    shown = press(tab, form_of(name))
    assert shown.startswith("200, ")
    assert len(json.loads(shown.partition("\n")[2])["predictions"]) == 1


def test_values_of_a_form_reach_the_model_and_an_empty_field_is_missing(server: Running, tab: Tab):
    tab.open(f"http://127.0.0.1:{server.ready_port()}/")
    script = "document.querySelector(%s).querySelector('[data-feature=%s]').value = %s"
    form = form_of("frame")
    for feature, value in (("age", "50"), ("income", ""), ("city", "Oslo")):
        tab.evaluate(script % (json.dumps(form), feature, json.dumps(value)))
    tab.evaluate(f"document.querySelector({json.dumps(form)}).querySelector('[name=method]').value = 'predict_proba'")
    found = json.loads(press(tab, form).partition("\n")[2])
    row = {"age": 50, "income": None, "city": "Oslo"}
    _, expected = server.ask("POST", "/models/frame/predict", {"rows": [row], "method": "predict_proba"})
    assert found == expected


def test_what_is_wrong_is_shown_as_text(server: Running, tab: Tab):
    tab.open(f"http://127.0.0.1:{server.ready_port()}/")
    hostile = "<img src=x onerror=document.title='taken'>"
    form = form_of("objects")
    tab.evaluate(
        f"document.querySelector({json.dumps(form)}).querySelector('[data-feature=x1]').value = {json.dumps(hostile)}"
    )
    assert press(tab, form).startswith("422, ")
    assert tab.evaluate("document.title") == "Models"
    assert tab.evaluate("document.images.length") == 0


def test_every_address_of_the_documentation_answers_its_example(server: Running, tab: Tab):
    tab.open(f"http://127.0.0.1:{server.ready_port()}/docs")
    addresses = tab.evaluate("Array.from(document.forms).map((form) => form.dataset.address)")
    assert len(addresses) > 15
    for address in addresses:
        assert press(tab, f"form[data-address='{address}']").startswith("200, "), address


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_runs_under_its_policy_and_fetches_nothing_from_elsewhere(path: str, server: Running, tab: Tab):
    start = f"http://127.0.0.1:{server.ready_port()}"
    tab.open(start + path)
    assert tab.evaluate("getComputedStyle(document.body).maxWidth") == "960px"  # the style was let in
    tab.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.taken = 1'; document.body.append(s)"
    )
    assert tab.evaluate("window.taken === undefined")  # any other script is not
    asked = [own["params"]["request"]["url"] for own in tab.events if own["method"] == "Network.requestWillBeSent"]
    assert asked
    assert all(own == "about:blank" or own.startswith(start) for own in asked)


def test_a_screenshot_shows_something(server: Running, tab: Tab, tmp_path: Path):
    tab.open(f"http://127.0.0.1:{server.ready_port()}/")
    press(tab, form_of("frame"))
    data = base64.b64decode(tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"])
    target = Path(os.environ.get("HERMETIC_SCREENSHOT", tmp_path / "page.png"))
    target.write_bytes(data)
    assert data.startswith(b"\x89PNG")
    assert len(data) > 10_000
