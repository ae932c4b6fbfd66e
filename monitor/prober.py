"""``python -m monitor.prober LEVEL FORMAT``: a process that asks devices for a monitor, which speaks to it over its
standard input, a socket. It ends with the monitor; signals are the monitor's business.
"""

from __future__ import annotations

import signal
import socket
import sys

from monitor import logs
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.scheduler.line import Line
from monitor.scheduler.process import run_on_loop
from monitor.scheduler.share import serve


async def _serve() -> None:
    await serve(await Line.over(socket.socket(fileno=sys.stdin.fileno())), SYSTEM_CLOCKS)


if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    logs.configure(sys.argv[1], as_json=sys.argv[2] == "json")
    run_on_loop(_serve())
