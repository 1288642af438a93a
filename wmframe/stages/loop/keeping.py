"""Checks before a checkpoint is saved: all values must be finite."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Final

from wmframe.errors import DIVERGED_HINT, DivergedError
from wmframe.interfaces.models import Learner
from wmframe.stages.loop.meters import Meters
from wmframe.training.checkpoint import CheckpointStore
from wmframe.training.finite import learner_tensors, nonfinite

NAMED: Final = 3
"""Maximum number of tensors named in a message."""


def require_finite(learner: Learner, meters: Meters, but: Set[str]) -> None:
    """Check that weights, buffers, optimizers and losses are finite; one read per device.

    Args:
        learner: the learner to be saved.
        meters: hold the sums of its losses since the last record.
        but: names of tensors that held infinities before training.

    Raises:
        DivergedError: they are not.
    """
    bad = sorted(nonfinite({**learner_tensors(learner), **meters.sums()}) - but)
    if bad:
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        message = f"the learner diverged: {', '.join(bad[:NAMED])}{more} hold NaN or infinity"
        raise DivergedError(message, DIVERGED_HINT)


@contextmanager
def last_good_named(store: CheckpointStore) -> Iterator[None]:
    """Add the last good checkpoint to the error of a diverged learner."""
    try:
        yield
    except DivergedError as error:
        latest = store.latest()
        kept = f"the last good checkpoint is {latest}" if latest else "no checkpoint was saved yet"
        raise DivergedError(f"{error.message}; {kept}", error.hint) from error
