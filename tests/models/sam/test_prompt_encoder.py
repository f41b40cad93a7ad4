"""Prompts as tokens and maps: against the official encoder, and worked by hand."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from biprompt.errors import InputError
from biprompt.models.sam import Sam, SamPrompts
from biprompt.models.sam.prompt_encoder import PositionEncoding

Read = Callable[[str], Tensor]


def close(found: Tensor, expected: Tensor, tolerance: float = 5e-6) -> None:
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


def test_positions_of_the_image_are_the_official_ones(sam: Sam, golden: Read) -> None:
    close(sam.prompt_encoder.grid(), golden("image_pe"))


@pytest.mark.parametrize("case", ["P", "P2"])
def test_points_are_the_official_ones(sam: Sam, golden: Read, case: str) -> None:
    prompts = SamPrompts(
        points=golden(f"{case}/points_resized_frame"), labels=golden(f"{case}/labels")
    )
    sparse, dense = sam.prompt_encoder(prompts)
    close(sparse, golden(f"{case}/sparse"))
    close(dense, golden("A/dense"))  # no mask: the same map as for text


def test_a_box_is_the_official_one(sam: Sam, golden: Read) -> None:
    sparse, _ = sam.prompt_encoder(SamPrompts(boxes=golden("BOX/box_resized_frame")))
    close(sparse, golden("BOX/sparse"))


@pytest.mark.parametrize("case", ["A", "D"])
def test_text_alone_is_exactly_its_tokens(sam: Sam, golden: Read, case: str) -> None:
    sparse, dense = sam.prompt_encoder(SamPrompts(text=golden(f"{case}/prompt_feat")))
    assert torch.equal(sparse, golden(f"{case}/sparse"))
    assert torch.equal(dense, golden(f"{case}/dense"))


def test_a_mask_is_a_map_and_no_token(sam: Sam) -> None:
    sparse, dense = sam.prompt_encoder(SamPrompts(masks=torch.randn(3, 1, 32, 32)))
    assert sparse.shape == (3, 0, 32)
    assert dense.shape == (3, 32, 8, 8)


def test_tokens_come_in_the_order_points_boxes_text(sam: Sam) -> None:
    points, labels = torch.tensor([[[9.0, 60.0], [70.0, 3.0]]]), torch.tensor([[1, 0]])
    boxes, text = torch.tensor([[5.0, 6.0, 90.0, 80.0]]), torch.randn(1, 2, 32)

    def tokens(**given: Tensor) -> Tensor:
        return sam.prompt_encoder(SamPrompts(**given))[0]

    pointed, boxed = tokens(points=points, labels=labels), tokens(boxes=boxes)
    assert pointed.shape == (1, 3, 32)  # two points and the padding
    everything = tokens(points=points, labels=labels, boxes=boxes, text=text)
    assert torch.equal(everything, torch.cat((pointed[:, :2], boxed, text), 1))
    with_text = tokens(points=points, labels=labels, text=text)
    assert torch.equal(with_text, torch.cat((pointed, text), 1))
    assert torch.equal(tokens(boxes=boxes, text=text), torch.cat((boxed, text), 1))


def test_a_padding_point_is_nowhere(sam: Sam) -> None:
    points, labels = torch.tensor([[[9.0, 60.0]], [[70.0, 3.0]]]), torch.tensor([[-1], [-1]])
    sparse, _ = sam.prompt_encoder(SamPrompts(points=points, labels=labels))
    nowhere = sam.prompt_encoder.not_a_point_embed.weight.expand(2, 2, -1)
    assert torch.equal(sparse, nowhere)


def test_positions_are_sines_and_cosines() -> None:
    encoding = PositionEncoding(4)
    encoding.positional_encoding_gaussian_matrix = torch.tensor([[0.5, 0.0], [0.0, 0.25]])
    # (0.75, 0.5) is (0.5, 0) in [-1, 1]: angles of a quarter turn and of none.
    close(encoding(torch.tensor([0.75, 0.5])), torch.tensor([1.0, 0.0, 0.0, 1.0]))
    grid = encoding.grid(2)
    assert grid.shape == (1, 4, 2, 2)
    # Centres are at -0.5 and 0.5 in [-1, 1]: a quarter turn for x, an eighth for y.
    close(grid[0, 0], torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]))
    half = math.sqrt(0.5)
    close(grid[0, 1], torch.tensor([[-half, -half], [half, half]]))


def test_positions_keep_their_digits_in_half_precision(sam: Sam) -> None:
    half = copy.deepcopy(sam.prompt_encoder).bfloat16()
    points, labels = torch.tensor([[[100.0, 100.0], [101.0, 100.0]]]), torch.tensor([[1, 1]])
    prompts = SamPrompts(points=points, labels=labels)
    found, expected = half(prompts)[0], sam.prompt_encoder(prompts)[0]
    assert found.dtype == torch.bfloat16
    close(found.float(), expected, 5e-2)
    assert (found[0, 0] - found[0, 1]).abs().max() > 0.1


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        (SamPrompts(masks=torch.zeros(2, 1, 128, 128)), r"expected \(2, 1, 32, 32\)"),
        (SamPrompts(text=torch.zeros(1, 1, 256)), r"expected \(1, T, 32\), got \(1, 1, 256\)"),
    ],
)
def test_wrong_sizes_are_refused(sam: Sam, prompts: SamPrompts, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sam.prompt_encoder(prompts)
