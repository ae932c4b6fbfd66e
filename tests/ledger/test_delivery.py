"""Checkpoints arrive where the inventory says, again and again until they do, and nobody waits for them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from effort import prompt

from monitor.core.checkpoint import Checkpoint, SigningKey, notes_in
from monitor.core.model import Holder, Secret
from monitor.ledger import delivery
from monitor.ledger.delivery import Couriers, delivered

KEY = SigningKey("camfleet/city", bytes(range(32)))
FIRST, SECOND = (KEY.sign(Checkpoint("camfleet/city", size, bytes(32)).text) for size in (1, 2))


class Auditor(ThreadingHTTPServer):
    """A host that keeps what it is sent, and answers what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.status = 204
        self.got: list[tuple[str, str | None, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Desk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Auditor)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def auditor() -> Iterator[Auditor]:
    server = Auditor()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_file_gets_each_once_behind_what_it_has(tmp_path: Path) -> None:
    """The same again is not written again; behind a torn line a checkpoint begins anew."""
    file = tmp_path / "kept.txt"
    holder = Holder("share", file=str(file))
    for note in (FIRST, FIRST, SECOND):
        assert delivered(holder, note) is None
    assert notes_in(file.read_text()) == [FIRST, SECOND]
    with file.open("a") as torn:
        torn.write("camfleet/city\n3")
    assert delivered(holder, FIRST) is None
    assert notes_in(file.read_text())[-1] == FIRST


def test_a_url_gets_a_post_with_its_token(auditor: Auditor) -> None:
    """Path and query as written, the token as a bearer."""
    holder = Holder("auditor", url=f"{auditor.url}/log?city=1", token=Secret("env:T", "s3cret"))
    assert delivered(holder, FIRST) is None
    assert auditor.got == [("/log?city=1", "Bearer s3cret", FIRST)]


@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_refusal_is_told_and_nowhere_else_is_asked(auditor: Auditor, status: int) -> None:
    """Whatever is no success is a failure, a redirection too."""
    auditor.status = status
    holder = Holder("auditor", url=auditor.url, token=Secret("env:T", "s3cret"))
    assert delivered(holder, FIRST) == f"it answers {status}"
    assert [path for path, _, _ in auditor.got] == ["/"]


def test_what_fails_is_tried_again_with_the_newest(
    auditor: Auditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one holder refuses the other has it; then the first gets the newest alone, and all is well."""
    monkeypatch.setattr(delivery, "FIRST_RETRY_S", 0.02)
    auditor.status = 503
    couriers = Couriers()
    share = Holder("share", file=str(tmp_path / "kept.txt"))
    couriers.use([Holder("auditor", url=auditor.url), share])
    couriers.offer(FIRST)
    until(lambda: couriers.failing["auditor"])
    expected = "auditor has not got the newest checkpoint: it answers 503"
    assert couriers.failing == {"auditor": expected, "share": None}
    couriers.offer(SECOND)
    auditor.status = 200
    until(lambda: couriers.failing["auditor"] is None)
    assert auditor.got[-1][2] == SECOND
    couriers.use([share])
    couriers.close(5.0)
    assert notes_in((tmp_path / "kept.txt").read_text()) == [FIRST, SECOND]


def test_a_host_that_never_answers_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told after a while, and closing takes no longer than it may."""
    monkeypatch.setattr(delivery, "PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        couriers = Couriers()
        couriers.use([Holder("auditor", url=f"http://127.0.0.1:{silent.getsockname()[1]}")])
        couriers.offer(FIRST)
        until(lambda: couriers.failing["auditor"])
        assert couriers.failing["auditor"] == "auditor has not got the newest checkpoint: no answer"
        began = time.monotonic()
        couriers.close(0.2)
        assert prompt(time.monotonic() - began, 2.0)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    """A share that is not mounted is told in the system's words."""
    holder = Holder("share", file=str(tmp_path / "missing" / "kept.txt"))
    assert delivered(holder, FIRST) == "No such file or directory"
