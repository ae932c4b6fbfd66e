"""Every generated file by its path: the whole of what is loaded into Prometheus, Alertmanager and Grafana."""

from __future__ import annotations

from pathlib import Path

from dashboards import alertmanager, burn, causes, contracts, recording, upkeep
from dashboards.boards import boards
from dashboards.config import FILE, Config, ConfigError
from dashboards.rule import Alert, Group, to_yaml

FOLDER = Path(__file__).parent

#: The files of alerts by their names, and what each builds.
ALERTS = {"cameras": causes.alerts, "budget": burn.alerts, "contracts": contracts.alerts, "monitor": upkeep.alerts}


def alerts(config: Config) -> tuple[Alert, ...]:
    """Return every alert."""
    return tuple(alert for build in ALERTS.values() for alert in build(config))


def files(config: Config) -> dict[str, str]:
    """Return the text of each generated file by its path below this folder. Raises ConfigError."""
    _check_names(config)
    found = {"rules/camfleet.yaml": to_yaml(recording.groups(config))}
    for name, build in ALERTS.items():
        rules = tuple(alert.rule(config) for alert in build(config))
        found[f"alerts/{name}.yaml"] = to_yaml([Group(f"camfleet.alerts.{name}", rules)])
    for board in boards(config):
        found[f"generated/{board.uid}.json"] = board.json(config)
    found[alertmanager.FILE] = alertmanager.alertmanager(config)
    return found


def _check_names(config: Config) -> None:
    """Refuse a severity for an alert that there is not."""
    unknown = sorted(set(config.severities) - {alert.name for alert in alerts(config)})
    if unknown:
        raise ConfigError("\n".join(f"{FILE.name}: severities.{name}: there is no such alert" for name in unknown))
