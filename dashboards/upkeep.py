"""The alerts of the monitor itself: whether it looks, keeps up, records, and can prove what it recorded."""

from __future__ import annotations

from dashboards.config import Config, seconds
from dashboards.rule import Alert, variable

MONITOR = "camfleet-monitor"
_INSTANCE = "{{ $labels.instance }}"
_AGE = "{{ $value | humanizeDuration }}"
_SHARE = "{{ $value | humanizePercentage }}"


def alerts(config: Config) -> tuple[Alert, ...]:
    """Return the alerts of the monitor, the gravest first."""
    return (
        _watchdog(),
        _down(config),
        _replica_down(config),
        _stale(config),
        _not_recording(config),
        _lost(),
        _lag(config),
        _aborted(config),
        _unknown(config),
        _mute(config),
        _undelivered(config),
        _unsigned(config),
        _certificates(config),
        _inventory(),
        _login_held(),
        _overflow(config),
    )


def _watchdog() -> Alert:
    """Fires always: whoever hears it no more knows that nobody would be told of anything."""
    return Alert(
        "Watchdog",
        "info",
        "vector(1)",
        "Alerting works",
        "This alert fires always. When it stops arriving, Prometheus, Alertmanager or the way from them is broken.",
        MONITOR,
    )


def _down(config: Config) -> Alert:
    """Nothing at all: for a minute, since a Prometheus that was away for longer has not scraped anybody yet."""
    return Alert(
        "CamfleetDown",
        "page",
        f"absent_over_time(camfleet_snapshot_timestamp_seconds[{config.monitor.down}])",
        "No monitor answers: nobody watches the cameras",
        f"Prometheus has had no metrics of any monitor for more than {config.monitor.down}. Until one answers, no fault"
        " of a camera is seen or recorded.",
        MONITOR,
        hold="1m",
    )


def _replica_down(config: Config) -> Alert:
    job = f'up{{job="{config.job}"}}'
    return Alert(
        "CamfleetReplicaDown",
        "ticket",
        f"{job} == 0 and on (job) sum by (job) ({job}) > 0",
        f"{_INSTANCE} does not answer; another monitor does",
        "The fleet is watched, but by one monitor less than planned.",
        MONITOR,
        hold="5m",
    )


def _stale(config: Config) -> Alert:
    """By the moment of the scrape, not of now: the time between two scrapes makes nothing older."""
    return Alert(
        "CamfleetStale",
        "page",
        f"timestamp(camfleet_snapshot_timestamp_seconds) - camfleet_snapshot_timestamp_seconds"
        f" > {seconds(config.monitor.stale)}",
        f"{_INSTANCE} stands still: its figures are {_AGE} old",
        "The monitor answers, but judges nothing any more. What the pages and dashboards show is of that time, and no"
        " new fault alerts.",
        MONITOR,
        hold="2m",
    )


def _not_recording(config: Config) -> Alert:
    """The ledger says so, or an event waits: what was the newest some minutes ago is not in it yet."""
    return Alert(
        "CamfleetLedgerNotRecording",
        "page",
        f"""\
max by (instance) (
  camfleet_ledger_failing == 1
  or camfleet_event_sequence offset {config.monitor.unrecorded} > camfleet_ledger_recorded_sequence
)""",
        f"{_INSTANCE} sees outages and cannot record them",
        "Events wait in memory. When it is full, or the monitor ends, they are lost, and the ledger has a gap.",
        MONITOR,
        hold="2m",
    )


def _lost() -> Alert:
    return Alert(
        "CamfleetLedgerLostEvents",
        "ticket",
        "increase(camfleet_ledger_lost_events_total[1h]) > 0",
        f"{_INSTANCE} lost {{{{ $value | humanize }}}} events: the ledger has a gap",
        "The ledger could not be written for so long that events overflowed. The gap is in the ledger, as time that"
        " nobody observed.",
        MONITOR,
    )


def _lag(config: Config) -> Alert:
    return Alert(
        "CamfleetProbeLag",
        "ticket",
        f"camfleet_schedule_lag_seconds > {seconds(config.monitor.lag)}",
        f"{_INSTANCE} does not keep up: checks begin {_AGE} late",
        "Faults are found later than promised, and cameras may turn unknown. The machine is too slow for the fleet, or"
        " too many cameras answer slowly.",
        MONITOR,
        hold="10m",
    )


