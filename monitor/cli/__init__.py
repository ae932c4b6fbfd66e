"""The command line, by kinds of commands; ``frame`` holds what they share."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from monitor.cli.frame import app, fail

# Commands stand in the help in the order in which they are imported.
# isort: off
from monitor.cli import watching, checking, looking, telling, ordering, listing, reporting, proving, pushing
# isort: on

COMMANDS = (watching, checking, looking, telling, ordering, listing, reporting, proving, pushing)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter gets its number
    _check_installation()
    app()


def _check_installation() -> None:
    """Refuse to run from packages of different places: our package names are common words."""
    import exporters
    import monitor

    places = {Path(str(package.__file__)).parent.parent for package in (monitor, exporters)}
    if len(places) > 1:
        fail(f"camfleet's packages come from different places: {', '.join(map(str, sorted(places)))}. Reinstall it.")
