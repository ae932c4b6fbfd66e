"""The ONVIF operations of the devices: what each answers, as the content of a SOAP body.

Read operations only; a device of the city has nothing that a client may change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from simulator.device import RunningDevice
from simulator.soap import TDS, TR2, TRC, TRT, Call
from simulator.video import FORMATS, Format

USUAL_PORTS = {"HTTP": 80, "HTTPS": 443}
LOCAL_OFFSET_S = 5 * 3_600
NAMESPACES: Mapping[str, str] = {"device": TDS, "media": TRT, "media2": TR2, "recording": TRC}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The host and the ports that a device names in its own addresses."""

    host: str
    onvif_port: int
    rtsp_port: int


class OnvifFault(Exception):
    """A SOAP fault: its HTTP status, its code, its subcodes from outside in, and the reason in words."""

    def __init__(self, status: int, code: str, subcodes: tuple[str, ...], reason: str) -> None:
        super().__init__(reason)
        self.status, self.code, self.subcodes, self.reason = status, code, subcodes, reason


@dataclass(frozen=True, slots=True)
class Profile:
    """One media profile: a channel (from 1) and one of its two streams."""

    token: str
    channel: int
    stream: int
    format: Format
    path: str
    """The path (with its query) of its stream."""

    @property
    def name(self) -> str:
        return f"channel {self.channel} {('main', 'sub')[self.stream]}"


def profiles(running: RunningDevice) -> Iterator[Profile]:
    """All profiles of a device, channel by channel, the main stream first."""
    for channel in range(1, running.device.channels + 1):
        for stream, encoded in enumerate(FORMATS):
            token, path = (
                shape[stream].format(c=channel, z=channel - 1)
                for shape in (running.make.profiles, running.make.streams)
            )
            yield Profile(token, channel, stream, encoded, path)


def find_profile(running: RunningDevice, call: Call) -> Profile:
    for profile in profiles(running):
        if profile.token == call.profile:
            return profile
    raise OnvifFault(400, "Sender", ("ter:InvalidArgVal", "ter:NoProfile"), "The requested profile does not exist")


def moment(tag: str, at: float) -> str:
    t = time.gmtime(at)
    return (
        f"<tt:{tag}><tt:Time><tt:Hour>{t.tm_hour}</tt:Hour><tt:Minute>{t.tm_min}</tt:Minute>"
        f"<tt:Second>{t.tm_sec}</tt:Second></tt:Time><tt:Date><tt:Year>{t.tm_year}</tt:Year>"
        f"<tt:Month>{t.tm_mon}</tt:Month><tt:Day>{t.tm_mday}</tt:Day></tt:Date></tt:{tag}>"
    )


def get_system_date_and_time(running: RunningDevice, call: Call, at: Addresses) -> str:
    now = running.time
    local = "" if running.make.name == "bosch" else moment("LocalDateTime", now + LOCAL_OFFSET_S)
    kind = "Manual" if running.has("clock") else "NTP"
    return (
        f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>{kind}</tt:DateTimeType>"
        f"<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>{running.make.timezone}</tt:TZ></tt:TimeZone>"
        f"{moment('UTCDateTime', now)}{local}</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def get_device_information(running: RunningDevice, call: Call, at: Addresses) -> str:
    device = running.device
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{running.make.manufacturer}</tds:Manufacturer>"
        f"<tds:Model>{escape(device.model.name)}</tds:Model>"
        f"<tds:FirmwareVersion>{escape(device.firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{device.serial}</tds:SerialNumber>"
        f"<tds:HardwareId>{device.model.hardware}</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def services_of(running: RunningDevice) -> tuple[str, ...]:
    """The services that a device has."""
    records = running.make.records or running.device.model.kind == "recorder"
    return ("device", *running.device.model.media, *(("recording",) if records else ()))


def service_address(running: RunningDevice, service: str, at: Addresses) -> str:
    scheme = "https" if running.device.encrypted else "http"
    return f"{scheme}://{at.host}:{at.onvif_port}{running.make.paths[service]}"


def get_services(running: RunningDevice, call: Call, at: Addresses) -> str:
    if not running.make.lists_services:
        raise not_offered()
    services = "".join(
        f"<tds:Service><tds:Namespace>{NAMESPACES[service]}</tds:Namespace>"
        f"<tds:XAddr>{service_address(running, service, at)}</tds:XAddr>"
        f"<tds:Version><tt:Major>{20 if service == 'device' else 2}</tt:Major><tt:Minor>6</tt:Minor></tds:Version>"
        "</tds:Service>"
        for service in services_of(running)
    )
    return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"


def get_capabilities(running: RunningDevice, call: Call, at: Addresses) -> str:
    media = ""
    if "media" in running.device.model.media:
        media = (
            f"<tt:Media><tt:XAddr>{service_address(running, 'media', at)}</tt:XAddr><tt:StreamingCapabilities>"
            "<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP>"
            "<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"
        )
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device>"
        f"<tt:XAddr>{service_address(running, 'device', at)}</tt:XAddr></tt:Device>{media}</tds:Capabilities>"
        "</tds:GetCapabilitiesResponse>"
    )


