"""A real cluster of two nodes on this machine, the second of which dies at the end."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from biprompt.labeling.cluster import Cluster, ClusterCrew
from biprompt.labeling.dataset import Summary
from biprompt.labeling.order import How, Order
from biprompt.labeling.prompts import read_prompts
from biprompt.labeling.run import label

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray`")

FILES = ("instances.json", "review.jsonl", "failures.jsonl", "summary.json", "manifest.json")
QUICK = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}
"""So that a dead node is noticed in a second or two."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """Two nodes of one core each, which find the modules of the tests."""
    from ray.cluster_utils import Cluster as Nodes

    with pytest.MonkeyPatch.context() as patch:
        here = str(Path(__file__).parent)
        paths = [here, os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.syspath_prepend(here)
        size = {"num_cpus": 1, "object_store_memory": 2**27}
        nodes = Nodes(
            initialize_head=True,
            head_node_args={**size, "include_dashboard": False, "_system_config": QUICK},
        )
        nodes.add_node(**size)
        try:
            yield nodes
        finally:
            nodes.shutdown()


@pytest.fixture
def run(nodes: Any, tmp_path: Path) -> Callable[..., Summary]:
    """Carry out an order with actors of the fake model; words set how, or are for its loader."""
    import ray_work

    def run(order: Order, **given: Any) -> Summary:
        of_how = {name: given.pop(name) for name in ("paced", "limit") if name in given}
        trace = str(tmp_path / "trace")
        load = ray_work.Load(read_prompts(order.prompts).common, order.out, trace, **given)
        cluster = Cluster(nodes.address)
        return label(order, How(**of_how), load, lambda load, how: ClusterCrew(load, cluster))

    return run


def tried(folder: Path) -> list[tuple[str, str]]:
    """Node and image of everything that was answered, delivered or not."""
    lines = (folder / "trace").read_text().splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]


def same_files(one: Path, other: Path) -> None:
    for name in FILES:
        assert (one / name).exists() == (other / name).exists(), name
        if (one / name).exists():
            assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_the_same_files_as_on_one_machine_with_broken_images_and_images_that_kill(
    run: Callable[..., Summary], work: ModuleType, tmp_path: Path, capfd: Any
) -> None:
    work.write_images(tmp_path / "images", 12)
    (tmp_path / "images" / "003.png").write_bytes(b"no image")
    made = [
        Order(f"file://{tmp_path / 'images'}", "cat; unicorn", f"file://{tmp_path / name}")
        for name in ("here", "there")
    ]
    for order, limit in zip(made, (None, 4), strict=True):
        load = work.Load(read_prompts(order.prompts).common, order.out, kill="007.png")
        label(order, How(limit=limit), load)
    summary = run(made[1], kill="007.png")  # goes on after the four
    assert (summary.images, summary.failed) == (10, 2)
    assert capfd.readouterr() == ("", "")

    assert "here" not in {node for node, _ in tried(tmp_path)}
    counts = Counter(image for _, image in tried(tmp_path))
    assert counts == {f"{n:03d}.png": 1 + (n == 7) for n in range(4, 12)}
    same_files(tmp_path / "here", tmp_path / "there")


def test_a_node_killed_in_mid_run_loses_nothing_and_gives_nothing_twice(
    run: Callable[..., Summary], nodes: Any, work: ModuleType, tmp_path: Path
) -> None:
    count = 60
    work.write_images(tmp_path / "images", count)
    doomed = next(iter(nodes.worker_nodes)).all_processes["raylet"][0].process.pid
    killed: list[int] = []

    def paced(pace: Any) -> None:
        worked = [node for node, _ in tried(tmp_path)].count(str(doomed))
        if not killed and worked >= 2:
            os.kill(doomed, signal.SIGKILL)
            killed.append(pace.done)

    order = Order(str(tmp_path / "images"), "cat; unicorn", str(tmp_path / "there"))
    summary = run(order, slow=0.15, paced=paced)
    assert killed and (summary.images, summary.failed) == (count, 0)

    lines = (tmp_path / "there" / "run" / "shards" / "000000.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["item"] for line in lines) == list(range(count))
    # What the node had begun and not delivered was done again, and no more than that.
    done_again = len(tried(tmp_path)) - count
    assert 1 <= done_again <= 2 * (count // 8)
    label(
        here := Order(order.images, order.prompts, str(tmp_path / "here")), How(),
        work.Load(read_prompts(order.prompts).common, here.out),
    )  # fmt: skip
    same_files(tmp_path / "here", tmp_path / "there")
