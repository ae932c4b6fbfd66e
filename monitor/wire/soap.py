"""SOAP 1.2 for ONVIF: envelopes from a closed list of read operations, and replies read by local names.

Prefixes in real replies are undeclared, wrong or absent, so a name is compared without them. XML is parsed hardened: no
document type, no entities, no network, bounded depth and size, no recovery mode. What is repaired first is only what
cameras are known to break: bytes that are not of the encoding, stray control characters, undeclared prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from monitor.wire.errors import MOST_BODY_BYTES, ProtocolError, TooLarge

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
RECORDING = "http://www.onvif.org/ver10/recording/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"

DEVICE_PATH = "/onvif/device_service"
"""Where the device service always is (ONVIF Core §5.1.1)."""


class Operation(NamedTuple):
    """One question: its name, its service's namespace, and the elements within its body."""

    name: str
    namespace: str
    inner: str = ""


_STREAM_SETUP = (
    f'<StreamSetup><Stream xmlns="{SCHEMA}">RTP-Unicast</Stream>'
    f'<Transport xmlns="{SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
)

#: All that is ever asked (design law 11): nothing here writes to a device. ``{token}`` is filled in, escaped.
OPERATIONS: Mapping[str, Operation] = {
    "time": Operation("GetSystemDateAndTime", DEVICE),
    "information": Operation("GetDeviceInformation", DEVICE),
    "services": Operation("GetServices", DEVICE, "<IncludeCapability>false</IncludeCapability>"),
    "capabilities": Operation("GetCapabilities", DEVICE, "<Category>All</Category>"),
    "interfaces": Operation("GetNetworkInterfaces", DEVICE),
    "profiles": Operation("GetProfiles", MEDIA),
    "profiles2": Operation("GetProfiles", MEDIA2, "<Type>All</Type>"),
    "protocols": Operation("GetNetworkProtocols", DEVICE),
    "ntp": Operation("GetNTP", DEVICE),
    "hostname": Operation("GetHostname", DEVICE),
    "dns": Operation("GetDNS", DEVICE),
    "storage": Operation("GetStorageConfigurations", DEVICE),
    "recordings": Operation("GetRecordings", RECORDING),
    "stream": Operation("GetStreamUri", MEDIA, _STREAM_SETUP + "<ProfileToken>{token}</ProfileToken>"),
    "stream2": Operation("GetStreamUri", MEDIA2, "<Protocol>RTSP</Protocol><ProfileToken>{token}</ProfileToken>"),
}


def _render(operation: Operation) -> tuple[str, str]:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="{_ENVELOPE}">'
    body = f'<s:Body><{operation.name} xmlns="{operation.namespace}">{operation.inner}</{operation.name}></s:Body>'
    return head, body + "</s:Envelope>"


_RENDERED = {key: _render(operation) for key, operation in OPERATIONS.items()}
_CONTENT_TYPES = {
    key: f'application/soap+xml; charset=utf-8; action="{operation.namespace}/{operation.name}"'
    for key, operation in OPERATIONS.items()
}


def content_type(key: str) -> str:
    """Return the Content-Type of a question; SOAP 1.2 puts its action there."""
    return _CONTENT_TYPES[key]


def envelope(key: str, security: str = "", token: str = "") -> bytes:
    """Return a question's envelope, with a header that ``username_header`` made, if any."""
    head, body = _RENDERED[key]
    if token:
        body = body.replace("{token}", escape(token))
    return f"{head}{security}{body}".encode()


def username_header(username: str, digest: str, nonce: str, created: str) -> str:
    """Return the header with a WS-UsernameToken; ``digest`` and ``nonce`` are in Base64."""
    return (
        f'<s:Header><Security s:mustUnderstand="1" xmlns="{_WSS}wssecurity-secext-1.0.xsd"><UsernameToken>'
        f"<Username>{escape(username)}</Username>"
        f'<Password Type="{_WSS}username-token-profile-1.0#PasswordDigest">{digest}</Password>'
        f'<Nonce EncodingType="{_WSS}soap-message-security-1.0#Base64Binary">{nonce}</Nonce>'
        f'<Created xmlns="{_WSS}wssecurity-utility-1.0.xsd">{created}</Created>'
        "</UsernameToken></Security></s:Header>"
    )


