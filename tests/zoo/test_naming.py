"""SAM, SAM-HQ, SAM 2 and EdgeTAM as transformers saves them, against transformers itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the large models need torch")
pytest.importorskip("transformers", reason="the foundation models need transformers")

from safetensors.torch import load_file, save_file  # noqa: E402
from tests.zoo import tiny_transformers as theirs  # noqa: E402
from tests.zoo.tiny import tiny  # noqa: E402

from biprompt.errors import WeightsError  # noqa: E402
from biprompt.models.sam import Sam, SamConfig  # noqa: E402
from biprompt.models.sam.values import SamPrompts  # noqa: E402
from biprompt.models.sam2 import Sam2, Sam2Config  # noqa: E402
from biprompt.zoo.build import LoadedCheckpoint, load_checkpoint  # noqa: E402
from biprompt.zoo.convert import convert  # noqa: E402
from biprompt.zoo.families import Family  # noqa: E402
from biprompt.zoo.folders import Located  # noqa: E402
from biprompt.zoo.naming import open_published, sources  # noqa: E402
from biprompt.zoo.verify import verify  # noqa: E402

XY = torch.tensor([[[30.0, 40.0], [80.0, 20.0]]])
LABELS = torch.tensor([[1, 0]])
BOX = torch.tensor([[20.0, 30.0, 90.0, 100.0]])
FAMILIES = {"sam": Family.SAM, "sam_hq": Family.SAM_HQ, "sam2": Family.SAM2}


@pytest.fixture(scope="module", params=FAMILIES)
def case(request: Any, tmp_path_factory: Any) -> tuple[str, Any, LoadedCheckpoint]:
    model = getattr(theirs, request.param)()
    folder = theirs.saved(model, tmp_path_factory.mktemp("hub") / request.param)
    if request.param == "sam_hq":
        model.mask_decoder.transformer.register_forward_hook(as_published, with_kwargs=True)
    return request.param, model, load_checkpoint(folder)


def as_published(module: Any, args: Any, kwargs: Any, seen: Any) -> None:
    """SAM-HQ's decoder draws on what its transformer returns; transformers 5.23 forgets it."""
    image = kwargs["image_embeddings"]
    cells = seen[1][:, 0].transpose(1, 2).unflatten(2, image.shape[2:])
    image.copy_(cells.transpose(2, 3))  # it is transposed again behind this


def test_masks_and_scores_are_those_of_transformers(
    case: tuple[str, Any, LoadedCheckpoint],
) -> None:
    name, model, loaded = case
    assert loaded.family is FAMILIES[name]
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    ours = (SamPrompts(points=XY, labels=LABELS), SamPrompts(points=XY, labels=LABELS, boxes=BOX))
    asked = (
        {"input_points": XY[None], "input_labels": LABELS[None]},
        {"input_points": XY[None], "input_labels": LABELS[None], "input_boxes": BOX[None]},
    )
    with torch.inference_mode():
        features = loaded.model.encode_image(pixels)
        for prompts, same in zip(ours, asked, strict=True):
            logits, iou = loaded.model.decode(features, prompts)
            for several, masks in ((True, slice(1, 4)), (False, slice(0, 1))):
                found = model(pixel_values=pixels, multimask_output=several, **same)
                expected, scores = found.pred_masks[0, 0], found.iou_scores[0, 0]
                order = iou[0, masks].argsort(descending=True)
                ranked = name == "sam_hq" and several  # it sorts its readings by their score
                order = order if ranked else torch.arange(len(expected))
                near(logits[0, masks][order], expected, name)
                near(iou[0, masks][order], scores, name)


def near(ours: Any, expected: Any, name: str) -> None:
    """Alike beside what the masks differ by; SAM's layers add another epsilon in transformers."""
    spread = 2e-3 if name.startswith("sam") and name != "sam2" else 1e-5
    assert expected.abs().max() > 0.01
    assert (ours - expected).abs().max() < spread * expected.abs().max()


def test_mask_prompts_are_those_of_transformers(tmp_path: Path) -> None:
    model = theirs.sam2()
    loaded = load_checkpoint(theirs.saved(model, tmp_path / "sam2"))
    mask, pixels = torch.randn(1, 1, 32, 32), torch.randn(1, 3, 128, 128)
    with torch.inference_mode():
        features = loaded.model.encode_image(pixels)
        logits, _ = loaded.model.decode(features, SamPrompts(boxes=BOX, masks=mask))
        found = model(pixel_values=pixels, input_boxes=BOX[None], input_masks=mask)
    torch.testing.assert_close(logits[:, 1:], found.pred_masks[0], atol=5e-6, rtol=1e-4)


