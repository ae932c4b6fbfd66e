"""Which module of the command line has which command: a command loads no other."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main

from monitor.cli import COMMANDS, command_line

LOADED = """\
import sys
from monitor.cli import COMMANDS, command_line
command_line(sys.argv[1])
print(*(module for module in COMMANDS if f"monitor.cli.{module}" in sys.modules))
"""


def loaded(command: str) -> list[str]:
    """Return the modules of commands that a process has loaded for one of them."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", LOADED, command], capture_output=True, check=True, text=True, timeout=60
    )
    return ended.stdout.split()


def test_the_table_names_every_command() -> None:
    """What the modules have is what the table says, each under its own."""
    whole = typer.main.get_command(command_line())
    assert isinstance(whole, typer.core.TyperGroup)
    assert sorted(whole.commands) == sorted(name for its in COMMANDS.values() for name in its)


@pytest.mark.parametrize("module", ["checking", "telling"])
def test_a_command_loads_its_own_module(module: str) -> None:
    """And has its command; the others are left alone."""
    assert loaded(COMMANDS[module][0]) == [module]


def test_what_is_no_command_loads_all_of_them() -> None:
    """So that the help is whole, and a slip of the pen is told what it may have meant."""
    assert loaded("prob") == list(COMMANDS)
