"""The published checkpoints and the pairs made of them: frozen tables. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from biprompt.zoo.families import (
    EVF_SAM2_FIRST,
    EVF_SAM2_MULTITASK,
    EVF_SAM_FIRST,
    EVF_SAM_MULTITASK,
    PRESETS,
    Family,
    Preset,
)
from biprompt.zoo.specs import CheckpointSpec, HubSource, PairSpec, Published, UrlSource

__all__ = [
    "CHECKPOINTS",
    "PAIRS",
    "CheckpointSpec",
    "HubSource",
    "PairSpec",
    "Published",
    "UrlSource",
]

_SAM = "https://dl.fbaipublicfiles.com/segment_anything/"
_APACHE = "Apache-2.0"

# Sizes and digests as published by those who fetched the files; the six digits in Meta's names
# begin the MD5 of a file, not its SHA-256.
_CHECKPOINTS = (
    CheckpointSpec(
        name="sam-vit-b",
        summary="Segment Anything, smallest",
        family=Family.SAM,
        parameters=93_735_472,
        licence=_APACHE,
        source=UrlSource(
            _SAM + "sam_vit_b_01ec64.pth",
            "sam_vit_b_01ec64.pth",
            375_042_383,
            "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        ),
        preset=PRESETS[Family.SAM],
    ),
    CheckpointSpec(
        name="sam-vit-l",
        summary="Segment Anything, middle",
        family=Family.SAM,
        parameters=312_342_832,
        licence=_APACHE,
        source=UrlSource(
            _SAM + "sam_vit_l_0b3195.pth",
            "sam_vit_l_0b3195.pth",
            1_249_524_607,
            "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        ),
        preset=PRESETS[Family.SAM],
    ),
    CheckpointSpec(
        name="sam-vit-h",
        summary="Segment Anything, best",
        family=Family.SAM,
        parameters=641_090_608,
        licence=_APACHE,
        source=UrlSource(
            _SAM + "sam_vit_h_4b8939.pth",
            "sam_vit_h_4b8939.pth",
            2_564_550_879,
            "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        ),
        preset=PRESETS[Family.SAM],
    ),
    CheckpointSpec(
        name="mobile-sam",
        summary="SAM's decoder behind a small image encoder",
        family=Family.MOBILE_SAM,
        parameters=9_808_452,
        licence=_APACHE,
        source=UrlSource(
            "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt",
            "mobile_sam.pt",
            40_728_226,
            "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        ),
        preset=PRESETS[Family.MOBILE_SAM],
    ),
    CheckpointSpec(
        name="efficient-sam-ti",
        summary="EfficientSAM, tiny",
        family=Family.EFFICIENT_SAM,
        parameters=10_223_204,
        licence=_APACHE,
        source=UrlSource(
            "https://github.com/yformer/EfficientSAM/raw/main/weights/efficient_sam_vitt.pt",
            "efficient_sam_vitt.pt",
            40_982_470,
            "dff858b19600a46461cbb7de98f796b23a7a888d9f5e34c0b033f7d6eb9e4e6a",
        ),
        preset=PRESETS[Family.EFFICIENT_SAM],
    ),
    CheckpointSpec(
        name="efficient-sam-s",
        summary="EfficientSAM, small",
        family=Family.EFFICIENT_SAM,
        parameters=26_413_028,
        licence=_APACHE,
        source=UrlSource(
            "https://github.com/yformer/EfficientSAM/raw/main/weights/efficient_sam_vits.pt.zip",
            "efficient_sam_vits.pt",
            archived=True,
        ),
        preset=PRESETS[Family.EFFICIENT_SAM],
    ),
    CheckpointSpec(
        name="medsam",
        summary="SAM ViT-B for medical images; trained with boxes only",
        family=Family.SAM,
        parameters=93_735_472,
        licence="CC-BY-4.0",
        source=UrlSource(
            "https://zenodo.org/records/10689643/files/medsam_vit_b.pth",
            "medsam_vit_b.pth",
            375_049_145,
            "34b34b78c1d18cb8c6bf84cf9c00e135d6d6c965699f3c0e31ef1bc9dcb5be74",
        ),
        # Its code resizes by cubic splines, which `square_pil` comes closest to.
        preset=Preset(resize="square_pil", pixels="unit"),
    ),
    CheckpointSpec(
        name="evf-sam",
        summary="SAM ViT-H that takes words; trained on RefCOCO, RefCOCO+, RefCOCOg and RefCLEF",
        family=Family.EVF_SAM,
        parameters=1_315_105_072,
        licence=_APACHE,
        source=HubSource("YxZhang/evf-sam"),
        preset=EVF_SAM_FIRST,
    ),
    CheckpointSpec(
        name="evf-sam-multitask",
        summary="the same, also for parts, background and all things of a kind",
        family=Family.EVF_SAM,
        parameters=1_315_105_072,
        licence=_APACHE,
        source=HubSource("YxZhang/evf-sam-multitask"),
        preset=EVF_SAM_MULTITASK,
    ),
    CheckpointSpec(
        name="evf-sam2",
        summary="SAM 2 Hiera-L that takes words; trained as evf-sam",
        family=Family.EVF_SAM2,
        parameters=890_939_329,
        licence=_APACHE,
        source=HubSource("YxZhang/evf-sam2"),
        preset=EVF_SAM2_FIRST,
    ),
    CheckpointSpec(
        name="evf-sam2-multitask",
        summary="the same, also for parts, background and all things of a kind",
        family=Family.EVF_SAM2,
        parameters=890_939_329,
        licence=_APACHE,
        source=HubSource("YxZhang/evf-sam2-multitask"),
        preset=EVF_SAM2_MULTITASK,
    ),
)

# transformers' copies of Meta's files: the same numbers under other names, in safetensors.
_SAM2 = {
    "tiny": ("tiny", 31_440_721),
    "small": ("small", 38_538_577),
    "base-plus": ("base plus", 73_328_401),
    "large": ("large", 216_924_865),
}
_SAM_HQ = {
    "b": ("base", "smallest", 94_806_576),
    "l": ("large", "middle", 313_676_080),
    "h": ("huge", "best", 642_686_000),
}
_FOUNDATION = (
    *(
        CheckpointSpec(
            name=f"sam-hq-vit-{letter}",
            summary=f"Segment Anything with finer edges, {words}",
            family=Family.SAM_HQ,
            parameters=parameters,
            licence=_APACHE,
            source=HubSource(f"syscv-community/sam-hq-vit-{size}"),
            preset=PRESETS[Family.SAM_HQ],
        )
        for letter, (size, words, parameters) in _SAM_HQ.items()
    ),
    *(
        CheckpointSpec(
            name=f"{generation}-{size}",
            summary=f"{generation.upper().replace('SAM', 'SAM ')} {words}",
            family=Family.SAM2,
            parameters=parameters,
            licence=_APACHE,
            source=HubSource(f"facebook/{generation}-hiera-{size}"),
            # Its authors resize with anti-aliasing, as Pillow does.
            preset=Preset(resize="square_pil"),
        )
        for generation in ("sam2", "sam2.1")
        for size, (words, parameters) in _SAM2.items()
    ),
    CheckpointSpec(
        name="edgetam",
        summary="SAM 2's decoder behind a small image encoder of convolutions",
        family=Family.EDGE_TAM,
        parameters=9_120_641,
        licence=_APACHE,
        source=HubSource("yonigozlan/EdgeTAM-hf"),
        preset=PRESETS[Family.EDGE_TAM],
    ),
)

_PAIRS = (
    PairSpec(
        name="biprompt-h",
        summary="BiPrompt-SAM as published",
        points="sam-vit-h",
        text="evf-sam-multitask",
    ),
    PairSpec(
        name="biprompt-mobile",
        summary="clicks answered by MobileSAM, words by any text expert",
        points="mobile-sam",
        text="evf-sam-multitask",
        any_text=True,
    ),
)

CHECKPOINTS: Mapping[str, CheckpointSpec] = MappingProxyType(
    {s.name: s for s in (*_CHECKPOINTS, *_FOUNDATION)}
)
PAIRS: Mapping[str, PairSpec] = MappingProxyType({pair.name: pair for pair in _PAIRS})
