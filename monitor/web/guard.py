"""Who is answered, and what every answer carries.

Without tokens only this machine is answered, and only under a name of its own: a page elsewhere whose name is made to
point at 127.0.0.1 (DNS rebinding) is not. With tokens every request shows one, as a bearer or in the cookie that the
login sets. No page can run or load anything but what this server serves.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from monitor.web.roles import LOOPBACK_ROLE, ROLE
from monitor.web.sources import SOURCES
from monitor.web.tokens import is_loopback

COOKIE = "camfleet"
#: Answered to everybody who may connect: they tell nothing about a camera.
OPEN = frozenset({"/healthz", "/readyz", "/login"})
#: Who may send or see what is there is asked by the pages themselves: alerts, and signed links to work orders.
OF_THEIR_OWN = ("/api/v1/alerts", "/o/")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on an answer; what says nothing else is not kept by anybody."""
    for name, value in (*HEADERS.items(), ("Cache-Control", "no-store")):
        response.headers.setdefault(name, value)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request in, with its role, or say why not."""
    sources = request.app[SOURCES]
    if sources.tokens is None:
        _only_this_machine(request, sources.names)
        request[ROLE] = LOOPBACK_ROLE
    else:
        role = sources.tokens.role(_token(request))
        if role is None and not _open(request.path):
            raise _asked_to_log_in(request)
        request[ROLE] = role or ""
    return await handler(request)


def _open(path: str) -> bool:
    return path in OPEN or path.startswith(("/static/", *OF_THEIR_OWN))


def _only_this_machine(request: web.Request, names: frozenset[str]) -> None:
    local = request.transport.get_extra_info("sockname") if request.transport else None
    if isinstance(local, tuple) and not is_loopback(str(local[0])):
        raise web.HTTPForbidden(text="Strangers are answered only with tokens.")
    host = _host(request.headers.get("Host", ""))
    if not is_loopback(host) and host not in names:
        raise web.HTTPMisdirectedRequest(text="This server does not go by that name.")


def _host(header: str) -> str:
    """Return the host of a Host header (RFC 9110 §7.2), in lower case, without its port."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(COOKIE, "")


def _asked_to_log_in(request: web.Request) -> web.HTTPException:
    """Return the login page for a person, and a plain refusal for a program."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return web.HTTPSeeOther(f"/login?to={quote(request.path_qs, safe='')}")
    return web.HTTPUnauthorized(text="A token is needed.", headers={"WWW-Authenticate": 'Bearer realm="camfleet"'})


def same_origin(request: web.Request) -> bool:
    """Say whether a form was sent from one of our own pages (Fetch Metadata, and Origin where that is absent)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    except ValueError:
        return False
