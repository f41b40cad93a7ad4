"""From prompts to answers: plan, ground, decode, choose."""

from __future__ import annotations

import time
from collections.abc import Sequence

from biprompt.experts.deciding import Special
from biprompt.experts.examples.joining import show_all
from biprompt.experts.pair import decode, ground
from biprompt.experts.plan import Asked, Batch
from biprompt.experts.pool import Pool, widened
from biprompt.experts.sparing import decode_needed
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Policy


def answer_all(
    runtime: Runtime,
    embedding: ImageEmbedding,
    asked: Sequence[Asked],
    policy: Policy,
    *,
    outline_absent: bool = True,
) -> list[Segmentation]:
    """One answer per prompt; all of them share the fusion call and the decoder calls.

    Args:
        runtime: the model that looked at the image.
        embedding: the image.
        asked: the prompts.
        policy: how the gate decides, and whether its pool is wide.
        outline_absent: whether words alone are outlined also where their presence says that the
            thing is absent; otherwise the card of such an answer has one empty candidate.
    """
    started = time.perf_counter()
    batch = Batch()
    plans = [batch.add(one, wide=policy.pool != "paper") for one in asked]
    special = Special.of(plans, batch, policy)
    grounding = ground(runtime, embedding, batch.phrases)
    grounded = time.perf_counter()
    if outline_absent or special.asked:
        found = decode(runtime, embedding, batch.rows, grounding)
    else:
        found = decode_needed(runtime, embedding, batch.rows, plans, grounding, policy)
    pools = [Pool.of(plan, found, grounding, policy) for plan in plans]
    pools, choices = special.decide(runtime, embedding, pools, found, policy)
    if policy.pool == "wide":
        pools = widened(runtime, embedding, pools, policy)
    pools, choices = show_all(runtime, embedding, pools, choices, policy)
    timings = {
        "embed": embedding.seconds * 1e3,
        "ground": (grounded - started) * 1e3,
        "decode": (time.perf_counter() - grounded) * 1e3,
    }
    answered = zip(pools, choices, strict=True)
    return [pool.answer(embedding, policy, timings, choice) for pool, choice in answered]
