"""The dashboards, one a file."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.boards import camera, causes, fleet, monitor, politeness, site, sla, zone
from dashboards.config import Config


def boards(config: Config) -> tuple[Board, ...]:
    """Return every dashboard."""
    return (
        fleet.BOARD,
        zone.BOARD,
        site.BOARD,
        camera.BOARD,
        causes.BOARD,
        sla.board(config),
        monitor.BOARD,
        politeness.BOARD,
    )
