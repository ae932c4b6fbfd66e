"""``camfleet dashboards push``: our dashboards in a server that keeps them as Grafana does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cli.runs import Ended, camfleet
from mixin.board_files import BOARDS
from peers.certificates import identity
from peers.grafana import Kept, Peer, serving

from exporters import grafana

GENERATED = Path(__file__).resolve().parents[2] / "dashboards" / "generated"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with serving(Peer()) as started:
        yield started


async def push(url: str, *more: str, token: str = "glsa_of-an-editor", **environment: str) -> Ended:
    """Run the command beside the server."""
    command = ("dashboards", "push", url, "--token", "env:GRAFANA_TOKEN", "--from", str(GENERATED), *more)
    return await asyncio.to_thread(partial(camfleet, *command, GRAFANA_TOKEN=token, **environment))


async def test_every_dashboard_is_there_as_it_was_built(peer: Peer) -> None:
    """All are created in a folder that is made for them, and each line tells where one is opened."""
    ended = await push(peer.url)
    assert (ended.code, ended.err) == (0, "")
    assert {uid: kept.model for uid, kept in peer.boards.items()} == BOARDS
    assert list(peer.folders.values()) == ["Camfleet"]
    assert {kept.folder for kept in peer.boards.values()} == set(peer.folders)
    assert "created    Camfleet: fleet" in ended.out
    assert f"{peer.url}/d/camfleet-fleet" in ended.out
    assert len(ended.out.splitlines()) == len(BOARDS)


async def test_pushing_again_writes_nothing(peer: Peer) -> None:
    """A second push asks, and leaves every dashboard at the version that it has."""
    await push(peer.url)
    peer.writes.clear()
    ended = await push(peer.url)
    assert ended.code == 0
    assert peer.writes == []
    assert {kept.version for kept in peer.boards.values()} == {1}
    assert [line.split()[0] for line in ended.out.splitlines()] == ["unchanged"] * len(BOARDS)


async def test_what_was_changed_by_hand_is_put_back_and_nothing_else(peer: Peer) -> None:
    """One with another title, and one in another folder, are put back; the rest keeps its version."""
    await push(peer.url)
    zone, site = peer.boards["camfleet-zone"], peer.boards["camfleet-site"]
    zone.model = {**zone.model, "title": "Mine"}
    peer.folders["mine"], site.folder = "Mine", "mine"
    await push(peer.url)
    assert peer.boards["camfleet-zone"].model["title"] == BOARDS["camfleet-zone"]["title"]
    assert peer.boards["camfleet-site"].folder == peer.boards["camfleet-zone"].folder
    assert {uid: kept.version for uid, kept in peer.boards.items()} == {
        uid: 2 if uid in ("camfleet-zone", "camfleet-site") else 1 for uid in BOARDS
    }


async def test_a_dry_run_writes_nothing_and_says_what_would_be(peer: Peer) -> None:
    """It needs no more than a viewer's token, and its words are those of the push that follows."""
    dry = await push(peer.url, "--dry-run", token=peer.viewer)
    assert (dry.code, peer.writes, peer.folders) == (0, [], {})
    assert dry.err == "Nothing was written: this says what would become of them.\n"
    assert dry.out == (await push(peer.url)).out


async def test_it_goes_into_the_folder_that_is_named(peer: Peer) -> None:
    """A folder is known by its title or its uid, and made only where there is none."""
    peer.folders["noc"] = "Control room"
    for name in ("Control room", "noc"):
        assert (await push(peer.url, "--folder", name)).code == 0
    assert {kept.folder for kept in peer.boards.values()} == {"noc"}
    assert list(peer.folders) == ["noc"]


async def test_a_grafana_below_a_path_and_behind_tls(tmp_path: Path) -> None:
    """A Grafana behind a proxy's path, with a certificate of the house's own authority, is reached at its URL."""
    house = identity("house", authority=True)
    (tmp_path / "house.pem").write_text(house.pem)
    context = identity("grafana", issuer=house).context(tmp_path)
    async with serving(Peer(), "/grafana", context) as peer:
        ended = await push(f"{peer.url}/", SSL_CERT_FILE=str(tmp_path / "house.pem"))
        assert (ended.code, len(peer.boards)) == (0, len(BOARDS)), ended.err
        assert f"{peer.url}/d/camfleet-fleet" in ended.out
        stranger = await push(peer.url)
    assert stranger.code == 1
    assert "does not answer: " in stranger.err
    assert "certificate" in stranger.err


async def says(peer: Peer, sentence: str, **more: str) -> None:
    ended = await push(peer.url, **more)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"{peer.url}: Grafana {sentence}\n"


