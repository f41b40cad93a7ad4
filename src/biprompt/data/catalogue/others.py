"""Volumes and few-shot episodes."""

from __future__ import annotations

from biprompt.data.catalogue.card import DatasetCard

_HSNET = "https://github.com/juhongm999/hsnet"
_LISTS = f"clone {_HSNET} and copy its folder data/splits to splits"
_FOLDS = ("fold0", "fold1", "fold2", "fold3")
_VOC2012 = "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar"
_COCO = "http://images.cocodataset.org/zips/"

CARDS = (
    DatasetCard(
        name="flare22",
        title="FLARE22, CT of the abdomen with 13 organs (Ma et al., 2023)",
        kind="volume",
        splits=("train",),
        pages=("https://flare22.grand-challenge.org/", "https://zenodo.org/records/7860267"),
        steps=(
            "unpack the labelled training cases of https://zenodo.org/records/7860267",
            'pip install "biprompt[medical]" to read NIfTI',
        ),
        layout=(
            "FLARE22Train/images/FLARE22_Tr_*_0000.nii.gz",
            "FLARE22Train/labels/FLARE22_Tr_*.nii.gz",
        ),
        size="50 labelled volumes; size not stated",
        terms="research only: annotations come from AbdomenCT-1K; see the page",
    ),
    DatasetCard(
        name="pascal-5i",
        title="PASCAL-5i, four folds of five classes (Shaban et al., 2017), in HSNet's layout",
        kind="episode",
        splits=_FOLDS,
        pages=(_HSNET, _VOC2012),
        steps=(
            f"unpack {_VOC2012} and move VOCdevkit/VOC2012 to VOC2012",
            f"unpack the extended masks that {_HSNET} links as VOC2012/SegmentationClassAug",
            _LISTS,
        ),
        layout=(
            "VOC2012/JPEGImages/*.jpg",
            "VOC2012/SegmentationClassAug/*.png",
            "splits/pascal/val/fold0.txt",
        ),
        size="2 GB",
        terms="photographs under Flickr's terms of use",
    ),
    DatasetCard(
        name="coco-20i",
        title="COCO-20i, four folds of twenty classes (Nguyen and Todorovic, 2019), as HSNet",
        kind="episode",
        splits=_FOLDS,
        pages=(_HSNET, f"{_COCO}val2014.zip", f"{_COCO}train2014.zip"),
        steps=(
            f"unpack {_COCO}val2014.zip (and train2014.zip) in COCO2014",
            f"unpack the label images that {_HSNET} links in COCO2014/annotations",
            _LISTS,
        ),
        layout=(
            "COCO2014/val2014/*.jpg",
            "COCO2014/annotations/val2014/*.png",
            "splits/coco/val/fold0.pkl",
        ),
        size="6 GB of photographs for val2014, 13 GB for train2014",
        terms="annotations CC BY 4.0, photographs under their Flickr licences",
    ),
    DatasetCard(
        name="fss-1000",
        title="FSS-1000, a thousand classes (Li et al., 2020), in HSNet's layout",
        kind="episode",
        splits=("test", "val"),
        pages=("https://github.com/HKUSTCV/FSS-1000", _HSNET),
        steps=(f"unpack the photographs that {_HSNET} links as FSS-1000", _LISTS),
        layout=("FSS-1000/*/*.jpg", "FSS-1000/*/*.png", "splits/fss/test.txt"),
        size="10,000 photographs; size not stated",
    ),
    DatasetCard(
        name="coco-folder-episodes",
        title="any folder of your own in COCO layout, its images as examples of each other",
        kind="episode",
        splits=("all", "validation"),
        pages=("https://cocodataset.org/#format-data",),
        steps=("put photographs in images and write instances.json beside it",),
        layout=("instances.json", "images/*"),
        size="yours",
        terms="yours",
    ),
)
"""In the order of the tables that use them."""
