"""The conformance kit: tests that a plugin's author runs on the plugin's components.

::

    # tests/test_conformance.py
    from wmframe.testing import conformance

    test_component = conformance("acme", {"acme": {"task": "push"}})

gives one test for each component of the plugin ``acme``. A failure says what to change. What is
tried on each kind can be called alone: ``check_suite`` in :mod:`wmframe.testing.suites`,
``check_agent`` in ``agents``, ``check_learner`` in ``learners``, ``check_encoder``,
``check_dynamics`` and ``check_decoder`` in ``networks``, ``check_tracker`` in ``trackers``. Alone
too: ``check_replay`` in ``suites``, and ``check_learning`` in ``datasets``, for what was packed.
"""

from __future__ import annotations

from wmframe.testing.conformance import check_component, conformance
from wmframe.testing.expect import ConformanceError

__all__ = ["ConformanceError", "check_component", "conformance"]
