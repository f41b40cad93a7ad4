"""Drawings in, answers out: kept or refined, beside refined freely, by the way of drawing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drawn.asking import drawings_of, objects_of
from benchmarks.drawn.fitting import summed_up
from biprompt.evaluation.provenance import DataFacts, data_digest, run_facts
from biprompt.masks import iou_matrix
from biprompt.prompts import Prompt
from biprompt.segmenter import Segmenter
from biprompt.selection import Policy

RULES = {"keep": Policy(refine="keep"), "free": Policy(refine="free")}


def measure(model: Segmenter, folder: Path, out: Path, objects: int) -> None:
    """Write drawn-SET.json and .md: IoU before and after, by the way of drawing."""
    found: dict[str, list[list[float]]] = {}
    rng = np.random.default_rng(2)
    for path, truth in objects_of(folder, objects, 1):
        scene, drawn = model.embed(path), drawings_of(truth, rng)
        prompts = [Prompt.build(mask=mask) for mask in drawn.values()]
        answers = [model.segment_many(scene, prompts, policy=rule) for rule in RULES.values()]
        for way, mask, *given in zip(drawn, drawn.values(), *answers, strict=True):
            masks = np.stack([mask, *(answer.mask for answer in given)])
            found.setdefault(way, []).append(iou_matrix(masks, truth[None])[:, 0].tolist())
        print(f"{len(found['exact'])} objects", flush=True)
    data = DataFacts(folder.resolve().name, data_digest(folder))
    command = f"python -m benchmarks.drawn measure {folder} --out {out} --objects {objects}"
    report = {"run": run_facts(command), "data": {"name": data.name, "digest": data.digest},
              "model": model.name,
              "drawings": {way: _of(np.array(rows)) for way, rows in found.items()},
              "all": _of(np.array([row for rows in found.values() for row in rows]))}  # fmt: skip
    (out / f"drawn-{data.name}.json").write_text(json.dumps(report, indent=1) + "\n")
    (out / f"drawn-{data.name}.md").write_text(_page(report))


def _of(rows: Any) -> dict[str, Any]:
    """Means over drawings; columns of `rows` are the drawing and then the answers of RULES."""
    gains = {name: rows[:, i] - rows[:, 0] for i, name in enumerate(RULES, start=1)}
    return {"iou": rows[:, 0].mean(), **{name: summed_up(gain) for name, gain in gains.items()}}


def _page(report: dict[str, Any]) -> str:
    lines = [
        f"# Drawings refined: `{report['model']}` on {report['data']['name']}", "",
        f"- Measured {report['run']['date']} at commit {report['run']['commit']}",
        f"- command `{report['run']['command']}`", "",
        "True masks are drawn anew at the original resolution and given as masks. `keep` (the "
        "default) replaces a drawing only where a refinement is surely better; `free` always takes "
        "the model's refinement. Worse: a loss of more than 0.01 IoU.", "",
        "| drawn | drawings | IoU of the drawing | keep: gain | better | worse | free: gain | "
        "better | worse |", "| --- " * 9 + "|",
    ]  # fmt: skip
    for way, row in [*report["drawings"].items(), ("all", report["all"])]:
        cells = [way, str(row["keep"]["cases"]), f"{row['iou']:.3f}"]
        for name in RULES:
            one = row[name]
            cells += [
                f"{one['gain']:+.3f}",
                f"{one['better']:.1%}",
                f"{one['worse_than_0.01']:.1%}",
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
