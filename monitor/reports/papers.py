"""A statement as papers for people, ``report.LANGUAGE.html`` and ``report.LANGUAGE.pdf``, made of it alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from monitor.paper import html, pdf
from monitor.paper.pdf import NoPaper
from monitor.paper.words import NoCatalogue, languages, words
from monitor.reports.manifest import PAPER
from monitor.sheet.sheet import sheet

_SETTER = re.compile(rb"<xmp:CreatorTool>([^<]*)<")


class NotMade(Exception):
    """A paper that cannot be made here. The message says why."""


def made(statement: Mapping[str, Any], name: str) -> bytes:
    """Return a paper by its name: the same bytes for the same statement. Raises NotMade."""
    found = PAPER.fullmatch(name)
    if found is None:
        raise NotMade(f"{name}: no paper has this name")
    try:
        said = words(found[1])
        document = sheet(statement, said)
        return html.page(document) if found[2] == "html" else pdf.paper(document, said)
    except (NoCatalogue, NoPaper) as error:
        raise NotMade(f"{name}: {error}") from error


def write(statement: Mapping[str, Any], folder: Path, chosen: Iterable[str] = ()) -> list[str]:
    """Write the papers in these languages, or in all, into a folder; return why some could not be made, in sentences.

    Raises NotMade where a language was chosen: whoever asks for it is to have it.
    """
    wanted = list(chosen)
    missing = []
    for name in (f"report.{language}.{form}" for language in wanted or languages() for form in ("html", "pdf")):
        try:
            (folder / name).write_bytes(made(statement, name))
        except NotMade as error:
            if wanted:
                raise
            missing.append(str(error))
    return missing


def differs(statement: Mapping[str, Any], name: str, signed: bytes) -> str | None:
    """Say why a signed paper is not what its statement gives; "" where it is, None where this cannot tell.

    A PDF that was set by another typesetter, or with a font of the machine's, may have other bytes and say the same.
    Raises NotMade.
    """
    again = made(statement, name)
    if again == signed:
        return ""
    if name.endswith(".pdf"):
        setters = [found[1] if (found := _SETTER.search(one)) else b"" for one in (again, signed)]
        if setters[0] != setters[1] or words(name.split(".")[1]).font:
            return None
    return f"{name} is not what the statement gives"
