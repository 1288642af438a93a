"""Recipes and overrides that nobody would write, through validation, explanation and building."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from support.mutants import mutate_bytes
from wmframe.config import Part
from wmframe.recipe import dump_recipe, explain, load_recipe, resolved
from wmframe.recipe.toml import toml_key, toml_value
from wmframe.registry import registry

Say = Callable[[str], object]

HEAD: Final = "{ layers = 1, units = 8 }"
ONLINE: Final = f"""
device = "cpu"
trackers = []
[stages.collect]
use = "collect"
env_steps = 40
suite = {{ use = "blank", size = 64, vector = 3, time_limit = 5 }}
[stages.train]
use = "online"
env_steps = 40
prefill = 20
train_ratio = 0.1
episodes = "stages.collect"
replay = {{ batch = 2, length = 6, min_length = 6, max_length = 6 }}
suite = {{ use = "blank", size = 64, vector = 3, time_limit = 5 }}
[stages.train.agent]
use = "AGENT"
encoder = {{ depth = 2 }}
decoder = {{ depth = 2 }}
heads = {{ reward = {HEAD} }}
behavior = {{ horizon = 3, actor = {HEAD}, critic = {HEAD} }}
DYNAMICS
[stages.judge]
use = "evaluate"
source = "stages.train"
[profiles.quick]
seed = 3
stages.train.log_every = 7
"""
RSSM: Final = "{ hidden = 8, deter = 8, stoch = 2, discrete = 2 }"
PRETRAIN: Final = f"""
device = "cpu"
trackers = []
[stages.pretrain]
use = "pretrain"
updates = 3
batch = 2
length = 8
videos = [{{ use = "video_folder", path = "packed" }}]
agent = {{ use = "AGENT", encoder = {{ depth = 2 }}, decoder = {{ depth = 2 }}, dynamics = {RSSM} }}
"""
STACK: Final = f"dynamics = {{ action_free = {RSSM}, conditional = {RSSM} }}"
PLAIN: Final = f"dynamics = {RSSM}"
BASES: Final = {
    "dreamerv2": ONLINE.replace("AGENT", "dreamerv2.agent").replace("DYNAMICS", PLAIN),
    "apv": ONLINE.replace("AGENT", "apv.agent").replace("DYNAMICS", STACK),
    "contextwm": ONLINE.replace("AGENT", "contextwm.agent").replace("DYNAMICS", STACK),
    "apv-videos": PRETRAIN.replace("AGENT", "apv.video_predictor"),
    "contextwm-videos": PRETRAIN.replace("AGENT", "contextwm.video_predictor"),
}

ODD: Final = (
    *("-1", "0", "1", "2", "3", "5", "2147483648", "4294967296", "9223372036854775807"),
    *("100000000000000000000", "9" * 400, "9" * 5000, "0.0", "-0.0", "0.5", "1.5", "1e-300"),
    *("1e23", "1e300", "1e999", "inf", "-inf", "nan", "true", "false", '""', '"x"', '"none"'),
    *('"("', '"[a"', '".*"', '"$^"', '"(a+)+$"', '"\\u0000"', '"../.."', '"/"', '"a\\nb"'),
    *("'stages.train'", "'stages.collect'", "[]", "[0]", "[1]", "[-1]", "[1, 2, 3]", "[1.5]"),
    *("[4, 4, 4, 4]", "[64]", "[nan]", '["x"]', "[[]]", "{}", "{ use = 3 }", '{ use = "x" }'),
    *('{ use = "none" }', "{ a = { b = 1 } }", "[" * 40 + "]" * 40, "2020-01-01", "12:00:00"),
    *("2020-01-01T00:00:00Z", "'" + "y" * 5000 + "'", "[" + "1, " * 300 + "1]", '"\u2603"'),
)
"""Values as TOML; none of the integers that settings of sizes allow is large."""

COUNTS: Final = ("every", "hold", "until", "warmup", "steps", "seed", "starts", "time_limit")
"""How settings end that size nothing that is built."""

LARGEST: Final = 512


class Recipes:
    """The text of a recipe, changed in one to three places."""

    warm = staticmethod(lambda: warm())

    @staticmethod
    def prepare(folder: Path) -> None:
        """An empty folder: the text is drawn."""
        folder.mkdir()

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Write it and use it."""
        data = draw.choice(list(known().values())).encode()
        for _ in range(draw.randint(1, 3)):
            data = change(data, draw)
        file = folder / "fuzz.toml"
        file.write_bytes(data)
        say(repr(data.decode("utf-8", "backslashreplace")))
        use(file, draw.choice((None, None, "quick")), [], draw)


def change(data: bytes, draw: random.Random) -> bytes:
    """Change some bytes, a line or a value."""
    kind = draw.randrange(6)
    if kind == 0:
        return mutate_bytes(data, draw)
    lines = data.decode("utf-8", "replace").split("\n")
    at = draw.randrange(len(lines))
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines.insert(draw.randrange(len(lines)), lines[at])
    else:
        values = list(re.finditer(r'= *("[^"]*"|[^,}\n{\[]+)', lines[at]))
        if values:
            one = draw.choice(values)
            lines[at] = f"{lines[at][: one.start(1)]}{draw.choice(ODD)} {lines[at][one.end(1) :]}"
        else:
            lines[at] = f"{draw.choice(('x', 'use', 'seed', 'stages', 'a.b'))} = {draw.choice(ODD)}"
    return "\n".join(lines).encode("utf-8", "replace")


