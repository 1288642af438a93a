"""Settings of the CARLA suite. The defaults are those of ContextWM (Wu et al. 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe_carla.tasks import TASKS, task_name

LANES: Final = (-1, -2, -3, -4)
LOWEST_PORT: Final = 1024
HIGHEST_PORT: Final = 65535
HIGHEST_ROAD: Final = 10**6
MOST_LANES: Final = 100
MOST_METRES: Final = 1e6


@attrs.frozen
class ServerConfig:
    """Which simulators to use, and what to do when one is gone."""

    host: str = setting("localhost", help="machine on which the servers run")
    ports: tuple[int, ...] = setting(
        (2000,),
        help="training servers, one per simulator",
        minimum=LOWEST_PORT,
        maximum=HIGHEST_PORT,
    )
    eval_offset: int = setting(
        10,
        help="the evaluation server of port p is on p plus this",
        minimum=-HIGHEST_PORT,
        maximum=HIGHEST_PORT,
    )
    timeout: float = setting(
        30.0, help="timeout of a call in seconds", minimum=0.1, maximum=limits.SECONDS
    )
    retries: int = setting(3, help="retries to begin an episode", minimum=0, maximum=1000)
    retry_wait: float = setting(
        10.0, help="seconds before each retry", minimum=0.0, maximum=limits.SECONDS
    )

    def __attrs_post_init__(self) -> None:
        if not self.ports:
            raise ValueError("no server is given; write ports = [2000]")
        judged = {port + self.eval_offset for port in self.ports}
        if both := judged & set(self.ports):
            raise ValueError(
                f"port {min(both)} is a training and an evaluation server's; write ports or "
                f"eval_offset so that no port plus {self.eval_offset} is in ports"
            )


@attrs.frozen
class SpawnConfig:
    """Where the car begins."""

    road: int = setting(45, help="road of the map", minimum=0, maximum=HIGHEST_ROAD)
    lanes: tuple[int, ...] = setting(
        LANES, help="lanes to choose from, one per episode", minimum=-MOST_LANES, maximum=MOST_LANES
    )
    s: float = setting(
        100.0, help="metres from the beginning of the road", minimum=0.0, maximum=MOST_METRES
    )
    height: float = setting(
        0.1,
        help="metres above the road, so that wheels do not get stuck",
        minimum=-MOST_METRES,
        maximum=MOST_METRES,
    )

    def __attrs_post_init__(self) -> None:
        if not self.lanes:
            raise ValueError("no lane is given; write lanes = [-1]")


@attrs.frozen
class LaneConfig:
    """Which lane the car follows where it left the lanes meant for driving."""

    rules: Literal["reference", "mended", "plain"] = setting(
        "reference",
        help="shoulders of Town04: as the reference; also roads 102 and 886; none (other towns)",
        choices=("reference", "mended", "plain"),
    )
    branch_cut: bool = setting(True, help="treat Town04's exit as a shoulder of road 103")


@attrs.frozen
class StretchConfig:
    """A part of a road on which traffic begins."""

    road: int = setting(help="road of the map", minimum=0, maximum=HIGHEST_ROAD)
    start: float = setting(
        help="metres from the beginning of the road", minimum=0.0, maximum=MOST_METRES
    )
    end: float = setting(
        help="metres from the beginning of the road", minimum=0.0, maximum=MOST_METRES
    )
    lanes: tuple[int, ...] = setting(
        LANES, help="lanes to choose from", minimum=-MOST_LANES, maximum=MOST_LANES
    )

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start or not self.lanes:
            raise ValueError(
                f"a stretch from {self.start:g} to {self.end:g} m has no place for cars"
            )


_OPPOSITE: Final = tuple(-lane for lane in LANES)
STRETCHES: Final = (
    StretchConfig(45, 200.0, 583.0),
    StretchConfig(103, 0.0, 50.0),
    StretchConfig(46, 0.0, 176.0),
    StretchConfig(659, 0.0, 58.0, _OPPOSITE),
    StretchConfig(47, 0.0, 117.0),
    StretchConfig(558, 0.0, 34.0, _OPPOSITE),
    StretchConfig(48, 0.0, 81.0),
)
"""The highway of Town04 behind the place where the car begins, 899 m."""


@attrs.frozen
class TrafficConfig:
    """Other cars, which CARLA's traffic manager drives."""

    vehicles: int = setting(
        20,
        help="number of cars; those that would overlap others are left out",
        minimum=0,
        maximum=10_000,
    )
    stretches: tuple[StretchConfig, ...] = setting(
        STRETCHES, help="where they are spawned, by length"
    )
    port_offset: int = setting(
        6001,
        help="the traffic manager's port is the server's plus this",
        minimum=-HIGHEST_PORT,
        maximum=HIGHEST_PORT,
    )
    slower: float = setting(
        30.0, help="percent below the speed limit", maximum=100.0, minimum=-1000.0
    )
    gap: float = setting(
        2.0, help="metres that they keep from the car ahead", minimum=0.0, maximum=MOST_METRES
    )

    def __attrs_post_init__(self) -> None:
        if self.vehicles and not self.stretches:
            raise ValueError("cars need stretches to begin on; or write vehicles = 0")


