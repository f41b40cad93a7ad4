"""From prompts to answers: plan, ground, decode, choose."""

from __future__ import annotations

import time
from collections.abc import Sequence

from biprompt.experts.composing import Composition
from biprompt.experts.deciding import decide_all
from biprompt.experts.examples.joining import show_all
from biprompt.experts.pair import decode, ground
from biprompt.experts.plan import Asked, Batch
from biprompt.experts.pool import Pool, widened
from biprompt.experts.sparing import decode_needed
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy


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
    composing = policy.pool == "parts"
    started = time.perf_counter()
    batch = Batch()
    plans = [batch.add(one, wide=policy.pool != "paper") for one in asked]
    compositions = [Composition.of(p, batch, embedding.frame) if composing else None for p in plans]
    grounding = ground(runtime, embedding, batch.phrases)
    grounded = time.perf_counter()
    if outline_absent or composing:
        found = decode(runtime, embedding, batch.rows, grounding)
    else:
        found = decode_needed(runtime, embedding, batch.rows, plans, grounding, policy)
    pools = [Pool.of(plan, found, grounding, policy) for plan in plans]
    choices: list[Choice | None] = [None] * len(pools)
    if composing:
        decided = decide_all(runtime, embedding, pools, compositions, found, policy)
        pools, choices = [pool for pool, _ in decided], [choice for _, choice in decided]
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
