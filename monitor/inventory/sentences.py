"""pydantic's findings in our own plain words: a table from its error types to sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from monitor.core.model import PROBE_NAMES
from monitor.inventory.contracts_schema import HoursEntry, RepairEntry, SelectedEntry, SlabEntry
from monitor.inventory.document import Ambiguous, Path, Refused
from monitor.inventory.mistake import likely, shown
from monitor.inventory.schema import DEFAULTS, SECTIONS, Defaults, OidRow, PortEntry, Section, TlsEntry, names

ID_PATTERN = "^[A-Za-z0-9"
#: Error type -> (sentence, hint), filled in from the error's own context.
SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("must be given", ""),
    "string_type": ("must be text", "one word or sentence, not a list or mapping"),
    "string_unicode": ("must be text", "half a surrogate pair is no character"),
    "string_too_short": ("is empty", "write something, or leave the key out"),
    "string_too_long": ("is longer than {max_length} characters", ""),
    "int_type": ("must be a whole number", ""),
    "int_parsing": ("must be a whole number", ""),
    "int_parsing_size": ("must be a smaller whole number", ""),
    "finite_number": ("must be a whole number", ""),
    "int_from_float": ("must be a whole number", ""),
    "greater_than_equal": ("must be {ge} or more", ""),
    "greater_than": ("must be more than {gt:g}", ""),
    "float_type": ("must be a number", ""),
    "float_parsing": ("must be a number", ""),
    "less_than_equal": ("must be {le} or less", ""),
    "list_type": ("must be a list", "write [one, another]"),
    "dict_type": ("must be a mapping", "write {{key: value}}"),
    "dataclass_type": ("must be a mapping", "write {{key: value}}"),
    "too_short": ("is an empty list", "write something, or leave the key out"),
    "too_long": ("has more than {max_length} items", ""),
}
#: What a pattern means, by its beginning.
PATTERNS = (
    (ID_PATTERN, "must be 1 to 64 of the characters A-Z a-z 0-9 . _ : -", ""),
    (
        "^/",
        "must be a path of printable ASCII that begins with /",
        "write it without rtsp:// and host; encode others as %20",
    ),
    ("^[012]", "must be an object id in digits and dots", "such as 1.3.6.1.4.1.368"),
    ("^[A-Z]{3}", "must be three capital letters", "the code of ISO 4217, such as EUR"),
    ("^[a-z]", "must be 1 to 40 small letters, digits and _, a letter first", ""),
    ("^(?:sha256:)", "must be a certificate's SHA-256 in hexadecimal", "camfleet probe shows it: sha256:…"),
    ("^(?:[01]", "must be a time of day", 'write hours and minutes in quotes: "18:00"'),
    ("^[^", "must not hold control characters or changes of direction", ""),
)


#: What the entries below a key are.
LISTED: dict[str, type[Section]] = {
    "rows": OidRow,
    "numbering": PortEntry,
    "slabs": SlabEntry,
    "repairs": RepairEntry,
    "hours": HoursEntry,
    "business": HoursEntry,
}
BELOW_NAMES = {"ports": list(PROBE_NAMES), "tls": names(TlsEntry), "cameras": names(SelectedEntry)}


class Sentence(NamedTuple):
    """What is wrong at a path inside an entry; ``at_key`` if its key is meant."""

    path: Path
    at_key: bool
    message: str
    hint: str


def sentences(errors: Iterable[Any], model: type[Section]) -> list[Sentence]:
    """Each of pydantic's error details (without URLs) as a sentence."""
    return [_sentence(error, model) for error in errors if not isinstance(error["input"], Refused)]


def _sentence(error: Any, model: type[Section]) -> Sentence:
    kind: str = error["type"]
    path: Path = error["loc"]
    context = error.get("ctx", {})
    at_key = path[-1:] == ("[key]",)
    if at_key:
        path = path[:-1]
    if kind == "unexpected_keyword_argument":
        return Sentence(path, True, "unknown key", _likely_key(path, model))
    if kind == "said":
        return Sentence(path, at_key, context["message"], context["hint"])
    if isinstance(error["input"], Ambiguous) and kind in ("string_type", "int_type"):
        return Sentence(path, at_key, *_ambiguous(error["input"].text, kind))
    if kind == "string_pattern_mismatch":
        return Sentence(path, at_key, *_pattern(context["pattern"]))
    message, hint = SENTENCES.get(kind, ("cannot be read", ""))
    return Sentence(path, at_key, message.format(**context), hint.format())


def _ambiguous(text: str, kind: str) -> tuple[str, str]:
    if not text:
        return "is empty", "write something, or leave it out"
    if kind == "string_type":
        return f"{shown(text)} is not read as text by every reader of YAML", f'write it in quotes: "{shown(text)}"'
    if text.strip("+-0123456789_"):
        return SENTENCES[kind]
    return f"{shown(text)} is not the same number to every reader of YAML", "write digits alone, no zeros before them"


def _pattern(pattern: str) -> tuple[str, str]:
    return next(
        ((message, hint) for start, message, hint in PATTERNS if pattern.startswith(start)), ("cannot be read", "")
    )


def _likely_key(path: Path, model: type[Section]) -> str:
    key = str(path[-1])
    if len(path) > 1 and path[-2] in BELOW_NAMES:
        return likely(key, BELOW_NAMES[str(path[-2])])
    if len(path) > 1 and path[0] in LISTED:
        return likely(key, names(LISTED[str(path[0])]))
    if len(path) > 1:
        return likely(key, names(Defaults))
    near = likely(key, names(model))
    sections = {**SECTIONS, DEFAULTS: Defaults}
    homes = [section for section, other in sections.items() if model in sections.values() and key in names(other)]
    return near or (f"it is a key of {', '.join(homes)}" if homes else "")
