"""The command's entry: an interrupt ends it quietly until there is something that wants to be ended politely."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command line and run it; a command that has something to take leave of minds the signals itself."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from monitor.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
