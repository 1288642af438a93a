"""What a visual seed draws; the numbers are those of the reference's own code."""

from __future__ import annotations

import random

import pytest

from wmframe_dmc_remastered.config import VARY
from wmframe_dmc_remastered.domains import DOMAINS
from wmframe_dmc_remastered.looks import Look, draw_look

# The reference's get_assets and get_model were followed draw by draw after random.seed(SEED).
HOPPER_7 = {
    ("grid", "reflectance"): "0.19741174821158675",
    ("self", "rgba"): "0.8212742919913083 0.09413004193968255 "
    "0.5827880059033551 0.7620716059067031",
    ("effector", "rgba"): "0.21469818083566172 0.08594723368917168 "
    "0.41817215137075947 0.9774260157857756",
    ("target", "rgba"): "0.5510472537913857 0.059110506078989156 "
    "0.5654536941930797 0.8101657500317563",
    ("headlight", "ambient"): "0.7762773820684149 0.7715144809412819 0.7194009953288553",
    ("headlight", "diffuse"): "0.6026885739981477 0.6369870760117231 0.7041036909076119",
    ("headlight", "specular"): "0.0800592658532599 0.08492113953168698 0.08613025169627066",
    ("quality", "shadowsize"): "2121",
    ("cam0", "pos"): "-0.052850170550051284 -2.939660330430199 0.8603737892159415",
    ("cam0", "euler"): "85.72436286667542 0.35882004306689197 -1.3431108308741448",
}
PENDULUM_MINUS_7 = {
    ("headlight", "ambient"): "0.16275778215804312 0.18182674076039973 0.23259119426220942",
    ("quality", "shadowsize"): "2244",
    ("fixed", "xyaxes"): "1 0 0 0 0.4647665529666325 1",
    ("fixed", "pos"): "0.030169834784900387 -1.015378518504819 1.3217308860002628",
    ("light", "pos"): "0.0358820043066892 -0.053724433234965785 1.2927982796395308",
}


def drawn(look):
    """Values by the element's name and the attribute."""
    names = [
        edit.path.removeprefix(".//").rpartition("@name=")[2].strip("']") for edit in look.edits
    ]
    return {(n, edit.attribute): edit.value for n, edit in zip(names, look.edits, strict=True)}


def test_a_positive_seed_draws_what_the_reference_draws():
    look = draw_look(7, "hopper", VARY)
    assert (look.sky, look.floor) == (41, 77)
    assert drawn(look) == HOPPER_7


def test_a_negative_seed_recolours_what_the_reference_recolours():
    look = draw_look(-7, "pendulum", VARY)
    assert (look.sky, look.floor) == (None, None)
    values = drawn(look)
    assert {key: values[key] for key in PENDULUM_MINUS_7} == PENDULUM_MINUS_7
    colours = [edit.value.split()[0][:10] for edit in look.edits[:4]]
    assert colours == ["0.32383276", "0.07243628", "0.05799892", "0.43364568"]
    assert [edit.factor for edit in look.edits[:4]] == ["bg", "bg", "floor", "floor"]


def test_seed_0_is_the_default_look():
    assert draw_look(0, "walker", VARY) == Look()


def test_what_is_not_varied_is_drawn_all_the_same():
    everything = set(draw_look(5, "finger", VARY).edits)
    for factor in VARY:
        look = draw_look(5, "finger", [factor])
        assert {edit.factor for edit in look.edits} <= {factor}
        assert set(look.edits) <= everything
    assert draw_look(5, "finger", []) == Look()


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_a_camera_and_only_the_walker_and_the_hopper_no_light(domain):
    factors = [draw.factor for draw in DOMAINS[domain].draws]
    assert factors[0] == "camera"
    assert ("light" in factors) == (domain not in ("hopper", "walker"))


def test_drawing_a_look_leaves_pythons_random_numbers_alone():
    random.seed(3)
    before = random.getstate()
    draw_look(11, "fish", VARY)
    assert random.getstate() == before
