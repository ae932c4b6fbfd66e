"""A storm over a simulated city: as much fails within a second as did not work in the city of the story."""

from __future__ import annotations

from dataclasses import dataclass

from peers.cities import RunningCity

#: How many cameras fail, and how. Of the faults that devices have of their own those that a monitor can see at once: a
#: refused login and a stream without video are asked for each ten minutes.
FAILING = {"fibre": 236, "feeder": 120, "dead": 114, "hung": 100, "stream_server": 30}
#: What takes the place of the city's other faults.
_INSTEAD = {"no_video": "dead", "password": "hung"}


@dataclass(frozen=True)
class Storm:
    """What fails: lines and feeders with all cameras behind them, and the cameras of single devices by fault."""

    lines: dict[str, set[str]]
    power: dict[str, set[str]]
    single: dict[str, set[str]]

    @property
    def shared(self) -> dict[str, set[str]]:
        return self.lines | self.power

    @property
    def behind(self) -> set[str]:
        """The cameras behind what several share."""
        return set().union(*self.shared.values())

    @property
    def alone(self) -> set[str]:
        """The cameras of devices that fail by themselves."""
        return set().union(*self.single.values())

    def break_out(self, city: RunningCity) -> None:
        for uplink in self.lines:
            city.switch_on("fibre", uplink=uplink)
        for feeder in self.power:
            city.switch_on("feeder", feeder=feeder)
        for fault, cameras in self.single.items():
            city.switch_on(fault, cameras=sorted(cameras))


def storm_of(city: RunningCity) -> Storm:
    """Return a storm of 600 of the 1,800 cameras of a city that has its faults still, at the places of these."""
    faults: dict[str, set[str]] = {fault: set() for fault in FAILING}
    for camera, truth in city.truth().items():
        fault = _INSTEAD.get(truth["fault"], truth["fault"])
        if fault in faults:
            faults[fault].add(camera)
    assert {fault: len(cameras) for fault, cameras in faults.items()} == FAILING
    lines, power = (_all_of(city, layer, faults.pop(f)) for layer, f in (("uplinks", "fibre"), ("feeders", "feeder")))
    return Storm(lines, power, faults)


def _all_of(city: RunningCity, layer: str, failing: set[str]) -> dict[str, set[str]]:
    """Return the uplinks or feeders all of whose cameras fail, with these."""
    return {name: {*cameras} for name, cameras in city.structure[layer].items() if cameras and {*cameras} <= failing}
