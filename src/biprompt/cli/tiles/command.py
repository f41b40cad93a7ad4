"""Answer a prompt on a large image or on the map."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.prompt import BOX_FORM, Asked
from biprompt.cli.status import Status
from biprompt.cli.tiles.options import TileOptions
from biprompt.cli.tiles.outputs import LargeOutputs
from biprompt.cli.tiles.telling import told
from biprompt.cli.values import numbers, point, single
from biprompt.errors import PromptError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from biprompt.io.raster import Raster
    from biprompt.prompts import Points, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLarge:
    """What was typed.

    Attributes:
        image: the photograph or map.
        asked: the prompt in pixels.
        options: those of large images, with the prompt in map coordinates.
        outputs: files to write.
        model: its name.
        loading: other arguments of `biprompt.load`; embeddings of tiles are not kept.
        as_json: print one JSON object.
    """

    image: Path
    asked: Asked
    options: TileOptions
    outputs: Outputs
    model: str
    loading: Mapping[str, Any]
    as_json: bool


def answer_large(typed: AskedLarge) -> int:
    """Answer, write the files and print; return the exit status.

    Raises:
        InputError: the image, the prompt, an option or a file is not what it should be.
        MissingExtraError: GeoTIFF needs the extra `geo`.
    """
    import biprompt
    from biprompt.io.raster import open_raster
    from biprompt.segmenter.tiles import Tiling

    started, options = time.perf_counter(), typed.options
    tile = options.side()
    Tiling(tile, 0 if options.halo is None else options.halo)  # wrong numbers need no model
    outputs = LargeOutputs(typed.outputs)
    outputs.check(typed.image, *typed.asked.files)
    prompt = typed.asked.build()
    with Progress() as progress:
        progress.step("reading the image")
        raster = open_raster(typed.image, bands=options.band_numbers())
        outputs.check_card(raster.hw, tile)
        prompt = on_map(prompt, options, raster)
        prompt.check_frame(raster.hw)
        progress.step("loading the model")
        segmenter = biprompt.load(typed.model, **typed.loading, cache=False)
        progress.step("looking at the image")
        answer = segmenter.segment_large(
            raster, prompt=prompt, tile=tile, halo=options.halo, overview=not options.no_overview,
            told=lambda at, of: progress.step(f"tile {at} of {of}"),
        )  # fmt: skip
        progress.step("writing")
        outputs.write(answer)
    seconds = time.perf_counter() - started
    print(json.dumps(answer.to_dict()) if typed.as_json else told(answer, seconds, outputs.paths))
    return Status.ABSENT if answer.verdict == "absent" else Status.FOUND


def on_map(prompt: Prompt, options: TileOptions, raster: Raster) -> Prompt:
    """Return a prompt with what was pointed at in map coordinates, in pixels.

    Raises:
        PromptError: the image has no place on the map, or a value is malformed.
    """
    clicks = [point("--geo-point", text) for text in options.geo_point]
    clicks += [point("--geo-negative", text) for text in options.geo_negative]
    box = single("--geo-box", options.geo_box)
    if not clicks and box is None:
        return prompt
    from biprompt.prompts import Box

    labels = [1] * len(options.geo_point) + [0] * len(options.geo_negative)
    if clicks:
        xy = _pixels(raster, clicks)
        prompt = replace(prompt, points=_joined(prompt.points, xy, labels))
    if box is not None:
        if prompt.box is not None:
            raise PromptError("--geo-box", expected="one box", actual="--box as well")
        x0, y0, x1, y1 = numbers("--geo-box", box, BOX_FORM)
        # All four corners: the map may be turned against the image.
        corners = _pixels(raster, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        prompt = replace(prompt, box=Box([*corners.min(axis=0), *corners.max(axis=0)]))
    return prompt


def _pixels(raster: Raster, xy: Sequence[tuple[float, ...]]) -> NDArray[np.float64]:
    if raster.reference is None:
        expected = "a GeoTIFF, read with the extra geo"
        raise PromptError("map coordinates", expected=expected, actual="an image without a map")
    found = raster.reference.to_pixels(xy).round(6)  # no edge is missed by the last bit
    height, width = raster.hw
    outside = (found < 0).any(1) | (found > (width, height)).any(1)
    if outside.any():
        corners = raster.reference.to_map([(0, 0), (width, 0), (width, height), (0, height)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        expected = f"x {low[0]:.10g} to {high[0]:.10g}, y {low[1]:.10g} to {high[1]:.10g}"
        actual = "({:.10g}, {:.10g})".format(*xy[int(outside.argmax())])
        raise PromptError("map coordinates", expected=expected, actual=actual)
    return found


def _joined(points: Points | None, xy: NDArray[np.float64], labels: list[int]) -> Points:
    import numpy as np

    from biprompt.prompts import Points

    if points is None:
        return Points(xy, labels)
    return Points(np.concatenate([points.xy, xy]), [*points.labels.tolist(), *labels])
