"""What a person reads, and the cases that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from biprompt.data.readers.registry import Kind
from biprompt.evaluation.absence import Absence, open_photographs, summarize
from biprompt.evaluation.absence.baselines import always
from biprompt.evaluation.absence.page import absence_page
from biprompt.evaluation.absence.worst import COUNT, worst_names
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Chart, Table, Text
from biprompt.evaluation.page.markdown import to_markdown
from biprompt.evaluation.run import measure

RUN = {
    "date": "d", "commit": None, "model": {"name": "m", "digest": "1"}, "machine": "x",
    "python": "3", "packages": {}, "command": "c", "limit": None, "timing": {},
}  # fmt: skip


@pytest.fixture
def study(tmp_path: Any, tools: Any) -> Absence:
    """Twelve photographs: three names, each in three of them, and three photographs of nothing."""
    boxes = [("cup", (4, 4, 24, 28))], [("dog", (9, 9, 30, 30))], [("ant", (2, 2, 9, 9))], []
    photos = {f"{number:02}.png": boxes[number % 4] for number in range(12)}
    root = tools.write_set(tmp_path / "many", photos, ["cup", "dog", "ant"])
    opened = open_photographs(root)
    return Absence(opened.data, opened.photographs, opened.kind)


def report(study: Absence, *contenders: Contender, **settings: Any) -> dict[str, Any]:
    found = {
        each.name: study.summarize(measure(study, each, lambda each=each: each, None))  # type: ignore[misc]
        for each in contenders
    }
    return {
        "protocol": "absence", "run": RUN, "data": {"name": "many", "digest": "2"},
        "settings": study.settings(contenders[0]) | settings, "results": found,
    }  # fmt: skip


def page(**kept: Any) -> str:
    return to_markdown(absence_page(kept)).decode()


@pytest.fixture
def knowing(study: Absence, tools: Any) -> Contender:
    from biprompt.data.coco import read_coco

    root = study.photographs[0].picture.path.parents[1]
    return Contender("knowing", "1", tools.Knowing(read_coco(root)))


def test_a_model_with_scores(study: Absence, knowing: Contender) -> None:
    text = page(**report(study, knowing, *always()))
    assert text.startswith("# Absence: `knowing` on many\n")
    assert (
        "Of 27 questions for what is not there the model refuses 100.0 %, of 9 for what is there "
        "it answers 100.0 %, on 12 photographs. AUROC 1.000. Whoever wants to lose no more than "
        "5 % of what is there sets the threshold to **0.5** and refuses 100.0 %" in text
    )
    assert "| **knowing** | 1.000 [1.000, 1.000] | 1.000 [1.000, 1.000] | 1.000" in text
    assert "| always found | 0.000 [0.000, 0.000] | 1.000 [1.000, 1.000] | 0.000" in text
    assert "| 95 % | 0.5 [0.500, 0.500] | 1.000 [1.000, 1.000] |" in text
    assert "at its presence threshold of 0.5" in text and "no presence score" not in text
    assert "| labels | 3 of 3 | - |" in text
    assert "| invented | 10 of 12 | quazzle, brindlequok |" in text
    assert "kept out of training" not in text and "is asked as" not in text


def test_a_model_without_scores(study: Absence) -> None:
    text = page(**report(study, *always()))
    assert "The model gives no presence score. There is no curve" in text
    assert "presence threshold of" not in text and "| to keep |" not in text
    assert "| **always found** | 0.000" in text and "AUROC 0" not in text


def test_what_was_left_out_is_said(study: Absence, knowing: Contender) -> None:
    text = page(**report(study, knowing, validation_only=True, template="all {}"))
    assert "only the photographs that are kept out of training" in text
    assert "A name is asked as `all {}`." in text


def test_sentences_have_no_names(study: Absence, knowing: Contender) -> None:
    kept = report(study, knowing, kind=Kind.REFERRING.value)
    kept["results"]["knowing"] |= {"names": {}, "auroc_by_name": float("nan")}
    text = page(**kept)
    assert "asked with every sentence of the set" in text and "## Names" not in text
    assert "mean over names" not in text and "AUROC" in text
    assert "Ch_IoU, ISI_IoU and mcIoU are" not in text


def test_nothing_absent_is_said() -> None:
    from biprompt.evaluation.absence import AbsenceRun

    found = summarize([AbsenceRun("a", ["x"], [True], [0.4], [False], [True], [(1, 1, 1)])])
    settings = {
        "kind": "interactive", "validation_only": False, "template": "{}", "presence_threshold": 0.5
    }  # fmt: skip
    kept = {"run": RUN, "data": {"name": "n"}, "settings": settings, "results": {"m": found}}
    assert "Nothing that was asked is absent, so there is no threshold to choose." in page(**kept)


def test_the_curve_is_marked(study: Absence, knowing: Contender) -> None:
    charts = [
        block for block in absence_page(report(study, knowing)).blocks if isinstance(block, Chart)
    ]
    curve, thresholds, names = charts
    assert (curve.x_label, curve.y_label) == ("N-acc", "T-acc")
    assert [text for _, _, text in curve.marks] == [
        "the model's verdict", "keeps 99 %", "keeps 95 %", "keeps 90 %", "balanced"
    ]  # fmt: skip
    assert (curve.series[0].x[-1], curve.series[0].y[-1]) == (1, 0)
    assert thresholds.marks[0][0] == 0.5
    assert names.kind == "bar" and names.series[0].x == ("ant (3)", "cup (3)", "dog (3)")


def names(count: int, **changes: Any) -> dict[str, Mapping[str, Any]]:
    return {
        f"n{i:02}": {"present": 5, "absent": 5, "n_acc": i / 50, "t_acc": 0.5, "auroc": 0.5}
        | changes
        for i in range(count)
    }


def test_the_worst_names_come_first_and_rare_ones_not_at_all() -> None:
    worst = worst_names(names(30) | {"rare": {"present": 2, "absent": 9, "n_acc": 0, "t_acc": 0}})
    assert list(worst) == [f"n{i:02}" for i in range(COUNT)]
    assert worst_names(names(3, present=1)) == worst_names(names(3, absent=2)) == {}


def test_surest_mistakes_are_shown(study: Absence, guess: Contender) -> None:
    runs = measure(study, guess, lambda: guess, None)
    wrong, missed, right = study.gallery(guess, runs)
    answers = [
        (score, there, refused, name, run.key)
        for run in runs
        if not run.words
        for score, there, refused, name in zip(
            run.presence, run.there, run.refused, run.names, strict=True
        )
    ]
    surest = max(answer for answer in answers if not answer[1] and not answer[2])
    assert wrong.shots[0].caption == f"“{surest[3]}”, presence {surest[0]:.2f}"
    assert wrong.shots[0].truth is None and wrong.shots[0].answer.mask.any()
    least = min(answer for answer in answers if answer[1] and answer[2])
    assert missed.shots[0].caption == f"“{least[3]}”, presence {least[0]:.2f}"
    assert missed.shots[0].truth is not None and not missed.shots[0].answer.mask.any()
    assert ", IoU " in right.shots[0].caption
    for gallery in (wrong, missed, right):
        captions = [shot.caption.split("”")[0] for shot in gallery.shots]
        assert len(captions) == len(set(captions)) <= 4
        assert all(shot.answer.image is not None for shot in gallery.shots)


def test_without_scores_the_largest_are_shown(study: Absence) -> None:
    found, absent = always()
    (title, shots), _ = [
        (each.title, each.shots)
        for each in study.gallery(found, measure(study, found, lambda: found, None))
    ]
    assert title.startswith("Found though") and shots[0].caption.endswith("”")
    (missed,) = study.gallery(absent, measure(study, absent, lambda: absent, None))
    sizes = [int(np.count_nonzero(shot.truth)) for shot in missed.shots]  # type: ignore[arg-type]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == 3


def test_tables_are_rectangular(study: Absence, knowing: Contender) -> None:
    blocks = absence_page(report(study, knowing, *always())).blocks
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables) == 5
    for table in tables:
        assert all(len(row) == len(table.header) for row in table.rows)
    assert all(block.text.strip() == block.text for block in blocks if isinstance(block, Text))
