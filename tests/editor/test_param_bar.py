"""What a wire makes of a param, as shares of its range."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from editor.drawn import built_in
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.numbers import at_share
from nodegraph.editor.panels.param_bar import driven

HIGH = built_in()["audio.band_level"].params["high"]


@given(st.lists(st.floats(-1e5, 1e5) | st.just(nan), min_size=1))
def test_now_lies_between_the_least_and_the_most(past: list[float]) -> None:
    found = driven(HIGH, np.array(past))
    if all(value != value for value in past):
        assert found is None
        return
    assert found is not None
    assert 0.0 <= found.least <= found.now <= found.most <= 1.0


def test_shares_go_along_the_params_curve() -> None:
    past = np.array([at_share(0.25, HIGH), at_share(0.75, HIGH), at_share(0.5, HIGH), nan])
    assert driven(HIGH, past) == pytest.approx((0.5, 0.25, 0.75))
    assert driven(HIGH, np.zeros(0)) is None
