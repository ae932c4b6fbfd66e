"""``python -m benchmarks.paperprober SILENT LEVEL FORMAT``: a prober of the product whose devices are of paper.

Timetables, budgets, the frame of a conversation, and what is told of it are the product's. Only where a probe would
speak to a device it is known what that one says: it is well and answers at once. After SIGUSR1 the first ``SILENT``
devices of the inventory say nothing, and time-outs are waited for; after SIGUSR2 they answer again.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from benchmarks.rows import number_of
from monitor import logs
from monitor.core.identity import SERIAL
from monitor.core.survey import PARTS, Draft, Part
from monitor.core.verdict import Outcome, Rung
from monitor.probes import registry, survey
from monitor.probes.base import Talk
from monitor.probes.errors import ConnectTimeout
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.scheduler.line import Line
from monitor.scheduler.process import run_on_loop
from monitor.scheduler.share import serve

Say = Callable[[Talk], None]


class Paper:
    """What devices of paper say."""

    def __init__(self, silent: int) -> None:
        self._silent = silent
        self._is_storm = False

    def fall_silent(self) -> None:
        self._is_storm = True

    def heal(self) -> None:
        self._is_storm = False

    def probe(self, over: str, say: Say) -> Callable[[Talk], Coroutine[Any, Any, None]]:
        """Return a probe that asks a device over a protocol, and hears this."""

        async def probe(talk: Talk) -> None:
            if self._is_storm and number_of(talk.device.id) < self._silent:
                await self._silence(talk, over)
            talk.ok(Rung.REACHABLE)
            say(talk)

        return probe

    @staticmethod
    async def _silence(talk: Talk, over: str) -> None:
        """Wait for an answer as long as one is waited for. Raises TimeoutError, ConnectTimeout."""
        if over == "snmp":
            talk.asking(Rung.DEVICE)
            await asyncio.sleep(talk.deadlines.reply_s)
            raise TimeoutError
        talk.asking(Rung.REACHABLE)
        await asyncio.sleep(talk.deadlines.connect_s)
        raise ConnectTimeout


def _onvif(talk: Talk) -> None:
    talk.requests = 1
    talk.ok(Rung.CONTROL)
    talk.learn(clock_offset_s=0.2)
    talk.measurements["clock_offset_s"] = 0.2
    talk.ok(Rung.CLOCK, "off by +0.2 s")
    if talk.wants(Rung.CREDENTIALS, Rung.IDENTITY):
        talk.requests = 2
        streams = {str(camera.channel): "/stream" for camera in talk.ask.cameras}
        talk.learn(scheme="token", streams=streams, logged_in_at=talk.clocks.wall())
        talk.login_accepted()
        serial = talk.ask.cameras[0].serial
        talk.marks[SERIAL] = serial
        talk.measurements |= {"manufacturer": "Paper", "model": "One", "firmware": "1.0", "serial": serial}
        talk.ok(Rung.IDENTITY, serial)


def _rtsp(talk: Talk) -> None:
    talk.requests = 3
    for camera in talk.ask.cameras:
        talk.ok(Rung.STREAM, camera=camera.id)
        if talk.wants(Rung.MEDIA):
            talk.measurements["bits_per_second"] = 2e6
            talk.ok(Rung.MEDIA, camera=camera.id)


def _snmp(talk: Talk) -> None:
    talk.requests = 1
    talk.measurements["uptime_s"] = 86_400.0
    talk.ok(Rung.DEVICE)
    talk.answer(Rung.RECORDING, Outcome.NA)


def _survey(talk: Talk) -> None:
    talk.requests = 1
    talk.survey = Draft({name: Part("of paper") for name in PARTS})


SAYS: Mapping[str, Say] = {"onvif": _onvif, "rtsp": _rtsp, "snmp": _snmp}


async def _serve(silent: int) -> None:
    paper = Paper(silent)
    registry.PROBES = {name: paper.probe(name, say) for name, say in SAYS.items()}
    survey.probe = paper.probe("onvif", _survey)  # type: ignore[assignment] # the registry asks for it by its name
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, paper.fall_silent)
    loop.add_signal_handler(signal.SIGUSR2, paper.heal)
    await serve(await Line.over(socket.socket(fileno=sys.stdin.fileno())), SYSTEM_CLOCKS)


if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    logs.configure(sys.argv[2], as_json=sys.argv[3] == "json")
    run_on_loop(_serve(int(sys.argv[1])))
