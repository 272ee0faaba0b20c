"""The page as a widget, whose settings a notebook hears of."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).parent / "assets" / "widget.js"


def page_widget(html: str, height: int) -> Any:
    """Return an anywidget that shows a page, or None where anywidget is not installed.

    Parameters
    ----------
    html
        The page.
    height
        Of its frame [CSS pixel].

    Returns
    -------
    anywidget.AnyWidget or None
        Its ``values`` are those that differ from the page's first ones, by id, and setting them
        moves the sliders; ``shown`` is the name of the model on the page, once it has told.
    """
    kind = _kind()
    return kind(html=html, height=height) if kind else None


@lru_cache(maxsize=1)
def _kind() -> Any:
    try:
        import anywidget  # pyright: ignore[reportMissingImports]
        import traitlets
    except ModuleNotFoundError:
        return None

    class PageWidget(anywidget.AnyWidget):
        _esm = _SCRIPT.read_text("utf-8")
        html = traitlets.Unicode().tag(sync=True)
        height = traitlets.Int().tag(sync=True)
        shown = traitlets.Unicode().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)

    return PageWidget
