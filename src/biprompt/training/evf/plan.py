"""Where a run reads and writes, and what of it a resumed run takes over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from biprompt.errors import DataError
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf.keeping import CHECKPOINT
from biprompt.training.evf.recipe import EvfRecipe, load_recipe, tiny_recipe
from biprompt.training.evf.sizes import FirstFiles


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Where a run reads and writes.

    Attributes:
        data: data sets, each ``DIR`` or ``DATASET=DIR``.
        out: folder of the run; it is made.
        files: what a new run starts from.
        embeddings: folder of what the frozen image encoder saw; None: it looks in every step.
        resume: continue ``out/checkpoint.pt``.
    """

    data: Sequence[str]
    out: Path
    files: FirstFiles = field(default_factory=FirstFiles)
    embeddings: Path | None = None
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """The newest state of the run."""
        return self.out / CHECKPOINT

    def recipe(
        self, path: Path | None, changes: Mapping[str, Any], *, tiny: bool = False
    ) -> EvfRecipe:
        """The recipe of the run: of a resumed one, where no file is given, that of its checkpoint.

        Raises:
            DataError: see `load_recipe`.
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume or path is not None:
            return load_recipe(path, changes, tiny_recipe() if tiny else None)
        kept = load_checkpoint(self.checkpoint).get("recipe", {})
        return load_recipe(None, changes, load_recipe(None, kept))

    def first_files(self) -> FirstFiles:
        """What the network begins with; of a resumed run what it began with, or the files given.

        Raises:
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume:
            return self.files
        kept = load_checkpoint(self.checkpoint).get("sources", {})
        given = {name: path for name, path in asdict(self.files).items() if path}
        known = {name: Path(kept[name]) for name in asdict(self.files) if kept.get(name)}
        return FirstFiles(**(known | given))

    def changed(self, told: str) -> str | None:
        """A line on data that are others than those a resumed run began with; None where not.

        Args:
            told: what `Material.told` says of the data.
        """
        before = load_checkpoint(self.checkpoint).get("sources", {}).get("data")
        if before in (None, told):
            return None
        return f"these are not the data the run began with ({before}): it goes on with others"

    def check(self, recipe: EvfRecipe) -> None:
        """Find what can be wrong and costs nothing to find.

        Raises:
            DataError: the folder holds a run already, or embeddings are given for an image encoder
                that learns.
        """
        if self.checkpoint.exists() and not self.resume:
            raise DataError(
                "output folder", expected="an empty one, or --resume", actual="a run", path=self.out
            )
        if self.embeddings is not None and recipe.train_image_encoder:
            expected = "train_image_encoder = false with it"
            raise DataError("--embeddings", expected=expected, actual="an encoder that learns")


def plain(files: FirstFiles) -> dict[str, str | None]:
    """Files as a checkpoint keeps them."""
    return {name: path and str(path.absolute()) for name, path in asdict(files).items()}
