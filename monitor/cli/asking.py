"""How a command asks a camera, a monitor or a ledger: what it says meanwhile, how it ends without an answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from monitor import logs
from monitor.cli.frame import USAGE, fail, inventory_at, messages, run_to_end, token_of
from monitor.inspection.errors import LookError
from monitor.inspection.whom import Event, Wanted
from monitor.ledger.errors import LedgerError
from monitor.progress import Looking

Answer = TypeVar("Answer")

CameraArgument = Annotated[str, typer.Argument(help="The camera's id.")]
FoundAsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print what was found as JSON.")]


def wanted(
    camera: str, inventory: Path, ledger: Path, monitor: str, token_file: Path | None, clear_lock: bool = False
) -> Wanted:
    """Return who is to be asked, and by whom; the inventory is loaded once it is needed."""
    return Wanted(camera, ledger, lambda: inventory_at(inventory), monitor, token_of(token_file), clear_lock)


def asked(ask: Callable[[Callable[[Event], None]], Coroutine[Any, Any, Answer]], code: int = USAGE) -> Answer:
    """Return the answer, and tell meanwhile what happens; end with ``code`` and a sentence where there is none."""
    logs.configure("error", as_json=False)
    with Looking(messages) as looking:
        try:
            answer: Answer = run_to_end(ask(looking.show))
        except LookError as error:
            looking.end()
            fail(str(error), code)
    return answer


@contextmanager
def reading() -> Iterator[None]:
    """End with a sentence where a ledger, or a monitor in its place, cannot be read."""
    try:
        yield
    except (LookError, LedgerError) as error:
        fail(str(error))
