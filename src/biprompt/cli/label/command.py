"""The command itself: from the options to an order, and from a summary to a status."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from biprompt.cli import options as o
from biprompt.cli.label import options as own
from biprompt.cli.label.cluster import cluster_of
from biprompt.cli.label.telling import Teller, ahead_facts, ahead_text, summary_text
from biprompt.cli.progress import Progress
from biprompt.cli.status import Status
from biprompt.cli.threads import threads_each

if TYPE_CHECKING:
    from biprompt.labeling.cluster import Cluster
    from biprompt.labeling.order import How, Order

HELP = """Label many images: a folder and prompts become a data set.

The prompts are phrases for all images, separated by semicolons, or a file with prompts for each:
JSON Lines, CSV, or COCO boxes and points. Each prompt gives one mask. Stopped at any moment, the
same command goes on where it was; nothing is lost and no image is done twice. A broken image is
recorded and skipped.

\b
  biprompt label photos --prompts "person; car; [semantic] sky" --out labels
  biprompt label photos --prompts clicks.jsonl --out labels --format coco,yolo --workers 4
  biprompt label s3://bucket/photos --prompts "person; car" --out s3://bucket/labels --ray auto
  biprompt serve --review labels

\b
Exit status:
  0  every image has a result, a failure perhaps; failures.jsonl says which and why
  1  no image could be labelled, or the model failed
  2  the input was wrong, or the results cannot be written
  130  interrupted; the same command goes on
"""


def label(
    images: own.Images,
    prompts: own.Prompts,
    out: own.Out,
    formats: own.Formats = "coco",
    model: o.Model = "compact",
    text_model: o.TextModel = None,
    device: o.Device = None,
    dtype: o.Dtype = None,
    pool: o.Pool = "paper",
    overlap: own.Overlap = "keep",
    merge: own.Merge = False,
    min_area: own.MinArea = 0,
    min_score: own.MinScore = 0.0,
    refused: own.Refused = "skip",
    doubt: own.Doubt = 0.5,
    cards: own.Cards = False,
    workers: own.Workers = 1,
    ray: own.Ray = None,
    actors: own.Actors = None,
    actor_cpus: own.ActorCpus = 1.0,
    actor_gpus: own.ActorGpus = 0.0,
    limit: own.Limit = None,
    retry: own.Retry = False,
    dry_run: own.DryRun = False,
    force: own.Force = False,
    as_json: o.Json = False,
    debug: o.Debug = False,
) -> int:
    """Label the images, and say what came of it; return the exit status."""
    from biprompt.cli.evaluate.common import names
    from biprompt.labeling.order import How, Order
    from biprompt.labeling.rules import Rules
    from biprompt.labeling.values import ModelName, Settings

    cluster = cluster_of(ray, actors, actor_cpus, actor_gpus)
    threads = threads_each(workers) if cluster is None else cluster.threads
    order = Order(
        *(images, prompts, out),
        ModelName(model, text_model, device, dtype, threads),
        Settings(pool, cards),
        names("--format", [formats]),
        Rules(overlap, merge, min_area, refused, min_score),
        doubt,
    )
    with Progress() as progress:
        progress.step("reading the plan")
        teller = Teller(progress)
        how = How(workers, threads, limit, retry, force, paced=teller.paced, told=teller.assembled)
        if dry_run:
            return _dry_run(order, how, as_json=as_json)
        return _run(order, how, cluster, as_json=as_json)


def _run(order: Order, how: How, cluster: Cluster | None, *, as_json: bool) -> int:
    from biprompt.labeling.cluster import ClusterCrew
    from biprompt.labeling.run import label as carry_out

    started = time.perf_counter()
    if cluster is None:
        summary = carry_out(order, how)
    else:
        summary = carry_out(order, how, hire=lambda load, how: ClusterCrew(load, cluster))
    if as_json:
        print(json.dumps(summary.to_dict()))
    else:
        print(summary_text(summary, order, time.perf_counter() - started))
    return Status.FOUND if summary.images else Status.FAILED


def _dry_run(order: Order, how: How, *, as_json: bool) -> int:
    from biprompt.labeling.run import look_ahead

    ahead = look_ahead(order, how)
    print(json.dumps(ahead_facts(ahead)) if as_json else ahead_text(ahead, order))
    return Status.FOUND
