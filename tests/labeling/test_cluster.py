"""What a cluster is asked for, and what goes to it; without Ray."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from biprompt.errors import InputError, MissingExtraError, PromptError
from biprompt.labeling.cluster import Cluster, ClusterCrew, actors_of
from biprompt.labeling.cluster.parcels import EACH, MOST, items_of, parcels
from biprompt.labeling.labeller import Facts
from biprompt.labeling.values import Ask, Item


def items(count: int) -> list[Item]:
    ask = Ask("1", "cat", {"points": [[3, 4]]})
    return [Item(n, f"{n}.png", f"/x/{n}.png", str(n), (ask,)) for n in range(count)]


@pytest.mark.parametrize("text, actors", [("4", (4, 4)), (" 2:16 ", (2, 16)), ("1:1", (1, 1))])
def test_actors(text: str, actors: tuple[int, int]) -> None:
    assert actors_of(text) == actors


@pytest.mark.parametrize("text", ["", "many", "2:", "-1", "1:2:3", "1.5"])
def test_other_words_are_no_actors(text: str) -> None:
    with pytest.raises(InputError, match="actors: expected N or LEAST:MOST, from 1, got"):
        actors_of(text)


@pytest.mark.parametrize(
    "given, what",
    [
        ({"address": " "}, "Ray"),
        ({"least": 0}, "actors"),
        ({"least": 3, "most": 2}, "actors"),
        ({"cpus": 0.0}, "cores"),
        ({"gpus": -1.0}, "cores"),
        ({"cpus": float("nan")}, "cores"),
    ],
)
def test_a_cluster_that_makes_no_sense(given: dict[str, float], what: str) -> None:
    with pytest.raises(InputError, match=what):
        Cluster(**{"address": "auto", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("cpus, threads", [(0.5, 1), (1.0, 1), (3.7, 3)])
def test_threads_of_an_actor(cpus: float, threads: int) -> None:
    assert Cluster("auto", cpus=cpus).threads == threads


@pytest.mark.parametrize(
    "count, actors, sizes",
    [
        (0, 2, []),
        (1, 2, [1]),
        (16, 2, [2] * 8),
        (60, 2, [7] * 8 + [4]),
        (MOST * EACH * 2 + 5, 2, [MOST] * 8 + [5]),
    ],
)
def test_parcels_have_every_item_once_in_order(count: int, actors: int, sizes: list[int]) -> None:
    found = [items_of(parcel) for parcel in parcels(iter(items(count)), actors)]
    assert [len(some) for some in found] == sizes
    assert [item for some in found for item in some] == items(count)


def test_a_plan_waits_in_some_hundred_bytes_an_item() -> None:
    assert sum(map(len, parcels(items(10_000), 2))) < 10_000 * 100


def test_ray_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, work: ModuleType) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(MissingExtraError, match=r'--ray needs: pip install "biprompt\[ray\]"'),
        ClusterCrew(work.Load(), Cluster("auto")),
    ):
        pass


def test_without_a_cluster_ray_is_not_imported(tmp_path: Path) -> None:
    program = (
        "import sys, biprompt.labeling.cluster, biprompt.labeling.run, biprompt.cli.label.command\n"
        "sys.exit(any(name.split('.')[0] in ('ray', 'pyarrow', 'fsspec') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_actor_gives_lines_then_what_ended_them(
    work: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra `ray`")
    from biprompt.labeling.cluster import actor, pool

    monkeypatch.setattr(actor, "_spare_main", lambda: None)  # the script is that of the tests here
    packed = list(parcels(items(4), 1))
    assert len(packed) == 4
    crew = actor.Actor(work.Raising, 1, work.Raising.facts)
    try:
        good = crew(pyarrow.table({actor.PARCEL: packed[:2]}))
        bad = crew(pyarrow.table({actor.PARCEL: packed[2:]}))
    finally:
        crew._crew.__exit__(None, None, None)
    assert list(pool._lines(good)) == [[work.number_line(0), work.number_line(1)]]
    with pytest.raises(PromptError, match="box: expected one, got none"):
        list(pool._lines(bad))


def test_a_node_with_another_model_ends_the_run(
    work: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra `ray`")
    from biprompt.labeling.cluster import actor, pool

    monkeypatch.setattr(actor, "_spare_main", lambda: None)
    crew = actor.Actor(work.Counter, 1, Facts("counter", "2"))
    try:
        table = crew(pyarrow.table({actor.PARCEL: list(parcels(items(1), 1))}))
    finally:
        crew._crew.__exit__(None, None, None)
    with pytest.raises(InputError, match="expected version 2 of counter, as on the others, got 1"):
        list(pool._lines(table))


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_an_address_where_nobody_listens_is_told_at_once(address: str, work: ModuleType) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray`")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with (
        pytest.raises(InputError, match="Ray: expected a cluster that can be reached, got Conn"),
        ClusterCrew(work.Load(), Cluster(address.format(port))),
    ):
        pass
