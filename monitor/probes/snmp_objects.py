"""What to GET of an SNMP agent: found by bounded walks at the first contact, kept, and looked for anew within a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.core.identity import is_void
from monitor.core.verdict import Rung
from monitor.core.vitals import MOST_OBJECTS, Asked, OidTable, Row, Tables, hardware_address, instance, number, text
from monitor.probes.base import Talk
from monitor.probes.oid_tables import tables
from monitor.probes.snmp_session import Session
from monitor.probes.snmp_walk import MOST_AT_ONCE, MOST_WALKED, Walk, go
from monitor.wire.snmp import Scalar

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0"
ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"
IF_TYPE = "1.3.6.1.2.1.2.2.1.3"
IF_STATE = "1.3.6.1.2.1.2.2.1.8"
ETHERNET = 6
HARDWARE_ADDRESS = Row("1.3.6.1.2.1.2.2.1.6", "hardware_address", "mac")
#: The Ethernet port of a device that has one; cameras count their loopback too.
INTERFACE = (
    HARDWARE_ADDRESS,
    Row(IF_STATE, "interface_up"),
    Row("1.3.6.1.2.1.2.2.1.5", "interface_bits_per_second"),
)
#: Where there is no sysUpTime; the engine begins with the agent.
ENGINE = Row("1.3.6.1.6.3.10.2.1.3", "engine_time_s")
#: What hints at who answers, asked for where the GET has room. An encrypted conversation tells the engine by itself.
HINTS = {
    ENGINE_ID: Row("1.3.6.1.6.3.10.2.1.1", "engine_id", "engine"),
    SYS_NAME: Row("1.3.6.1.2.1.1.5", "system_name", "name"),
}
COMMON = (*INTERFACE, ENGINE, *HINTS.values())
#: How long what was found by walking holds: a card may be put in, a table changed. A walk costs some five requests.
RELEARN_S = 86_400.0
#: How long it holds at the least, whatever seems to be missing.
RELEARN_LEAST_S = 3_600.0
#: A walk that ended in silence is held again after this, twice as long each further time, up to ``RELEARN_LEAST_S``: a
#: datagram may have been lost, or the agent answer no walk at all.
CUT_WALK_S = 50.0
SEEN_OK = "!"


class Found(NamedTuple):
    """What to GET, as ``Memory`` keeps it."""

    objects: Mapping[str, str]
    oids: str
    cut_walks: int = 0


def known_tables(talk: Talk) -> Tables:
    return tables(talk.device.snmp.tables if talk.device.snmp else ())


def is_known(talk: Talk) -> bool:
    """Whether what was found by walking still holds: of these tables, and not too long ago."""
    _, _, kept = talk.memory.oids.partition("@")
    if talk.memory.objects is None or not kept:
        return talk.memory.objects is not None and not talk.memory.oids
    digest, _, at = kept.partition("@")
    return digest == known_tables(talk).digest and talk.clocks.wall() - float(at or 0) < _holds_s(talk.memory.cut_walks)


def _holds_s(cut_walks: int) -> float:
    """Return how long what was found holds, after so many walks in a row that ended in silence."""
    if not cut_walks:
        return RELEARN_S
    return float(min(CUT_WALK_S * 2 ** (min(cut_walks, 16) - 1), RELEARN_LEAST_S))


def asked(talk: Talk, found: Found) -> Mapping[str, Asked]:
    """Return what is asked for, with its rows; an object whose row is gone is not asked for."""
    return _asked(known_tables(talk), found.oids.partition("@")[0], tuple(found.objects.items()))


@lru_cache(maxsize=4096)
def _asked(tables: Tables, make: str, objects: tuple[tuple[str, str], ...]) -> Mapping[str, Asked]:
    """Look the rows up; devices of a make are asked for the same ones."""
    table = tables.named(make)
    rows = {row.name: row for row in (*COMMON, *(table.rows if table else ()))}
    found = ((oid, rows.get(name.removesuffix(SEEN_OK)), name.endswith(SEEN_OK)) for oid, name in objects)
    return {oid: instance(row, oid, seen_ok) for oid, row, seen_ok in found if row is not None}


def may_have(talk: Talk, rung: Rung) -> bool:
    """Whether a device may have objects that judge this rung and that no walk has come to yet."""
    table = known_tables(talk).named(talk.memory.oids.partition("@")[0])
    return talk.memory.cut_walks > 0 and any(row.rung is rung for row in (table.rows if table else ()))


async def look(talk: Talk, session: Session) -> Found:
    """Find the Ethernet interface, the make's objects, and what says who answers.

    What was known stays known where a walk ends in silence.
    """
    known = known_tables(talk)
    system = await get(
        talk, session, [SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, SYS_NAME, ENGINE_ID, ENGINE_TIME, *known.detecting]
    )
    description = text(system.get(SYS_DESCR))
    if description:
        talk.measurements["description"] = description
    detected = [oid for oid in known.detecting if system.get(oid) is not None]
    table = known.of(talk.device.make, text(system.get(SYS_OBJECT_ID)), detected)
    objects: dict[str, str] = {}
    if system.get(SYS_UPTIME) is None and system.get(ENGINE_TIME) is not None:
        objects[ENGINE_TIME] = ENGINE.name
    at, cut_walks = talk.clocks.wall(), 0
    try:
        await _find(talk, session, table, objects)
    except TimeoutError:  # it answered GET; whether it answers at all is for the check to say
        cut_walks = talk.memory.cut_walks + 1
        objects |= _still_known(talk, table, objects)
    told = (oid for oid in HINTS if text(system.get(oid)) and not (oid == ENGINE_ID and session.engine))
    objects |= {oid: HINTS[oid].name for oid, _ in zip(told, range(MOST_AT_ONCE - 1 - len(objects)), strict=False)}
    before = talk.memory.objects or {}
    objects |= {oid: name + SEEN_OK for oid, name in objects.items() if before.get(oid) == name + SEEN_OK}
    return Found(objects, f"{table.make if table else ''}@{known.digest}@{at:.0f}", cut_walks)


def _still_known(talk: Talk, table: OidTable | None, objects: Mapping[str, str]) -> Mapping[str, str]:
    """Return what an earlier walk found of the table's rows and this one did not; never more than a table has."""
    roots = {row.name: row.oid for row in (*INTERFACE, *(table.rows if table else ()))}
    room = max(0, (table.most if table else MOST_OBJECTS) - len(objects))
    before = ((oid, name.removesuffix(SEEN_OK)) for oid, name in (talk.memory.objects or {}).items())
    others = [(oid, name) for oid, name in before if name in roots and oid.startswith(roots[name] + ".")]
    return dict([one for one in others if one[0] not in objects][:room])


