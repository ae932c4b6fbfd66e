"""What a status other than 200 means for a stream (RFC 2326 §11)."""

from __future__ import annotations

from monitor.core.verdict import Outcome, Reason
from monitor.probes.base import Talk
from monitor.probes.errors import Judged
from monitor.probes.rtsp_client import RtspClient
from monitor.wire import rtsp

STATUS_REASONS = {
    401: Reason.CREDENTIALS,
    403: Reason.CREDENTIALS,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    453: Reason.BUSY,
    454: Reason.SERVER_ERROR,
    461: Reason.UNSUPPORTED,
    501: Reason.UNSUPPORTED,
    503: Reason.BUSY,
}


def judged(talk: Talk, client: RtspClient, response: rtsp.Response) -> Judged:
    """Return what a refusal means: 453 and 503 are "full", and so are 401 and 403 where that login worked just before.

    Where no login was shown, none was refused.
    """
    status = response.status
    detail = f"RTSP {status} {response.reason}".strip()
    if 300 <= status < 400:
        return Judged(Reason.REDIRECT, detail)
    reason = STATUS_REASONS.get(status, Reason.SERVER_ERROR if status >= 500 else Reason.PROTOCOL)
    if status in (401, 403) and client.showed_login:
        reason = talk.login_refused(detail, of_stream=True)
    hidden = reason in (Reason.BUSY, Reason.CREDENTIALS)
    return Judged(reason, detail, Outcome.UNSEEN if hidden else Outcome.FAIL)
