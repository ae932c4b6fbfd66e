"""A server on loopback that keeps folders and dashboards as Grafana's HTTP API does (its documentation, "Dashboard" and
"Folder", 12 and 13): what it is given has a number and a version of its own when it is asked for again."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Kept:
    """A dashboard with the folder it is in."""

    number: int
    version: int
    model: dict[str, Any]
    folder: str
    message: str
    provisioned: bool = False


@dataclass
class Peer:
    """What it keeps, and every request that wrote something. ``token`` may edit, ``viewer`` may read."""

    token: str = "glsa_of-an-editor"
    viewer: str = "glsa_of-a-viewer"
    version: str = "13.2.0"
    url: str = ""
    folders: dict[str, str] = field(default_factory=dict)
    boards: dict[str, Kept] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    requests: int = 0
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    """What stands in for all of it, where something else shall answer."""

    @web.middleware
    async def gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests += 1
        if self.answer is not None:
            return await self.answer(request)
        shown = request.headers.get("Authorization", "")
        if request.path != "/api/health" and shown not in (f"Bearer {self.token}", f"Bearer {self.viewer}"):
            return _said(401, "Invalid API key")
        if request.method == "POST":
            if shown != f"Bearer {self.token}":
                return _said(403, "You'll need additional permissions to perform this action.")
            self.writes.append(request.path)
        return await handler(request)

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"database": "ok", "version": self.version, "commit": "0"})

    async def list_folders(self, _: web.Request) -> web.Response:
        return web.json_response([{"id": 1, "uid": uid, "title": title} for uid, title in self.folders.items()])

    async def make_folder(self, request: web.Request) -> web.Response:
        given = await request.json()
        uid = given.get("uid") or f"f{len(self.folders):08}"
        self.folders[uid] = given["title"]
        return web.json_response({"id": 1, "uid": uid, "title": given["title"]})

    async def get(self, request: web.Request) -> web.Response:
        kept = self.boards.get(request.match_info["uid"])
        if kept is None:
            return _said(404, "Dashboard not found")
        model = {**kept.model, "id": kept.number, "version": kept.version}
        return web.json_response(
            {"dashboard": model, "meta": {"folderUid": kept.folder, "provisioned": kept.provisioned}}
        )

    async def save(self, request: web.Request) -> web.Response:
        given = await request.json()
        model, folder = given["dashboard"], given.get("folderUid", "")
        before = self.boards.get(model["uid"])
        if folder and folder not in self.folders:
            return _said(400, "folder not found")
        if before is not None and before.provisioned:
            return _said(400, "Cannot save provisioned dashboard")
        if before is not None and not given.get("overwrite"):
            return _said(412, "The dashboard has been changed by someone else")
        version = before.version + 1 if before else 1
        self.boards[model["uid"]] = Kept(len(self.boards) + 1, version, model, folder, given.get("message", ""))
        return web.json_response({"uid": model["uid"], "status": "success", "version": version})


def _said(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


@asynccontextmanager
async def serving(peer: Peer, prefix: str = "", context: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """Run it for as long as the block, below a path where there is a prefix."""
    app = web.Application(middlewares=[peer.gate])
    app.add_routes(
        [
            web.get(f"{prefix}/api/health", peer.health),
            web.get(f"{prefix}/api/folders", peer.list_folders),
            web.post(f"{prefix}/api/folders", peer.make_folder),
            web.get(prefix + "/api/dashboards/uid/{uid}", peer.get),
            web.post(f"{prefix}/api/dashboards/db", peer.save),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    peer.url = f"http{'s' if context else ''}://127.0.0.1:{runner.addresses[0][1]}{prefix}"
    try:
        yield peer
    finally:
        await runner.cleanup()
