"""The addresses of a server, and who answers at each: an ASGI application that knows no model, only its fleet."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from hermetic._version import __version__
from hermetic.deploy.serving.bodies import Bodies, check_content_type, json_bytes_of
from hermetic.deploy.serving.hosts import HostCheck
from hermetic.deploy.serving.metrics import CONTENT_TYPE, Metrics
from hermetic.deploy.serving.openapi import openapi_document
from hermetic.deploy.serving.page import Page, documentation_page, start_page
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from hermetic.deploy.serving.fleet import Fleet
    from hermetic.deploy.serving.models import Description

__all__ = ["Application"]

_Handler = Callable[[Request], Awaitable[Response]]
_CLOSED = 499
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_JSON = "application/json"


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, _HEADERS, _JSON)


def _of_problem(problem: Problem) -> Response:
    return Response(problem.body(), problem.status, {**_HEADERS, **problem.headers()}, _JSON)


def _of_page(page: Page) -> Response:
    return Response(page.text, 200, {**_HEADERS, "content-security-policy": page.policy}, "text/html; charset=utf-8")


@dataclass(frozen=True)
class Application:
    """What a server answers.

    Attributes
    ----------
    fleet : Fleet
        The workers.
    limits : Limits
        Of requests.
    bodies : Bodies
        Reads requests.
    metrics : Metrics
        Counts them.
    hosts : frozenset of str or None
        Names by which it may be asked; None for any.
    """

    fleet: Fleet
    limits: Limits
    bodies: Bodies
    metrics: Metrics
    hosts: frozenset[str] | None = None

    def asgi(self) -> ASGIApp:
        """Give the application, for a server of ASGI."""
        model = "/v2/models/{model}"
        version = model + "/versions/{version}"
        routes = [
            Route("/", self._plain(self._start), methods=["GET"]),
            Route("/docs", self._plain(self._documentation), methods=["GET"]),
            Route("/openapi.json", self._plain(self._openapi), methods=["GET"]),
            Route("/metrics", self._plain(self._metrics), methods=["GET"]),
            Route("/v2", self._plain(self._server), methods=["GET"]),
            Route("/v2/health/live", self._plain(self._live), methods=["GET"]),
            Route("/v2/health/ready", self._plain(self._ready), methods=["GET"]),
            *(Route(start, self._plain(self._model), methods=["GET"]) for start in (model, version)),
            *(Route(f"{start}/ready", self._plain(self._model_ready), methods=["GET"]) for start in (model, version)),
            *(Route(f"{start}/infer", self._counted("infer"), methods=["POST"]) for start in (model, version)),
            Route("/predict", self._counted("predict"), methods=["POST"]),
            Route("/models/{model}/predict", self._counted("predict"), methods=["POST"]),
        ]
        handlers = {HTTPException: _unknown, Exception: _broken}
        application = Starlette(routes=routes, exception_handlers=handlers)
        # An address with a slash too many is none: a redirect would be made of whatever the client calls this server.
        application.router.redirect_slashes = False
        return application if self.hosts is None else HostCheck(application, self.hosts, _other_host)

    def _plain(self, handler: Callable[[Request], Response]) -> _Handler:
        async def handle(request: Request) -> Response:
            try:
                return handler(request)
            except Problem as problem:
                return _of_problem(problem)

        return handle

    def _counted(self, endpoint: str) -> _Handler:
        async def handle(request: Request) -> Response:
            start = time.perf_counter()
            name, n_rows = "", 0
            try:
                description = self._described(request)
                name = description.name
                response, n_rows = await self._asked(request, endpoint, description)
            except Problem as problem:
                response = _of_problem(problem)
            except ClientDisconnect:
                response = Response(status_code=_CLOSED)
            seconds = time.perf_counter() - start
            self.metrics.count(name, endpoint, response.status_code, seconds=seconds, n_rows=n_rows)
            return response

        return handle

    async def _asked(self, request: Request, endpoint: str, description: Description) -> tuple[Response, int]:
        check_content_type(request.headers, is_binary=endpoint == "infer")
        head: dict[str, Any] = {"do": endpoint, "model": description.name}
        if endpoint == "infer":
            head |= {"json_bytes": json_bytes_of(request.headers), "version": request.path_params.get("version", "")}
        async with self.bodies.read(request) as body:
            frame = await self.fleet.ask(head, body)
        found = frame.head
        headers = {**_HEADERS, **found["headers"]}
        return Response(bytes(frame.body), found["status"], headers, found["type"]), found["rows"]

    def _described(self, request: Request) -> Description:
        """Find the model that a request is about."""
        models = self.fleet.models
        name = request.path_params.get("model")
        if name is None:
            if len(models) != 1:
                words = "several models are served: POST to /models/NAME/predict"
                raise Problem(404, words if models else "no model is served yet")
            return next(iter(models.values()))
        if name not in models:
            raise Problem(404, "no model of this name is served", "model")
        version = request.path_params.get("version", "")
        if version and version != models[name].version:
            raise Problem(404, f"this model is served in version {models[name].version} only", "version")
        return models[name]

    def _start(self, request: Request) -> Response:
        return _of_page(start_page(list(self.fleet.models.values())))

    def _documentation(self, request: Request) -> Response:
        return _of_page(documentation_page(self._document()))

    def _openapi(self, request: Request) -> Response:
        return _json(self._document())

    def _document(self) -> dict[str, Any]:
        return openapi_document(list(self.fleet.models.values()), self.limits)

    def _metrics(self, request: Request) -> Response:
        now = {
            "workers": self.fleet.n_workers,
            "busy_workers": self.fleet.n_busy,
            "waiting_requests": self.fleet.n_waiting,
            "pending_body_bytes": self.bodies.n_pending_bytes,
        }
        return Response(self.metrics.text(self.fleet.models, self.fleet.counts, now), 200, _HEADERS, CONTENT_TYPE)

    def _server(self, request: Request) -> Response:
        return _json({"name": "hermetic", "version": __version__, "extensions": ["binary_tensor_data"]})

    def _live(self, request: Request) -> Response:
        return _json({"live": True})

    def _ready(self, request: Request) -> Response:
        is_ready = self.fleet.n_workers > 0
        return _json({"ready": is_ready}, 200 if is_ready else 503)

    def _model(self, request: Request) -> Response:
        return _json(_metadata(self._described(request)))

    def _model_ready(self, request: Request) -> Response:
        name = self._described(request).name
        is_ready = self.fleet.n_workers > 0
        return _json({"name": name, "ready": is_ready}, 200 if is_ready else 503)


def _metadata(model: Description) -> dict[str, Any]:
    if model.form == "texts":
        inputs = [{"name": "input", "datatype": "BYTES", "shape": [-1]}]
    elif model.features is None:
        inputs = [{"name": "input", "datatype": "FP64", "shape": [-1, -1]}]
    elif model.has_names or any(feature.datatype == "BYTES" for feature in model.features):
        inputs = [{"name": feature.name, "datatype": feature.datatype, "shape": [-1]} for feature in model.features]
    else:
        inputs = [{"name": "input", "datatype": "FP64", "shape": [-1, len(model.features)]}]
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": "hermetic_sklearn",
        "inputs": inputs,
        "outputs": [vars(output) for output in model.outputs],
    }


def _other_host() -> Response:
    words = "this server is not asked by this name; `hermetic serve --allowed-host NAME` allows it"
    return _of_problem(Problem(421, words, "host"))


async def _unknown(request: Request, error: Exception) -> Response:
    """Answer where no route is, or none for this method."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    words = {404: "nothing is at this address; / lists what is", 405: "not with this method"}
    response = _of_problem(Problem(status, words.get(status, "not possible")))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _broken(request: Request, error: Exception) -> Response:
    return _of_problem(Problem(500, "the server could not answer; its log says why"))
