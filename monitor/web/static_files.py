"""Our own style sheets, scripts and icon: read once, served from memory under the digest of them all."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class StaticFiles:
    """The files by name. Under their digest they never change, so a browser may keep them for ever."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self.digest = sha256(b"\0".join(self._files.values())).hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where a file is found; a script imports its neighbours from the same place."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if request.match_info["digest"] != self.digest or name not in self._files:
            raise web.HTTPNotFound
        response = web.Response(
            body=self._files[name],
            content_type=TYPES[Path(name).suffix],
            charset="utf-8",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )
        response.enable_compression()
        return response
