"""What was learnt of a device and is kept over restarts: its login, how it authenticates, where its streams are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from monitor.core.limits import Login

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Memory(NamedTuple):
    """Learnt facts; a probe returns the fields that it changed."""

    login: Login = Login()
    scheme: str = ""
    """How ONVIF authenticates: "digest", "token" (WS-UsernameToken), "open", or "" while unknown."""
    services: Mapping[str, str] = _NOTHING
    """Service namespace to "path" or "port path"."""
    streams: Mapping[str, str] = _NOTHING
    """Channel to the stream's path."""
    ask_mac: bool = False
    """Whether its serial number tells it from no other device, so that its hardware address is asked."""
    rtsp_port: int | None = None
    """The port that the device named for its streams."""
    lost: tuple[str, ...] = ()
    """Channels whose path the device does not know any more: it is asked for a new one."""
    streams_wait: bool = False
    """Whether the budget ended before the device was asked for all paths: the rest is asked in a later conversation."""
    options_first: bool = False
    """Whether this device wants OPTIONS before DESCRIBE."""
    logged_in_at: float = 0.0
    """When a login over ONVIF was last accepted or refused."""
    unread: Login = Login()
    """When our login was shown over ONVIF and no answer told whether it is right, since one last did."""
    unread_streams: Login = Login()
    """The same over RTSP, of a login that is not known to work."""
    clock_offset_s: float | None = None
    own_clock: bool = False
    """Whether a login is dated by our clock: some devices tell a time that they themselves do not go by."""
    closed_time: bool = False
    """Whether the device tells its time to users only."""
    booted_at: float | None = None
    boots: int = 0
    """How many reboots were noticed: each is new evidence for a refused login."""
    objects: Mapping[str, str] | None = None
    """What SNMP is asked for: object id to name, "!" behind it once seen in order; None before the first walk."""
    oids: str = ""
    """Their OID table, the digest of all tables, and when they were looked for: ``axis@1f2e3d4c@1700000000``."""
    cut_walks: int = 0
    """How many walks in a row ended in silence: not all objects may be known."""
    counters: Mapping[str, int] = _NOTHING
    """What SNMP's counters stood at, by object id."""
    counted_at: float = 0.0
    proven: Mapping[str, str] = _NOTHING
    """Service to the strongest way in which it took our login (``monitor.wire.auth.STRENGTHS``)."""
    downgrades: Mapping[str, str] = _NOTHING
    """Service to the weaker way that it asks for now, which is not followed."""
    certificates: Mapping[str, str] = _NOTHING
    """Service to the fingerprint of the certificate that is trusted since it was seen first."""
    strange_certificates: Mapping[str, str] = _NOTHING
    """Service to the fingerprint of another one that is shown now, and not trusted."""
    weak_tls: Mapping[str, float] = _NOTHING
    """Service to when it was found to know no TLS that is good enough for a login."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Have what is not known left out where this is handed to another process."""
        pairs = zip(self._fields, self, NOTHING_KNOWN, strict=True)
        known = {name: value for name, value, unknown in pairs if value is not unknown}
        return _of_known, (known,)

    def of_another(self) -> Memory:
        """Return what is left of it when another device has taken this one's place: our login at this address."""
        return Memory(logged_in_at=self.logged_in_at, boots=self.boots)._replace(**self._logins())

    def asking_as(self, own: Memory) -> Memory:
        """Return it with the objects of SNMP that the camera's own device has, if all of them are known.

        Whoever answers is asked for these. When they were looked for stays, so that no walk is held again and again.
        """
        if own.objects is None or own.cut_walks:
            return self
        oids = "@".join([*own.oids.split("@")[:1], *self.oids.split("@")[1:]])
        return self._replace(objects=own.objects, oids=oids, counters=own.counters, counted_at=own.counted_at)

    def beside(self, stranger: Memory) -> Memory:
        """Return what holds while another device answers: what that one taught is not kept, but our logins there."""
        asked = stranger.asking_as(self)
        return self._replace(
            objects=asked.objects,
            oids=asked.oids,
            cut_walks=asked.cut_walks,
            logged_in_at=stranger.logged_in_at,
            booted_at=stranger.booted_at,
            boots=stranger.boots,
            **stranger._logins(),
        )

    def with_another_login(self) -> Memory:
        """Return what still holds where another login is used: what the old one achieved says nothing about it."""
        return self._replace(login=self.login._replace(succeeded_at=None), unread=Login(), unread_streams=Login())

    def after_another_boot(self, by_s: float, now: float) -> Memory:
        """Return what holds of it where nobody knows how long the machine was off: its logins' moments move."""
        return self._replace(**{name: one.after_another_boot(by_s, now) for name, one in self._logins().items()})

    def cleared(self, now: float) -> Memory:
        """Return it after a person's word that the login is right. Raises ClearedAlready."""
        return self._replace(**{name: one.cleared(now) for name, one in self._logins().items()})

    def _logins(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _LOGINS}

    def is_told_more(self, learnt: Mapping[str, Any]) -> bool:
        """Say whether more was learnt than what every look tells anew: that the login works, the newest time."""
        for name, value in learnt.items():
            known = getattr(self, name)
            if name == "login" and known.succeeded_at is not None:
                known = known._replace(succeeded_at=value.succeeded_at)
            elif name in _NEWEST and known:
                continue
            if value != known:
                return True
        return False

    def to_json(self) -> dict[str, Any]:
        """Return the login, and what else is not as it was before the first contact."""
        kept = {
            name: _PLAIN.get(type(value), _same)(value)
            for name, value, unknown in zip(self._fields, self, NOTHING_KNOWN, strict=True)
            if value is not unknown and value != unknown
        }
        return kept | {"login": self.login._asdict()}


def _same(value: Any) -> Any:
    return value


_PLAIN: Mapping[type, Callable[[Any], Any]] = {Login: Login._asdict, dict: dict, MappingProxyType: dict}


def _of_known(known: dict[str, Any]) -> Memory:
    return Memory(**known)


#: What has another value with every look.
_NEWEST = ("clock_offset_s", "counters", "counted_at")
_LOGINS = ("login", "unread", "unread_streams")
NOTHING_KNOWN = Memory()


def from_json(data: Mapping[str, Any]) -> Memory:
    """Return a memory as an earlier run wrote it; fields that it does not know are left out."""
    values = {name: value for name, value in data.items() if name in Memory._fields}
    logins: dict[str, Any] = {name: Login.of_json(values.pop(name, None) or {}) for name in _LOGINS}
    return Memory(
        lost=tuple(values.pop("lost", None) or ()),
        **logins,
        **values,
    )
