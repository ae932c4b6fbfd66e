"""Secrets taken out of what a device said before anybody reads it: our login, proofs of it, passwords of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from monitor.probes.transcript import REMOVED, Veil, redact

#: What devices call their secrets.
_SECRET = re.compile(r"(?i)pass(?:word|phrase|wd)|^psk$|^key$|secret|privatekey|^nonce$")


def hidden(value: Any, veil: Veil) -> Any:
    """Return a value of an answer without secrets."""
    return changed(value, lambda text: redact(veil.text(text)), _SECRET)


def changed(value: Any, text: Callable[[str], str], taken_out: re.Pattern[str]) -> Any:
    """Return a JSON value with each text changed, and what stands under such a name taken out."""
    match value:
        case str():
            return text(value)
        case Mapping():
            return {
                text(name): REMOVED
                if taken_out.search(name) and isinstance(one, str)
                else changed(one, text, taken_out)
                for name, one in value.items()
            }
        case list():
            return [changed(one, text, taken_out) for one in value]
    return value
