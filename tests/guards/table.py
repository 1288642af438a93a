"""What updates may do, as a table: ``python tests/guards/table.py`` measures and writes it anew.

The cases are the shipped ones of ``wmframe bench learner`` in their smallest profile, with small
batches, in each precision that a run may have by itself. ``flops`` has to be met exactly; ``ops``
and ``saved_bytes`` are caps, a little above what was counted, because they move with versions of
torch.
"""

from __future__ import annotations

import json
from pathlib import Path

import attrs

from wmframe.bench.learner import SMALL, LearnerCase, learner_cases, shipped_cases
from wmframe.bench.updates import CountedUpdate
from wmframe.recipe import load_recipe

FILE = Path(__file__).with_name("table.json")
SLACK = 1.05
BATCH, LENGTH = 2, 8
PRECISIONS = "float32", "bfloat16"


def cases(device: str = "cpu") -> dict[str, LearnerCase]:
    """Every shipped case that has a small profile, by its name and precision."""
    paths = [path for path in shipped_cases() if SMALL in load_recipe(path).profiles]
    found = learner_cases(paths, [SMALL], device=device)
    return {
        f"{case.name} {precision}": attrs.evolve(case, overrides=small(case.stage, precision))
        for case in found
        for precision in PRECISIONS
    }


def small(stage: str, precision: str) -> tuple[str, ...]:
    """Overrides for a small batch: a stage that acts draws it from its replay."""
    place = f"stages.{stage}" if stage == "pretrain" else f"stages.{stage}.replay"
    return f"precision={precision}", f"{place}.batch={BATCH}", f"{place}.length={LENGTH}"


def main() -> None:
    """Measure every case, and write what it may do from now on."""
    table = {}
    for name, case in cases().items():
        counts = CountedUpdate(case).counts
        print(name, counts.ops, counts.flops, counts.saved_bytes)
        table[name] = {
            "ops": int(counts.ops * SLACK),
            "flops": counts.flops,
            "saved_bytes": int(counts.saved_bytes * SLACK),
        }
    FILE.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
