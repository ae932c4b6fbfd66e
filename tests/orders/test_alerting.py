"""POST /api/v1/alerts: who may send, what is understood, what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.diagnosis.cause import Kind
from monitor.core.topology import Layer, Scope
from monitor.core.workorder.signing import HEADER, signed
from monitor.probes.journal import Journal
from monitor.web import alerting
from monitor.web.alerting import MOST_ALERTS, MOST_BYTES, PLACE, SAY, Fires, Unrecorded
from monitor.web.feed import Feed
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

TOKEN = "a token of twenty characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
UPLINK = {"alertname": "CameraUplinkDown", "kind": "uplink", "layer": "uplink", "scope": "SW-1/3", "severity": "page"}
CUT = Fires(Kind.UPLINK, Scope(Layer.UPLINK, "SW-1/3"), "page")


def notice(*labels: dict[str, Any], status: str = "firing") -> dict[str, Any]:
    """Return what Alertmanager sends."""
    return {"version": "4", "status": status, "alerts": [{"status": status, "labels": one} for one in labels]}


@asynccontextmanager
async def served(
    taken: list[Fires], token: str = TOKEN, tokens: str = "", fails: bool = False
) -> AsyncIterator[TestClient]:
    async def take(fires: Sequence[Fires]) -> list[str]:
        if fails:
            raise Unrecorded
        taken.extend(fires)
        return ["WO-1"] if fires else []

    roles = Tokens.parse(tokens, "tokens") if tokens else None
    app = create_app(Feed(), Journal(), lambda _: (), roles)
    alerting.register(app, take, lambda: token)
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def test_an_alert_of_a_cause_is_taken() -> None:
    """By its labels; the answer names the order."""
    taken: list[Fires] = []
    async with served(taken) as client, client.post(PLACE, json=notice(UPLINK), headers=BEARER) as answer:
        assert (answer.status, await answer.json()) == (200, {"orders": ["WO-1"]})
    assert taken == [CUT]


@pytest.mark.parametrize(
    "labels",
    [
        {"alertname": "CamfleetDown", "severity": "page"},
        {**UPLINK, "kind": "gremlin"},
        {**UPLINK, "layer": "roof"},
        {**UPLINK, "layer": ["uplink"]},
        {name: value for name, value in UPLINK.items() if name != "scope"},
        "labels",
    ],
    ids=str,
)
async def test_what_is_about_no_cause_is_passed_over(labels: Any) -> None:
    """Whatever stands there."""
    taken: list[Fires] = []
    async with served(taken) as client, client.post(PLACE, json=notice(labels), headers=BEARER) as answer:
        assert (answer.status, await answer.json()) == (200, {"orders": []})
    assert taken == []


async def test_what_resolves_means_nothing() -> None:
    """Alerts resolve for many reasons; causes end for one."""
    taken: list[Fires] = []
    async with served(taken) as client:
        await client.post(PLACE, json=notice(UPLINK, status="resolved"), headers=BEARER)
    assert taken == []


async def test_a_signature_is_as_good_as_the_token_while_it_is_fresh() -> None:
    """Over the body, with a moment."""
    taken: list[Fires] = []
    body = json.dumps(notice(UPLINK)).encode()
    async with served(taken) as client:
        for header, status in (
            (signed(TOKEN, body, time.time()), 200),
            (signed(TOKEN, body, time.time() - 400), 401),
            (signed(TOKEN, b"other", time.time()), 401),
            (signed("x" * 20, body, time.time()), 401),
        ):
            async with client.post(PLACE, data=body, headers={HEADER: header}) as answer:
                assert answer.status == status
    assert taken == [CUT]


@pytest.mark.parametrize("tokens", ["", "operator " + "o" * 20])
@pytest.mark.parametrize("shown", ["", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN} ", "Bearer " + "o" * 20])
async def test_nobody_else_may_send(tokens: str, shown: str) -> None:
    """Neither a stranger nor an operator; the token itself is never told."""
    taken: list[Fires] = []
    async with (
        served(taken, tokens=tokens) as client,
        client.post(PLACE, json=notice(UPLINK), headers={"Authorization": shown}) as answer,
    ):
        assert answer.status == (200 if shown.strip() == f"Bearer {TOKEN}" else 401)
        assert TOKEN not in await answer.text()


async def test_with_the_tokens_of_readers_alertmanager_needs_its_own_alone() -> None:
    """The two files know nothing of each other."""
    taken: list[Fires] = []
    async with (
        served(taken, tokens="viewer " + "v" * 20) as client,
        client.post(PLACE, json=notice(UPLINK), headers=BEARER) as answer,
    ):
        assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, SAY),
        (b"[]", 400, SAY),
        (b'{"alerts": {}}', 400, SAY),
        (b"\xff\xfe{", 400, SAY),
        (b"[" * 100_000, 400, SAY),
        (json.dumps({"alerts": [{}] * (MOST_ALERTS + 1)}).encode(), 400, f"More than {MOST_ALERTS:,} alerts at once."),
        (b" " * (MOST_BYTES + 1), 413, "More than 1 MB."),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
async def test_an_odd_body_is_answered_with_a_sentence(body: bytes, status: int, said: str) -> None:
    """Too deep, too long, too many, no JSON."""
    async with served([]) as client, client.post(PLACE, data=BytesIO(body), headers=BEARER) as answer:
        assert (answer.status, (await answer.json())["error"]) == (status, said)


async def test_a_body_that_is_no_work_of_alertmanagers_but_json_passes() -> None:
    """Alerts that are no objects are passed over."""
    async with served([]) as client, client.post(PLACE, json={"alerts": [1, None, "x"]}, headers=BEARER) as answer:
        assert answer.status == 200


async def test_where_nothing_is_recorded_the_sender_is_told_to_send_again() -> None:
    """Alertmanager does."""
    async with served([], fails=True) as client, client.post(PLACE, json=notice(UPLINK), headers=BEARER) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")


async def test_without_orders_yaml_no_alert_is_taken() -> None:
    """Not even with an empty token."""
    async with (
        served([], token="") as client,
        client.post(PLACE, json=notice(UPLINK), headers={"Authorization": "Bearer "}) as answer,
    ):
        assert answer.status == 404


KEYS = st.sampled_from([*UPLINK, "alerts", "labels", "status"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part),
    max_leaves=12,
)


@given(JSON | st.builds(lambda labels: {"alerts": [{"status": "firing", "labels": labels}]}, JSON))
def test_whatever_json_comes_it_is_alerts_or_a_sentence(told: Any) -> None:
    """Nothing in it is taken for more than it is."""
    found: list[Fires] = []
    with suppress(web.HTTPBadRequest):
        found = list(alerting._fires(alerting._told(json.dumps(told).encode())))
    assert all(isinstance(one, Fires) and one.severity in ("page", "ticket") for one in found)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_alerts_or_a_sentence(body: bytes) -> None:
    """Also those that are no text."""
    with suppress(web.HTTPBadRequest):
        assert isinstance(alerting._told(body), list)
