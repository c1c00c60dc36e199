"""A Containerfile holds no text of a file beyond harmless words, no shell, and what a cautious cluster asks for."""

from __future__ import annotations

import json
import re

import pytest

from hermetic.deploy.containers.containerfile import Image, check_base, containerfile_text, default_base, safe_word
from hermetic.errors import UsageError
from tests.hostile_strings import HOSTILE_STRINGS

IMAGE = Image(base="python:3.12-slim", python="3.12", name="churn", labels={"hermetic.python": "3.12", "a.b": "c"})
INSTRUCTIONS = {
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "RUN",
    "STOPSIGNAL",
    "USER",
}


def lines_of(image: Image) -> list[str]:
    return [line for line in containerfile_text(image).splitlines() if line and not line.startswith("#")]


def commands_of(image: Image) -> list[list[str]]:
    text = containerfile_text(image)
    return [json.loads(found) for found in re.findall(r"^(?:RUN|ENTRYPOINT|CMD|HEALTHCHECK.* CMD) (.*)$", text, re.M)]


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_becomes_one_harmless_word(which: str):
    word = safe_word(HOSTILE_STRINGS[which])
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", word)


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_changes_no_instruction(which: str):
    text = HOSTILE_STRINGS[which]
    labels = dict.fromkeys(IMAGE.labels, text)
    hostile = Image(base=IMAGE.base, python=IMAGE.python, name=text, labels=labels)
    lines = lines_of(hostile)
    assert [line.split()[0] for line in lines] == [line.split()[0] for line in lines_of(IMAGE)]
    word = safe_word(text)
    assert f'LABEL a.b="{word}"' in lines
    assert containerfile_text(hostile).replace(word, "") == containerfile_text(hostile).replace(word, "").encode(
        "ascii"
    ).decode("ascii")
    assert commands_of(hostile)[-1][5:7] == ["serve", f"/model/{word}.hermetic"]


@pytest.mark.parametrize("text", ["sklearn.svm.SVC", "2.4.0+cpu", "a" * 64, "1.0.post1"])
def test_ordinary_words_stay_as_they_are(text: str):
    assert safe_word(text) == text


@pytest.mark.parametrize(
    "base",
    [
        "python",
        default_base("3.12"),
        "localhost/own:1",
        "host:5000/a/b_c:1.0",
        "gcr.io/distroless/python3@sha256:" + "a" * 64,
    ],
)
def test_the_name_of_an_image_is_taken(base: str):
    assert lines_of(Image(base=base, python="3.12", name="x", labels={}))[0] == f"FROM {base} AS build"


@pytest.mark.parametrize(
    "base", ["", "a b", "a\nRUN x", "a AS b", "$X", "--platform=x", "a@sha256:12", "a@sha256:" + "a" * 64 + "\n", "é"]
)
def test_anything_else_is_no_image(base: str):
    with pytest.raises(UsageError, match="--base takes the name of an image"):
        check_base(base)


def test_every_line_is_an_instruction_that_is_known():
    for is_serving in (True, False):
        image = Image(base=IMAGE.base, python="3.12", name="x", labels={}, is_serving=is_serving)
        assert {line.split()[0] for line in lines_of(image)} <= INSTRUCTIONS


def test_no_shell_is_used():
    commands = commands_of(IMAGE)
    text = containerfile_text(IMAGE)
    assert len(commands) == len(re.findall(r"^(?:RUN|ENTRYPOINT|CMD|HEALTHCHECK)", text, re.M)) == 7
    assert all(isinstance(word, str) for command in commands for word in command)
    assert {command[0] for command in commands} == {"python3", "/opt/hermetic/bin/python"}


def test_only_wheels_of_the_list_are_installed_and_no_compiler_is_needed():
    [install] = [command for command in commands_of(IMAGE) if "install" in command]
    assert install[install.index("--only-binary") + 1] == ":all:"
    assert {"--require-hashes", "--no-deps"} <= {*install}
    assert not re.search(r"apt-get|gcc|build-essential|curl|http[s]?://", containerfile_text(IMAGE))


def test_the_last_stage_runs_as_nobody_and_proves_the_model():
    last = containerfile_text(IMAGE).split("\n\n")[1].splitlines()
    user = last.index("USER 65532:65532")
    [proof] = [number for number, line in enumerate(last) if line.startswith("RUN")]
    assert user < proof
    assert json.loads(last[proof].removeprefix("RUN "))[-2:] == ["verify", "/model/churn.hermetic"]
    assert "STOPSIGNAL SIGTERM" in last
    assert "ENV PYTHONDONTWRITEBYTECODE=1" in last


def test_the_server_listens_and_its_health_is_asked():
    *_, healthy, entry = commands_of(IMAGE)
    assert entry[1:] == [
        *("-I", "-B", "-m", "hermetic", "serve", "/model/churn.hermetic"),
        *("--host", "0.0.0.0", "--port", "8080"),
    ]
    assert "/v2/health/ready" in healthy[-1]
    compile(healthy[-1], "health", "exec")


def test_without_a_server_nothing_listens():
    image = Image(base=IMAGE.base, python="3.12", name="churn", labels={}, is_serving=False)
    text = containerfile_text(image)
    assert "EXPOSE" not in text
    assert "HEALTHCHECK" not in text
    *_, entry, arguments = commands_of(image)
    assert [*entry, *arguments][3:] == ["-m", "hermetic", "verify", "/model/churn.hermetic"]


def test_labels_stand_in_one_order():
    other = Image(base=IMAGE.base, python="3.12", name="churn", labels=dict(reversed(IMAGE.labels.items())))
    assert containerfile_text(other) == containerfile_text(IMAGE)
