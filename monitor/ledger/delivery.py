"""Checkpoints on their way to whoever keeps them: a thread for each holder, so that none delays another or the monitor.

A newer checkpoint says all that an older one does, so only the newest waits. What fails is tried again for as long as
it takes, and said.
"""

from __future__ import annotations

import http.client
import os
import ssl
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from monitor.core.model import Holder

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0
REPLY_S = 10.0
#: A share that hangs raises no error: after so long without an end it counts as failing.
PATIENCE_S = 60.0


class Courier:
    """Takes the newest checkpoint to one holder."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self._changed = threading.Condition()
        self._waiting: str | None = None
        self._since = 0.0
        self._error: str | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"holder {holder.id}", daemon=True)
        self._thread.start()

    @property
    def failing(self) -> str | None:
        """Why the newest checkpoint has not arrived, in a sentence; None where it has, or is on its way."""
        with self._changed:
            if self._waiting is None:
                return None
            if self._error is None and time.monotonic() - self._since < PATIENCE_S:
                return None
            return f"{self.holder.id} has not got the newest checkpoint: {self._error or 'no answer'}"

    def offer(self, note: str) -> None:
        """Have a checkpoint taken there instead of the one that waits. Never waits itself."""
        with self._changed:
            if self._waiting is None:
                self._since = time.monotonic()
            self._waiting = note
            self._changed.notify()

    def close(self, timeout_s: float) -> None:
        """Try once more where something waits, and stop within this time; what hangs is left behind."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(max(0.0, timeout_s))

    def _run(self) -> None:
        delay_s = FIRST_RETRY_S
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or self._closing)
                note, last = self._waiting, self._closing
            if note is None:
                return
            error = delivered(self.holder, note)
            with self._changed:
                self._error = error
                if error is None and self._waiting == note:
                    self._waiting = None
                if last and (error is not None or self._waiting is None):
                    return
                if error is None:
                    delay_s = FIRST_RETRY_S
                    continue
                self._changed.wait_for(lambda: self._closing, delay_s)
            delay_s = min(2 * delay_s, LONGEST_RETRY_S)


class Couriers:
    """One courier a holder, by the inventory in force."""

    def __init__(self) -> None:
        self._couriers: dict[Holder, Courier] = {}
        self._newest: str | None = None

    def use(self, holders: Iterable[Holder]) -> None:
        """Serve these holders from now on; who is new gets the newest checkpoint."""
        wanted = dict.fromkeys(holders)
        for holder in [holder for holder in self._couriers if holder not in wanted]:
            self._couriers.pop(holder).close(0.0)
        for holder in [holder for holder in wanted if holder not in self._couriers]:
            courier = self._couriers[holder] = Courier(holder)
            if self._newest is not None:
                courier.offer(self._newest)

    def offer(self, note: str) -> None:
        """Take a checkpoint to all of them, once."""
        if note != self._newest:
            self._newest = note
            for courier in self._couriers.values():
                courier.offer(note)

    @property
    def failing(self) -> dict[str, str | None]:
        """Why a holder has not got the newest checkpoint, by its id; None where it has."""
        return {holder.id: courier.failing for holder, courier in self._couriers.items()}

    def close(self, timeout_s: float) -> None:
        """Stop within this time."""
        end = time.monotonic() + timeout_s
        for courier in self._couriers.values():
            courier.close(end - time.monotonic())


def delivered(holder: Holder, note: str) -> str | None:
    """Take a checkpoint to a holder once; returns why that failed, or None."""
    try:
        if holder.file:
            _append(Path(holder.file), note)
        else:
            _post(holder, note)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    return None


def _append(path: Path, note: str) -> None:
    """Put a checkpoint behind those that a file has, unless it is the last of them; what was torn stays apart."""
    with path.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        written = note.encode()
        file.seek(max(0, size - len(written) - 1))
        tail = file.read()
        if tail.rstrip(b"\n") == written.rstrip(b"\n"):
            return
        file.write((b"\n\n" if tail and not tail.endswith(b"\n") else b"") + written + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _post(holder: Holder, note: str) -> None:
    """POST a checkpoint; wherever the answer points to is not followed, so that the token goes nowhere else."""
    url = urlsplit(holder.url)
    host = url.hostname or ""
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        connection = http.client.HTTPSConnection(host, url.port, timeout=REPLY_S, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(host, url.port, timeout=REPLY_S)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if holder.token is not None:
        headers["Authorization"] = f"Bearer {holder.token.reveal()}"
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", target, note.encode(), headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise OSError(f"it answers {status}")
