"""The faults as a visitor meets them: silence that times out, hanging, refused logins, broken streams, wrong clocks."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from itertools import count

import pytest
from effort import prompt
from peers.cities import CityDevice, RunningCity
from visits import INFORMATION, TIME, TRT, ask, ask_wrongly, clock_offset, envelope, post, rtsp, stream_url, token

#: How long to wait for what must not come, and for what must.
SHORT_S, LONG_S = 0.4, 60.0


async def connects(device: CityDevice, port: int, patience_s: float = SHORT_S) -> bool:
    """Say whether a connection comes about in time; a refusal is an error."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(device.address, port), patience_s)
    except TimeoutError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def knock_until(device: CityDevice, answers: bool) -> None:
    """Knock until the device answers, or until it does not any more."""
    for _ in count():
        if await connects(device, device.onvif_port) == answers:
            return
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("fault", ["fibre", "feeder", "dead"])
async def test_a_silent_device_lets_connections_time_out(city: RunningCity, fault: str) -> None:
    """No port of it answers or refuses, TCP and UDP alike."""
    device = city.find(fault)
    assert await asyncio.gather(connects(device, device.onvif_port), connects(device, device.rtsp_port)) == [
        False,
        False,
    ]


@pytest.mark.parametrize("make", ["axis", "reolink"])
async def test_a_dead_device_heals(city: RunningCity, make: str) -> None:
    """While it is dead connections time out; healed, even one that was still trying comes about, and ONVIF answers."""
    device = city.find(make=make)
    city.switch_on("dead", cameras=device.cameras)
    assert not await connects(device, device.onvif_port)
    trying = asyncio.create_task(connects(device, device.onvif_port, LONG_S))
    await asyncio.sleep(0.1)
    city.switch_off("dead", cameras=device.cameras)
    assert await trying
    assert (await ask(city, device, INFORMATION)).status == 200


async def test_a_connection_that_was_open_falls_silent(city: RunningCity) -> None:
    """A device that dies does not close its connections; when it is back, they are reset."""
    device = city.find(make="dahua")
    async with rtsp(city, device) as visit:
        assert (await visit.play(stream_url(device))).status == 200
        city.switch_on("dead", cameras=device.cameras)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(visit.hear_packets_for_ever(), SHORT_S)
        city.switch_off("dead", cameras=device.cameras)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(visit.hear_packet(), LONG_S)


async def test_an_uplink_takes_its_sites_with_it(city: RunningCity) -> None:
    """All cameras behind an uplink fall silent, and all come back."""
    healthy = {id_ for id_, truth in city.truth().items() if truth["fault"] != "fibre"}
    uplink, members = next(
        (uplink, cameras) for uplink, cameras in city.structure["uplinks"].items() if set(cameras) <= healthy
    )
    device = next(
        one for one in city.devices if one.cameras[0] in members and city.truth()[one.cameras[0]]["fault"] == ""
    )
    assert set(city.switch_on("fibre", uplink=uplink)) == set(members)
    ringed = city.truth()[members[0]]["fault"] != "fibre"
    assert await connects(device, device.onvif_port, LONG_S if ringed else SHORT_S) == ringed
    city.switch_off("fibre", uplink=uplink)
    assert await connects(device, device.onvif_port, LONG_S)
    assert city.truth()[device.cameras[0]]["fault"] == ""


async def test_a_ring_stands_one_cut(city: RunningCity) -> None:
    """Sites with two alternates are cut off only when both are."""
    uplinks = city.structure["uplinks"]
    first, second = next((a, b) for a in uplinks for b in uplinks if a < b and uplinks[a] == uplinks[b])
    camera = next(camera for camera in uplinks[first] if city.truth()[camera]["fault"] == "")
    city.switch_on("fibre", uplink=first)
    assert city.truth()[camera]["fault"] == ""
    city.switch_on("fibre", uplink=second)
    assert city.truth()[camera] == {"fault": "fibre", "state": "unreachable", "working": False}
    for uplink in (first, second):
        city.switch_off("fibre", uplink=uplink)
    assert city.truth()[camera]["fault"] == ""


async def test_a_hung_device_accepts_and_says_nothing(city: RunningCity) -> None:
    """TCP connects on both ports, and no byte comes."""
    device = city.find("hung")
    for port, words in (
        (device.onvif_port, b"POST / HTTP/1.1\r\n\r\n"),
        (device.rtsp_port, b"OPTIONS * RTSP/1.0\r\n\r\n"),
    ):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(device.address, port), LONG_S)
        writer.write(words)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), SHORT_S)
        writer.close()
        await writer.wait_closed()


async def test_a_changed_password_is_refused_over_onvif_and_rtsp(city: RunningCity) -> None:
    """The time is told to anyone; what needs a login is refused."""
    device = city.find("password")
    assert (await post(device, envelope(TIME))).status == 200
    refused = await ask(city, device, INFORMATION)
    assert refused.status in (400, 401, 500)
    async with rtsp(city, device) as visit:
        assert (await visit.describe(stream_url(device))).status == 401


