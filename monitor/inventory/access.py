"""Logins: entries of ``credentials`` and ``snmp`` with their secrets fetched."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.model import Credential, Secret, SnmpAccess
from monitor.inventory.document import Origin
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import SnmpEntry
from monitor.inventory.secret import SecretError, Vault
from monitor.inventory.tables import oid_tables

#: RFC 3414 §11.2.
SNMP_PASSWORD_MIN = 8
COMMUNITY_KEYS = ("community",)
USER_KEYS = ("username", "auth", "auth_password", "privacy", "privacy_password")
#: Version -> what it has, what it needs.
KEYS_OF_VERSION = {
    "v1": (COMMUNITY_KEYS, COMMUNITY_KEYS),
    "v2c": (COMMUNITY_KEYS, COMMUNITY_KEYS),
    "v3": (USER_KEYS, ("username",)),
}
#: A key that needs another one beside it.
COMPANIONS = (
    ("auth", "auth_password"),
    ("auth_password", "auth"),
    ("privacy", "privacy_password"),
    ("privacy_password", "privacy"),
    ("privacy", "auth"),  # RFC 3414 §1.4.3: no privacy without authentication
)


def credentials(entries: Entries, vault: Vault, findings: Findings) -> Names[Credential]:
    """Every login for ONVIF and RTSP by its name."""
    names: Names[Credential] = Names("credential", findings, entries.maimed["credentials"], is_shown=False)
    for entry in entries.credentials:
        written = entry.written
        if names.claim(written.id, entry):
            password = _secret(written.password, entry.at("password"), vault, findings)
            if password:
                names.values[written.id] = Credential(written.id, written.username, password)
    return names


def snmp_accesses(entries: Entries, vault: Vault, findings: Findings) -> Names[SnmpAccess]:
    """Every way to speak SNMP by its name, with the user's own OID tables."""
    tables = oid_tables(entries, findings)
    names: Names[SnmpAccess] = Names("snmp access", findings, entries.maimed["snmp"], is_shown=False)
    for entry in entries.snmp:
        if names.claim(entry.written.id, entry) and _is_complete(entry, findings):
            names.values[entry.written.id] = replace(_snmp_access(entry, vault, findings), tables=tables)
    return names


def _is_complete(entry: Entry[SnmpEntry], findings: Findings) -> bool:
    written = entry.written
    allowed, needed = KEYS_OF_VERSION[written.version]
    given = {key for key in COMMUNITY_KEYS + USER_KEYS if getattr(written, key) is not None}
    wrong = [(key, f"is no key of {written.version}", "take it out") for key in sorted(given - set(allowed))]
    wrong += [(key, f"must be given for {written.version}", "") for key in needed if key not in given]
    wrong += [
        (there, f"must be given beside {key}", "")
        for key, there in COMPANIONS
        if key in given & set(allowed) and there not in given
    ]
    for key, message, hint in wrong:
        findings.add(entry.at(key), message, hint)
    return not wrong


def _snmp_access(entry: Entry[SnmpEntry], vault: Vault, findings: Findings) -> SnmpAccess:
    written = entry.written

    def secret(key: str, minimum: int = 1) -> Secret | None:
        reference = getattr(written, key)
        return _secret(reference, entry.at(key), vault, findings, minimum) if reference else None

    return SnmpAccess(
        name=written.id,
        version=written.version,
        community=secret("community"),
        username=written.username or "",
        auth=written.auth,
        auth_password=secret("auth_password", SNMP_PASSWORD_MIN),
        privacy=written.privacy,
        privacy_password=secret("privacy_password", SNMP_PASSWORD_MIN),
    )


def _secret(reference: str, origin: Origin, vault: Vault, findings: Findings, minimum: int = 1) -> Secret | None:
    try:
        secret = vault.secret(reference, origin.document.folder)
    except SecretError as error:
        findings.add(origin, error.message, error.hint)
        return None
    if len(secret.reveal()) < minimum and not vault.is_closed:
        findings.add(origin, f"must have at least {minimum} characters (RFC 3414 §11.2)")
    return secret