def warm() -> None:
    """Build one learner: what torch imports for that takes seconds, and memory of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sound.toml"
        file.write_text(next(iter(known().values())))
        use(file, None, [], random.Random(0))


class Overrides:
    """A sound recipe with one to three settings changed, some to values that it allows."""

    warm = staticmethod(lambda: warm())

    @staticmethod
    def prepare(folder: Path) -> None:
        """Write the sound recipes, and see that they are, and small enough to be built."""
        folder.mkdir()
        for name, text in known().items():
            file = folder / f"{name}.toml"
            file.write_text(text)
            use(file, None, [], random.Random(0))
            parts = [part.settings().get("agent") for _, part in load_recipe(file).stages]
            assert all(small(resolved_part(part)) for part in parts if part)

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Change and use one."""
        file = folder / f"{draw.choice(list(known()))}.toml"
        written = dict(leaves(resolved(load_recipe(file))))
        words = []
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            single = [key for key, now in written.items() if not isinstance(now, Mapping)]
            key = draw.choice(single if draw.random() < 0.9 else list(written))
            words.append(f"{spelt(key, draw)}={value(written[key], draw)}")
        say(f"{file.name} {' '.join(f'--set {word!r}' for word in words)}")
        use(file, None, words, draw)


def known() -> dict[str, str]:
    """The sound recipes whose plugins are installed, by name."""
    return {k: text for k, text in BASES.items() if find_spec(f"wmframe_{k.partition('-')[0]}")}


def value(now: Any, draw: random.Random) -> str:
    """A value as TOML: one near the present one, an odd one, a component's name, a bare word."""
    kind = draw.randrange(6)
    if kind < 3:
        return near(now, draw)
    if kind == 3:
        return draw.choice(ODD)
    if kind == 4:
        return toml_value(draw.choice(registry().components()).name)
    return draw.choice(("none", "elu", "batch", "layer", "auto", "both", "\udcff", "", "a.b", "="))


def near(now: Any, draw: random.Random) -> str:
    """A value of the same type, which may be allowed."""
    if isinstance(now, bool):
        return str(not now).lower()
    if isinstance(now, int):
        return str(draw.randint(-1, min(2 * now, 40) + 2))
    if isinstance(now, float):
        return str(now * draw.choice((-1.0, 0.0, 0.5, 2.0, 1e3, 1e30)))
    if isinstance(now, list):
        few = now[: draw.randrange(len(now) + 1)]
        return toml_value([*few, *draw.choice(([], [0], [1], [2, 2], ["reward"], now))])
    return draw.choice(('""', '"none"', '"layer"', '"batch"', '".*"', '"vector"', '"both"'))


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted key of every table and setting, with its value."""
    for key, child in table.items():
        here = f"{path}.{toml_key(key)}".removeprefix(".")
        yield here, child
        if isinstance(child, Mapping):
            yield from leaves(child, here)


def spelt(key: str, draw: random.Random) -> str:
    """The key, seldom misspelt."""
    return key if draw.random() < 0.95 else draw.choice((f"{key}.x", key[:-1], f"{key}.use", ""))


def use(file: Path, profile: str | None, words: list[str], draw: random.Random) -> None:
    """Load, explain, dump, load again, and build what is small."""
    recipe = load_recipe(file, profile, words)
    if recipe.stages:
        str(explain(file, f"stages.{recipe.stages[0][0]}", profile, words))
    again = file.with_name("resolved.toml")
    again.write_text(dump_recipe(recipe), encoding="utf-8")
    copy = load_recipe(again)
    assert copy.stages == recipe.stages
    for _, part in recipe.stages:
        build(part, draw)


def build(stage: Part, draw: random.Random) -> None:
    """Build a stage, and its learner and simulator where they are small."""
    stage.build()
    settings = stage.settings()
    suite, learner = settings.get("suite"), settings.get("agent")
    if suite is not None and suite.use == "wmframe.blank":
        env = suite.build().make()
        env.reset(seed=0)
        env.close()
    if learner is not None and small(resolved_part(learner)):
        runtime: dict[str, Any] = {"obs": observations()}
        if learner.component.kind == "agent":
            runtime["action"] = actions(draw)
        learner.build(**runtime)


def observations() -> dict[str, Any]:
    """A picture and a vector."""
    from wmframe.types import TensorSpec

    return {"image": TensorSpec((64, 64, 3), "uint8"), "vector": TensorSpec((3,), "float32")}


def actions(draw: random.Random) -> Any:
    """Continuous or discrete ones."""
    from wmframe.testing.samples import CONTINUOUS, DISCRETE

    return draw.choice((CONTINUOUS, DISCRETE))


def resolved_part(part: Part) -> dict[str, Any]:
    """All settings of a component, plain."""
    from wmframe.recipe.plain import to_plain

    plain: dict[str, Any] = to_plain(part)
    return plain


def small(settings: Any, key: str = "") -> bool:
    """Whether a component takes little memory: no integer that sizes it is large."""
    if isinstance(settings, Mapping):
        deep = settings.get("depth", 1) * 2 ** settings.get("res_depth", 1) <= 16 * LARGEST
        return deep and all(small(child, name) for name, child in settings.items())
    if isinstance(settings, list):
        return all(small(child, key) for child in settings)
    sizes = isinstance(settings, int) and not isinstance(settings, bool)
    return not sizes or key.endswith(COUNTS) or settings <= (4096 if "queue" in key else LARGEST)
