"""The guided network: shapes, and what each fusion is at its start."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from biprompt.models.compact.backbone import Stem  # noqa: E402
from biprompt.models.guided import FUSIONS, Fusion, GuidedConfig, GuidedNetwork  # noqa: E402

H, W = 64, 96


def network(fusion: str, maps: int = 2) -> GuidedNetwork:
    torch.manual_seed(0)
    return GuidedNetwork(GuidedConfig(maps, Fusion(fusion))).eval()


def inputs(count: int = 2, maps: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    image = torch.rand(count, 3, H, W) * 2 - 1
    return image, torch.rand(count, maps, H, W), torch.rand(count, 1, H // 4, W // 4)


@pytest.mark.parametrize("maps", [2, 3])
@pytest.mark.parametrize("fusion", FUSIONS)
@torch.no_grad()
def test_one_mask_on_cells_of_four_pixels(fusion: str, maps: int) -> None:
    image, guidance, previous = inputs(maps=maps)
    logits = network(fusion, maps)(image, guidance, previous)
    assert logits.shape == (2, 1, H // 4, W // 4) and logits.isfinite().all()


@pytest.mark.parametrize("fusion", FUSIONS)
@torch.no_grad()
def test_every_part_of_the_guidance_counts(fusion: str) -> None:
    model, (image, guidance, previous) = network(fusion), inputs()
    before = model(image, guidance, previous)
    for channel in range(2):
        other = guidance.clone()
        other[:, channel] = 0
        assert not torch.allclose(model(image, other, previous), before, atol=1e-5)
    assert not torch.allclose(model(image, guidance, previous * 0), before, atol=1e-5)
    assert not torch.allclose(model(image * 0, guidance, previous), before, atol=1e-5)


@pytest.mark.parametrize("fusion", FUSIONS)
@torch.no_grad()
def test_rows_do_not_see_each_other(fusion: str) -> None:
    model, (image, guidance, previous) = network(fusion), inputs()
    both = model(image, guidance, previous)
    alone = model(image[1:], guidance[1:], previous[1:])
    torch.testing.assert_close(both[1:], alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("fusion", ["concatenation", "distance-maps", "one-stream"])
@torch.no_grad()
def test_without_guidance_the_first_layer_sees_the_image_alone(fusion: str) -> None:
    model, (image, guidance, _) = network(fusion), inputs()
    plain = Stem()
    plain.conv.weight.copy_(model._stem.conv.weight[:, :3])
    plain.conv.bias.copy_(model._stem.conv.bias)
    nothing = torch.zeros(2, 3, H, W)
    found = model.fusion(model._stem, image, nothing)
    torch.testing.assert_close(found, plain(image), atol=1e-5, rtol=1e-5)
    something = torch.cat((guidance, nothing[:, :1]), 1)
    assert not torch.allclose(model.fusion(model._stem, image, something), plain(image), atol=1e-2)


@torch.no_grad()
def test_two_streams_look_at_an_image_once() -> None:
    image, guidance, previous = inputs()
    late, early = network("two-stream"), network("one-stream")
    seen = late.look(image)
    assert [level.shape[2] for level in seen] == [16, 8, 4, 2]
    torch.testing.assert_close(
        late.answer(seen, guidance, previous), late(image, guidance, previous)
    )
    assert len(early.look(image)) == 1 and early.look(image)[0] is image


@pytest.mark.parametrize("fusion", FUSIONS)
def test_all_that_there_is_learns(fusion: str) -> None:
    model = network(fusion).train()
    model(*inputs()).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