def get_network_interfaces(running: RunningDevice, call: Call, at: Addresses) -> str:
    mac = running.device.mac
    hardware = ":".join(mac[i : i + 2] for i in range(0, 12, 2)).lower()
    return (
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>'
        f"<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>{hardware}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
        "<tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual>"
        f"<tt:Address>{at.host}</tt:Address><tt:PrefixLength>24</tt:PrefixLength></tt:Manual>"
        "<tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
    )


MULTICAST = (
    "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
    "<tt:Port>0</tt:Port><tt:TTL>5</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
)


def get_profiles(running: RunningDevice, call: Call, at: Addresses) -> str:
    if call.namespace == TR2:
        wanted = "".join(profile2_xml(profile, call.types) for profile in profiles(running))
        return f"<tr2:GetProfilesResponse>{wanted}</tr2:GetProfilesResponse>"
    wanted = "".join(profile_xml(profile) for profile in profiles(running))
    return f"<trt:GetProfilesResponse>{wanted}</trt:GetProfilesResponse>"


def profile_xml(profile: Profile) -> str:
    encoded, source = profile.format, f"source_{profile.channel}"
    return (
        f'<trt:Profiles token="{profile.token}" fixed="true"><tt:Name>{profile.name}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="{source}"><tt:Name>{source}</tt:Name><tt:UseCount>2</tt:UseCount>'
        f"<tt:SourceToken>{source}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{FORMATS[0].width}" height="{FORMATS[0].height}"></tt:Bounds>'
        f'</tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="encoder_{profile.token}">'
        f"<tt:Name>encoder_{profile.token}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{encoded.width}</tt:Width><tt:Height>{encoded.height}</tt:Height></tt:Resolution>"
        f"<tt:Quality>50</tt:Quality><tt:RateControl><tt:FrameRateLimit>{encoded.rate}</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl>"
        f"<tt:H264><tt:GovLength>{encoded.rate}</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264>{MULTICAST}"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def profile2_xml(profile: Profile, types: frozenset[str]) -> str:
    """Media2 §5.2.2: configurations only of the types that the request names."""
    encoded, source, parts = profile.format, f"source_{profile.channel}", ""
    if types & {"All", "VideoSource"}:
        parts += (
            f'<tr2:VideoSource token="{source}"><tt:Name>{source}</tt:Name><tt:UseCount>2</tt:UseCount>'
            f"<tt:SourceToken>{source}</tt:SourceToken>"
            f'<tt:Bounds x="0" y="0" width="{FORMATS[0].width}" height="{FORMATS[0].height}"></tt:Bounds>'
            "</tr2:VideoSource>"
        )
    if types & {"All", "VideoEncoder"}:
        parts += (
            f'<tr2:VideoEncoder token="encoder_{profile.token}" GovLength="{encoded.rate}" Profile="Baseline">'
            f"<tt:Name>encoder_{profile.token}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
            f"<tt:Resolution><tt:Width>{encoded.width}</tt:Width><tt:Height>{encoded.height}</tt:Height></tt:Resolution>"
            f'<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>{encoded.rate}</tt:FrameRateLimit>'
            "<tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl><tt:Quality>50</tt:Quality></tr2:VideoEncoder>"
        )
    configurations = f"<tr2:Configurations>{parts}</tr2:Configurations>" if parts else ""
    return (
        f'<tr2:Profiles token="{profile.token}" fixed="true"><tr2:Name>{profile.name}</tr2:Name>'
        f"{configurations}</tr2:Profiles>"
    )


def get_stream_uri(running: RunningDevice, call: Call, at: Addresses) -> str:
    path = find_profile(running, call).path
    scheme = "rtsps" if running.device.encrypted else "rtsp"
    uri = escape(f"{scheme}://{at.host}:{at.rtsp_port}{path}")
    if call.namespace == TR2:
        return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"
    return (
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        f"<tt:InvalidAfterReboot>{str(running.make.name == 'bosch').lower()}</tt:InvalidAfterReboot>"
        "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
    )


def not_offered() -> OnvifFault:
    return OnvifFault(500, "Receiver", ("ter:ActionNotSupported",), "Optional Action Not Implemented")


def get_network_protocols(running: RunningDevice, call: Call, at: Addresses) -> str:
    if not running.make.tells_settings:
        raise not_offered()
    web, other = ("HTTPS", "HTTP") if running.device.encrypted else ("HTTP", "HTTPS")
    ports = ((web, True, at.onvif_port), (other, False, USUAL_PORTS[other]), ("RTSP", True, at.rtsp_port))
    told = "".join(
        f"<tds:NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>{str(on).lower()}</tt:Enabled>"
        f"<tt:Port>{port}</tt:Port></tds:NetworkProtocols>"
        for name, on, port in ports
    )
    return f"<tds:GetNetworkProtocolsResponse>{told}</tds:GetNetworkProtocolsResponse>"


def get_ntp(running: RunningDevice, call: Call, at: Addresses) -> str:
    if not running.make.tells_settings:
        raise not_offered()
    server = "<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>ntp.city.example</tt:DNSname></tt:NTPManual>"
    told = "" if running.has("clock") else server
    return (
        "<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP>"
        f"{told}</tds:NTPInformation></tds:GetNTPResponse>"
    )


def get_hostname(running: RunningDevice, call: Call, at: Addresses) -> str:
    return (
        "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
        f"<tt:Name>{running.make.name}-{running.device.mac.lower()}</tt:Name></tds:HostnameInformation>"
        "</tds:GetHostnameResponse>"
    )


def get_dns(running: RunningDevice, call: Call, at: Addresses) -> str:
    if not running.make.tells_settings:
        raise not_offered()
    return (
        "<tds:GetDNSResponse><tds:DNSInformation><tt:FromDHCP>false</tt:FromDHCP><tt:DNSManual><tt:Type>IPv4</tt:Type>"
        "<tt:IPv4Address>192.0.2.53</tt:IPv4Address></tt:DNSManual></tds:DNSInformation></tds:GetDNSResponse>"
    )


def get_storage_configurations(running: RunningDevice, call: Call, at: Addresses) -> str:
    if "recording" not in services_of(running):
        raise not_offered()
    return (
        '<tds:GetStorageConfigurationsResponse><tds:StorageConfigurations token="sd_1">'
        '<tds:Data type="LocalStorage"><tds:LocalPath>/var/spool/storage/SD_DISK</tds:LocalPath></tds:Data>'
        "</tds:StorageConfigurations></tds:GetStorageConfigurationsResponse>"
    )


def get_recordings(running: RunningDevice, call: Call, at: Addresses) -> str:
    told = "".join(
        f"<trc:RecordingItem><tt:RecordingToken>recording_{channel}</tt:RecordingToken><tt:Configuration><tt:Source>"
        f"<tt:SourceId>urn:channel:{channel}</tt:SourceId><tt:Name>channel {channel}</tt:Name></tt:Source>"
        "<tt:MaximumRetentionTime>PT168H</tt:MaximumRetentionTime></tt:Configuration><tt:Tracks><tt:Track>"
        "<tt:TrackToken>video</tt:TrackToken></tt:Track></tt:Tracks></trc:RecordingItem>"
        for channel in range(1, running.device.channels + 1)
    )
    return f"<trc:GetRecordingsResponse>{told}</trc:GetRecordingsResponse>"


#: An operation of a device: the device, the call, the addresses it may name, to the content of the body.
Operation = Callable[[RunningDevice, Call, Addresses], str]

#: Operations that need no login (ONVIF Core, access class PRE_AUTH), and those that read system or media.
OPEN: Mapping[tuple[str, str], Operation] = {
    (TDS, "GetSystemDateAndTime"): get_system_date_and_time,
    (TDS, "GetServices"): get_services,
    (TDS, "GetCapabilities"): get_capabilities,
    (TDS, "GetHostname"): get_hostname,
}
GUARDED: Mapping[tuple[str, str], Operation] = {
    (TDS, "GetDeviceInformation"): get_device_information,
    (TDS, "GetNetworkInterfaces"): get_network_interfaces,
    (TDS, "GetNetworkProtocols"): get_network_protocols,
    (TDS, "GetNTP"): get_ntp,
    (TDS, "GetDNS"): get_dns,
    (TDS, "GetStorageConfigurations"): get_storage_configurations,
    (TRC, "GetRecordings"): get_recordings,
    (TRT, "GetProfiles"): get_profiles,
    (TRT, "GetStreamUri"): get_stream_uri,
    (TR2, "GetProfiles"): get_profiles,
    (TR2, "GetStreamUri"): get_stream_uri,
}
