"""What is wrong with an inventory: every mistake at once, each with its place and a hint; never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

#: More mistakes than these are counted, not kept: a wrong file of a million rows shall not fill the memory.
MISTAKES_MAX = 10_000
#: Names of other lengths are not alike, and comparing is slow: this many candidates are looked at.
CANDIDATES_MAX = 2_000
SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend. ``line`` and ``column`` count from 1; 0 where the whole file is meant.

    ``where`` is the place in words of the inventory ("cameras[3].address", counted from 0), "" for the whole file.
    """

    file: str
    line: int
    column: int
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}: {where}{self.message}{hint}"


class InventoryError(Exception):
    """The inventory cannot be used. ``mistakes`` are all that is wrong with it, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake], omitted: int = 0) -> None:
        self.mistakes = tuple(mistakes)
        self.omitted = omitted
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        lines = [str(mistake) for mistake in self.mistakes]
        if self.omitted:
            lines.append(f"… and {self.omitted:,} more")
        return "\n".join(lines)


def shown(text: str) -> str:
    """A name from a file as it may stand in a message: printable, and cut where it is long."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: SHOWN_MAX + 1])
    return clean if len(clean) <= SHOWN_MAX else clean[:SHOWN_MAX] + "…"


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant; "" where none is near."""
    near = [c for c in candidates if abs(len(c) - len(name)) <= 3][:CANDIDATES_MAX]
    folded = {c.casefold(): c for c in reversed(near)}
    found = get_close_matches(name[:80].casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def likely(name: str, candidates: Iterable[str]) -> str:
    """A hint at the name that was probably meant."""
    near = nearest(name, candidates)
    return f"did you mean {shown(near)}?" if near else ""


def mistaken(message: str, hint: str = "") -> PydanticCustomError:
    """A mistake in our own words; ``sentences`` takes it as it is."""
    return PydanticCustomError("said", "{message}", {"message": message, "hint": hint})
