"""Tiny networks of transformers with random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

TEXT: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
    "vocab_size": 600, "max_position_embeddings": 16, "bos_token_id": 598, "eos_token_id": 599,
}  # fmt: skip
VISION: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2,
    "image_size": 64, "patch_size": 16,
}  # fmt: skip
HALF: dict[str, Any] = {"hidden_size": 16, "num_attention_heads": 2}
FORWARD: dict[str, Any] = HALF | {"intermediate_size": 32}


def _lively(make: Callable[[], Any]) -> Any:
    """A network whose answers differ: usual random starts are too small to tell things apart."""
    torch.manual_seed(3)
    model = make().eval()
    with torch.no_grad():
        for value in model.parameters():
            if value.dim() > 1:
                value.mul_(4)
    return model


def clipseg() -> Any:
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

    config = CLIPSegConfig(
        text_config=TEXT, vision_config=VISION | {"image_size": 32}, projection_dim=8,
        reduce_dim=8, extract_layers=[0, 1, 2], decoder_num_attention_heads=2,
        decoder_intermediate_size=16,
    )  # fmt: skip
    return _lively(lambda: CLIPSegForImageSegmentation(config))


def owlv2() -> Any:
    from transformers import Owlv2Config, Owlv2ForObjectDetection

    config = Owlv2Config(text_config=TEXT, vision_config=VISION, projection_dim=16)
    torch.manual_seed(3)
    return Owlv2ForObjectDetection(config).eval()


def grounding_dino() -> Any:
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection, SwinConfig

    swin = SwinConfig(
        embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4, image_size=64,
        out_indices=[2, 3, 4],
    )  # fmt: skip
    bert = {key: TEXT[key] for key in ("hidden_size", "intermediate_size", "num_hidden_layers",
                                       "num_attention_heads")}  # fmt: skip
    config = GroundingDinoConfig(
        backbone_config=swin,
        text_config=bert | {"model_type": "bert", "vocab_size": 1040}
        | {"max_position_embeddings": 40},
        num_queries=10, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
        encoder_attention_heads=2, decoder_attention_heads=2, d_model=32, max_text_len=24,
    )  # fmt: skip
    torch.manual_seed(3)
    return GroundingDinoForObjectDetection(config).eval()


def sam3() -> Any:
    from transformers import Sam3Config, Sam3Model

    backbone = VISION | {"image_size": 56, "patch_size": 14, "window_size": 2}
    backbone |= {"global_attn_indexes": [1], "pretrain_image_size": 28}
    backbone |= {"model_type": "sam3_vit_model"}
    config = Sam3Config(
        vision_config={
            "backbone_config": backbone, "fpn_hidden_size": 16,
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        },
        text_config=TEXT | {"max_position_embeddings": 32, "projection_dim": 8}
        | {"model_type": "clip_text_model"},
        geometry_encoder_config=FORWARD | {"num_layers": 1},
        detr_encoder_config=FORWARD | {"num_layers": 1},
        detr_decoder_config=FORWARD | {"num_layers": 2, "num_queries": 6},
        mask_decoder_config=HALF,
    )  # fmt: skip
    return _lively(lambda: Sam3Model(config))


def seggpt() -> Any:
    from transformers import SegGptConfig, SegGptForImageSegmentation

    config = SegGptConfig(
        hidden_size=16, num_hidden_layers=3, num_attention_heads=2, image_size=[64, 32],
        patch_size=8, mlp_dim=32, pretrain_image_size=16, decoder_hidden_size=8, merge_index=0,
        intermediate_hidden_state_indices=[1, 2],
    )  # fmt: skip
    model = _lively(lambda: SegGptForImageSegmentation(config))
    model.decoder.decoder_pred.head.weight.data *= 8
    return model


def save(model: Any, folder: Path, side: int, tokenizer: str | None = "clip") -> Path:
    """A folder as `save_pretrained` writes it, with its settings and the files of a tokenizer."""
    model.save_pretrained(folder)
    size: Any = {"height": side, "width": side}
    if tokenizer == "bert":
        size = {"shortest_edge": side, "longest_edge": 2 * side}
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": size}))
    if tokenizer == "clip":
        clip_tokenizer(folder)
    if tokenizer == "bert":
        bert_tokenizer(folder)
    return folder


def clip_tokenizer(folder: Path) -> None:
    """Letters, whole and at the end of a word; 600 pieces."""
    from transformers import CLIPTokenizer

    letters = [chr(c) for c in range(33, 127)]
    pieces = [*letters, *(f"{letter}</w>" for letter in letters)]
    pieces += [f"<unused{i}>" for i in range(598 - len(pieces))]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    CLIPTokenizer(vocab={p: i for i, p in enumerate(pieces)}, merges=[]).save_pretrained(folder)


def bert_tokenizer(folder: Path) -> None:
    """A vocabulary whose marks and stops lie where Grounding DINO looks for them."""
    words = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]", 1012: ".",
             1029: "?", 1030: "a", 1031: "red", 1032: "cat", 1033: "cats", 1034: "st"}  # fmt: skip
    lines = [words.get(i, f"[unused{i}]") for i in range(1035)]
    (folder / "vocab.txt").write_text("\n".join(lines))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )
