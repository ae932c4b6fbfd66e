"""Every read of every service of one device, put by onvif-zeep-async; what is answered is told at once.

A login is shown only if the order holds one. It is the device's own refusal that says how it wants it. Refused once
before it was ever accepted, it is not shown again; refused after that, a question that was answered before tells
whether the login is still good, and if it is, only that one question was not for this account.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import onvif
from onvif.client import ONVIFService
from onvif.definition import SERVICES
from zeep import helpers
from zeep.exceptions import Error as ZeepError

from monitor.dossier.line import Line, LoginNeeded, Target
from monitor.dossier.questions import Operation, Question, Skipped, in_order, questions, tokens
from monitor.dossier.undescribed import UNDESCRIBED, Undescribed, namespace_allowed
from monitor.dossier.values import plain, xml
from monitor.probes.errors import Judged, PeerClosed
from monitor.wire import soap
from monitor.wire.errors import WireError

Tell = Callable[[dict[str, Any]], None]
Service: TypeAlias = "ONVIFService | Undescribed"
#: A device may name more services than there are.
MOST_SERVICES = 64
DESCRIPTIONS = Path(onvif.__file__).parent / "wsdl"
#: A service whose address a device does not tell is not asked, but for this one (ONVIF Core §5.1.1).
DEVICE = "devicemgmt"
#: Everybody may ask these (ONVIF Core §5.9.4.2), so no login is spent on them.
OPEN = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities", "GetWsdlUrl"})
#: A device that keeps silent so often, one question after the other, is not asked on.
MOST_SILENCES = 2
#: What is asked again to see whether a login is still good.
PROOF = "GetDeviceInformation"


class Asking:
    """The questions to one device, one after the other."""

    def __init__(self, line: Line, target: Target, tell: Tell) -> None:
        self._line = line
        self._target = target
        self._tell = tell
        self._scheme = ""
        self._login = "untried" if target.username else "none"
        self._offset = timedelta()
        self._known: dict[str, list[str]] = {}
        self._device: ONVIFService | None = None
        self._silences = 0

    async def everything(self) -> None:
        """Ask all that can be asked; the last line is told where the device itself did not end it."""
        self._tell({"event": "login", "login": self._login})
        try:
            self._device = await self._open(DEVICE, soap.DEVICE_PATH)
            await self._clock(self._device)
            places = await self._places(self._device)
            for name in SERVICES:
                if name in places:
                    await self._service(name, places.pop(name))
            for namespace, address in places.items():
                await self._undescribed(namespace, address)
        except (OSError, Judged) as error:
            self._tell({"event": "end", "error": str(error) or type(error).__name__})
        else:
            self._tell({"event": "end", "error": None})

    async def _open(self, name: str, address: str) -> ONVIFService:
        """Return a service as its description has it, its questions put over our line."""
        row = SERVICES[name]
        service = ONVIFService(
            address,
            self._target.username,
            self._target.password,
            str(DESCRIPTIONS / row["wsdl"]),
            no_cache=True,
            dt_diff=self._offset,
            binding_name=f"{{{row['ns']}}}{row['binding']}",
            binding_key=name,
        )
        service.transport = self._line
        await service.setup()
        await service.close()  # its own connections, which nothing goes over
        return service

    async def _clock(self, device: ONVIFService) -> None:
        """Read the device's clock, by which a token is dated."""
        answer = await self._put(DEVICE, device, Question("GetSystemDateAndTime", {}))
        moment = _moment(answer)
        if moment is not None:
            self._offset = moment - datetime.now(UTC)
            self._device = await self._open(DEVICE, soap.DEVICE_PATH)

    async def _places(self, device: ONVIFService) -> dict[str, str]:
        """Return the services that the device names with their addresses: by our name where they are described."""
        answer = await self._put(DEVICE, device, Question("GetServices", {"IncludeCapability": True}))
        if not isinstance(answer, list):
            answer = _of_capabilities(await self._put(DEVICE, device, Question("GetCapabilities", {})))
        named = {
            str(entry["Namespace"]): str(entry.get("XAddr") or soap.DEVICE_PATH)
            for entry in answer[:MOST_SERVICES]
            if isinstance(entry, Mapping) and namespace_allowed(str(entry.get("Namespace") or ""))
        }
        named[SERVICES[DEVICE]["ns"]] = soap.DEVICE_PATH
        places = {name: named[row["ns"]] for name, row in SERVICES.items() if row["ns"] in named}
        described = {row["ns"] for row in SERVICES.values()}
        return places | {namespace: named[namespace] for namespace in sorted(set(named) - described)}

    async def _service(self, name: str, address: str) -> None:
        """Put every read to a service."""
        service = self._device if name == DEVICE else await self._open(name, address)
        assert service is not None
        operations = _operations(service)
        names = frozenset(one.name for one in operations)
        for operation in in_order(operations):
            if name == DEVICE and operation.name in self._known:
                continue  # it has been asked first of all
            for question in questions(operation, self._known, names):
                if isinstance(question, Skipped):
                    self._tell({"event": "skipped", "service": name, "operation": question.name, "why": question.why})
                else:
                    await self._put(name, service, question)

    async def _undescribed(self, namespace: str, address: str) -> None:
        """Put the usual reads to a service that the library has no description of; its answers stay as they are."""
        assert self._device is not None
        service = Undescribed(self._device, self._line, namespace, address)
        for name in UNDESCRIBED.get(namespace, ("GetServiceCapabilities",)):
            await self._put(namespace, service, Question(name, {}))

    async def _put(self, name: str, service: Service, question: Question) -> Any:
        """Put one question, tell what is answered, and return it; None where it is no answer."""
        about = {"service": name, "operation": question.name, "parameters": dict(question.parameters)}
        self._tell({"event": "question", **about})
        began = time.monotonic()
        answer: Any = None
        said: dict[str, Any]
        try:
            answer = await self._answer(service, question)
            said = {"answer": answer}
        except LoginNeeded as needed:
            said = {"refused": str(needed)}
        except soap.Fault as fault:
            said = {"fault": str(fault)}
        except TimeoutError as error:
            said = {"error": str(error) or "no connection in time"}
        except (WireError, ZeepError, PeerClosed) as error:
            said = {"error": str(error)[:300] or type(error).__name__, **self._unread()}
        except (OSError, Judged):
            raise
        except Exception as error:  # noqa: BLE001 - zeep meets an odd reply with whatever Python raises
            said = {"error": f"{type(error).__name__}: {error}"[:300], **self._unread()}
        self._tell({"event": "answer", **about, "seconds": round(time.monotonic() - began, 3), **said})
        self._known.setdefault(question.name, tokens(answer))
        self._silences = self._silences + 1 if said.get("error") and self._line.silent else 0
        if self._silences >= MOST_SILENCES:
            raise TimeoutError("it does not answer")
        return answer

    def _unread(self) -> dict[str, str]:
        """Return what could not be read, as it was sent."""
        return {"xml": xml(self._line.said)} if self._line.said is not None else {}

    # Logins --------------------------------------------------------------------------------------------------

    async def _answer(self, service: Service, question: Question) -> Any:
        """Return the answer, with our login where the device wants one and it may be shown."""
        if not self._scheme or question.name in OPEN:
            try:
                return await self._asked(service, question, as_user=False)
            except LoginNeeded as needed:
                if not self._may_log_in(needed):
                    raise
        try:
            answer = await self._asked(service, question, as_user=True)
        except LoginNeeded as refused:
            await self._refused(question, refused)
            raise
        self._became("accepted")
        return answer

    def _may_log_in(self, needed: LoginNeeded) -> bool:
        if self._login not in ("untried", "accepted"):
            return False
        if needed.scheme == "basic":
            self._became("insecure")
            return False
        self._scheme = self._scheme or needed.scheme
        return True

    async def _refused(self, question: Question, refused: LoginNeeded) -> None:
        """Judge a refusal: of the login, or of this one question to this account."""
        if self._login != "accepted" or question.name == PROOF or self._device is None:
            self._became("refused")
            self._scheme = ""
            return
        try:
            await self._asked(self._device, Question(PROOF, {}), as_user=True)
        except LoginNeeded:
            self._became("refused")
            self._scheme = ""

    def _became(self, login: str) -> None:
        if login != self._login:
            self._login = login
            self._tell({"event": "login", "login": login})

    async def _asked(self, service: Service, question: Question, as_user: bool) -> Any:
        """Put the question as zeep does: a token goes into the envelope, a digest into the head."""
        token = as_user and self._scheme == "token"
        self._line.digest = as_user and self._scheme == "digest"
        put = getattr(service, question.name if token else f"authless_{question.name}")
        return plain(helpers.serialize_object(await put(dict(question.parameters)), dict))


