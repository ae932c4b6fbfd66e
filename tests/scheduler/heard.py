"""What canaries say, taken apart."""

from __future__ import annotations

from monitor.core.canary import Silence
from monitor.scheduler.canaries import Canaries


def answers(watch: Canaries) -> dict[str, dict[str, bool]]:
    """Vantage to canary to whether it answers."""
    return {vantage: {id_: one is None for id_, one in of.items()} for vantage, of in watch.heard.items()}


def silences(watch: Canaries) -> dict[str, dict[str, Silence]]:
    """Vantage to canary to its silence."""
    return {vantage: {id_: one for id_, one in of.items() if one is not None} for vantage, of in watch.heard.items()}
