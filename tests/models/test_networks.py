"""The core's networks keep what every encoder and decoder promises."""

from __future__ import annotations

import pytest

from wmframe.registry import registry
from wmframe.testing.conformance import check_component

SMALL = {"depth": 4, "res_layers": 1, "vector_layers": [8]}


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_a_resnet_conforms(kind):
    check_component(registry().find(kind, f"wmframe.resnet_{kind}"), SMALL)
