"""Axes of arrays and axes of bodies, beside nibabel."""

from __future__ import annotations

import numpy as np
import pytest
from tests.io.medical.phantoms import AFFINES

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.views import Axis, View, axis_codes
from biprompt.io.medical.volume import MAX_VOXELS, Volume

SHAPE = (5, 4, 3)


@pytest.mark.parametrize("name", AFFINES)
def test_codes_are_those_of_nibabel(name: str) -> None:
    nibabel = pytest.importorskip("nibabel")
    assert axis_codes(AFFINES[name]) == "".join(nibabel.aff2axcodes(AFFINES[name]))


def test_random_rotations_beside_nibabel() -> None:
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(3)
    for _ in range(60):
        affine = np.eye(4)
        near = np.eye(3)[rng.permutation(3)] * rng.choice([-1, 1], 3)
        turn, _ = np.linalg.qr(near + rng.normal(0, 0.15, (3, 3)))
        affine[:3, :3] = turn * np.sign((turn * near).sum(0)) * rng.uniform(0.5, 4, 3)
        assert axis_codes(affine) == "".join(nibabel.aff2axcodes(affine))


@pytest.mark.parametrize("name", AFFINES)
def test_axial_slices_beside_nibabel(name: str) -> None:
    """Canonical axes run to the right, the front and the head: rows and columns run against."""
    nibabel = pytest.importorskip("nibabel")
    values = np.arange(60, dtype=np.int16).reshape(SHAPE)
    canonical = nibabel.as_closest_canonical(nibabel.Nifti1Image(values, AFFINES[name]))
    body = np.asarray(canonical.dataobj)
    volume = Volume(values, AFFINES[name])
    for axis, planes in {
        Axis.AXIAL: [body[::-1, ::-1, k].T for k in range(body.shape[2])],
        Axis.CORONAL: [body[::-1, j, ::-1].T for j in range(body.shape[1])],
        Axis.SAGITTAL: [body[i, ::-1, ::-1].T for i in range(body.shape[0])],
    }.items():
        assert volume.count(axis) == len(planes)
        stack = volume.view(axis).stack(values)
        for index, plane in enumerate(planes):
            np.testing.assert_array_equal(volume.plane(axis, index), plane)
            np.testing.assert_array_equal(stack[index], plane)


def test_a_stack_is_written_through() -> None:
    labels = np.zeros(SHAPE, np.uint8)
    stack = View.of(Axis.AXIAL, AFFINES["LPS"]).stack(labels)
    stack[2][0, 0] = 7  # the head, the front, the patient's right
    assert labels[0, 0, 2] == 7  # LPS: the right and the front are the low ends of I and J
    assert labels.sum() == 7


def test_sizes_follow_the_affine() -> None:
    volume = Volume(np.zeros(SHAPE), AFFINES["PSR"])
    np.testing.assert_allclose(volume.spacing, (1.1, 0.8, 2.0))
    assert volume.voxel_ml == pytest.approx(1.1 * 0.8 * 2.0 / 1000)
    assert volume.orientation == "PSR"
    assert volume.plane_spacing(Axis.AXIAL) == pytest.approx((1.1, 2.0))


def test_a_shear_keeps_the_volume_of_a_voxel() -> None:
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    affine[1, 2] = 0.7
    assert Volume(np.zeros(SHAPE), affine).voxel_ml == pytest.approx(0.006)


@pytest.mark.parametrize("index", [-1, 3, 99])
def test_slices_that_are_not_there(index: int) -> None:
    volume = Volume(np.zeros(SHAPE), np.eye(4))
    with pytest.raises(InputError, match=r"slice: expected a whole number from 0 to 2 \(axial"):
        volume.plane(Axis.AXIAL, index)


@pytest.mark.parametrize(
    ("shape", "named"),
    [
        ((4, 4), "three axes, got 2 axes, 4 x 4$"),
        ((4, 4, 3, 5), "three axes, got 4 axes, 4 x 4 x 3 x 5; a series in time"),
        ((4, 0, 3), "voxels, got 4 x 0 x 3"),
    ],
)
def test_shapes_that_are_no_volume(shape: tuple[int, ...], named: str) -> None:
    with pytest.raises(ImageError, match=named):
        Volume(np.zeros(shape), np.eye(4))


def test_a_header_that_asks_for_too_much() -> None:
    class Huge:
        shape = (60_000, 60_000, 60_000)

        def __getitem__(self, where: object) -> None:
            raise AssertionError("nothing may be read")

    with pytest.raises(ImageError, match=f"1 to {MAX_VOXELS} voxels"):
        Volume(Huge(), np.eye(4))


@pytest.mark.parametrize("affine", [np.diag([1.0, 0, 1, 1]), np.full((4, 4), np.nan)])
def test_affines_that_are_no_map(affine: np.ndarray) -> None:
    with pytest.raises(ImageError, match="geometry of the volume"):
        Volume(np.zeros(SHAPE), affine)
