"""Networks told from names and shapes; a checkpoint need not say what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.zoo.tiny import tiny

from biprompt.errors import WeightsError
from biprompt.models.efficient_sam import EfficientSamConfig
from biprompt.models.evf import Beit3Config, EvfConfig
from biprompt.models.preprocess import SamPixels, SamResize
from biprompt.models.sam import SamConfig
from biprompt.models.sam2 import Sam2Config
from biprompt.zoo.build import empty_model
from biprompt.zoo.families import PRESETS, Family, Pixels, Resize
from biprompt.zoo.recognise import KEY, Recognised, Stated, VisualConfig, recognise, stated_by
from biprompt.zoo.weights import Shape, open_weights

PUBLISHED = {
    "SAM ViT-B": (Family.SAM, SamConfig.vit_b(), None),
    "SAM ViT-L": (Family.SAM, SamConfig.vit_l(), None),
    "SAM ViT-H": (Family.SAM, SamConfig.vit_h(), None),
    "MobileSAM": (Family.MOBILE_SAM, SamConfig.mobile(), None),
    "EfficientSAM-Ti": (Family.EFFICIENT_SAM, EfficientSamConfig.tiny(), None),
    "EfficientSAM-S": (Family.EFFICIENT_SAM, EfficientSamConfig.small(), None),
    "SAM 2 tiny": (Family.SAM2, Sam2Config.tiny(), None),
    "SAM 2 small": (Family.SAM2, Sam2Config.small(), None),
    "SAM 2 base plus": (Family.SAM2, Sam2Config.base_plus(), None),
    "SAM 2 large": (Family.SAM2, Sam2Config.large(), None),
    "EVF-SAM": (Family.EVF_SAM, SamConfig.vit_h(), EvfConfig()),
    "EVF-EffiSAM-L": (Family.EVF_EFFICIENT_SAM, EfficientSamConfig.small(), EvfConfig()),
    "EVF-EffiSAM-B": (
        Family.EVF_EFFICIENT_SAM, EfficientSamConfig.tiny(), EvfConfig(Beit3Config.base()),
    ),
    "EVF-SAM2": (Family.EVF_SAM2, Sam2Config.large(), EvfConfig()),
    "EVF-SAM2-T": (Family.EVF_SAM2, Sam2Config.tiny(), EvfConfig(Beit3Config.base())),
}  # fmt: skip


def shapes_of(recognised: Recognised) -> dict[str, Shape]:
    return {n: tuple(t.shape) for n, t in empty_model(recognised).state_dict().items()}


@pytest.mark.parametrize(("family", "visual", "evf"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_sizes_need_nothing_but_shapes(
    family: Family, visual: VisualConfig, evf: EvfConfig | None
) -> None:
    expected = Recognised(family, visual, evf)
    assert recognise(shapes_of(expected)) == expected


@pytest.mark.parametrize("family", Family)
def test_other_sizes_need_what_no_shape_tells(family: Family) -> None:
    case = tiny(family)
    shapes = {name: tuple(tensor.shape) for name, tensor in case.state.items()}
    assert recognise(shapes, Stated(json.loads(case.stated))) == case.recognised


def test_all_that_a_shape_tells_of_sam_comes_from_shapes() -> None:
    case = tiny(Family.SAM)
    shapes = {name: tuple(tensor.shape) for name, tensor in case.state.items()}
    lie = {"visual": {"encoder": {"window": 9, "heads": 2}, "decoder": {"heads": 4, "mlp": 3}}}
    assert recognise(shapes, Stated(lie)) == case.recognised


@pytest.mark.parametrize("prefix", ["module.", "sam.model."])
def test_a_prefix_is_found(prefix: str) -> None:
    shapes = shapes_of(Recognised(Family.MOBILE_SAM, SamConfig.mobile()))
    found = recognise({prefix + name: shape for name, shape in shapes.items()})
    assert (found.family, found.prefix) == (Family.MOBILE_SAM, prefix)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["beit3.text_embed.weight", "beit3.encoder.x"],
            "keys such as beit3.text_embed.weight, be",
        ),
        (
            ["vision_encoder.pos_embed"],
            "keys such as vision_encoder.pos_embed (transformers' names)",
        ),
        (["text_hidden_fcs.0.0.weight"], "keys such as text_hidden_fcs"),
        ([], "keys such as"),
    ],
)
def test_the_keys_of_something_else_are_shown(names: list[str], told: str) -> None:
    with pytest.raises(WeightsError, match=r"x\.pth: checkpoint: expected SAM, ") as caught:
        recognise(dict.fromkeys(names, (1,)), path="x.pth")
    assert f"got {told}" in str(caught.value)


def test_a_key_that_is_needed_is_named_with_what_comes_near() -> None:
    shapes = shapes_of(Recognised(Family.SAM, SamConfig.vit_b()))
    shapes["image_encoder.posembed"] = shapes.pop("image_encoder.pos_embed")
    with pytest.raises(
        WeightsError, match=r"expected image_encoder.pos_embed, got none \(near: image_encoder.pose"
    ):
        recognise(shapes)


@pytest.mark.parametrize("shape", [(1, 64, 768), (1, 0, 64, 768), ()])
def test_a_shape_that_cannot_be(shape: Shape) -> None:
    shapes = shapes_of(Recognised(Family.SAM, SamConfig.vit_b()))
    with pytest.raises(WeightsError, match=r"key image_encoder\.pos_embed: expected 4 axes"):
        recognise(shapes | {"image_encoder.pos_embed": shape})


def test_sizes_that_do_not_go_together() -> None:
    shapes = shapes_of(Recognised(Family.SAM, SamConfig.vit_b()))
    with pytest.raises(WeightsError, match="x: heads: expected a divisor"):
        recognise(shapes, Stated({"visual": {"decoder": {"heads": 7}}}), "x")


def test_a_hiera_of_unpublished_size_must_say_more() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in tiny(Family.SAM2).state.items()}
    with pytest.raises(WeightsError, match=r"Hiera: .* got width 16, stages \(1, 2, 3, 2\)"):
        recognise(shapes)


def test_positions_of_beit3_that_are_no_square() -> None:
    case = tiny(Family.EVF_SAM)
    shapes = {name: tuple(tensor.shape) for name, tensor in case.state.items()}
    shapes["mm_extractor.beit3.encoder.embed_positions.A.weight"] = (20, 48)
    with pytest.raises(WeightsError, match="expected 3 more than a square, got 20"):
        recognise(shapes, Stated(json.loads(case.stated)))


@pytest.mark.parametrize(
    ("evf", "wrong"),
    [
        ({"beit3": {"heads": 0}}, "heads in biprompt_config: expected a whole number"),
        ({"beit3": {"heads": True}}, "heads in biprompt_config: expected a whole number"),
        ({"beit3": {"heads": "12"}}, "heads in biprompt_config: expected a whole number"),
        ({"fusion": "never"}, "fusion in biprompt_config: expected early or late or text"),
        ({"early_layers": 99}, "early layers: expected 1 to 24"),
    ],
)
def test_facts_that_cannot_be(evf: dict[str, object], wrong: str) -> None:
    shapes = shapes_of(Recognised(Family.EVF_SAM, SamConfig.vit_h(), EvfConfig()))
    with pytest.raises(WeightsError, match=wrong):
        recognise(shapes, Stated({"evf": evf}))


def test_the_ablations_of_the_paper() -> None:
    config = EvfConfig(early_layers=12, feature="text_cls")
    expected = Recognised(Family.EVF_SAM, SamConfig.vit_b(), config)
    stated = Stated(json.loads(json.dumps(expected.plain())))
    assert recognise(shapes_of(expected), stated) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [("[1]", f"{KEY}: expected an object, got list"), ("{", "config.json: expected JSON")],
)
def test_what_cannot_be_read(text: str, told: str, tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "x.safetensors", {KEY: text})
    with pytest.raises(WeightsError, match=f"x.safetensors: {told}"):
        stated_by(open_weights(tmp_path / "x.safetensors"))


@pytest.mark.parametrize("config", [{"model_type": "evf"}, {KEY: 7}, None])
def test_silence(config: object, tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "x.safetensors")
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config))
    assert stated_by(open_weights(tmp_path / "x.safetensors")) == Stated()


def test_presets_name_what_the_preprocessing_knows() -> None:
    assert set(Resize.__args__) == set(SamResize)
    assert set(Pixels.__args__) == set(SamPixels)
    assert set(PRESETS) == set(Family)
