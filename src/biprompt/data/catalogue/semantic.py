"""Photographs of which every pixel, or every part, has a class."""

from __future__ import annotations

from biprompt.data.catalogue.card import DatasetCard

_ADE = "http://data.csail.mit.edu/places/ADEchallenge/ADEChallengeData2016.zip"
_VOC = "http://host.robots.ox.ac.uk/pascal/VOC/"
_VOC2012 = f"{_VOC}voc2012/VOCtrainval_11-May-2012.tar"
_VOC2010 = f"{_VOC}voc2010/VOCtrainval_03-May-2010.tar"
_CONTEXT = "https://cs.stanford.edu/~roozbeh/pascal-context/"
_MMSEG = "https://github.com/open-mmlab/mmsegmentation/blob/main/docs/en/user_guides/2_dataset_prepare.md"
_VLPART = "https://github.com/facebookresearch/VLPart/tree/main/datasets#pascal-part"
_PARTS = "http://roozbehm.info/pascal-parts/trainval.tar.gz"
_PARTIMAGENET = "https://github.com/TACJu/PartImageNet"
_HUMANPARSING = "https://github.com/lemondan/HumanParsing-Dataset"
_STUFF = "https://github.com/nightrome/cocostuff"
_STUFF_MAPS = "http://calvin.inf.ed.ac.uk/wp-content/uploads/data/cocostuffdataset/"
_ENDOVIS = "https://endovissub2017-roboticinstrumentsegmentation.grand-challenge.org/"
_VOC_TERMS = "photographs under Flickr's terms of use; see the page"
_ENDOVIS_SPLITS = ("train", "test", "fold0", "fold1", "fold2", "fold3")


def _endovis(name: str, kind: str, what: str) -> DatasetCard:
    return DatasetCard(
        name=name,
        title=f"EndoVis 2017, {what} (Allan et al., 2019)",
        kind=kind,
        splits=_ENDOVIS_SPLITS,
        pages=(_ENDOVIS,),
        steps=(
            f"join the challenge at {_ENDOVIS} and get its training data (later also its test data"
            " with ground truth)",
            "unpack the sequences in train, those with ground truth for testing in test",
        ),
        layout=(
            "train/instrument_dataset_1/left_frames/frame*.png",
            "train/instrument_dataset_1/ground_truth/*_labels/frame*.png",
        ),
        size="8 x 225 frames for training, 8 x 75 + 2 x 300 for testing; size not stated",
        terms="see the challenge's rules; secondary sources say non-commercial",
    )


CARDS = (
    DatasetCard(
        name="ade20k",
        title="ADE20K, MIT scene parsing, 150 classes (Zhou et al., 2017)",
        kind="semantic",
        splits=("val", "train"),
        pages=("http://sceneparsing.csail.mit.edu/", _ADE),
        steps=(f"unpack {_ADE}",),
        layout=(
            "ADEChallengeData2016/images/validation/*.jpg",
            "ADEChallengeData2016/annotations/validation/*.png",
        ),
        size="0.9 GB",
        terms="annotations BSD-3-Clause; photographs for non-commercial research and education",
    ),
    DatasetCard(
        name="pascal-voc",
        title="Pascal VOC 2012 segmentation, 20 classes (Everingham et al., 2010)",
        kind="semantic",
        splits=("val", "train", "trainval"),
        pages=(f"{_VOC}voc2012/", _VOC2012),
        steps=(f"unpack {_VOC2012}",),
        layout=(
            "VOCdevkit/VOC2012/JPEGImages/*.jpg",
            "VOCdevkit/VOC2012/SegmentationClass/*.png",
            "VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt",
        ),
        size="2 GB",
        terms=_VOC_TERMS,
    ),
    DatasetCard(
        name="pascal-context",
        title="Pascal Context, 59 classes (Mottaghi et al., 2014)",
        kind="semantic",
        splits=("val", "train"),
        pages=(_CONTEXT, _MMSEG, _VOC2010),
        steps=(
            f"unpack {_VOC2010}",
            f"make the label images and lists with MMSegmentation's converter: {_MMSEG}",
        ),
        layout=(
            "VOCdevkit/VOC2010/JPEGImages/*.jpg",
            "VOCdevkit/VOC2010/SegmentationClassContext/*.png",
            "VOCdevkit/VOC2010/ImageSets/SegmentationContext/val.txt",
        ),
        size="1.3 GB",
        terms=_VOC_TERMS,
    ),
    DatasetCard(
        name="pascal-part",
        title="Pascal-Part, 93 parts (Chen et al., 2014), in VLPart's JSON form",
        kind="semantic",
        splits=("val", "train"),
        pages=(_VLPART, _PARTS, _VOC2010),
        steps=(
            f"unpack {_PARTS} and {_VOC2010}",
            f"make val.json and train.json with VLPart's pascal_part_mat2json.py: {_VLPART}",
        ),
        layout=("val.json", "VOCdevkit/VOC2010/JPEGImages/*.jpg"),
        size="1.3 GB of photographs",
        terms=_VOC_TERMS,
    ),
    DatasetCard(
        name="partimagenet",
        title="PartImageNet, 40 parts of 11 super-categories (He et al., 2022)",
        kind="semantic",
        splits=("train", "val", "test"),
        pages=(_PARTIMAGENET, "https://arxiv.org/abs/2112.00933"),
        steps=(
            f"follow {_PARTIMAGENET} to the archive and unpack it; the data's folder is its"
            " PartImageNet",
        ),
        layout=("annotations/train/train.json", "images/train/*.JPEG"),
        size="24,095 photographs (16,540 train, 2,957 val, 4,598 test); size not stated",
    ),
    DatasetCard(
        name="humanparsing",
        title="HumanParsing (ATR), 17 garments and limbs (Liang et al., 2015)",
        kind="semantic",
        splits=("all",),
        pages=(_HUMANPARSING,),
        steps=(
            f"unpack the archive that {_HUMANPARSING} links; the data's folder is its humanparsing",
        ),
        layout=("JPEGImages/*.jpg", "SegmentationClassAug/*.png"),
        size="17,706 photographs; size not stated",
        terms="asks to cite its two papers in academic and commercial research; else not stated",
    ),
    DatasetCard(
        name="coco-stuff",
        title="COCO-Stuff 164k, 171 classes (Caesar et al., 2018)",
        kind="semantic",
        splits=("val", "train"),
        pages=(_STUFF, f"{_STUFF_MAPS}stuffthingmaps_trainval2017.zip"),
        steps=(
            f"unpack {_STUFF_MAPS}stuffthingmaps_trainval2017.zip in stuffthingmaps",
            "unpack http://images.cocodataset.org/zips/val2017.zip in images",
        ),
        layout=("stuffthingmaps/val2017/*.png", "images/val2017/*.jpg"),
        size="0.7 GB of labels, 1 GB of photographs for val (18 GB for train)",
        terms="annotations CC BY 4.0, photographs under their Flickr licences",
    ),
    _endovis("endovis17", "semantic", "the instrument types of each frame"),
    _endovis("endovis17-objects", "interactive", "each instrument for itself"),
)
"""In the order of the tables that use them."""
