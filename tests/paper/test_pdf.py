"""Documents as paper: tagged, the same bytes each time, and nothing in a text is markup."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from peers.servers import require, require_font

from monitor.paper import pdf
from monitor.paper.blocks import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    NewPage,
    Paragraph,
    Picture,
    Table,
    Tile,
    Tiles,
    Tone,
)
from monitor.paper.charts import Amount, Reach, amounts, reaches
from monitor.paper.plan import Mark, Spot, legend, plan
from monitor.paper.words import Words, languages, words

HOSTILE = ['#panic("x")', "*b* _i_ $x$ `c` @ref <label> \\ // /* */ ~", "=SUM(A1)", "<script>alert(1)</script>", "a&b;"]


def document(*blocks: Block, language: str = "en") -> Document:
    return Document(language, words(language).right_to_left, "A title", ("below it",), blocks, "a foot", 1_790_000_000)


def chart(language: Words) -> Picture:
    """A chart with every word of a language that stands in one."""
    told = [text for key, text in language.sentences.items() if isinstance(text, str) and "{" not in text]
    rows = [Reach(text, Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), language.apart("50 %")) for text in told]
    return Picture(reaches(rows, language, Fraction(9, 10)), "what it shows", "caption")


def every_block(language: Words) -> list[Block]:
    spots = [Spot(31.5, 74.3, Mark.BAD), Spot(31.6, 74.4, Mark.GOOD), Spot(31.55, 74.3, Mark.UNSEEN)]
    return [
        Paragraph("plain"), Paragraph("quiet", Tone.QUIET), Paragraph("loud", Tone.LOUD),
        Tiles((Tile("a label", "98.405 %", ("98 – 99 %", "seen")), Tile("another", "–"))),
        Heading("second"), Heading("third", 3), Items(("one", "two")), NewPage(),
        Table("caption", (Column("name", wide=True), Column("number", number=True)), (("gate", "7"), ("pier", "12"))),
        chart(language), Picture(amounts([Amount("power", 7, "7 h")], language), "alt", "caption"),
        Picture(plan(spots, language), "a plan", "caption"), Picture(legend([(Mark.POOR, "x")], language), "a", "b"),
    ]  # fmt: skip


def read(folder: Path, made: bytes, *program: str) -> str:
    """Return what one of poppler's programs says of a PDF."""
    name, *options = program
    place = folder / "made.pdf"
    place.write_bytes(made)
    to = ["-"] if name == "pdftotext" else []
    command = [require(name, "poppler-utils"), *options, str(place), *to]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", languages())
def test_every_block_in_every_language(tmp_path: Path, language: str) -> None:
    """The paper is tagged and archival, and each word of a language is in its fonts."""
    said = words(language)
    require_font(said.font.replace(" ", ""), said.package)
    told = document(*every_block(said), language=language)
    made = pdf.paper(told, said)
    found = read(tmp_path, made, "pdfinfo")
    assert "Tagged:          yes" in found
    assert "Title:           A title" in found
    assert b"pdfaid:part" in made
    assert b"pdfuaid:part" in made


@pytest.mark.parametrize("language", languages())
def test_twice_is_the_same(language: str) -> None:
    """The same document gives the same bytes."""
    said = words(language)
    require_font(said.font.replace(" ", ""), said.package)
    table = Table("caption", (Column("name", wide=True), Column("number", number=True)), (("gate", "7"),))
    picture = Picture(legend([(Mark.POOR, "x")], said), "a", "b")
    assert (
        len({pdf.paper(document(Paragraph("plain"), table, picture, language=language), said) for _ in range(2)}) == 1
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup(tmp_path: Path, text: str) -> None:
    """Whatever a device or a person wrote stands on the paper as it was written."""
    made = pdf.paper(document(Paragraph(text), Table("c", (Column(text),), ((text,),)), Items((text,))), words("en"))
    found = read(tmp_path, made, "pdftotext", "-layout")
    assert found.replace("\n", " ").count(text[:12]) >= 3


def test_a_letter_that_no_font_has_is_written_by_its_number(tmp_path: Path) -> None:
    """A name in another script spoils no report."""
    made = pdf.paper(document(Paragraph("摄像机 7"), Paragraph("\U0001f4f7 摄")), words("en"))
    found = read(tmp_path, made, "pdftotext")
    assert "[U+6444][U+50CF][U+673A] 7" in found
    assert "[U+1F4F7] [U+6444]" in found


def test_a_mark_that_no_font_has_is_written_by_its_number(tmp_path: Path) -> None:
    """One that joins what stands before it, be that a bracket; the bracket stays what it is."""
    found = read(tmp_path, pdf.paper(document(Paragraph("gate [7]\u0650 zay\u0300f")), words("en")), "pdftotext")
    assert "gate [7][U+0650]" in found


def test_without_its_font_a_language_says_what_to_install() -> None:
    """The message names the font and the package."""
    said = replace(words("ur"), font="No Such Font", package="fonts-none")
    with pytest.raises(pdf.NoPaper) as error:
        pdf.paper(document(language="ur"), said)
    assert str(error.value) == "a PDF in Urdu needs the font No Such Font: apt install fonts-none"
