"""Prompt files of every kind; what is wrong is one line that names its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.errors import DataError, InputError, PromptError
from biprompt.io.formats.png import mask_png
from biprompt.labeling.prompts import Prompts, prompt_of, read_prompts
from biprompt.labeling.prompts.spool import Spool
from biprompt.labeling.values import Ask
from biprompt.masks import rle_encode

Write = Callable[..., Path]
MASK = np.eye(4, dtype=bool)


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Write a file, of lines or of one object."""

    def write(name: str, *lines: Any) -> Path:
        path = tmp_path / name
        texts = [line if isinstance(line, (str, bytes)) else json.dumps(line) for line in lines]
        path.write_bytes(b"\n".join(t if isinstance(t, bytes) else t.encode() for t in texts))
        return path

    return write


def labels(asks: tuple[Ask, ...]) -> list[tuple[str, str]]:
    return [(ask.id, ask.label) for ask in asks]


def test_phrases_for_all_images() -> None:
    prompts = read_prompts(" person ; the red cup;; [semantic] sky; What flies here? ")
    assert labels(prompts.common) == [
        ("1", "person"), ("2", "the red cup"), ("3", "sky"), ("4", "What flies here"),
    ]  # fmt: skip
    assert [ask.given["text"] for ask in prompts.common][2:] == [
        "[semantic] sky",
        "What flies here?",
    ]
    assert prompts.labels == ("person", "the red cup", "sky", "What flies here")
    assert prompts.take("a.jpg") == () and prompts.left() == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (" ; ", "--prompts: expected a file or phrases"),
        ("cat; dog; cat", "--prompts: expected each phrase once, got 'cat' twice"),
        ("cat; \u0007", "--prompts: expected no control characters"),
        ("x" * 1001, "--prompts: expected at most 1000 characters"),
    ],
)
def test_wrong_phrases(given: str, message: str) -> None:
    with pytest.raises(PromptError) as raised:
        read_prompts(given)
    assert str(raised.value).startswith(message)


def test_jsonl_with_every_field(written: Write) -> None:
    path = written(
        "p.jsonl",
        {"image": "a/b.jpg", "id": 7, "label": "cup", "text": "the red cup", "box": [1, 2, 9, 9]},
        "",
        {"text": "sky"},
        {"image": "a/b.jpg", "points": [[1, 2], [3, 4]], "labels": [1, 0], "negative_text": "cat"},
        {"image": "./a/../c.jpg", "scribbles": [[[1, 1], [2, 2]], [[[3, 3]], 0]]},
        {"image": "c.jpg", "polygon": [[0, 0], [4, 0], [4, 4]], "text": None},
        {"image": "d.jpg", "mask": rle_encode(MASK)},
    )
    prompts = read_prompts(str(path))
    assert labels(prompts.common) == [("1", "sky")]
    assert prompts.labels == ("cup", "sky", "object")
    assert prompts.left() == ["a/b.jpg", "c.jpg", "d.jpg"]
    first, second = prompts.take("a/b.jpg", "/data/a/b.jpg")
    assert (first.id, second.id, second.label) == ("7", "3", "object")
    assert prompt_of(first).box is not None and str(prompt_of(first).text) == "the red cup"
    assert prompt_of(second).points.labels.tolist() == [1, 0]  # type: ignore[union-attr]
    strokes, outline = prompts.take("c.jpg")
    assert [stroke.label for stroke in prompt_of(strokes).scribbles] == [1, 0]
    assert prompt_of(outline).polygon is not None
    (mask,) = prompts.take("d.jpg")
    assert np.array_equal(prompt_of(mask).mask.mask, MASK)  # type: ignore[union-attr]
    assert prompts.take("d.jpg") == () and prompts.left() == []


def test_an_image_may_be_named_by_its_path(written: Write) -> None:
    prompts = read_prompts(str(written("p.jsonl", {"image": "/data/x.jpg", "text": "cat"})))
    assert labels(prompts.take("x.jpg", "/data/x.jpg")) == [("1", "cat")]


