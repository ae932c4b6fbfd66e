"""The alerts of contracts: a period that is about to be missed, one that is, and figures or packs that are not made.

What may be lost in a whole period is (1 - target) of it. The figures are those of the contract's report so far.
"""

from __future__ import annotations

from dashboards.config import Config, seconds
from dashboards.rule import Alert, Record

BOARD = "camfleet-sla"
#: Figures of the whole time; the others are of its cameras, and what is lost of those can come back.
OF_TIME = 'figure=~"camera_hours|mean"'
OF_CAMERAS = 'figure=~"share_at_target|working_at_end"'
USED = "contract:camera_sla_budget:used"
PASSED = "contract:camera_sla_period:passed"
_SHARE = "{{ $value | humanizePercentage }}"
_NAME = "{{ $labels.contract }}"


def records(config: Config) -> tuple[Record, ...]:
    """Return what the alerts are made of: how much of a period has passed, and of what may be lost is lost."""
    start, end, until = (
        _one(config, f"camera_sla_{name}_timestamp_seconds") for name in ("period_start", "period_end", "stated")
    )
    lost = f"(1 - {reached(config, OF_TIME)}) * on (contract) group_left () {PASSED}"
    return (
        Record(PASSED, f"({until} - {start})\n  / ({end} - {start})"),
        Record(USED, f"{lost}\n  / (1 - {target(config, OF_TIME)})"),
    )


def alerts(config: Config) -> tuple[Alert, ...]:
    """Return the alerts of contracts."""
    return (_missed(config), _at_risk(config), _stale(config), _pack(config))


def reached(config: Config, chosen: str = "") -> str:
    """Return the figure that a contract holds against its target; of a pair of monitors the lower one."""
    return _one(config, "camera_sla_reached_ratio", chosen, "min")


def target(config: Config, chosen: str = "") -> str:
    """Return what the contract promises of it."""
    return _one(config, "camera_sla_target_ratio", chosen)


def _one(config: Config, metric: str, chosen: str = "", pair: str = "max") -> str:
    return f"{pair} without ({', '.join(config.replicas)}) ({metric}{f'{{{chosen}}}' if chosen else ''})"


def _missed(config: Config) -> Alert:
    """More is lost than the whole period may lose: what comes cannot mend it."""
    return Alert(
        "CameraContractMissed",
        "ticket",
        f"{USED} >= 1 and {reached(config)} < {target(config)}",
        f"Contract {_NAME}: this period's target is out of reach",
        f"{_SHARE} of what the contract lets the whole period lose is lost. Even if every camera worked from now on,"
        " the target would be missed.",
        BOARD,
        keep="30m",
        page="/oversight",
    )


def _at_risk(config: Config) -> Alert:
    """Much of what may be lost is, and more than by its time; young periods say little and alert nobody."""
    used, below = f"{config.contracts.used:g}", f"{reached(config)} < {target(config)}"
    of_cameras = f"{reached(config, OF_CAMERAS)} < {target(config, OF_CAMERAS)}"
    return Alert(
        "CameraContractAtRisk",
        "ticket",
        f"""\
{below} and {USED} > {used} < 1
or {of_cameras} and on (contract) {PASSED} > {used}""",
        f"Contract {_NAME} is at risk: {_SHARE} so far, less than it promises",
        "If the rest of the period is as what passed of it, the target is missed. The dashboard shows how much may"
        " still be lost; the largest causes are where to begin.",
        BOARD,
        hold="15m",
        keep="30m",
        page="/oversight",
    )


def _stale(config: Config) -> Alert:
    return Alert(
        "CamfleetContractsNotComputed",
        "ticket",
        f"""\
camfleet_sla_failing == 1
or time() - camfleet_sla_computed_timestamp_seconds > {seconds(config.contracts.age)}""",
        "{{ $labels.instance }}: the figures of contracts are not computed",
        "They are computed each hour, from the ledger, by a process beside the monitor. No period that is at risk is"
        " told meanwhile.",
        BOARD,
        hold=config.contracts.delay,
    )


def _pack(config: Config) -> Alert:
    return Alert(
        "CamfleetPackMissing",
        "ticket",
        "camfleet_pack_failing == 1",
        "{{ $labels.instance }}: an evidence pack is missing in {{ $labels.depot }}",
        "A period is over, and its pack could not be made. It is tried again after growing waits; the log says why.",
        BOARD,
        hold=config.contracts.delay,
    )
