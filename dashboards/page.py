"""The runbook as a page of the monitor: for a control room without internet, an alert's link must lead to it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from dashboards.mixin import FOLDER

#: Where the monitor's templates are; the page is one of them.
TEMPLATE = FOLDER.parent / "monitor" / "web" / "templates" / "runbook.html"
RUNBOOK = FOLDER / "runbook.md"

_PAGE = """\
{# Generated from dashboards/runbook.md by make dashboards; not edited by hand. #}
{% extends "base.html" %}
{% block title %}Runbook · camfleet{% endblock %}
{% block main %}
<article class="prose">
{% raw %}
BODY{% endraw %}
</article>
{% endblock %}
"""


def page(file: Path = RUNBOOK) -> str:
    """Return the template of the page; a heading's anchor is its text in small letters, as in ``runbook_url``."""
    markdown = MarkdownIt("commonmark", {"html": False})
    tokens = markdown.parse(file.read_text(encoding="utf-8"))
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", text.content.lower().replace(" ", "-"))
    return _PAGE.replace("BODY", markdown.renderer.render(tokens, markdown.options, {}))
