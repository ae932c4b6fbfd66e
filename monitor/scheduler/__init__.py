"""When each probe runs: one device's timetable (``station``), and the loop that keeps all of them (``loop``)."""

from monitor.scheduler.loop import Scheduler

__all__ = ["Scheduler"]