class Fault(Exception):
    """The device answered with a fault. ``codes`` are local names, outermost first."""

    def __init__(self, codes: tuple[str, ...], text: str) -> None:
        super().__init__(f"{'/'.join(codes) or 'fault'}: {text}"[:300])
        self.codes = codes
        self.text = text

    @property
    def refuses_login(self) -> bool:
        """Whether it means that we are not authorised: by its codes, or by what it says to a person."""
        return bool(_REFUSALS & {code.lower() for code in self.codes}) or bool(_REFUSAL_TEXT.search(self.text))

    @property
    def unsupported(self) -> bool:
        return bool(_UNSUPPORTED & {code.lower() for code in self.codes})


_REFUSALS = {"notauthorized", "failedauthentication", "invalidsecurity", "invalidsecuritytoken", "failedcheck"}
_REFUSAL_TEXT = re.compile(
    r"(?i)\bauth\b|authori|authentic|password|credential|wsse:|user ?name|\blog ?in\b|\bdenied\b|permission"
    r"|\b(?:user|account)\b.*\block"
)
_UNSUPPORTED = {"actionnotsupported", "unknownaction", "optionalactionnotimplemented", "nosuchservice"}

Element = etree._Element


def parse(body: bytes, mend: bool = True) -> Element:
    """Return the first element within a reply's Body; ``mend`` says whether broken XML is repaired first.

    Raises Fault where that is a fault, ProtocolError where the bytes are no SOAP envelope, TooLarge over 256 KB.
    """
    root = _root(body) if mend else _parsed_or_refused(body.strip(_BLANK))
    if _local(root) != "Envelope":
        raise ProtocolError(f"expected a SOAP envelope, got <{_local(root)[:40]}>")
    content = next((child for part in _children(root, "Body") for child in part if _is_element(child)), None)
    if content is None:
        raise ProtocolError("a SOAP envelope without content")
    if _local(content) == "Fault":
        raise _fault(content)
    return content


def expect(body: bytes, key: str, mend: bool = True) -> Element:
    """Return the reply to this very question. Raises as ``parse``, and ProtocolError for the reply to another one."""
    content = parse(body, mend)
    if _local(content) != OPERATIONS[key].name + "Response":
        raise ProtocolError(f"expected {OPERATIONS[key].name}Response, got {_local(content)[:60]}")
    return content


#: What is dropped around a document.
_BLANK = b"\0 \t\r\n"


def _root(body: bytes) -> Element:
    if len(body) > MOST_BODY_BYTES:
        raise TooLarge(f"a body of {len(body)} bytes")
    if body[:2] in UTF_16:
        return _parsed_or_refused(_mended(body))
    text = body.strip(_BLANK)
    try:
        return _parsed(text)
    except (etree.XMLSyntaxError, ValueError):
        return _parsed_or_refused(_mended(text))


def _parsed_or_refused(text: bytes) -> Element:
    try:
        return _parsed(text)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ProtocolError(f"not XML: {str(error)[:120]}") from error


def _parsed(text: bytes) -> Element:
    """Return the root of a document that has no document type, whatever its encoding."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ProtocolError("a reply with a document type")
    root = etree.fromstring(text, _parser())
    if root.getroottree().docinfo.internalDTD is not None:
        raise ProtocolError("a reply with a document type")
    return root


@cache
def _parser() -> etree.XMLParser:
    """Return the hardened parser; libxml2 itself bounds the depth at 256 while huge_tree is off."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )


#: How UTF-16 begins: with its order mark, or without one.
UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,20})[\"']")
_ENCODINGS = frozenset(
    {
        "utf-8",
        "us-ascii",
        "iso-8859-1",
        "iso-8859-15",
        "windows-1252",
        "windows-1251",
        "gb2312",
        "gbk",
        "gb18030",
        "big5",
        "euc-kr",
    }
)
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
#: Prefixes that are declared in a reply's stead.
MOST_PREFIXES = 64
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX_USED = re.compile(r"</?([A-Za-z_][\w.-]{0,40}):|\s([A-Za-z_][\w.-]{0,40}):[A-Za-z_][\w.-]{0,60}\s*=")
_PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,40})\s*=")
_ROOT_TAG = re.compile(r"<[A-Za-z_][\w.:-]*")
_ENVELOPE_TAG = re.compile(r"<([A-Za-z_][\w.-]{0,40}:Envelope|Envelope)\b")
_SPLIT_NAMESPACE = re.compile(r"(\sxmlns(?::[A-Za-z_][\w.-]{0,40})?\s{0,8}=\s{0,8}[\"'])\s+")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_CONTROL_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[0-9A-Fa-f]));")


