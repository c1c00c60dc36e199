"""By which names a server may be asked: the page of a stranger cannot reach it under a name of the stranger's own.

A stranger whose name first leads to the stranger's page and then to 127.0.0.1 ("DNS rebinding") is of the same origin
as this server in the eyes of a browser, and could read its answers. But the browser still says the stranger's name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hermetic.deploy.serving.settings import Settings

__all__ = ["HostCheck", "host_name", "known_hosts"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
Refuse = Callable[[], "Response"]
"""Makes the answer to who asks by another name."""


def host_name(text: str) -> str:
    """Give the name in a header ``host``, without its port, or an empty text where it is none.

    Examples
    --------
    >>> host_name("LocalHost:8080"), host_name("[::1]:8080"), host_name("[::1"), host_name("a:b:c")
    ('localhost', '::1', '', '')
    """
    name, sign, port = text.strip().rpartition(":")
    if not sign or "]" in port:
        name, port = text.strip(), ""
    if port and not (port.isascii() and port.isdigit()):
        return ""
    if name.startswith("[") and name.endswith("]"):
        return _canonical(name[1:-1])
    return "" if set(name) & set(":[]") else _canonical(name)


def _canonical(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower().removesuffix(".")


def known_hosts(settings: Settings) -> frozenset[str] | None:
    """Give the names by which a server may be asked.

    Parameters
    ----------
    settings : Settings
        Where it listens, and the names that its operator allows.

    Returns
    -------
    frozenset of str or None
        None for any: a server that others may reach has names that it cannot know, unless its operator gives some.

    Examples
    --------
    >>> from hermetic.deploy.serving.settings import Loading, Settings
    >>> sorted(known_hosts(Settings(loading=Loading(files=()))))
    ['127.0.0.1', '::1', 'localhost']
    >>> known_hosts(Settings(loading=Loading(files=()), host="0.0.0.0")) is None
    True
    """
    if not settings.allowed_hosts and not _is_loopback(settings.host):
        return None
    allowed = (host_name(name) or _canonical(name) for name in settings.allowed_hosts)
    return frozenset((*_LOOPBACK, _canonical(settings.host), *allowed))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return _canonical(host) == "localhost"


class HostCheck:
    """Answers only who asks by a name that is known.

    A request without the header is answered: no browser leaves it out.

    Parameters
    ----------
    application : ASGI application
        Answers.
    hosts : frozenset of str
        From `known_hosts`.
    refuse : callable
        Makes the answer to all others.
    """

    def __init__(self, application: ASGIApp, hosts: frozenset[str], refuse: Refuse) -> None:
        self._application = application
        self._hosts = hosts
        self._refuse = refuse

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request."""
        named = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"]
        is_known = all(host_name(name) in self._hosts for name in named)
        return (self._application if is_known else self._refuse())(scope, receive, send)
