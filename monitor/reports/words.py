"""What was found of a pack, in plain words and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from monitor.core import audit_words
from monitor.core.times import Clock
from monitor.reports.manifest import COMPUTED, EVENTS
from monitor.reports.verifying import Verified

MOST_FLAWS = 20


def told(found: Verified, name: str, clock: Clock) -> Iterator[str]:
    """Yield the whole finding, a line a sentence."""
    about = f": contract {found.contract}, {found.period}" if found.contract else ""
    yield f"{name}{about}"
    yield ""
    if found.flaws:
        yield "THIS PACK IS NOT WHAT IT SHOULD BE:"
        yield from (f"  {flaw}" for flaw in found.flaws[:MOST_FLAWS])
        more = len(found.flaws) - MOST_FLAWS
        yield from [f"  and {more:,} more"] if more > 0 else []
        yield ""
    if found.signer:
        own = (
            "" if found.signer_known else "; that key came with the pack, so ask its owner whether it is theirs (--key)"
        )
        yield f"Signed by {found.signer}{own}."
    yield f"{found.files} files are as they were signed."
    if found.audit is not None:
        yield ""
        yield from audit_words.told(found.audit, EVENTS, clock)
        yield ""
    if found.computed:
        whole = "All figures were" if len(found.computed) == len(COMPUTED) else "Some figures were"
        yield f"{whole} computed again from the events, and are the same to the digit: {', '.join(found.computed)}."
    else:
        yield "No figure was confirmed."
    if found.papers:
        yield f"Made again of these figures, and the same to the byte: {', '.join(found.papers)}."
    yield from found.notes


def as_json(found: Verified) -> dict[str, Any]:
    """Return the finding as plain values."""
    return {
        "whole": found.is_whole,
        "contract": found.contract,
        "period": found.period,
        "flaws": found.flaws,
        "signer": found.signer or None,
        "signer_known": found.signer_known,
        "files": found.files,
        "computed": found.computed,
        "papers": found.papers,
        "notes": found.notes,
        "events": None if found.audit is None else audit_words.as_json(found.audit),
    }
