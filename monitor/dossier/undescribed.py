"""Services that onvif-zeep-async has no description of: Media2 above all, and whatever a maker added.

They are asked in the same words (an operation, no parameters) and over the same line; their answers are read as they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from onvif.client import ONVIFService

from monitor.dossier.line import Line
from monitor.wire.soap import MEDIA2

_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
UNDESCRIBED: Mapping[str, tuple[str, ...]] = {
    MEDIA2: (
        "GetServiceCapabilities",
        "GetProfiles",
        "GetVideoSourceConfigurations",
        "GetVideoEncoderConfigurations",
        "GetVideoEncoderConfigurationOptions",
        "GetAudioSourceConfigurations",
        "GetAudioEncoderConfigurations",
        "GetMetadataConfigurations",
        "GetAnalyticsConfigurations",
        "GetOSDs",
        "GetMasks",
    ),
}
#: Elements that stand within each other this deep are told as the XML that they are.
MOST_DEPTH = 24


class Undescribed:
    """Such a service, asked like one of onvif-zeep-async: ``authless_GetProfiles`` and ``GetProfiles``."""

    def __init__(self, device: ONVIFService, line: Line, namespace: str, address: str) -> None:
        self._device = device
        self._line = line
        self._namespace = namespace
        self._address = address

    def __getattr__(self, name: str) -> Callable[[Mapping[str, Any]], Any]:
        async def put(_: Mapping[str, Any]) -> Any:
            return await self._asked(name.removeprefix("authless_"), as_user=not name.startswith("authless_"))

        return put

    async def _asked(self, operation: str, as_user: bool) -> Any:
        envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"s": _ENVELOPE})
        body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
        question = etree.SubElement(body, f"{{{self._namespace}}}{operation}", nsmap={None: self._namespace})
        if (self._namespace, operation) == (MEDIA2, "GetProfiles"):
            etree.SubElement(question, f"{{{self._namespace}}}Type").text = "All"
        if as_user and self._device.zeep_client is not None:
            envelope, _ = self._device.zeep_client.wsse.apply(envelope, {})
        await self._line.post_xml(self._address, envelope, {})
        said = self._line.said
        return [] if said is None else [untyped(one) for one in said.xpath("//*[local-name()='Body']/*/*")]


def namespace_allowed(namespace: str) -> bool:
    """Say whether a service's name can stand in a question: an address of some length, nothing else."""
    try:
        return len(namespace) <= 200 and bool(urlsplit(namespace).scheme) and namespace.isprintable()
    except ValueError:
        return False


def untyped(element: etree._Element, depth: int = 0) -> Any:
    """Return an element as a mapping of local names, or as its text where it has neither children nor attributes."""
    children = [child for child in element if isinstance(child.tag, str)]
    text = (element.text or "").strip()
    if not children and not element.attrib:
        return text
    if depth > MOST_DEPTH:
        return etree.tostring(element, encoding="unicode", with_tail=False)
    told: dict[str, Any] = {etree.QName(name).localname: value for name, value in element.attrib.items()}
    told |= {"text": text} if text and not children else {}
    for name in dict.fromkeys(etree.QName(child).localname for child in children):
        same = [untyped(child, depth + 1) for child in children if etree.QName(child).localname == name]
        told[name] = same[0] if len(same) == 1 else same
    return told
