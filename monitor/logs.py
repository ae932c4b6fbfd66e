"""Logging: one structured line a record on standard error; rotation is the system's business."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from monitor.probes.transcript import redact

LEVELS = ("debug", "info", "warning", "error")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """``time level logger message key=value …``; whatever a device said cannot begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields = {key: value for key, value in vars(record).items() if key not in _OWN}
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        parts = [at, record.levelname.lower(), record.name, json.dumps(redact(text), ensure_ascii=False)]
        parts += [f"{key}={json.dumps(redact(str(value)), ensure_ascii=False)}" for key, value in fields.items()]
        return " ".join(parts)


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": record.created,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        line |= {key: redact(str(value)) for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = redact(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, as_json: bool) -> None:
    """Send the logs to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if as_json else Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def arguments() -> tuple[str, str]:
    """Return how this process logs, for a process of its own (``configure``)."""
    root = logging.getLogger()
    as_json = any(isinstance(handler.formatter, Json) for handler in root.handlers)
    return logging.getLevelName(root.getEffectiveLevel()).lower(), "json" if as_json else "lines"
