"""What may be set: thresholds, windows and addresses, read from one file and checked at once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

FILE = Path(__file__).with_name("config.yaml")

Severity = Literal["page", "ticket", "info"]
_DAYS = "sunday|monday|tuesday|wednesday|thursday|friday|saturday"
_CLOCK = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class ConfigError(Exception):
    """A configuration that cannot be built from; each line names a place and what is wrong there."""


def seconds(duration: str) -> int:
    """Return the seconds of a duration as Prometheus writes it, of one unit: 90s, 5m, 6h, 30d."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration; write one like 90s, 5m, 6h or 30d")
    return int(found[1]) * _SECONDS[found[2]]


def _duration(text: str) -> str:
    seconds(text)
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"'{}]+", text):
        raise ValueError(f"{text!r} is no address; it begins with http:// or https://")
    return text.rstrip("/")


Duration = Annotated[str, AfterValidator(_duration)]
Address = Annotated[str, AfterValidator(_address)]
LabelName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
MailAddress = Annotated[str, Field(pattern=r"^[^@\s,]+@[^@\s,]+$")]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Links(_Part):
    """Where people are sent."""

    camfleet: Address
    grafana: Address
    runbook: Address


class Causes(_Part):
    """When an open cause alerts."""

    hold: Duration
    quiet: Duration
    keep: Duration
    ageing: Duration


class Window(_Part):
    """A pair of windows over which a budget may burn ``factor`` times as fast as it lasts for its period."""

    long: Duration
    short: Duration
    factor: float = Field(gt=0)
    severity: Severity

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if seconds(self.short) >= seconds(self.long):
            raise ValueError(f"the short window, {self.short}, is not shorter than the long one, {self.long}")
        return self


class Slo(_Part):
    """The share of the judged cameras that is to work, and how its budget may burn."""

    target: Share
    period: Duration
    least_cameras: int = Field(ge=1)
    windows: tuple[Window, ...]

    @property
    def budget(self) -> float:
        """The share of camera time that may be lost."""
        return 1 - self.target

    @model_validator(mode="after")
    def _can_fire(self) -> Slo:
        """Refuse a window that could never fire: no more than all cameras can fail."""
        if not self.windows:
            raise ValueError("windows: there is none, so that nothing would ever burn")
        for number, window in enumerate(self.windows):
            share = window.factor * self.budget
            if share >= 1 - 1e-9:
                raise ValueError(
                    f"windows[{number}]: factor {window.factor:g} can never fire: it asks for more than {share:.0%} of"
                    f" the cameras to fail; with a target of {self.target:g} it must be below {1 / self.budget:.4g}"
                )
        return self


class Contracts(_Part):
    """When the figures of contracts alert: of what may be lost, or of a period's time, from which share on."""

    used: Share
    delay: Duration
    age: Duration


class Monitor(_Part):
    """When the monitor itself is not well."""

    down: Duration
    stale: Duration
    lag: Duration
    unrecorded: Duration
    mute: Duration
    checkpoint_delivery: Duration
    checkpoint_age: Duration
    aborted: Share
    unknown: Share
    certificate: Duration


class Mail(_Part):
    """How mail is sent, and who reads what is about the monitor itself."""

    smarthost: Annotated[str, Field(pattern=r"^[^\s:]+:[0-9]{1,5}$")]
    sender: MailAddress
    noc: MailAddress
    tls: bool


class Also(_Part):
    """Who is written to besides: by contract, zone or owner of what an alert is about, or several of them."""

    contract: str | None = None
    zone: str | None = None
    owner: str | None = None
    severity: Severity | None = None
    to: MailAddress

    @model_validator(mode="after")
    def _says_what(self) -> Also:
        if self.contract is None and self.zone is None and self.owner is None:
            raise ValueError("says of what: write contract:, zone: or owner:")
        return self


class Hours(_Part):
    """When tickets are told: local times, ``end`` excluded."""

    time_zone: str
    days: tuple[Annotated[str, Field(pattern=rf"^(?:{_DAYS})(?::(?:{_DAYS}))?$")], ...] = Field(min_length=1)
    start: Annotated[str, Field(pattern=_CLOCK)]
    end: Annotated[str, Field(pattern=_CLOCK)]
    holidays: tuple[date, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; write one like Asia/Karachi")
        return name

    @model_validator(mode="after")
    def _ordered(self) -> Hours:
        for days in self.days:
            first, _, last = days.partition(":")
            if last and _DAYS.index(last) < _DAYS.index(first):
                raise ValueError(f"{days}: to Alertmanager a week begins with sunday; write two ranges")
        if self.end <= self.start:
            raise ValueError(f"end, {self.end}, is not later than start, {self.start}")
        return self


class Mute(_Part):
    """What is not told while an interval holds."""

    interval: str
    zone: str | None = None
    contract: str | None = None


class Planned(_Part):
    """What ``camfleet calendar intervals`` prints; ``amtool`` says whether Alertmanager understands the intervals."""

    time_intervals: tuple[dict[str, Any], ...] = ()
    mutes: tuple[Mute, ...] = ()


class Paging(_Part):
    """Who is told of an alert, and when."""

    orders: Address
    credentials: Annotated[str, Field(pattern=r"^/\S+$")]
    wait: Duration
    interval: Duration
    repeat: Duration
    remind: Duration
    heartbeat: Address | None = None
    mail: Mail
    also: tuple[Also, ...]
    working_hours: Hours
    planned: Planned = Planned()


class Config(_Part):
    """The whole file."""

    links: Links
    job: Annotated[str, Field(pattern=r"^[^\s\"\\]+$")]
    replicas: tuple[LabelName, ...] = Field(min_length=1)
    causes: Causes
    slo: Slo
    contracts: Contracts
    monitor: Monitor
    paging: Paging
    severities: dict[str, Severity]

    @field_validator("replicas")
    @classmethod
    def _instance(cls, replicas: tuple[str, ...]) -> tuple[str, ...]:
        if "instance" not in replicas:
            raise ValueError("instance is missing: Prometheus gives each monitor its own")
        return replicas


def load(file: Path = FILE) -> Config:
    """Read the configuration. Raises ConfigError, with a line for each mistake."""
    try:
        return Config.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ConfigError(f"{file.name}: {error}") from None
    except ValidationError as invalid:
        lines = [f"{file.name}: {_place(one['loc'])}{_words(one['msg'])}" for one in invalid.errors()]
        raise ConfigError("\n".join(lines)) from None


def _place(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{text.removeprefix('.')}: " if text else ""


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
