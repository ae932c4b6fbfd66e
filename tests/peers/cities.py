"""A simulated city as a real process on free ports, for any test: ``async with running_city(cameras=60) as city:``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PATIENCE_S = 90.0


@dataclass(frozen=True)
class CityDevice:
    """One device of a running city, with the ports that it answers on."""

    id: str
    address: str
    make: str
    model: str
    cameras: list[str]
    onvif_port: int
    rtsp_port: int
    snmp_port: int
    encrypted: bool


@dataclass(frozen=True)
class RunningCity:
    """A city that runs: its inventory, its control interface, its process."""

    inventory: Path
    control: str
    pid: int
    seconds: float
    """From the start of its program to the line that says it is ready."""
    within: Sequence[str] = ()
    """The command that runs another one where the city runs; nothing where that is here."""

    def ask(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        """Ask the control interface; the answer's JSON."""
        url, data = self.control + path, None if body is None else json.dumps(body)
        if self.within:
            command = [*self.within, sys.executable, __file__, url, method, *([data] if data else [])]
            return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S).stdout)
        return json.loads(fetched(url, method, data))

    def truth(self) -> dict[str, dict[str, Any]]:
        """The truth about every camera: fault, state, working."""
        truth: dict[str, dict[str, Any]] = self.ask("/truth")["cameras"]
        return truth

    def counters(self, device: str) -> dict[str, int]:
        """What one device counted."""
        counters: dict[str, int] = self.ask("/counters")["devices"][device]
        return counters

    def switch_on(self, fault: str, **where: Any) -> list[str]:
        """Switch a fault on; the cameras that it concerns."""
        cameras: list[str] = self.ask("/faults", "POST", {"fault": fault, **where})["cameras"]
        return cameras

    def switch_off(self, fault: str, **where: Any) -> list[str]:
        """Heal a fault; the cameras that it concerned."""
        cameras: list[str] = self.ask("/faults", "DELETE", {"fault": fault, **where})["cameras"]
        return cameras

    def heal(self) -> None:
        """Heal every fault."""
        for uplink in self.structure["uplinks"]:
            self.switch_off("fibre", uplink=uplink)
        for feeder in self.structure["feeders"]:
            self.switch_off("feeder", feeder=feeder)
        truth = self.truth()
        for fault in {one["fault"] for one in truth.values()} - {""}:
            self.switch_off(fault, cameras=[camera for camera, one in truth.items() if one["fault"] == fault])

    def move(self, devices: list[str]) -> list[str]:
        """Let each device take the address of the next one; the cameras that it concerns."""
        cameras: list[str] = self.ask("/addresses", "POST", {"devices": devices})["cameras"]
        return cameras

    def move_back(self) -> list[str]:
        """Let every device have its own address again."""
        cameras: list[str] = self.ask("/addresses", "DELETE")["cameras"]
        return cameras

    @cached_property
    def structure(self) -> dict[str, Any]:
        """Zones, uplinks and feeders with their cameras, and the devices."""
        structure: dict[str, Any] = self.ask("/city")
        return structure

    @cached_property
    def devices(self) -> list[CityDevice]:
        ports = self.structure["ports"]
        return [
            CityDevice(
                id=id_,
                address=device["address"],
                make=device["make"],
                model=device["model"],
                cameras=device["cameras"],
                onvif_port=ports["second_onvif" if device["make"] == "reolink" else "onvif"],
                rtsp_port=ports["rtsp"],
                snmp_port=ports["snmp"],
                encrypted=device["encrypted"],
            )
            for id_, device in self.structure["devices"].items()
        ]

    @cached_property
    def password(self) -> str:
        return (self.inventory / "secrets" / "city").read_text().strip()

    @cached_property
    def community(self) -> str:
        return (self.inventory / "secrets" / "community").read_text().strip()

    def find(self, fault: str = "", make: str = "", several: bool = False) -> CityDevice:
        """The first device with this fault ("" for none), of this make, with several cameras or just one."""
        return next(self.all_of(fault, make, several))

    def all_of(self, fault: str = "", make: str = "", several: bool = False) -> Iterator[CityDevice]:
        truth = self.truth()
        for device in self.devices:
            fits = truth[device.cameras[0]]["fault"] == fault and make in ("", device.make)
            if fits and several == (len(device.cameras) > 1):
                yield device


def fetched(url: str, method: str, data: str | None) -> str:
    request = urllib.request.Request(url, data=data.encode() if data else None, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        text: str = response.read().decode()
        return text


def command(folder: Path, cameras: int, seed: int, tls: int = 0) -> list[str]:
    options = ["--cameras", str(cameras), "--seed", str(seed), "--folder", str(folder), "--ports", "free"]
    options += ["--tls", str(tls)]
    return [sys.executable, "-P", "-m", "simulator", *options, "--with-parent"]


@contextmanager
def started_city(cameras: int = 60, seed: int = 1, tls: int = 0, within: Sequence[str] = ()) -> Iterator[RunningCity]:
    """A city for as long as the block lasts, from synchronous code (a fixture that many tests share)."""
    with tempfile.TemporaryDirectory(prefix="city-") as folder:
        process = subprocess.Popen([*within, *command(Path(folder), cameras, seed, tls)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, f"the city ended with exit code {process.wait()} before it was ready"
            ready = json.loads(line)
            yield RunningCity(Path(ready["inventory"]), ready["control"], process.pid, ready["seconds"], within)
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
            process.stdout.close()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def running_city(cameras: int = 60, seed: int = 1) -> AsyncIterator[RunningCity]:
    """The same from a coroutine; the city is ready within a fraction of a second."""
    with started_city(cameras, seed) as city:
        yield city


if __name__ == "__main__":
    address, asked, *content = sys.argv[1:]
    print(fetched(address, asked, content[0] if content else None))
