"""A pass without numbers: which parameters the loss reaches, and what a pass has to remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from biprompt.geometry import ModelFrame
from biprompt.training.evf.batches import Batch
from biprompt.training.evf.clip import Network
from biprompt.training.evf.objective import EvfObjective

META = torch.device("meta")


@dataclass(frozen=True, slots=True)
class Traced:
    """What a pass over a batch would do.

    Attributes:
        unreached: parameters that are free to learn, and on which the loss does not depend.
        remembered: bytes that the way back needs, of everything but the parameters themselves.
    """

    unreached: tuple[str, ...]
    remembered: int


def blank_batch(
    model: Network, pictures: int, phrases: int, tokens: int, hw: tuple[int, int]
) -> Batch:
    """A batch without numbers, on the meta device.

    Args:
        model: its sizes.
        pictures: how many.
        phrases: of each picture.
        tokens: of each phrase.
        hw: height and width of each picture.
    """
    side, small, count = model.image_size, model.beit_size, pictures * phrases
    with META:
        return Batch(
            keys=("",) * pictures,
            frames=(ModelFrame(hw, (side, side), (side, side)),) * pictures,
            canvas=torch.empty(pictures, 3, side, side),
            features=None,
            stored=(False,) * pictures,
            beit=torch.empty(pictures, 3, small, small),
            ids=torch.empty(count, tokens, dtype=torch.int64),
            real=torch.empty(count, tokens, dtype=torch.bool),
            image_of=torch.empty(count, dtype=torch.int64),
            targets=tuple(torch.empty(phrases, *hw, dtype=torch.bool) for _ in range(pictures)),
        )


def trace(
    objective: EvfObjective, batch: Batch, note: Callable[[int], None] = lambda nbytes: None
) -> Traced:
    """Go through a pass on the meta device: no weights are read, no numbers worked out.

    Args:
        objective: with its image encoder.
        batch: on the meta device.
        note: told the bytes of each tensor that is remembered, when it is.
    """
    blank = {
        name: torch.empty_like(value, device=META).requires_grad_(value.requires_grad)
        for name, value in objective.named_parameters()
    }
    buffers = {name: torch.empty_like(v, device=META) for name, v in objective.named_buffers()}
    free = {name: value for name, value in blank.items() if value.requires_grad}
    sizes: dict[int, int] = {}
    kept: list[Tensor] = []  # while they are here, no address is given twice
    own = {value.untyped_storage()._cdata for value in (*blank.values(), *buffers.values())}

    def remember(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        if storage._cdata not in own and storage._cdata not in sizes:
            kept.append(value)
            sizes[storage._cdata] = storage.nbytes()
            note(storage.nbytes())
        return value

    hooks = torch.autograd.graph.saved_tensors_hooks(remember, lambda value: value)
    with hooks, _fused_attention():
        losses = functional_call(objective, {**blank, **buffers}, (batch,))
    total = (losses.bce + losses.dice).sum()
    found = torch.autograd.grad(total, list(free.values()), allow_unused=True)
    unreached = [name for name, value in zip(free, found, strict=True) if value is None]
    return Traced(tuple(unreached), sum(sizes.values()))


class _Fused(torch.autograd.Function):
    """Attention as fused kernels remember it: what goes in and what comes out, no weights."""

    @staticmethod
    def forward(ctx: Any, *given: Tensor | None) -> Tensor:
        out = torch.empty_like(given[0])  # type: ignore[arg-type]  # the query
        ctx.save_for_backward(*given, out)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        given = ctx.saved_tensors[:-1]
        needed = zip(given, ctx.needs_input_grad, strict=True)
        return tuple(torch.empty_like(value) if need else None for value, need in needed)


@contextmanager
def _fused_attention() -> Iterator[None]:
    """The meta device would go through attention step by step, which no GPU does."""
    usual = F.scaled_dot_product_attention

    def attend(
        query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, **more: Any
    ) -> Tensor:
        found: Tensor = _Fused.apply(query, key, value, attn_mask)  # type: ignore[no-untyped-call]
        return found

    F.scaled_dot_product_attention = attend  # type: ignore[assignment]  # takes what it is given
    try:
        yield
    finally:
        F.scaled_dot_product_attention = usual


def freeze_unreached(objective: EvfObjective) -> tuple[str, ...]:
    """Freeze what the loss does not depend on, such as the last layer's words; return the names.

    DDP would wait for gradients that never come, and AdamW would keep states that never move.
    """
    batch = blank_batch(objective.model, 1, 1, 4, (32, 32))
    unreached = trace(objective, batch).unreached
    parameters = dict(objective.named_parameters())
    for name in unreached:
        parameters[name].requires_grad_(False)
    return unreached
