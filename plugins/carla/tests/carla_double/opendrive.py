"""Writes small OpenDRIVE road networks: our own roads, with numbers that Town04's rules know."""

from __future__ import annotations

import math
from typing import NamedTuple

WIDTH = 3.5


class Road(NamedTuple):
    """A road of one straight or one arc (curvature in 1/m, positive to the left)."""

    number: int
    x: float
    y: float
    heading: float
    length: float
    curvature: float = 0.0
    right: int = 4
    left: int = 0
    before: int | None = None
    after: int | None = None
    shoulders: bool = False

    def end(self):
        """Where the road ends: x, y, heading."""
        k, s, h = self.curvature, self.length, self.heading
        if not k:
            return self.x + s * math.cos(h), self.y + s * math.sin(h), h
        turn = h + k * s
        x = self.x + (math.sin(turn) - math.sin(h)) / k
        return x, self.y - (math.cos(turn) - math.cos(h)) / k, turn


def lane(number, kind, width, linked):
    link = f'<predecessor id="{number}"/><successor id="{number}"/>' if linked else ""
    return (
        f'<lane id="{number}" type="{kind}" level="false"><link>{link}</link>'
        f'<width sOffset="0" a="{width}" b="0" c="0" d="0"/></lane>'
    )


def road_xml(road):
    links = [
        f'<{word} elementType="road" elementId="{other}" contactPoint="{point}"/>'
        for word, other, point in (
            ("predecessor", road.before, "end"),
            ("successor", road.after, "start"),
        )
        if other is not None
    ]
    shape = f'<arc curvature="{road.curvature}"/>' if road.curvature else "<line/>"
    linked = bool(links)
    left = [lane(n, "driving", WIDTH, linked) for n in range(road.left, 0, -1)]
    right = [lane(-n, "driving", WIDTH, linked) for n in range(1, road.right + 1)]
    if road.shoulders:  # lanes that end with the road: a link to none crashes CARLA's reader
        left.insert(0, lane(road.left + 1, "driving", WIDTH, False))
        right.append(lane(-road.right - 1, "driving", WIDTH, False))
    place = f'x="{road.x}" y="{road.y}" hdg="{road.heading}"'
    name = f'name="{road.number}" id="{road.number}" length="{road.length}" junction="-1"'
    return f"""<road {name}><link>{"".join(links)}</link>
<planView><geometry s="0" {place} length="{road.length}">{shape}</geometry></planView>
<elevationProfile><elevation s="0" a="0" b="0" c="0" d="0"/></elevationProfile>
<lateralProfile/><lanes><laneSection s="0">
{f"<left>{''.join(left)}</left>" if left else ""}
<center><lane id="0" type="none" level="false"/></center>
{f"<right>{''.join(right)}</right>" if right else ""}
</laneSection></lanes></road>"""


def network(roads):
    """The OpenDRIVE text of roads."""
    return (
        '<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="4" name="" version="1" '
        'north="1000" south="-1000" east="1000" west="-1000"/>'
        + "".join(map(road_xml, roads))
        + "</OpenDRIVE>"
    )


def highway():
    """A straight of 600 m (45, with shoulders), a curve (103) and a straight of 180 m (46).

    Apart from them, so that every road that the settings name is there: further roads of the
    highway, a branch (93), a road that leaves the route (22), and a road beside 659 (660).
    """
    first = Road(45, 0, 0, 0, 600, shoulders=True, after=103)
    curve = Road(103, *first.end(), 80, 0.01, before=45, after=46)
    last = Road(46, *curve.end(), 180, before=103)
    apart = [
        Road(93, 0, -500, 0, 60, right=1),
        Road(22, 0, -700, 0, 100, right=1),
        Road(659, 0, -900, 0, 58, right=0, left=4),
        Road(660, 0, -903.5, 0, 58, right=1),
        Road(47, 0, -1100, 0, 120),
        Road(558, 0, -1300, 0, 40, right=0, left=4),
        Road(48, 0, -1500, 0, 85),
    ]
    return network([first, curve, last, *apart])