def _mended(text: bytes) -> bytes:
    """Return the XML without what cameras are known to break.

    Undecodable bytes, control characters and bare ampersands, words before and behind the document, line breaks in the
    names of namespaces, and prefixes that are declared nowhere, or in another branch than they are used in.
    """
    plain = _NOT_XML.sub(_UNKNOWN, _decoded(text))
    plain = _DECLARATION.sub("", _document(plain), count=1)
    plain = _CONTROL_REFERENCE.sub(_UNKNOWN, _BARE_AMPERSAND.sub("&amp;", plain))
    plain = _SPLIT_NAMESPACE.sub(r"\1", plain)
    used = {first or second for first, second in _PREFIX_USED.findall(plain)}
    missing = sorted(used - _declared_at_the_root(plain) - {"xml", "xmlns"})
    if len(missing) <= MOST_PREFIXES:
        declarations = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing)
        plain = _ROOT_TAG.sub(lambda tag: tag[0] + declarations, plain, count=1)
    return plain.encode()


def _document(plain: str) -> str:
    """Return the text without what stands around the document: words, or the other parts of a message of several."""
    if (envelope := _ENVELOPE_TAG.search(plain)) is not None and not plain.startswith("<"):
        end = plain.rfind(f"</{envelope[1]}>")
        plain = plain[envelope.start() :] if end < 0 else plain[envelope.start() : end + len(envelope[1]) + 3]
    return plain[max(0, plain.find("<")) : plain.rfind(">") + 1]


def _declared_at_the_root(plain: str) -> set[str]:
    root = _ROOT_TAG.search(plain)
    start = root.start() if root else 0
    return set(_PREFIX_DECLARED.findall(plain[start : plain.find(">", start)]))


def _decoded(text: bytes) -> str:
    if (encoding := UTF_16.get(text[:2])) is not None:
        return text.decode(encoding, "replace")
    declared = _DECLARED_ENCODING.match(text)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    return text.decode(encoding if encoding in _ENCODINGS else "utf-8", "replace")


def _fault(element: Element) -> Fault:
    """Read a SOAP 1.2 fault (Code, Subcode, Reason, Detail) or one of SOAP 1.1 (faultcode, faultstring)."""
    codes = [text_of(value) for value in _descendants(element, "Value")]
    codes += [text_of(value) for value in _descendants(element, "faultcode")]
    texts = [text_of(value) for name in ("Text", "faultstring") for value in _descendants(element, name)]
    names = (code.rpartition(":")[2].strip() for code in codes)
    return Fault(tuple(name[:80] for name in names if name), " ".join(text for text in texts if text)[:300])


def _is_element(node: Element) -> bool:
    return isinstance(node.tag, str)


def _local(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Element, name: str) -> Iterator[Element]:
    return element.iterchildren(f"{{*}}{name}")  # lxml compares local names without a call of ours for each


def _descendants(element: Element, name: str) -> Iterator[Element]:
    return element.iterdescendants(f"{{*}}{name}")


def children(element: Element, name: str) -> list[Element]:
    """Return the child elements of this local name."""
    return list(_children(element, name))


def find(element: Element, *path: str) -> Element | None:
    """Return the first element at the end of a path of local names."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next(_children(found, name), None)
    return found


def find_anywhere(element: Element, name: str) -> Element | None:
    """Return the first descendant of this local name."""
    return next(_descendants(element, name), None)


def text_of(element: Element | None) -> str:
    """Return an element's text without the white space around it; "" where there is none."""
    if element is None or element.text is None:
        return ""
    return str(element.text).strip()
