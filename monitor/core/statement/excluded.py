"""Every planned event that could excuse in a period: who approved it, whether in time, and what it excuses."""

from __future__ import annotations

from collections import defaultdict

from monitor.core.calendar import Entry
from monitor.core.calendar_json import to_json
from monitor.core.sla.account import Account, Settlement
from monitor.core.sla.excuses import Excuse
from monitor.core.sla.reading import Exclusions
from monitor.core.sla.spans import length, ms
from monitor.core.statement.plain import Plain, moment


class Excluded:
    """The entries of the calendar that plan something for a period, version by version."""

    def __init__(self, settled: Settlement) -> None:
        self._settled = settled
        self._cameras: defaultdict[str, int] = defaultdict(int)
        self._excused: defaultdict[str, int] = defaultdict(int)

    def take(self, account: Account) -> None:
        for entry, excused in account.excused.items():
            self._cameras[entry] += 1
            self._excused[entry] += excused

    def add(self, other: Excluded) -> None:
        """Add the cameras of another of the same calendar."""
        for entry, cameras in other._cameras.items():
            self._cameras[entry] += cameras
            self._excused[entry] += other._excused[entry]

    def plain(self) -> list[Plain]:
        return [
            {
                **self._version(excuse),
                "cameras": self._cameras[excuse.entry.id],
                "excused_ms": self._excused[excuse.entry.id],
            }
            for excuse in self._settled.excuses.planned
        ]

    def _version(self, one: Excuse) -> Plain:
        entry, planned, in_time = one.entry, one.when[Exclusions.ALL], one.when[Exclusions.IN_TIME]
        return {
            "entry": entry.id,
            "kind": entry.kind.value,
            "excuses": entry.kind in self._settled.contract.excused,
            "selectors": [str(selector) for selector in entry.selectors],
            "approver": entry.approver,
            "approved_at": moment(ms(entry.approved)),
            "recorded_at": moment(one.span.start),
            "until": moment(one.span.end),
            "newest": one.newest,
            "reason": entry.reason,
            "planned": _when(entry),
            "times": len(planned),
            "planned_ms": length(planned),
            "in_time_ms": length(in_time),
            "counted_ms": length(one.when[Exclusions.AS_WRITTEN]),
            "after_the_fact": length(in_time) < length(planned),
        }


def _when(entry: Entry) -> Plain:
    plain = to_json(entry)
    return {key: plain[key] for key in ("time_zone", "start", "end", "rrule", "except") if key in plain}
