"""A problem is short, one sentence, and JSON of whatever it is made of."""

from __future__ import annotations

import json

import pytest

from hermetic.deploy.serving.problems import Problem

TEXTS = ["", "words", '"}', "\x00\x1b[2J", "\ud800", "a\u202eb", "\\", "</script>", "ü" * 10_000, "\n\r"]


@pytest.mark.parametrize("field", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("words", TEXTS, ids=range(len(TEXTS)))
def test_every_problem_is_short_json_of_ascii(words: str, field: str):
    body = Problem(422, words, field).body()
    content = json.loads(body)
    assert body.isascii()
    assert len(body) < 8_000
    assert content.get("field", "") == field[:400]
    assert content["error"].endswith(words[:400])
    assert content["error"].startswith(field[:400])


def test_without_a_field_there_is_none():
    assert json.loads(Problem(404, "no such model").body()) == {"error": "no such model"}


@pytest.mark.parametrize(
    ("seconds", "headers"), [(0, {}), (1, {"retry-after": "1"}), (30, {"retry-after": "30"})], ids=str
)
def test_when_to_try_again_is_told_where_there_is_a_use(seconds: int, headers: dict[str, str]):
    assert Problem(503, "busy", retry_seconds=seconds).headers() == headers


def test_it_is_an_error_that_keeps_its_parts():
    with pytest.raises(Problem, match="no such row") as caught:
        raise Problem(422, "no such row", "rows[3]")
    assert (caught.value.status, caught.value.words, caught.value.field) == (422, "no such row", "rows[3]")
