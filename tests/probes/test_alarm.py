"""The alarm of a connection, on the loop that a monitor runs on."""

from __future__ import annotations

import asyncio

import uvloop

from monitor.probes.connection import Connection


def test_a_deadline_that_has_come_is_an_alarm_like_any_other() -> None:
    """uvloop gives a handle that knows no moment where the deadline has come; the next wait does not ask it for one."""

    async def wait_twice() -> bool:
        connection = Connection(lambda sent, data: None)
        loop = asyncio.get_running_loop()
        waits = [connection._more(loop.time() - 1.0)]
        await asyncio.sleep(0)
        connection._set_alarm()
        await waits[0]
        return connection.ended

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(wait_twice()) is False
