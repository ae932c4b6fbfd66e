"""What the batteries of sites are worth, by every cut of their feeder that the ledger knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite
from statistics import median
from typing import NamedTuple

from monitor.core.event import BatteryEvent
from monitor.ledger.reader import Reader


class Battery(NamedTuple):
    """A site's cuts, oldest first."""

    site: str
    cuts: Sequence[BatteryEvent]

    @property
    def usual_s(self) -> float:
        """How long it lasts: the median of what it certainly lasted."""
        return median(cut.least_s for cut in self.cuts)

    def to_json(self) -> Mapping[str, object]:
        cuts = [
            {
                "after": one.after if isfinite(one.after) else None,
                "by": one.by if isfinite(one.by) else None,
                "feeder": one.feeder,
                "cause": one.cause,
                "least_s": one.least_s,
                "most_s": one.most_s,
            }
            for one in self.cuts
        ]
        return {"site": self.site, "usual_s": self.usual_s, "cuts": cuts}


def batteries(reader: Reader) -> list[Battery]:
    """Return all sites that were ever seen to fall silent after a cut, the weakest first; what was revised is gone."""
    told: dict[tuple[str, str], BatteryEvent] = {}
    for _, event in reader.events(kind="battery"):
        if isinstance(event, BatteryEvent):
            told.pop((event.site, event.cause), None)
            if not event.revised:
                told[event.site, event.cause] = event
    of_site: defaultdict[str, list[BatteryEvent]] = defaultdict(list)
    for event in told.values():
        of_site[event.site].append(event)
    found = [Battery(site, cuts) for site, cuts in of_site.items()]
    return sorted(found, key=lambda one: (one.usual_s, one.site))
