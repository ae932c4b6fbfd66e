"""When each probe runs: one device's timetable (``station``), the loop that keeps many (``loop``), here or in processes
of their own (``probers``).
"""

from monitor.scheduler.loop import Scheduler

__all__ = ["Scheduler"]
