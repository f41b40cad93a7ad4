"""What is to be labelled, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from biprompt.labeling.dataset.job import REVIEW_FROM, Job, check_formats
from biprompt.labeling.labeller import Load
from biprompt.labeling.manifest import Manifest
from biprompt.labeling.pace import Pace
from biprompt.labeling.plan import Plan
from biprompt.labeling.rules import Rules
from biprompt.labeling.values import ModelName, Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be labelled, and what is to come of it.

    Attributes:
        images: as in `list_images`.
        prompts: as in `read_prompts`.
        out: folder or URL of the results.
        model: which model.
        settings: what the answers hang on beside it.
        formats: names among `FORMATS`.
        rules: what becomes of the answers.
        review: doubt from which on an answer is listed for people.

    Raises:
        InputError: a format that there is not.
    """

    images: str
    prompts: str
    out: str
    model: ModelName = field(default_factory=ModelName)
    settings: Settings = field(default_factory=Settings)
    formats: tuple[str, ...] = ("coco",)
    rules: Rules = field(default_factory=Rules)
    review: float = REVIEW_FROM

    def __post_init__(self) -> None:
        """Check the formats: the rest is checked where it is used."""
        check_formats(self.formats)

    def job(self, manifest: Manifest) -> Job:
        """Return what to assemble from the results."""
        return Job(self.formats, self.rules, manifest.labels, manifest.model_name, self.review)

    def load(self, plan: Plan) -> Load:
        """Return what loads the model in a worker."""
        return Load(self.model, plan.common, self.settings, self.out)


@dataclass(frozen=True, slots=True)
class How:
    """How it is done; the results hang on none of it.

    Attributes:
        workers: processes that hold the model.
        threads: of the numeric libraries of each; 0 leaves them alone.
        limit: only the first so many images, for a trial; the rest later.
        retry: whether failures of earlier runs are tried again.
        force: whether what another plan, or other rules, left there may be removed.
        paced: called after every image.
        told: called with how many images are assembled, and how many there will be.
    """

    workers: int = 1
    threads: int = 0
    limit: int | None = None
    retry: bool = False
    force: bool = False
    paced: Callable[[Pace], None] = lambda pace: None
    told: Callable[[int, int], None] = lambda done, total: None
