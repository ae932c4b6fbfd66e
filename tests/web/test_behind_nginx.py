"""Orders through a real nginx, set up as the manual says: from outside their pages open, and nothing else does."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from ordered_city import served
from peers.certificates import identity
from peers.servers import free_port, require, stop
from watched_city import WatchedCity

MANUAL = (Path(__file__).parents[2] / "docs" / "orders.md").read_text(encoding="utf-8")
TOKENS = "viewer " + "v" * 20
WHOLE = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
{server}
}}
"""


def _certificate(folder: Path) -> Path:
    identity().context(folder)
    (pem,) = folder.glob("*.pem")
    return pem


@asynccontextmanager
async def nginx(behind: str, folder: Path) -> AsyncIterator[str]:
    """Run an nginx with the manual's server in front of an address; yields where it answers."""
    program = require("nginx", package="nginx")
    port = free_port()
    (server,) = re.findall(r"```nginx\n(.*?)```", MANUAL, re.DOTALL)
    pem = _certificate(folder)
    for told, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/camfleet.pem", str(pem)),
        ("/etc/ssl/camfleet.key", str(pem)),
        ("http://127.0.0.1:8480", behind),
    ):
        assert told in server
        server = server.replace(told, here)
    config = folder / "nginx.conf"
    config.write_text(WHOLE.format(folder=folder, server=server))
    with (folder / "nginx.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, "-c", str(config), "-p", str(folder), stderr=log)
    try:
        for _ in range(1000):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                assert process.returncode is None, (folder / "nginx.log").read_text()
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
        yield f"https://127.0.0.1:{port}"
    finally:
        await stop(process)


async def test_from_outside_orders_open_by_their_links_and_nothing_else_does(
    cut_city: WatchedCity, tmp_path: Path
) -> None:
    """Page, style sheet, form and test pass; the rest of the monitor is not there."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    async with (
        served(cut_city, TOKENS) as (ordered, url),
        nginx(url, tmp_path) as outside,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session,
    ):
        place = outside + ordered.path(ordered.largest)
        async with session.get(place) as answer:
            page = await answer.text()
            assert (answer.status, ordered.largest.id in page) == (200, True)
        (style,) = re.findall(r'href="(/static/[^"]+css)"', page)
        async with session.get(outside + style) as answer:
            assert answer.status == 200
        headers = {"Origin": outside}
        async with session.post(place, data={"do": "on my way"}, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 303
        async with session.post(f"{place}/test") as answer:
            assert "The test is over." in await answer.text()
        for path in ("/", "/cameras", "/orders", "/metrics", "/api/v1/alerts", "/o/../metrics", "/static/../metrics"):
            async with session.get(outside + path) as answer:
                assert answer.status == 404, path
