"""The alerts of cameras: one kind of cause, one row. What it means and who repairs it, the diagnosis says."""

from __future__ import annotations

from typing import NamedTuple

from dashboards.config import Config, Severity, seconds
from dashboards.rule import Alert, variable
from monitor.core.diagnosis.cause import NATURES, Kind
from monitor.core.diagnosis.naming import HEADLINES, OWN_LAYERS


class Row(NamedTuple):
    """An alert for causes of a kind: for all of them, or for what several devices share, or for one device's own."""

    name: str
    kind: Kind
    severity: Severity
    shared: bool | None = None


ROWS = (
    Row("CamfleetBlind", Kind.BLIND, "page"),
    Row("CameraPowerOut", Kind.POWER, "page"),
    Row("CameraUplinkDown", Kind.UPLINK, "page"),
    Row("CameraSiteDown", Kind.SITE, "page"),
    Row("CameraContractStopped", Kind.PROVIDER, "page"),
    Row("CameraFirmwareFailing", Kind.FIRMWARE, "page"),
    Row("CameraLoginRefusedByAll", Kind.CREDENTIALS, "page", shared=True),
    Row("CameraLoginRefused", Kind.CREDENTIALS, "ticket", shared=False),
    Row("CameraDeviceDead", Kind.DEAD, "ticket"),
    Row("CameraDeviceHung", Kind.HUNG, "ticket"),
    Row("CameraStreamMissing", Kind.STREAM, "ticket"),
    Row("CameraNoVideo", Kind.NO_VIDEO, "ticket"),
    Row("CameraIdentityChanged", Kind.IDENTITY, "ticket"),
    Row("CameraUnexplained", Kind.UNDETERMINED, "ticket"),
    Row("CameraFlapping", Kind.FLAPPING, "ticket"),
    Row("CameraStorageFailed", Kind.STORAGE, "ticket"),
    Row("CameraPartFailing", Kind.VITALS, "ticket"),
    Row("CameraClockWrong", Kind.CLOCK, "ticket"),
    Row("CameraServiceOff", Kind.SERVICE_OFF, "info"),
    Row("CameraBusy", Kind.BUSY, "info"),
)

HELD = "scope:camera_cause_open:held"
_OWN = "|".join(OWN_LAYERS)
_LAYERS = {None: "", True: f', layer!~"{_OWN}"', False: f', layer=~"{_OWN}"'}
#: The id of a cause is no label of its alert: two monitors of one fleet may have another one for the same fact.
_CAUSE = (
    '{{ with query (printf "camera_cause_open{kind=%q,layer=%q,scope=%q}" $labels.kind $labels.layer $labels.scope) }}'
    '/{{ . | first | label "cause" }}{{ end }}'
)
_CAMERAS = "{{ $value }} camera{{ if ne $value 1.0 }}s{{ end }}"


def alerts(config: Config) -> tuple[Alert, ...]:
    """Return the alerts of causes."""
    return (*(_alert(config, row) for row in ROWS), _ageing(config))


def _alert(config: Config, row: Row) -> Alert:
    return Alert(
        row.name,
        row.severity,
        f'{HELD}{{kind="{row.kind}"{_LAYERS[row.shared]}}}',
        f"{_headline(row)}: {_CAMERAS}",
        f"{NATURES[row.kind].meaning} Whose it is: {{{{ $labels.owner }}}}.",
        "camfleet-causes?" + "&".join(variable(name) for name in ("kind", "scope")),
        keep=config.causes.keep,
        page=f"/causes{_CAUSE}",
    )


def _headline(row: Row) -> str:
    """Return the headline that the monitor's pages have, with the alert's labels for what failed."""
    if row.shared and row.kind is Kind.CREDENTIALS:
        return "The login {{ $labels.scope }} is refused"
    told = HEADLINES[row.kind]
    layer = "{{ $labels.layer | title }}" if told.startswith("{}") else "{{ $labels.layer }}"
    return told.format(f"{layer} {{{{ $labels.scope }}}}")


def _ageing(config: Config) -> Alert:
    """What has been broken for so long that nobody sees it any more: one alert for each owner and kind."""
    replicas, days = ", ".join(config.replicas), config.causes.ageing
    return Alert(
        "CameraCausesForgotten",
        "ticket",
        f"""\
count without (layer, scope, site, zone, contract) (
  max without ({replicas}, cause) (
    camera_cause_open
    and on (instance, cause) (
      camfleet_snapshot_timestamp_seconds
        - on (instance) group_right () camera_cause_opened_timestamp_seconds
      > {seconds(days)}
    )
  )
)""",
        "{{ $value }} of kind {{ $labels.kind }} open for more than " + days,
        "{{ $labels.owner }} has {{ $value }} open of kind {{ $labels.kind }} for more than "
        + days
        + ", acknowledged or not.",
        "camfleet-causes?" + variable("kind"),
        keep=config.causes.keep,
        page="/causes?kind={{ $labels.kind | urlquery }}&sort=-since",
    )
