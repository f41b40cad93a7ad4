"""`biprompt models attention`: where EVF-SAM looks for a phrase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.models.common import needs_torch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from biprompt.zoo.build import LoadedCheckpoint

HELP = """Draw where an EVF-SAM looks for a phrase: attention of the image's [CLS] to its patches.

\b
  biprompt models attention photo.jpg --text "the red cup" --model evf-sam -o where.png

The sum over the heads of BEiT-3's last layer, as figure 8 of the papers; the photograph stands
beside it. BEiT-3 sees the photograph as a square of 224 pixels, 14 x 14 patches.
"""

Model = Annotated[
    str, typer.Option("--model", metavar="NAME|PATH", help="An EVF-SAM.", show_default=False)
]
Text = Annotated[str, typer.Option("--text", metavar="T", help="The phrase.", show_default=False)]
Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="FILE", help="The picture.", show_default=False)
]
Layer = Annotated[
    int, typer.Option("--layer", metavar="N", help="Which layer, from 0; -1 is the last.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def attention(
    image: o.Image, text: Text, model: Model, out: Out, layer: Layer = -1, force: Force = False,
    debug: o.Debug = False,
) -> None:  # fmt: skip
    """Write one PNG."""
    import numpy as np

    from biprompt.io.draw import heat
    from biprompt.io.files import atomic_write, check_writable
    from biprompt.io.formats.png import image_png
    from biprompt.io.images import load_image
    from biprompt.prompts import Text as Phrase
    from biprompt.zoo.folders import find_checkpoint

    check_writable(out, force=force)
    phrase, pixels = Phrase(text).phrase, load_image(image).pixels
    with needs_torch("reading a checkpoint"):
        from biprompt.zoo.build import load_checkpoint
    located = find_checkpoint(model)
    values = _looked(load_checkpoint(located.path, expect=located.spec), pixels, phrase, layer)
    picture = np.concatenate((pixels, heat(pixels, values)), axis=1)
    atomic_write(out, image_png(picture), force=force)
    print(out)


def _looked(
    loaded: LoadedCheckpoint, pixels: NDArray[np.uint8], phrase: str, layer: int
) -> NDArray[np.float32]:
    """The map of one phrase, ``(G, G)``."""
    import torch

    from biprompt.errors import WeightsError
    from biprompt.models.beit3 import image_attention
    from biprompt.models.evf import EvfSam
    from biprompt.models.preprocess import beit_pixels
    from biprompt.zoo.folders import TOKENIZER
    from biprompt.zoo.tokenizer import Tokenizer

    network, path = loaded.model, loaded.path
    if not isinstance(network, EvfSam) or network.config.fusion != "early":
        expected = "an EVF-SAM that reads image and phrase together"
        raise WeightsError("model", expected=expected, actual=loaded.family, path=path)
    if loaded.tokenizer is None:
        expected = f"{TOKENIZER} beside the weights"
        raise WeightsError("tokenizer", expected=expected, actual="none", path=path)
    ids = torch.from_numpy(Tokenizer.from_file(loaded.tokenizer).encode(phrase))[None]
    small = beit_pixels(pixels, network.beit_size)[None]
    beit3 = network.beit3.float()
    joint = network.config.early_layers
    return image_attention(beit3, small, ids, layer=layer, joint_layers=joint)[0].numpy()
