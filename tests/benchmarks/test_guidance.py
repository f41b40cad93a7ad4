"""Guidance maps beside plain loops, their pictures, and the table of guided networks."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks import brute_force, guidance, guidance_pictures, guided


def test_both_ways_agree_or_it_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "guidance.json"
    asked = ["--side", "24", "--clicks", "1", "3", "--repeat", "1"]
    assert guidance.main([*asked, "--json", str(out)]) == 0
    told = capsys.readouterr().out
    assert "| geodesic | 3 |" in told and "both ways are the same" in told
    report = json.loads(out.read_text())
    assert report["same"] and len(report["pairs"]) == 6
    right = brute_force.euclidean
    monkeypatch.setattr(brute_force, "euclidean", lambda *given: right(*given) + 1)
    assert guidance.main(asked) == 1
    assert "both ways DIFFER" in capsys.readouterr().out


def test_pictures_are_small_and_their_marks_keep_their_colours() -> None:
    found = guidance_pictures.pictures()
    assert {"clicks", "geodesic", "crop", "scribbles"} < set(found)
    for pixels in found.values():
        data = guidance_pictures.png(pixels)
        assert len(data) < 60_000
        with Image.open(io.BytesIO(data)) as image:
            assert image.mode == "P" and image.size == (pixels.shape[1], pixels.shape[0])
    with Image.open(io.BytesIO(guidance_pictures.png(found["clicks"]))) as image:
        at = (int(guidance_pictures.ADDING[0][0]), int(guidance_pictures.ADDING[0][1]))
        assert image.convert("RGB").getpixel(at) == guidance_pictures.GREEN


def summary(noc: float, iou: float) -> dict[str, Any]:
    counts = {str(p): {"mean": noc, "interval": [noc - 1, noc + 2]} for p in (85, 90)}
    return {"objects": 9, "noc": counts, "iou": {str(k): {"mean": iou} for k in (1, 5, 20)}}


def run(encoding: str, seed: int, noc: float) -> dict[str, Any]:
    trained = {
        "encoding": encoding, "fusion": "one-stream", "seed": seed, "steps": 3, "batch": 2,
        "size": 64, "rounds": 3, "seconds": 90.0, "held_out": 32,
    }  # fmt: skip
    aside = {"iou1": 0.1 * seed, "iou3": 0.5, "iou5": 0.6}
    return {
        "run": f"{encoding}.{seed}",
        "trained": trained,
        "aside": aside,
        "sets": {"few": summary(noc, 0.5)},
    }


def test_seeds_make_one_row_with_their_range() -> None:
    found = [run("disk", 0, 7.0), run("gaussian", 0, 8.0), run("disk", 1, 9.0)]
    facts = {"machine": "a machine", "commit": "abc", "date": "today"}
    text = guided.page(found, facts, {"few": summary(2.5, 0.9)})
    spread = "8.00 (7.00 to 9.00)"
    assert f"| disk | one-stream | 0, 1 | {spread} | {spread} | 50.0 (50.0 to 50.0) |" in text
    assert "| gaussian | one-stream | 0 | 8.00 | 8.00 | 50.0 | 50.0 | 50.0 |" in text
    assert "| the embedded model |  |  | 2.50 | 2.50 | 90.0 | 90.0 | 90.0 |" in text
    assert "| disk | one-stream | 0, 1 | 5.0 (0.0 to 10.0) | 50.0 (50.0 to 50.0) |" in text
    assert "## few, 9 objects" in text and "about ±1.5" in text
    assert "| RITM | binary disk | one stream | 2.04 | 3.22 |" in text


def test_the_surveys_rows_are_in_its_table() -> None:
    assert guided._survey().count("\n") == 1 + len(guided.SURVEY)
