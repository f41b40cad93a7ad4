"""`biprompt segment`: one photograph, one prompt, one answer."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from biprompt.cli import options as o
from biprompt.cli.classes import options as c
from biprompt.cli.classes.command import AskedClasses, answer_classes
from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.prompt import Asked
from biprompt.cli.questions import HELP as QUESTIONS
from biprompt.cli.questions import AskedOf, answer_question
from biprompt.cli.status import Status
from biprompt.cli.summary import summary
from biprompt.cli.tiles import options as t
from biprompt.cli.tiles.command import AskedLarge, answer_large
from biprompt.cli.values import numbers, single
from biprompt.cli.volume import options as v
from biprompt.cli.volume.command import Question, segment_path
from biprompt.io.medical.kinds import is_volume

if TYPE_CHECKING:
    from typing import Literal

    from biprompt import Policy

    Metric = Literal["iou", "dice"]
    Pool = Literal["paper", "wide", "parts"]

WEIGHTS_FORM = "W1,W2,W3"

HELP = f"""Segment one thing in a photograph, or in a CT or MR volume.

Say which by any mix of clicks, a box, strokes, an outline, a mask, words and examples. All
coordinates are pixels of the photograph, x to the right and y down from its top left corner.

\b
  biprompt segment kitchen.jpg --point 412,300 --text "the red cup" -o cup.png
  biprompt segment kitchen.jpg --text spoon --card why.png --json
  biprompt segment kitchen.jpg --box 30,40,210,180 -o cup.json --format labelme --tolerance 1

\b
Exit status:
  0  there is a mask: found, or pointing and words disagree (the mask is what was pointed at)
  3  an honest no: it is not there; the files asked for are written, the mask in them is empty
  2  the input was wrong; nothing is written
  1  anything else

{QUESTIONS}
{c.HELP}
{t.HELP}
{v.HELP}"""


def segment(
    image: o.Image,
    point: o.Point,
    negative: o.Negative,
    box: o.Box,
    scribble: o.Scribble,
    negative_scribble: o.NegativeScribble,
    polygon: o.Polygon,
    mask: o.Mask,
    text: o.Text,
    negative_text: o.Not,
    example: o.Example,
    negative_example: o.NegativeExample,
    weights: o.Weights,
    classes: c.Classes,
    instances: c.Instances,
    template: c.Template,
    geo_point: t.GeoPoint,
    geo_negative: t.GeoNegative,
    geo_box: t.GeoBox,
    domain: o.Domain = None,
    metric: o.Metric = "iou",
    pool: o.Pool = "paper",
    refine: o.Refine = "keep",
    granularity: o.Granularity = None,
    model: o.Model = "compact",
    text_model: o.TextModel = None,
    device: o.Device = None,
    dtype: o.Dtype = None,
    output: o.Output = None,
    format: o.Format = None,
    tolerance: o.Tolerance = 0.0,
    overlay: o.Overlay = None,
    card: o.Card = None,
    as_json: o.Json = False,
    force: o.Force = False,
    no_cache: o.NoCache = False,
    slice: v.Slice = None,
    axis: v.Axis = None,
    volume: v.Whole = False,
    window: v.Window = None,
    modality: v.Modality = None,
    series: v.Series = None,
    every: v.Every = None,
    untrained: v.Untrained = False,
    synonyms: c.Synonyms = None,
    denoise: c.Denoise = None,
    least: c.Least = None,
    tiles: t.Tiles = False,
    tile_size: t.TileSize = None,
    halo: t.Halo = None,
    no_overview: t.NoOverview = False,
    bands: t.Bands = None,
    debug: o.Debug = False,
) -> int:
    """Answer one prompt on one photograph, or on a volume; return the exit status."""
    import biprompt

    started = time.perf_counter()
    asked = Asked(
        points=point,
        negatives=negative,
        boxes=box,
        scribbles=scribble,
        negative_scribbles=negative_scribble,
        polygons=polygon,
        masks=mask,
        texts=text,
        nots=negative_text,
        examples=example,
        negative_examples=negative_example,
    )
    outputs = Outputs(
        mask=output, format=format, tolerance=tolerance, overlay=overlay, card=card, force=force
    )
    policy = replace(_policy(metric, pool, weights), granularity=granularity, refine=refine)
    loading: dict[str, Any] = {
        "text_model": text_model,
        "policy": policy,
        "device": device,
        "dtype": dtype,
    }
    volumes = v.VolumeOptions(
        slice=slice, axis=axis, volume=volume, window=window, modality=modality, series=series,
        every=every, untrained=untrained,
    )  # fmt: skip
    large = t.TileOptions(
        tiles=tiles, tile_size=tile_size, halo=halo, no_overview=no_overview, bands=bands,
        geo_point=geo_point, geo_negative=geo_negative, geo_box=geo_box,
    )  # fmt: skip
    if classes or domain is not None or is_volume(image):
        large.refuse()
    listed = c.ClassOptions(
        classes=classes, instances=instances, template=template, synonyms=synonyms,
        denoise=denoise, least=least,
    )  # fmt: skip
    listed.check(volume=is_volume(image))
    if is_volume(image):
        return segment_path(
            Question(path=image, options=volumes, asked=asked, outputs=outputs, model=model,
                     loading=loading, as_json=as_json, domain=domain)
        )  # fmt: skip
    volumes.refuse(image)
    if listed.is_asked:
        return answer_classes(
            AskedClasses(image=image, asked=asked, options=listed, outputs=outputs, model=model,
                         loading={**loading, "cache": not no_cache}, as_json=as_json)
        )  # fmt: skip
    if domain is not None:
        return answer_question(
            AskedOf(image=image, asked=asked, domain=domain, outputs=outputs, model=model,
                    loading={**loading, "cache": not no_cache}, as_json=as_json)
        )  # fmt: skip
    if large.wanted(image, output):
        return answer_large(
            AskedLarge(image=image, asked=asked, options=large, outputs=outputs, model=model,
                       loading=loading, as_json=as_json)
        )  # fmt: skip
    outputs.check(image, *asked.files)
    prompt = asked.build()
    with Progress() as progress:
        progress.step("loading the model")
        segmenter = biprompt.load(model, **loading, cache=not no_cache)
        progress.step("looking at the photograph")
        answer = segmenter.segment(image, prompt=prompt)
        progress.step("writing")
        outputs.write(answer)
    seconds = time.perf_counter() - started
    print(json.dumps(answer.to_dict()) if as_json else summary(answer, seconds, outputs.paths))
    return Status.ABSENT if answer.verdict == "absent" else Status.FOUND


def _policy(metric: Metric, pool: Pool, weights: list[str]) -> Policy:
    from biprompt import Policy

    given = single("--weights", weights)
    if given is None:
        return Policy(metric=metric, pool=pool)
    words, click, alike = numbers("--weights", given, WEIGHTS_FORM)
    return Policy(metric=metric, pool=pool, weights=(words, click, alike))
