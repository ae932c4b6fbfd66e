"""``/oversight``: how the contracts stand, for whoever has to trust the figures; and the packs that prove them.

A document of its own, in the languages of the reports, without a script. Whoever has no right to the figures gets none.
"""

from __future__ import annotations

import asyncio
import tarfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from monitor.core.statement.packs import File, Pack
from monitor.paper import html
from monitor.paper.words import languages, words
from monitor.sheet.oversight import ADDRESS, Known, oversight
from monitor.web.roles import demand

#: Returns what there is to show; reads the disk.
Books = Callable[[], Known]
BOOKS: web.AppKey[Books] = web.AppKey("books")
USUAL_LANGUAGE = "en"
AT_ONCE = 1 << 18
TYPES = {
    ".csv": "text/csv", ".gz": "application/gzip", ".html": "text/html", ".json": "application/json",
    ".pdf": "application/pdf", ".txt": "text/plain",
}  # fmt: skip


def register(app: web.Application, books: Books) -> None:
    """Show the page, and give away packs, through this application."""
    app[BOOKS] = books
    app.router.add_get(ADDRESS, show)
    app.router.add_get(f"{ADDRESS}/packs/{{contract}}/{{period}}.tar", whole)
    app.router.add_get(f"{ADDRESS}/packs/{{contract}}/{{period}}/{{name}}", one_file)


async def show(request: web.Request) -> web.Response:
    """Answer the page in the language that was asked for."""
    demand(request, "figures")
    known = await asyncio.to_thread(request.app[BOOKS])
    others = [(code, words(code).name) for code in languages()]
    language = _language(request)
    page = await asyncio.to_thread(lambda: html.page(oversight(known, words(language), others)))
    response = web.Response(body=page, content_type="text/html", charset="utf-8", headers=_only_its_style())
    response.enable_compression()
    return response


def _language(request: web.Request) -> str:
    """Return the language that was asked for, else the first of the reader's own that there is."""
    accepted = request.headers.get("Accept-Language", "").split(",")
    asked = [request.query.get("language", ""), *(one.strip().partition(";")[0].partition("-")[0] for one in accepted)]
    return next((one for one in asked if one in languages()), USUAL_LANGUAGE)


def _only_its_style() -> dict[str, str]:
    """Return what lets the page's own style in, by its digest, and nothing else."""
    style = b64encode(sha256(html.style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    return {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}


async def one_file(request: web.Request) -> web.FileResponse:
    """Give a file of a pack away."""
    pack, name = await _pack(request), request.match_info["name"]
    if all(file.name != name for file in pack.files):
        raise web.HTTPNotFound(text="The pack has no such file.")
    response = web.FileResponse(Path(pack.folder / name), headers=_attached(f"{pack.label}-{name}"))
    response.content_type = TYPES.get(Path(name).suffix, "application/octet-stream")
    return response


async def whole(request: web.Request) -> web.StreamResponse:
    """Give a pack away as one file, a tar archive, whose parts are read as they are sent."""
    pack = await _pack(request)
    response = web.StreamResponse(headers=_attached(f"{pack.label}.tar"))
    response.content_type = "application/x-tar"
    response.content_length = sum(_room(file) for file in pack.files) + 2 * tarfile.BLOCKSIZE
    await response.prepare(request)
    for file in pack.files:
        async for part in _archived(pack, file):
            await response.write(part)
    await response.write(bytes(2 * tarfile.BLOCKSIZE))
    await response.write_eof()
    return response


async def _archived(pack: Pack, file: File) -> AsyncIterator[bytes]:
    """Yield a file as it stands in an archive: its head, all of it, and what fills the last block.

    It is open only while a part is read, so that nothing stays open for a reader who is slow, or leaves.
    """
    head = tarfile.TarInfo(f"{pack.label}/{file.name}")
    head.size, left = file.size, file.size
    yield head.tobuf(tarfile.USTAR_FORMAT)
    path = Path(pack.folder / file.name)
    while left and (part := await asyncio.to_thread(_read, path, file.size - left, min(left, AT_ONCE))):
        left -= len(part)
        yield part
    if left:
        raise ConnectionAbortedError(f"{file.name} became shorter while it was sent")
    yield bytes(_room(file) - tarfile.BLOCKSIZE - file.size)


def _read(path: Path, at: int, most: int) -> bytes:
    with path.open("rb") as opened:
        opened.seek(at)
        return opened.read(most)


def _room(file: File) -> int:
    """Return how much of an archive a file takes, its head included."""
    return tarfile.BLOCKSIZE * (1 - (-file.size // tarfile.BLOCKSIZE))


async def _pack(request: web.Request) -> Pack:
    """Return the pack that is asked for; 404 where there is none, or none that is what was signed."""
    demand(request, "figures")
    asked = request.match_info["contract"], request.match_info["period"]
    known = await asyncio.to_thread(request.app[BOOKS])
    for pack in known.packs:
        if (pack.contract, pack.period) == asked and not pack.flaw:
            return pack
    raise web.HTTPNotFound(text="There is no such pack.")


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
