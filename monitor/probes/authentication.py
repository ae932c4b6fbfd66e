"""Our login at one server of a device, over HTTP and RTSP alike: what it asked for, and what we may answer.

The arithmetic and the rules are ``monitor.wire.auth``'s; here the device's credential, its memory and chance come in.
"""

from __future__ import annotations

import os

from monitor.core.verdict import Outcome, Reason
from monitor.probes.base import Talk
from monitor.probes.errors import Judged
from monitor.wire.auth import TOKEN, Dialogue, Rules, downgraded, proof_of, weaker
from monitor.wire.head import Headers

#: Where a reply asks for no login, none is chosen.
NO_RULES = Rules()
#: Service to the mark that the realm of its login is.
REALMS = {"onvif": "http_realm", "rtsp": "rtsp_realm"}


class Authentication:
    """The login at one service, "onvif" or "rtsp". ``once``: a nonce is answered once."""

    def __init__(self, talk: Talk, service: str, once: bool = False) -> None:
        self._talk = talk
        self._service = service
        self._dialogue = Dialogue(once)

    @property
    def ready(self) -> bool:
        """Whether the server has asked for something that we may answer."""
        return self._dialogue.ready

    @property
    def challenged(self) -> bool:
        """Whether the newest refusal asked for any login at all."""
        return self._dialogue.challenged

    @property
    def renewed(self) -> bool:
        """Whether the newest refusal only replaced a nonce."""
        return self._dialogue.renewed

    @property
    def obstacle(self) -> str:
        """Why nothing that the server asks for may be answered."""
        return self._dialogue.choice.obstacle

    def hear(self, status: int, headers: Headers) -> None:
        """Take in what a reply says of logins."""
        asked = headers.all("www-authenticate")
        if status != 401 and not asked and not self._dialogue.awaits:
            return
        info = headers.all("authentication-info")
        rules = self._rules if asked or status == 401 else NO_RULES
        way = self._dialogue.hear(status == 401, asked, info, rules)
        if way and status < 400:
            self._took(way)
        if self._dialogue.realm:
            self._talk.marks[REALMS[self._service]] = self._dialogue.realm
        if status == 401:
            self._mind_downgrade(self._dialogue.choice.downgrade)

    def proof(self, method: str, uri: str) -> str:
        """Return the Authorization field for the next request. Raises Judged where no login may be shown."""
        credential = self._talk.device.credential
        if not self.ready or credential is None:
            raise Judged(Reason.INSECURE, self.obstacle, Outcome.UNSEEN)
        self.check_line()
        password = credential.password.reveal()
        proof = self._dialogue.answer(credential.username, password, method, uri, os.urandom(8).hex())
        self._talk.veil.hide(proof_of(proof))
        return proof

    def check_line(self) -> None:
        """Raise Judged where the connection's encryption is too weak for a login."""
        line, tls = self._talk.line, self._talk.device.tls
        if line is not None and line.weak and not (tls is not None and tls.old):
            detail = f"{line.version} as the device speaks it is too weak for a login"
            raise Judged(Reason.TLS, detail, Outcome.UNSEEN)

    def took_token(self) -> None:
        """Note that the device took a WS-UsernameToken."""
        self._took(TOKEN)

    def check_token(self) -> None:
        """Raise Judged where no WS-UsernameToken may be shown: the device took a stronger proof before."""
        self.check_line()
        proven = self._rules.proven
        if weaker(TOKEN, proven):
            self._mind_downgrade(TOKEN)
            raise Judged(Reason.INSECURE, downgraded(TOKEN, proven), Outcome.UNSEEN)

    @property
    def _rules(self) -> Rules:
        consent, line = self._talk.device.basic, self._talk.line
        private = line is not None and not line.weak
        proven = "" if consent else self._talk.memory.proven.get(self._service, "")
        return Rules(clear=consent or private, proven=proven)

    def _took(self, way: str) -> None:
        known = self._talk.memory.proven
        if weaker(known.get(self._service, ""), way):
            self._talk.learn(proven={**known, self._service: way})
        self._mind_downgrade("")

    def _mind_downgrade(self, way: str) -> None:
        """Remember a weaker way that is asked for, so that it is reported once."""
        known = self._talk.memory.downgrades
        if known.get(self._service, "") != way:
            others = {service: other for service, other in known.items() if service != self._service}
            self._talk.learn(downgrades={**others, self._service: way} if way else others)