async def _find(talk: Talk, session: Session, table: OidTable | None, objects: dict[str, str]) -> None:
    """Add what a device has of the Ethernet interface's and its table's objects. Raises TimeoutError in between."""
    rows, most = (table.rows, table.most) if table else ((), 0)
    kinds = Walk(IF_TYPE, until=lambda value: number(value) == ETHERNET)
    addresses = Walk(HARDWARE_ADDRESS.oid, until=lambda value: not is_void(hardware_address(value)))
    has_ports = any(row.oid == IF_STATE for row in rows)
    walks = [Walk(row.oid, max(MOST_WALKED, most // 6)) for row in rows]
    try:
        await go(talk, session, walks if has_ports else [kinds, *walks])
        if not (has_ports or kinds.found):
            await go(talk, session, [addresses])
    finally:
        objects |= _ethernet(kinds, addresses)
        for row, walk in zip(rows, walks, strict=True):
            objects |= dict.fromkeys([oid for oid, _ in walk.found][: max(0, most - len(objects))], row.name)


def _ethernet(kinds: Walk, addresses: Walk) -> dict[str, str]:
    """Return the objects of the first Ethernet interface; where no kinds are told, the first hardware address."""
    if kinds.arrived:
        index = kinds.at.rpartition(".")[2]
        return {f"{row.oid}.{index}": row.name for row in INTERFACE}
    return {addresses.at: HARDWARE_ADDRESS.name} if addresses.arrived else {}


async def get(talk: Talk, session: Session, oids: Sequence[str]) -> Mapping[str, Scalar]:
    """Ask for these objects, in as many requests as they need."""
    values: dict[str, Scalar] = {}
    for at in range(0, len(oids), MOST_AT_ONCE):
        some = oids[at : at + MOST_AT_ONCE]
        talk.put()
        talk.say(True, "GET " + " ".join(some))
        answered = await session.get(some)
        talk.say(False, "\n".join([f"{oid} = {value!r}"[:160] for oid, value in answered.items()]))
        values |= answered
    return values
