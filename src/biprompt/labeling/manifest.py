"""What a folder of results was made from: the same again goes on, anything else is another run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from biprompt.errors import DataError, OutputError
from biprompt.labeling.labeller import Facts
from biprompt.labeling.plan import Plan
from biprompt.labeling.storage import Storage, read, write
from biprompt.labeling.values import Ask, ModelName, Settings

MANIFEST = "manifest.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of results was made from.

    Attributes:
        images: what was given, how many, and a digest of their names.
        prompts: what was given, a digest, and what is asked of every image.
        model: what was given, and the version that answered.
        settings: whatever else the answers hang on.
        labels: the classes of the data set, in order.
    """

    images: Mapping[str, Any]
    prompts: Mapping[str, Any]
    model: Mapping[str, Any]
    settings: Mapping[str, Any]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, model: ModelName, settings: Settings, facts: Facts) -> Manifest:
        """Describe a run."""
        common = [ask.to_dict() for ask in plan.common]
        return cls(
            {"given": plan.images, "count": plan.count, "digest": plan.images_digest},
            {"given": plan.prompts, "digest": plan.prompts_digest, "common": common},
            {**_asked(model), "loaded": facts.model, "version": facts.version},
            asdict(settings),
            plan.labels,
        )

    @property
    def common(self) -> tuple[Ask, ...]:
        """What is asked of every image."""
        return tuple(map(Ask.of, self.prompts["common"]))

    @property
    def model_name(self) -> str:
        """Name of the model that answered."""
        return str(self.model["loaded"])

    def check_plan(self, plan: Plan, model: ModelName, settings: Settings, where: str) -> None:
        """Raise OutputError, which says what differs, unless a plan is the one this was made for.

        Args:
            plan: images and prompts.
            model: which model.
            settings: whatever else.
            where: of the folder, for the message.
        """
        if self.images["digest"] != plan.images_digest:
            same = plan.count == self.images["count"]
            given = f"{plan.count} others" if same else plan.count
            self._check("images", self.images["count"], given, where)
        if self.prompts["digest"] != plan.prompts_digest:
            same = plan.prompts == self.prompts["given"]
            given = f"{plan.prompts}, changed since" if same else plan.prompts
            self._check("prompts", self.prompts["given"], given, where)
        for name, value in {**_asked(model), **asdict(settings)}.items():
            kept = self.model.get(name, self.settings.get(name))
            self._check(name.replace("_", " "), kept, value, where)

    def check_version(self, facts: Facts, where: str) -> None:
        """Raise OutputError unless the model that was loaded is the one that answered before."""
        self._check("version of the model", self.model["version"], facts.version, where)

    def _check(self, what: str, kept: object, given: object, where: str) -> None:
        if kept != given:
            expected = f"{_told(kept)}, as the results there were made from"
            actual = f"{_told(given)} (another --out, or --force removes them and starts anew)"
            raise OutputError(what, expected=expected, actual=actual, path=where)

    def save(self, storage: Storage) -> None:
        """Write it."""
        document = {"format": VERSION, **asdict(self)}
        write(storage, MANIFEST, (json.dumps(document, indent=1) + "\n").encode())


def read_manifest(storage: Storage) -> Manifest | None:
    """Read what a folder was made from; None where nothing was made.

    Raises:
        DataError: the file is damaged, or of another version of this package.
    """
    data = read(storage, MANIFEST)
    if data is None:
        return None
    where = storage.where(MANIFEST)
    try:
        document = json.loads(data)
        version = document.pop("format")
        labels = tuple(document.pop("labels"))
        manifest = Manifest(**document, labels=labels)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            "manifest", expected="one of `biprompt label`", actual=error, path=where
        ) from error
    if version != VERSION:
        raise DataError("manifest", expected=f"format {VERSION}", actual=version, path=where)
    return manifest


def _asked(model: ModelName) -> dict[str, Any]:
    """What of the model's name changes the answers; the device may be another one."""
    return {"model": model.name, "text_model": model.text_model, "dtype": model.dtype}


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
