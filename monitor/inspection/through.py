"""A look held by the running monitor, asked for over its API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

import aiohttp

from monitor.inspection.errors import LookError

#: A device's budget may have to be waited for, then three probes at the pace of the slowest camera.
PATIENCE_S = 300.0
ALIVE_S = 3.0
#: One event: a conversation of 24 messages of 4 KB, and what JSON makes of them.
MOST_EVENT_BYTES = 1 << 20


async def answers(url: str) -> bool:
    """Say whether a monitor answers at this address."""
    try:
        async with client(ALIVE_S) as session, session.get(f"{url}/healthz") as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def look(url: str, camera: str, token: str, clear_lock: bool) -> AsyncGenerator[dict[str, Any], None]:
    """Have a monitor ask a camera, and yield what happens. Raises LookError."""
    place = f"{url.rstrip('/')}/api/v1/cameras/{quote(camera, safe='')}/probe"
    try:
        async with (
            client(PATIENCE_S) as session,
            session.post(place, json={"clear_lock": clear_lock}, headers=authorization(token)) as response,
        ):
            if response.status != 200:
                raise LookError(await refusal(response, url))
            async for line in response.content:
                yield _event(line, url)
    except (TimeoutError, ValueError, OSError, aiohttp.ClientError):
        raise LookError(silence(url)) from None


async def whole(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the whole body of an answer; ValueError where it is longer than ``most`` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            raise ValueError(f"more than {most} bytes")
    return bytes(body)


def silence(url: str) -> str:
    """Return what to say of a monitor that says nothing."""
    return f"The monitor at {url} does not answer, or not to the end. Does it run?"


def authorization(token: str) -> dict[str, str]:
    """Return the header fields that show a token, where there is one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def client(patience_s: float) -> aiohttp.ClientSession:
    """Return a client of our own API."""
    timeout = aiohttp.ClientTimeout(total=patience_s, sock_connect=ALIVE_S)
    return aiohttp.ClientSession(timeout=timeout, read_bufsize=MOST_EVENT_BYTES)


async def refusal(response: aiohttp.ClientResponse, url: str) -> str:
    """Return why a monitor does not serve a look."""
    if response.status == 401:
        return f"The monitor at {url} wants an operator's token: set CAMFLEET_TOKEN, or give --token-file FILE."
    try:
        answer = json.loads(await response.content.read(MOST_EVENT_BYTES))
        told = str(answer["error"])
        speaker = f"The monitor at {url}"
        return speaker + told.removeprefix("The monitor") if told.startswith("The monitor ") else f"{speaker}: {told}"
    except (ValueError, KeyError, TypeError):
        return f"What answers at {url} is no camfleet monitor that asks cameras (HTTP {response.status})."


def _event(line: bytes, url: str) -> dict[str, Any]:
    event = json.loads(line)
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        raise LookError(f"What answers at {url} is no camfleet monitor.")
    return event
