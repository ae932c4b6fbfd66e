"""Dashboards put into a running Grafana, over its HTTP API: only what differs, and no other host than the one named."""

from __future__ import annotations

import io
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaServerError, TokenAuth
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

#: The oldest Grafana that the dashboards are built for.
OLDEST = 12
ANSWER_BYTES_MAX = 16 * 2**20
#: Until it is connected, and until it says anything more.
TIMEOUT_S = (5.0, 30.0)

#: What Grafana numbers itself when it keeps a dashboard.
_OF_ITS_OWN = ("id", "version")


class GrafanaError(Exception):
    """Why Grafana does not take a dashboard, in a sentence."""


class Outcome(StrEnum):
    """What becomes of a dashboard."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "unchanged"


class Dashboard(NamedTuple):
    """A dashboard in the classic model."""

    uid: str
    title: str
    model: Mapping[str, Any]


class _OneHost(HTTPAdapter):
    """Follows nobody elsewhere, and reads no answer without end."""

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        response = super().send(request, *args, **{**options, "stream": True})
        if response.is_redirect:
            raise GrafanaError(f"leads elsewhere ({response.headers['Location']}), and only the host named is asked")
        body = response.raw.read(ANSWER_BYTES_MAX + 1, decode_content=True)
        if len(body) > ANSWER_BYTES_MAX:
            raise GrafanaError("answers without end; this is no Grafana")
        response.raw = io.BytesIO(body)
        return response


class Grafana:
    """A Grafana at a URL, which a service account's token opens. Every method raises ``GrafanaError``."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path.strip("/")
        self._api = GrafanaApi(
            TokenAuth(token),
            host=f"[{host}]" if ":" in host else host,
            port=parts.port,
            url_path_prefix=f"{path}/" if path else "",
            protocol=parts.scheme,
            verify=_trusted(),
            timeout=TIMEOUT_S,
        )
        session = self._api.client.s
        session.trust_env = False  # no proxy, no .netrc
        session.mount(f"{parts.scheme}://", _OneHost())

    def check(self) -> str:
        """Return its version, "" where it does not say; it must be one that shows these dashboards."""
        with _sentences():
            version = str(_mapping(self._api.health.check()).get("version") or "")
        major = version.partition(".")[0]
        if major.isdecimal() and int(major) < OLDEST:
            raise GrafanaError(f"is {version}; these dashboards are for Grafana {OLDEST} and newer")
        return version

    def folder(self, title: str) -> str | None:
        """Return the uid of the folder with this title, or uid; None where there is none."""
        with _sentences():
            folders = self._api.folder.get_all_folders()
        if not isinstance(folders, list):
            raise GrafanaError("answers, but not as Grafana does")
        found = (folder for folder in map(_mapping, folders) if title in (folder.get("title"), folder.get("uid")))
        return next((str(folder.get("uid")) for folder in found), None)

    def make_folder(self, title: str) -> str:
        """Make a folder with this title; its uid."""
        with _sentences():
            return str(_mapping(self._api.folder.create_folder(title)).get("uid"))

    def outcome(self, dashboard: Dashboard, folder: str | None) -> Outcome:
        """Return what ``put`` would do."""
        there = self._there(dashboard.uid)
        if there is None:
            return Outcome.CREATED
        model, about = _mapping(there.get("dashboard")), _mapping(there.get("meta"))
        kept = {name: value for name, value in model.items() if name not in _OF_ITS_OWN}
        if kept == dashboard.model and about.get("folderUid") == folder:
            return Outcome.SAME
        if about.get("provisioned") is True:
            raise GrafanaError(f"loads {dashboard.uid} from files of its own (provisioning), and takes no other")
        return Outcome.CHANGED

    def put(self, dashboard: Dashboard, folder: str) -> Outcome:
        """Have it in a folder as it is built; where it is already, nothing is written."""
        outcome = self.outcome(dashboard, folder)
        if outcome is not Outcome.SAME:
            whole = {"dashboard": dict(dashboard.model), "folderUid": folder, "overwrite": True, "message": "camfleet"}
            with _sentences():
                self._api.dashboard.update_dashboard(whole)
        return outcome

    def _there(self, uid: str) -> Mapping[str, Any] | None:
        try:
            with _sentences():
                return _mapping(self._api.dashboard.get_dashboard(uid))
        except GrafanaError as error:
            if isinstance(error.__cause__, GrafanaClientError) and error.__cause__.status_code == 404:
                return None
            raise


def _trusted() -> str | bool:
    """Return whose certificates this machine trusts, with those of its own authority."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (GrafanaClientError, GrafanaServerError) as error:
        raise GrafanaError(_refusal(error.status_code, error.response)) from error
    except ValueError as error:  # JSON that is none; requests' own kind is both
        raise GrafanaError("answers, but not as Grafana does") from error
    except (RequestException, HTTPError) as error:
        raise GrafanaError(f"does not answer: {_reason(error)}") from error


def _refusal(status: int, answer: object) -> str:
    said = answer.get("message") if isinstance(answer, dict) else ""
    if status == 401:
        return "does not know this token; make one for a service account with the role Editor"
    if status == 403:
        return f"does not let this token do it ({said}); the service account needs the role Editor"
    return f"refuses with {status}{f': {said}' if said else ''}"


def _reason(error: BaseException) -> str:
    """Return the innermost reason, without the addresses of objects in memory that the outer ones name."""
    inner = error
    while inner.__context__ is not None:
        inner = inner.__context__
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _mapping(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise GrafanaError("answers, but not as Grafana does")
    return answer
