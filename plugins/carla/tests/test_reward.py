from __future__ import annotations

import pytest

from wmframe_carla.config import CenteringConfig, RewardConfig, TermConfig
from wmframe_carla.reward import reward


def pay(config=None, metres=0.0, offset=0.0, impulse=0.0, steer=0.0):
    return reward(
        config or RewardConfig(), metres=metres, offset=offset, impulse=impulse, steer=steer
    )


def test_within_the_border_a_frame_pays_the_metres_made():
    assert pay(metres=1.25, offset=1.75).total == 1.25
    assert pay(metres=-0.5).total == -0.5


def test_div_divides_progress_by_one_and_a_half_times_the_metres_beyond_the_border():
    paid = pay(metres=1.0, offset=2.75)
    assert paid.centering_cost == 1.5
    assert paid.total == pytest.approx(1.0 / 2.5)


def test_add_subtracts_them():
    assert pay(RewardConfig(form="add"), metres=1.0, offset=2.75).total == pytest.approx(-0.5)


def test_collisions_cost_a_thousandth_of_the_impulse_up_to_ten():
    assert pay(impulse=2000.0).total == pytest.approx(-2.0)
    assert pay(impulse=50_000.0).total == -10.0


def test_steering_costs_the_same_to_both_sides():
    assert pay(steer=-0.25).total == pay(steer=0.25).total == -0.25


def test_what_costs_is_not_divided():
    paid = pay(metres=1.0, offset=2.75, impulse=500.0, steer=0.1)
    assert paid.total == pytest.approx(0.4 - 0.5 - 0.1)
    assert (paid.collision_cost, paid.steering_cost) == (0.5, pytest.approx(0.1))


def test_every_term_has_a_scale_and_a_clip():
    config = RewardConfig(
        form="add",
        progress=TermConfig(2.0, 3.0),
        centering=CenteringConfig(scale=1.0, border=1.0, clip=0.5),
        collision=TermConfig(0.0),
        steering=TermConfig(0.1, 0.05),
    )
    paid = pay(config, metres=9.0, offset=5.0, impulse=1e6, steer=1.0)
    assert paid == (3.0 - 0.5 - 0.05, 3.0, 0.5, 0.0, 0.05)
    assert pay(config, metres=-9.0).progress == -3.0
