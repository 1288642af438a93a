"""``wmframe doctor``: find problems that would stop a run, and their fixes."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Annotated

import typer

from wmframe import __version__
from wmframe.cli.components import own_check
from wmframe.distributions import find_version, survey
from wmframe.plugin import Finding
from wmframe.registry import registry

PACKAGES = ("torch", "numpy", "gymnasium", "mujoco", "av")


def doctor(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="A component with its own check, such as a server's.")
    ] = None,
) -> None:
    """Check versions, plugins, the torch device and headless rendering; exit with 1 on a problem.

    With NAME, run that component's own check; its options follow, such as --port 2000.
    """
    if name is None:
        findings = [
            *versions(),
            *packages(),
            *plugins(),
            torch_device(),
            *cpu_kernels(),
            *rendering(),
        ]
    else:
        findings = list(own_check(name, context.args))
    show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def show(findings: Iterable[Finding]) -> None:
    """Print a line per finding, and a hint below each problem."""
    for finding in findings:
        mark = typer.style("ok ", fg="green") if finding.ok else typer.style("off", fg="red")
        typer.echo(f"{mark}  {finding.subject}: {finding.detail}")
        if finding.fix and not finding.ok:
            typer.echo(f"     hint: {finding.fix}")


def versions() -> Iterator[Finding]:
    """Python, the core and the packages that affect numbers."""
    python = platform.python_version()
    yield Finding("wmframe", True, f"{__version__}, Python {python}, {os.cpu_count()} CPU cores")
    for name in PACKAGES:
        version = find_version(name)
        fix = f"pip install {name}"
        yield Finding(name, bool(version) or name == "mujoco", version or "not installed", fix)


def packages() -> Iterator[Finding]:
    """Installed packages with broken metadata, as an interrupted pip leaves them."""
    for found in survey():
        if found.odd:
            fix = f"remove {found.place}, and reinstall what it was of"
            yield Finding(f"package {found.place.name}", False, found.odd, fix)


def plugins() -> Iterator[Finding]:
    """Every plugin, usable or broken."""
    for plugin in registry().plugins:
        detail = plugin.cause or f"{plugin.version}, {len(plugin.components)} components"
        yield Finding(f"plugin {plugin.name}", not plugin.cause, detail, plugin.hint)


def torch_device() -> Finding:
    """The device and precision of ``auto`` on this machine."""
    try:
        import torch

        from wmframe.nn.precision import default_precision
    except ImportError as error:
        return Finding("device", False, f"torch cannot be imported: {error}", "pip install torch")
    if torch.cuda.is_available():
        device, name = "cuda", torch.cuda.get_device_name()
    else:
        device, name = "cpu", f"{torch.get_num_threads()} threads"
    return Finding("device", True, f"{device}, {name}, updates in {default_precision(device)}")


def cpu_kernels() -> Iterator[Finding]:
    """The CPU kernels in use; without them torch's are used."""
    if find_spec("torch") is None:
        return
    from wmframe.nn.cpu.probe import probe
    from wmframe.nn.cpu.switch import enabled

    found = {
        name: "used" if works and enabled(name) else "switched off" if works else "torch's instead"
        for name, works in probe().items()
    }
    yield Finding("CPU kernels", True, ", ".join(f"{k}: {word}" for k, word in found.items()))


def rendering() -> Iterator[Finding]:
    """Headless OpenGL for MuJoCo: the configured backend must work, others may."""
    if find_spec("mujoco") is None:
        return
    from wmframe.envs.gl import probe_backends

    results = probe_backends()
    in_use = os.environ.get("MUJOCO_GL", "egl")
    others = [f"export MUJOCO_GL={result.name}" for result in results if result.ok]
    for result in results:
        fix = " or ".join([*others, result.fix])
        detail = result.detail if result.ok else f"does not work: {result.detail}"
        used = result.name == in_use
        detail = detail if used else f"{detail} (not in use)"
        yield Finding(f"MUJOCO_GL={result.name}", result.ok or not used, detail, fix)
