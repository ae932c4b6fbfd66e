"""The command line, by kinds of commands; ``frame`` holds what they share.

Only the module of the command that was asked for is loaded: all of them take several times as long.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import typer

from monitor.cli.frame import app, fail

#: Each module and its commands, in the order in which the help lists them.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "watching": ("demo", "run", "simulate"),
    "checking": ("check-config", "calendar"),
    "looking": ("probe", "inspect", "accept", "survey"),
    "telling": ("why", "causes", "acknowledge", "handover", "batteries"),
    "ordering": ("orders",),
    "listing": ("assets",),
    "reporting": ("report",),
    "proving": ("verify", "ledger"),
    "pushing": ("dashboards",),
}


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter gets its number
    _check_installation()
    command_line(sys.argv[1] if len(sys.argv) > 1 else "")()


def command_line(command: str = "") -> typer.Typer:
    """Return the command line with what is needed for one command; with all of it where that is none of ours."""
    asked = [module for module, its in COMMANDS.items() if command in its]
    for module in asked or COMMANDS:
        import_module(f"monitor.cli.{module}")
    return app


def _check_installation() -> None:
    """Refuse to run from packages of different places: our package names are common words."""
    import exporters
    import monitor

    places = {Path(str(package.__file__)).parent.parent for package in (monitor, exporters)}
    if len(places) > 1:
        fail(f"camfleet's packages come from different places: {', '.join(map(str, sorted(places)))}. Reinstall it.")
