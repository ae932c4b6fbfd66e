"""Versions of a mapping: each is a value, and what was put since an earlier one is known, or said not to be."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.revision import KEPT_VERSIONS, put_since, revised, taken_since

KEYS = st.sampled_from("abcdef")


PUT_AND_GONE = st.tuples(st.dictionaries(KEYS, st.integers(), max_size=4), st.sets(KEYS, max_size=2))


@given(st.lists(PUT_AND_GONE, max_size=KEPT_VERSIONS + 8), st.data())
def test_what_was_put_between_two_versions_is_all_that_differs(
    steps: list[tuple[dict[str, int], set[str]]], data: st.DataObject
) -> None:
    """Of any two versions, the later one is the earlier one but for what was put and taken since; no version changes."""
    versions: list[Mapping[str, int]] = [{"a": 0, "b": 0}]
    plain = [dict(versions[0])]
    for put, gone in steps:
        versions.append(revised(versions[-1], put, gone))
        plain.append({**{key: value for key, value in plain[-1].items() if key not in gone}, **put})
    assert versions == plain
    first = data.draw(st.integers(0, len(steps)))
    last = data.draw(st.integers(first, len(steps)))
    before, now = versions[first], versions[last]
    fresh = {key: now[key] for key in put_since(before, now)}
    assert {**{key: value for key, value in before.items() if key in now}, **fresh} == now
    assert set(taken_since(before, now)) == before.keys() - now.keys()


def test_only_what_was_put_is_looked_at() -> None:
    """Two puts into six entries: two are looked at, and none where nothing was put; a key that came twice counts once."""
    first = revised({}, dict.fromkeys("abcdef", 0))
    second = revised(first, {"b": 1})
    third = revised(second, {"c": 1, "b": 2})
    assert list(put_since(first, third)) == ["b", "c"]
    assert list(put_since(third, third)) == []
    assert revised(third, {}) is third


def test_of_what_did_not_come_of_each_other_all_is_looked_at() -> None:
    """Two versions that came of one know nothing of each other; nor does a plain mapping, or one that is too old."""
    first = revised({}, {"a": 0, "b": 0})
    one, other = revised(first, {"a": 1}), revised(first, {"b": 1})
    assert (dict(one), dict(other)) == ({"a": 1, "b": 0}, {"a": 0, "b": 1})
    assert set(put_since(one, other)) == set(put_since(other, one)) == {"a", "b"}
    assert set(put_since({"a": 1, "b": 0}, one)) == {"a", "b"}
    now = first = revised({}, {"a": 0, "b": 0})
    for number in range(KEPT_VERSIONS + 1):
        now = revised(now, {"a": number})
    assert set(put_since(first, now)) == {"a", "b"}
    assert set(put_since(now, first)) == {"a", "b"}
