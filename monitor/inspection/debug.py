"""One look as a bug report in Markdown: what was asked, what came back, and which line of it led to which outcome.

Whatever a device said stands in code, where it is text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from monitor.core.counting import counted
from monitor.core.verdict import REASONS, Outcome, Reason, Rung
from monitor.inspection.evidence import witness
from monitor.inspection.pseudonyms import Pseudonyms
from monitor.inspection.report import ANSWERS, Report
from monitor.inspection.words import clock_time, clock_times, line, measured

PROTOCOLS = {"onvif": "ONVIF", "rtsp": "RTSP", "snmp": "SNMP"}
#: How a device wants logins, as ``Memory.scheme`` has it.
SCHEMES = {
    "digest": "HTTP Digest",
    "token": "WS-UsernameToken",
    "open": "none: it answers everybody",
    "basic": "in the clear, which we do not do",
}
_RUNGS = {rung.label: rung for rung in Rung}


def markdown(report: Report) -> str:
    """Return the whole look for a bug report."""
    sections = (
        _head(report),
        _table(("", ""), _facts(report)),
        "## Why",
        _table(("rung", "outcome", "by", "the line that tells", "what we make of it"), _reasons(report)),
        "## What it says of itself",
        _table(("", ""), _figures(report)),
        *(_conversation(answer) for answer in report.answers),
    )
    return "\n\n".join(section for section in sections if section)


def _head(report: Report) -> str:
    title, *more = report.verdict()
    return "\n\n".join([f"# {_text(title)}", " ".join(_text(one.strip()) for one in more)]).strip()


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    subject, found = report.subject, report.measurements
    ports = ", ".join(f"{PROTOCOLS.get(probe, probe)} {port}" for probe, port in subject.get("ports", {}).items())
    told = [str(found[name]) for name in ("manufacturer", "model", "firmware") if found.get(name)]
    yield "camera", f"{_code(subject['camera'])}, channel {subject.get('channel', '?')} of {_code(subject['device'])}"
    yield "address", f"{_code(subject['address'])}, {ports}" if ports else _code(subject["address"])
    yield "make, model, firmware", ", ".join(map(_code, told)) or "it did not say"
    if subject.get("make"):
        yield "make in the inventory", _code(subject["make"])
    if report.answers:
        yield "asked", f"{datetime.fromtimestamp(report.answers[0]['at'], UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield "login", _login(report)
    if subject.get("snmp"):
        yield (
            "SNMP",
            ", ".join([_code(subject["snmp"]), *(f"objects of {_code(one)}" for one in _known(report, "oids"))]),
        )
    if subject.get("versions"):
        yield "with", ", ".join(f"{name} {version}" for name, version in subject["versions"].items())


def _login(report: Report) -> str:
    """Say which login was used and how it fared."""
    if not report.subject.get("credential"):
        return "none in the inventory"
    told = [f"set {_code(report.subject['credential'])}"]
    told += [SCHEMES.get(scheme, _code(scheme)) for scheme in _known(report, "scheme")]
    if report.refused_at:
        told.append(f"refused at {clock_times(report.refused_at, report.at)}")
    elif report.accepted_at is not None:
        told.append(f"last accepted at {clock_time(report.accepted_at, report.at)}")
    if report.next_login_at is not None:
        told.append(f"next one not before {clock_time(report.next_login_at, report.at)}")
    return ", ".join(told)


def _known(report: Report, name: str) -> list[str]:
    value = report.known.get(name)
    return [str(value)] if value else []


def _reasons(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield each finding with the message and the line by which it was judged."""
    for answer in report.answers:
        messages = answer["messages"]
        for finding in answer["findings"]:
            rung, by = _RUNGS[finding["rung"]], PROTOCOLS.get(answer["probe"], answer["probe"])
            number, told_by = witness(rung, finding, messages)
            if number:
                by += f", {'no answer to ' if _unanswered(finding, messages[number - 1]) else ''}message {number}"
            elif rung is Rung.REACHABLE:
                by += ", connecting"
            title = REASONS[Reason(finding["reason"])].title if finding["reason"] else ""
            told = ": ".join(part for part in (title, _code(finding["detail"]) if finding["detail"] else "") if part)
            yield rung.label, _outcome(finding["outcome"]), by, _code(told_by), told


def _unanswered(finding: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """Whether a finding was judged while our own message was the last; what we only note is in parentheses."""
    return bool(message["sent"]) and finding["outcome"] == Outcome.FAIL.label and not message["text"].startswith("(")


def _outcome(label: str) -> str:
    return next((ANSWERS[outcome] for outcome in Outcome if outcome.label == label), label)


def _figures(report: Report) -> Iterator[tuple[str, str]]:
    for name, value in report.measurements.items():
        title, told = measured(name, value)
        yield _text(title), _code(told)


def _conversation(answer: Mapping[str, Any]) -> str:
    protocol = PROTOCOLS.get(answer["probe"], answer["probe"])
    parts = [f"## {protocol}: {answer['duration_s']:.2f} s, {counted(answer['requests'], 'request')}"]
    for number, message in enumerate(answer["messages"], 1):
        who = "we said" if message["sent"] else "it said"
        parts.append(f"**{number}**, after {message['after_s']:.3f} s {who}\n\n{_block(message['text'])}")
    return "\n\n".join(parts)


# Markdown --------------------------------------------------------------------------------------------------------


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    rule = f"|{'|'.join('---' for _ in head)}|"
    return "\n".join([f"| {' | '.join(head)} |", rule, *lines]) if lines else ""


def _text(text: str) -> str:
    """Return a text in which nothing is markup (CommonMark §2.4)."""
    return re.sub(r"([\\`*_\[\]<>|#~!@&])", r"\\\1", line(text))


def _code(text: object) -> str:
    """Return a text as code within a line or a cell of a table, whatever is in it."""
    told = line(str(text)).replace("|", "\N{BROKEN BAR}").replace("`", "'")
    return f"`{told}`" if told else ""


def _block(text: str) -> str:
    """Return lines as a block of code, which nothing in them ends (CommonMark §4.5)."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


# For strangers ---------------------------------------------------------------------------------------------------


def pseudonyms(report: Report) -> Pseudonyms:
    """Return names for what is private in a look: what the inventory and the device call it, and where it is."""
    subject, found = report.subject, report.measurements
    known = [("camera", subject["camera"]), ("device", subject["device"]), ("name", subject["name"])]
    known += [("address" if re.search(r"[:\d]$", subject["address"]) else "host", subject["address"])]
    known += [("serial", str(found[name])) for name in ("serial", "serial_number") if found.get(name)]
    known += [("mac", str(found[name])) for name in ("mac", "hardware_address") if found.get(name)]
    firmware = [str(found[name]) for name in ("firmware", "model") if found.get(name)]
    return Pseudonyms([(kind, str(text)) for kind, text in known if text], kept=firmware)