@attrs.frozen
class CameraConfig:
    """What the car sees; several pictures stand side by side, from left to right."""

    count: int = setting(1, help="cameras, each rotated by fov from the next", choices=(1, 3, 5))
    size: int = setting(64, help="side of each image in pixels", minimum=8, maximum=limits.SIDE)
    fov: float = setting(60.0, help="field of view in degrees", minimum=1.0, maximum=170.0)
    position: tuple[float, float, float] = setting(
        (1.6, 0.0, 1.7),
        help="metres ahead of, right of and above the middle of the car",
        minimum=-MOST_METRES,
        maximum=MOST_METRES,
    )


@attrs.frozen
class TermConfig:
    """One term of the reward."""

    scale: float = setting(1.0, help="factor", minimum=0.0, maximum=limits.MAGNITUDE)
    clip: float | None = setting(
        None, help="bound of the magnitude", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class CenteringConfig(TermConfig):
    """What leaving the middle of the lane costs."""

    scale: float = setting(
        1.5,
        help="factor of the metres beyond the border",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    border: float = setting(
        1.75, help="metres from the middle without cost", minimum=0.0, maximum=MOST_METRES
    )


@attrs.frozen
class RewardConfig:
    """What a frame pays."""

    form: Literal["div", "add"] = setting(
        "div",
        help="div: progress / (1 + centering); add: progress - centering; minus the others",
        choices=("div", "add"),
    )
    progress: TermConfig = attrs.field(factory=TermConfig)
    centering: CenteringConfig = attrs.field(factory=CenteringConfig)
    collision: TermConfig = attrs.field(factory=lambda: TermConfig(1e-3, 10.0))
    steering: TermConfig = attrs.field(factory=TermConfig)


@attrs.frozen
class EndsConfig:
    """What ends an episode before the time limit."""

    roads: tuple[int, ...] = setting(
        (22, 34, 7, 15), help="roads that leave the route", minimum=0, maximum=HIGHEST_ROAD
    )
    stuck_speed: float = setting(
        0.02, help="slower than this, in m/s, counts as stuck", minimum=0.0, maximum=1000.0
    )
    stuck_every: int = setting(
        100, help="frames between checks of the speed; 0: never", minimum=0, maximum=limits.STEPS
    )
    glitch_frames: int = setting(
        20,
        help="first frames in which the simulator may launch the car into the air",
        minimum=0,
        maximum=limits.STEPS,
    )
    glitch_height: float = setting(
        0.5, help="metres above zero that are a glitch", minimum=-MOST_METRES, maximum=MOST_METRES
    )
    glitch_speed: float = setting(
        1.0, help="metres per second upwards that are a glitch", minimum=-1000.0, maximum=1000.0
    )


@attrs.frozen
class CarlaConfig:
    """A drive along the highway of Town04, as ContextWM and DBC (Zhang et al. 2021) had it."""

    task: str = setting(
        "ClearNoon",
        help="the weather; Changing: sun and storm vary",
        choices=TASKS,
        normalize=task_name,
    )
    weather_speed: float = setting(
        0.1,
        help="seconds of changing weather per frame",
        minimum=0.0,
        maximum=limits.SECONDS,
    )
    town: str = setting("Town04", help="name of the map")
    map_file: Path | None = setting(None, help="OpenDRIVE file for lanes; by default the server's")
    vehicle: str = setting("vehicle.audi.a2", help="blueprint of the car")
    dt: float = setting(0.05, help="seconds per frame", minimum=0.001, maximum=0.1)
    sensor_timeout: float = setting(
        2.0, help="timeout for an image in seconds", minimum=0.01, maximum=limits.SECONDS
    )
    action_repeat: int = setting(
        1,
        help="simulator frames per decision; its reward is their mean reward",
        minimum=1,
        maximum=limits.STEPS,
    )
    time_limit: int = setting(
        1000, help="simulator frames per episode", minimum=1, maximum=limits.STEPS
    )
    server: ServerConfig = attrs.field(factory=ServerConfig)
    spawn: SpawnConfig = attrs.field(factory=SpawnConfig)
    lanes: LaneConfig = attrs.field(factory=LaneConfig)
    traffic: TrafficConfig = attrs.field(factory=TrafficConfig)
    cameras: CameraConfig = attrs.field(factory=CameraConfig)
    reward: RewardConfig = attrs.field(factory=RewardConfig)
    ends: EndsConfig = attrs.field(factory=EndsConfig)

    def __attrs_post_init__(self) -> None:
        servers = {port + n for port in self.server.ports for n in (0, self.server.eval_offset)}
        managers = {port + self.traffic.port_offset for port in servers}
        for port in sorted(servers | managers):
            if not LOWEST_PORT <= port <= HIGHEST_PORT:
                raise ValueError(
                    f"with eval_offset or traffic.port_offset added there is no port {port}; "
                    f"ports are {LOWEST_PORT} to {HIGHEST_PORT}"
                )
        if both := servers & managers:
            raise ValueError(
                f"port {min(both)} is a server's and a traffic manager's; "
                "set another traffic.port_offset"
            )
