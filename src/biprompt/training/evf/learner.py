"""The network in training: on its device, in its precision, with its optimiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from biprompt.runtime.torch.place import Place
from biprompt.training.evf.batches import Batch, Features
from biprompt.training.evf.clip import ClipSam, Network
from biprompt.training.evf.looking import Looker
from biprompt.training.evf.lora import add_lora, merged
from biprompt.training.evf.objective import EvfObjective
from biprompt.training.evf.parts import free_parts, trainable
from biprompt.training.evf.reach import freeze_unreached
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.remembering import forget, layers_of
from biprompt.training.evf.sizes import Sizes
from biprompt.training.evf.state import (
    States,
    optimizer_state,
    put_optimizer,
    put_weights,
    whole,
)
from biprompt.training.evf.wrapping import KINDS, is_deepspeed, wrapped
from biprompt.training.evf.zero import put_zero, zero_states, zero_weights
from biprompt.zoo.build import fingerprint
from biprompt.zoo.recognise import must_stay_exact

_MODEL = "model."


class Learner:
    """What the loop works with; hides what accelerate makes of the network.

    Args:
        recipe: what learns, and how.
        sizes: of the network.
        model: the network at the beginning.
        accelerator: knows device, precision and processes.

    Attributes:
        frozen: a digest of the weights that do not learn.
        objective: the network with its loss, wrapped.
        is_deepspeed: whether DeepSpeed does the steps.
    """

    def __init__(
        self, recipe: EvfRecipe, sizes: Sizes, model: Network, accelerator: Accelerator
    ) -> None:
        self.recipe, self.sizes, self.accelerator = recipe, sizes, accelerator
        model.train()
        if recipe.lora and not isinstance(model, ClipSam):
            add_lora(model.beit3, recipe)
        free_parts(model, recipe)
        objective = EvfObjective(model)
        freeze_unreached(objective)
        rest = {n: v for n, v in model.named_parameters() if not v.requires_grad}
        self.frozen = fingerprint(rest)
        looking = recipe.train_image_encoder
        if recipe.checkpoint_activations:
            forget(layers_of(model, looking=looking))
        self.looker = None if looking else Looker.taken_from(model, self._place())
        if self.looker is not None and not accelerator.is_main_process:
            self.looker.weights = {}  # the first process alone writes them
        learns = list(trainable(objective).values())
        betas = (recipe.beta1, recipe.beta2)
        optimizer = torch.optim.AdamW(
            learns,
            lr=recipe.rate,
            betas=betas,
            weight_decay=recipe.weight_decay,
            fused=accelerator.device.type == "cuda",  # without a copy of all that learns
        )
        self.is_deepspeed = is_deepspeed(accelerator)
        if self.is_deepspeed:
            self._exact = {name: whole(value) for name, value in model.state_dict().items()}
        self.objective, self.optimizer = wrapped(accelerator, recipe, objective, optimizer)
        if self.is_deepspeed:
            self._restore_exact()

    @property
    def bare(self) -> nn.Module:
        """The objective without what accelerate wrapped around it."""
        return cast(nn.Module, self.accelerator.unwrap_model(self.objective))

    @property
    def is_asked_for_weights(self) -> bool:
        """Whether this process has to gather weights, to write them or to give its share."""
        shared = self.is_deepspeed or self.accelerator.is_fsdp2
        return shared or bool(self.accelerator.is_main_process)

    @property
    def skips_steps(self) -> bool:
        """Whether a gradient that is not finite only makes the loss scaler lower its scale."""
        return self.accelerator.scaler is not None

    def parameters(self) -> dict[str, nn.Parameter]:
        """What learns, by its official name."""
        found = trainable(self.bare)
        return {name.removeprefix(_MODEL): value for name, value in found.items()}

    def weights(self) -> Mapping[str, Tensor]:
        """All tensors of the network by their official names, as they are now, on the CPU."""
        state = {} if self.is_deepspeed else self.bare.state_dict()
        own = {name.removeprefix(_MODEL): whole(value) for name, value in state.items()}
        if self.is_deepspeed:
            own = self._exact | self.learnt()
        return merged(own, self.recipe) | ({} if self.looker is None else self.looker.weights)

    def learnt(self) -> dict[str, Tensor]:
        """What learns, by its official name: float32 weights, whole, on the CPU."""
        parameters = self.parameters()
        if self.is_deepspeed:
            return zero_weights(parameters)
        return {name: whole(value) for name, value in parameters.items()}

    def optimizer_state(self) -> States:
        """What the optimiser remembers of each parameter that learns."""
        if self.is_deepspeed:
            return zero_states(self.optimizer.optimizer, self.parameters())
        return optimizer_state(self.optimizer.optimizer, self.parameters())

    def put(self, weights: Mapping[str, Tensor], states: States) -> None:
        """Give network and optimiser what `learnt` and `optimizer_state` returned."""
        parameters = self.parameters()
        if self.is_deepspeed:
            put_zero(self.optimizer.optimizer, parameters, weights, states)
            return
        put_weights(parameters, weights)
        put_optimizer(self.optimizer.optimizer, parameters, states)

    def features(self, batch: Batch) -> Features | None:
        """What SAM sees of a batch; None where it looks in the forward pass, as it learns."""
        return None if self.looker is None else self.looker.features(batch)

    @contextmanager
    def turn(self, *, last: bool) -> Iterator[None]:
        """Around a pass: processes exchange gradients after the last of a step alone."""
        self.accelerator.gradient_state._set_sync_gradients(last)
        if last or self.is_deepspeed:
            yield
        else:
            with self.accelerator.no_sync(self.objective):
                yield

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the next update."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def backward(self, loss: Tensor) -> None:
        """Add to the gradients."""
        self.accelerator.backward(loss)

    def clip(self, norm: float) -> float:
        """Clip the gradient; return its norm before. DeepSpeed has done it, and a step, by then."""
        found = self.accelerator.clip_grad_norm_(self.parameters().values(), norm)
        return float(whole(found) if isinstance(found, Tensor) else found or 0.0)

    def update(self) -> None:
        """One step of the optimiser."""
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def _restore_exact(self) -> None:
        """Undo the rounding of what tells pixels apart: DeepSpeed rounds all of the network."""
        for name, value in self.bare.named_buffers():
            if must_stay_exact(name):
                value.data = self._exact[name.removeprefix(_MODEL)].to(value.device)

    def scaler_state(self) -> dict[str, Any]:
        """What the loss scaler of float16 remembers; nothing where there is none."""
        scaler = self.accelerator.scaler
        return {} if scaler is None else dict(scaler.state_dict())

    def put_scaler(self, state: dict[str, Any]) -> None:
        """Give the loss scaler what it remembered."""
        if self.accelerator.scaler is not None and state:
            self.accelerator.scaler.load_state_dict(state)

    def _place(self) -> Place:
        kind = KINDS[self.accelerator.mixed_precision]
        return Place(self.accelerator.device, kind, self.recipe.micro_batch)
