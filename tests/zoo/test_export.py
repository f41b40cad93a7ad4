"""Every native family as ONNX graphs: what they answer is what the network answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from tests.zoo.tiny import Case, tiny, write_safetensors_file

from biprompt.cli import main
from biprompt.errors import ModelError, OutputError
from biprompt.models.sam.values import SamPrompts
from biprompt.zoo.build import empty_model, load_checkpoint
from biprompt.zoo.export import writing
from biprompt.zoo.export.writing import MANIFEST, export
from biprompt.zoo.families import Family

POINTED = {"encoder", "decoder_points", "decoder_box", "decoder_points_box"}
GRAPHS = {
    Family.EFFICIENT_SAM: POINTED,
    Family.EVF_SAM: {"encoder", "text", "decoder_text"},
    Family.EVF_EFFICIENT_SAM: {"encoder", "text", "decoder_text"},
    Family.EVF_SAM2: POINTED | {"text", "decoder_text", "decoder_points_mask"},
}


def weighted(family: Family) -> Case:
    """A tiny checkpoint; where its numbers were drawn at random, as its layers begin instead.

    Drawn from 0 to 1 they overflow on the way through a deep network, and nothing can be compared.
    """
    case = tiny(family)
    if family not in (Family.SAM_HQ, Family.EDGE_TAM, Family.MOBILE_SAM):
        return case
    torch.manual_seed(0)
    model = empty_model(case.recognised).to_empty(device="cpu")
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    state = {**case.state, **model.state_dict()}
    return replace(case, state={n: t.nan_to_num(0.1).clamp(-2, 2) for n, t in state.items()})


@pytest.mark.parametrize("family", list(Family))
def test_every_family_is_the_same_as_its_network(family: Family, tmp_path: Path) -> None:
    out = tmp_path / "graphs"
    done = export(write_safetensors_file(weighted(family), tmp_path), out)
    expected = GRAPHS.get(family, POINTED | {"decoder_points_mask"})
    assert set(done.differences) == expected
    assert max(done.differences.values()) < writing.TOLERANCE
    files = {path.name for path in out.iterdir()}
    assert files == {f"{name}.onnx" for name in expected} | {MANIFEST}
    told = json.loads((out / MANIFEST).read_text())
    assert told["family"] == family.value and set(told["graphs"]) == expected


def test_a_click_through_the_graphs(tmp_path: Path) -> None:
    """By hand, as somebody without this package would: one prompt, three clicks."""
    path, out = write_safetensors_file(tiny(Family.SAM), tmp_path), tmp_path / "graphs"
    export(path, out)
    image = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(3))
    points, labels = torch.tensor([[[5.0, 9.0], [60, 60], [99, 3]]]), torch.tensor([[1, 0, 1]])
    model = load_checkpoint(path).model
    with torch.no_grad():
        wanted = model.decode(model.encode_image(image), SamPrompts(points, labels))
    sessions = {name: onnxruntime.InferenceSession(out / f"{name}.onnx")
                for name in ("encoder", "decoder_points")}  # fmt: skip
    (maps,) = sessions["encoder"].run(None, {"input_image": image.numpy()})
    feed = {"image": maps, "points": points.numpy(), "labels": labels.numpy()}
    found = sessions["decoder_points"].run(None, feed)
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, want.numpy(), atol=1e-4)


def test_a_graph_that_differs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "TOLERANCE", -1.0)
    with pytest.raises(ModelError, match=r"encoder.onnx differs from the network by"):
        export(write_safetensors_file(tiny(Family.SAM), tmp_path), tmp_path / "graphs")
    assert list((tmp_path / "graphs").iterdir()) == []


def test_large_weights_go_into_a_file_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MUCH", 1000)
    out = tmp_path / "graphs"
    export(write_safetensors_file(tiny(Family.EFFICIENT_SAM), tmp_path), out)
    assert (out / "encoder.onnx.data").is_file()
    onnxruntime.InferenceSession(out / "encoder.onnx")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write_safetensors_file(tiny(Family.EFFICIENT_SAM), tmp_path), tmp_path / "graphs"
    command = ["models", "export", str(path), "-o", str(out)]
    assert main(command) == 0
    assert "decoder_box.onnx: differs from the network by at most" in capsys.readouterr().out
    assert main(command) == 2
    assert "expected another folder, or --force, got graphs.json" in capsys.readouterr().err
    assert main([*command, "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(out)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        export(write_safetensors_file(tiny(Family.SAM), tmp_path), tmp_path / "file" / "graphs")
