"""Whom work orders are told, over what, and where their pages are found: values of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.model import Secret
from monitor.core.workorder.course import ANYBODY, GREEN_S, Policy


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach somebody: an address for apprise, or a URL that takes signed messages."""

    id: str
    roles: tuple[str, ...] = ()
    """Whose orders are told there; none: those of whoever has no channel of his own."""
    escalation: bool = False
    """Whether it is for orders that nobody answers, and for those alone."""
    language: str = "en"
    apprise: Secret | None = None
    url: str = ""
    secret: Secret | None = None
    """What messages to ``url`` are signed with."""


@dataclass(frozen=True, slots=True)
class Paging:
    """All of it."""

    alerts: Secret
    """The token that Alertmanager shows."""
    links: Secret
    """What links to the pages of orders are signed with."""
    public_url: str
    time_zone: str = "UTC"
    channels: Mapping[str, Channel] = field(default_factory=dict)
    escalate_s: float = Policy({}).escalate_s
    green_s: float = GREEN_S

    @property
    def policy(self) -> Policy:
        """Return who is called for what."""
        usual: dict[str, list[str]] = {}
        for one in self.channels.values():
            for role in () if one.escalation else one.roles or (ANYBODY,):
                usual.setdefault(role, []).append(one.id)
        escalation = tuple(one.id for one in self.channels.values() if one.escalation)
        return Policy(
            {role: tuple(ids) for role, ids in usual.items()}, escalation, self.escalate_s, green_s=self.green_s
        )
