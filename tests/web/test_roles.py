"""What each role may."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from monitor.web.roles import LOOPBACK_ROLE, NOUNS, RIGHTS, ROLE, ROLES, demand, may


def asked_by(role: str) -> web.Request:
    request = make_mocked_request("GET", "/")
    request[ROLE] = role
    return request


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("viewer", {"read"}),
        ("oversight", {"read", "figures"}),
        ("operator", {"read", "wire", "act", "figures"}),
        ("", set()),
        ("another", set()),
    ],
)
def test_a_role_has_its_rights_and_no_other(role: str, rights: set[str]) -> None:
    """Who looks at a wall sees no money, oversight has nothing done, and no role has no right."""
    assert {right for right in RIGHTS if may(asked_by(role), right)} == rights


def test_a_refusal_names_who_may_and_what() -> None:
    """So that whoever reads it knows whose token is wanted."""
    with pytest.raises(web.HTTPForbidden) as caught:
        demand(asked_by("viewer"), "figures")
    assert caught.value.text == "Only oversight or an operator may see the figures of the contracts."
    with pytest.raises(web.HTTPForbidden) as caught:
        demand(asked_by("oversight"), "act", "acknowledge a cause")
    assert caught.value.text == "Only an operator may acknowledge a cause."
    demand(asked_by("oversight"), "figures")


def test_every_role_is_named_in_words() -> None:
    """And whoever asks where no tokens are wanted has one of them."""
    assert set(NOUNS) == set(ROLES)
    assert LOOPBACK_ROLE in ROLES
