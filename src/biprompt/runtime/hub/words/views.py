"""Photographs as the published processors of other families make them, without torchvision.

Each view is checked against the processor of transformers that works on Pillow, where there is one
(``tests/runtime/hub/test_views.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from biprompt.errors import WeightsError
from biprompt.geometry import Hw, ModelFrame

Pixels = NDArray[np.uint8]
Three = tuple[float, float, float]
Settings = Mapping[str, Any]

IMAGENET: tuple[Three, Three] = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP: tuple[Three, Three] = (
    (0.48145466, 0.4578275, 0.40821073),
    (0.26862954, 0.26130258, 0.27577711),
)
HALF: tuple[Three, Three] = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)


class View(Protocol):
    """How images come to a network."""

    def frame(self, hw: Hw) -> ModelFrame:
        """How an image of this height and width is seen."""
        ...

    def pixels(self, image: Pixels) -> Tensor:
        """An image ``(H, W, 3)`` uint8 RGB as the network takes it: ``(3, h, w)`` float32."""
        ...


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers of [0, 1] are scaled: less a mean, over a deviation, channel by channel."""

    mean: Three
    std: Three

    @classmethod
    def of(cls, settings: Settings, usual: tuple[Three, Three]) -> Numbers:
        """Read ``image_mean`` and ``image_std`` of a ``preprocessor_config.json``.

        Raises:
            WeightsError: they are no three numbers each.
        """
        names = ("image_mean", "image_std")
        mean, std = (
            _three(name, settings.get(name, values))
            for name, values in zip(names, usual, strict=True)
        )
        return cls(mean, std)

    def scaled(self, planes: Tensor) -> Tensor:
        """``(3, h, w)`` of [0, 1] as the network takes them, float32."""
        mean, std = (torch.tensor(row)[:, None, None] for row in (self.mean, self.std))
        return (planes.float() - mean) / std

    def unscaled(self, planes: Tensor) -> Tensor:
        """The way back, for networks that paint: ``(..., 3, h, w)``, nominally in [0, 1]."""
        mean, std = (torch.tensor(row)[:, None, None] for row in (self.mean, self.std))
        return planes * std.to(planes) + mean.to(planes)


@dataclass(frozen=True, slots=True)
class Square:
    """Stretched to a square, the aspect ignored: CLIPSeg, SAM 3, SegGPT.

    Attributes:
        side: of the square, pixels.
        numbers: how they are scaled.
        resample: Pillow's filter; None takes the anti-aliased bilinear one of torch on uint8, as
            processors on torchvision do.
    """

    side: int
    numbers: Numbers
    resample: int | None = int(Image.Resampling.BILINEAR)

    def frame(self, hw: Hw) -> ModelFrame:
        """See `View.frame`."""
        return ModelFrame(hw, (self.side, self.side))

    def pixels(self, image: Pixels) -> Tensor:
        """See `View.pixels`."""
        return self.numbers.scaled(self._resized(image) / 255)

    def _resized(self, image: Pixels) -> Tensor:
        size = (self.side, self.side)
        if self.resample is None:
            planes = _planes(image)[None]
            return F.interpolate(planes, size, mode="bilinear", antialias=True)[0]
        filtered = Image.fromarray(image).resize(size, Image.Resampling(self.resample))
        return _planes(np.asarray(filtered))


