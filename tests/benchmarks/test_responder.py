"""The cameras in C that everything is measured against, and the limit in C: compiled, and held to what they are for."""

from __future__ import annotations

import os
import random
import re
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from peers.servers import require

from benchmarks.checks import DEAD_ROWS, ROWS, Order, Row
from benchmarks.compiling import HEADER, compiled
from benchmarks.limit import Limit, LimitFailed, question
from benchmarks.responder import PASSWORD, Responder, running_responder, write_inventory
from benchmarks.rows import FIRST_ADDRESS
from benchmarks.watch import Camfleet, CheckFailed
from monitor.inventory import load
from monitor.wire import soap

#: Whatever reads or writes where it should not, or forgets what it took, ends the program with an error.
CHECKED = ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
PLAIN = [row for row in ROWS if row.login == "token" and row.kept]
CAMERAS = 40


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both programs, with every check that the compiler can put into them."""
    require("gcc", "gcc")
    if not HEADER.exists() and os.environ.get("REQUIRE_SERVERS") != "1":
        pytest.skip("OpenSSL's headers are not installed: apt install libssl-dev")
    folder = tmp_path_factory.mktemp("native")
    compiled("responder", folder, CHECKED)
    compiled("client", folder, CHECKED)
    return folder


@pytest.fixture
async def responder(programs: Path, tmp_path: Path) -> AsyncIterator[Responder]:
    async with running_responder(tmp_path, programs / "responder") as running:
        yield running
    assert running.process.returncode == 0  # no leak, no read beyond an end


def limit(programs: Path, responder: Responder) -> Limit:
    return Limit(programs / "client", responder.ports, CAMERAS)


async def posted(
    responder: Responder, service: str, key: str, number: int = 0
) -> tuple[int, str, aiohttp.typedefs.LooseHeaders]:
    async with aiohttp.ClientSession() as session:
        url = f"http://{FIRST_ADDRESS + number}:{responder.ports[service]}{soap.DEVICE_PATH}"
        async with session.post(url, data=soap.envelope(key), timeout=aiohttp.ClientTimeout(2.0)) as answer:
            return answer.status, await answer.text(), answer.headers


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.name)
async def test_every_check_of_the_c_client_is_answered(programs: Path, responder: Responder, row: Row) -> None:
    """As many requests as a check consists of are answered, and no login is refused."""
    done = await limit(programs, responder).check(Order(row, 200, 20))
    stats = await responder.stats()
    requests = {"http": 2 * ("onvif" in row.probes), "rtsp": 3 * ("rtsp" in row.probes), "snmp": "snmp" in row.probes}
    assert {name: stats[name] for name in requests} == {name: 200 * count for name, count in requests.items()}
    assert (done.checks, stats["unanswered"], stats["cut"], stats["open"]) == (200, 0, 0, 0)


async def test_a_wrong_password_fails_the_limit(
    programs: Path, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RTSP's digest is really checked."""
    monkeypatch.setattr("benchmarks.limit.PASSWORD", f"{PASSWORD}?")
    with pytest.raises(LimitFailed, match='"checks": 10, "failures": 10'):
        await limit(programs, responder).check(Order(PLAIN[2], 10, 2))
    assert (await responder.stats())["refused"] == 10


async def test_the_product_finds_every_camera_well(responder: Responder, tmp_path: Path) -> None:
    """The first contact, video included, and checks behind it, by token, by digest and over TLS."""
    side = Camfleet()
    rows = [ROWS[0], *(row for row in ROWS if row.login in ("digest", "tls"))]
    for row in rows:
        await side.prepare(row, write_inventory(tmp_path / row.login, responder.ports, CAMERAS, row.login))
        await side.check(Order(row, 2 * CAMERAS, 2))
    await side.close()
    stats = await responder.stats()
    assert (stats["sessions"], stats["unanswered"], stats["cut"]) == (3 * CAMERAS, 0, 0)


@pytest.mark.soak
async def test_dead_devices_are_found_dead(responder: Responder, tmp_path: Path) -> None:
    """Of ten cameras three are silent: a round ends when their time-outs do, and every other check finds all well."""
    side = Camfleet()
    await side.prepare(DEAD_ROWS[1], write_inventory(tmp_path / "token", responder.ports, 10))
    await responder.silence(7, 3)
    await side.check(Order(DEAD_ROWS[1], 20, 5))
    await responder.heal()
    with pytest.raises(ExceptionGroup) as caught:  # what answers is not dead
        await side.check(Order(DEAD_ROWS[1], 20, 5))
    assert caught.value.split(CheckFailed)[1] is None
    await side.close()


