"""A page as Chromium lays it out: a script is run in it, without a window and without node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

#: Names under which systems have it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: Longest time that a page may take [s].
PATIENCE = 120
_ANSWER = re.compile(r'<pre id="answer-of-the-test">(.*?)</pre>', re.DOTALL)


def chromium() -> str:
    """Return the path of a Chromium, or skip the test that needs it."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip(f"needs a Chromium; none of {', '.join(NAMES)} is on the path")


def axe() -> Path:
    """Return the file of axe-core, or skip the test that needs it."""
    path = Path(os.environ.get("AXE_CORE", ""))
    if not path.is_file():
        pytest.skip("needs axe-core: AXE_CORE names its axe.min.js (CONTRIBUTING.md says how)")
    return path


def asked_of(
    page: Path, script: str, *, width: int, scratch: Path, library: Path | None = None,
    dark: bool = False,
) -> object:  # fmt: skip
    """Return what a script says of a page in a window of some width.

    Parameters
    ----------
    page
        An HTML file. A copy of it, beside it for the time of the question, runs the script.
    script
        An expression of JavaScript whose value, or what it promises, can be JSON. It is asked for
        when all fonts are there.
    width
        Of the page [CSS pixel].
    scratch
        A folder for the browser's profile.
    library
        A file of JavaScript that the expression uses.
    dark
        Whether whoever reads it prefers dark pages.
    """
    used = f'<script src="{library.resolve().as_uri()}"></script>' if library else ""
    asking = (
        f"{used}<script>document.fonts.ready.then(async () => {{"
        " const said = document.createElement('pre');"
        f" said.id = 'answer-of-the-test'; said.textContent = JSON.stringify(await ({script}));"
        " document.body.append(said); });</script></body>"
    )
    copy = page.with_name("asked.html")
    # A window is never as narrow as a phone; a frame is
    frame = page.with_name("frame.html")
    copy.write_text(page.read_text("utf-8").replace("</body>", asking), "utf-8")
    frame.write_text(
        f'<body><iframe src="{copy.name}" width="{width}" height="900" style="border:0"></iframe>'
        "<script>addEventListener('load', () => { const wait = setInterval(() => {"
        " const inner = document.querySelector('iframe').contentDocument;"
        " const said = inner && inner.getElementById('answer-of-the-test');"
        " if (said) { clearInterval(wait); document.body.append(said.cloneNode(true)); } }, 50);"
        " });</script></body>", "utf-8",
    )  # fmt: skip
    try:
        done = subprocess.run(
            [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--allow-file-access-from-files", f"--user-data-dir={scratch}", "--dump-dom",
             f"--blink-settings=preferredColorScheme={0 if dark else 1}",
             "--virtual-time-budget=20000", f"--window-size={max(width + 40, 600)},1000",
             frame.resolve().as_uri()],
            capture_output=True, encoding="utf-8", timeout=PATIENCE, check=True,
        )  # fmt: skip
    finally:
        copy.unlink()
        frame.unlink()
    answer = _ANSWER.search(done.stdout.rsplit("</iframe>", 1)[-1])
    assert answer, f"the page said nothing: {done.stderr[-500:]}"
    return json.loads(unescape(answer[1]))
