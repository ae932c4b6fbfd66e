"""SOAP 1.2 as devices write and read it: requests parsed with bounds, replies from ready-made envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lxml import etree

from simulator.account import Token

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
TDS = "http://www.onvif.org/ver10/device/wsdl"
TRT = "http://www.onvif.org/ver10/media/wsdl"
TR2 = "http://www.onvif.org/ver20/media/wsdl"
TRC = "http://www.onvif.org/ver10/recording/wsdl"
TT = "http://www.onvif.org/ver10/schema"
TER = "http://www.onvif.org/ver10/error"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE = f"{OASIS}-wssecurity-secext-1.0.xsd"
WSU = f"{OASIS}-wssecurity-utility-1.0.xsd"

#: What a small stack declares in every envelope, and what a large one adds: real ones declare four to fifty-seven.
FEW: Mapping[str, str] = {
    "SOAP-ENV": ENVELOPE,
    "SOAP-ENC": "http://www.w3.org/2003/05/soap-encoding",
    "tt": TT,
    "tds": TDS,
    "trt": TRT,
    "tr2": TR2,
    "trc": TRC,
    "ter": TER,
}
MANY: Mapping[str, str] = {
    **FEW,
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "wsa5": "http://www.w3.org/2005/08/addressing",
    "wsse": WSSE,
    "wsu": WSU,
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xmime": "http://tempuri.org/xmime.xsd",
    "xop": "http://www.w3.org/2004/08/xop/include",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsrfbf": "http://docs.oasis-open.org/wsrf/bf-2",
    "wsrfr": "http://docs.oasis-open.org/wsrf/r-2",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "timg": "http://www.onvif.org/ver20/imaging/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "tan": "http://www.onvif.org/ver20/analytics/wsdl",
    "tmd": "http://www.onvif.org/ver10/deviceIO/wsdl",
    "trp": "http://www.onvif.org/ver10/replay/wsdl",
    "tse": "http://www.onvif.org/ver10/search/wsdl",
    "tas": "http://www.onvif.org/ver10/advancedsecurity/wsdl",
    "tns1": "http://www.onvif.org/ver10/topics",
}


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that a client asks for, with its login and the arguments that the city's devices read."""

    namespace: str
    operation: str
    profile: str = ""
    types: frozenset[str] = frozenset()
    """The configuration types that a Media2 GetProfiles wants to see."""
    token: Token | None = None


class NotSoap(Exception):
    """The body is no SOAP envelope with an operation in it."""


@cache
def parser() -> etree.XMLParser:
    """One for all requests: making it costs as much as a request."""
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def parse_call(body: bytes) -> Call:
    """Read a request; raise ``NotSoap`` for anything else."""
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as error:
        raise NotSoap(str(error)) from error
    operation = root.find(f"{{{ENVELOPE}}}Body/*")
    if operation is None or not isinstance(operation.tag, str):
        raise NotSoap("no operation in the body")
    name = etree.QName(operation)
    profile = operation.findtext(f"{{{name.namespace}}}ProfileToken") or ""
    types = frozenset((element.text or "").strip() for element in operation.findall(f"{{{TR2}}}Type"))
    return Call(name.namespace or "", name.localname, profile.strip(), types, parse_token(root))


def parse_token(root: etree._Element) -> Token | None:
    """The UsernameToken of a request; None where it has none."""
    element = root.find(f"{{{ENVELOPE}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
    if element is None:
        return None

    def text(namespace: str, name: str) -> str:
        return (element.findtext(f"{{{namespace}}}{name}") or "").strip()

    return Token(text(WSSE, "Username"), text(WSSE, "Password"), text(WSSE, "Nonce"), text(WSU, "Created"))


def envelope(namespaces: Mapping[str, str]) -> tuple[str, str]:
    """What stands before and after the body's content in every reply of one make."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope {declared}><SOAP-ENV:Body>'
    return head, "</SOAP-ENV:Body></SOAP-ENV:Envelope>"


def fault(code: str, subcodes: tuple[str, ...], reason: str) -> str:
    """A SOAP 1.2 fault (W3C SOAP 1.2 part 1 §5.4); ``subcodes`` are nested, the outermost first."""
    nested = ""
    for subcode in reversed(subcodes):
        nested = f"<SOAP-ENV:Subcode><SOAP-ENV:Value>{subcode}</SOAP-ENV:Value>{nested}</SOAP-ENV:Subcode>"
    return (
        f"<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:{code}</SOAP-ENV:Value>{nested}</SOAP-ENV:Code>"
        f'<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">{reason}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>'
    )
