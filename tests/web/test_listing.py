"""The list of cameras: filter, sort and paging."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_city import City, inventory

from monitor.core.state import State
from monitor.core.verdict import Reason, Rung
from monitor.web.listing import ORDERS, Query, parse, select
from monitor.web.paging import MOST_ROWS, QueryError

FLEET = inventory(60)


def ids(city: City, **given: str) -> list[str]:
    """Return the cameras that a query finds, in its order."""
    query = parse({"per_page": "500", **given}, city.inventory, strict=True)
    return [row.camera.id for row in select(city.snapshot, query).rows]


@pytest.fixture
def mixed_city(small_city: City) -> City:
    """Sixty cameras: three silent, two without video, one with a wrong clock."""
    small_city.fail(["cam-0003", "cam-0004", "cam-0005"], Rung.REACHABLE, Reason.TIMEOUT)
    small_city.fail(["cam-0010", "cam-0011"], Rung.MEDIA, Reason.NO_VIDEO)
    small_city.fail(["cam-0020"], Rung.CLOCK, Reason.CLOCK)
    return small_city


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "not_working"}, {"cam-0003", "cam-0004", "cam-0005", "cam-0010", "cam-0011"}),
        ({"state": "degraded"}, {"cam-0020"}),
        ({"reason": "no_video"}, {"cam-0010", "cam-0011"}),
        ({"reason": "timeout", "q": "0004"}, {"cam-0004"}),
        ({"q": "CAM-0020"}, {"cam-0020"}),
        ({"q": "127.80.0.3"}, {"cam-0003", *(f"cam-00{n}" for n in range(30, 40))}),
        ({"state": "unreachable"}, set()),
        ({"q": "no such thing"}, set()),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
def test_filters_narrow_the_list(mixed_city: City, asked: dict[str, str], found: set[str]) -> None:
    """Each filter keeps what it names, and all of them together what all name."""
    assert set(ids(mixed_city, **asked)) == found


def test_places_narrow_the_list(small_city: City) -> None:
    """A zone, a site, an uplink and a feeder each keep exactly their own cameras."""
    sites = small_city.inventory.sites
    for name, of in (
        ("zone", lambda camera: camera.zone),
        ("site", lambda camera: camera.site),
        ("uplink", lambda camera: sites[camera.site].uplinks[0]),
        ("feeder", lambda camera: sites[camera.site].feeder),
    ):
        for value in {of(camera) for camera in small_city.inventory.cameras.values()}:
            own = {camera.id for camera in small_city.inventory.cameras.values() if of(camera) == value}
            assert set(ids(small_city, **{name: value})) == own


def test_the_worst_comes_first(mixed_city: City) -> None:
    """By default: down, unreachable, unknown, degraded, up."""
    rows = select(mixed_city.snapshot, Query(per_page=60)).rows
    assert [row.view.state for row in rows] == [State.DOWN] * 5 + [State.DEGRADED] + [State.UP] * 54


def test_since_begins_with_the_newest(mixed_city: City) -> None:
    """Sorted by since, what changed last comes first; with a minus, what has lasted longest."""
    assert ids(mixed_city, sort="since")[:3] == ["cam-0020", "cam-0010", "cam-0011"]
    assert ids(mixed_city, sort="-since")[-1] == "cam-0020"


@pytest.mark.parametrize("sort", [sign + word for word in ORDERS for sign in ("", "-")])
def test_each_order_can_be_turned_round(mixed_city: City, sort: str) -> None:
    """The same cameras, in the opposite order."""
    turned = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    assert ids(mixed_city, sort=sort) == ids(mixed_city, sort=turned)[::-1]


@given(st.integers(1, 80))
def test_pages_cut_the_list_without_loss(per_page: int) -> None:
    """All pages one after the other are the whole list, for any length of a page."""
    snapshot = City(FLEET).snapshot
    whole = select(snapshot, Query(per_page=MOST_ROWS)).rows
    pages = select(snapshot, Query(per_page=per_page)).pages
    cut = [row for page in range(1, pages + 1) for row in select(snapshot, Query(page=page, per_page=per_page)).rows]
    assert tuple(cut) == whole


def test_a_page_beyond_the_last_is_the_last(small_city: City) -> None:
    """A list that grew shorter does not leave a reader on an empty page."""
    listing = select(small_city.snapshot, Query(page=99))
    assert (listing.number, listing.pages, len(listing.rows)) == (2, 2, 10)


@pytest.mark.parametrize(
    ("asked", "mistake"),
    [
        (
            {"state": "dead"},
            "state: there is no 'dead'; there are not_working, working, up, degraded, unreachable, down, unknown.",
        ),
        ({"zone": "z99"}, "zone: there is no 'z99'; there are z1, z2, z3, z4, z5."),
        ({"sort": "--name"}, "sort: there is no '--name'; there are state, name, zone, reason, since."),
        ({"page": "0"}, "page: a whole number from 1 to 1000000."),
        ({"page": "²"}, "page: a whole number from 1 to 1000000."),
        ({"per_page": "501"}, "per_page: a whole number from 1 to 500."),
        ({"per_page": "9" * 5000}, "per_page: a whole number from 1 to 500."),
        (
            {"zones": "z1"},
            "zones: not a parameter; there are state, zone, reason, site, uplink, feeder, cause, q, sort, page, per_page.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_mistake_is_named_with_what_would_be_right(asked: dict[str, str], mistake: str) -> None:
    """The sentence names the parameter and its choices."""
    with pytest.raises(QueryError) as caught:
        parse(asked, FLEET, strict=True)
    assert caught.value.mistakes == [mistake]


def test_of_very_many_choices_the_first_are_named() -> None:
    """A fleet of hundreds of zones does not make a sentence without end."""
    many = replace(FLEET, zones={f"zone-{number}": "" for number in range(500)})
    with pytest.raises(QueryError) as caught:
        parse({"zone": "nowhere"}, many)
    assert caught.value.mistakes[0].endswith("zone-28, zone-29, ….")


def test_every_mistake_is_named_at_once() -> None:
    """Two mistakes are two sentences."""
    with pytest.raises(QueryError) as caught:
        parse({"state": "x", "page": "x"}, FLEET)
    assert [sentence.split(":")[0] for sentence in caught.value.mistakes] == ["state", "page"]


def test_a_page_for_people_ignores_what_it_does_not_know() -> None:
    """A link that a chat program lengthened still works."""
    assert parse({"utm_source": "chat", "state": "down"}, FLEET) == Query(state="down")


@given(st.dictionaries(st.sampled_from([*Query.__dataclass_fields__, "other"]), st.text(max_size=300)))
def test_any_query_is_answered_or_refused(given_: dict[str, str]) -> None:
    """Whatever stands in an address: a query, or sentences; never another error."""
    try:
        query = parse(given_, FLEET, strict=True)
    except QueryError:
        return
    select(City(FLEET).snapshot, query)


def test_a_query_is_written_without_what_is_standard() -> None:
    """Addresses stay short: what is not asked for does not stand there, and another filter begins at page 1."""
    query = Query(state="down", q="a b&c", page=4)
    assert query.but(page=5) == "state=down&q=a+b%26c&page=5"
    assert query.but(state="") == "q=a+b%26c"
