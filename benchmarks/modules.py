"""The exporters' modules: what comes closest to a full check.

blackbox_exporter appends a line feed to what it sends, which ends the empty line of each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import agent
from benchmarks.responder import COMMUNITY, PATH
from benchmarks.targets import OBJECTS
from monitor.wire import soap


def blackbox_modules() -> Mapping[str, Any]:
    """Return blackbox_exporter's configuration."""
    return {
        "modules": {
            "time": _post("time", [200], "GetSystemDateAndTimeResponse"),
            "information": _post("information", [400, 401, 403, 500], "NotAuthorized"),
            "rtsp": {
                "prober": "tcp",
                "timeout": "5s",
                "tcp": {
                    "preferred_ip_protocol": "ip4",
                    "query_response": [
                        {"send": f"OPTIONS rtsp://camera{PATH} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: blackbox\r\n\r"},
                        {"expect": "^RTSP/1.0 200"},
                        {"send": f"DESCRIBE rtsp://camera{PATH} RTSP/1.0\r\nCSeq: 2\r\nUser-Agent: blackbox\r\n"
                                 "Accept: application/sdp\r\n\r"},
                        {"expect": "^RTSP/1.0 401"},
                    ],
                },
            },
        }
    }  # fmt: skip


def _post(key: str, statuses: list[int], expected: str) -> Mapping[str, Any]:
    return {
        "prober": "http",
        "timeout": "5s",
        "http": {
            "method": "POST",
            "preferred_ip_protocol": "ip4",
            "headers": {"Content-Type": soap.content_type(key)},
            "body": soap.envelope(key).decode(),
            "valid_status_codes": statuses,
            "tls_config": {"insecure_skip_verify": True},  # cameras sign for themselves
            "fail_if_body_not_matches_regexp": [expected],
        },
    }


def snmp_modules() -> Mapping[str, Any]:
    """Return snmp_exporter's configuration: one GET of all objects, no walk, by v2c and by v3."""
    metrics = [{"name": name, "oid": oid, "type": "gauge", "help": name} for oid, name in OBJECTS.items()]
    common = {"get": list(OBJECTS), "metrics": metrics, "timeout": "5s", "retries": 0}
    user = {
        "username": agent.USERNAME, "security_level": "authPriv", "password": agent.AUTH, "auth_protocol": "SHA256",
        "priv_protocol": "AES", "priv_password": agent.PRIVACY,
    }  # fmt: skip
    return {
        "v2c": {**common, "version": 2, "auth": {"community": COMMUNITY}},
        "v3": {**common, "version": 3, "auth": user},
    }
