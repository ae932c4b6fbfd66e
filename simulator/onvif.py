"""The ONVIF server of every device: who may call what, and how each make says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.account import Login, parse_parameters
from simulator.device import RunningDevice
from simulator.httpd import Reply, Request, render
from simulator.makes import TOKEN
from simulator.malformed import MALFORMERS, kind_of
from simulator.operations import GUARDED, NAMESPACES, OPEN, Addresses, OnvifFault, not_offered, services_of
from simulator.ports import Ports
from simulator.soap import FEW, MANY, Call, NotSoap, envelope, fault, parse_call

ENTRY_PATH = "/onvif/device_service"
HTML_401 = (
    b"<!DOCTYPE html>\n<html><head><title>Document Error: Unauthorized</title></head>\n"
    b"<body><h2>Access Error: 401 -- Unauthorized</h2><p>Authentication Error</p></body></html>\n"
)
HTML_404 = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n"

NOT_AUTHORIZED = ("Sender", ("ter:NotAuthorized",), "Sender not authorized")
FAILED_AUTHENTICATION = ("Sender", ("wsse:FailedAuthentication",), "The security token could not be authenticated")
INVALID_SECURITY = ("Sender", ("wsse:InvalidSecurity",), "An error was discovered processing the Security header")
ATTEMPTS_LEFT = ("Sender", ("ter:NotAuthorized",), "Sender not Authorized. You still have {left} attempt(s)")
FaultShape = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class OnvifManners:
    """How one make's ONVIF server behaves where it may choose."""

    server: str
    realm: str
    """``{mac}`` and ``{serial}`` are the device's."""
    many_namespaces: bool = False
    refusal_status: int = 400
    refused: FaultShape = NOT_AUTHORIZED
    late: FaultShape = FAILED_AUTHENTICATION
    html_refusals: bool = False
    """Wrong logins are answered 401 with a page, not with a SOAP fault."""
    checks_open_operations: bool = False
    """A login that comes with an operation that needs none must be right all the same."""
    single_use_nonces: bool = False
    """Every digest nonce serves one request, and every reply closes the connection."""


MANNERS: Mapping[str, OnvifManners] = {
    "axis": OnvifManners(
        "Apache/2.4.58 (Unix)", "AXIS_{mac}", many_namespaces=True, late=NOT_AUTHORIZED, checks_open_operations=True
    ),
    "hikvision": OnvifManners("webserver", "IP Camera({serial})", late=INVALID_SECURITY, html_refusals=True),
    "dahua": OnvifManners("Webs", "Login to {serial}", refused=ATTEMPTS_LEFT, single_use_nonces=True),
    "bosch": OnvifManners("VCS-VideoJet-Webserver", "Please log on with a valid username"),
    "reolink": OnvifManners("gSOAP/2.8", "onvif", many_namespaces=True, refused=FAILED_AUTHENTICATION),
    "noname": OnvifManners("hsoap/2.8", "ipcamera", refusal_status=500),
}
ENVELOPES = {name: envelope(MANY if manners.many_namespaces else FEW) for name, manners in MANNERS.items()}
#: The envelopes of a device whose faults use a prefix that it never declares.
UNDECLARED = {
    name: envelope({prefix: uri for prefix, uri in (MANY if m.many_namespaces else FEW).items() if prefix != "ter"})
    for name, m in MANNERS.items()
}