def test_a_mask_may_be_a_file_beside_the_prompts(written: Write, tmp_path: Path) -> None:
    (tmp_path / "m.png").write_bytes(mask_png(MASK))
    prompts = read_prompts(str(written("p.jsonl", {"image": "a.jpg", "mask": "m.png"})))
    (ask,) = prompts.take("a.jpg")
    assert np.array_equal(prompt_of(ask).mask.mask, MASK)  # type: ignore[union-attr]


def test_a_byte_order_mark_and_other_scripts(written: Write) -> None:
    path = written("p.jsonl", "\ufeff" + json.dumps({"text": "кошка"}), '{"text": "猫"}')
    assert read_prompts(str(path)).labels == ("кошка", "猫")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "cat"', "line 2: expected JSON, got "),
        ('["cat"]', "line 2: expected a JSON object, got list"),
        (b'{"text": "caf\xe9"}', "line 2: expected UTF-8, got byte 0xe9 at its place 14"),
        ({"txt": "cat"}, "line 2: expected fields among image, id, label, text, "),
        ({"image": 5, "text": "cat"}, "line 2, image: expected a name, got 5"),
        (
            {"image": "a.jpg"},
            "line 2, prompt: expected a text, point, box, stroke or mask, got none",
        ),
        ({"negative_text": "cat"}, "line 2, prompt: expected a text"),
        ({"text": "cat", "label": " "}, "line 2, label: expected a name"),
        ({"text": 5}, "line 2, phrase: expected a string, got int"),
        ({"box": [1, 2, 3]}, "line 2, box: expected 4 numbers"),
        ({"box": [5, 5, 2, 2]}, "line 2, box: expected x0 < x1"),
        ({"points": [[1, 2], [3]]}, "line 2, points: expected"),
        ({"points": [[1, 2]], "labels": [1, 0]}, "line 2, "),
        ({"mask": {"size": [2, 2], "counts": [3]}}, "line 2, RLE counts: expected"),
        ({"text": "cat", "id": True}, "line 2, id: expected a text or a whole number"),
    ],
)
def test_a_wrong_line_is_named(written: Write, line: Any, message: str) -> None:
    path = written("p.jsonl", {"text": "dog"}, line)
    with pytest.raises(DataError) as raised:
        read_prompts(str(path))
    assert str(raised.value).startswith(f"{path}: {message}")
    assert "\n" not in str(raised.value)


def test_two_prompts_of_an_image_with_one_id(written: Write) -> None:
    twice = [{"image": "a.jpg", "id": "x", "text": text} for text in ("cat", "dog")]
    prompts = read_prompts(str(written("p.jsonl", *twice)))
    with pytest.raises(DataError, match=r"id: expected a different one .*, got 'x'"):
        prompts.take("a.jpg")
    common = [{"id": "x", "text": "cat"}, {"id": "x", "text": "dog"}]
    with pytest.raises(DataError, match="'x'"):
        read_prompts(str(written("q.jsonl", *common)))


def test_csv(written: Write) -> None:
    path = written(
        "p.csv",
        "image,label,text,points,labels,box,polygon",
        'a.jpg,cup,"the cup, red","1,2;3,4","1;0",,',
        "a.jpg,,,1 2,,,",
        'b.jpg,car,,,,"1,2,8,9",',
        "",
        ',sky,"sky\nabove",,,,"0,0;4,0;4,4"',
    )
    prompts = read_prompts(str(path))
    assert labels(prompts.common) == [("1", "sky")]
    assert prompts.common[0].given["polygon"] == [[0, 0], [4, 0], [4, 4]]
    first, second = prompts.take("a.jpg")
    assert first.given == {"text": "the cup, red", "points": [[1, 2], [3, 4]], "labels": [1, 0]}
    assert second.given == {"points": [[1, 2]]}
    assert prompts.take("b.jpg")[0].given == {"box": [1, 2, 8, 9]}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["image,colour", "a,b"], "line 1: expected different columns among image, id, label, "),
        (["image,image", "a,b"], "line 1: expected different columns"),
        (["image,scribbles", "a,b"], "line 1: expected different columns"),
        ([""], "line 1: expected different columns among image, id, label, text, "),
        (["image,text", "a,cat", "b"], "line 3: expected 2 cells, as in its first line, got 1"),
        (["image,box", 'a,"1,2,x,4"'], "line 2, box: expected "),
        (["image,text", b"a,caf\xe9"], "line 2: expected UTF-8"),
        (["image,text", 'a,"cat'], "line 2: expected CSV"),
        (["image,text"], "prompts: expected at least one, got none"),
    ],
)
def test_a_wrong_csv(written: Write, lines: list[Any], message: str) -> None:
    path = written("p.csv", *lines)
    with pytest.raises(DataError) as raised:
        read_prompts(str(path))
    assert str(raised.value).startswith(f"{path}: {message}")


