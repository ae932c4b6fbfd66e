"""Alertmanager's configuration: who is told of an alert, when, and what is one notification.

Rules:
1. An alert of a cause goes to the monitor, which makes a work order of it and tells whoever has to go there. One cause
   is one group; what ends it is the monitor's business, so nothing is sent there when an alert resolves. It is sent
   again often: there that changes nothing, and a fault that is back before Alertmanager noticed its end is told all the
   same.
2. What can wait goes in working hours. A cause that the calendar covers does not alert at all, so that the calendar is
   needed here only for what is about a whole zone or contract.
3. What is about the monitor itself is written by mail, since the monitor may be what is broken: also that it is blind,
   which is a cause, too.
4. Nothing is used that Alertmanager 0.25 does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from dashboards.config import Also, Config, Hours, Mute, Paging
from dashboards.rule import HEAD
from monitor.core.diagnosis.cause import Kind

#: Where it stands, from the folder of the mixin.
FILE = "../deploy/alertmanager/alertmanager.yml"
WORKING, HOLIDAYS = "working-hours", "holidays"
#: What only alerts of one cause have.
_OF_A_CAUSE = 'layer!=""'


def alertmanager(config: Config) -> str:
    """Return the configuration."""
    paging = config.paging
    mail = paging.mail
    content = {
        "global": {"smtp_smarthost": mail.smarthost, "smtp_from": mail.sender, "smtp_require_tls": mail.tls},
        "route": {
            "receiver": "noc",
            "group_by": ["alertname", "kind", "layer", "scope", "zone"],
            "group_wait": paging.wait,
            "group_interval": paging.interval,
            "repeat_interval": paging.repeat,
            "routes": list(_routes(paging)),
        },
        "receivers": list(_receivers(paging)),
        "time_intervals": [*_intervals(paging.working_hours), *paging.planned.time_intervals],
    }
    return HEAD + yaml.safe_dump(content, sort_keys=False, width=1000, allow_unicode=True)


def _routes(paging: Paging) -> Iterator[dict[str, Any]]:
    """Yield the routes in their order; what goes to the monitor may be written to somebody else besides."""
    heartbeat = {"group_wait": "0s", "group_interval": "1m", "repeat_interval": "5m"} if paging.heartbeat else {}
    yield {
        "receiver": "heartbeat" if paging.heartbeat else "nobody",
        "matchers": ['alertname="Watchdog"'],
        **heartbeat,
    }
    yield {"receiver": "nobody", "matchers": ['severity="info"']}
    yield {"receiver": "noc", "matchers": [f"kind={_quoted(Kind.BLIND)}"], "continue": True}
    yield {
        "receiver": "orders",
        "matchers": [_OF_A_CAUSE, 'severity="page"'],
        "repeat_interval": paging.remind,
        "continue": True,
    }
    yield {
        "receiver": "orders",
        "matchers": [_OF_A_CAUSE, 'severity="ticket"'],
        "repeat_interval": paging.remind,
        "active_time_intervals": [WORKING],
        **({"mute_time_intervals": [HOLIDAYS]} if paging.working_hours.holidays else {}),
        "continue": True,
    }
    for also in paging.also:
        yield {"receiver": f"mail {also.to}", "matchers": _matchers(also), "continue": True}
    yield {"receiver": "nobody", "matchers": [_OF_A_CAUSE]}
    for mute in paging.planned.mutes:
        yield {"receiver": "noc", "matchers": _matchers(mute), "mute_time_intervals": [mute.interval]}
    yield {"receiver": "noc"}  # also what was written to somebody besides


def _matchers(of: Also | Mute) -> list[str]:
    told = of.model_dump(exclude={"to", "interval"}, exclude_none=True)
    return [f"{label}={_quoted(value)}" for label, value in told.items()]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _receivers(paging: Paging) -> Iterator[dict[str, Any]]:
    yield {"name": "nobody"}
    yield {"name": "noc", "email_configs": [_mail(paging.mail.noc)]}
    credentials = {"authorization": {"credentials_file": paging.credentials}}
    yield {
        "name": "orders",
        "webhook_configs": [{"url": paging.orders, "send_resolved": False, "http_config": credentials}],
    }
    if paging.heartbeat:
        yield {"name": "heartbeat", "webhook_configs": [{"url": paging.heartbeat, "send_resolved": False}]}
    for to in dict.fromkeys(also.to for also in paging.also):
        yield {"name": f"mail {to}", "email_configs": [_mail(to)]}


def _mail(to: str) -> dict[str, Any]:
    return {"to": to, "send_resolved": True}


def _intervals(hours: Hours) -> Iterator[dict[str, Any]]:
    times = [{"start_time": hours.start, "end_time": hours.end}]
    working = {"weekdays": list(hours.days), "times": times, "location": hours.time_zone}
    yield {"name": WORKING, "time_intervals": [working]}
    if hours.holidays:
        days = [
            {
                "years": [str(day.year)],
                "months": [str(day.month)],
                "days_of_month": [str(day.day)],
                "location": hours.time_zone,
            }
            for day in hours.holidays
        ]
        yield {"name": HOLIDAYS, "time_intervals": days}
