"""``python -m monitor`` is ``camfleet``."""

from monitor.cli import main

main()
