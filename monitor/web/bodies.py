"""The bodies of requests: a JSON object, or the fields of a form. Whatever else comes is refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

#: What reading a body raises: no JSON, no such charset, too deep, cut short, no such part or encoding of one.
UNREADABLE = (ValueError, LookupError, RuntimeError, AssertionError, web.RequestPayloadError)


async def json_object(request: web.Request, say: str) -> Mapping[str, Any]:
    """Return the object in the body, or an empty one where there is no body; 400 with ``say`` for anything else."""
    try:
        asked = await request.json() if request.can_read_body else {}
    except UNREADABLE:
        asked = None
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text=say)
    return asked


async def fields(request: web.Request, *names: str) -> list[str]:
    """Return the texts of a form; a file is none. 400 where it cannot be read."""
    try:
        form = await request.post()
    except UNREADABLE:
        raise web.HTTPBadRequest(text="This form cannot be read.") from None
    return [text if isinstance(text := form.get(name, ""), str) else "" for name in names]
