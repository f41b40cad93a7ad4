"""Every BEiT-3 array of the golden data, which the official code computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from biprompt.models.beit3 import Beit3, Streams

Array = Callable[[str], Tensor]
close = torch.testing.assert_close
TOLERANCE: dict[str, Any] = {"atol": 1e-5, "rtol": 1e-5}


@contextmanager
def outputs(**modules: nn.Module) -> Iterator[dict[str, Any]]:
    """What each module returns while the context lasts, by name."""
    seen: dict[str, Any] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda _module, _given, result: seen.__setitem__(name, result)

    handles = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize("family", ["evf_sam"], indirect=True)
@pytest.mark.parametrize("case", ["A", "D"])
def test_inside(published: Beit3, array: Array, case: str) -> None:
    layer = published.encoder.layers[0]
    with outputs(
        image=published.vision_embed, words=published.text_embed,
        positions=published.encoder.embed_positions, attention=layer.self_attn, layer=layer,
    ) as seen:  # fmt: skip
        published(array("beit_input1")[None], array("ids1"))
    embedded = torch.cat((seen["image"], seen["words"]), 1)
    close(embedded, array(f"{case}/beit_encoder_embedding"), **TOLERANCE)
    close(seen["positions"].joined(), array(f"{case}/beit_embed_positions"), **TOLERANCE)
    close(seen["attention"].joined(), array(f"{case}/beit_layer0_attn"), **TOLERANCE)
    close(seen["layer"].joined(), array(f"{case}/beit_layer0"), **TOLERANCE)


@pytest.mark.parametrize(
    ("family", "case"),
    [
        ("evf_sam", "A"), ("evf_sam", "D"), ("evf_effisam", "A"), ("evf_effisam", "D"),
        ("evf_sam2", "A"), ("evf_sam2", "S"),
    ],
    indirect=["family"],
)  # fmt: skip
def test_output(published: Beit3, array: Array, case: str) -> None:
    encoded = published(array("beit_input1")[None], array("ids1"))
    close(encoded.joined(), array(f"{case}/beit_encoder_out"), **TOLERANCE)


@pytest.mark.parametrize("family", ["evf_sam"], indirect=True)
@pytest.mark.parametrize(
    ("case", "image", "phrase"), [("A", 1, 1), ("A2", 1, 2), ("A3", 1, 3), ("A4", 2, 2)]
)
def test_image_cls(published: Beit3, array: Array, case: str, image: int, phrase: int) -> None:
    encoded = published(array(f"beit_input{image}")[None], array(f"ids{phrase}"))
    close(encoded.visual[:, 0], array(f"{case}/beit_cls"), **TOLERANCE)


@pytest.mark.parametrize("family", ["evf_sam"], indirect=True)
def test_padded_batch_over_two_images(published: Beit3, array: Array) -> None:
    """At padded places too, though nothing reads them."""
    images = torch.stack([array("beit_input1"), array("beit_input2")])
    real, image_of = array("attention_mask_batch"), torch.tensor([0, 0, 1])
    encoded: Streams = published(images, array("ids_batch"), real, image_of=image_of)
    close(encoded.joined(), array("B/beit_encoder_out"), **TOLERANCE)
