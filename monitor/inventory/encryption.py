"""How a device's TLS is trusted: what its layers say of it, key by key, and the certificates of those who sign."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from pathlib import Path

from monitor.core.model import Tls
from monitor.inventory.bounded import NotAFile, read_bounded
from monitor.inventory.document import Origin
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown
from monitor.inventory.schema import Settings, TlsEntry

CA_MAX_BYTES = 1 << 20


class Authorities:
    """The files of certificates that an inventory names, each read once."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._read: dict[str, str] = {}

    def check(self, tls: TlsEntry, origin: Origin) -> None:
        """Read what these settings name, and note what does not fit together."""
        if tls.fingerprint is not None and tls.trust not in (None, "pinned"):
            self._findings.add(origin.child("fingerprint"), "is for trust: pinned", "leave one of the two out")
        if tls.ca is not None and tls.trust not in (None, "ca"):
            self._findings.add(origin.child("ca"), "is for trust: ca", "leave one of the two out")
        if tls.ca is not None and tls.ca not in self._read:
            self._read[tls.ca] = self._authorities(tls.ca, origin.child("ca"))

    def _authorities(self, name: str, origin: Origin) -> str:
        try:
            data = read_bounded(Path(origin.document.folder) / name, CA_MAX_BYTES + 1)
            text = data.decode("ascii") if len(data) <= CA_MAX_BYTES else ""
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
        except NotAFile:
            self._findings.add(origin, f"{shown(name)} is not a file")
        except (ssl.SSLError, ValueError):
            hint = "a file of certificates begins with -----BEGIN CERTIFICATE-----"
            self._findings.add(origin, f"the file {shown(name)} holds no certificates in PEM", hint)
        except OSError as error:
            self._findings.add(origin, f"the file {shown(name)} cannot be read: {os.strerror(error.errno or 0)}")
        else:
            return text
        return ""

    def resolve(self, layers: Iterable[Settings], origin: Origin) -> Tls | None:
        """Return what holds where these settings are written, the strongest first; None where nothing is encrypted."""
        written = [layer.tls for layer in layers if layer.tls is not None]
        if not written:
            return None
        found = TlsEntry()
        for one in reversed(written):
            _lay(found, one)
        if found.trust == "pinned" and found.fingerprint is None:
            hint = "write fingerprint: sha256:…, or trust: first-use"
            self._findings.add(origin, "trusts a pinned certificate without its fingerprint", hint)
        tls = Tls(
            onvif=found.onvif is not False,
            rtsp=found.rtsp is not False,
            trust=found.trust or "ca",
            authorities=self._read.get(found.ca or "", ""),
            fingerprint=(found.fingerprint or "").removeprefix("sha256:").replace(":", "").lower(),
            old=found.old == "allowed",
        )
        return tls if tls.onvif or tls.rtsp else None


def _lay(below: TlsEntry, above: TlsEntry) -> None:
    """Lay settings over others; a certificate or those who sign them say by themselves what is trusted."""
    if above.trust is None and above.fingerprint is not None:
        below.trust = "pinned"
    elif above.trust is None and above.ca is not None:
        below.trust = "ca"
    for name in ("onvif", "rtsp", "trust", "ca", "fingerprint", "old"):
        if (value := getattr(above, name)) is not None:
            setattr(below, name, value)
