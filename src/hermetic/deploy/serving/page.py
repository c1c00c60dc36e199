"""The two pages of a server: its models with a form to try them, and every address with a form to try that.

They need nothing from elsewhere, and are allowed nothing: one script and one style, each named by its digest. All text
goes through `html_text`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hermetic._version import __version__
from hermetic.deploy.serving.html_text import html_text
from hermetic.deploy.serving.models import DescribedFeature, Description

__all__ = ["Page", "documentation_page", "start_page"]

_MOST_FIELDS = 40
_MOST_TRIED_BYTES = 20_000


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, and what a browser may let it do.

    Attributes
    ----------
    text : str
        HTML.
    policy : str
        Content security policy.
    """

    text: str
    policy: str


@cache
def _part(name: str) -> str:
    return files("hermetic.deploy.serving").joinpath("pages", name).read_text(encoding="utf-8")


@cache
def _policy() -> str:
    script, style = (_digest(_part(name)) for name in ("page.js", "page.css"))
    return (
        f"default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _page(title: str, parts: Iterator[str]) -> Page:
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html_text(title)}</title>\n<style>{_part('page.css')}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + f"\n<script>{_part('page.js')}</script>\n</body>\n</html>\n"
    )
    return Page(text=text, policy=_policy())


def start_page(models: Sequence[Description]) -> Page:
    """Give the page of the models.

    Parameters
    ----------
    models : sequence of Description
        What is served.

    Examples
    --------
    >>> "No model is served yet" in start_page([]).text
    True
    """
    return _page("Models", _start_parts(models))


def _start_parts(models: Sequence[Description]) -> Iterator[str]:
    yield "<h1>Models</h1>"
    links = "<a href='/docs'>Every address</a>, <a href='/openapi.json'>OpenAPI</a>, <a href='/metrics'>metrics</a>."
    yield f"<p>Served by hermetic {html_text(__version__)}. {links}</p>"
    if not models:
        yield "<p>No model is served yet.</p>"
    for model in models:
        yield "<section>"
        yield f"<h2>{html_text(model.name)}</h2>"
        yield "<table>"
        yield from (f"<tr><th>{html_text(name)}</th><td>{value}</td></tr>" for name, value in _facts(model))
        yield "</table>"
        yield from _try_form(model)
        yield "</section>"


def _facts(model: Description) -> Iterator[tuple[str, str]]:
    yield "Type", html_text(model.type)
    yield "Version", f"<code>{html_text(model.version)}</code>"
    yield "SHA-256", f"<code>{html_text(model.digest)}</code>"
    yield "Verdict", f'<span class="{html_text(model.verdict)}">{html_text(model.verdict_words)}</span>'
    for words, versions in (("Written with", model.written_by), ("Served with", model.installed)):
        if versions:
            yield words, html_text(", ".join(f"{name} {version}" for name, version in versions.items()))
    yield "Answers", html_text(", ".join(model.methods))
    yield "Address", f"<code>POST /models/{html_text(model.name)}/predict</code>"


def _try_form(model: Description) -> Iterator[str]:
    is_small = model.form != "records" and model.features is not None and len(model.features) <= _MOST_FIELDS
    yield (
        f'<form data-method="POST" data-address="/models/{html_text(model.name)}/predict" '
        f'data-form="{html_text(model.form)}" data-named="{"yes" if model.has_names else "no"}">'
    )
    if is_small:
        yield '<div class="fields">'
        yield from _fields(model)
        yield f"<label>Method<select name='method'>{_options(model.methods, model.methods[0])}</select></label></div>"
    else:
        yield _body_field({"rows": model.example})
    yield "<button>Ask</button><pre><output></output></pre></form>"


def _fields(model: Description) -> Iterator[str]:
    features = model.features or []
    row: Any = model.example[0] if model.example else {}
    for place, feature in enumerate(features):
        if isinstance(row, dict):
            value = row.get(feature.name)
        else:
            value = row[place] if isinstance(row, list) and place < len(row) else row
        label = "Text" if model.form == "texts" else feature.name
        yield f"<label>{html_text(label)}{_field(feature, value)}</label>"


def _field(feature: DescribedFeature, value: Any) -> str:
    common = f'data-feature="{html_text(feature.name)}" data-kind="{html_text(feature.kind)}"'
    shown = "" if value is None else str(value)
    if feature.kind == "boolean":
        return f"<select {common}>{_options(['', 'true', 'false'], shown.lower())}</select>"
    if feature.categories and all(isinstance(own, str) for own in feature.categories) and feature.refuses_unknown:
        return f"<select {common}>{_options(['', *feature.categories], shown)}</select>"
    if feature.categories and not any(isinstance(own, str) for own in feature.categories):
        return f'<input {common} data-json="yes" value="{html_text(json.dumps(value))}">'
    return f'<input {common} value="{html_text(shown)}">'


def _options(values: Sequence[str], chosen: str) -> str:
    return "".join(
        f'<option value="{html_text(value)}"{" selected" if value == chosen else ""}>{html_text(value)}</option>'
        for value in values
    )


def _body_field(content: Any) -> str:
    text = json.dumps(content, indent=1)
    lines = map(html_text, text[:_MOST_TRIED_BYTES].split("\n"))
    return "<label>Body<textarea name='body' spellcheck='false'>" + "\n".join(lines) + "</textarea></label>"


def documentation_page(document: Mapping[str, Any]) -> Page:
    """Give the page of all addresses, each with a form that asks there.

    Parameters
    ----------
    document : mapping
        From `openapi_document`.
    """
    return _page("Addresses", _documentation_parts(document))


def _documentation_parts(document: Mapping[str, Any]) -> Iterator[str]:
    yield "<h1>Addresses</h1>"
    yield "<p>The same as <a href='/openapi.json'>OpenAPI</a>. <a href='/'>Models</a>.</p>"
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            yield "<section>"
            yield f'<h2><span class="method">{html_text(method.upper())}</span> {html_text(address)}</h2>'
            yield f"<p>{html_text(operation['summary'])}</p>"
            yield f'<form data-method="{html_text(method.upper())}" data-address="{html_text(address)}">'
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is not None:
                yield _body_field(body["example"])
                yield f"<p>Schema: <code>{html_text(body['schema']['$ref'].rpartition('/')[2])}</code></p>"
            yield "<button>Send</button><pre><output></output></pre></form>"
            yield "</section>"
    yield "<section><h2>Schemas</h2>"
    for name, schema in document["components"]["schemas"].items():
        lines = map(html_text, json.dumps(schema, indent=1)[:_MOST_TRIED_BYTES].split("\n"))
        yield f"<details><summary>{html_text(name)}</summary><pre>" + "\n".join(lines) + "</pre></details>"
    yield "</section>"
