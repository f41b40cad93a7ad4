"""A plain page that describes the API: made from its OpenAPI, no script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/docs.css"></head>
<body><main><h1>{title}</h1>
<p>{about}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a></p>
{operations}
</main></body></html>
"""
_OPERATION = """<section><h2><code>{method} {path}</code></h2>
<p>{text}</p>
{example}<ul>{answers}</ul></section>"""


def docs_page(api: Mapping[str, Any]) -> str:
    """The HTML page of an OpenAPI description; every text in it is escaped."""
    info = api["info"]
    return _PAGE.format(
        title=escape(f"{info['title']} {info['version']}: the HTTP API"),
        about=_paragraphs(info.get("description", "")),
        operations="\n".join(_operations(api)),
    )


def _operations(api: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            answers = (
                f"<li><code>{escape(status)}</code> {escape(answer['description'])}</li>"
                for status, answer in operation["responses"].items()
            )
            yield _OPERATION.format(
                method=escape(method.upper()), path=escape(path),
                text=_paragraphs(operation.get("description", operation.get("summary", ""))),
                example=_example(api, operation), answers="".join(answers),
            )  # fmt: skip


def _example(api: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    """The first example of a JSON body."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return ""
    name = body["schema"]["$ref"].rpartition("/")[2]
    examples = api["components"]["schemas"][name].get("examples", [])
    return f"<pre>{escape(json.dumps(examples[0], indent=1))}</pre>\n" if examples else ""


def _paragraphs(text: str) -> str:
    return "</p><p>".join(escape(part.strip()) for part in text.split("\n\n"))
