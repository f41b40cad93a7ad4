"""Numbers of the model in training on photographs kept aside: small, fixed, quick.

Measured on cells of 4x4 model pixels, so they are close to, not equal to, the evaluation's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from biprompt.masks import rle_decode
from biprompt.metrics import auroc
from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts
from biprompt.training.compact.bank import Folder, Photo
from biprompt.training.compact.losses import cell_iou
from biprompt.training.compact.rounds import STRIDE, Session
from biprompt.zoo.words import WordTable

CLICKS = 5


@dataclass(frozen=True)
class Validator:
    """Measures a model on fixed photographs.

    Args:
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
        """IoU of the first click (``one``, own pick ``pick``, ``best`` of three), after five
        clicks (``five``), of the phrase (``text``), of the gate (``gate``), AUROC of presence."""
        model.eval()
        rows: dict[str, list[float]] = defaultdict(list)
        scores, truths = [], []
        for number, folder in enumerate(self.folders):
            for photo in folder.photos[: self.photos]:
                features = self._encode(model, photo)
                self._objects(model, photo, features, rows, words=number == 0)
                if number == 0:
                    presence, there = self._presence(model, photo, folder, features)
                    scores.append(presence)
                    truths.append(there)
        model.train()
        means = {name: float(np.mean(values)) for name, values in rows.items()}
        if scores:
            means["auroc"] = auroc(np.concatenate(scores), np.concatenate(truths))
        means["score"] = float(np.mean([means[k] for k in ("pick", "best", "five", "gate")
                                        if k in means]))  # fmt: skip
        return means

    def _encode(self, model: CompactModel, photo: Photo) -> Features:
        h, w = photo.source.hw
        scale = self.long_side / max(h, w)
        side = tuple(max(1, round(v * scale / 32)) * 32 for v in (w, h))
        image = Image.fromarray(photo.pixels).resize(side, Image.Resampling.BILINEAR)
        x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1.0
        return model.encode(x)

    def _objects(
        self, model: CompactModel, photo: Photo, features: Features,
        rows: dict[str, list[float]], *, words: bool,
    ) -> None:  # fmt: skip
        hw4 = (features.p4.shape[2], features.p4.shape[3])
        whole = [a for a in photo.source.annotations if not a.crowd and a.area > 400]
        rng = np.random.default_rng(photo.source.id)
        chosen = [whole[i] for i in rng.permutation(len(whole))[: self.objects]]
        for annotation in chosen:
            target = _shrunk(rle_decode(annotation.rle), hw4)
            if target.sum() < 8:
                continue
            candidates = self._clicks(model, features, target, rows, rng)
            if words:
                kind = [a for a in photo.source.annotations if a.label == annotation.label]
                union = _shrunk(np.any([rle_decode(a.rle) for a in kind], 0), hw4)
                mask = self._named(model, features, annotation.label)
                rows["text"].append(float(cell_iou(mask, torch.from_numpy(union).float())))
                agree = cell_iou(candidates, (mask > 0).float())
                truth = torch.from_numpy(target).float()
                rows["gate"].append(float(cell_iou(candidates[int(agree.argmax())], truth)))

    def _clicks(
        self, model: CompactModel, features: Features, target: NDArray[np.bool_],
        rows: dict[str, list[float]], rng: np.random.Generator,
    ) -> Tensor:  # fmt: skip
        """Plays the clicks, fills ``rows``, gives the three readings of the first click."""
        truth = torch.from_numpy(target).float()
        session = _first_click(target)
        p16 = features.p16
        none = TextPrompts.nothing(
            1, model.config.text_dim, (p16.shape[2], p16.shape[3]), p16.device
        )
        for click in range(CLICKS):
            logits, quality = model.decode(features, session.prompts(p16.device), none)
            iou = cell_iou(logits[0], truth)
            if click == 0:
                first = logits[0, 1:]
                rows["one"].append(float(iou[0]))
                rows["best"].append(float(iou[1:].max()))
                rows["pick"].append(float(iou[1 + int(quality[0, 1:].argmax())]))
            session = session.correct(logits[:, 0], rng)
        rows["five"].append(float(iou[0]))
        return first

    def _phrases(self, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        ids = [t[t >= 0] for t in (self.words.tokenize(p).ids for p in phrases)]
        length = max(len(i) for i in ids)
        vectors = np.zeros((len(ids), length, self.words.codes.shape[1]), np.float32)
        for row, known in zip(vectors, ids, strict=True):
            row[: len(known)] = self.words.vectors(known)
        lengths = np.array([max(1, len(i)) for i in ids], np.float32)
        return torch.from_numpy(vectors), torch.from_numpy(lengths)

    def _named(self, model: CompactModel, features: Features, label: str) -> Tensor:
        text, _ = model.ground(features, *self._phrases([label]))
        hw4 = (features.p4.shape[2], features.p4.shape[3])
        nothing = SpatialPrompts.nothing(1, hw4, features.p4.device)
        return model.decode(features, nothing, text)[0][0, 0]

    def _presence(
        self, model: CompactModel, photo: Photo, folder: Folder, features: Features
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        names = sorted(folder.labels)
        index = torch.zeros(len(names), dtype=torch.int64)
        _, presence = model.ground(features.gather(index), *self._phrases(names))
        shown = {a.label for a in photo.source.annotations}
        return presence.double().numpy(), np.array([name in shown for name in names])


def _shrunk(mask: NDArray[np.bool_], hw4: tuple[int, int]) -> NDArray[np.bool_]:
    soft = F.interpolate(
        torch.from_numpy(mask)[None, None].float(), hw4, mode="bilinear", antialias=True
    )
    return (soft[0, 0] > 0.5).numpy()


def _first_click(target: NDArray[np.bool_]) -> Session:
    """The deepest point of the target."""
    nothing = Session(
        target[None], np.zeros((1, 0, 2), np.float32), np.zeros((1, 0), np.float32),
        np.zeros((1, 4), np.float32), np.zeros(1, np.float32),
        torch.zeros(1, 1, *target.shape), torch.zeros(1),
    )  # fmt: skip
    clicked = nothing.correct(torch.full((1, *target.shape), -9.0), np.random.default_rng(0))
    clicked.has_mask = torch.zeros(1)
    clicked.mask = torch.zeros_like(clicked.mask)
    return clicked