def _operations(service: ONVIFService) -> list[Operation]:
    """Return a service's operations as its description has them."""
    assert service.document is not None
    binding = service.document.bindings[service.binding_name]
    found = []
    for name, operation in binding._operations.items():
        elements = operation.input.body.type.elements
        required = tuple(key for key, element in elements if element.min_occurs and not key.startswith("_"))
        found.append(Operation(name, tuple(key for key, _ in elements), required))
    return found


def _moment(answer: Any) -> datetime | None:
    """Return the moment that GetSystemDateAndTime tells, where it is one."""
    try:
        told = answer["UTCDateTime"]
        day, hour = told["Date"], told["Time"]
        return datetime(
            day["Year"],
            day["Month"],
            day["Day"],
            hour.get("Hour", 0),
            hour.get("Minute", 0),
            hour.get("Second", 0),
            tzinfo=UTC,
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _of_capabilities(answer: Any) -> list[dict[str, str]]:
    """Return services as GetServices lists them, from what GetCapabilities says of each."""
    if not isinstance(answer, Mapping):
        return []
    rows = {name.lower(): row["ns"] for name, row in SERVICES.items()}
    extended = answer.get("Extension")
    entries = {**answer, **(extended if isinstance(extended, Mapping) else {})}
    return [
        {"Namespace": rows[name.lower()], "XAddr": entry["XAddr"]}
        for name, entry in entries.items()
        if name.lower() in rows and isinstance(entry, Mapping) and isinstance(entry.get("XAddr"), str)
    ]
