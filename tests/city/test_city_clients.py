"""The field's own clients accept the city: onvif-zeep-async, net-snmp, ffprobe, aiohttp's digest, on every make."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from onvif import ONVIFCamera
from peers.cities import CityDevice, RunningCity
from peers.servers import require
from visits import INFORMATION, envelope, stream_url

MAKES = ("axis", "hikvision", "dahua", "bosch", "reolink", "noname")
#: Models that let nobody in by a token, which is all that onvif-zeep-async can do, or that have no Media1.
NOT_FOR_ZEEP = ("DS-2CD3786G2-IZS", "FLEXIDOME IP starlight 8000i", "Q1656-LE", "DH-IPC-HFW5449T1-ZE-LED")


def sample(city: RunningCity, make: str, several: bool = False) -> CityDevice:
    """A sound device of a make that an older client gets along with."""
    return next(one for one in city.all_of(make=make, several=several) if one.model not in NOT_FOR_ZEEP)


async def output(*command: str) -> str:
    """What a program prints; it has to succeed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def profiles_by_zeep(device: CityDevice, password: str) -> tuple[Any, Any, str]:
    """Device information, profiles and the last profile's stream address, as onvif-zeep-async finds them."""
    camera = ONVIFCamera(device.address, device.onvif_port, "camfleet", password)
    try:
        await camera.update_xaddrs()
        information = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
        media = await camera.create_media_service()
        profiles = await media.GetProfiles()
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profiles[-1].token})
        return information, profiles, uri.Uri
    finally:
        await camera.close()


@pytest.mark.parametrize("make", MAKES)
async def test_onvif_zeep_reads_a_device(city: RunningCity, make: str) -> None:
    """Device information, profiles with their sizes, and the address of the sub-stream."""
    device = sample(city, make)
    information, profiles, uri = await profiles_by_zeep(device, city.password)
    assert information.Model == device.model
    sizes = [profile.VideoEncoderConfiguration.Resolution for profile in profiles]
    assert [(size.Width, size.Height) for size in sizes] == [(640, 360), (320, 180)]
    assert uri == stream_url(device)


async def test_onvif_zeep_reads_a_device_with_several_cameras(city: RunningCity) -> None:
    """Each channel has its own video source and two profiles."""
    device = next(city.all_of(several=True))
    _, profiles, _ = await profiles_by_zeep(device, city.password)
    sources = [profile.VideoSourceConfiguration.SourceToken for profile in profiles]
    assert sources == [f"source_{channel}" for channel in range(1, len(device.cameras) + 1) for _ in range(2)]


async def test_ffprobe_plays_a_stream_of_every_make(city: RunningCity) -> None:
    """H.264 of 320 by 180 at ten frames a second, with frames that decode."""
    ffprobe = require("ffprobe", "ffmpeg")

    async def probed(make: str) -> dict[str, Any]:
        url = stream_url(sample(city, make)).replace("rtsp://", f"rtsp://camfleet:{city.password}@")
        what = "stream=codec_name,width,height,r_frame_rate,nb_read_frames"
        out = await output(
            ffprobe, "-v", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+1", "-count_frames",
            "-show_entries", what, "-of", "json", url,
        )  # fmt: skip
        stream: dict[str, Any] = json.loads(out)["streams"][0]
        return stream

    for make, stream in zip(MAKES, await asyncio.gather(*map(probed, MAKES)), strict=True):
        frames = int(stream.pop("nb_read_frames"))
        assert stream == {"codec_name": "h264", "width": 320, "height": 180, "r_frame_rate": "10/1"}, make
        assert 8 <= frames <= 40, make


async def walk(city: RunningCity, device: CityDevice, root: str, version: str = "2c") -> dict[str, str]:
    """What snmpwalk finds under an OID."""
    where = f"{device.address}:{device.snmp_port}"
    program = require("snmpwalk", "snmp")
    out = await output(program, f"-v{version}", "-c", city.community, "-OnQ", where, root)
    lines = (line.partition(" = ") for line in out.splitlines() if "No more variables" not in line)
    return {oid.lstrip("."): value.strip('" ') for oid, _, value in lines}


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_snmpwalk_walks_a_device_to_the_end(city: RunningCity, make: str, version: str) -> None:
    """Two interfaces everywhere; the system group everywhere but on Hikvision's cameras."""
    device = sample(city, make)
    found = await walk(city, device, "1.3.6.1", version)
    assert (found["1.3.6.1.2.1.2.2.1.2.1"], found["1.3.6.1.2.1.2.2.1.2.2"]) == ("lo", "eth0")
    assert ("1.3.6.1.2.1.1.1.0" in found) == (make != "hikvision")


async def test_snmpget_reads_the_vendors_own_objects(city: RunningCity) -> None:
    """Units in Hikvision's strings, Axis' disruption that is none, Dahua's model."""
    hikvision = await walk(city, sample(city, "hikvision"), "1.3.6.1.4.1.39165")
    assert hikvision["1.3.6.1.4.1.39165.1.10.0"] == "512 MB"
    assert hikvision["1.3.6.1.4.1.39165.1.7.0"].endswith(" PERCENT")
    axis = await walk(city, sample(city, "axis"), "1.3.6.1.4.1.368.4.1.8")
    assert set(axis.values()) == {"SD_DISK", "NetworkShare", "2"}
    dahua = sample(city, "dahua")
    assert (await walk(city, dahua, "1.3.6.1.4.1.1004849.2.1.2.6"))["1.3.6.1.4.1.1004849.2.1.2.6.0"] == dahua.model


async def test_snmpset_writes_nothing(city: RunningCity) -> None:
    """SET is refused, notWritable, and counted."""
    device = sample(city, "axis")
    before = city.counters(device.id)["snmp_sets"]
    process = await asyncio.create_subprocess_exec(
        require("snmpset", "snmp"), "-v2c", "-c", city.community, f"{device.address}:{device.snmp_port}",
        "1.3.6.1.2.1.1.5.0", "s", "mine", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert "notWritable" in err.decode()
    assert city.counters(device.id)["snmp_sets"] == before + 1


async def test_a_wrong_community_gets_no_answer(city: RunningCity) -> None:
    """An agent keeps silent towards strangers."""
    device = sample(city, "axis")
    process = await asyncio.create_subprocess_exec(
        require("snmpget", "snmp"), "-v2c", "-c", "public", "-t", "0.5", "-r", "0",
        f"{device.address}:{device.snmp_port}", "1.3.6.1.2.1.1.1.0", stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert "Timeout: No Response" in err.decode()


@pytest.mark.parametrize("make", ["hikvision", "dahua", "bosch"])
async def test_http_digest_opens_the_makes_that_offer_it(city: RunningCity, make: str) -> None:
    """aiohttp's digest client gets in, with the first algorithm that a device offers; three times in a row."""
    for device in list(city.all_of(make=make))[:6]:
        before = city.counters(device.id)["failed_logins"]
        digest = aiohttp.DigestAuthMiddleware("camfleet", city.password, preemptive=False)
        async with aiohttp.ClientSession(middlewares=(digest,)) as session:
            for _ in range(3):
                url = f"http://{device.address}:{device.onvif_port}/onvif/device_service"
                async with session.post(url, data=envelope(INFORMATION)) as reply:
                    assert reply.status == 200
                    assert device.model in await reply.text()
        assert city.counters(device.id)["failed_logins"] == before
