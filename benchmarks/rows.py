"""An inventory of any size, as YAML or as CSV: a device a camera, ten cameras a site, five sites a switch."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from simulator.inventory import Secrets, write_fleet
from simulator.ports import Ports

CAMERAS_A_SITE = 10
SITES_A_SWITCH = 5
SITES_A_FEEDER = 20
SITES_A_ZONE = 500
#: The first device's address; each has its own.
FIRST_ADDRESS = IPv4Address("127.1.0.1")
SITE_COLUMNS = ("id", "name", "zone", "uplinks", "feeder", "position")
CAMERA_COLUMNS = ("id", "name", "site", "address", "make")
Row = Sequence[str]
#: How YAML writes what a table has in one cell.
_LISTS = {"uplinks": "[{}]".format, "position": lambda cell: f"[{cell.replace(' ', ', ')}]"}


def write_csv(
    folder: Path, cameras: int, ports: Ports, secrets: Secrets, more: Mapping[str, Callable[[int], str]] | None = None
) -> None:
    """Write so many cameras as tables; ``more`` are other columns, each with its cell for a camera's number."""
    _write_fleet(folder, cameras, ports, secrets)
    others = more or {}
    wider = ((*row, *(cell(number) for cell in others.values())) for number, row in enumerate(_cameras(cameras)))
    for name, columns, rows in (
        ("sites", SITE_COLUMNS, _sites(cameras)),
        ("cameras", (*CAMERA_COLUMNS, *others), wider),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(columns)
            table.writerows(rows)


def write_yaml(folder: Path, cameras: int, ports: Ports, secrets: Secrets) -> None:
    """Write so many cameras as YAML, a line each."""
    _write_fleet(folder, cameras, ports, secrets)
    with (folder / "fleet.yaml").open("a", encoding="utf-8") as file:
        for name, columns, rows in (
            ("sites", SITE_COLUMNS, _sites(cameras)),
            ("cameras", CAMERA_COLUMNS, _cameras(cameras)),
        ):
            file.write(f"{name}:\n")
            file.writelines(_yaml(columns, row) for row in rows)


def number_of(camera: str) -> int:
    """Return a camera's number in the inventory, or that of its device."""
    return int(camera.rpartition("-")[2])


def _yaml(columns: Row, row: Row) -> str:
    values = zip(columns, row, strict=True)
    return f"  - {{{', '.join(f'{name}: {_LISTS.get(name, str)(value)}' for name, value in values)}}}\n"


def _tables(cameras: int) -> Iterator[tuple[str, Row, Iterator[Row]]]:
    yield "sites", SITE_COLUMNS, _sites(cameras)
    yield "cameras", CAMERA_COLUMNS, _cameras(cameras)


def _write_fleet(folder: Path, cameras: int, ports: Ports, secrets: Secrets) -> None:
    zones = range(-(-cameras // (CAMERAS_A_SITE * SITES_A_ZONE)))
    write_fleet(folder, {f"Z-{zone:02}": f"Zone {zone}" for zone in zones}, ports, secrets)


def _sites(cameras: int) -> Iterator[Row]:
    for site in range(-(-cameras // CAMERAS_A_SITE)):
        switch, port = divmod(site, SITES_A_SWITCH)
        position = f"{24.8 + site % 100 / 500:.4f} {67.0 + site // 100 / 500:.4f}"
        yield (
            f"S-{site:05}",
            f"Junction {site}",
            f"Z-{site // SITES_A_ZONE:02}",
            f"SW-{switch:04}/{port + 1}",
            f"F-{site // SITES_A_FEEDER:03}",
            position,
        )


def _cameras(cameras: int) -> Iterator[Row]:
    for number in range(cameras):
        yield (
            f"C-{number:06}",
            f"Camera {number}",
            f"S-{number // CAMERAS_A_SITE:05}",
            str(FIRST_ADDRESS + number),
            "axis",
        )
