"""What each role may: the one table of rights, and how a page asks for one.

A token has a role (``tokens``), a request gets the role of the token that it shows (``guard``), and a page asks for a
right. Where no tokens are asked for, whoever asks is on this machine and may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

#: The role of whoever asks; "" where somebody without a token sees what is open to all.
ROLE: web.RequestKey[str] = web.RequestKey("role", str)
#: What a right lets somebody do, in the words of a refusal.
RIGHTS: Mapping[str, str] = {
    "read": "see the fleet",
    "wire": "see what was said between the monitor and a camera",
    "act": "have the monitor do something",
    "figures": "see the figures of the contracts",
}
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"read"}),
    "oversight": frozenset({"read", "figures"}),
    "operator": frozenset(RIGHTS),
}
#: Who has a role, in words.
NOUNS: Mapping[str, str] = {"viewer": "a viewer", "oversight": "oversight", "operator": "an operator"}
#: What somebody on this machine is where no tokens are asked for.
LOOPBACK_ROLE = "operator"


def may(request: web.Request, right: str) -> bool:
    """Say whether the one who asks has this right."""
    return right in ROLES.get(request.get(ROLE, ""), ())


def demand(request: web.Request, right: str, what: str = "") -> None:
    """Refuse whoever has not this right, and say who has; ``what`` it is for stands in ``RIGHTS`` or is said here."""
    if not may(request, right):
        raise web.HTTPForbidden(text=f"Only {_holders(right)} may {what or RIGHTS[right]}.")


def _holders(right: str) -> str:
    """Return who has a right, in words: an operator, or oversight."""
    return " or ".join(NOUNS[role] for role, rights in ROLES.items() if right in rights)
