"""Documents as pages: in a browser, without a script, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers.chromium import running_chromium

from monitor.paper.blocks import Column, Document, Heading, Items, Paragraph, Picture, Table, Tile, Tiles, Tone
from monitor.paper.charts import Amount, amounts
from monitor.paper.html import page
from monitor.paper.words import words

HOSTILE = '<img src=x onerror="document.title=1"> & "quoted" </svg><script>document.title=2</script>'


def document(language: str) -> Document:
    said = words(language)
    return Document(
        language,
        said.right_to_left,
        HOSTILE,
        (HOSTILE,),
        (
            Heading(HOSTILE),
            Paragraph(HOSTILE, Tone.LOUD),
            Items((HOSTILE,)),
            Tiles((Tile(HOSTILE, "1 %", (HOSTILE,)),)),
            Table(HOSTILE, (Column(HOSTILE), Column("number", number=True)), ((HOSTILE, "7"),)),
            Picture(amounts([Amount(HOSTILE, 7, HOSTILE)], said), HOSTILE, HOSTILE),
        ),
        HOSTILE,
        1_790_000_000,
    )


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_what_others_wrote_is_shown_and_does_nothing(tmp_path: Path, language: str) -> None:
    """Every text stands on the page as it was written; the page reads in its language's direction."""
    place = tmp_path / "page.html"
    place.write_bytes(page(document(language)))
    async with running_chromium() as browser:
        opened = await browser.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        await opened.goto(place.as_uri())
        assert await opened.title() == HOSTILE
        assert await opened.locator("img, script").count() == 0
        told = await opened.locator("body").inner_text()
        assert told.count("onerror") >= 8
        assert await opened.locator("svg text").first.text_content() in (HOSTILE, f"\u2067{HOSTILE}\u2069")
        assert await opened.evaluate("getComputedStyle(document.body).direction") == (
            "rtl" if language == "ur" else "ltr"
        )
        assert await opened.evaluate("getComputedStyle(document.querySelector('svg')).direction") == "ltr"
        assert await opened.locator("th[scope=row]").count() == 1
        assert asked == [place.as_uri()]
        await browser.close()


def test_the_same_document_gives_the_same_page() -> None:
    """Nothing of the moment or the machine is in it."""
    assert page(document("en")) == page(document("en"))
