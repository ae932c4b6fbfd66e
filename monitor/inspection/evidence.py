"""Which line of a conversation led to a rung's outcome, for a reader who wants to check it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.core.verdict import Rung

#: What is noted behind a look at the video.
PACKETS = r"\(\d+ video packets.*\)"
_PACKETS = re.compile(PACKETS)
#: What the line looks like that tells, in the order in which it is looked for; where none is found, the first line.
WITNESSES: Mapping[Rung, Sequence[str]] = {
    Rung.REACHABLE: (),
    Rung.CONTROL: (r"<[^<>]*:?Text\b[^>]*>[^<]*(?:</[^<>]*>)?",),
    Rung.CREDENTIALS: (
        r"<[^<>]*:?Text\b[^>]*>[^<]*(?:</[^<>]*>)?",
        r"\S*NotAuthorized\S*",
        r"(?i)^www-authenticate:.*",
    ),
    Rung.STREAM: (r"^m=video.*",),
    Rung.MEDIA: (PACKETS,),
    Rung.CLOCK: (r"(?s)<(?:[\w.-]+:)?UTCDateTime\b.{0,400}?</(?:[\w.-]+:)?UTCDateTime>",),
    Rung.IDENTITY: (
        r"<(?:[\w.-]+:)?SerialNumber\b[^>]*>[^<]*(?:</[^<>]*>)?",
        r"<(?:[\w.-]+:)?HwAddress\b[^>]*>[^<]*(?:</[^<>]*>)?",
    ),
}
MOST_CHARACTERS = 240
#: An object of an SNMP reply, as a conversation tells it.
_OBJECT = re.compile(r"[\d.]+ = ")


def message_of(finding: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> int:
    """Return the number of the message by which a finding was judged, from 1; 0 where no message was needed."""
    number = finding.get("message", 0)
    return number if isinstance(number, int) and 0 <= number <= len(messages) else 0


def witness(rung: Rung, finding: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """Return the number of the message that tells about a finding, and its line; 0 and nothing where none does."""
    number = message_of(finding, messages)
    if not number:
        return 0, ""
    if rung is Rung.MEDIA:  # how many packets came is noted behind the last message
        counted = [one for one in range(number, len(messages) + 1) if _PACKETS.search(messages[one - 1]["text"])]
        number = counted[0] if counted else number
    return number, line_of(rung, messages[number - 1], finding["detail"])


def line_of(rung: Rung, message: Mapping[str, Any], detail: str = "") -> str:
    """Return the line of a message that tells about a rung; of many values, one that ``detail`` speaks of."""
    text = message["text"]
    values = [line for line in text.splitlines() if _OBJECT.match(line)]
    if values:
        return _short(next((line for line in values if _speaks_of(detail, line)), values[0]))
    for pattern in WITNESSES.get(rung, ()):
        found = re.search(pattern, text, re.MULTILINE)
        if found is not None:
            return _short(found[0])
    return _short(next((line for line in text.splitlines() if line.strip()), ""))


def _speaks_of(detail: str, line: str) -> bool:
    """Whether an SNMP object's value is one that a detail repeats; without a detail, whether there is a value."""
    value = line.partition(" = ")[2].strip("b'\"")
    return value not in ("", "None") and (not detail or value.lower() in detail.lower())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"
