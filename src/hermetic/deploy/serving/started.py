"""A worker that loads the models for itself, for systems that cannot fork.

Run as ``python -m hermetic.deploy.serving.started``. It is told on its standard input what to load and where to
connect, and shows the token that it was given.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from typing import Any

from hermetic.deploy.serving.loading import failure_frame, load_models
from hermetic.deploy.serving.messages import Frame, send_frame
from hermetic.deploy.serving.settings import Limits, Loading, ServedFile, Settings
from hermetic.deploy.serving.worker import ignore_signals, work

__all__ = ["main", "settings_of"]


def settings_of(content: Mapping[str, Any]) -> Settings:
    """Make settings again of plain values.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> settings = Settings(loading=Loading(files=(ServedFile(name="churn", path="/churn.hermetic"),)))
    >>> settings_of(asdict(settings)) == settings
    True
    """
    loading = dict(content["loading"])
    loading["files"] = tuple(ServedFile(**file) for file in loading["files"])
    for name in ("trusted", "capabilities", "signed_by"):
        loading[name] = tuple(loading[name])
    parts = {
        "allowed_hosts": tuple(content["allowed_hosts"]),
        "limits": Limits(**content["limits"]),
        "loading": Loading(**loading),
    }
    return Settings(**{**content, **parts})


def main() -> None:
    """Connect, load, say what was loaded, and work."""
    content = json.loads(sys.stdin.buffer.read())
    settings = settings_of(content["settings"])
    ignore_signals()
    with socket.create_connection(("127.0.0.1", content["port"])) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send_frame(connection, Frame({"token": content["token"]}))
        try:
            models = load_models(settings.loading)
        except Exception as error:
            send_frame(connection, failure_frame(error))
            return
        send_frame(connection, Frame({"models": [served.description.to_dict() for served in models.values()]}))
        work(connection, models, n_threads=settings.n_threads, most_rows=settings.limits.most_rows)


if __name__ == "__main__":
    main()
