"""What libCellML's parser, validator and analyser say of a CellML text, asked in another process.

Its analyser ends the process over some valid models. This file is that process as well: it takes
the text on standard input and writes lines of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

#: Seconds that libCellML may take.
PATIENCE = 60


def issues(text: str) -> tuple[list[str], list[str]]:
    """Return errors and warnings; where libCellML does not survive the text, a warning says so."""
    try:
        done = subprocess.run(
            [sys.executable, __file__], input=text, capture_output=True, text=True,
            encoding="utf-8", timeout=PATIENCE, check=False,
        )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        ending = "" if done.returncode == 0 else f"it ended with {done.returncode}"
    except subprocess.TimeoutExpired:
        lines, ending = [], f"it took longer than {PATIENCE} s"
    errors = [line["text"] for line in lines if line["is_error"]]
    warned = [line["text"] for line in lines if not line["is_error"]]
    if ending:
        warned.append(f"libCellML could not analyse it: {ending}")
    return errors, list(dict.fromkeys(warned))


def _answer(text: str) -> None:
    import libcellml

    parser, validator = libcellml.Parser(), libcellml.Validator()
    parsed = parser.parseModel(text)
    validator.validateModel(parsed)
    _say(libcellml, parser)
    _say(libcellml, validator)
    analyser = libcellml.Analyser()
    analyser.analyseModel(parsed)
    _say(libcellml, analyser)


def _say(libcellml: Any, logger: Any) -> None:
    for index in range(logger.issueCount()):
        issue = logger.issue(index)
        is_error = issue.level() == libcellml.Issue.Level.ERROR
        said = " ".join(issue.description().split())
        sys.stdout.write(json.dumps({"is_error": is_error, "text": said}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _answer(sys.stdin.buffer.read().decode("utf-8"))
