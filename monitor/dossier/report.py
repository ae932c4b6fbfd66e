"""What a device said, service by service, as one JSON object; built from the asking process's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Faults by which a device says that it has no such operation.
UNSUPPORTED = ("ActionNotSupported", "NotImplemented", "UnknownAction", "NoSuchService")
LOGINS = {
    "none": "not shown",
    "untried": "not asked for",
    "accepted": "accepted",
    "refused": "refused",
    "insecure": "not shown: the device asks for a password in the clear",
}


@dataclass(slots=True)
class Dossier:
    """All that was told of one device. ``take`` every event, then read it."""

    login: str = LOGINS["untried"]
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    unfinished: str | None = "not begun"

    def take(self, event: Mapping[str, Any]) -> None:
        match event["event"]:
            case "answer":
                self._answer(event)
            case "skipped":
                self._service(event)["not_asked"][event["operation"]] = event["why"]
            case "login":
                self.login = LOGINS.get(event["login"], event["login"])
            case "end":
                self.unfinished = event["error"]

    @property
    def answered(self) -> int:
        """How many questions the device answered."""
        return sum(len(service["answers"]) for service in self.services.values())

    def to_json(self) -> dict[str, Any]:
        return {"login": self.login, "unfinished": self.unfinished, "services": self.services}

    def _service(self, event: Mapping[str, Any]) -> dict[str, Any]:
        empty: dict[str, Any] = {"answers": [], "faults": [], "not_supported": [], "not_asked": {}}
        return self.services.setdefault(event["service"], empty)

    def _answer(self, event: Mapping[str, Any]) -> None:
        service = self._service(event)
        told = {name: event[name] for name in event if name not in ("event", "service") and event[name] != {}}
        if "answer" in event:
            service["answers"].append(told)
        elif any(word in event.get("fault", "") for word in UNSUPPORTED):
            if event["operation"] not in service["not_supported"]:
                service["not_supported"].append(event["operation"])
        else:
            service["faults"].append(told)
