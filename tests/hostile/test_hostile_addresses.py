"""Addresses that a device names: whatever they are, only the inventory's own host is visited, and only it sees a login."""

from __future__ import annotations

import pytest
from peers.hostile import SDP, answering, attacking, http, onvif, playing, rtsp, saying, silent, soap
from talks import PASSWORD, after, camera, device, findings, probe, said

from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

Visited = list[tuple[str, int]]

#: What a device may name; {port} is a listener's that must never be called. In brackets: the path that is ours to ask.
ADDRESSES = {
    "another host": ("{scheme}://127.0.0.9:{port}/x", "/x"),
    "loopback": ("{scheme}://127.0.0.1:{port}/x", "/x"),
    "loopback by name": ("{scheme}://localhost:{port}/x", "/x"),
    "IPv6 loopback": ("{scheme}://[::1]:{port}/x", "/x"),
    "IPv6 with a zone": ("{scheme}://[fe80::1%25lo]:{port}/x", "/x"),
    "IPv4 in IPv6": ("{scheme}://[::ffff:127.0.0.9]:{port}/x", "/x"),
    "a cloud's metadata": ("{scheme}://169.254.169.254/latest/meta-data", "/latest/meta-data"),
    "a multicast group": ("{scheme}://239.1.2.3/x", "/x"),
    "a user and a password": ("{scheme}://admin:secret@127.0.0.9:{port}/x", "/x"),
    "two hosts": ("{scheme}://127.0.0.1@127.0.0.9:{port}/x", "/x"),
    "two schemes": ("{scheme}://{scheme}://127.0.0.9:{port}/x", "/x"),
    "two ports": ("{scheme}://127.0.0.9:{port}:{port}/x", "/x"),
    "an absurd port": ("{scheme}://127.0.0.9:99999/x", "/x"),
    "a script": ("javascript:alert(1)", "/javascript:alert(1)"),
    "a file": ("file:///etc/passwd", "/etc/passwd"),
    "no scheme": ("//127.0.0.9:{port}/x", "//127.0.0.9:{port}/x"),
    "no path": ("{scheme}://127.0.0.9:{port}", "/"),
    "a path alone": ("/x", "/x"),
    "backslashes": ("{scheme}:\\\\127.0.0.9\\x", "/{scheme}:\\\\127.0.0.9\\x"),
    "a query": ("{scheme}://127.0.0.9:{port}/x?u=http://127.0.0.9:{port}/", "/x?u=http://127.0.0.9:{port}/"),
}
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'


def services(address: str) -> bytes:
    text = address.replace("&", "&amp;").encode()
    namespace = b"http://www.onvif.org/ver10/media/wsdl"
    return http(
        soap(
            "GetServices",
            b"<Service><Namespace>" + namespace + b"</Namespace><XAddr>" + text + b"</XAddr></Service>",
        )
    )


PROFILES = http(
    soap(
        "GetProfiles",
        b'<Profiles token="p"><VideoSourceConfiguration><SourceToken>s</SourceToken></VideoSourceConfiguration>'
        b"<VideoEncoderConfiguration><Encoding>H264</Encoding></VideoEncoderConfiguration></Profiles>",
    )
)


def stream(address: str) -> bytes:
    text = address.replace("&", "&amp;").encode()
    return http(soap("GetStreamUri", b"<MediaUri><Uri>" + text + b"</Uri></MediaUri>"))


@pytest.mark.parametrize("name", ADDRESSES)
async def test_a_service_elsewhere(name: str, visited: Visited) -> None:
    """A service's address that names another host is asked at the device itself, by its path; nobody else is called."""
    address, path = ADDRESSES[name]
    async with attacking(silent, "127.0.0.9") as elsewhere:
        places = {"scheme": "http", "port": elsewhere.port}
        answers = onvif({"GetServices": services(address.format(**places)), "GetProfiles": PROFILES})

        def guarded(asked: bytes) -> bytes:
            needs = b"GetProfiles" in asked and b"Authorization:" not in asked
            return http(b"", "401 Unauthorized", CHALLENGE) if needs else answers(asked)

        async with attacking(answering(guarded)) as peer:
            await probe("onvif", device(ports={"onvif": peer.port}), memory=Memory(scheme="digest"))
    assert set(visited) == {("127.0.0.1", peer.port)}
    assert elsewhere.connections == 0
    assert peer.requests("POST") >= 4
    assert f"POST {path.format(**places)} HTTP/1.1".encode() in peer.heard
    assert f'uri="{path.format(**places)}"'.encode() in peer.heard
    assert PASSWORD.encode() not in peer.heard