def test_one_of_two_tied_tensors_is_enough(tmp_path: Path) -> None:
    folder = theirs.saved(theirs.sam2(), tmp_path / "sam2")
    wanted = load_checkpoint(folder).model.state_dict()
    drop(folder, "prompt_encoder.shared_embedding.positional_embedding")
    state = load_checkpoint(folder).model.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in state.items())


def test_the_memory_of_videos_is_left_out(tmp_path: Path) -> None:
    folder = theirs.saved(theirs.sam2(), tmp_path / "sam2")
    state = load_file(folder / "model.safetensors")
    more = ("memory_attention.layers.0.norm.weight", "no_object_pointer", "mask_downsample.bias",
            "temporal_positional_encoding_projection_layer.weight")  # fmt: skip
    save_file(state | {name: torch.ones(3) for name in more}, folder / "model.safetensors")
    says(folder, "sam2_video")
    assert load_checkpoint(folder).family is Family.SAM2


def test_a_missing_tensor_is_named_as_it_was_published(tmp_path: Path) -> None:
    folder = theirs.saved(theirs.sam2(), tmp_path / "sam2")
    drop(folder, "mask_decoder.iou_token.weight")
    with pytest.raises(WeightsError, match=r"1 \(sam_mask_decoder\.iou_token\.weight\) missing"):
        load_checkpoint(folder)


def test_verified_and_converted_it_has_published_names(tmp_path: Path) -> None:
    folder = theirs.saved(theirs.sam2(), tmp_path / "sam2")
    assert verify(Located(folder, None)).recognised.family is Family.SAM2
    done = convert(folder, tmp_path / "sam2.safetensors")
    assert "sam_mask_decoder.iou_token.weight" in load_file(done.path)
    ours, again = load_checkpoint(folder), load_checkpoint(done.path)
    assert ours.recognised == again.recognised and ours.version == again.version


def test_edgetam_without_timm(tmp_path: Path) -> None:
    """Transformers builds it with timm only; all but its trunk has the names of SAM 2 there."""
    trunk, neck = "image_encoder.trunk.body.", "image_encoder.neck.convs."
    case = tiny(Family.EDGE_TAM)
    state = {name: value for name, value in theirs.sam2(heads=4).state_dict().items()
             if not name.startswith("vision_encoder.")}  # fmt: skip
    for name, value in case.state.items():
        if name.startswith(trunk):
            state["vision_encoder.backbone.timm_model." + name.removeprefix(trunk)] = value
        if name.startswith(neck):
            state["vision_" + name.removeprefix("image_").replace(".conv.", ".")] = value
    save_file({name: value.contiguous().clone() for name, value in state.items()},
              tmp_path / "model.safetensors")  # fmt: skip
    says(tmp_path, "edgetam_video", prompt_encoder_config={"image_size": [128, 128]},
         mask_decoder_config={"num_attention_heads": 4})  # fmt: skip
    loaded = load_checkpoint(tmp_path)
    assert loaded.recognised == case.recognised
    own = loaded.model.state_dict()
    assert all(torch.equal(own[n], v) for n, v in case.state.items() if n.startswith("image_enc"))
    table = state["prompt_encoder.point_embed.weight"]
    assert torch.equal(own["sam_prompt_encoder.point_embeddings.2.weight"], table[2:3])


def test_names_of_others_are_left_alone(tmp_path: Path) -> None:
    state = tiny(Family.SAM2).state
    save_file(state, tmp_path / "one.safetensors")
    assert set(open_published(tmp_path / "one.safetensors")) == set(state)
    assert sources(["a.b"])["a.b"].name == "a.b"


def drop(folder: Path, name: str) -> None:
    state = load_file(folder / "model.safetensors")
    del state[name]
    save_file(state, folder / "model.safetensors")


def says(folder: Path, kind: str, **more: Any) -> None:
    path = folder / "config.json"
    tree = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps({**tree, **more, "model_type": kind}))


@pytest.mark.parametrize("name", ["sam", "sam2"])
def test_every_name_comes_back_at_published_size(name: str) -> None:
    """The way there is written independently, for the comparison with transformers."""
    from benchmarks.parity.names import sam2_names, sam_names

    with torch.device("meta"):
        network = Sam(SamConfig.vit_b()) if name == "sam" else Sam2(Sam2Config.large())
        state = network.state_dict()
        there = (sam_names if name == "sam" else sam2_names)(dict(state))
    assert set(sources(there)) == set(state)
