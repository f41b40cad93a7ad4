from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from tests.training.evf.data.conftest import Numbers

from biprompt.data.faults import Faults
from biprompt.errors import DataError, ImageError
from biprompt.training.evf.data.stream import BLOCK, MOST_TRIES, Stream, shares

THREE = [Numbers("a", 7), Numbers("b", 40), Numbers("c", 1000)]
RATIOS = [1.0, 2.0, 5.0]


def said(stream: Stream, number: int) -> tuple[object, ...]:
    sample = stream.sample(number)
    return sample.key, sample.phrases, sample.pixels.tobytes(), sample.masks.tobytes()


def test_a_sample_depends_on_seed_and_number_alone() -> None:
    numbers = [0, 1, 999, 1000, 123_456, 10**12]
    there = Stream(THREE, RATIOS, seed=3)
    forth = [said(there, n) for n in numbers]
    back = [said(Stream(THREE, RATIOS, seed=3), n) for n in reversed(numbers)]
    travelled = pickle.loads(pickle.dumps(there))
    assert forth == back[::-1] == [said(travelled, n) for n in numbers]
    assert forth != [said(Stream(THREE, RATIOS, seed=4), n) for n in numbers]
    assert len(set(forth)) == len(numbers)


def test_ratios_hold_over_ten_thousand_draws() -> None:
    stream = Stream(THREE, RATIOS, seed=0)
    for start in (0, 5000, 123):
        counts = Counter(stream.draw(n).source for n in range(start, start + 10_000))
        for source, ratio in enumerate(RATIOS):
            assert counts[source] / 10_000 == pytest.approx(ratio / 8, abs=0.01)
    exact = Counter(stream.draw(n).source for n in range(3 * BLOCK, 5 * BLOCK))
    assert exact == {0: 250, 1: 500, 2: 1250}


def test_sources_are_mixed_within_a_block() -> None:
    stream = Stream(THREE, RATIOS, seed=0)
    first = [stream.draw(n).source for n in range(100)]
    assert first != sorted(first)
    assert set(first) == {0, 1, 2}
    assert first != [stream.draw(n).source for n in range(BLOCK, BLOCK + 100)]


def test_every_item_comes_once_an_epoch() -> None:
    stream = Stream(THREE, RATIOS, seed=5)
    drawn = [stream.draw(n) for n in range(8 * BLOCK)]  # 1000, 2000 and 5000 draws
    for source in range(3):
        epochs = [d.epoch for d in drawn if d.source == source]
        assert epochs == sorted(epochs)
    for source, size in enumerate((7, 40, 1000)):
        items = Counter((d.epoch, d.item) for d in drawn if d.source == source)
        whole = 8 * stream.shares[source] // size
        assert all(items[epoch, item] == 1 for epoch in range(whole) for item in range(size))
        assert max(items.values()) == 1
    orders = {e: [d.item for d in drawn if (d.source, d.epoch) == (1, e)] for e in (0, 1)}
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(40))
    assert orders[0] != orders[1]


def test_one_source_is_a_walk_through_its_items() -> None:
    stream = Stream([Numbers("a", 30)], seed=1)
    for epoch in range(3):
        keys = [stream.sample(n).key for n in range(30 * epoch, 30 * epoch + 30)]
        assert sorted(keys) == sorted(f"a/{i}" for i in range(30))


def test_without_ratios_all_are_alike() -> None:
    assert Stream(THREE, seed=0).shares == (334, 333, 333)


@pytest.mark.parametrize(
    ("ratios", "parts"),
    [([1, 3], (250, 750)), ([1, 1, 1], (334, 333, 333)),
     ([0.75] * 4 + [1], (188, 188, 187, 187, 250)),
     ([999, 1], (999, 1)), ([5], (1000,))],
)  # fmt: skip
def test_shares_by_the_largest_remainder(ratios: list[float], parts: tuple[int, ...]) -> None:
    assert shares(ratios, len(ratios)) == parts


@pytest.mark.parametrize(
    ("ratios", "message"),
    [([1, 0], "above 0"), ([1, float("nan")], "above 0"), ([1], "one for each of 2"),
     ([1, 10_000], "none below 1/1000"), ([1, -1], "above 0"), ([], "one for each of 2")],
)  # fmt: skip
def test_ratios_that_cannot_be_kept(ratios: list[float], message: str) -> None:
    with pytest.raises(DataError, match=f"ratios: expected .*{message}"):
        Stream([Numbers("a", 2), Numbers("b", 2)], ratios, seed=0)


def test_an_empty_source_and_no_source() -> None:
    with pytest.raises(DataError, match="source 'a': expected samples, got none"):
        Stream([Numbers("a", 0)], seed=0)
    with pytest.raises(DataError, match="ratios"):
        Stream([], seed=0)


def test_silent_items_are_passed_over_and_not_always_for_the_same_one() -> None:
    source = Numbers("a", 40, silent=frozenset(range(20)))
    stream = Stream([source], seed=0)
    drawn = [stream.draw(n).item for n in range(40)]
    keys = [stream.sample(n).key for n in range(40)]
    assert all(key == f"a/{item}" for key, item in zip(keys, drawn, strict=True) if item >= 20)
    instead = {key for key, item in zip(keys, drawn, strict=True) if item < 20}
    assert len(instead) > 5
    assert instead <= {f"a/{i}" for i in range(20, 40)}
    assert keys == [Stream([source], seed=0).sample(n).key for n in range(40)]


def test_a_broken_item_is_an_error_that_names_it() -> None:
    stream = Stream([Numbers("a", 4, broken=frozenset([2]))], seed=0)
    number = next(n for n in range(4) if stream.draw(n).item == 2)
    with pytest.raises(ImageError, match=r"^2\.jpg: image"):
        stream.sample(number)


def test_broken_items_are_skipped_and_counted_on_request() -> None:
    source, faults = Numbers("a", 4, broken=frozenset([2])), Faults(skip=True)
    stream = Stream([source], seed=0, faults=faults)
    keys = [stream.sample(n).key for n in range(40)]
    assert faults.count == 1, "the same picture again and again"
    assert set(keys) == {"a/0", "a/1", "a/3"}
    again = Stream([source], seed=0, faults=Faults(skip=True))
    assert [again.sample(n).key for n in reversed(range(40))] == keys[::-1]


def test_nothing_but_broken_items() -> None:
    source = Numbers("a", 4, broken=frozenset(range(4)))
    stream = Stream([source], seed=0, faults=Faults(skip=True))
    with pytest.raises(DataError, match=rf"source 'a': .*none in {MOST_TRIES} \(sample 7\)"):
        stream.sample(7)


def test_chance_in_neighbouring_samples_is_not_the_same() -> None:
    stream = Stream([Numbers("a", 1)], seed=0)
    assert len({stream.sample(n).phrases for n in range(50)}) == 50
    assert np.random.default_rng((0, 1)).random() != np.random.default_rng((1, 0)).random()
