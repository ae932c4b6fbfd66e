"""A city on paper in which every panel has something to show, served as a monitor serves its page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aiohttp import web
from peers.fleets import NOW, faulty_city, good, round_of
from peers.standing import Standing

from exporters.prometheus import CONTENT_TYPE, Page
from exporters.selfmetrics import SelfMetrics
from monitor.core.acknowledgement import Acknowledgement
from monitor.core.calendar import Calendar, Entry, Kind, Selector
from monitor.core.canary import Silence
from monitor.core.diagnosis.cause import Cause
from monitor.core.diagnosis.cause import Kind as CauseKind
from monitor.core.fleet import start, step
from monitor.core.model import Inventory, Tls
from monitor.core.planned import Timetable
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.topology import Layer, Scope
from monitor.core.workorder.order import WorkOrder

CAMERAS, ZONES = 90, 3
#: The place that is looked at: its first camera is silent.
ZONE, SITE, CAMERA = "z0", "s0", "c0"
OPENED = NOW - 3600.0


@dataclass
class _Ledger:
    """A ledger that is well."""

    errors: int = 0
    lost: int = 0
    failing: str | None = None


def _inventory() -> tuple[Inventory, dict[str, str], list[str]]:
    inventory, faults, _ = faulty_city(CAMERAS)
    sites = {
        id_: replace(site, zone=f"z{number % ZONES}") for number, (id_, site) in enumerate(inventory.sites.items())
    }
    cameras = {id_: replace(one, zone=sites[one.site].zone) for id_, one in inventory.cameras.items()}
    devices = {id_: replace(one, tls=Tls()) if id_ in ("d1", "d2") else one for id_, one in inventory.devices.items()}
    zones = {f"z{number}": f"Zone {number}" for number in range(ZONES)}
    city = replace(inventory, sites=sites, cameras=cameras, devices=devices, zones=zones)
    return city, faults, ["d5", "d8"]


def _causes() -> dict[str, Cause]:
    def one(kind: CauseKind, layer: Layer, name: str, *members: str, opened: float = OPENED) -> Cause:
        return Cause(
            f"{kind.split()[-1]}-{name.lower().replace('/', '-')}",
            kind,
            Scope(layer, name),
            NOW - 4000,
            NOW,
            opened,
            frozenset(members),
        )

    found = [
        one(CauseKind.UPLINK, Layer.UPLINK, "SW-1/1", "c3", "c57", opened=OPENED - 10),
        one(CauseKind.DEAD, Layer.DEVICE, "d0", CAMERA),
        one(CauseKind.BUSY, Layer.DEVICE, "d9", "c9"),
        one(CauseKind.CREDENTIALS, Layer.DEVICE, "d6", "c6", opened=NOW - 40 * 86400),
        one(CauseKind.HUNG, Layer.DEVICE, "d12", "c12", opened=NOW - 60),
    ]
    return {cause.id: cause for cause in found}


def lit_city() -> Snapshot:
    """Return the snapshot: every kind of thing that a panel shows is there at least once."""
    inventory, faults, unseen = _inventory()
    fleet, snapshot = start(inventory, Rates(), causes=_causes()), None
    for number in range(3):
        at = NOW + 20.0 * number
        tls = [good(device, "onvif", at, https_certificate_expires_at=NOW + 864000.0) for device in ("d1", "d2")]
        fleet, _ = step(fleet, [*round_of(inventory, at, faults, unseen), *tls], at)
        snapshot = publish(fleet, fleet.seq, snapshot)
    assert snapshot is not None
    known = Acknowledgement("credentials-d6", NOW, "dispatcher", "", "the password is in the post", NOW + 3600)
    here = WorkOrder("WO-AAAA-2345", "at site s0 for field", OPENED + 300, "ticket", SITE, "field", ("dead-d0",))
    there = replace(here, id="WO-BBBB-2345", site="", closed=NOW)
    orders = {one.id: one for one in (here, there)}
    fleet = replace(fleet, causes=_causes(), acknowledgements={known.cause: known}, orders=orders)
    begin = datetime.fromtimestamp(NOW, UTC).replace(tzinfo=None)
    works = Entry(
        "w",
        Kind.WORKS,
        (Selector("camera", "c1"),),
        "UTC",
        begin,
        begin + timedelta(hours=9),
        "Roads",
        begin,
        "a crane",
    )
    planned = Timetable().at(Calendar({"w": works}), inventory, fleet.at).planned
    heard = {"central": {"gateway": None, "far end": Silence((0.0, 5.0), "the far end does not answer")}}
    return replace(snapshot, fleet=fleet, planned=planned, canaries=heard)


@asynccontextmanager
async def served(snapshot: Snapshot) -> AsyncIterator[str]:
    """Serve a snapshot's page, and let the monitor's own counters run; yields host:port."""
    metrics = SelfMetrics("0.1.0")
    metrics.watch(_Ledger())
    metrics.watch_checkpoints(lambda: NOW - 600, lambda: {"auditor": "it answers 503", "beside the ledger": None})
    metrics.watch_contracts(Standing())
    metrics.orders({"open": 2, "answered": 1}, ("field", "desk"), {"desk"})
    metrics.reloaded(True, NOW)
    page = Page(metrics.collector)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"".join(page.render(snapshot)), headers={"Content-Type": CONTENT_TYPE})

    async def work() -> None:
        while True:
            for probe in ("onvif", "rtsp", "snmp"):
                metrics.count(good("d1", probe, NOW))
            metrics.pace(0.02, [0.02], 3, 0.001)
            await asyncio.sleep(0.1)

    app = web.Application()
    app.router.add_get("/metrics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    working = asyncio.create_task(work())
    try:
        yield "{}:{}".format(*runner.addresses[0][:2])
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await runner.cleanup()
