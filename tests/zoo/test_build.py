"""Every family from every kind of file; what does not fit is refused with its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.zoo.tiny import SAM, WRITERS, Case, tiny, write_hub_folder, write_safetensors_file

from biprompt.errors import ModelError, WeightsError
from biprompt.zoo import memory
from biprompt.zoo.build import empty_model, fingerprint, load_checkpoint
from biprompt.zoo.checkpoints import CHECKPOINTS
from biprompt.zoo.families import (
    EVF_SAM2_FIRST,
    EVF_SAM2_MULTITASK,
    EVF_SAM_FIRST,
    EVF_SAM_MULTITASK,
    Family,
    Preset,
)
from biprompt.zoo.recognise import KEY, Recognised


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("family", Family)
def test_every_family_loads_from_every_kind_of_file(
    family: Family, write: Callable[[Case, Path], Path], tmp_path: Path
) -> None:
    case = tiny(family)
    loaded = load_checkpoint(write(case, tmp_path))
    assert loaded.family is family
    assert (loaded.recognised.visual, loaded.recognised.evf) == (
        case.recognised.visual,
        case.recognised.evf,
    )
    state = loaded.model.state_dict()
    assert all(torch.equal(tensor, case.state[name]) for name, tensor in state.items())
    assert not loaded.model.training
    assert not any(tensor.is_meta for tensor in (*loaded.model.buffers(), *state.values()))


def test_what_no_image_needs_is_left_out() -> None:
    built = {
        name for family in Family for name in empty_model(tiny(family).recognised).state_dict()
    }
    held = {name for family in Family for name in tiny(family).state}
    dropped = {re.sub(r"^visual_model\.", "", name).split(".")[0] for name in held - built}
    assert dropped >= {"memory_attention", "memory_encoder", "no_obj_ptr", "obj_ptr_proj"}
    assert {"image_encoder.head.weight", "image_encoder.norm_head.weight"} <= held - built
    assert "no_mem_embed" in built


@pytest.mark.parametrize("family", Family)
def test_wrong_keys_are_listed(family: Family, tmp_path: Path) -> None:
    case = tiny(family)
    name = next(n for n in reversed(sorted(case.state)) if "mask_decoder.transformer.norm" in n)
    state = {key: tensor for key, tensor in case.state.items() if key != name}
    save_file(
        state | {f"{name}_old": torch.ones(1)}, tmp_path / "x.safetensors", {KEY: case.stated}
    )
    with pytest.raises(WeightsError) as caught:
        load_checkpoint(tmp_path / "x.safetensors")
    assert f"1 ({name}) missing; 1 ({name}_old) unexpected" in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "x.safetensors"))


def test_many_wrong_keys_are_counted(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    state = {key: t for key, t in case.state.items() if "output_hypernetworks_mlps.0" not in key}
    save_file(state, tmp_path / "x.safetensors", {KEY: case.stated})
    with pytest.raises(WeightsError, match=r"; 6 \(mask_decoder\S+, \S+, \S+ and 3 more\) missing"):
        load_checkpoint(tmp_path / "x.safetensors")


@pytest.mark.parametrize("other", [torch.ones(7), torch.ones(32, dtype=torch.int64)])
def test_a_tensor_of_another_shape_or_kind_is_named(other: torch.Tensor, tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    name = "mask_decoder.transformer.norm_final_attn.weight"
    save_file(case.state | {name: other}, tmp_path / "x.safetensors", {KEY: case.stated})
    with pytest.raises(WeightsError, match=rf"1 \({name} \w+ \(\d+,\)\) not fitting"):
        load_checkpoint(tmp_path / "x.safetensors")


def test_the_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    path = write_safetensors_file(tiny(Family.SAM), tmp_path)
    with pytest.raises(
        WeightsError, match=r"expected mobile-sam, mobile-sam of 9\.8M .* got sam of"
    ):
        load_checkpoint(path, expect=CHECKPOINTS["mobile-sam"])


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_another_type_for_all_but_the_frequencies(kind: torch.dtype, tmp_path: Path) -> None:
    model = load_checkpoint(write_safetensors_file(tiny(Family.SAM), tmp_path), dtype=kind).model
    types = {name: tensor.dtype for name, tensor in model.state_dict().items()}
    frequencies = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    assert types.pop(frequencies) is torch.float32
    assert set(types.values()) == {kind}


def test_counts_stay_whole_numbers_in_another_type(tmp_path: Path) -> None:
    path = write_safetensors_file(tiny(Family.MOBILE_SAM), tmp_path)
    state = load_checkpoint(path, dtype=torch.float16).model.state_dict()
    counts = [tensor for name, tensor in state.items() if name.endswith("num_batches_tracked")]
    assert counts and all(count.dtype is torch.int64 for count in counts)


def test_changing_a_model_leaves_the_file_alone(tmp_path: Path) -> None:
    path = write_safetensors_file(tiny(Family.SAM), tmp_path)
    before = path.read_bytes()
    with torch.no_grad():
        for parameter in load_checkpoint(path).model.parameters():
            parameter.zero_()
    assert path.read_bytes() == before


def test_a_network_answers(tmp_path: Path) -> None:
    from biprompt.models.sam import Sam, SamPrompts

    model = load_checkpoint(write_safetensors_file(tiny(Family.MOBILE_SAM), tmp_path)).model
    assert isinstance(model, Sam)
    with torch.inference_mode():
        features = model.encode_image(torch.zeros(1, 3, 128, 128))
        prompts = SamPrompts(points=torch.ones(1, 1, 2), labels=torch.ones(1, 1, dtype=torch.int64))
        masks, iou = model.decode(features, prompts)
    assert masks.shape == (1, 4, 32, 32) and iou.shape == (1, 4)


@pytest.mark.parametrize(
    ("folder", "family", "preset"),
    [
        ("evf-sam", Family.EVF_SAM, EVF_SAM_FIRST),
        ("evf-sam-multitask", Family.EVF_SAM, EVF_SAM_MULTITASK),
        ("evf-sam2", Family.EVF_SAM2, EVF_SAM2_FIRST),
        ("evf-sam2-multitask", Family.EVF_SAM2, EVF_SAM2_MULTITASK),
        ("mine", Family.EVF_SAM2, EVF_SAM2_MULTITASK),
    ],
)
def test_the_preset_of_a_generation(
    folder: str, family: Family, preset: Preset, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    loaded = load_checkpoint(write_hub_folder(tiny(family), tmp_path / folder))
    assert loaded.preset == preset
    assert loaded.tokenizer == tmp_path / folder / "sentencepiece.bpe.model"


def test_a_checkpoint_that_states_its_preset(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    said = {"resize": "square", "pixels": "unit"}
    stated = json.dumps(json.loads(case.stated) | {"preset": said})
    save_file(case.state, tmp_path / "medsam_vit_b.safetensors", {KEY: stated})
    preset = load_checkpoint(tmp_path / "medsam_vit_b.safetensors").preset
    assert preset == Preset(resize="square", pixels="unit")


def test_a_preset_that_cannot_be(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    stated = json.dumps(json.loads(case.stated) | {"preset": {"resize": "shortest"}})
    save_file(case.state, tmp_path / "x.safetensors", {KEY: stated})
    with pytest.raises(WeightsError, match="resize in biprompt_config: expected longest or square"):
        load_checkpoint(tmp_path / "x.safetensors")


def test_the_version_follows_weights_and_preset_not_the_file(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    versions = set()
    for number, write in enumerate(WRITERS):
        (tmp_path / str(number)).mkdir()
        versions.add(load_checkpoint(write(case, tmp_path / str(number))).version)
    assert len(versions) == 1
    changed = dict(case.state)
    changed["mask_decoder.iou_token.weight"] = case.state["mask_decoder.iou_token.weight"] + 1
    assert fingerprint(changed) != fingerprint(case.state)
    assert fingerprint(case.state, "other preset") != fingerprint(case.state)


def test_too_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_safetensors_file(tiny(Family.SAM), tmp_path)
    monkeypatch.setattr(memory, "free_memory", lambda: 1_000_000)
    with pytest.raises(ModelError, match=rf"^{path}: 0.0 GB of weights, 0.0 GB of memory free; "):
        load_checkpoint(path)
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    load_checkpoint(path)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't allocate memory: 1 byte")])
def test_memory_that_ends_while_loading(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: torch.Tensor, *args: object) -> torch.Tensor:
        raise error

    path = write_safetensors_file(tiny(Family.SAM), tmp_path)
    monkeypatch.setattr(torch.Tensor, "to", fail)
    with pytest.raises(ModelError, match=rf"^{path}: out of memory while reading the weights$"):
        load_checkpoint(path)


@pytest.mark.parametrize("spec", CHECKPOINTS.values(), ids=lambda spec: spec.name)
def test_the_parameters_of_the_table_are_those_of_the_networks(spec: object) -> None:
    from biprompt.models.efficient_sam import EfficientSamConfig
    from biprompt.models.evf import EvfConfig
    from biprompt.models.sam import SamConfig
    from biprompt.models.sam2 import RepVitConfig, Sam2Config

    published = {
        "sam-vit-b": Recognised(Family.SAM, SamConfig.vit_b()),
        "sam-vit-l": Recognised(Family.SAM, SamConfig.vit_l()),
        "sam-vit-h": Recognised(Family.SAM, SamConfig.vit_h()),
        "medsam": Recognised(Family.SAM, SamConfig.vit_b()),
        "mobile-sam": Recognised(Family.MOBILE_SAM, SamConfig.mobile()),
        "efficient-sam-ti": Recognised(Family.EFFICIENT_SAM, EfficientSamConfig.tiny()),
        "efficient-sam-s": Recognised(Family.EFFICIENT_SAM, EfficientSamConfig.small()),
        "evf-sam": Recognised(Family.EVF_SAM, SamConfig.vit_h(), EvfConfig()),
        "evf-sam2": Recognised(Family.EVF_SAM2, Sam2Config.large(), EvfConfig()),
        "sam-hq-vit-b": Recognised(Family.SAM_HQ, SamConfig.vit_b()),
        "sam-hq-vit-l": Recognised(Family.SAM_HQ, SamConfig.vit_l()),
        "sam-hq-vit-h": Recognised(Family.SAM_HQ, SamConfig.vit_h()),
        "sam2-tiny": Recognised(Family.SAM2, Sam2Config.tiny()),
        "sam2-small": Recognised(Family.SAM2, Sam2Config.small()),
        "sam2-base-plus": Recognised(Family.SAM2, Sam2Config.base_plus()),
        "sam2-large": Recognised(Family.SAM2, Sam2Config.large()),
        "edgetam": Recognised(Family.EDGE_TAM, Sam2Config(RepVitConfig())),
    }
    name = spec.name.removesuffix("-multitask").replace("sam2.1", "sam2")
    recognised = published[name]
    parameters = sum(p.numel() for p in empty_model(recognised).parameters())
    assert (spec.family, spec.parameters) == (recognised.family, parameters)


def test_tiny_sizes_are_not_the_published_ones() -> None:
    assert SAM.decoder.heads != type(SAM.decoder)().heads  # so that `KEY` is needed to load them
