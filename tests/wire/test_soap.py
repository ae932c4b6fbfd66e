"""SOAP replies as devices send them, and as attackers do."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import soap
from monitor.wire.errors import ProtocolError, TooLarge, WireError

HEAD = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
TIME = "<s:Body><GetSystemDateAndTimeResponse><A>1</A></GetSystemDateAndTimeResponse></s:Body></s:Envelope>"


def fault(code: str, text: str = "Sender not authorized", prefix: str = "s:") -> bytes:
    return (
        f"{HEAD}<s:Body><s:Fault><s:Code><s:Value>{prefix}Sender</s:Value><s:Subcode><s:Value>{code}</s:Value>"
        f"</s:Subcode></s:Code><s:Reason><s:Text>{text}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
    ).encode()


ODD = {
    "well formed": (HEAD + TIME).encode(),
    "declared": b'<?xml version="1.0" encoding="UTF-8"?>\n' + (HEAD + TIME).encode(),
    "trailing NULs": (HEAD + TIME).encode() + b"\0\0\0",
    "leading blanks": b"\r\n  " + (HEAD + TIME).encode(),
    "a byte-order mark": b"\xef\xbb\xbf" + (HEAD + TIME).encode(),
    "UTF-16": (HEAD + TIME).encode("utf-16"),
    "bytes that are not UTF-8": (HEAD + TIME).encode().replace(b"<A>1", b"<B>\xff\xfe\x80</B><A>1"),
    "control characters": (HEAD + TIME).encode().replace(b"<A>1", b"<B>\x01\x0b</B><A>1"),
    "GB2312": b'<?xml version="1.0" encoding="gb2312"?>'
    + (HEAD + TIME).encode().replace(b"<A>1", b"<B>\xce\xd2</B><A>1"),
    "an undeclared prefix": (HEAD + TIME).encode().replace(b"<A>", b"<ter:B/><A>"),
    "an undeclared attribute prefix": (HEAD + TIME).encode().replace(b"<A>", b'<B xsi:type="x"/><A>'),
    "a comment and an instruction": (HEAD + TIME)
    .encode()
    .replace(b"<s:Body>", b"<!-- a --><?php b?><s:Body><!-- c -->"),
    "whitespace everywhere": (HEAD + TIME).replace("><", ">\n  <").encode(),
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_what_devices_send_is_read(body: bytes) -> None:
    """Encodings, stray bytes and undeclared prefixes are no broken camera."""
    assert soap.text_of(soap.find(soap.expect(body, "time"), "A")) == "1"


HOSTILE = {
    "billion laughs": (
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + (HEAD + TIME).encode(),
        "a reply with a document type",
    ),
    "an external entity": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><s>&x;</s>',
        "a reply with a document type",
    ),
    "a document type in UTF-16": (
        ("<!DOCTYPE a []>" + HEAD + TIME).encode("utf-16"),
        "a reply with a document type",
    ),
    "HTML": (b"<html><body>Login</body></html>", "expected a SOAP envelope, got <html>"),
    "an empty envelope": ((HEAD + "<s:Body/></s:Envelope>").encode(), "a SOAP envelope without content"),
    "the reply to another question": (
        (HEAD + TIME).replace("GetSystemDateAndTime", "GetUsers").encode(),
        "expected GetSystemDateAndTimeResponse, got GetUsersResponse",
    ),
}


@pytest.mark.parametrize(("body", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_or_foreign_is_refused(body: bytes, message: str) -> None:
    """Each has its own words."""
    with pytest.raises(ProtocolError) as caught:
        soap.expect(body, "time")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "body",
    [
        (HEAD + TIME).encode()[:-30],
        b"",
        b"\0",
        b"garbage",
        (HEAD + "<a>" * 1000).encode(),
        (HEAD + "<a>" * 300).encode(),
    ],
    ids=["truncated", "nothing", "NUL", "text", "deep", "deeper than 256"],
)
def test_what_is_no_xml_is_refused(body: bytes) -> None:
    """There is no recovery mode: half a reply is no reply."""
    with pytest.raises(ProtocolError, match="not XML"):
        soap.parse(body)


def test_a_body_over_256_kb_is_refused() -> None:
    """Nothing is parsed beyond the limit."""
    with pytest.raises(TooLarge, match="a body of 300000 bytes"):
        soap.parse(b"<" * 300_000)


REFUSALS = [
    "ter:NotAuthorized",
    "wsse:FailedAuthentication",
    "wsse:InvalidSecurity",
    "NotAuthorized",
    "x:y:NotAuthorized",
]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_fault_that_refuses_a_login(code: str) -> None:
    """By the local name of its code, whatever the prefix, declared or not."""
    with pytest.raises(soap.Fault) as caught:
        soap.parse(fault(code, "", "env:"))
    assert caught.value.refuses_login


@pytest.mark.parametrize(
    "text", ["Sender not authorized", "The username or password is wrong", "Authentication failed"]
)
def test_a_fault_that_only_says_it_in_words(text: str) -> None:
    """Most tested cameras do not return a proper code."""
    with pytest.raises(soap.Fault) as caught:
        soap.parse(fault("ter:InvalidArgVal", text))
    assert caught.value.refuses_login


def test_a_fault_that_is_about_something_else() -> None:
    """An unknown action is unsupported; it refuses no login."""
    with pytest.raises(soap.Fault) as caught:
        soap.parse(fault("ter:ActionNotSupported", "Optional action not implemented"))
    assert (caught.value.refuses_login, caught.value.unsupported) == (False, True)
    assert caught.value.codes == ("Sender", "ActionNotSupported")


def test_a_fault_of_soap_1_1() -> None:
    """faultcode and faultstring are read too."""
    body = b"<E:Envelope xmlns:E='x'><E:Body><E:Fault><faultcode>E:Client</faultcode><faultstring>No</faultstring></E:Fault>"
    with pytest.raises(soap.Fault) as caught:
        soap.parse(body + b"</E:Body></E:Envelope>")
    assert (caught.value.codes, caught.value.text) == (("Client",), "No")


def test_only_read_operations_can_be_asked() -> None:
    """The closed list holds nothing that writes, moves or restarts."""
    assert {operation.name for operation in soap.OPERATIONS.values()} == {
        "GetSystemDateAndTime",
        "GetDeviceInformation",
        "GetServices",
        "GetCapabilities",
        "GetNetworkInterfaces",
        "GetProfiles",
        "GetStreamUri",
        "GetNetworkProtocols",
        "GetNTP",
        "GetHostname",
        "GetDNS",
        "GetStorageConfigurations",
        "GetRecordings",
    }


def test_a_token_is_escaped() -> None:
    """A profile's token comes from the device, and goes back as text."""
    assert b"<ProfileToken>&lt;x&gt;&amp;</ProfileToken>" in soap.envelope("stream", token="<x>&")


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_what_is_promised(body: bytes) -> None:
    """Hostile bytes give content, a fault or a WireError."""
    for data in (body, (HEAD + "<s:Body>").encode() + body + b"</s:Body></s:Envelope>"):
        with contextlib.suppress(soap.Fault, WireError):
            soap.parse(data)
