"""Development sessions. ``nox -s quickstart`` is the first thing to try, ``nox -s tests`` the next.

Every session installs into its own environment, with the versions of ``plugins/constraints.txt``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "venv"  # plain pip: it also finds locally provided CPU wheels

CONSTRAINTS = "plugins/constraints.txt"


def with_tests(project: Path) -> str:
    """A plugin as pip installs it, with what its tests need beside it."""
    extras = tomllib.loads(project.read_text())["project"].get("optional-dependencies", {})
    return f"{project.parent}[test]" if "test" in extras else str(project.parent)


PLUGINS = [with_tests(project) for project in sorted(Path("plugins").glob("*/pyproject.toml"))]
QUICKSTART = [f"plugins/{name}" for name in ("dreamerv2", "apv", "contextwm", "metaworld")]
CORE_LINT = ["wmframe", "plugins", "tests", "docs", "noxfile.py"]


def install(session: nox.Session, core: str, plugins: list[str]) -> None:
    """Install the core and some plugins from this checkout, editable, in one resolution."""
    wanted = [word for path in [core, *plugins] for word in ("-e", path)]
    session.install("-c", CONSTRAINTS, *wanted)


@nox.session
def quickstart(session: nox.Session) -> None:
    """Train a small agent on Meta-World on this machine, and say where everything is."""
    install(session, ".", QUICKSTART)
    recipe = "recipes/contextwm_metaworld.toml"
    session.run("wmframe", "run", recipe, "--profile", "quick", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests of the core and of every plugin; give pytest's arguments after ``--``."""
    install(session, ".[test]", PLUGINS)
    session.run("pytest", *(session.posargs or ["-n", "2"]), env={"OMP_NUM_THREADS": "1"})


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff over everything, mypy --strict over the core."""
    install(session, ".[lint]", [])
    session.run("ruff", "check", *CORE_LINT)
    session.run("ruff", "format", "--check", *CORE_LINT)
    session.run("mypy", "wmframe")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure command line, learner, acting, data and a whole run: a JSON line a case."""
    install(session, ".", PLUGINS)
    session.run("python", "tests/benchmarks/bench_cli.py")
    quick = ("dreamerv2_metaworld", "--profile", "quick")
    for words in (("learner",), ("act", *quick), ("data",), ("e2e", *quick)):
        session.run("wmframe", "bench", *words, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    install(session, ".[docs]", PLUGINS)
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")
