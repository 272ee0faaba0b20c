"""The page: one HTML file that holds the model, its solver and all that shows it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: What a page says where its script does not run.
_NEEDED = (
    "This page computes in the browser: it needs JavaScript, in a browser of 2023 or later. — Diese"
    " Seite rechnet im Browser: Sie braucht JavaScript, in einem Browser von 2023 oder später."
)
_ASSETS = Path(__file__).parent / "assets"


def page_of(
    payload: dict[str, Any], program: str, others: Sequence[tuple[dict[str, Any], str]] = ()
) -> str:
    """Return the page of a model as HTML.

    Parameters
    ----------
    payload
        What the page knows of the model.
    program
        The model's program, an expression of JavaScript.
    others
        The same of further models: those with a ``title`` are models that the page can change to,
        the rest are run in its tour.
    """
    style = _asset("explorer.css")
    engine = _asset("engine.js")
    printed = _printed(program)
    script = _asset("explorer.js")
    # The scripts named here run, and no others, whatever a model's texts hold; nothing is loaded
    sources = " ".join(_digest(each) for each in (engine, printed, script))
    policy = (
        f"default-src 'none'; script-src {sources} blob:; worker-src blob:; style-src"
        " 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(payload["title"])}</title>
<style>{style}</style>
</head>
<body>
<main id="explorer"><h1>{html.escape(payload["title"])}</h1>
<p>{_NEEDED}</p></main>
<script type="application/json" class="model">{_json(payload)}</script>
<script id="engine">{engine}</script>
<script class="program">{printed}</script>
{"".join(_other(*each) for each in others)}<script>{script}</script>
</body>
</html>
"""


def _printed(program: str) -> str:
    return f"var explorerProgram = {program};"


def _other(payload: dict[str, Any], program: str) -> str:
    """Return another model as data; its program runs in a worker alone."""
    return (
        f'<script type="application/json" class="model">{_json(payload)}</script>\n'
        f'<script type="text/plain" class="program">{_printed(program)}</script>\n'
    )


def _asset(name: str) -> str:
    """Return a built file, which ends no script or style."""
    text = (_ASSETS / name).read_text("utf-8").strip()
    if "</script" in text or "</style" in text or "<!--" in text:
        raise AssertionError(f"'{name}' would end the element that holds it")
    return text


def _json(payload: dict[str, Any]) -> str:
    """Return JSON that ends no script, whatever it holds."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
