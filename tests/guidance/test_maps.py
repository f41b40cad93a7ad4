"""Every map against its definition in plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import brute_force
from biprompt.errors import InputError
from biprompt.guidance import (
    disk_map,
    euclidean_map,
    exponential_geodesic_map,
    gaussian_map,
    geodesic_map,
    proposal_map,
    superpixel_map,
)

HW = (11, 16)
FEW = [(2, 3), (9, 14)]
MANY = [(row, column) for row in range(0, 11, 2) for column in range(row % 3, 16, 3)]
NOBODY: list[tuple[int, int]] = []


def seeds_of(clicks: list[tuple[int, int]], hw: tuple[int, int] = HW) -> np.ndarray:
    seeds = np.zeros(hw, bool)
    for click in clicks:
        seeds[click] = True
    return seeds


def noise(seed: int = 0, hw: tuple[int, int] = HW) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*hw, 3), np.uint8)


@pytest.mark.parametrize("clicks", [FEW, MANY], ids=["few", "many"])
def test_euclidean_gaussian_and_disk_are_their_definitions(clicks: list[tuple[int, int]]) -> None:
    seeds = seeds_of(clicks)
    far = brute_force.euclidean(clicks, HW)
    np.testing.assert_allclose(euclidean_map(seeds, limit=None), far, rtol=1e-6)
    np.testing.assert_allclose(euclidean_map(seeds, limit=3.5), np.minimum(far, 3.5), rtol=1e-6)
    expected = brute_force.gaussian(clicks, HW, 0.2)
    np.testing.assert_allclose(gaussian_map(seeds, sigma=0.2), expected, rtol=1e-5)
    for radius in (0, 1, 3, 5):  # (3, 4) from a click is exactly 5 away
        found = disk_map(seeds, radius=radius)
        np.testing.assert_array_equal(found, brute_force.disk(clicks, HW, radius))


def test_a_disk_holds_what_is_exactly_its_radius_away() -> None:
    seeds = seeds_of([(5, 5)])
    assert disk_map(seeds, radius=5)[8, 9] == 1.0
    assert disk_map(seeds, radius=4.99)[8, 9] == 0.0


def test_without_seeds_everything_is_far() -> None:
    none = seeds_of(NOBODY)
    assert (euclidean_map(none) == 255).all() and np.isinf(euclidean_map(none, limit=None)).all()
    assert not gaussian_map(none).any() and not disk_map(none).any()
    assert np.isinf(geodesic_map(noise(), none)).all()
    assert not exponential_geodesic_map(noise(), none).any()
    assert np.isinf(superpixel_map(np.zeros(HW, int), none)).all()
    assert not proposal_map(np.ones((2, *HW), bool), none).any()


@pytest.mark.parametrize("spatial", [0.0, 0.1])
@pytest.mark.parametrize("clicks", [[(0, 0)], FEW], ids=["corner", "two"])
def test_geodesic_is_dijkstra_of_every_click(clicks: list[tuple[int, int]], spatial: float) -> None:
    expected = brute_force.geodesic(noise(), clicks, spatial)
    found = geodesic_map(noise(), seeds_of(clicks), spatial=spatial)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    bright = exponential_geodesic_map(noise(), seeds_of(clicks), spatial=spatial)
    np.testing.assert_allclose(bright, np.exp(-expected), rtol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_geodesic_on_any_size(seed: int, height: int, width: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 4, (height, width, 3), np.uint8) * 85  # many ways cost the same
    clicks = [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(count)]
    expected = brute_force.geodesic(image, clicks)
    found = geodesic_map(image, seeds_of(clicks, (height, width)))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_geodesic_goes_round_a_wall() -> None:
    image = np.zeros((5, 7), np.uint8)
    image[:4, 3] = 255  # a way round its foot
    found = geodesic_map(image, seeds_of([(0, 0)], (5, 7)))
    assert found[0, 6] == 0.0 and found[0, 3] == 1.0
    image[4, 3] = 255
    assert geodesic_map(image, seeds_of([(0, 0)], (5, 7)))[0, 6] == 2.0  # up the wall and down


def test_one_even_colour_is_no_distance_but_the_way_is() -> None:
    grey = np.full((4, 9, 3), 77, np.uint8)
    seeds = seeds_of([(0, 0)], (4, 9))
    assert not geodesic_map(grey, seeds).any()
    assert geodesic_map(grey, seeds, spatial=1.0)[3, 8] == pytest.approx(3 * 2**0.5 + 5)


def test_images_of_other_numbers_are_taken_as_they_are() -> None:
    ct = np.array([[-1000.0, 40.0]])
    assert geodesic_map(ct, np.array([[True, False]]))[0, 1] == 1040.0


@pytest.mark.parametrize("clicks", [FEW, MANY], ids=["few", "many"])
def test_scale_aware_maps_are_their_definitions(clicks: list[tuple[int, int]]) -> None:
    labels = (np.indices(HW) // 3).sum(0)
    expected = brute_force.superpixel_distance(labels, clicks)
    np.testing.assert_allclose(superpixel_map(labels, seeds_of(clicks)), expected, rtol=1e-6)
    regions = np.random.default_rng(1).random((6, *HW)) < 0.4
    found = proposal_map(regions, seeds_of(clicks))
    np.testing.assert_array_equal(found, brute_force.proposals(regions, clicks))


def test_maps_are_float32_of_the_images_size() -> None:
    seeds, labels = seeds_of(FEW), np.zeros(HW, np.int32)
    for found in (
        euclidean_map(seeds), gaussian_map(seeds), disk_map(seeds), geodesic_map(noise(), seeds),
        exponential_geodesic_map(noise(), seeds), superpixel_map(labels, seeds),
        proposal_map(np.zeros((0, *HW), bool), seeds),
    ):  # fmt: skip
        assert found.shape == HW and found.dtype == np.float32


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: euclidean_map(np.zeros((3, 3))), "seeds: expected shape (H, W) of bool"),
        (lambda: euclidean_map(np.zeros(3, bool)), "seeds"),
        (lambda: euclidean_map(seeds_of(FEW), limit=0), "limit: expected more than 0, got 0"),
        (lambda: gaussian_map(seeds_of(FEW), sigma=0), "sigma"),
        (lambda: disk_map(seeds_of(FEW), radius=-1), "radius"),
        (lambda: geodesic_map(noise()[:5], seeds_of(FEW)), "image: expected shape (11, 16)"),
        (lambda: geodesic_map(noise(), seeds_of(FEW), spatial=-1), "spatial cost"),
        (lambda: geodesic_map(np.full(HW, np.nan), seeds_of(FEW)), "NaN"),
        (lambda: superpixel_map(np.zeros(HW), seeds_of(FEW)), "integers"),
        (lambda: superpixel_map(np.zeros((2, 2), int), seeds_of(FEW)), "(11, 16)"),
        (lambda: proposal_map(np.zeros(HW, bool), seeds_of(FEW)), "(L, 11, 16)"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(wrong, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        wrong()
    assert words in str(caught.value) and "\n" not in str(caught.value)
