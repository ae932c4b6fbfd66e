"""What the figures were measured on: they mean little without it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import timeit
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("uvloop", "lxml", "cryptography", "aiohttp", "onvif-zeep-async", "pysnmp")
DEBIAN_PACKAGES = ("prometheus-blackbox-exporter", "prometheus-snmp-exporter", "snmpd", "gcc", "libssl-dev")


def describe() -> Mapping[str, str]:
    """Return what a reader needs to know of this machine, by name."""
    versions = [f"{package} {_version(package)}" for package in PACKAGES]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{len(os.sched_getaffinity(0))} cores, {_processor()}, load {os.getloadavg()[0]:.1f} at the start",
        "system": f"{_distribution()}, Linux {platform.release()}",
        "Python": f"{platform.python_version()}, {', '.join(versions)}",
        "yardstick": f"`sum(i * i for i in range(1_000_000))` takes this Python {_yardstick_ms():.0f} ms",
        "peers": ", ".join(f"{package} {_debian_version(package)}" for package in DEBIAN_PACKAGES),
    }


def _yardstick_ms() -> float:
    """Return how long this interpreter takes for a plain loop: builds of one version differ by a third."""
    return min(timeit.repeat("sum(i * i for i in range(1_000_000))", number=1, repeat=5)) * 1e3


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _distribution() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def _debian_version(package: str) -> str:
    if shutil.which("dpkg-query") is None:
        return "absent"
    asked = ["dpkg-query", "-W", "-f", "${Version}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout or "absent"
