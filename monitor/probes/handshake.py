"""One TLS handshake with a device and what follows from it: what is trusted, what is remembered, what is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.core.counting import counted
from monitor.core.model import Tls
from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.memory import Memory
from monitor.probes.tls import NEW_VERSIONS, HungUp, Line, TlsConnection, TooOld, context, judge

#: Service to what its measurements are called after.
LABELS = {"onvif": "https", "rtsp": "rtsps"}
#: A device without a better TLS is asked for one anew after this long.
WEAK_S = 86_400.0
#: One that merely hung up is taken for such a device for this long, or until it shows better.
DOUBT_S = 600.0


class Handshake:
    """The handshake of one conversation. ``learnt``, ``measurements`` and ``said`` hold also where it fails."""

    def __init__(self, tls: Tls, service: str, memory: Memory, now: float) -> None:
        self.learnt: dict[str, Any] = {}
        self.measurements: dict[str, float | str] = {}
        self.said = ""
        self._tls = tls
        self._service = service
        self._memory = memory
        self._now = now
        since = now - memory.weak_tls.get(service, -WEAK_S)
        self._weak = since < WEAK_S
        self._doubtful = since >= WEAK_S - DOUBT_S

    def connection(self, note: Callable[[bool, bytes], None], host: str) -> TlsConnection:
        return TlsConnection(note, context(self._tls, self._weak), host)

    async def hold(self, connection: TlsConnection, timeout_s: float) -> Line:
        """Return what was agreed on with a device that is trusted.

        Raises Judged where it is not, ReplyTimeout, PeerClosed, WireError.
        """
        try:
            await connection.shake(timeout_s)
        except TooOld:
            self._remember("weak_tls", self._memory.weak_tls, self._now)
            raise
        except HungUp as error:
            if error.wordless and not self._weak:  # some say nothing to whom they do not understand
                self._remember("weak_tls", self._memory.weak_tls, self._now - WEAK_S + DOUBT_S)
            raise
        line = connection.line(self._weak)
        if not self._weak or (self._doubtful and line.version in NEW_VERSIONS):
            self._remember("weak_tls", self._memory.weak_tls, None)
        self._measure(line)
        self._judge(line)
        return line

    def _measure(self, line: Line) -> None:
        label = LABELS[self._service]
        days = line.certificate.days_left(self._now)
        self.measurements[f"{label}_version"] = line.version
        self.measurements[f"{label}_certificate_expires_at"] = line.certificate.ends
        self.measurements[f"{label}_certificate"] = f"sha256:{line.certificate.fingerprint}"
        left = f"{counted(round(days), 'day')} left" if days >= 0 else f"expired {counted(round(-days), 'day')} ago"
        self.said = f"({line.version}, certificate sha256:{line.certificate.fingerprint}, {left})"

    def _judge(self, line: Line) -> None:
        """Hold the certificate against what is expected. Raises Judged."""
        seen, strange = self._memory.certificates, self._memory.strange_certificates
        found = line.certificate.fingerprint
        if obstacle := judge(line, self._tls, seen.get(self._service, "")):
            self._remember("strange_certificates", strange, found)
            raise Judged(Reason.TLS, obstacle)
        self._remember("strange_certificates", strange, None)
        if self._tls.trust == "first-use":
            self._remember("certificates", seen, found)

    def _remember(self, name: str, known: Mapping[str, Any], value: float | str | None) -> None:
        """Change what is known of this service, if that is news."""
        if known.get(self._service) != value:
            others = {service: one for service, one in known.items() if service != self._service}
            self.learnt[name] = others if value is None else {**others, self._service: value}
