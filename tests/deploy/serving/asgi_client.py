"""Asking an application without a socket, with a fleet of one worker that lives in the same process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hermetic.deploy.serving.answering import answer_frame
from hermetic.deploy.serving.application import Application
from hermetic.deploy.serving.bodies import Bodies
from hermetic.deploy.serving.fleet import Counts
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.metrics import Metrics
from hermetic.deploy.serving.models import Description, ServedModel
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits

__all__ = ["Answer", "Client", "LocalFleet"]


@dataclass
class LocalFleet:
    """Answers at once, in this process."""

    served: Mapping[str, ServedModel]
    limits: Limits = field(default_factory=Limits)
    n_workers: int = 1
    n_busy: int = 0
    n_waiting: int = 0
    counts: Counts = field(default_factory=Counts)
    problem: Problem | None = None

    @property
    def models(self) -> dict[str, Description]:
        return {name: own.description for name, own in self.served.items()}

    async def ask(self, head: dict[str, Any], body: bytes | bytearray) -> Frame:
        if self.problem is not None:
            raise self.problem
        return answer_frame(self.served, Frame(head, body), self.limits.most_rows)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks an application."""

    def __init__(
        self, served: Mapping[str, ServedModel], limits: Limits | None = None, hosts: frozenset[str] | None = None
    ) -> None:
        limits = limits or Limits()
        self.fleet = LocalFleet(served, limits)
        self.bodies = Bodies(limits)
        self.application = Application(self.fleet, limits, self.bodies, Metrics(), hosts).asgi()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.ask("POST", path, [body], {"content-type": "application/json", **(headers or {})})

    def ask(
        self,
        method: str,
        path: str,
        pieces: Sequence[bytes | None] = (),
        headers: Mapping[str, str] | None = None,
        *,
        pause_seconds: float = 0.0,
    ) -> Answer:
        """Ask; a piece that is None is a client that goes away."""
        return asyncio.run(self._ask(method, path, list(pieces), dict(headers or {}), pause_seconds))

    async def _ask(
        self, method: str, path: str, pieces: list[bytes | None], headers: dict[str, str], pause_seconds: float
    ) -> Answer:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(pause_seconds)
            piece = pieces.pop(0) if pieces else b""
            if piece is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:]))
