"""The alerts of a budget that burns: of the fleet, and of a zone where it is not the whole fleet."""

from __future__ import annotations

from dashboards.config import Config, Window
from dashboards.rule import Alert, variable

_SHARE = "{{ $value | humanizePercentage }}"


def alerts(config: Config) -> tuple[Alert, ...]:
    """Return an alert for each pair of windows and each level."""
    return tuple(one(config, window) for one in (_fleet, _zone) for window in config.slo.windows)


def _burns(config: Config, level: str, window: Window) -> str:
    """Return the share that is lost over the long window, while both windows burn.

    Nothing burns before the fleet was judged for a whole short window: an average over a minute says little of hours.
    """
    ratio, most = f"{level}:camera_fleet_not_working:ratio", f"{window.factor * config.slo.budget:.6g}"
    return (
        f"{ratio}_avg{window.long} > {most}\nand {ratio}_avg{window.short} > {most}"
        f"\nand {ratio}_avg{window.short} offset {window.short}"
    )


def _labels(window: Window) -> dict[str, str]:
    return {"long": window.long, "short": window.short}


def _told(config: Config, window: Window) -> str:
    target = f"{round(100 * config.slo.target, 6):g}%"
    return (
        f"Over the last {window.long} {_SHARE} of the judged cameras did not work: more than {window.factor:g} times"
        f" what a target of {target} leaves room for, and no better in the last {window.short}."
    )


def _fleet(config: Config, window: Window) -> Alert:
    return Alert(
        "CameraFleetBudgetBurn",
        window.severity,
        _burns(config, "fleet", window),
        f"{_SHARE} of the fleet did not work over {window.long}",
        _told(config, window),
        "camfleet-sla",
        labels=_labels(window),
        page="/causes",
    )


def _zone(config: Config, window: Window) -> Alert:
    """A zone burns by itself: where the fleet burns over the same windows, that is told once."""
    fleet = " ".join(_burns(config, "fleet", window).split("\n"))
    return Alert(
        "CameraZoneBudgetBurn",
        window.severity,
        f"""\
{_burns(config, "zone", window)}
and zone:camera_fleet_cameras:sum >= {config.slo.least_cameras}
unless on () ({fleet})""",
        f"Zone {{{{ $labels.zone }}}}: {_SHARE} of its cameras did not work over {window.long}",
        _told(config, window),
        "camfleet-zone?" + variable("zone"),
        labels=_labels(window),
        page="/causes?zone={{ $labels.zone | urlquery }}",
    )
