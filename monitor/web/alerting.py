"""``POST /api/v1/alerts``: Alertmanager tells what fires; alerts of open causes become work orders.

Whoever sends shows the token of ``orders.yaml``, or signs the body with it (``core.workorder.signing``: with a moment,
so that what somebody overheard is worth nothing later). What is sent twice changes nothing: the state decides, not the
number of notifications. An answer comes once the ledger has what followed; a sender that gets none sends again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from hmac import compare_digest
from typing import Any, NamedTuple

from aiohttp import web

from monitor.core.diagnosis.cause import Kind
from monitor.core.topology import Layer, Scope
from monitor.core.workorder.signing import HEADER, is_signed
from monitor.web.bodies import UNREADABLE
from monitor.web.feed import dumps
from monitor.web.sources import SOURCES

PLACE = "/api/v1/alerts"
MOST_BYTES = 1 << 20
MOST_ALERTS = 1000
SAY = "Send what Alertmanager's webhook sends: a JSON object with a list of alerts."


class Fires(NamedTuple):
    """An alert of a cause, by its labels."""

    kind: Kind
    scope: Scope
    severity: str


class Unrecorded(Exception):
    """The ledger has not taken what followed from alerts."""


#: Takes alerts, and returns the numbers of the orders that they belong to once that is recorded. Raises Unrecorded.
TakeAlerts = Callable[[Sequence[Fires]], Awaitable[list[str]]]
#: Returns the token that is to be shown; "" where no alerts are taken.
Token = Callable[[], str]
TAKE: web.AppKey[TakeAlerts] = web.AppKey("take_alerts")
TOKEN: web.AppKey[Token] = web.AppKey("alerts_token")


def register(app: web.Application, take: TakeAlerts, token: Token) -> None:
    """Let alerts be taken through this application."""
    app[TAKE], app[TOKEN] = take, token
    app.router.add_post(PLACE, alerts)


async def alerts(request: web.Request) -> web.Response:
    """Take in what fires."""
    token = request.app[TOKEN]()
    if not token:
        raise web.HTTPNotFound(text="No alerts are taken: there is no orders.yaml beside the inventory.")
    body = await _admitted(request, token)
    found = list(_fires(_told(body)))
    try:
        orders = await request.app[TAKE](found)
    except Unrecorded:
        raise web.HTTPServiceUnavailable(
            text="The ledger has not recorded it yet; send it again.", headers={"Retry-After": "10"}
        ) from None
    return web.Response(body=dumps({"orders": orders}), content_type="application/json")


async def _admitted(request: web.Request, token: str) -> bytes:
    """Return the body of a request that shows the token, or is signed with it."""
    shown = request.headers.get("Authorization", "").encode("utf-8", "surrogatepass")
    if compare_digest(shown, f"Bearer {token}".encode()):
        return await _body(request)
    if HEADER in request.headers:
        body = await _body(request)
        if is_signed(token, body, request.headers[HEADER], request.app[SOURCES].wall()):
            return body
    raise web.HTTPUnauthorized(
        text="The token of orders.yaml is needed.", headers={"WWW-Authenticate": 'Bearer realm="alerts"'}
    )


async def _body(request: web.Request) -> bytes:
    """Read a body that may be larger than a form."""
    body = bytearray()
    try:
        async for piece in request.content.iter_chunked(1 << 16):
            body += piece
            if len(body) > MOST_BYTES:
                raise web.HTTPRequestEntityTooLarge(MOST_BYTES, text=f"More than {MOST_BYTES >> 20} MB.")
    except UNREADABLE:
        raise web.HTTPBadRequest(text=SAY) from None
    return bytes(body)


def _told(body: bytes) -> list[Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    found = told.get("alerts") if isinstance(told, dict) else None
    if not isinstance(found, list):
        raise web.HTTPBadRequest(text=SAY)
    if len(found) > MOST_ALERTS:
        raise web.HTTPBadRequest(text=f"More than {MOST_ALERTS:,} alerts at once.")
    return found


def _fires(told: Sequence[Any]) -> Iterator[Fires]:
    """Yield the alerts of causes that fire; what resolves, and what is about something else, is passed over."""
    for one in told:
        labels = one.get("labels") if isinstance(one, dict) and one.get("status") == "firing" else None
        if isinstance(labels, dict) and (found := _fire(labels)) is not None:
            yield found


def _fire(labels: Mapping[str, Any]) -> Fires | None:
    try:
        scope = Scope(Layer(labels["layer"]), str(labels["scope"]))
        return Fires(Kind(labels["kind"]), scope, "page" if labels.get("severity") == "page" else "ticket")
    except (KeyError, ValueError):
        return None
