"""What a look is held with: our version, Python's, the system's, and those of the libraries that speak to devices."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("lxml", "uvloop", "cryptography", "aiohttp")


def versions() -> Mapping[str, str]:
    """Return them by name; a library that is not installed is left out."""
    found = {"camfleet": _version("camfleet"), "Python": platform.python_version(), "system": platform.system()}
    return {name: told for name, told in found.items() if told} | {
        name: told for name in LIBRARIES if (told := _version(name))
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
