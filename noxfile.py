"""Development sessions. ``nox -s quickstart`` is the first thing to try, ``nox -s tests`` the next.

Every session installs into its own environment, with the versions of ``plugins/constraints.txt``;
``nox -s versions`` has its own sets of versions, and ``nox -l`` lists them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nox
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "venv"  # plain pip: it also finds locally provided CPU wheels
nox.options.error_on_missing_interpreters = False  # nox -s versions names those and goes on

CONSTRAINTS = "plugins/constraints.txt"


ONE_THREAD = {"OMP_NUM_THREADS": "1"}
ROOT = Path("pyproject.toml")


def project(path: Path) -> dict[str, Any]:
    """The table ``[project]`` of a ``pyproject.toml``."""
    return dict(tomllib.loads(path.read_text())["project"])


def with_tests(path: Path) -> str:
    """A plugin as pip installs it, with what its tests need beside it."""
    extras = project(path).get("optional-dependencies", {})
    return f"{path.parent}[test]" if "test" in extras else str(path.parent)


PROJECTS = sorted(Path("plugins").glob("*/pyproject.toml"))
PLUGINS = [with_tests(path) for path in PROJECTS]
QUICKSTART = [f"plugins/{name}" for name in ("dreamerv2", "apv", "contextwm", "metaworld")]
METHODS = ["tests", *(f"plugins/{name}" for name in ("dreamerv2", "apv", "contextwm"))]
CORE_LINT = ["wmframe", "plugins", "tests", "docs", "noxfile.py"]


VERSIONS = [
    ("3.11", "lowest"),
    ("3.12", "torch-2.11.0"),  # what GPU machines in use have
    *((python, "newest") for python in ("3.11", "3.12", "3.13")),
]


def editable(paths: Sequence[str]) -> list[str]:
    """What pip takes for checkouts whose files are used where they are."""
    return [word for path in paths for word in ("-e", path)]


def install(session: nox.Session, core: str, plugins: list[str]) -> None:
    """Install the core and some plugins from this checkout, editable, in one resolution."""
    session.install("-c", CONSTRAINTS, *editable([core, *plugins]))


def lowest() -> list[str]:
    """The lowest version of each package that all ranges together allow, as pip's constraints."""
    bounds: dict[str, Version] = {}
    for name, bound in (pair for path in [ROOT, *PROJECTS] for pair in lower_bounds(project(path))):
        bounds[name] = max(bound, bounds.get(name, bound))
    return [f"{name}=={bound}" for name, bound in bounds.items()]


def lower_bounds(table: dict[str, Any]) -> Iterator[tuple[str, Version]]:
    """Packages that a project asks for, extras included, each with its lowest version."""
    extras = table.get("optional-dependencies", {}).values()
    for line in [*table.get("dependencies", ()), *(line for extra in extras for line in extra)]:
        wanted = Requirement(line)
        for part in wanted.specifier:
            if part.operator in (">=", "==") and not wanted.name.startswith("wmframe"):
                yield wanted.name, Version(part.version)


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
    session.run("pytest", *(session.posargs or ["-n", "2"]), env=ONE_THREAD)


@nox.session
@nox.parametrize("python,choice", VERSIONS, ids=["-".join(pair) for pair in VERSIONS])
def versions(session: nox.Session, choice: str) -> None:
    """Tests of the core and the methods on the lowest versions, the newest, and an older torch."""
    fitting = [path for path in PROJECTS if session.python in supported(path)]
    wanted = editable([".[test]", *map(with_tests, fitting)])
    if choice == "lowest":
        constraints = Path(session.create_tmp()).resolve() / "lowest.txt"
        constraints.write_text("\n".join(lowest()))
        wanted += ["-c", str(constraints)]
    elif choice == "newest":
        wanted += ["--upgrade", "--upgrade-strategy", "eager"]
    else:
        wanted.append(choice.replace("-", "=="))
    session.install(*wanted)
    session.run("python", "-m", "pip", "list")
    session.run("pytest", "-m", "not slow", *(session.posargs or METHODS), env=ONE_THREAD)


def supported(path: Path) -> SpecifierSet:
    """Versions of Python that a project can be installed on."""
    return SpecifierSet(project(path)["requires-python"])


@nox.session
def kills(session: nox.Session) -> None:
    """Kill runs at random moments; ``-- --count 50 --seed 0``. What comes of each is compared.

    It takes minutes.
    """
    install(session, ".[test]", [])
    session.run("python", "tests/kills/kills.py", *session.posargs)


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
def fuzz(session: nox.Session) -> None:
    """Try 20,000 odd recipes and damaged files, some minutes; ``-- --help`` shows the options."""
    install(session, ".[test]", PLUGINS)
    words = ("python", "tests/fuzz/fuzz.py", *session.posargs)
    session.run(*words, env={"OMP_NUM_THREADS": "1"})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    install(session, ".[docs]", PLUGINS)
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")