@pytest.mark.parametrize("name", ADDRESSES)
async def test_a_stream_elsewhere(name: str, visited: Visited) -> None:
    """A stream's address that names another host is asked of the device itself, login and all."""
    address, path = ADDRESSES[name]
    async with attacking(silent, "127.0.0.9") as elsewhere:
        places = {"scheme": "rtsp", "port": elsewhere.port}
        answers = onvif(
            {
                "GetServices": services("http://127.0.0.1/media"),
                "GetProfiles": PROFILES,
                "GetStreamUri": stream(address.format(**places)),
            }
        )

        def describe(asked: bytes) -> bytes:
            return rtsp("404 Not Found") if b"Authorization:" in asked else rtsp("401 Unauthorized", CHALLENGE)

        async with attacking(answering(answers)) as peer, attacking(answering(describe)) as video:
            target = device(ports={"onvif": peer.port, "rtsp": video.port})
            learnt = after(Memory(), await probe("onvif", target))
            result = await probe("rtsp", target, camera(), learnt)
    assert said(result)["stream"] == "fail not_found"
    assert set(visited) == {("127.0.0.1", peer.port), ("127.0.0.1", video.port)}
    assert elsewhere.connections == 0
    url = f"rtsp://127.0.0.1:{video.port}{path.format(**places)}"
    assert f"DESCRIBE {url} RTSP/1.0".encode() in video.heard
    assert video.logins == 1


@pytest.mark.parametrize("address", ["rtsp://127.0.0.1/a\nb", "rtsp://127.0.0.1/a b", "", "\u2028"])
async def test_a_stream_of_no_address(address: str) -> None:
    """What is no address is not taken for one: the stream's path stays unknown, and nothing of it is sent."""
    answers = onvif(
        {"GetServices": services("http://127.0.0.1/m"), "GetProfiles": PROFILES, "GetStreamUri": stream(address)}
    )
    async with attacking(answering(answers)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "n/a"
    assert "streams" not in result.learnt


REDIRECTS = (
    "http://127.0.0.9:{port}/",
    "http://127.0.0.1:{port}/",
    "http://169.254.169.254/",
    "/",
    "file:///etc/passwd",
    "",
)


@pytest.mark.parametrize("location", REDIRECTS)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "399 What"])
async def test_a_redirect(location: str, status: str, visited: Visited) -> None:
    """A redirect, wherever to, is a reason of its own and is not followed, also not in a circle."""
    async with attacking(silent, "127.0.0.9") as elsewhere:
        answer = http(b"", status, f"Location: {location.format(port=elsewhere.port)}\r\n")
        async with attacking(saying(answer)) as peer:
            result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result) == {"reachable": "ok", "control": "fail redirect"}
    assert findings(result)[Rung.CONTROL].detail.startswith(f"HTTP {status[:3]} to '{location[:12]}")
    assert (peer.connections, peer.requests("POST"), peer.logins) == (1, 1, 0)
    assert visited == [("127.0.0.1", peer.port)]


async def test_a_login_is_not_redirected(visited: Visited) -> None:
    """A device that redirects the question with our login sees it once; the other address sees nothing."""
    async with attacking(silent, "127.0.0.9") as elsewhere:
        moved = http(b"", "307 Temporary Redirect", f"Location: http://127.0.0.9:{elsewhere.port}/\r\n")

        def answer(asked: bytes) -> bytes:
            if b"GetSystemDateAndTime" in asked:
                return onvif()(asked)
            return moved if b"Authorization:" in asked else http(b"", "401 Unauthorized", CHALLENGE)

        async with attacking(answering(answer)) as peer:
            result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "unseen redirect"
    assert (peer.logins, elsewhere.connections) == (1, 0)
    assert set(visited) == {("127.0.0.1", peer.port)}


ELSEWHERE = "rtsp://admin:secret@127.0.0.9:{port}/e/"
DESCRIPTIONS = {
    "a base elsewhere": ("Content-Base: " + ELSEWHERE + "\r\n", SDP, "/e/track1"),
    "a location elsewhere": ("Content-Location: " + ELSEWHERE + "\r\n", SDP, "/e/track1"),
    "a track elsewhere": ("", SDP.replace(b"track1", ELSEWHERE.encode()), "/e/"),
    "a base of many lines": ("Content-Base: /a\r\n b\r\n", SDP, "/a b/track1"),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
async def test_a_description_that_points_elsewhere(name: str, visited: Visited) -> None:
    """Whatever host a description names, SETUP, PLAY and TEARDOWN go to the device, at the inventory's host."""
    headers, body, track = DESCRIPTIONS[name]
    async with attacking(silent, "127.0.0.9") as elsewhere:
        filled = body.replace(b"{port}", b"%d" % elsewhere.port)
        described = rtsp(headers=headers.format(port=elsewhere.port), body=filled)
        async with attacking(playing({"DESCRIBE": described})) as video:
            result = await probe("rtsp", device(ports={"rtsp": video.port}), camera(stream="/s"))
    assert said(result)["media"] == "ok"
    assert f"SETUP rtsp://127.0.0.1:{video.port}{track} RTSP/1.0".encode() in video.heard
    assert elsewhere.connections == 0
    assert visited == [("127.0.0.1", video.port)]
