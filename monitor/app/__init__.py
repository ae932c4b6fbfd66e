"""The composition root: the only package that knows everything. It builds the parts, turns the crank once a second, and
takes the parts down again.

    inventory ─▶ scheduler ─▶ verdicts ─▶ fleet.step ─▶ ledger ─▶ snapshot ─▶ pages, /metrics

A monitor is one object. What it consists of is built in ``parts``; what comes into force while it runs is in
``reloading``, what people ask of it in ``desk``, and the crank in ``monitor``, each upon the one before.
"""

from monitor.app.monitor import Monitor
from monitor.app.serving import Listen, serve
from monitor.app.telling import cleared_already, first_verdicts_s, lock_cleared, refusals

__all__ = [
    "Listen",
    "Monitor",
    "cleared_already",
    "first_verdicts_s",
    "lock_cleared",
    "refusals",
    "serve",
]