async def test_each_refusal_has_its_sentence(peer: Peer) -> None:
    """A token that is not known, one that may not, an old Grafana and one that loads its own files."""
    await says(peer, "does not know this token; make one for a service account with the role Editor", token="glsa_x")
    await says(
        peer,
        "does not let this token do it (You'll need additional permissions to perform this action.);"
        " the service account needs the role Editor",
        token=peer.viewer,
    )
    peer.boards["camfleet-camera"] = Kept(1, 1, {"uid": "camfleet-camera"}, "", "", provisioned=True)
    await says(peer, "loads camfleet-camera from files of its own (provisioning), and takes no other")
    peer.version = "11.6.1"
    await says(peer, "is 11.6.1; these dashboards are for Grafana 12 and newer")
    assert peer.boards.keys() == {"camfleet-camera"}


async def html(_: web.Request) -> web.Response:
    return web.Response(text="<html>Log in</html>", content_type="text/html")


async def broken(_: web.Request) -> web.Response:
    return web.Response(body=b"{", content_type="application/json")


async def failing(_: web.Request) -> web.Response:
    return web.Response(status=502, text="\x1b[31mbad gateway")


async def endless(_: web.Request) -> web.Response:
    return web.Response(body=b" " * (grafana.ANSWER_BYTES_MAX + 1), content_type="application/json")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (html, "answers, but not as Grafana does"),
        (broken, "answers, but not as Grafana does"),
        (failing, "refuses with 502"),
        (endless, "answers without end; this is no Grafana"),
    ],
)
async def test_what_is_no_grafana_is_told_so(peer: Peer, answer: Any, sentence: str) -> None:
    """A login page, half an answer, a gateway's error and an answer without end end in a sentence."""
    peer.answer = answer
    await says(peer, sentence)


async def test_the_token_goes_to_no_other_host(peer: Peer) -> None:
    """A redirect is not followed, neither to another host nor on the same one; nor is a proxy asked."""
    async with serving(Peer()) as other:

        async def elsewhere(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{other.url}/api/health"})

        peer.answer = elsewhere
        await says(peer, f"leads elsewhere ({other.url}/api/health), and only the host named is asked")
        peer.answer = None
        assert (await push(peer.url, http_proxy=other.url, HTTP_PROXY=other.url, ALL_PROXY=other.url)).code == 0
        assert other.requests == 0


async def test_nobody_there() -> None:
    """A Grafana that does not answer is told with the reason."""
    async with serving(Peer()) as peer:
        url = peer.url
    ended = await push(url)
    assert (ended.code, ended.err) == (1, f"{url}: Grafana does not answer: Connection refused\n")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://grafana.example", "http://grafana.example: would send it for all to read; write https://"),
        ("grafana.example", "grafana.example: must be a URL, without a login; write https://grafana.example"),
        ("https://a:s3cret@grafana.example", "the URL: must be a URL, without a login; write https://grafana.example"),
        (
            "https://grafana.example?verify=false",
            "https://grafana.example?verify=false: must have no query; leave it out",
        ),
    ],
)
async def test_a_url_that_would_give_the_token_away(url: str, sentence: str) -> None:
    """Where the token would be read by others it is not sent; a login in a URL is not repeated."""
    ended = await push(url)
    assert (ended.code, ended.err) == (2, sentence + "\n")


def test_a_token_that_stands_in_the_command_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """It would stand in the shell's history and in the list of processes."""
    command = ("dashboards", "push", "https://grafana.example", "--from", str(GENERATED), "--token")
    ended = camfleet(*command, "glsa_s3cret")
    assert ended.code == 2
    assert "glsa_s3cret" not in ended.err
    (tmp_path / "token").write_text("glsa_s3cret\n")
    (tmp_path / "token").chmod(0o644)
    ended = camfleet(*command, "file:token", folder=tmp_path)
    assert ended.err == "--token file:token: others can read or change the file token; chmod 600 token\n"


def test_a_folder_without_dashboards(tmp_path: Path) -> None:
    """Nothing to push, and a file that is no dashboard, are told before anybody is asked."""
    command = ("dashboards", "push", "https://grafana.example", "--token", "env:HOME", "--from", str(tmp_path))
    assert camfleet(*command).err == (
        f"{tmp_path}: no dashboard is there; make dashboards writes them, and --from says where\n"
    )
    (tmp_path / "x.json").write_text(json.dumps([1]))
    assert camfleet(*command).err == f"{tmp_path}/x.json: this is no dashboard\n"
