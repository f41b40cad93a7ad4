"""ADE20K, Pascal VOC, Pascal Context, COCO-Stuff, Pascal-Part and EndoVis 2017."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from biprompt.data.labels import IGNORE
from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError

COLOURS = [value for index in range(256) for value in (index, 255 - index, 128)]


def named(sample: Any) -> dict[str, int]:
    """The area of each class in an image, by name."""
    return {sample.classes[index]: int(mask.sum()) for index, mask in sample.regions()}


def test_ade20k(disk: Any) -> None:
    disk.photo("images/validation/ADE_val_00000001.jpg", (2, 3))
    disk.grey("annotations/validation/ADE_val_00000001.png", [[0, 1, 1], [150, 3, 0]])
    data = read_dataset("ade20k", disk.root)
    (sample,) = data
    assert len(sample.classes) == 150
    assert named(sample) == {"wall": 2, "sky": 1, "flag": 1}
    assert sample.ignore_mask().tolist() == [[True, False, False], [False, False, True]]
    assert (sample.image_id, sample.background) == ("ADE_val_00000001", None)


def test_ade20k_below_the_name_of_its_zip_file(disk: Any) -> None:
    root = "ADEChallengeData2016"
    disk.photo(f"{root}/images/training/a.jpg")
    disk.grey(f"{root}/annotations/training/a.png", [[1]])
    assert len(read_dataset("ade20k", disk.root, "train")) == 1


def test_a_number_that_is_no_class(disk: Any) -> None:
    disk.photo("images/validation/a.jpg")
    path = disk.grey("annotations/validation/a.png", [[151]])
    (sample,) = read_dataset("ade20k", disk.root)
    with pytest.raises(DataError, match=f"{path}: label: .*, got 151"):
        list(sample.regions())


def test_a_label_image_in_colour(disk: Any) -> None:
    disk.photo("images/validation/a.jpg")
    disk.photo("annotations/validation/a.png")
    (sample,) = read_dataset("ade20k", disk.root)
    with pytest.raises(DataError, match="one channel"):
        sample.ignore_mask()


def test_a_missing_label_image_is_found_at_once(disk: Any) -> None:
    disk.photo("images/validation/a.jpg")
    disk.grey("annotations/validation/b.png", [[1]])
    with pytest.raises(DataError, match=r"validation/a\.png: .*data where ade20k"):
        read_dataset("ade20k", disk.root)


@pytest.fixture(params=["VOCdevkit/VOC2012/", "VOC2012/", ""])
def voc(disk: Any, request: pytest.FixtureRequest) -> Any:
    place = request.param
    disk.photo(f"{place}JPEGImages/2007_000033.jpg", (2, 3))
    indices = [[0, 0, 255], [1, 20, 255]]
    disk.palette(f"{place}SegmentationClass/2007_000033.png", indices, COLOURS)
    disk.text(f"{place}ImageSets/Segmentation/val.txt", "2007_000033\n\n")
    return disk


def test_voc_reads_indices_not_colours(voc: Any) -> None:
    (sample,) = read_dataset("pascal-voc", voc.root)
    assert sample.background == 0
    assert named(sample) == {"background": 2, "aeroplane": 1, "tv monitor": 1}
    assert sample.source.decode().tolist() == [[0, 0, IGNORE], [1, 20, IGNORE]]
    assert sample.ignore_mask().sum() == 2


def test_voc_without_a_list(voc: Any) -> None:
    with pytest.raises(DataError, match=r"ImageSets/Segmentation/train\.txt: file"):
        read_dataset("pascal-voc", voc.root, "train")


def test_pascal_context(disk: Any) -> None:
    place = "VOCdevkit/VOC2010"
    disk.photo(f"{place}/JPEGImages/2008_000002.jpg", (1, 3))
    disk.grey(f"{place}/SegmentationClassContext/2008_000002.png", [[0, 1, 59]])
    disk.text(f"{place}/ImageSets/SegmentationContext/val.txt", "2008_000002\n")
    (sample,) = read_dataset("pascal-context", disk.root)
    assert len(sample.classes) == 60
    assert named(sample) == {"background": 1, "aeroplane": 1, "wood": 1}
    assert sample.ignore_mask() is None


def test_coco_stuff_leaves_unused_numbers_out(disk: Any) -> None:
    disk.photo("images/val2017/000000000139.jpg", (1, 5))
    disk.grey("stuffthingmaps/val2017/000000000139.png", [[0, 12, 91, 181, 255]])
    (sample,) = read_dataset("coco-stuff", disk.root)
    assert len(sample.classes) == 171
    assert named(sample) == {"person": 1, "stop sign": 1, "banner": 1, "wood": 1}
    disk.grey("stuffthingmaps/val2017/000000000139.png", [[11]])
    with pytest.raises(DataError, match="label"):
        read_dataset("coco-stuff", disk.root)[0].ignore_mask()


PARTS = [[1, 1, 4, 1, 4, 3, 1, 3]], [[3, 2, 6, 2, 6, 5, 3, 5]], [[0, 0, 2, 0, 2, 2]]


def part(number: int, category: int, segmentation: Any, image: int = 1) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": category, "segmentation": segmentation}


@pytest.fixture(params=["", "vlpart/pascal_part/"])
def pascal_part(disk: Any, request: pytest.FixtureRequest) -> Any:
    disk.photo(f"{request.param}VOCdevkit/VOC2010/JPEGImages/2008_1.jpg", (6, 8))
    disk.photo(f"{request.param}VOCdevkit/VOC2010/JPEGImages/2008_2.jpg", (6, 8))
    size = {"height": 6, "width": 8}
    document = {
        "images": [{"id": i, "file_name": f"2008_{i}.jpg", **size} for i in (1, 2)],
        "categories": [{"id": 49, "name": "dog:head"}, {"id": 50, "name": "dog:leg"}],
        "annotations": [
            part(1, 50, PARTS[0]), part(2, 49, PARTS[2]), part(3, 50, PARTS[1]), part(4, 49, [], 2)
        ],
    }  # fmt: skip
    disk.json(f"{request.param}val.json", document)
    return disk


def test_pascal_part_joins_instances_of_a_part(pascal_part: Any) -> None:
    (sample,) = read_dataset("pascal-part", pascal_part.root)
    assert sample.classes == ("dog head", "dog leg")
    (head, head_mask), (leg, leg_mask) = sample.regions()
    assert (head, leg) == (0, 1)
    both = [coco.decode(coco.frPyObjects(p, 6, 8))[:, :, 0] for p in PARTS[:2]]
    np.testing.assert_array_equal(leg_mask, (both[0] + both[1]) > 0)
    assert (both[0] + both[1]).max() == 2, "the instances overlap"
    assert head_mask.any()


CROP = (slice(28, 1052), slice(320, 1600))


@pytest.fixture
def endovis(disk: Any) -> Any:
    for number in (1, 3):
        folder = f"train/instrument_dataset_{number}"
        disk.photo(f"{folder}/left_frames/frame000.png", (1080, 1920))
        mask = np.zeros((1080, 1920), np.uint8)
        mask[CROP][10:20, 5:15] = 30
        mask[:20, :20] = 10  # in the black border, which does not count
        disk.grey(f"{folder}/ground_truth/Left_Prograsp_Forceps_labels/frame000.png", mask)
        mask = np.zeros((1080, 1920), np.uint8)
        mask[CROP][15:25, 5:15] = 20
        disk.grey(f"{folder}/ground_truth/Right_Prograsp_Forceps_labels/frame000.png", mask)
        disk.grey(f"{folder}/ground_truth/Maryland_Bipolar_Forceps_labels/frame000.png", mask * 0)
        disk.grey(f"{folder}/ground_truth/Other_labels/frame000.png", mask * 0)
    return disk


def test_endovis17_types(endovis: Any) -> None:
    first, second = read_dataset("endovis17", endovis.root, "fold0")
    assert first.image_id == "instrument_dataset_1/frame000"
    assert second.image_id == "instrument_dataset_3/frame000"
    assert first.picture.load().hw == (1024, 1280)
    ((index, mask),) = first.regions()
    assert first.classes[index] == "prograsp forceps"
    assert mask.shape == (1024, 1280)
    assert mask.sum() == 150
    assert mask[10:25, 5:15].all()


def test_endovis17_objects(endovis: Any) -> None:
    objects = read_dataset("endovis17-objects", endovis.root, "fold0")
    assert len(objects) == 8
    areas = {o.object_id: (o.label, int(o.mask().sum())) for o in objects[:4]}
    assert areas == {
        "Left_Prograsp_Forceps_labels": ("prograsp forceps", 100),
        "Right_Prograsp_Forceps_labels": ("prograsp forceps", 100),
        "Maryland_Bipolar_Forceps_labels": ("bipolar forceps", 0),
        "Other_labels": ("other instruments", 0),
    }
    assert len({o.key for o in objects}) == 8


def test_endovis17_that_is_not_whole(endovis: Any) -> None:
    with pytest.raises(DataError, match="instrument_dataset_2/left_frames: folder"):
        read_dataset("endovis17", endovis.root, "train")
    truth = endovis.root / "train/instrument_dataset_1/ground_truth"
    (truth / "Other_labels").rename(truth / "Spoon_labels")
    with pytest.raises(DataError, match=r"instrument: .*, got Spoon_labels"):
        read_dataset("endovis17", endovis.root, "fold0")


def test_endovis17_of_another_size(endovis: Any) -> None:
    endovis.photo("train/instrument_dataset_1/left_frames/frame000.png", (600, 800))
    with pytest.raises(DataError, match="frame: expected at least 1600 x 1052 pixels, got 800 x 6"):
        read_dataset("endovis17", endovis.root, "fold0")[0].picture.load()
