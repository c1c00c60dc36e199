"""A package index on this machine alone: small wheels made here, in a folder that the loopback serves."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest

__all__ = ["LocalIndex", "serve", "use_index"]


class LocalIndex:
    """Wheels in a folder, listed as PEP 503 says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.links: dict[str, list[str]] = {}

    def add(
        self,
        name: str,
        version: str,
        *,
        text: str = "",
        tag: str = "py3-none-any",
        requires: Sequence[str] = (),
        yanked: str | None = None,
    ) -> str:
        """Make a wheel with one module; give its SHA-256."""
        stem = f"{name.replace('-', '_')}-{version}"
        info = f"{stem}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
        files = {
            f"{name.replace('-', '_')}.py": f"__version__ = {version!r}\n{text}",
            f"{info}/METADATA": metadata,
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
        wheel = self.folder / "files" / f"{stem}-{tag}.whl"
        wheel.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, content in files.items():
                archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), content)
        sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
        mark = "" if yanked is None else f' data-yanked="{yanked}"'
        self.links.setdefault(name, []).append(
            f'<a href="../../files/{wheel.name}#sha256={sha256}"{mark}>{wheel.name}</a><br/>'
        )
        page = self.folder / "simple" / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<!DOCTYPE html><html><body>{''.join(self.links[name])}</body></html>")
        return sha256


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[LocalIndex]:
    """Serve an index on the loopback, as long as the block runs."""
    # No two have the same address, so that nothing of one is cached for another.
    own = uuid4().hex
    index = LocalIndex(folder / own)
    (folder / own / "simple").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_address[1]}/{own}/simple"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def use_index(index: LocalIndex, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Make the index the only one that uv and pip know."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.url,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_DEFAULT_INDEX": index.url,
        "UV_CACHE_DIR": str(cache),
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