def coco(**more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "height": 30, "width": 40}],
        "categories": [{"id": 5, "name": " cup "}],
        "annotations": [{"id": 9, "image_id": 1, "category_id": 5, **more}],
    }


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        ({"bbox": [1, 2, 10, 20]}, {"box": [1, 2, 11, 22]}),
        ({"bbox": [-0.4, 2, 40.9, 28.3]}, {"box": [0, 2, 40, 30]}),
        ({"bbox": [-3, 2, 60, 5]}, {"box": [-3, 2, 57, 7]}),
        ({"points": [[1, 2], [3, 4]]}, {"points": [[1, 2], [3, 4]]}),
        (
            {"points": [[1, 2], [3, 4, 0]], "text": "red cup"},
            {"text": "red cup", "points": [[1, 2], [3, 4]], "labels": [1, 0]},
        ),
        ({"bbox": "wide"}, {"box": "wide"}),
        ({"segmentation": [[0, 0, 1, 1]]}, {}),
    ],
)
def test_coco(written: Write, annotation: dict[str, Any], given: dict[str, Any]) -> None:
    prompts = read_prompts(str(written("p.json", coco(**annotation))))
    (ask,) = prompts.take("a.jpg")
    assert (ask.id, ask.label) == ("9", "cup")
    rounded = {
        name: [round(side, 6) for side in value] if name == "box" and value != "wide" else value
        for name, value in ask.given.items()
    }
    assert rounded == given


def test_annotations_of_crowds_are_left_out(written: Write) -> None:
    with pytest.raises(DataError, match="at least one, got none"):
        read_prompts(str(written("p.json", coco(bbox=[1, 1, 2, 2], iscrowd=1))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"categories": [{"id": 5}]}, "category 5: expected a name, got None"),
        ({"categories": [{"id": 5, "name": ""}]}, "category 5: expected a name, got ''"),
        ({"categories": []}, "category_id of an annotation: expected an id of the file, got 5"),
        ({"images": [{"id": 1}]}, "file_name of an image: expected to be present"),
        ({"annotations": {}}, "annotations: expected a list, got dict"),
        ({"images": 5}, "COCO file: expected an object with a list of images"),
    ],
)
def test_a_wrong_coco_file(written: Write, change: dict[str, Any], message: str) -> None:
    path = written("p.json", coco(bbox=[1, 1, 2, 2]) | change)
    with pytest.raises(DataError) as raised:
        read_prompts(str(path))
    assert str(raised.value).startswith(f"{path}: {message}")


def test_a_file_that_is_not_there_or_of_no_known_kind(tmp_path: Path, written: Write) -> None:
    with pytest.raises(DataError, match=r"p.jsonl: file: expected a readable file, got No such"):
        read_prompts(str(tmp_path / "p.jsonl"))
    with pytest.raises(DataError, match=r"prompts: expected a file that ends in .jsonl"):
        read_prompts(str(written("p.xml", "<a/>")))


def test_a_prompt_that_asks_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="expected a text"):
        prompt_of(Ask("1", "cup", {}))


def test_a_spool_gives_back_what_was_added_under_a_name() -> None:
    spool = Spool()
    for number in range(5):
        for name in ("a", "b"):
            spool.add(name, f"{name}{number}".encode() * number)
    assert len(spool) == 2 and "a" in spool and list(spool) == ["a", "b"]
    assert spool.pop("b") == [f"b{n}".encode() * n for n in range(5)]
    spool.add("b", b"anew")
    assert spool.pop("a") == [f"a{n}".encode() * n for n in range(5)]
    assert spool.pop("b") == [b"anew"] and spool.pop("b") == [] and len(spool) == 0


def test_prompts_are_a_value_of_their_source_only() -> None:
    assert isinstance(read_prompts("cat"), Prompts)
