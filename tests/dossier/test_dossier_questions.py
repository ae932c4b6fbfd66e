"""Which questions a device is asked: reads only, the same for all, with the tokens that it named."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onvif.client import _WSDL_PATH, _cached_document
from onvif.definition import SERVICES

from monitor.dossier.questions import NEVER, Operation, Question, Skipped, allowed, in_order, questions, tokens

PROFILE = Operation("GetSnapshotUri", ("ProfileToken",), ("ProfileToken",))
MEDIA = frozenset({"GetProfiles", "GetProfile", "GetVideoSourceConfigurations", "GetVideoSourceConfiguration"})


@pytest.mark.parametrize(
    "name", ["SetHostname", "CreateUsers", "SystemReboot", "StartSystemRestore", "getProfiles", ""]
)
def test_what_is_no_read_is_never_asked(name: str) -> None:
    """An operation that writes has no place among the questions, whatever it is called."""
    operation = Operation(name, (), ())
    assert in_order([operation]) == []
    assert not allowed(name)


@pytest.mark.parametrize("name", NEVER)
def test_reads_that_give_secrets_away_are_not_asked(name: str) -> None:
    """Some reads hand out secrets or make something; each is left out with its reason."""
    assert list(questions(Operation(name, (), ()), {}, frozenset())) == [Skipped(name, NEVER[name])]
    assert not allowed(name)


def test_a_question_for_each_token_up_to_four() -> None:
    """What is asked of a profile is asked of the first four: an encoder has hundreds, and they say the same."""
    known = {"GetProfiles": [f"p{n}" for n in range(9)]}
    asked = list(questions(PROFILE, known, MEDIA))
    assert asked == [Question("GetSnapshotUri", {"ProfileToken": f"p{n}"}) for n in range(4)]


def test_a_token_that_nothing_named() -> None:
    """Without a token there is nothing to ask, which is said."""
    assert list(questions(PROFILE, {}, MEDIA)) == [Skipped("GetSnapshotUri", "GetProfiles names nothing to ask it of")]
    unknown = Operation("GetSearchState", ("SearchToken",), ("SearchToken",))
    assert list(questions(unknown, {}, MEDIA)) == [
        Skipped("GetSearchState", "it needs SearchToken, which nothing names")
    ]


def test_a_list_says_what_its_entries_say() -> None:
    """One profile is not asked for where all of them have been."""
    one = Operation("GetProfile", ("ProfileToken",), ("ProfileToken",))
    assert list(questions(one, {"GetProfiles": ["p"]}, MEDIA)) == [Skipped("GetProfile", "GetProfiles says it")]


def test_a_streams_address_needs_its_setup() -> None:
    """GetStreamUri is asked with what a stream is to be like, and a profile."""
    operation = Operation("GetStreamUri", ("StreamSetup", "ProfileToken"), ("StreamSetup", "ProfileToken"))
    [asked] = questions(operation, {"GetProfiles": ["p"]}, MEDIA)
    assert asked == Question(
        "GetStreamUri",
        {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}, "ProfileToken": "p"},
    )


def test_options_are_asked_for_each_configuration() -> None:
    """A question whose parameters are all optional is still asked of each configuration."""
    operation = Operation("GetVideoEncoderConfigurationOptions", ("ConfigurationToken", "ProfileToken"), ())
    [asked] = questions(operation, {"GetVideoEncoderConfigurations": ["e"]}, MEDIA)
    assert asked == Question("GetVideoEncoderConfigurationOptions", {"ConfigurationToken": "e"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["token", "Name", "x"]), inner),
    )
)
def test_tokens_of_any_answer(answer: object) -> None:
    """Whatever a device answers, its tokens are texts."""
    assert all(isinstance(token, str) and token for token in tokens(answer))


async def test_every_operation_of_every_description_is_judged() -> None:
    """All that the descriptions know is asked, left out with a reason, or no read; no name is misspelt here."""
    known: set[str] = set()
    for row in {row["wsdl"]: row for row in SERVICES.values()}.values():
        document = await _cached_document(f"{_WSDL_PATH}/{row['wsdl']}")
        for binding in document.bindings.values():
            known |= set(binding._operations)
        await asyncio.sleep(0)
    assert set(NEVER) <= known
    assert len([name for name in known if allowed(name)]) > 100
    assert not [
        name for name in known if allowed(name) and name.startswith(("Set", "Create", "Delete", "Add", "Remove"))
    ]
