"""Numbers of the model in training on photographs kept aside: small, fixed, quick.

Measured on cells of 4x4 model pixels, so they are close to, not equal to, the evaluation's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from biprompt.data.coco import CocoAnnotation
from biprompt.metrics import auroc
from biprompt.models.compact import CompactModel, Features, SpatialPrompts
from biprompt.training.compact.asking import no_text
from biprompt.training.compact.losses import cell_iou
from biprompt.training.compact.photos import Folder, Photo
from biprompt.training.compact.rounds import Session
from biprompt.training.compact.sketches import Cells
from biprompt.zoo.words import WordTable

CLICKS = 5
LEAST_PIXELS, LEAST_CELLS = 400, 8
"""Smaller objects are not asked for."""
SCORED = ("pick", "best", "five", "gate")
"""What the score is the mean of."""

Rows = dict[str, list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One photograph as the model has seen it."""

    photo: Photo
    features: Features

    @property
    def hw4(self) -> tuple[int, int]:
        """Cells of a mask."""
        return self.features.p4.shape[2], self.features.p4.shape[3]

    @property
    def device(self) -> torch.device:
        """Where the features are."""
        return self.features.p4.device

    def cells(self, annotations: Sequence[CocoAnnotation]) -> Cells:
        """The union of some masks, ``(h, w)`` bool."""
        union = np.logical_or.reduce([a.mask() for a in annotations])
        soft = F.interpolate(
            torch.from_numpy(union)[None, None].float(), self.hw4, mode="bilinear", antialias=True
        )
        return (soft[0, 0] > 0.5).numpy()

    def truth(self, cells: Cells) -> Tensor:
        """Cells as the metrics take them."""
        return torch.from_numpy(cells).float().to(self.device)


