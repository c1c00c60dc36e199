"""Bodies are read within their limits; a type that a page of a stranger could send is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs hermetic[serve]")

from hermetic.deploy.serving.bodies import Bodies, check_content_type, json_bytes_of
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits

LIMITS = Limits(most_body_bytes=10, timeout_seconds=0.05)


def request(*pieces: bytes, wait_seconds: float = 0.0, **headers: str) -> Any:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            await asyncio.sleep(wait_seconds)
            yield piece

    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(headers=names, stream=stream)


def read(bodies: Bodies, asked: Any) -> tuple[bytes, int]:
    async def run() -> tuple[bytes, int]:
        async with bodies.read(asked) as body:
            return bytes(body), bodies.n_pending_bytes

    return asyncio.run(run())


@pytest.mark.parametrize("pieces", [[], [b""], [b"abc"], [b"a", b"", b"bc"], [b"0123456789"]], ids=range(5))
def test_a_body_counts_while_it_is_read_and_answered_and_no_longer(pieces: list[bytes]):
    bodies = Bodies(LIMITS)
    whole = b"".join(pieces)
    assert read(bodies, request(*pieces)) == (whole, len(whole))
    assert bodies.n_pending_bytes == 0


ANNOUNCED = {
    "one byte too many": "11",
    "below zero": "-1",
    "with a sign": "+5",
    "a fraction": "1.5",
    "a text": "many",
    "nothing": "",
    "a list": "5, 5",
    "a superscript, which is a digit": "²",
    "digits of another script": "٣",
    "more digits than any body": "0" * 13,
    "as many digits as Python refuses": "1" * 5_000,
}


@pytest.mark.parametrize("words", ANNOUNCED)
def test_a_length_that_is_none_or_too_great_is_refused_before_anything_is_read(words: str):
    bodies = Bodies(LIMITS)
    with pytest.raises(Problem) as caught:
        read(bodies, request(b"abc", content_length=ANNOUNCED[words]))
    assert (caught.value.status, bodies.n_pending_bytes) == (413, 0)


WRONG: dict[str, tuple[Any, int, int]] = {
    "longer than was announced": (request(b"x" * 6, b"x" * 5, content_length="3"), 0, 413),
    "long without a word": (request(*[b"x"] * 11), 0, 413),
    "too slow": (request(b"x", b"x", b"x", wait_seconds=0.03), 0, 408),
    "one more than memory holds": (request(b"12345"), 76, 503),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_refused_half_way_gives_its_memory_back(words: str):
    asked, n_before, status = WRONG[words]
    bodies = Bodies(LIMITS)
    bodies.n_pending_bytes = n_before
    with pytest.raises(Problem) as caught:
        read(bodies, asked)
    assert (caught.value.status, bodies.n_pending_bytes) == (status, n_before)
    assert caught.value.retry_seconds == (1 if status == 503 else 0)


def test_memory_comes_back_when_the_answer_fails():
    bodies = Bodies(LIMITS)

    async def run() -> None:
        async with bodies.read(request(b"abc")):
            raise KeyError("somewhere else")

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert bodies.n_pending_bytes == 0


TYPES: dict[str, tuple[dict[str, str], bool, bool]] = {
    "JSON": ({"content-type": "application/json"}, True, True),
    "JSON with a charset": ({"content-type": "application/json; charset=utf-8"}, True, True),
    "JSON in capitals": ({"content-type": "Application/JSON"}, True, True),
    "JSON with spaces": ({"content-type": " application/json "}, True, True),
    "no type, from a program": ({}, True, True),
    "no type, from a page": ({"origin": "https://stranger.example"}, False, False),
    "no type, from a page that hides itself": ({"origin": "null"}, False, False),
    "JSON from a page": ({"content-type": "application/json", "origin": "http://localhost"}, True, True),
    "an empty type": ({"content-type": ""}, False, False),
    "bytes": ({"content-type": "application/octet-stream"}, False, True),
    "text": ({"content-type": "text/plain"}, False, False),
    "text that says JSON": ({"content-type": "text/plain; application/json"}, False, False),
    "a form": ({"content-type": "application/x-www-form-urlencoded"}, False, False),
    "a form with files": ({"content-type": "multipart/form-data; boundary=x"}, False, False),
    "almost JSON": ({"content-type": "application/jsonx"}, False, False),
    "two types": ({"content-type": "application/json, text/plain"}, False, False),
    "no compression, said so": ({"content-encoding": "Identity"}, True, True),
    "compressed": ({"content-encoding": "gzip"}, False, False),
    "compressed twice": ({"content-encoding": "identity, br"}, False, False),
}


def allowed(headers: dict[str, str], *, is_binary: bool) -> bool:
    try:
        check_content_type(headers, is_binary=is_binary)
    except Problem as problem:
        assert problem.status == 415
        assert problem.field in ("content-type", "content-encoding")
        return False
    return True


@pytest.mark.parametrize("words", TYPES)
def test_only_what_a_browser_asks_leave_for_is_taken(words: str):
    headers, is_json, is_tensors = TYPES[words]
    assert allowed(headers, is_binary=False) == is_json
    assert allowed(headers, is_binary=True) == is_tensors


@pytest.mark.parametrize(("text", "length"), [("0", 0), ("12", 12), ("000012", 12), ("9" * 12, 10**12 - 1)], ids=str)
def test_the_length_of_json_is_a_number(text: str, length: int):
    assert json_bytes_of({"inference-header-content-length": text}) == length


def test_without_the_header_all_is_json():
    assert json_bytes_of({}) == -1


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "0x10", "²", "1" * 13, "ten"], ids=ascii)
def test_a_length_of_json_that_is_none_gets_400(text: str):
    with pytest.raises(Problem) as caught:
        json_bytes_of({"inference-header-content-length": text})
    assert (caught.value.status, caught.value.field) == (400, "inference-header-content-length")
