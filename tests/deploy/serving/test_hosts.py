"""A server on this machine is asked by its own names only: a stranger's name that leads here is refused."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs hermetic[serve]")

from hermetic.deploy.serving.hosts import HostCheck, host_name, known_hosts
from hermetic.deploy.serving.settings import Loading, Settings
from tests.deploy.serving.asgi_client import Client

NAMES = {
    "localhost": "localhost",
    "LOCALHOST": "localhost",
    "localhost.": "localhost",
    "localhost:8080": "localhost",
    "localhost:": "localhost",
    " localhost ": "localhost",
    "127.0.0.1": "127.0.0.1",
    "127.0.0.1:80": "127.0.0.1",
    "[::1]": "::1",
    "[::1]:8080": "::1",
    "[0:0:0:0:0:0:0:1]:8080": "::1",
    "churn.example:443": "churn.example",
}
BROKEN = ["", ":8080", "::1", "[::1", "::1]", "a:b", "a:8080:9090", "localhost:80x", "localhost:²", "[::1]x:80", "a[b]"]


@pytest.mark.parametrize(("text", "name"), NAMES.items(), ids=NAMES)
def test_the_name_is_found_beside_its_port(text: str, name: str):
    assert host_name(text) == name


@pytest.mark.parametrize("text", BROKEN, ids=ascii)
def test_what_is_no_name_is_none_that_is_known(text: str):
    assert host_name(text) not in {"localhost", "127.0.0.1", "::1", "a", "a[b]"}


def settings(**changes: Any) -> Settings:
    return Settings(loading=Loading(files=()), **changes)


OWN = {"localhost", "127.0.0.1", "::1"}
KNOWN: dict[str, tuple[dict[str, Any], set[str] | None]] = {
    "as it starts": ({}, OWN),
    "by name": ({"host": "localhost"}, OWN),
    "on IPv6": ({"host": "::1"}, OWN),
    "on another address of this machine": ({"host": "127.0.0.2"}, {*OWN, "127.0.0.2"}),
    "with names of the operator": ({"allowed_hosts": ("Churn.Example", "churn:80")}, {*OWN, "churn.example", "churn"}),
    "for everybody": ({"host": "0.0.0.0"}, None),
    "for everybody on IPv6": ({"host": "::"}, None),
    "for a network": ({"host": "192.168.0.5"}, None),
    "for a network by name": ({"host": "server.example"}, None),
    "for everybody, by one name": (
        {"host": "0.0.0.0", "allowed_hosts": ("churn.example",)},
        {*OWN, "0.0.0.0", "churn.example"},
    ),
}


@pytest.mark.parametrize("words", KNOWN)
def test_names_are_known_where_strangers_cannot_connect_or_the_operator_gives_some(words: str):
    changes, expected = KNOWN[words]
    assert known_hosts(settings(**changes)) == expected


@pytest.fixture
def client() -> Client:
    return Client({}, hosts=known_hosts(settings(allowed_hosts=("churn.example",))))


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "CHURN.example:8080"])
def test_who_asks_by_a_known_name_is_answered(host: str, client: Client):
    assert client.ask("GET", "/v2", headers={"host": host}).status == 200


STRANGERS = [
    "stranger.example",
    "stranger.example:8080",
    "localhost.stranger.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
    "",
]
PATHS = ["/", "/docs", "/openapi.json", "/metrics", "/v2", "/v2/models/a", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", STRANGERS, ids=ascii)
def test_a_name_that_a_stranger_has_pointed_here_is_refused_everywhere(host: str, path: str, client: Client):
    answer = client.ask("GET", path, headers={"host": host})
    assert answer.status == 421
    assert "--allowed-host" in answer.json()["error"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert host not in answer.body.decode() or not host


def test_a_question_by_a_strangers_name_is_not_counted_nor_read(client: Client):
    headers = {"host": "stranger.example", "content-type": "application/json"}
    assert client.ask("POST", "/predict", [b"[[1]]"], headers).status == 421
    assert "hermetic_requests_total{" not in client.get("/metrics").body.decode()


def test_a_program_that_names_no_host_is_answered(client: Client):
    assert client.ask("GET", "/v2/health/live").status == 200


def test_a_server_for_everybody_is_asked_by_any_name():
    assert Client({}).ask("GET", "/v2", headers={"host": "anything.example"}).status == 200


@pytest.mark.parametrize("names", [["localhost", "stranger.example"], ["stranger.example", "localhost"]], ids="-".join)
def test_every_name_of_a_request_that_has_two_must_be_known(names: list[str]):
    asked: list[str] = []

    def answers(word: str) -> Any:
        return lambda scope, receive, send: asked.append(word)

    check = HostCheck(answers("answer"), frozenset({"localhost"}), lambda: answers("refusal"))
    scope = {"type": "http", "headers": [(b"host", name.encode()) for name in names]}
    check(scope, None, None)  # type: ignore[arg-type] # neither is used
    assert asked == ["refusal"]


def test_no_address_is_redirected_to_the_name_that_a_client_has_made_up():
    answer = Client({}).ask("GET", "/metrics/", headers={"host": "stranger.example"})
    assert (answer.status, "location" in answer.headers) == (404, False)
