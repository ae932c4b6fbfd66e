"""A document as a page: one file, no script, nothing fetched; readable in black and white and on paper."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from monitor.paper.blocks import Document


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("monitor.paper", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # our own SVG, whose texts are escaped where it is made
    environment.filters["kind"] = lambda block: type(block).__name__
    return environment.get_template("page.html")


@cache
def style() -> str:
    """Return what stands in the page's style element, letter by letter."""
    return files("monitor.paper").joinpath("templates", "page.css").read_text(encoding="utf-8")


def page(document: Document) -> bytes:
    """Return the page."""
    return _template().render(document=document, style=style()).encode()
