"""Who steps which parameters: optimizers by the beginnings of parameter names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import nn

from wmframe.config import Part
from wmframe.errors import UsageError
from wmframe.training.config import OptimizerConfig
from wmframe.training.optimizer import Optimizer

REST = "*"


def make_optimizers(
    parts: Mapping[str, Part], parameters: Mapping[str, nn.Parameter]
) -> dict[str, Optimizer]:
    """An optimizer for each part; a parameter goes where the longest beginning of its name is.

    Args:
        parts: of kind ``optimizer``, by name.
        parameters: all that have to be stepped, by name.

    Raises:
        UsageError: a parameter has no optimizer, or two, or a beginning has no parameter.
    """
    beginnings = _beginnings(parts)
    groups: dict[str, list[nn.Parameter]] = {name: [] for name in parts}
    used = set()
    for name, parameter in parameters.items():
        found = max((b for b in beginnings if _begins(name, b)), key=len, default=None)
        if found is None:
            raise UsageError(f"no optimizer steps {name}", f'set parameters = "{REST}" in one')
        used.add(found)
        groups[beginnings[found]].append(parameter)
    if unused := sorted(set(beginnings) - used - {REST}):
        tops = ", ".join(sorted({name.partition(".")[0] for name in parameters}))
        message = f"no trained parameter is left that begins with {', '.join(unused)}"
        raise UsageError(message, f"change parameters in optimizers; there are {tops}")
    return {name: Optimizer(groups[name], part) for name, part in parts.items() if groups[name]}


def trained(
    modules: Mapping[str, nn.Module], apart: Collection[nn.Parameter]
) -> dict[str, nn.Parameter]:
    """Trained parameters by name, those of each module behind its own.

    Args:
        modules: by the prefix of their parameters' names; empty for none.
        apart: what somebody else steps.
    """
    others = {id(parameter) for parameter in apart}
    return {
        f"{place}.{name}".removeprefix("."): parameter
        for place, module in modules.items()
        for name, parameter in module.named_parameters()
        if parameter.requires_grad and id(parameter) not in others
    }


def _beginnings(parts: Mapping[str, Part]) -> dict[str, str]:
    """The optimizer's name by each beginning."""
    found: dict[str, str] = {}
    for name, part in parts.items():
        config: OptimizerConfig = part.config
        for beginning in (word.strip() for word in config.parameters.split(",")):
            if beginning in found:
                message = f"optimizers {found[beginning]} and {name} both step {beginning}"
                raise UsageError(message, f"set optimizers.{name}.parameters to others")
            found[beginning] = name
    return found


def _begins(name: str, beginning: str) -> bool:
    return beginning == REST or f"{name}.".startswith(f"{beginning}.")
