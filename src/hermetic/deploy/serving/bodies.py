"""Reading the body of a request, within limits of size and time, for one request and for all together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["Bodies", "check_content_type", "json_bytes_of"]

_DIGITS = 12


class Bodies:
    """Reads bodies, and keeps count of what all of them take.

    Parameters
    ----------
    limits : Limits
        Of requests.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.n_pending_bytes = 0
        """Of bodies that are being read or answered."""

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytearray]:
        """Read one; it counts until the block ends.

        Raises
        ------
        Problem
            When it is too long (413), comes too slowly (408), or there is no memory for one more (503).
        """
        body = bytearray()
        announced = request.headers.get("content-length", "0")
        if (
            not (announced.isascii() and announced.isdigit())
            or len(announced) > _DIGITS
            or int(announced) > self._limits.most_body_bytes
        ):
            raise self._too_long()
        try:
            await self._read_into(body, request)
            yield body
        finally:
            self.n_pending_bytes -= len(body)

    async def _read_into(self, body: bytearray, request: Request) -> None:
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                async for piece in request.stream():
                    self._take(len(piece), len(body))
                    body += piece
        except TimeoutError:
            words = f"the body did not arrive within {self._limits.timeout_seconds:g} seconds"
            raise Problem(408, words) from None

    def _take(self, n_new: int, n_before: int) -> None:
        if n_before + n_new > self._limits.most_body_bytes:
            raise self._too_long()
        if self.n_pending_bytes + n_new > self._limits.most_pending_bytes:
            raise Problem(503, "other requests take all the memory there is for requests", retry_seconds=1)
        self.n_pending_bytes += n_new

    def _too_long(self) -> Problem:
        return Problem(413, f"the body is longer than {self._limits.most_body_bytes} bytes")


def check_content_type(headers: Mapping[str, str], *, is_binary: bool) -> None:
    """Refuse what a browser sends from the page of a stranger without asking: only JSON is asked for first.

    Raises
    ------
    Problem
        With status 415.

    Examples
    --------
    >>> check_content_type({"content-type": "application/json; charset=utf-8"}, is_binary=False)
    """
    # Programs may leave the type out. A page can as well, with a Blob; but a browser then says where the page is from.
    default = "" if "origin" in headers else "application/json"
    kind, _, _ = headers.get("content-type", default).partition(";")
    allowed = ("application/json", "application/octet-stream") if is_binary else ("application/json",)
    if kind.strip().lower() not in allowed:
        raise Problem(415, f"expected {' or '.join(allowed)}", "content-type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "expected a body that is not compressed", "content-encoding")


def json_bytes_of(headers: Mapping[str, str]) -> int:
    """Give how many bytes of the body are JSON, -1 for all: what follows are tensors of the binary extension.

    Raises
    ------
    Problem
        When the header is no number.

    Examples
    --------
    >>> json_bytes_of({"inference-header-content-length": "120"})
    120
    """
    text = headers.get("inference-header-content-length")
    if text is None:
        return -1
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Problem(400, "expected a number of bytes", "inference-header-content-length")
    return int(text)
