"""A document as paper: PDF/A-3 and PDF/UA-1, tagged, the same bytes each time."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from monitor.paper.blocks import Document
from monitor.paper.words import Words

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
#: Where Debian puts fonts; a font that is not there is asked for by its package's name.
FONT_FOLDERS = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts/opentype"))
#: So many letters that no font has are written out by their numbers before the paper is given up.
MOST_LETTERS = 200
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
_NO_GLYPH = re.compile(r'the text `?"(.+?)"`? could not be displayed', re.DOTALL)


class NoPaper(Exception):
    """No PDF can be made. The message says why, and what to do."""


def paper(document: Document, words: Words) -> bytes:
    """Return the PDF of a document. Raises NoPaper."""
    fonts = _fonts(words)
    template = files(__package__).joinpath("templates", "paper.typ").read_bytes()
    source = json.dumps(_plain(document, words), ensure_ascii=False, separators=(",", ":"))
    for _ in range(MOST_LETTERS):
        try:
            made = typst.compile(
                template,
                font_paths=fonts,
                sys_inputs={"document": source},
                pdf_standards=STANDARDS,
                timestamp=document.at,
            )
        except typst.TypstError as error:
            missing = _NO_GLYPH.search(error.message)
            letters = _missing(missing[1], source) if missing else set()
            if not letters:
                raise NoPaper(f"the PDF cannot be set: {error.message}") from error
            for letter in letters:
                source = source.replace(letter, f"[U+{ord(letter):04X}]")
            continue
        assert isinstance(made, bytes)
        return made
    raise NoPaper(f"more than {MOST_LETTERS} different letters in it are in no font: install one that has them")


def _missing(text: str, source: str) -> set[str]:
    """Return the letters that have no glyph, by what typst tells of them, with its escapes.

    Of a mark that joins a letter it tells the letter. ASCII has all its glyphs, so then it is a mark behind one of it.
    """
    told = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    letters = {letter for letter in told if not letter.isascii()}
    behind = re.findall(rf"[{re.escape(told)}]([^\x00-\x7f])", source)
    return letters or {mark for mark in behind if unicodedata.category(mark).startswith("M")}


def _fonts(words: Words) -> typst.Fonts:
    """Return the fonts: those that typst brings, so that a paper looks the same everywhere, and the script's own."""
    folders: list[str] = []
    if words.font:
        stem = words.font.replace(" ", "")
        found = (path for folder in FONT_FOLDERS for path in sorted(folder.rglob(f"{stem}-Regular.*")))
        place = next(found, None)
        if place is None:
            raise NoPaper(f"a PDF in {words.name} needs the font {words.font}: apt install {words.package}")
        folders = [str(place.parent)]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def _plain(document: Document, words: Words) -> Mapping[str, Any]:
    """Return a document as plain values, each block with its kind."""
    blocks = [{"kind": type(block).__name__, **_values(block)} for block in document.blocks]
    return {**document._asdict(), "blocks": blocks, "font": words.font}


def _values(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _values(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple):
        return [_values(part) for part in value]
    return value
