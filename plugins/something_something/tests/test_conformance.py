"""The plugin keeps the contract of its kinds."""

from __future__ import annotations

from wmframe.testing import conformance

test_component = conformance("something_something")
