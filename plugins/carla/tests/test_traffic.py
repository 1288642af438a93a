from __future__ import annotations

import numpy as np
import pytest

from wmframe_carla.config import STRETCHES, StretchConfig, TrafficConfig
from wmframe_carla.traffic import cars, draw_place, painted


def test_places_are_uniform_over_the_length_of_the_highway():
    rng = np.random.default_rng(0)
    places = [draw_place(STRETCHES, rng) for _ in range(4000)]
    by_road = {s.road: s for s in STRETCHES}
    assert sum(s.end - s.start for s in STRETCHES) == 899
    for road, stretch in by_road.items():
        here = [place for place in places if place.road == road]
        share = (stretch.end - stretch.start) / 899
        assert len(here) / 4000 == pytest.approx(share, abs=0.03)
        assert {place.lane for place in here} == set(stretch.lanes)
        assert all(stretch.start <= place.s <= stretch.end for place in here)


def test_cars_have_four_wheels_and_colours_that_they_come_in(make, server):
    from carla_double.server import World

    world = World(server)
    blueprints = cars(world)
    assert [b.id for b in blueprints] == [
        "vehicle.audi.a2",
        "vehicle.seat.leon",
        "vehicle.tesla.model3",
    ]
    tesla = painted(blueprints[2], np.random.default_rng(0))
    assert tesla.get_attribute("color").recommended_values == ["9,9,9"]
    assert tesla._values["role_name"] == "autopilot"


def test_traffic_drives_on_its_managers_port_and_is_new_in_each_episode(make, server):
    env = make()
    env.reset(seed=1)
    first = {number for number, actor in server.actors.items() if actor._pilot}
    assert len(first) == 3
    assert set(server._managers) == {8001}
    told = server._managers[8001]._told
    assert (told["synchronous"], told["gap"], told["slower"]) == (True, 2.0, 30.0)
    seed = told["seed"]
    env.reset(seed=2)
    second = {number for number, actor in server.actors.items() if actor._pilot}
    assert len(second) == 3 and not first & second
    assert server._managers[8001]._told["seed"] != seed
    env.reset(seed=1)
    assert server._managers[8001]._told["seed"] == seed


def test_cars_that_would_stand_in_another_are_left_out(make, server):
    crowd = TrafficConfig(vehicles=30, stretches=(StretchConfig(46, 0.0, 10.0, (-1,)),))
    make(traffic=crowd).reset(seed=0)
    others = [a for a in server.actors.values() if a._pilot]
    assert 1 <= len(others) <= 3


def test_stretches_that_are_not_on_the_map_stay_empty(make, server):
    make(traffic=TrafficConfig(vehicles=5, stretches=(StretchConfig(999, 0.0, 10.0),))).reset(
        seed=0
    )
    assert server.kinds().count("vehicle.audi.a2") == 1 and len(server.actors) == 3


def test_no_traffic_needs_no_manager(make, server):
    make(traffic=TrafficConfig(vehicles=0)).reset(seed=0)
    assert not server._managers


def test_a_stretch_without_length_is_refused():
    with pytest.raises(ValueError, match="no place for cars"):
        StretchConfig(45, 5.0, 5.0)
    with pytest.raises(ValueError, match="vehicles = 0"):
        TrafficConfig(stretches=())
