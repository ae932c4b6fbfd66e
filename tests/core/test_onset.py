"""When most of several things began together."""

from __future__ import annotations

import pytest

from monitor.core.diagnosis.onset import moment
from monitor.core.diagnosis.symptom import Onset


@pytest.mark.parametrize("odd", [Onset(5.0, 5.0), Onset(6.0, 5.0)])
def test_an_onset_that_holds_no_time_is_a_moment(odd: Onset) -> None:
    """Also one that ends before it begins, as after a clock was set back: it breaks nothing, alone or beside others."""
    assert moment({"a": odd}).size == 1
    assert moment({"a": odd, "b": Onset(0.0, 10.0)}).size == 2
    assert moment({"a": odd, "b": Onset(20.0, 15.0)}).size == 1
