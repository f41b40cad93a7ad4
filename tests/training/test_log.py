from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from biprompt.errors import DataError, OutputError
from biprompt.training.log import LOG, Averages, append_record, read_log
from biprompt.training.plot import curves, log_png, plot_run, smoothed


def test_averages() -> None:
    averages = Averages()
    averages.add({"loss": 1.0, "iou_first": 0.5})
    averages.add({"loss": 3.0})
    assert averages.flush() == {"loss": 2.0, "iou_first": 0.5}
    assert averages.flush() == {}


def test_steps_that_a_killed_run_made_twice_count_once(tmp_path: Path) -> None:
    for step, loss in ((10, 5.0), (20, 4.0), (30, 3.0)):
        append_record(tmp_path, {"step": step, "loss": loss})
    append_record(tmp_path, {"step": 25, "validation": {"score": 0.1}})
    for step, loss in ((30, 2.5), (40, 2.0)):
        append_record(tmp_path, {"step": step, "loss": loss})
    append_record(tmp_path, {"step": 40, "validation": {"score": 0.2}})
    found = [(r["step"], r.get("loss")) for r in read_log(tmp_path)]
    assert found == [(10, 5.0), (20, 4.0), (25, None), (30, 2.5), (40, 2.0), (40, None)]


def test_a_half_written_line_is_passed_over(tmp_path: Path) -> None:
    append_record(tmp_path, {"step": 1, "loss": 2.0})
    with (tmp_path / LOG).open("a") as file:
        file.write('{"step": 2, "lo')
    assert read_log(tmp_path) == [{"step": 1, "loss": 2.0}]


def test_no_log(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"log\.jsonl: log: expected a run's log, got nothing"):
        read_log(tmp_path)
    (tmp_path / LOG).write_text("nothing\n[1]\n")
    with pytest.raises(DataError, match="records with steps"):
        read_log(tmp_path)
    with pytest.raises(OutputError, match="writable"):
        append_record(tmp_path / "missing", {"step": 1})


def test_curves_hold_numbers_by_name() -> None:
    records = [{"step": 1, "loss": 2.0, "note": "x"}, {"step": 3, "loss": 1.0, "iou": 0.5}]
    assert curves(records) == {"loss": ([1, 3], [2.0, 1.0]), "iou": ([3], [0.5])}


def test_smoothing_starts_at_the_first_value_and_forgets() -> None:
    assert smoothed([2.0]) == [2.0]
    assert smoothed([0.0, 1.0]) == pytest.approx([0.0, 1 / 1.85])
    assert smoothed([5.0] * 3 + [1.0] * 60)[-1] == pytest.approx(1.0, abs=1e-3)
    assert smoothed([float("nan"), 1.0])[1] == 1.0


def test_a_picture_of_a_log(tmp_path: Path) -> None:
    for step in range(1, 30):
        append_record(tmp_path, {"step": step, "loss": 5.0 / step, "iou_first": step / 30})
        if step % 10 == 0:
            append_record(tmp_path, {"step": step, "validation": {"best": 0.4, "score": 0.5}})
    out = plot_run(tmp_path, tmp_path / "log.png")
    with Image.open(out) as image:
        assert image.format == "PNG" and image.width > 1000
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20
    with pytest.raises(OutputError, match="--force"):
        plot_run(tmp_path, out)
    plot_run(tmp_path, out, force=True)


def test_a_picture_of_one_record() -> None:
    assert Image.open(io.BytesIO(log_png([{"step": 1, "loss": 1.0}]))).format == "PNG"
