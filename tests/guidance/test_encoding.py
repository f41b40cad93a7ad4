from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.guidance import (
    ENCODINGS,
    Encoding,
    GuidedImage,
    click_seeds,
    disk_map,
    guidance_maps,
)

HW = (24, 32)
PIXELS = np.random.default_rng(0).integers(0, 256, (*HW, 3), np.uint8)
ADDING, REMOVING = click_seeds([(5, 6)], HW), click_seeds([(30, 20)], HW)
NOWHERE = np.zeros(HW, bool)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_channels_and_range(encoding: str) -> None:
    maps = guidance_maps(encoding, PIXELS, ADDING, REMOVING)
    assert maps.shape == (Encoding(encoding).channels, *HW) and maps.dtype == np.float32
    assert maps.min() >= 0 and maps.max() <= 1
    swapped = guidance_maps(encoding, PIXELS, REMOVING, ADDING)
    np.testing.assert_array_equal(maps[:2], swapped[1::-1])
    assert not np.array_equal(maps[0], maps[1])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_missing_kind_of_click_is_far_away(encoding: str) -> None:
    maps = guidance_maps(encoding, PIXELS, ADDING, NOWHERE)
    near, none = float(maps[0][ADDING][0]), maps[1]
    assert (none == (1.0 - near)).all()  # 0 where clicks are bright, 1 where they are dark


def test_disks_are_the_maps_themselves() -> None:
    maps = guidance_maps("disk", PIXELS, ADDING, REMOVING)
    np.testing.assert_array_equal(maps, [disk_map(ADDING), disk_map(REMOVING)])


def test_superpixels_of_an_image_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from biprompt.guidance import encoding

    calls = []
    monkeypatch.setattr(encoding, "slic", lambda pixels: calls.append(1) or np.zeros(HW, np.int32))
    image = GuidedImage(PIXELS)
    for _ in range(2):
        guidance_maps("scale-aware", image, ADDING, REMOVING)
    assert calls == [1]


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(InputError, match="encoding: expected one of euclidean"):
        guidance_maps("circles", PIXELS, ADDING, REMOVING)
    with pytest.raises(InputError, match="seeds: expected the size of the image"):
        guidance_maps("disk", PIXELS, ADDING[:5], REMOVING)


def test_importing_it_loads_nothing_heavy() -> None:
    code = "import sys, biprompt.guidance; print({'scipy', 'torch', 'PIL'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