async def test_five_wrong_logins_lock_an_account(city: RunningCity) -> None:
    """The sixth attempt is refused although its password is right; the counters tell."""
    device = city.find(make="noname")
    before = city.counters(device.id)
    for _ in range(5):
        assert (await ask_wrongly(device)).status != 200
    assert (await ask(city, device, INFORMATION)).status != 200
    after = city.counters(device.id)
    assert after["failed_logins"] - before["failed_logins"] == 5
    assert after["locks"] - before["locks"] == 1
    city.switch_on("dead", cameras=device.cameras)
    city.switch_off("dead", cameras=device.cameras)
    assert (await ask(city, device, INFORMATION)).status == 200, "a device that starts anew has forgotten its lock"


async def test_a_broken_stream_server_says_404_or_500(city: RunningCity) -> None:
    """ONVIF is fine; DESCRIBE is not. Both answers occur in one city."""
    seen = set()
    for device in city.all_of("stream_server"):
        assert (await post(device, envelope(TIME))).status == 200
        async with rtsp(city, device) as visit:
            seen.add((await visit.describe(stream_url(device))).status)
    assert seen == {404, 500}


async def test_a_stream_without_video_plays_nothing(city: RunningCity) -> None:
    """PLAY is 200, and no packet follows."""
    device = city.find("no_video")
    async with rtsp(city, device) as visit:
        assert (await visit.play(stream_url(device))).status == 200
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(visit.hear_packet(), SHORT_S)


async def test_a_busy_device_says_453_or_503_and_onvif_is_fine(city: RunningCity) -> None:
    """At DESCRIBE, SETUP or PLAY; nobody ever sees it streaming."""
    for device in city.all_of("busy"):
        assert (await post(device, envelope(TIME))).status == 200
        async with rtsp(city, device) as visit:
            assert (await visit.play(stream_url(device))).status in (453, 503)


async def test_clocks_are_off_in_both_directions(city: RunningCity) -> None:
    """By minutes at least; every other clock is right within two seconds."""
    offsets = [(await clock_offset(device)).total_seconds() for device in city.all_of("clock")]
    assert min(map(abs, offsets)) > 60
    assert min(offsets) < 0 < max(offsets)
    assert abs((await clock_offset(city.find(make="axis"))).total_seconds()) < 3


async def test_a_login_must_have_the_devices_own_time(city: RunningCity) -> None:
    """With the real time a device whose clock is off refuses the right password; with its own it does not."""
    device = next(one for one in city.all_of("clock") if one.make in ("axis", "dahua", "reolink", "noname"))
    offset = await clock_offset(device)
    assert (await ask(city, device, INFORMATION)).status != 200
    assert (await ask(city, device, INFORMATION, datetime.now(UTC) + offset)).status == 200


async def test_a_slow_device_takes_three_to_four_seconds(city: RunningCity) -> None:
    """Every answer over HTTP and RTSP."""
    device = city.find("slow")

    async def timed_http() -> float:
        started = time.monotonic()
        assert (await post(device, envelope(TIME))).status == 200
        return time.monotonic() - started

    async def timed_rtsp() -> float:
        started = time.monotonic()
        async with rtsp(city, device) as visit:
            assert (await visit.say("OPTIONS", stream_url(device))).status == 200
        return time.monotonic() - started

    for taken in await asyncio.gather(timed_http(), timed_rtsp()):
        assert taken > 2.9
        assert prompt(taken, 6.0)


async def test_a_device_that_names_another_host(city: RunningCity) -> None:
    """Its services' and streams' addresses have a private address; the device itself answers where it is."""
    device = city.find("other_host")
    services = await post(device, envelope('<GetCapabilities xmlns="http://www.onvif.org/ver10/device/wsdl"/>'))
    assert services.status == 200
    assert "http://192.168." in services.body
    assert device.address not in services.body


async def test_onvif_switched_off(city: RunningCity) -> None:
    """One make answers 404, the other refuses; the inventory has their streams, and RTSP is fine."""
    seen = {}
    for device in city.all_of("onvif_off"):
        try:
            seen[device.make] = str((await post(device, envelope(TIME))).status)
        except ConnectionRefusedError:
            seen[device.make] = "refused"
        async with rtsp(city, device) as visit:
            assert (await visit.describe(stream_url(device))).status == 200
    assert seen == {"hikvision": "404", "reolink": "refused"}


async def test_a_flapping_device_goes_and_comes(city: RunningCity) -> None:
    """Switched on, it soon falls silent for five to eight seconds, then answers again."""
    device = city.find(make="bosch")
    city.switch_on("flapping", cameras=device.cameras)
    await asyncio.wait_for(knock_until(device, answers=False), LONG_S)
    started = time.monotonic()
    await asyncio.wait_for(knock_until(device, answers=True), LONG_S)
    silent_s = time.monotonic() - started
    assert silent_s > 4.0
    assert prompt(silent_s, 11.0)
    city.switch_off("flapping", cameras=device.cameras)
    assert city.truth()[device.cameras[0]]["state"] == "up"


async def test_a_nonce_is_good_once(city: RunningCity) -> None:
    """The same token twice is a replay."""
    device = city.find(make="axis")
    body = envelope(f'<GetProfiles xmlns="{TRT}"/>', token("camfleet", city.password, nonce=b"0123456789abcdef"))
    first, second = await post(device, body), await post(device, body)
    assert second.status == 400
    assert "NotAuthorized" in second.body
    assert first.status == 200 or "ActionNotSupported" in first.body
