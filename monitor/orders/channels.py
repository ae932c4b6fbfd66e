"""The channels: a URL that takes signed messages, and whatever apprise reaches, in a process of its own.

A signed message is a POST of JSON with ``Camfleet-Signature: t=SECONDS,v1=HEX``: HMAC-SHA-256 over ``SECONDS.BODY``.
``Idempotency-Key`` is the same whenever the same message is sent again.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress

import aiohttp

from monitor.core.workorder.order import Message
from monitor.core.workorder.paging import Channel
from monitor.core.workorder.signing import HEADER, signed
from monitor.orders.message import Told

REPLY_S = 15.0
#: What apprise may take: it loads a hundred services, and some of them answer slowly.
APPRISE_S = 60.0
#: All of our environment that apprise's process gets.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "https_proxy", "http_proxy")


class NotTaken(Exception):
    """A channel did not take a message; the text says why, and holds no secret."""


async def send(channel: Channel, message: Message, told: Told, now: float) -> None:
    """Have a channel take a message. Raises NotTaken."""
    if channel.apprise is not None:
        await _apprise(channel.apprise.reveal(), told)
    else:
        await _post(channel, message, told, now)


async def _post(channel: Channel, message: Message, told: Told, now: float) -> None:
    body = json.dumps(told.values, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"{message.order}/{message.occasion}/{message.channel}",
        HEADER: signed(channel.secret.reveal() if channel.secret else "", body, now),
    }
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REPLY_S)) as session,
            session.post(channel.url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if not 200 <= answer.status < 300:
                raise NotTaken(f"it answers {answer.status}")
    except TimeoutError:
        raise NotTaken(f"no answer within {REPLY_S:.0f} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise NotTaken(type(error).__name__) from None


async def _apprise(address: str, told: Told) -> None:
    """Have apprise send it: in a process that can be killed, with the address on a pipe and in no list of processes."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "monitor.orders.speaking",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    order = json.dumps({"address": address, "title": told.title, "text": told.text}).encode()
    try:
        async with asyncio.timeout(APPRISE_S):
            await process.communicate(order)
    except TimeoutError:
        raise NotTaken(f"apprise took more than {APPRISE_S:.0f} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise NotTaken(_WHY.get(process.returncode, f"apprise ended with {process.returncode}"))


#: What the exit codes of ``speaking`` mean.
_WHY = {3: "apprise does not know such an address", 4: "the service did not take it"}
