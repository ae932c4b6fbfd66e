"""Replies read by their template: whatever it reads must be what the parser reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import soap, template
from monitor.wire.errors import WireError

INFORMATION = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="urn:s" xmlns:t="urn:t" xmlns:w="urn:w"><s:Header/>'
    "<s:Body><t:GetDeviceInformationResponse>{}</t:GetDeviceInformationResponse></s:Body></s:Envelope>"
)
NAMES = ("Manufacturer", "Model", "SerialNumber")


def find(reply: soap.Element) -> template.Texts:
    return tuple(soap.text_of(soap.find_anywhere(reply, name)) for name in NAMES)


def outcome(read: object, body: bytes) -> object:
    """Return what a reading gives: the texts, or the kind of its error and its words."""
    try:
        return read(body)  # type: ignore[operator]  # both readings take the body alone
    except (soap.Fault, WireError) as error:
        return type(error), str(error)


def parsed(body: bytes) -> template.Texts:
    return find(soap.expect(body, "information"))


def by_template(body: bytes) -> template.Texts:
    return template.texts(body, "information", find)


def planned(body: bytes) -> bool:
    """Whether a body is read by its template."""
    return template._plan(tuple(template._TEXT.split(body)[::2]), "information", find) is not None


PLAIN = {
    "one after the other": "<t:Manufacturer>Axis</t:Manufacturer><t:Model>P3265-LVE</t:Model>",
    "blanks around": "\n <t:Manufacturer> Axis  </t:Manufacturer>\n <t:Model> </t:Model>\n",
    "in another order": "<t:SerialNumber>1</t:SerialNumber><t:Model>2</t:Model>",
    "within each other": "<w:Deep w:Model='3'><w:Model>4</w:Model></w:Deep>",
    "twice": "<t:Model>first</t:Model><t:Model>second</t:Model>",
    "empty": "<t:Model/><t:SerialNumber></t:SerialNumber>",
    "nothing": "",
    "foreign letters elsewhere": "<t:Place>Лахор</t:Place><t:Model>M</t:Model>",
}


@pytest.mark.parametrize("inner", PLAIN.values(), ids=PLAIN.keys())
def test_plain_replies_are_read_by_their_template(inner: str) -> None:
    """They have a plan, and it reads what the parser reads."""
    body = INFORMATION.format(inner).encode()
    assert planned(body)
    assert by_template(body) == parsed(body)


def test_another_text_needs_no_other_plan() -> None:
    """The same camera with another firmware is the same template."""
    inner = "<t:Manufacturer>{}</t:Manufacturer><t:Model>{}</t:Model>"
    before = template._plan.cache_info()
    bodies = [INFORMATION.format(inner.format("Axis", number)).encode() for number in range(50)]
    assert [by_template(body) for body in bodies] == [("Axis", str(number), "") for number in range(50)]
    assert template._plan.cache_info().misses - before.misses <= 1


def test_a_reply_of_many_texts_is_bounded() -> None:
    """Texts behind the most that are taken out belong to the structure; what is read there is parsed."""
    many = "<w:x>1</w:x>" * template.MOST_TEXTS
    for inner in (many + "<t:Model>M</t:Model>", "<t:Model>M</t:Model>" + many):
        body = INFORMATION.format(inner).encode()
        assert by_template(body) == parsed(body) == ("", "M", "")


def test_plans_are_bounded() -> None:
    """A device that answers with another structure each time pushes out old plans, and no more."""
    for number in range(2 * template.MOST_PLANS):
        by_template(INFORMATION.format(f"<w:x{number}/>").encode())
    assert template._plan.cache_info().currsize == template.MOST_PLANS


SPECIAL = {
    "a comment": "<!-- <t:Model>no</t:Model> --><t:Model>M</t:Model>",
    "a comment that hides": "<!-- <t:Model>a--b</t:Model> --><t:Model>M</t:Model>",
    "a character section": "<t:Model><![CDATA[>1</]]></t:Model>",
    "an instruction": "<?x <t:Model>1</t:Model> ?><t:Model>M</t:Model>",
    "an entity": "<t:Model>a&amp;b</t:Model>",
    "a text before an element": "<t:Model>M<w:x/>tail</t:Model>",
    "a foreign text": "<t:Model>カメラ</t:Model>",
    "a mark of our own": "<t:Model>\ue0003</t:Model><t:Manufacturer>Axis</t:Manufacturer>",
    "an undeclared prefix": "<q:Model>M</q:Model>",
    "an attribute twice": "<t:Model a='1' a='2'>M</t:Model>",
    "a tag that is not closed": "<t:Model>M</t:Modell>",
    "a line break": "<t:Model>one\r\ntwo</t:Model>",
    "a control character": "<t:Model>\x01</t:Model>",
}


@pytest.mark.parametrize("inner", SPECIAL.values(), ids=SPECIAL.keys())
def test_what_is_special_is_left_to_the_parser(inner: str) -> None:
    """It has no plan, and its outcome is the parser's, error or not."""
    body = INFORMATION.format(inner).encode()
    assert not planned(body)
    assert outcome(by_template, body) == outcome(parsed, body)


def test_another_encoding_is_left_to_the_parser() -> None:
    """In UTF-7, "+AGE-" is a letter."""
    body = INFORMATION.format("<t:Model>+AGE-</t:Model>").replace("UTF-8", "UTF-7").encode()
    assert not planned(body)
    assert outcome(by_template, body) == outcome(parsed, body)


def test_a_reply_to_another_question_and_a_fault_stay_errors() -> None:
    """A template changes no reason."""
    other = INFORMATION.replace("GetDeviceInformation", "GetUsers").format("<t:Model>M</t:Model>").encode()
    assert outcome(by_template, other) == outcome(parsed, other)
    fault = re.sub(r"<t:.*</t:[^>]*>", "<s:Fault><s:Text>no</s:Text></s:Fault>", INFORMATION).encode()
    assert outcome(by_template, fault) == outcome(parsed, fault) == (soap.Fault, "fault: no")


PIECES = st.sampled_from(
    [
        *("<t:Model>", "</t:Model>", "<Model>", "</Model>", "<t:Manufacturer>", "</t:Manufacturer>", "<w:x/>", "<w:x>"),
        *(
            "</w:x>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?x",
            "?>",
            "&amp;",
            "&#65;",
            "&x;",
            "]]",
            "--",
            "\n",
            " ",
            "\0",
        ),
        *(
            "<t:Model a='>1</'>",
            "<t:Model xmlns:t='urn:u'>",
            "<q:Model>",
            "</q:Model>",
            "1",
            "Axis P3265",
            ">",
            "<",
            "é",
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=3).map("".join))
def test_template_and_parser_agree(inner: str, frame: str) -> None:
    """On anything made of tags, texts and their traps, within the answer or around it, twice in a row."""
    for body in (INFORMATION.format(inner), INFORMATION.format(inner).replace("<s:Header/>", frame)):
        expected = outcome(parsed, body.encode())
        assert outcome(by_template, body.encode()) == expected
        assert outcome(by_template, body.encode()) == expected


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_agrees(one: str, other: str) -> None:
    """Whatever a camera calls itself; the second is often read by the plan of the first."""
    for text in (one, other):
        body = INFORMATION.format(f"<t:Model>{text}</t:Model>").encode("utf-8", "replace")
        assert outcome(by_template, body) == outcome(parsed, body)
