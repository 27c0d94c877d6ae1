"""Generators of a training run: where randomness comes from, and its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gramian._validation import as_generator

__all__ = ["generator_for", "restore", "states"]


def generator_for(random_state: Any, caller: str) -> torch.Generator:
    """`as_generator`, except that None is seeded by one draw from torch's own generator.

    So ``torch.manual_seed`` makes a whole program repeatable: the weights that ``torch.nn`` draws
    and the order of the batches.
    """
    if random_state is None:
        random_state = int(torch.randint(2**63 - 1, ()))
    return as_generator(random_state, caller)


def _owned(prefix: str, owner: object) -> dict[str, torch.Generator]:
    return {
        f"{prefix}.{name}": value
        for name, value in getattr(owner, "__dict__", {}).items()
        if isinstance(value, torch.Generator)
    }


def _generators(model: nn.Module, data: object, loader: object) -> dict[str, torch.Generator]:
    """Every generator that is an attribute of the model's modules, the data or its loader."""
    found = _owned("data", data) | _owned("loader", loader)
    for part in ("sampler", "dataset"):  # of torch's DataLoader
        found |= _owned(part, getattr(loader, part, None))
    for name, module in model.named_modules():
        found |= _owned(f"model.{name}", module)
    return found


def states(model: nn.Module, data: object, loader: object) -> dict[str, Tensor]:
    """State of every generator of a run, torch's own (dropout draws from them) included."""
    found = {name: g.get_state() for name, g in _generators(model, data, loader).items()}
    found["torch"] = torch.get_rng_state()
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        found |= {f"cuda.{i}": s for i, s in enumerate(torch.cuda.get_rng_state_all())}
    return found


def restore(saved: Mapping[str, Tensor], model: nn.Module, data: object, loader: object) -> None:
    """Put every generator back into the state it was saved in."""
    for name, generator in _generators(model, data, loader).items():
        if name in saved:
            generator.set_state(saved[name])
    torch.set_rng_state(saved["torch"])
    for name, state in saved.items():
        if name.startswith("cuda."):
            torch.cuda.set_rng_state(state, int(name.removeprefix("cuda.")))
