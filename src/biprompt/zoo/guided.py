"""The guided network on disk: a folder that `biprompt train guided` writes.

::

    RUN/guided.json          encoding, fusion, sizes, how it was trained, digest of the weights
    RUN/guided.safetensors   weights
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_write

if TYPE_CHECKING:
    from biprompt.models.guided import GuidedNetwork

FILE = "guided.json"
WEIGHTS = "guided.safetensors"
VERSION = 1


@dataclass(frozen=True, slots=True)
class GuidedFacts:
    """What a folder says about its network.

    Attributes:
        name: what answers call it.
        encoding: how clicks become maps, a value of `biprompt.guidance.Encoding`.
        network: fields of `models.guided.GuidedConfig`.
        long_side: model pixels of the longer side of an image.
        trained: how; for people.
        sha256: of the weights' file.
    """

    name: str
    encoding: str
    network: Mapping[str, Any]
    long_side: int
    trained: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with any weight or size."""
        told = (self.encoding, sorted(self.network.items()), self.long_side, self.sha256)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def is_guided(name: str | os.PathLike[str]) -> bool:
    """Whether a model's name is a folder with such a file."""
    return os.path.isfile(os.path.join(os.fspath(name), FILE))


def write_guided(folder: Path, facts: GuidedFacts, network: GuidedNetwork) -> None:
    """Write facts and weights, the weights first.

    Raises:
        OutputError: they cannot be written.
    """
    from dataclasses import replace

    from safetensors.torch import save

    state = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    data = save(state)
    atomic_write(folder / WEIGHTS, data, force=True)
    told = replace(facts, sha256=hashlib.sha256(data).hexdigest())
    tree = {"kind": "guided", "version": VERSION, **asdict(told)}
    atomic_write(folder / FILE, json.dumps(tree, indent=1).encode() + b"\n", force=True)


def read_guided(folder: Path) -> tuple[GuidedNetwork, GuidedFacts]:
    """Read a folder's network, ready to answer.

    Raises:
        WeightsError: a file is missing, damaged, of another version, or not of the same network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    from biprompt.models.guided import GuidedNetwork

    facts, path = read_guided_facts(folder), folder / WEIGHTS
    network = GuidedNetwork(_config(facts, folder / FILE))
    try:
        data = path.read_bytes()
        state = load(data)
    except (OSError, SafetensorError) as error:
        raise WeightsError("weights", expected="a whole file", actual=error, path=path) from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != facts.sha256:
        expected = f"sha256 {facts.sha256[:16]}"
        raise WeightsError("weights", expected=expected, actual=actual[:16], path=path)
    wanted = network.state_dict()
    wrong = sorted(set(state) ^ set(wanted))
    wrong += [name for name in wanted if name in state and state[name].shape != wanted[name].shape]
    if wrong:
        expected = "the tensors that guided.json describes"
        raise WeightsError("weights", expected=expected, actual=", ".join(wrong[:4]), path=path)
    network.load_state_dict(state)
    return network.eval(), facts


def read_guided_facts(folder: Path) -> GuidedFacts:
    """Read the JSON file of a folder.

    Raises:
        WeightsError: it is missing, damaged, or of another version.
    """
    path = folder / FILE
    try:
        tree = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError("model", expected="a JSON object", actual=error, path=path) from error
    if not isinstance(tree, dict) or tree.get("version") != VERSION:
        expected = f"a description of a guided network, version {VERSION}"
        raise WeightsError("model", expected=expected, actual="another", path=path)
    kinds = {"name": str, "encoding": str, "network": dict, "long_side": int, "trained": dict,
             "sha256": str}  # fmt: skip
    for name, kind in kinds.items():
        if type(tree.get(name)) is not kind:
            raise WeightsError(name, expected=kind.__name__, actual=repr(tree.get(name)), path=path)
    return GuidedFacts(**{name: tree[name] for name in kinds})


def _config(facts: GuidedFacts, path: Path) -> Any:
    from biprompt.guidance import ENCODINGS, Encoding
    from biprompt.models.guided import FUSIONS, Fusion, GuidedConfig

    fields = dict(facts.network)
    if facts.encoding not in ENCODINGS or fields.get("fusion") not in FUSIONS:
        actual = f"{facts.encoding} and {fields.get('fusion')}"
        raise WeightsError(
            "network", expected="a known encoding and fusion", actual=actual, path=path
        )
    try:
        config = GuidedConfig(**{**fields, "fusion": Fusion(fields["fusion"])})
    except TypeError as error:
        raise WeightsError("network", expected="its sizes", actual=error, path=path) from error
    if config.maps != Encoding(facts.encoding).channels:
        expected = f"{Encoding(facts.encoding).channels} maps, as {facts.encoding} has"
        raise WeightsError("network", expected=expected, actual=config.maps, path=path)
    return config