class OnvifServer:
    """Answers HTTP requests for all devices of a city."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def answer(self, running: RunningDevice, request: Request) -> tuple[bytes, bool]:
        """The bytes of the answer as this device writes them, and True where it closes the connection after them."""
        reply = self.reply(running, request)
        keep_alive = request.keep_alive and not MANNERS[running.make.name].single_use_nonces
        if running.has("malformed") and (kind := kind_of(running.variant)) in MALFORMERS:
            return MALFORMERS[kind](replace(reply, close=reply.close or not keep_alive))
        return render(reply, keep_alive), reply.close or not keep_alive

    def reply(self, running: RunningDevice, request: Request) -> Reply:
        manners = MANNERS[running.make.name]
        if running.has("onvif_off") or request.path not in set(running.make.paths.values()):
            return Reply(404, HTML_404, "text/html", close=True)
        if request.method != "POST":
            return Reply(405, b"", "text/html", (("Allow", "POST"),), close=True)
        try:
            call = parse_call(request.body)
            refusal = self._check_login(running, manners, call, request)
            return refusal or self._perform(running, call, request.path)
        except NotSoap:
            return self._fault(running, 400, ("Sender", ("ter:WellFormed",), "Well-formed error"))
        except OnvifFault as error:
            return self._fault(running, error.status, (error.code, error.subcodes, error.reason))

    def _perform(self, running: RunningDevice, call: Call, path: str) -> Reply:
        operation = OPEN.get((call.namespace, call.operation)) or GUARDED.get((call.namespace, call.operation))
        served = {
            NAMESPACES[service] for service in services_of(running) if path in (running.make.paths[service], ENTRY_PATH)
        }
        if operation is None or call.namespace not in served:
            raise not_offered()
        onvif_port = self._ports.second_onvif if running.make.second_port else self._ports.onvif
        addresses = Addresses(running.named_host, onvif_port, self._ports.rtsp)
        return self._soap(running, 200, operation(running, call, addresses))

    def _check_login(self, running: RunningDevice, manners: OnvifManners, call: Call, request: Request) -> Reply | None:
        """None where the call may go on, else the refusal."""
        guarded = (call.namespace, call.operation) not in OPEN
        if not guarded and not (manners.checks_open_operations and call.token):
            return None
        login = self._login(running, manners, call, request)
        if login is Login.GOOD:
            return None
        by_token = call.token is not None and TOKEN in running.auth
        if login is Login.LATE:
            return self._fault(running, manners.refusal_status, manners.late)
        if running.algorithms and (manners.html_refusals or not by_token):
            return self._challenge(running, manners, stale=login is Login.STALE)
        code, subcodes, reason = manners.refused
        return self._fault(running, manners.refusal_status, (code, subcodes, reason.format(left=running.account.left)))

    def _login(self, running: RunningDevice, manners: OnvifManners, call: Call, request: Request) -> Login:
        """Check whichever login the request carries; what this model does not know of, it does not see."""
        header = request.headers.get("authorization", "")
        answer = parse_parameters(header[7:]) if header[:7].lower() == "digest " else {}
        if answer.get("algorithm", "MD5").upper() in running.algorithms and answer:
            return running.account.check_digest(answer, request.method, request.target, manners.single_use_nonces)
        if call.token and TOKEN in running.auth:
            return running.account.check_token(call.token, running.time, running.make.token_window_s)
        return Login.ABSENT

    def _challenge(self, running: RunningDevice, manners: OnvifManners, stale: bool) -> Reply:
        """401 with a challenge for each digest algorithm, the preferred first (RFC 7616 §3.7)."""
        realm = manners.realm.format(mac=running.device.mac, serial=running.device.serial)
        lines = []
        for algorithm in running.algorithms:
            value = f'Digest realm="{realm}", qop="auth", nonce="{running.account.issue_nonce()}", opaque=""'
            value += f", algorithm={algorithm}" if len(running.algorithms) > 1 else ""
            lines.append(("WWW-Authenticate", value + (", stale=true" if stale else "")))
        if manners.html_refusals:
            return Reply(401, HTML_401, "text/html", tuple(lines))
        return self._soap(running, 401, fault(*NOT_AUTHORIZED), tuple(lines))

    def _fault(self, running: RunningDevice, status: int, shape: FaultShape) -> Reply:
        return self._soap(running, status, fault(*shape))

    def _soap(
        self, running: RunningDevice, status: int, content: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> Reply:
        undeclared = running.has("malformed") and kind_of(running.variant) == "undeclared_prefix"
        head, tail = (UNDECLARED if undeclared else ENVELOPES)[running.make.name]
        server = (("Server", MANNERS[running.make.name].server),)
        return Reply(status, f"{head}{content}{tail}".encode(), headers=server + headers)
