"""The official code's small models (random weights) behind our runtime."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the large models need torch")

from safetensors.torch import load_file  # noqa: E402

from biprompt.models.beit3 import Beit3Config  # noqa: E402
from biprompt.models.evf import EvfConfig, EvfSam  # noqa: E402
from biprompt.models.preprocess import SamResize  # noqa: E402
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, VitConfig  # noqa: E402
from biprompt.runtime.base import Phrase  # noqa: E402
from biprompt.runtime.torch import (  # noqa: E402
    Place,
    PointExpert,
    Sight,
    TextExpert,
    TorchRuntime,
)
from biprompt.segmenter import Segmenter  # noqa: E402

GOLDEN = Path(__file__).parents[2] / "golden"
Arrays = Mapping[str, NDArray[Any]]


class IdReader:
    """Phrases written as token ids: "0 17 2"."""

    def read(self, text: str) -> Phrase:
        return Phrase(text, np.array(text.split(), np.int64))


def spell(ids: NDArray[np.int64]) -> str:
    return " ".join(map(str, ids[0]))


def evf_sam() -> EvfSam:
    """The tiny EVF-SAM on SAM, with its official weights."""
    facts = json.loads((GOLDEN / "evf_sam_tiny_config.json").read_text())
    sam, beit = facts["sam"], facts["beit3"]
    vit = VitConfig(
        sam["image_size"], sam["embed_dim"], sam["depth"], sam["num_heads"],
        int(sam["embed_dim"] * sam["mlp_ratio"]), sam["window_size"],
        tuple(sam["global_attn_indexes"]), sam["out_chans"],
    )  # fmt: skip
    decoder = DecoderConfig(
        sam["decoder_depth"], sam["decoder_num_heads"], sam["decoder_mlp_dim"],
        sam["iou_head_hidden_dim"], sam["mask_in_chans"],
    )  # fmt: skip
    config = Beit3Config(
        beit["img_size"], beit["patch_size"], beit["vocab_size"], beit["encoder_embed_dim"],
        beit["encoder_attention_heads"], beit["encoder_ffn_embed_dim"], beit["encoder_layers"],
        beit["max_source_positions"],
    )  # fmt: skip
    model = EvfSam(Sam(SamConfig(vit, decoder)), EvfConfig(config, facts["config"]["out_dim"]))
    model.load_state_dict(load_file(GOLDEN / "evf_sam_tiny.safetensors"))
    return model.eval()


def runtime_of(
    points: Any, words: EvfSam | None, *, same: bool = True, place: Place | None = None,
    resize: SamResize = SamResize.LONGEST,
) -> TorchRuntime:  # fmt: skip
    sight = Sight("image", points, SamResize.LONGEST)
    other = sight if same or words is None else Sight("words", words.visual_model, resize)
    return TorchRuntime(
        "tiny", "1", place or Place.of("cpu"), points=PointExpert(sight, points),
        words=None if words is None else TextExpert(other, words),
    )  # fmt: skip


@pytest.fixture(scope="session")
def golden() -> Arrays:
    return dict(np.load(GOLDEN / "evf_sam_tiny_golden.npz"))


@pytest.fixture(scope="module")
def runtime() -> TorchRuntime:
    model = evf_sam()
    return runtime_of(model.visual_model, model)


@pytest.fixture
def model(runtime: TorchRuntime) -> Segmenter:
    return Segmenter(runtime, IdReader())
