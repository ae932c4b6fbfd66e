"""The channels against a real receiver: signed webhooks, and apprise in a process of its own."""

from __future__ import annotations

import pytest
from peers.receiving import receiving
from peers.servers import free_port

from monitor.core.model import Secret
from monitor.core.workorder.order import Message
from monitor.core.workorder.paging import Channel
from monitor.core.workorder.signing import HEADER, LATEST_S, is_signed
from monitor.orders.channels import NotTaken, send
from monitor.orders.message import Told

NOW = 1_790_000_000.0
MESSAGE = Message("WO-ABCD-EFGH", 2, "net")
TOLD = Told("WO-ABCD-EFGH: uplink", "Where: مقام", {"order": "WO-ABCD-EFGH", "text": "Where: مقام"})
SECRET = Secret("file:x", "a secret of twenty characters")


async def test_a_webhook_is_signed_and_numbered() -> None:
    """Whoever has the secret can check it, for five minutes; a second copy has the same key."""
    async with receiving() as receiver:
        channel = Channel("net", url=f"{receiver.url}/hook", secret=SECRET)
        await send(channel, MESSAGE, TOLD, NOW)
    (headers,), (body,) = receiver.headers, receiver.bodies
    assert receiver.told == [TOLD.values]
    assert headers["Idempotency-Key"] == "WO-ABCD-EFGH/2/net"
    assert is_signed(SECRET.reveal(), body, headers[HEADER], NOW + LATEST_S)
    assert not is_signed(SECRET.reveal(), body, headers[HEADER], NOW + LATEST_S + 1)
    assert not is_signed(SECRET.reveal(), body + b" ", headers[HEADER], NOW)
    assert not is_signed("another secret, as long as", body, headers[HEADER], NOW)
    assert not is_signed(SECRET.reveal(), body, "t=1,v1=x", NOW)


@pytest.mark.parametrize("status", [302, 400, 503])
async def test_whatever_is_no_success_is_not_taken(status: int) -> None:
    """Nor is it followed elsewhere."""
    async with receiving() as receiver:
        receiver.answers = [status]
        with pytest.raises(NotTaken, match=rf"^it answers {status}$"):
            await send(Channel("net", url=receiver.url, secret=SECRET), MESSAGE, TOLD, NOW)
    assert len(receiver.bodies) == 1


async def test_a_channel_that_is_not_there_is_not_taken() -> None:
    """With a word that holds no address."""
    channel = Channel("net", url=f"http://127.0.0.1:{free_port()}", secret=SECRET)
    with pytest.raises(NotTaken, match=r"^ClientConnectorError$"):
        await send(channel, MESSAGE, TOLD, NOW)


async def test_apprise_speaks_to_whatever_it_knows() -> None:
    """Title and text arrive as they are, in any language."""
    async with receiving() as receiver:
        address = receiver.url.replace("http://", "json://") + "/hook"
        await send(Channel("net", apprise=Secret("file:x", address)), MESSAGE, TOLD, NOW)
        assert [(one["title"], one["message"]) for one in receiver.told] == [(TOLD.title, TOLD.text)]
        receiver.answers = [500] * 9
        with pytest.raises(NotTaken, match=r"^the service did not take it$"):
            await send(Channel("net", apprise=Secret("file:x", address)), MESSAGE, TOLD, NOW)


async def test_an_address_that_means_nothing_to_apprise_is_said_without_it() -> None:
    """It is a secret."""
    with pytest.raises(NotTaken, match=r"^apprise does not know such an address$"):
        await send(Channel("net", apprise=Secret("file:x", "nothing://x")), MESSAGE, TOLD, NOW)
