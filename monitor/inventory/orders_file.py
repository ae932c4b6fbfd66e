"""orders.yaml: whom work orders are told, over what, and where their pages are found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from monitor.core.model import Secret
from monitor.core.workorder.paging import Channel, Paging
from monitor.inventory import companion
from monitor.inventory.calendar_schema import TimeZone
from monitor.inventory.contracts_schema import Time
from monitor.inventory.document import Origin
from monitor.inventory.entries import Entry
from monitor.inventory.files import ORDERS
from monitor.inventory.findings import Findings
from monitor.inventory.schema import CONFIG, Flag, Id, Reference, Role, Section, Text, one_of
from monitor.inventory.secret import SecretError, Vault
from monitor.inventory.web_address import is_here, unfit

#: The languages that an order is told in.
LANGUAGES = ("en", "ur")
LEAST_CHARACTERS = 20
MOST_CHANNELS = 100
_SETTINGS = "settings"


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


Roles = Annotated[list[Role], BeforeValidator(_several), Field(min_length=1, max_length=16)]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class SettingsEntry(Section):
    """What all orders have in common; see ``monitor.core.workorder.paging.Paging``."""

    public_url: Text
    alerts: Reference
    links: Reference
    time_zone: TimeZone = "UTC"
    escalate: Time = 15
    green: Time = 10


@dataclass(slots=True, kw_only=True, config=CONFIG)
class ChannelEntry(Section):
    """See ``monitor.core.workorder.paging.Channel``."""

    id: Id
    apprise: Reference | None = None
    url: Text | None = None
    secret: Reference | None = None
    roles: Roles | None = None
    escalation: Flag = False
    language: Annotated[str, AfterValidator(one_of(LANGUAGES))] = "en"


KIND = companion.Kind(
    ORDERS, "a file about work orders", "channels", SettingsEntry, ChannelEntry, MOST_CHANNELS, _SETTINGS
)


def beside(inventory: Path) -> Path:
    """Return where it stands: in the inventory's folder."""
    return KIND.beside(inventory)


def paging_of(inventory: Path, environ: Mapping[str, str], has_tokens: bool = True) -> Paging | None:
    """Return what stands beside an inventory; None where nothing does. Raises ``InventoryError`` with every mistake.

    Without tokens a public URL is one: whoever comes through the server in front would be an operator.
    """
    path = beside(inventory)
    if not path.exists():
        return None
    findings = Findings()
    written = companion.load(KIND, path, findings)
    paging = _paging(written, _Reading(Vault(environ), path.parent, findings)) if written is not None else None
    if written is not None and paging is not None and not has_tokens and not is_here(urlsplit(paging.public_url)):
        origin = Origin(written.document, (_SETTINGS, "public_url"))
        findings.add(origin, "lets strangers in", "start camfleet with --tokens FILE, so that they see no more")
    findings.done()
    return paging


class _Reading:
    """How references become secrets, and where mistakes go."""

    def __init__(self, vault: Vault, folder: Path, findings: Findings) -> None:
        self._vault = vault
        self._folder = str(folder)
        self.findings = findings

    def secret(self, reference: str | None, origin: Origin, least: int = 1) -> Secret | None:
        if reference is None:
            return None
        try:
            found = self._vault.secret(reference, self._folder)
        except SecretError as error:
            self.findings.add(origin, error.message, error.hint)
            return None
        if len(found.reveal()) < least:
            self.findings.add(origin, f"is shorter than {least} characters")
        return found


def _paging(written: companion.Written[SettingsEntry, ChannelEntry], reading: _Reading) -> Paging | None:
    channels = {entry.written.id: _channel(entry, reading) for entry in written.entries}
    origin = Origin(written.document, (_SETTINGS,))
    settings = written.defaults
    if settings is None:
        if not written.has_defaults:
            reading.findings.add(origin, "must be given", "with public_url, alerts and links")
        return None
    _check_url(settings.public_url, origin.child("public_url"), reading.findings)
    alerts = reading.secret(settings.alerts, origin.child("alerts"), LEAST_CHARACTERS)
    links = reading.secret(settings.links, origin.child("links"), LEAST_CHARACTERS)
    if alerts is None or links is None:
        return None
    url, escalate_s, green_s = settings.public_url.rstrip("/"), settings.escalate * 60.0, settings.green * 60.0
    return Paging(alerts, links, url, settings.time_zone, channels, escalate_s, green_s)


def _channel(entry: Entry[ChannelEntry], reading: _Reading) -> Channel:
    written, findings = entry.written, reading.findings
    if (written.apprise is None) is (written.url is None):
        findings.add(entry.at(), "needs apprise or a URL, and not both", "write apprise: file:PATH, or url:")
    if written.url is not None:
        _check_url(written.url, entry.at("url"), findings)
        if written.secret is None:
            findings.add(entry.at("url"), "needs a secret that signs what is sent there", "write secret: file:PATH")
    if written.secret is not None and written.url is None:
        findings.add(entry.at("secret"), "is for a URL", "leave it out")
    if written.escalation and written.roles:
        findings.add(entry.at("roles"), "says nothing beside escalation: true", "leave one of them out")
    return Channel(
        written.id,
        tuple(dict.fromkeys(written.roles or ())),
        written.escalation,
        written.language,
        reading.secret(written.apprise, entry.at("apprise")),
        written.url or "",
        reading.secret(written.secret, entry.at("secret"), LEAST_CHARACTERS),
    )


def _check_url(text: str, origin: Origin, findings: Findings) -> None:
    if flaw := unfit(text, "https://camfleet.example"):
        findings.add(origin, *flaw)
