"""What one look at a camera found, for a person and for a program; built from the look's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.core.limits import SECOND_LOGIN_S, Doubt
from monitor.core.state import State, View
from monitor.core.times import Clock
from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung
from monitor.inspection.errors import LookError
from monitor.inspection.judgement import every, judge, rungs
from monitor.inspection.words import clock_time, clock_times, detail, line, measured, orderly

VERDICTS = {
    State.UP: "works",
    State.DEGRADED: "works, but: {why}",
    State.UNREACHABLE: "does not work: {why}",
    State.DOWN: "does not work: {why}",
    State.UNKNOWN: "could not be judged: {why}",
}
#: What a person reads of a rung's outcome.
ANSWERS = {Outcome.OK: "ok", Outcome.FAIL: "FAILS", Outcome.UNSEEN: "not seen", Outcome.NA: "-"}
#: What a login means that was refused just after it worked.
UNCONFIRMED = "It had worked just before: its password was changed, or the device is full. The next one decides."
_RUNGS = {rung.label: rung for rung in Rung}
_OUTCOMES = {outcome.label: outcome for outcome in Outcome}


@dataclass(slots=True)
class Report:
    """What one look found. ``take`` every event of the look, then read it."""

    subject: Mapping[str, Any] = field(default_factory=dict)
    answers: list[Mapping[str, Any]] = field(default_factory=list)
    refused_at: list[float] = field(default_factory=list)
    """When logins were refused lately, since the last one that worked."""
    next_login_at: float | None = None
    unfinished: bool = True
    accepted_at: float | None = None
    """When our login was last accepted."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """What is known of the device by now: how it wants logins, where its services and streams are."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in one event of the look. Raises LookError where it could not be held to the end."""
        match event["event"]:
            case "camera":
                self.subject = event
            case "answer":
                self.answers.append(event)
            case "end":
                self.refused_at = list(event["refused_at"])
                self.next_login_at = event["next_login_at"]
                self.accepted_at = event.get("accepted_at")
                self.known = event.get("known", {})
                self.unfinished = False
            case "error":
                raise LookError(f"The camera was not asked to the end: {event['error']}.")

    @property
    def rungs(self) -> dict[Rung, Finding]:
        return rungs([_finding(told) for answer in self.answers for told in answer["findings"]])

    @property
    def every_rung(self) -> dict[Rung, Finding]:
        """What is shown: also of the rungs that this look did not see."""
        return every(self.rungs, self.subject["probes"])

    @property
    def view(self) -> View:
        return judge(self.rungs, self.subject["probes"], bool(self.refused_at) and not self.unconfirmed)

    @property
    def unconfirmed(self) -> bool:
        """Whether the login was refused that had worked just before, so that one more has to decide."""
        if not self.refused_at or self.next_login_at is None:
            return False
        found = self.rungs.get(Rung.CREDENTIALS)
        if found is not None and found.reason is Reason.BUSY:
            return True
        if len(self.refused_at) > 1 or self.accepted_at is None or (found and found.outcome is not Outcome.UNSEEN):
            return False
        return self.refused_at[0] - self.accepted_at <= SECOND_LOGIN_S

    @property
    def working(self) -> bool | None:
        """True, False, or None where this look could not tell."""
        return self.view.state.working

    def to_json(self, debug: bool) -> dict[str, Any]:
        view = self.view
        report: dict[str, Any] = {
            "camera": self.subject["camera"],
            "device": self.subject["device"],
            "address": self.subject["address"],
            "working": self.working,
            "state": view.state.value,
            "reason": view.reason.value if view.reason else None,
            "action": REASONS[view.reason].action if view.reason else None,
            "login": {"refused_at": self.refused_at, "next_at": self.next_login_at},
            "rungs": {
                rung.label: {
                    "outcome": finding.outcome.label,
                    "reason": finding.reason.value if finding.reason else None,
                    "detail": finding.detail,
                }
                for rung, finding in self.every_rung.items()
            },
            "measurements": self.measurements,
        }
        if debug:
            report["versions"] = self.subject.get("versions", {})
            report["known"] = self.known
            report["conversations"] = {answer["probe"]: answer["messages"] for answer in self.answers}
        return report

    def text(self) -> str:
        lines = [*self.verdict(), ""]
        for rung, finding in self.every_rung.items():
            lines.append(f"  {rung.label:<12}{ANSWERS[finding.outcome]:<10}{_said(finding)}".rstrip())
        figures = [measured(name, value) for name, value in self.measurements.items()]
        width = max((len(name) + 1 for name, _ in figures), default=0)
        lines += ["", *(f"  {name:<{max(width, 18)}}{value}" for name, value in figures)] if figures else []
        return "\n".join(lines)

    def verdict(self) -> Iterable[str]:
        """Yield the camera's state as judged by this look, what it means, and what to do."""
        view = self.view
        subject = self.subject
        name = f" ({line(subject['name'])})" if subject["name"] != subject["camera"] else ""
        why = self._why(view)
        yield f"{subject['camera']}{name} at {subject['address']} {VERDICTS[view.state].format(why=why)}"
        if view.reason is not None and not self._is_doubt(view):
            yield f"  {REASONS[view.reason].meaning}"
            yield f"  What to do: {REASONS[view.reason].action}"
        if self.unconfirmed and self.next_login_at is not None:
            doubt = Doubt(self.refused_at[-1], self.next_login_at).told(Clock(self.at))
            yield f"  {doubt[0].upper()}{doubt[1:]} (UTC). {UNCONFIRMED}"
        elif self.refused_at:
            yield f"  {self._lock()}"

    @property
    def at(self) -> float:
        """When it was looked last; 0 where nothing was asked."""
        return float(self.answers[-1]["at"]) if self.answers else 0.0

    def _is_doubt(self, view: View) -> bool:
        """Whether what is told is that the login may be right, and waits for one more."""
        return self.unconfirmed and view.reason in (Reason.BUSY, Reason.CREDENTIALS, Reason.LOCKED)

    def _why(self, view: View) -> str:
        if self._is_doubt(view):
            return "login refused, not confirmed"
        if view.reason is None:
            return "nothing was found that tells"
        return REASONS[view.reason].title

    def _lock(self) -> str:
        """Say when logins were refused and when the next may be tried."""
        told = f"Login refused at {clock_times(self.refused_at, self.at)}"
        if self.next_login_at is None:
            return f"{told}."
        again = f"camfleet probe {self.subject['camera']} --clear-lock"
        return (
            f"{told}; not tried again before {clock_time(self.next_login_at, self.at)} without new evidence,"
            f" so that the account is not locked. Once it is set right: {again}"
        )

    @property
    def measurements(self) -> dict[str, float | str]:
        return orderly({name: value for answer in self.answers for name, value in answer["measurements"].items()})


def _finding(told: Mapping[str, Any]) -> Finding:
    reason = Reason(told["reason"]) if told["reason"] else None
    return Finding(_RUNGS[told["rung"]], _OUTCOMES[told["outcome"]], reason, line(told["detail"]))


def _said(finding: Finding) -> str:
    title = REASONS[finding.reason].title if finding.reason else ""
    return ": ".join(part for part in (title, detail(finding.detail)) if part)
