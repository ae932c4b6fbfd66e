"""The recording rules: figures of zones and of the fleet, and the causes that alert.

Rules:
1. Each figure is taken of one monitor first, then over the monitors of a pair: a blind one of them must not double a
   count. The most that any counts is true; of what is unknown, the least.
2. Unseen is neither up nor down: shares are of the judged cameras, and there is none where nobody is judged.
"""

from __future__ import annotations

from dashboards import contracts
from dashboards.config import Config, seconds
from dashboards.rule import Group, Record

LEVELS = ("zone", "fleet")
FALSE_ALARMS = "fleet:camfleet_false_alarms:per_1000_cameras_and_day"
#: What a level's figures are summed over.
_SUMMED = {"zone": "state", "fleet": "state, zone"}


def counted(config: Config, level: str, states: str = "", pair: str = "max") -> str:
    """Return how many cameras of a level are in these states (a regular expression; "" for all)."""
    chosen = f'{{state=~"{states}"}}' if states else ""
    replicas = ", ".join(config.replicas)
    return f"{pair} without ({replicas}) (sum without ({_SUMMED[level]}) (camera_fleet_cameras{chosen}))"


def groups(config: Config) -> tuple[Group, ...]:
    """Return the groups of recording rules."""
    return (
        Group("camfleet.fleet", tuple(one.rule() for level in LEVELS for one in _figures(config, level))),
        Group("camfleet.causes", (_held(config).rule(),)),
        Group("camfleet.places", tuple(_middle(config, axis).rule() for axis in ("latitude", "longitude"))),
        Group("camfleet.orders", (_false_alarms(config).rule(),), "5m"),
        Group("camfleet.contracts", tuple(one.rule() for one in contracts.records(config))),
        Group("camfleet.burn", tuple(one.rule() for level in LEVELS for one in _averages(config, level))),
        Group("camfleet.budget", tuple(one.rule() for level in LEVELS for one in _budget(config, level)), "5m"),
    )


def _figures(config: Config, level: str) -> tuple[Record, ...]:
    name = f"{level}:camera_fleet"
    return (
        Record(f"{name}_cameras:sum", counted(config, level)),
        Record(f"{name}_not_working:sum", counted(config, level, "down|unreachable")),
        Record(f"{name}_unknown:sum", counted(config, level, "unknown", pair="min")),
        Record(
            f"{name}_not_working:ratio",
            f"{name}_not_working:sum\n  / ({name}_cameras:sum - {name}_unknown:sum > 0)",
        ),
    )


def _held(config: Config) -> Record:
    """The open causes that are to alert: old enough by the monitor's own clock, and not quiet of late.

    The age is a fact of the monitor, so no restart, of it or of Prometheus, makes anybody wait again; and it stands
    still with the snapshot: from old data nothing new alerts, and nothing that alerts is taken back.
    """
    of_one, causes = ", ".join((*config.replicas, "cause")), config.causes
    return Record(
        "scope:camera_cause_open:held",
        f"""\
max without ({of_one}) (
  camera_cause_open
  and on (instance, cause) (
    camfleet_snapshot_timestamp_seconds
      - on (instance) group_right () camera_cause_opened_timestamp_seconds
    >= {seconds(causes.hold)}
  )
)
unless max without ({of_one}) (
  camera_cause_open and on (instance, cause) last_over_time(camera_cause_quiet[{causes.quiet}])
)""",
    )


def _middle(config: Config, axis: str) -> Record:
    """Where a zone is: in the middle of its sites."""
    expr = f"avg without ({', '.join(config.replicas)}, site) (camera_site_{axis}_degrees)"
    return Record(f"zone:camera_site_{axis}_degrees:avg", expr)


def _false_alarms(config: Config) -> Record:
    """Work orders that somebody called a false alarm, of a week: what 1,000 cameras cost people in vain each day."""
    called = f"sum without ({', '.join(config.replicas)}) (increase(camfleet_false_alarms_total[7d]))"
    return Record(FALSE_ALARMS, f"1000 / 7 * {called}\n  / fleet:camera_fleet_cameras:sum")


def windows(config: Config) -> tuple[str, ...]:
    """Return the durations over which burning is averaged, from the shortest."""
    found = {duration for window in config.slo.windows for duration in (window.short, window.long)}
    return tuple(sorted(found, key=seconds))


def _averages(config: Config, level: str) -> tuple[Record, ...]:
    ratio = f"{level}:camera_fleet_not_working:ratio"
    return tuple(Record(f"{ratio}_avg{window}", f"avg_over_time({ratio}[{window}])") for window in windows(config))


def _budget(config: Config, level: str) -> tuple[Record, ...]:
    """How much of the budget is left: 1 all of it, 0 nothing, below that it is overspent."""
    ratio, period = f"{level}:camera_fleet_not_working:ratio", config.slo.period
    return (
        Record(f"{ratio}_avg{period}", f"avg_over_time({ratio}[{period}])"),
        Record(f"{level}:camera_fleet_budget:left", f"1 - {ratio}_avg{period} / {config.slo.budget:.6g}"),
    )
