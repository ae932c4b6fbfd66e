"""The catalogue of hostile peers: one test a row, each named by its code.

Whatever a peer does, its device gets its reason, in bounded time and memory, and nothing stays open; a healthy device that
is checked at the same time keeps its times; nobody but the device is called; no secret is shown.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from catalogue_case import Case
from catalogue_device import DEVICE
from catalogue_elsewhere import ABSENT, ELSEWHERE
from catalogue_http import HTTP
from catalogue_rtsp import RTSP
from catalogue_snmp import SNMP
from catalogue_xml import XML
from effort import prompt
from peers.hostile import Attacker, Bounded, agent, answering, attacking, onvif, silent
from talks import LOGIN, PASSWORD, camera, device, findings, probe, said

from monitor.core.model import Secret, SnmpAccess
from monitor.core.schedule import Deadlines
from monitor.probes.base import Result

CASES: Mapping[str, Case] = {**HTTP, **XML, **RTSP, **SNMP, **DEVICE}
COMMUNITY = "look-only"
ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", COMMUNITY))
STRANGER = "127.0.0.9"
#: A check of a healthy device takes some milliseconds where nobody else computes; a busy machine adds to that now and then.
USUAL_NEIGHBOUR_S, MOST_NEIGHBOUR_S = 2.0, 5.0


@asynccontextmanager
async def neighbour() -> AsyncIterator[list[Result]]:
    """A healthy device that is checked over and over for as long as the block lasts, and what was found."""
    results: list[Result] = []
    checked = asyncio.Event()

    async with attacking(answering(onvif()), "127.0.0.3") as fine:
        target = device("127.0.0.3", ports={"onvif": fine.port})

        async def checks() -> None:
            while True:
                results.append(await probe("onvif", target, deadlines=Deadlines()))
                checked.set()
                await asyncio.sleep(0.05)

        checking = asyncio.create_task(checks())
        try:
            yield results
            await checked.wait()
        finally:
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)


class Met(NamedTuple):
    """What became of a device, and what its peer and a stranger saw of us."""

    result: Result
    peer: Attacker | None
    elsewhere: Attacker


async def meet(case: Case, stack: AsyncExitStack) -> Met:
    """Check the row's device once."""
    elsewhere = await stack.enter_async_context(attacking(silent, STRANGER))
    if case.datagrams is not None:
        running = await stack.enter_async_context(agent(case.datagrams))
        target = device(ports={"snmp": running.port}, snmp=ACCESS)
        return Met(await probe("snmp", target, memory=case.memory, deadlines=case.deadlines), None, elsewhere)
    handler = case.named(elsewhere.port) if case.named is not None else case.peer
    assert handler is not None
    peer = await stack.enter_async_context(attacking(handler))
    target = device(ports={case.probe: peer.port}, credential=LOGIN)
    asked = case.camera or camera(stream="/s" if case.probe == "rtsp" else "")
    return Met(await probe(case.probe, target, asked, case.memory, case.deadlines), peer, elsewhere)


def proofs(heard: bytes) -> list[str]:
    """What was sent that proves the password."""
    return [one.decode() for one in re.findall(rb'response="([0-9a-f]{32,})"', heard)]


def shown(result: Result) -> str:
    """All that a person could be shown of a conversation, and all that is kept of it."""
    texts = [message.text() for message in result.conversation.messages]
    return "\n".join([repr(result.verdict), repr(result.learnt), *texts])


@pytest.mark.parametrize("name", CASES)
async def test_hostile(
    name: str, bounded: Bounded, visited: list[tuple[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    """A device gets its reason within its time, 6 MB and no descriptor; its neighbour, strangers and secrets nothing."""
    case = CASES[name]
    async with bounded(case.most_s), neighbour() as healthy, AsyncExitStack() as stack:
        met = await meet(case, stack)
        heard = bytes(met.peer.heard) if met.peer else b""
    result = met.result
    found = said(result)
    assert {rung: found.get(rung) for rung in case.said} == case.said
    first = next(rung for rung in findings(result) if rung.label == next(iter(case.said)))
    assert findings(result)[first].detail.startswith(case.detail)
    assert case.holds(result)
    assert heard.count(b"TEARDOWN ") >= min(1, heard.count(b"PLAY "))
    # The neighbour.
    took = [one.verdict.duration_s for one in healthy]
    assert prompt(median(took), USUAL_NEIGHBOUR_S)
    assert prompt(max(took), MOST_NEIGHBOUR_S)
    assert {said(one)["control"] for one in healthy} == {"ok"}
    # Strangers.
    assert met.elsewhere.connections == 0
    assert {host for host, _ in visited} <= {"127.0.0.1", "127.0.0.3"}
    # Secrets.
    assert met.peer is None or met.peer.logins <= case.logins
    clear = [PASSWORD.encode(), base64.b64encode(f"{LOGIN.username}:{PASSWORD}".encode())]
    assert not [secret for secret in clear if secret in heard]
    texts = shown(result) + caplog.text
    assert not [secret for secret in (PASSWORD, COMMUNITY, "root:", *proofs(heard)) if secret in texts]
    assert prompt(result.verdict.duration_s, case.most_s)


#: The catalogue's codes: letters and how far they count.
CODES = {"H": 17, "X": 13, "R": 10, "S": 8, "D": 3, "N": 1, "T": 1, "I": 4, "C": 4, "M": 6}
ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "hostile.md"


def code(row: str) -> str:
    return row.split("-")[0]


def test_every_code_has_a_row() -> None:
    """Each line of the catalogue is tried here, held by a test elsewhere, or said to have no surface."""
    expected = {f"{letter}{number}" for letter, most in CODES.items() for number in range(1, most + 1)}
    assert {code(row) for row in (*CASES, *ELSEWHERE)} | set(ABSENT) == expected


@pytest.mark.parametrize("row", ELSEWHERE)
def test_a_row_elsewhere_is_there(row: str) -> None:
    """The test that is said to hold a row exists."""
    file, _, name = ELSEWHERE[row].partition("::")
    assert re.search(rf"(?m)^(?:async )?def {name}\(", (ROOT / file).read_text())


def test_the_page_lists_the_catalogue() -> None:
    """docs/hostile.md says of each code what is tried and how many ways, and of each absent one why."""
    page = PAGE.read_text()
    rows = dict(re.findall(r"(?m)^\| ([A-Z]\d+) \| [^|]+ \| (\d+|–) \|", page))
    tried = Counter(code(row) for row in (*CASES, *ELSEWHERE))
    assert rows == {one: str(tried[one]) if tried[one] else "–" for one in (*tried, *ABSENT)}
    assert not [why for why in ABSENT.values() if why not in page]