async def test_a_device_information_needs_a_login(responder: Responder) -> None:
    """A fault for whoever shows none, and where a digest is wanted a challenge for both algorithms; the time is open."""
    status, body, _ = await posted(responder, "token", "information")
    assert (status, "ter:NotAuthorized" in body) == (400, True)
    status, _, headers = await posted(responder, "digest", "information")
    challenges = headers.getall("WWW-Authenticate")  # type: ignore[union-attr]
    assert (status, [re.findall(r"algorithm=([\w-]+)", one) for one in challenges]) == (401, [["SHA-256"], ["MD5"]])
    assert (await posted(responder, "digest", "time"))[0] == 200


async def test_silent_cameras_drop_and_hung_ones_keep_quiet(responder: Responder) -> None:
    """A silent one does not even accept; a hung one does, and says nothing; healed, both answer."""
    await responder.silence(2, 2)
    await responder.hang(4, 1)
    for number, connects in ((1, True), (2, False), (3, False), (4, True), (5, True)):
        answers = number in (1, 5)
        with socket.socket() as one:
            one.settimeout(0.3)
            with suppress(TimeoutError):
                one.connect((str(FIRST_ADDRESS + number), responder.ports["rtsp"]))
                one.sendall(b"OPTIONS rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")
                assert connects
                assert answers == one.recv(100).startswith(b"RTSP/1.0 200 OK")
        assert snmp_answers(responder, number) is answers
    await responder.heal()
    assert all(snmp_answers(responder, number) for number in range(6))


def snmp_answers(responder: Responder, number: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.settimeout(0.3)
        one.connect(
            (str(FIRST_ADDRESS + number), responder.ports["snmp"])
        )  # an answer from another address does not come
        one.send(question())
        try:
            return one.recv(1500)[0] == 0x30
        except TimeoutError:
            return False


async def test_bytes_that_mean_nothing_end_nothing(responder: Responder) -> None:
    """Random bytes, cut requests and lengths without sense: the next one who asks gets an answer."""
    rng = random.Random(7)
    requests = [
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd$\0\0",
        b"$\0\xff\xff",
        b"DESCRIBE\r\n\r\n\0\0\r\n\r\n",
        b'PLAY rtsp://x/onvif-media/media.amp RTSP/1.0\r\nAuthorization: Digest username="\r\n\r\n',
        b"A" * 20_000,
        *(rng.randbytes(rng.randrange(1, 400)) for _ in range(100)),
    ]
    get = question()
    datagrams = [*requests[-100:], *(get[:at] + bytes([rng.randrange(256)]) + get[at + 1 :] for at in range(len(get)))]
    for data in requests:
        for service in ("token", "digest", "tls", "rtsp"):
            with (
                socket.create_connection((str(FIRST_ADDRESS), responder.ports[service])) as one,
                suppress(ConnectionError),
            ):
                one.sendall(data)
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.connect((str(FIRST_ADDRESS), responder.ports["snmp"]))
        for data in datagrams:
            one.send(data)
    assert snmp_answers(responder, 0)
    assert (await posted(responder, "token", "time"))[0] == 200


async def test_a_request_that_is_too_long_is_not_waited_for(responder: Responder) -> None:
    """The connection ends as soon as the head says so, whatever number stands there."""
    for length in (9_999, 2**64 - 1):
        with socket.create_connection((str(FIRST_ADDRESS), responder.ports["token"])) as one:
            one.settimeout(2.0)
            one.sendall(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
            assert one.recv(100) == b""


def test_cameras_are_told_apart(tmp_path: Path) -> None:
    """Each has an address and a serial number of its own; ten make a site."""
    ports = dict.fromkeys(("token", "digest", "tls", "rtsp", "snmp"), 1024)
    inventory = load(write_inventory(tmp_path / "fleet", ports, 1000), {})
    cameras = inventory.cameras.values()
    assert len({camera.serial for camera in cameras}) == len({one.host for one in inventory.devices.values()}) == 1000
    assert len({camera.site for camera in cameras}) == 100
