"""Two hosts and the line between them, made of network namespaces: one that watches, one that is watched.

The watched host also has 127.0.0.0/9, of which only 127.0.0.1 is the watching host's own: a simulated city that runs
there is reached over the line, and talks to loopback addresses alone as ever.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

WATCHING, WATCHED = "10.99.0.1", "10.99.0.2"
#: From where the city sees itself watched.
WATCHER = "127.254.0.1"
#: The two ends of the line.
DEVICES = {"near": "mon0", "far": "city0"}
ROUTES = {
    "near": ("127.0.0.0/9", "via", WATCHED, "dev", DEVICES["near"], "src", WATCHER),
    "far": (f"{WATCHER}/32", "via", WATCHING, "dev", DEVICES["far"]),
}
#: Loopback addresses may cross the line, in both directions.
OPEN = "for f in /proc/sys/net/ipv4/conf/*/route_localnet; do echo 1 > $f; done; for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done"


@dataclass(frozen=True)
class Hosts:
    """The names of two namespaces."""

    watching: str
    watched: str

    def cut(self, end: str) -> None:
        """Cut the line: at the far end no frame arrives any more, at the near end the route is gone as well."""
        ip("-n", self._at(end), "link", "set", DEVICES[end], "down")

    def mend(self, end: str) -> None:
        ip("-n", self._at(end), "link", "set", DEVICES[end], "up")
        ip("-n", self._at(end), "route", "replace", *ROUTES[end])  # it went with the link

    def _at(self, end: str) -> str:
        return self.watching if end == "near" else self.watched

    def withdraw(self, addresses: Sequence[str]) -> None:
        """Withdraw the routes to these addresses alone."""
        for address in addresses:
            ip("-n", self.watching, "route", "add", "unreachable", f"{address}/32")

    def restore(self, addresses: Sequence[str]) -> None:
        for address in addresses:
            ip("-n", self.watching, "route", "delete", "unreachable", f"{address}/32")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def inside(host: str, *command: str) -> list[str]:
    """Return a command that runs in a namespace, as the process itself and no child of it."""
    return ["nsenter", f"--net=/run/netns/{host}", *command]


@contextmanager
def two_hosts() -> Iterator[Hosts]:
    """Make the hosts, and take them away; a test is skipped where that is not possible."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nsenter"))):
        pytest.skip("network namespaces need root, ip and nsenter")
    hosts = Hosts(f"camfleet-{os.getpid()}-m", f"camfleet-{os.getpid()}-c")
    try:
        _make(hosts)
    except subprocess.CalledProcessError as error:
        _remove(hosts)
        pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
    try:
        yield hosts
    finally:
        _remove(hosts)


def _make(hosts: Hosts) -> None:
    near, far = hosts.watching, hosts.watched
    for host in (near, far):
        ip("netns", "add", host)
        ip("-n", host, "link", "set", "lo", "up")
    ip("-n", near, "link", "add", "name", DEVICES["near"], "type", "veth", "peer", "name", DEVICES["far"], "netns", far)
    ends = (("near", near, WATCHING, "127.0.0.1/32"), ("far", far, WATCHED, "127.0.0.1/9"))
    for end, host, address, loopback in ends:
        ip("-n", host, "address", "add", f"{address}/24", "dev", DEVICES[end])
        ip("-n", host, "address", "add", loopback, "dev", "lo")
        ip("-n", host, "address", "delete", "127.0.0.1/8", "dev", "lo")
        subprocess.run(inside(host, "sh", "-c", OPEN), check=True, capture_output=True, text=True)
    ip("-n", near, "address", "add", f"{WATCHER}/32", "dev", "lo")
    for end in ROUTES:
        hosts.mend(end)


def _remove(hosts: Hosts) -> None:
    for host in (hosts.watching, hosts.watched):
        subprocess.run(["ip", "netns", "delete", host], check=False, capture_output=True)
