"""How the contracts stand so far, as metrics."""

from __future__ import annotations

from peers.standing import END, START, Packs, Standing, figure, found, plain
from test_selfmetrics import values

from exporters.selfmetrics import SelfMetrics


def shown(standing: Standing) -> dict[tuple[str, ...], float]:
    metrics = SelfMetrics("0.1.0")
    metrics.watch_contracts(standing)
    return values(metrics)


def test_a_contract_is_told_with_its_bounds() -> None:
    """Each figure with low, high and coverage; the one that is held against the target once more, beside it."""
    seen = shown(Standing())
    assert seen["camera_sla_ratio", "safe-city", "camera_hours"] == 0.97343
    assert seen["camera_sla_low_ratio", "safe-city", "camera_hours"] == 0.96851
    assert seen["camera_sla_high_ratio", "safe-city", "camera_hours"] == 0.97465
    assert seen["camera_sla_coverage_ratio", "safe-city", "camera_hours"] == 0.995
    assert seen["camera_sla_ratio", "safe-city", "share_at_target"] == 0.6
    assert {key: value for key, value in seen.items() if key[0] in ("camera_sla_target_ratio", "camera_sla_reached_ratio")} == {
        ("camera_sla_target_ratio", "safe-city", "camera_hours"): 0.98,
        ("camera_sla_reached_ratio", "safe-city", "camera_hours"): 0.97343,
    }  # fmt: skip
    assert (seen["camera_sla_cameras", "safe-city"], seen["camera_sla_cameras_below_target", "safe-city"]) == (
        1795,
        716,
    )
    amounts = [seen[f"camera_sla_penalty{part}", "safe-city", "PKR"] for part in ("", "_least", "_most")]
    assert amounts == [250000.5, 250000.0, 625000.0]
    assert seen["camera_sla_period_start_timestamp_seconds", "safe-city"] == START / 1000
    assert seen["camera_sla_period_end_timestamp_seconds", "safe-city"] == END / 1000
    assert seen["camera_sla_stated_timestamp_seconds", "safe-city"] == START / 1000 + 20 * 86400


def test_where_each_camera_has_to_reach_the_target_that_is_all_of_them() -> None:
    """The promise is made of the share of cameras at the target, and is 1."""
    target = {**plain()["readings"][0]["target"], "weighting": "each", "figure": "60.000"}
    seen = shown(Standing(found(plain(target=target))))
    assert seen["camera_sla_target_ratio", "safe-city", "share_at_target"] == 1
    assert seen["camera_sla_reached_ratio", "safe-city", "share_at_target"] == 0.6


def test_what_is_not_known_is_absent() -> None:
    """No figure where nothing was seen, no target, no money; and none of a contract that cannot be stated."""
    nothing = {"value": None, "low": "0.000", "high": "100.000", "coverage": "0.000"}
    seen = shown(
        Standing(found(plain(camera_hours=nothing, target=None, money=None, share_at_target=None)), computed_at=None)
    )
    assert ("camera_sla_ratio", "safe-city", "camera_hours") not in seen
    assert seen["camera_sla_low_ratio", "safe-city", "camera_hours"] == 0
    told = {key[0] for key in seen}
    assert told.isdisjoint({"camera_sla_target_ratio", "camera_sla_penalty", "camera_sla_cameras_below_target"})
    assert "camfleet_sla_computed_timestamp_seconds" not in told
    assert not any(key[0].startswith("camera_sla") for key in shown(Standing(())))


def test_what_fails_is_told() -> None:
    """That the figures cannot be computed, and of each folder whether a pack is missing."""
    seen = shown(Standing(failing="the ledger is not what it should be", packing=Packs(made=7)))
    assert seen["camfleet_sla_failing",] == 1
    assert (seen["camfleet_pack_failing", "office"], seen["camfleet_pack_failing", "auditor"]) == (1, 0)
    assert seen["camfleet_packs_total",] == 7
    assert shown(Standing())["camfleet_sla_failing",] == 0


def test_figures_stay_cut() -> None:
    """99.999 per cent is never 1."""
    assert (
        shown(Standing(found(plain(camera_hours=figure("99.999")))))["camera_sla_ratio", "safe-city", "camera_hours"]
        < 1
    )
