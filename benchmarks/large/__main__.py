"""``python -m benchmarks.large``: measure, print, and write the tables."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.large.plot import draw
from benchmarks.large.report import NAMES, markdown
from benchmarks.machine import facts

OUT = Path("docs/results")


def main() -> int:
    """Run every task in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--size", default="h", help="pair: h (published), l or b")
    parser.add_argument("--encoder", default="b", help="encoder beside transformers: h, l or b")
    parser.add_argument("--growth", default="mobile", help="pair whose growth is measured")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of large.json and large.md")
    given = parser.parse_args()
    found: dict[str, Any] = {"machine": facts(), "size": given.size, "encoder_size": given.encoder,
                             "growth_size": given.growth, "device": given.device}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        weights = str(Path(folder) / "weights.pth")
        for task in ("shared", "two"):
            found[task] = _run(task, given.size, given.device)
        _run("write", given.encoder, given.device, weights)
        for task in ("ours", "transformers"):
            found[task] = _run(task, given.encoder, given.device, weights)
    found["growth"] = _run("growth", given.growth, given.device)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "large.json").write_text(json.dumps(found, indent=1) + "\n")
    draw(found["growth"], given.out / "large-growth.png", NAMES[given.growth])
    text = markdown(found)
    (given.out / "large.md").write_text(text)
    print(text)
    return 0


def _run(task: str, size: str, device: str, weights: str = "") -> dict[str, Any]:
    print(f"{task}, {size} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.large.tasks", task, "--size", size]
    command += ["--device", device, *(["--weights", weights] if weights else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
