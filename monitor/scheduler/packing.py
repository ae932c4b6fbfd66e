"""Words between the monitor and a prober as bytes.

Both ends are this program, so pickle is trusted. What there are thousands of a second, verdicts and what they found, is
packed as plain values, and made by one call each: left to themselves they take three times as long to be read.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

RUNGS, OUTCOMES = tuple(Rung), tuple(Outcome)


def packed(what: object) -> bytes:
    """Return a value as bytes."""
    file = BytesIO()
    packer = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    packer.dispatch_table = _TABLE
    packer.dump(what)
    return file.getvalue()


def unpacked(data: bytes) -> Any:
    """Return what ``packed`` made of a value."""
    return pickle.loads(data)  # noqa: S301 - our own process said it


@lru_cache(maxsize=4096)
def _finding(rung: int, outcome: int, reason: str | None, detail: str, camera: str) -> Finding:
    """Return a finding; most are like thousands of others, and shared with them."""
    return Finding(RUNGS[rung], OUTCOMES[outcome], None if reason is None else Reason(reason), detail, camera)


def _of_finding(one: Finding) -> tuple[Callable[..., Finding], tuple[Any, ...]]:
    rung, outcome, reason, detail, camera = one
    return _finding, (int(rung), int(outcome), None if reason is None else str(reason), detail, camera)


def _of_verdict(one: Verdict) -> tuple[Callable[..., Verdict], tuple[Any, ...]]:
    asked = one.device, one.vantage, one.probe, one.at, one.duration_s
    return Verdict, (*asked, one.findings, one.measurements, one.requests, one.marks, one.silent_s)


_TABLE: Mapping[type, Callable[[Any], Any]] = {
    **copyreg.dispatch_table,
    Finding: _of_finding,
    Verdict: _of_verdict,
}
