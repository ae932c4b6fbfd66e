"""A mapping in versions: each is a value of its own, and knows which keys were put since another one.

A step puts a few hundred entries into mappings of a hundred thousand. So a version shares most with the one before: it
lays what was put over a base that nobody changes, and only now and then becomes a base itself. And whoever saw an
earlier version looks at what was put since, not at all that there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar, overload

V = TypeVar("V")
W = TypeVar("W")
#: So many versions back it is known what was put.
KEPT_VERSIONS = 128
#: What lies over a base is at most this share of it.
MOST_OVER = 1 / 16


class _Course:
    """The versions that came of each other: what was put with each of the newest, and the number of the last."""

    __slots__ = ("last", "put", "taken_at")

    def __init__(self) -> None:
        self.last = 0
        self.put: deque[tuple[str, ...]] = deque(maxlen=KEPT_VERSIONS)
        self.taken_at = 0
        """The number of the last version from which something was taken away."""


class Revision(Mapping[str, V]):
    """One version; ``revised`` makes it. No value is None.

    Pages are made of it in threads: ``whole`` puts what lies over the base into a new one, and then takes it off. So
    whoever reads what lies over it first, and the base after that, misses nothing.
    """

    __slots__ = ("_base", "_over", "course", "number")

    def __init__(self, base: dict[str, V], over: dict[str, V], course: _Course, number: int) -> None:
        self._base = base
        self._over = over
        self.course = course
        self.number = number

    def __getitem__(self, key: str) -> V:
        found = self._over.get(key)
        return self._base[key] if found is None else found

    @overload
    def get(self, key: str, /) -> V | None: ...
    @overload
    def get(self, key: str, default: V | W, /) -> V | W: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        found = self._over.get(key)
        return self._base.get(key, default) if found is None else found

    def __contains__(self, key: object) -> bool:
        return key in self._over or key in self._base

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())

    def keys(self) -> KeysView[str]:
        return self.whole().keys()

    def values(self) -> ValuesView[V]:
        return self.whole().values()

    def items(self) -> ItemsView[str, V]:
        return self.whole().items()

    def __repr__(self) -> str:
        return repr(self.whole())

    def whole(self) -> dict[str, V]:
        """Return it as a dictionary, which nobody may change."""
        over, base = self._over, self._base
        if over:
            base = self._base = {**base, **over}
            self._over = {}
        return base

    def over(self, put: Mapping[str, V]) -> tuple[dict[str, V], dict[str, V]]:
        """Return the base and what lies over it of the next version."""
        over, base = self._over, self._base
        if len(over) + len(put) > MOST_OVER * len(base):
            return {**base, **over, **put}, {}
        return base, {**over, **put}

    def without(self, gone: Iterable[str]) -> dict[str, V]:
        """Return it as a new dictionary that lacks some keys."""
        over, base = self._over, self._base
        left = {**base, **over}
        for key in gone:
            left.pop(key, None)
        return left


def whole(mapping: Mapping[str, V]) -> Mapping[str, V]:
    """Return a mapping as it is best read by whoever looks at nearly all of it."""
    return mapping.whole() if isinstance(mapping, Revision) else mapping


def revised(before: Mapping[str, V], put: Mapping[str, V], gone: Collection[str] = ()) -> Mapping[str, V]:
    """Return a mapping without these keys, and with these values put into it; the same one where there are none."""
    if not put and not gone:
        return before
    if not isinstance(before, Revision):
        before = Revision(dict(before), {}, _Course(), 0)
    course = before.course if before.number == before.course.last else _Course()  # else another one came of it already
    course.last += 1
    course.put.append((*put, *gone))
    if gone:
        course.taken_at = course.last
        before = Revision(before.without(gone), {}, course, course.last)
    base, over = before.over(put)
    return Revision(base, over, course, course.last)


def put_since(before: Mapping[str, V], now: Mapping[str, V]) -> Iterable[str]:
    """Return the keys of ``now`` whose values may be other ones than in ``before``, each once: all where nobody knows.

    Where it does know, the two have the same keys but for those, and for those that were taken away.
    """
    if now is before:
        return ()
    if isinstance(now, Revision) and isinstance(before, Revision) and now.course is before.course:
        course = now.course
        oldest = course.last - len(course.put)
        if oldest <= before.number <= now.number:
            versions = list(course.put)[before.number - oldest : now.number - oldest]
            put = versions[0] if len(versions) == 1 else dict.fromkeys(key for put in versions for key in put)
            return put if course.taken_at <= before.number else [key for key in put if key in now]
    return now.keys()


def taken_since(before: Mapping[str, V], now: Mapping[str, V]) -> Collection[str]:
    """Return the keys of ``before`` that ``now`` does not have."""
    return () if now is before or _lost_nothing(before, now) else [key for key in before if key not in now]


def _lost_nothing(before: Mapping[str, V], now: Mapping[str, V]) -> bool:
    """Say whether it is known that ``now`` has all keys of ``before``."""
    if not (isinstance(now, Revision) and isinstance(before, Revision) and now.course is before.course):
        return False
    return now.course.taken_at <= before.number <= now.number