def _aborted(config: Config) -> Alert:
    return Alert(
        "CamfleetProbesAborted",
        "ticket",
        f"""\
rate(camfleet_probes_aborted_total[15m])
  / (rate(camfleet_probes_total[15m]) > 0)
> {config.monitor.aborted:g}""",
        f"{_INSTANCE} could not carry out {_SHARE} of its {{{{ $labels.probe }}}} probes",
        "The fault is the monitor's own (no descriptor left, a bug, its line); it counts against no camera, but they"
        " are not seen.",
        MONITOR,
        hold="15m",
    )


def _unknown(config: Config) -> Alert:
    return Alert(
        "CameraZoneUnknown",
        "ticket",
        f"""\
zone:camera_fleet_unknown:sum / (zone:camera_fleet_cameras:sum > 0)
> {config.monitor.unknown:g}""",
        f"Zone {{{{ $labels.zone }}}}: nobody knows of {_SHARE} of its cameras",
        "They are neither up nor down: not seen, full for us, or the monitor is blind. No fault of theirs alerts"
        " meanwhile.",
        "camfleet-zone?" + variable("zone"),
        hold="30m",
        page="/cameras?state=unknown&zone={{ $labels.zone | urlquery }}",
    )


def _mute(config: Config) -> Alert:
    return Alert(
        "CamfleetCannotTell",
        "page",
        "camfleet_order_channel_failing == 1",
        f"{_INSTANCE}: {{{{ $labels.channel }}}} does not take what it is told of work orders",
        f"For {config.monitor.mute} this channel has refused what it is told. Who is called over it hears nothing.",
        MONITOR,
        hold=config.monitor.mute,
    )


def _undelivered(config: Config) -> Alert:
    return Alert(
        "CamfleetCheckpointNotDelivered",
        "ticket",
        "camfleet_checkpoint_failing == 1",
        f"{_INSTANCE}: the newest checkpoint is not at {{{{ $labels.holder }}}}",
        f"For {config.monitor.checkpoint_delivery} this holder has not had the newest checkpoint of the ledger, or it"
        " could not be signed. Who changed the ledger now would not be found out by what they hold.",
        MONITOR,
        hold=config.monitor.checkpoint_delivery,
    )


def _unsigned(config: Config) -> Alert:
    return Alert(
        "CamfleetCheckpointOld",
        "ticket",
        f"time() - camfleet_checkpoint_timestamp_seconds > {seconds(config.monitor.checkpoint_age)}",
        f"{_INSTANCE}: the newest checkpoint was signed {_AGE} ago",
        "One is signed each hour. What was recorded since then nobody can prove unchanged.",
        MONITOR,
        hold="10m",
    )


def _certificates(config: Config) -> Alert:
    replicas = ", ".join(config.replicas)
    return Alert(
        "CameraCertificateExpiring",
        "ticket",
        f"""\
count without (camera, site) (
  min without ({replicas}) (camera_certificate_expiry_timestamp_seconds) - time()
  < {seconds(config.monitor.certificate)}
)""",
        f"Zone {{{{ $labels.zone }}}}: certificates that end within {config.monitor.certificate}: {{{{ $value }}}}",
        "When one ends, the camera's https or rtsps is refused, and the camera counts as down.",
        "camfleet-zone?" + variable("zone"),
        hold="1h",
        page="/cameras?zone={{ $labels.zone | urlquery }}",
    )


def _inventory() -> Alert:
    return Alert(
        "CamfleetInventoryRefused",
        "ticket",
        "camfleet_inventory_last_reload_successful == 0",
        f"{_INSTANCE}: inventory, calendar, contracts or orders on disk are wrong",
        "The fleet of before is still watched; cameras that were added since are not. The log names every mistake.",
        MONITOR,
        hold="10m",
    )


def _login_held() -> Alert:
    return Alert(
        "CamfleetLoginHeld",
        "ticket",
        'camfleet_credential_rotations{state="held"} > 0',
        f"{_INSTANCE}: {{{{ $value }}}} changed logins were refused",
        "A new password was tried at one device, which refused it. It is shown to no other device; the old one stays in"
        " force.",
        MONITOR,
        hold="10m",
    )


def _overflow(config: Config) -> Alert:
    return Alert(
        "CameraCausesOverflow",
        "ticket",
        """\
sum without (kind) (camera_causes)
  > count without (cause, kind, layer, scope, site, owner) (camera_cause_open)""",
        f"{_INSTANCE}: {{{{ $value }}}} causes are open, more than alerts are told of",
        "The shared and the oldest ones alert; the others stand on the monitor's pages only.",
        "camfleet-causes",
        hold=config.causes.hold,
        page="/causes",
    )
