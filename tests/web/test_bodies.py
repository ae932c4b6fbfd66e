"""Bodies that nobody should send, to every address that takes one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

import pytest
from aiohttp.test_utils import TestClient, TestServer
from paper_city import City, lines

from monitor.core.acknowledgement import NotAcknowledged
from monitor.probes.journal import Journal
from monitor.web import accepting, acknowledging, probing, surveying
from monitor.web.feed import Feed
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

OPERATOR = "operator-0123456789abcdef"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"
#: name: content type, body
BODIES: dict[str, tuple[str, bytes]] = {
    "JSON of no charset": (f"{JSON}; charset=no-such", b'{"reason": "x", "hours": 8}'),
    "JSON of a charset that is no text": (f"{JSON}; charset=hex", b"{}"),
    "JSON of a charset with a zero": (f'{JSON}; charset="a\\b"', b"{}"),
    "JSON that is none": (JSON, b"{"),
    "JSON that is no text": (JSON, b"\xff\xfe\xfd"),
    "JSON that is too deep": (JSON, b"[" * 100_000),
    "JSON with a number too long": (JSON, b'{"hours": ' + b"9" * 5_000 + b"}"),
    "JSON of another kind": (JSON, b'["clear_lock"]'),
    "a form of no charset": (f"{FORM}; charset=no-such", b"token=x&reason=y"),
    "a form of a charset that is no text": (f"{FORM}; charset=hex", b"token=x"),
    "a form that is no text": (FORM, b"token=\xff\xfe&to=\xff"),
    "a form of too many fields": (FORM, b"a&" * 5_000),
    "parts without a boundary": (PARTS, b"x"),
    "parts that are none": (f"{PARTS}; boundary=b", b"nothing"),
    "parts that are cut": (f"{PARTS}; boundary=b", b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\nx'),
    "parts of no charset": (
        f"{PARTS}; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="token"\r\nContent-Type: text/plain; charset=no-such\r\n\r\n'
        b"x\r\n--b--\r\n",
    ),
    "parts in no encoding": (
        f"{PARTS}; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="token"\r\nContent-Transfer-Encoding: none\r\n\r\nx\r\n--b--\r\n',
    ),
    "a file for a text": (
        f"{PARTS}; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="token"; filename="f"\r\n\r\nx\r\n--b--\r\n',
    ),
}


def never(*_: object) -> NoReturn:
    raise AssertionError("an odd body was believed")


def refuse(*_: object) -> NoReturn:
    raise NotAcknowledged("No open cause has this id.")


@pytest.fixture
async def client(small_city: City) -> AsyncIterator[TestClient]:
    """The whole server; nothing that an odd body asks for may be done."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    app = create_app(feed, Journal(), lines, Tokens.parse(f"operator {OPERATOR}\n", "t"))
    probing.register(app, never)
    accepting.register(app, never)
    acknowledging.register(app, refuse, refuse)
    surveying.register(app, lambda _: None, lambda _: None, lambda _: "")
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


def taking(client: TestClient) -> list[tuple[str, str]]:
    """Return every method and address that takes a body, with a camera where a name belongs."""
    assert client.app is not None
    return sorted(
        (route.method, route.resource.canonical.replace("{id}", "cam-0003"))
        for route in client.app.router.routes()
        if route.method not in ("GET", "HEAD") and route.resource is not None
    )


@pytest.mark.parametrize("body", BODIES)
async def test_an_odd_body_is_refused_in_a_sentence(client: TestClient, body: str) -> None:
    """No address fails at it: the answer is a refusal or does nothing, and is never a fault of the server."""
    content_type, sent = BODIES[body]
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {OPERATOR}"}
    routes = taking(client)
    assert len(routes) >= 7
    answers = {}
    for method, path in routes:
        async with client.request(method, path, data=sent, headers=headers, allow_redirects=False) as answer:
            answers[method, path] = answer.status
    assert {where: status for where, status in answers.items() if status >= 500} == {}