@dataclass(frozen=True, slots=True, eq=False)
class Validator:
    """Measures a model on fixed photographs.

    Attributes:
        folders: held-out photographs; those of the first folder also serve for words.
        words: word vectors.
        photos: how many of each folder.
        objects: how many of each photograph.
        long_side: model pixels of the longer side.
    """

    folders: Sequence[Folder]
    words: WordTable
    photos: int = 40
    objects: int = 2
    long_side: int = 384

    @torch.no_grad()
    def __call__(self, model: CompactModel) -> dict[str, float]:
        """The numbers; what cannot be measured on these photographs is left out.

        Returns:
            mean IoU of the first click (``one``, own pick ``pick``, ``best`` of three), after
            five clicks (``five``), of the phrase (``text``), of the gate (``gate``); AUROC of
            presence (``auroc``); the own pick for click and name together (``joint``); the mean of
            some of them (``score``).
        """
        model.eval()
        rows: Rows = defaultdict(list)
        logits: list[float] = []
        there: list[bool] = []
        for number, folder in enumerate(self.folders):
            names = self.readable(sorted(folder.labels)) if number == 0 else []
            for photo in folder.photos[: self.photos]:
                view = self.look(model, photo)
                self._objects(model, view, names, rows)
                if names:
                    shown = {a.label for a in photo.source.annotations}
                    logits += self.presence(model, view, names)
                    there += [name in shown for name in names]
        model.train()
        return _summary(rows, logits, there)

    def readable(self, names: Sequence[str]) -> list[str]:
        """The names that the word table holds."""
        return [name for name in names if (self.words.tokenize(name).ids >= 0).all()]

    def look(self, model: CompactModel, photo: Photo) -> View:
        """One pass over a photograph."""
        h, w = photo.source.hw
        scale = self.long_side / max(h, w)
        side = (_multiple(w * scale), _multiple(h * scale))
        image = Image.fromarray(photo.pixels).resize(side, Image.Resampling.BILINEAR)
        x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1.0
        return View(photo, model.encode(x.to(next(model.parameters()).device)))

    def _objects(self, model: CompactModel, view: View, names: Sequence[str], rows: Rows) -> None:
        """Asks for some objects of the photograph, by click and, where they have one, by name."""
        source = view.photo.source
        whole = [a for a in source.annotations if not a.crowd and a.area > LEAST_PIXELS]
        order = np.random.default_rng(source.id).permutation(len(whole))
        for annotation in (whole[i] for i in order[: self.objects]):
            target = view.cells([annotation])
            if target.sum() < LEAST_CELLS:
                continue
            readings = _click(model, view, target, rows)
            if annotation.label in names:
                kind = [a for a in source.annotations if a.label == annotation.label]
                rows["joint"].append(self._both(model, view, target, annotation.label))
                mask = self.named(model, view, annotation.label)
                rows["text"].append(float(cell_iou(mask, view.truth(view.cells(kind)))))
                agree = cell_iou(readings, (mask > 0).float())
                won = readings[int(agree.argmax())]
                rows["gate"].append(float(cell_iou(won, view.truth(target))))

    def _both(self, model: CompactModel, view: View, target: Cells, name: str) -> float:
        """IoU of the own pick for a click and the name together, in one decoder call."""
        text, _ = model.ground(view.features, *self._vectors([name], view.device))
        click = Session.first_click(target[None]).prompts(view.device)
        logits, quality = model.decode(view.features, click, text)
        return float(cell_iou(logits[0, 1 + int(quality[0, 1:].argmax())], view.truth(target)))

    def _vectors(self, names: Sequence[str], device: torch.device) -> tuple[Tensor, Tensor]:
        ids = [self.words.tokenize(name).ids for name in names]
        vectors = np.zeros((len(ids), max(map(len, ids)), self.words.codes.shape[1]), np.float32)
        for row, known in zip(vectors, ids, strict=True):
            row[: len(known)] = self.words.vectors(known)
        lengths = np.array([len(known) for known in ids], np.float32)
        return torch.from_numpy(vectors).to(device), torch.from_numpy(lengths).to(device)

    def named(self, model: CompactModel, view: View, name: str) -> Tensor:
        """Mask logits ``(h, w)`` of a name alone."""
        text, _ = model.ground(view.features, *self._vectors([name], view.device))
        nothing = SpatialPrompts.nothing(1, view.hw4, view.device)
        return model.decode(view.features, nothing, text)[0][0, 0]

    def presence(self, model: CompactModel, view: View, names: Sequence[str]) -> list[float]:
        """Presence logit of each name."""
        if not names:
            return []
        index = torch.zeros(len(names), dtype=torch.int64, device=view.device)
        words = self._vectors(names, view.device)
        _, presence = model.ground(view.features.gather(index), *words)
        return [float(logit) for logit in presence]


def _click(model: CompactModel, view: View, target: Cells, rows: Rows) -> Tensor:
    """Plays the clicks, fills ``rows``, gives the three readings of the first click."""
    truth, rng = view.truth(target), np.random.default_rng(0)
    session, none = Session.first_click(target[None]), no_text(model, view.features, 1)
    logits, quality = model.decode(view.features, session.prompts(view.device), none)
    readings = logits[0, 1:]
    iou = cell_iou(logits[0], truth)
    rows["one"].append(float(iou[0]))
    rows["best"].append(float(iou[1:].max()))
    rows["pick"].append(float(iou[1 + int(quality[0, 1:].argmax())]))
    for _ in range(CLICKS - 1):
        session = session.correct(logits[:, 0], rng)
        logits, _ = model.decode(view.features, session.prompts(view.device), none)
    rows["five"].append(float(cell_iou(logits[0, 0], truth)))
    return readings


def _summary(rows: Rows, logits: Sequence[float], there: Sequence[bool]) -> dict[str, float]:
    numbers = {name: float(np.mean(values)) for name, values in rows.items()}
    if logits:
        numbers["auroc"] = auroc(np.array(logits), np.array(there))
    scored = [numbers[name] for name in SCORED if name in numbers]
    if scored:
        numbers["score"] = float(np.mean(scored))
    return {name: value for name, value in numbers.items() if not math.isnan(value)}


def _multiple(side: float) -> int:
    return max(1, round(side / 32)) * 32