@dataclass(frozen=True, slots=True)
class Fitted:
    """The shorter side to a length, the longer no more than another: Grounding DINO.

    Attributes:
        shortest: wanted length of the shorter side, pixels.
        longest: most for the longer side; the shorter one is then less.
        numbers: how they are scaled.
    """

    shortest: int = 800
    longest: int = 1333
    numbers: Numbers = field(default_factory=lambda: Numbers(*IMAGENET))

    @classmethod
    def of(cls, settings: Settings) -> Fitted:
        """Read a ``preprocessor_config.json``.

        Raises:
            WeightsError: its sizes are others than a shortest and a longest edge.
        """
        size = settings.get("size", {"shortest_edge": 800, "longest_edge": 1333})
        edges = ("shortest_edge", "longest_edge")
        if not isinstance(size, Mapping) or any(edge not in size for edge in edges):
            raise WeightsError("image processor", expected=" and ".join(edges), actual=size)
        short, long = (int(size[edge]) for edge in edges)
        return cls(short, long, Numbers.of(settings, IMAGENET))

    def frame(self, hw: Hw) -> ModelFrame:
        """See `View.frame`."""
        short, long = min(hw), max(hw)
        wanted = min(float(self.shortest), self.longest * short / long)
        # The published rule: the shorter side is rounded, the longer one cut to whole pixels.
        rounded, other = round(wanted), int(wanted * long / short)
        return ModelFrame(hw, (rounded, other) if hw[0] <= hw[1] else (other, rounded))

    def pixels(self, image: Pixels) -> Tensor:
        """See `View.pixels`."""
        hw = (image.shape[0], image.shape[1])
        h, w = self.frame(hw).model_hw
        resized = Image.fromarray(image).resize((w, h), Image.Resampling.BILINEAR)
        return self.numbers.scaled(_planes(np.asarray(resized)) / 255)


@dataclass(frozen=True, slots=True)
class Cornered:
    """At the top left of a black square, and that resized: OWLv2.

    The resize is that of the published processor: a Gaussian against aliasing, then linear
    interpolation with mirrored borders.

    Attributes:
        side: of the square that the network sees, pixels.
        numbers: how they are scaled.
    """

    side: int = 960
    numbers: Numbers = field(default_factory=lambda: Numbers(*CLIP))

    def frame(self, hw: Hw) -> ModelFrame:
        """See `View.frame`; the shorter side is rounded."""
        scale = self.side / max(hw)
        h, w = (max(1, round(length * scale)) for length in hw)
        return ModelFrame(hw, (h, w), (self.side, self.side))

    def pixels(self, image: Pixels) -> Tensor:
        """See `View.pixels`."""
        # One channel at a time: a large photograph would need gigabytes for all three.
        planes = [self._small(image[..., channel]) for channel in range(3)]
        return self.numbers.scaled(torch.from_numpy(np.stack(planes)))

    def _small(self, plane: Pixels) -> NDArray[np.float32]:
        """One channel ``(H, W)`` on the square, of [0, 1]."""
        from scipy import ndimage

        side = max(plane.shape)
        canvas = np.zeros((side, side), np.float32)
        canvas[: plane.shape[0], : plane.shape[1]] = plane / np.float32(255)
        blur = max(0.0, (side / self.side - 1) / 2)
        if blur > 0:
            canvas = ndimage.gaussian_filter(canvas, blur, mode="mirror")
        zoom = self.side / side
        small = ndimage.zoom(canvas, zoom, order=1, mode="mirror", grid_mode=True)
        return np.asarray(small, np.float32)


def side_of(settings: Settings, usual: int) -> int:
    """The side of the square that a ``preprocessor_config.json`` asks for.

    Raises:
        WeightsError: it asks for something else than a square.
    """
    size = settings.get("size", usual)
    if isinstance(size, Mapping):
        sides = {size.get("height"), size.get("width")}
        size = sides.pop() if len(sides) == 1 else None
    if not isinstance(size, int) or size < 1:
        expected = "a square size, height and width alike"
        raise WeightsError("image processor", expected=expected, actual=settings.get("size"))
    return size


def _planes(image: Pixels) -> Tensor:
    """Return ``(H, W, 3)`` as ``(3, H, W)``, both uint8."""
    return torch.from_numpy(np.array(image.transpose(2, 0, 1), order="C"))


def _three(name: str, value: Any) -> Three:
    try:
        r, g, b = map(float, value)
    except (TypeError, ValueError) as error:
        expected = "a number for each of three channels"
        raise WeightsError(name, expected=expected, actual=value) from error
    return r, g, b
