"""What is found wrong while an inventory is read; at the end each finding gets its line and column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from monitor.inventory.document import Document, Flaw, Origin, Path, Place, Visit, where
from monitor.inventory.mistake import MISTAKES_MAX, InventoryError, Mistake, likely

#: Looking for a likely name among 100,000 is slow: after this many the mistakes come without a hint.
GUESSES_MAX = 50


class Finding(NamedTuple):
    """A mistake before its place is known; ``other`` is a second place to name ("… already at line 3")."""

    origin: Origin
    message: str
    hint: str
    other: Origin | None


class Findings:
    """Collects mistakes. ``done`` raises them all, if there are any."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._flawed: list[Document] = []
        self._mistakes: list[Mistake] = []
        self._omitted = 0
        self._guesses = 0

    def __bool__(self) -> bool:
        return bool(self._findings or self._flawed or self._mistakes)

    def add(self, origin: Origin, message: str, hint: str = "", other: Origin | None = None) -> None:
        """Note a mistake at a place."""
        if len(self._findings) >= MISTAKES_MAX:
            self._omitted += 1
        else:
            self._findings.append(Finding(origin, message, hint, other))

    def add_file(self, name: str, flaw: Flaw) -> None:
        """Note a mistake of a file of which no values could be read."""
        self._mistakes.append(Mistake(name, flaw.place.line, flaw.place.column, flaw.where, flaw.message, flaw.hint))

    def add_flaws(self, document: Document) -> None:
        """Note what the document's reader found."""
        if any(document.flaws):
            self._flawed.append(document)

    def guess(self, name: str, candidates: Iterable[str]) -> str:
        """A hint at a likely name, while there are not too many to make."""
        self._guesses += 1
        return likely(name, candidates) if self._guesses <= GUESSES_MAX else ""

    def done(self) -> None:
        """Raise ``InventoryError`` with all mistakes, in the order of their places."""
        if not self:
            return
        places = _Places(self._findings, self._flawed)
        mistakes = list(self._mistakes)
        for document in self._flawed:
            mistakes += [places.of_flaw(document, flaw) for flaw in document.flaws]
        flawed = {(mistake.file, mistake.line, mistake.column) for mistake in mistakes}
        found = [_mistake(finding, places) for finding in self._findings]
        mistakes += [mistake for mistake in found if (mistake.file, mistake.line, mistake.column) not in flawed]
        mistakes = sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.column))
        surplus = max(0, len(mistakes) - MISTAKES_MAX)
        raise InventoryError(mistakes[:MISTAKES_MAX], self._omitted + surplus)


class _Places:
    """Goes once through each document with mistakes and keeps the places that are asked for."""

    def __init__(self, findings: Iterable[Finding], flawed: Iterable[Document]) -> None:
        wanted: dict[int, tuple[Document, set[Path]]] = {}
        for finding in findings:
            for origin in (finding.origin, finding.other):
                if origin:
                    paths = wanted.setdefault(id(origin.document), (origin.document, set()))[1]
                    paths.update(origin.path[:length] for length in range(len(origin.path) + 1))
        flaws = {id(document): {flaw.place for flaw in document.flaws} for document in flawed}
        for document in flawed:
            wanted.setdefault(id(document), (document, set()))
        self._visits: dict[tuple[int, Path], Visit] = {}
        self._paths: dict[tuple[int, Place], Path] = {}
        for key, (document, paths) in wanted.items():
            self._walk(key, document, paths, flaws.get(key, set()))

    def _walk(self, key: int, document: Document, paths: set[Path], flaws: set[Place]) -> None:
        for visit in document.visits():
            if visit.path in paths:
                self._visits.setdefault((key, visit.path), visit)
            if visit.key in flaws or visit.value in flaws:
                # A mapping begins where its first key does: the later, inner one is meant.
                self._paths[key, visit.key] = self._paths[key, visit.value] = visit.path

    def of(self, origin: Origin) -> Place:
        """The place of a value, or of the nearest one around it that is written down."""
        for length in range(len(origin.path), -1, -1):
            visit = self._visits.get((id(origin.document), origin.path[:length]))
            if visit:
                exact = length == len(origin.path)
                return visit.key if origin.at_key and exact else visit.value
        return Place(1, 1)

    def of_flaw(self, document: Document, flaw: Flaw) -> Mistake:
        words = flaw.where or where(self._paths.get((id(document), flaw.place), ()))
        return Mistake(document.name, flaw.place.line, flaw.place.column, words, flaw.message, flaw.hint)


def _mistake(finding: Finding, places: _Places) -> Mistake:
    origin, other = finding.origin, finding.other
    message = finding.message
    if other:
        place = places.of(other)
        message += f" at {other.document.name}:{place.line}:{place.column}"
    place = places.of(origin)
    return Mistake(origin.document.name, place.line, place.column, where(origin.path), message, finding.hint)
